"""YAML documents to rows, in one stream: nothing of the list is kept.

The reader takes the parser's events; it knows one shape, a mapping with a few values and one list of flat mappings, and
refuses aliases. The values for all may stand behind the list (writers sort keys), so `recognise` looks for them first,
at the start of lines; the parser must then find the same.

Source: YAML 1.1, as libyaml reads it; validate_reserves.py of BitMEX for the keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import yaml

from scanner.chains.account_forms import AddressError
from scanner.errors import InputError
from scanner.sources.published.archive import PIECE, shown
from scanner.sources.published.cells import Unreadable, read_amount, read_height
from scanner.sources.published.layout import DocumentLayout, Whole
from scanner.sources.published.lines import MAX_LINE
from scanner.sources.published.meanings import Meaning, Meanings
from scanner.sources.published.row import Kind, PublishedOwnership, PublishedRow
from scanner.sources.published.rows import CHECKED, Refused, RowRefusal, RowTally, UnreadKind
from scanner.sources.published.stated import StatedFigure

_TOP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(?:[ \t]+([^#\s]*))?")
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_AHEAD: Final = 2**20  # bytes that the parser may ask for between two events: no value is that long
_NULLS: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Document:
    """A text that is known to be such a document, and its values for all."""

    layout: DocumentLayout
    network: str
    height: int
    stated: tuple[StatedFigure, ...] = ()  # what stands at the top of the list as a whole


def recognise(lines: Iterable[str], layout: DocumentLayout, where: str) -> Document | None:
    """The document, if every required key stands at the start of a line, the first one first. Raises InputError."""
    tops: dict[str, str] = {}
    at: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line or line[0] in " -#\t":
            continue
        match = _TOP.match(line)
        if match is None:
            return None
        if match[1] in tops:
            raise InputError.at(f"{where}:{number}", f"the key {match[1]} stands twice")
        tops[match[1]], at[match[1]] = (match[2] or "").strip("\"'"), number
    if not layout.required <= tops.keys():
        return None
    chain = tops[layout.chain]
    if chain not in layout.chains:
        raise InputError.at(where, f"{layout.chain} is {shown(chain)}; known are {', '.join(layout.chains)}")
    try:
        height = read_height(tops[layout.height])
    except Unreadable:
        height = None
    if height is None:
        raise InputError.at(where, f"{layout.height} is {shown(tops[layout.height])}; expected a block height")
    stated = tuple(_stated(at[key], text, layout.totals[key]) for key, text in tops.items() if key in layout.totals)
    return Document(layout, layout.chains[chain], height, stated)


def _stated(line: int, text: str, of: Whole) -> StatedFigure:
    """A total in coins or in base units, or the number of entries. One that cannot be read is one without a number."""
    try:
        amount = read_amount(text)
    except Unreadable:
        amount = None
    if amount is None:
        return StatedFigure(line, "")
    coefficient, digits = amount
    if of is Whole.ROWS:
        return StatedFigure(line, "") if digits else StatedFigure(line, "", rows=coefficient)
    # Exact, as an integer of base units is; one with a point may be cut to the digits that are written.
    resolution = Fraction(1, 10**digits) if digits else Fraction(0)
    return StatedFigure(line, "", Fraction(coefficient, 10**digits), resolution, in_base_units=True)


def read_rows(
    pieces: Iterable[bytes], document: Document, meanings: Meanings, tally: RowTally
) -> Iterator[tuple[Meaning, PublishedRow]]:
    """The accepted rows, each with what its label means. Raises InputError for what is no such document."""
    layout = document.layout
    meaning = meanings.of(layout.label, document.network)
    for line, entry in _entries(pieces, document, tally.where):
        tally.read += 1
        if not tally.read & CHECKED:
            tally.check()
        try:
            row = _row(entry, document, meaning, line, tally)
        except Refused as refused:
            tally.refuse(line, refused.reason, refused.detail)
            continue
        yield meaning, row


def _row(entry: dict[str, str], document: Document, meaning: Meaning, line: int, tally: RowTally) -> PublishedRow:
    layout = document.layout
    kind = entry.get(layout.type, "")
    text = entry.get(layout.address, "")
    if kind in layout.unspendable:
        with suppress(Unreadable):  # a total at the top may be of all entries, though the exchange does not count these
            tally.set_aside[meaning.listed] += _atoms(entry.get(layout.amount, ""), layout)[0] or 0
        raise Refused(RowRefusal.UNSPENDABLE, f"{shown(text)} is {shown(kind)}")
    if text in _NULLS:
        raise Refused(RowRefusal.NO_ADDRESS, shown(text))
    try:
        account = meaning.key(text)
    except AddressError as error:
        raise Refused(RowRefusal.BAD_ADDRESS, str(error)) from None
    amount = entry.get(layout.amount, "")
    coefficient: int | None = None
    digits = 0
    try:
        coefficient, digits = _atoms(amount, layout)
    except Unreadable as error:
        tally.pass_over(line, UnreadKind.AMOUNT, str(error))
    script = entry.get(layout.script, "")
    return PublishedRow(
        meaning.listed,
        tally.member,
        line,
        text,
        account,
        coefficient,
        digits,
        False,
        document.height,
        Kind.PLAIN,
        "",
        PublishedOwnership("", (), "" if script in _NULLS else script, ()),
    )


def _atoms(text: str, layout: DocumentLayout) -> tuple[int | None, int]:
    """The amount and its decimals; None for one that is not stated. Raises Unreadable."""
    amount = read_amount(text)
    if amount is None:
        return None, 0
    coefficient, decimals = amount
    if decimals:
        raise Unreadable(f"{shown(text)} is no whole number, and amounts of this layout are whole base units")
    return coefficient, layout.decimals


class _Stream:
    """The pieces as the parser reads them. What it may ask for between two events is bounded."""

    def __init__(self, pieces: Iterable[bytes], where: str) -> None:
        self._pieces = iter(pieces)
        self._where = where
        self._rest = b""
        self.asked = 0

    def read(self, size: int = PIECE, /) -> bytes:
        if self.asked > _AHEAD:
            raise InputError.at(self._where, f"holds a value of more than {_AHEAD} bytes")
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        given, self._rest = self._rest[:size], self._rest[size:]
        self.asked += len(given)
        return given


def _entries(pieces: Iterable[bytes], document: Document, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The list's mappings, each with its line: scalar values only, the others are passed over."""
    stream = _Stream(pieces, where)
    try:
        events = _checked(yaml.parse(stream, Loader=_LOADER), stream, where)
        yield from _walk(events, document, where)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 0
        raise InputError.at(f"{where}:{line}" if line else where, "is not YAML") from None


def _checked(events: Iterator[yaml.Event], stream: _Stream, where: str) -> Iterator[yaml.Event]:
    for event in events:
        stream.asked = 0
        if isinstance(event, yaml.AliasEvent):
            raise InputError.at(f"{where}:{_line(event)}", "is an alias (*): not understood in a published file")
        yield event


def _walk(events: Iterator[yaml.Event], document: Document, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    layout = document.layout
    for event in events:
        if isinstance(event, yaml.MappingStartEvent):
            break
        if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            raise InputError.at(f"{where}:{_line(event)}", "expected a mapping")
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            break
        if not isinstance(key, yaml.ScalarEvent):
            raise InputError.at(f"{where}:{_line(key)}", "has a list or a mapping as a key")
        value = next(events)
        if key.value == layout.entries:
            if not isinstance(value, yaml.SequenceStartEvent):
                raise InputError.at(f"{where}:{_line(value)}", f"{layout.entries} is no list")
            for entry in events:
                if isinstance(entry, yaml.SequenceEndEvent):
                    break
                yield _line(entry), _flat(entry, events)
            continue
        _skip(value, events)
        found = value.value if isinstance(value, yaml.ScalarEvent) else ""
        if key.value == layout.height and found != str(document.height):
            raise InputError.at(f"{where}:{_line(key)}", f"{key.value} goes on behind its line")


def _flat(start: yaml.Event, events: Iterator[yaml.Event]) -> dict[str, str]:
    """The scalars of one mapping by key; of anything else, nothing."""
    entry: dict[str, str] = {}
    if not isinstance(start, yaml.MappingStartEvent):
        _skip(start, events)
        return entry
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            break
        _skip(key, events)
        value = next(events)
        if isinstance(key, yaml.ScalarEvent) and isinstance(value, yaml.ScalarEvent):
            entry[key.value] = value.value if len(value.value) <= MAX_LINE else ""
        _skip(value, events)
    return entry


def _skip(event: yaml.Event, events: Iterator[yaml.Event]) -> None:
    """Takes what belongs to `event`, if it opens a list or a mapping."""
    depth = 0
    while True:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth <= 0:
            return
        event = next(events)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0

"""What a file says of its rows as a whole: totals and numbers of rows, and whether its rows come to them.

A file that was cut short at a line's end looks whole, unless it says somewhere how much it should hold: in a block
before the header, in a line `Total` at the end, in a value at the top of a document. What does not fit makes the file
not whole.

A total is taken to be cut or rounded to the digits that are written: OKX writes 6 for 6.90, and 5.2834 for 5.28344825.
So what fits is less than one unit of the last digit away; more, by what binary floats rounded away in the rows. Nothing
here reads a file: lines come as cells.

Source: header blocks of OKX's files since 2022, and the example in its own checker's repository.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from scanner.core.ids import AssetId
from scanner.sources.published.archive import visible
from scanner.sources.published.cells import Unreadable, read_amount, says_nothing
from scanner.sources.published.layout import Columns, Role
from scanner.sources.published.row import Listed
from scanner.weighing.claim import Misfit

_TOTAL = re.compile(
    r"(?:grand |over ?all )?(?:total|sum)s?\b(?: (?:of|for)\b)?(?: amount\b| balance\b)?"
    r"[ :]*\(?([\w.-]{0,24})\)?[ :=]*",
    re.IGNORECASE | re.ASCII,
)
_PART = re.compile(r"sub[- ]?totals?\b.*", re.IGNORECASE)
_ROWS = re.compile(
    r"\W*(?:total |number of |no\. of |count of )?(?:rows|records|addresses|entries|accounts|lines|count)"
    r"(?: in total| total)?[ :=]*([0-9][0-9,]*)?\W*",
    re.IGNORECASE | re.ASCII,
)
_TOTAL_BEHIND = re.compile(r"([\w.-]{1,24}) (?:grand )?(?:total|sum)\b[ :=]*", re.IGNORECASE | re.ASCII)
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]+", re.ASCII)
_CLEAR_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3}){2,}|[0-9]{1,3}(,[0-9]{3})+\.[0-9]*", re.ASCII)
_NUMBER_AND_LABEL = re.compile(r"([0-9.][0-9.,]*)(?: ([A-Za-z][\w.-]{0,23})|([A-Za-z]{2,24}))", re.ASCII)
_NUMBER = re.compile(r"[-+(~<>$]?\s*[0-9.,]", re.ASCII)
_OF_ALL = re.compile(r"\s*\((?:all|total)\)$", re.IGNORECASE)
ALL_ROWS: Final = frozenset({"total", "totals", "grandtotal", "sum", "subtotal"})
"""What stands where an account should, in a line that is of all rows: without blanks and case."""

_LONGEST_UNIT: Final = 40
_EVERYTHING: Final = frozenset({"rows", "amount", "balance", "all", "of", "for", "coins", "tokens", "units"})


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """One thing that a text says of its rows as a whole: an amount of one label, or how many rows there are."""

    line: int
    label: str  # as it is spelled; empty for all rows
    amount: Fraction | None = None
    resolution: Fraction = Fraction(0)  # one unit of the last digit that is written
    rows: int | None = None
    in_base_units: bool = False  # the amount may be written in them, as those of the rows are
    is_part: bool = False  # of some of the rows alone, so that they may come to more and never to less
    prose: bool = False  # of a line that may be about something else, unless its label is known
    unread: str = ""  # why the amount that stands there cannot be read; for people

    @property
    def says_something(self) -> bool:
        """Whether there is a number, though one may not be readable."""
        return self.amount is not None or self.rows is not None or bool(self.unread)


@dataclass(frozen=True, slots=True)
class Sum:
    """What rows come to."""

    rows: int = 0
    unstated: int = 0  # rows without an amount
    amount: Fraction = Fraction(0)  # whole coins
    atoms: Fraction = Fraction(0)  # the same in base units, as far as decimals are known
    rough: Fraction = Fraction(0)  # how many coins binary floats may have rounded away

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.rows + other.rows,
            self.unstated + other.unstated,
            self.amount + other.amount,
            self.atoms + other.atoms,
            self.rough + other.rough,
        )


class Scope:
    """Rows that a total may be of: those of its text, or of all texts in the file. Found by label, asset and unit."""

    def __init__(self, sums: Mapping[Listed, Sum], counts: Iterable[int]) -> None:
        self.counts = frozenset(counts)  # how many rows there are: read, or accepted
        self.all = Sum()
        self.kinds: set[str] = set()  # of coins
        self._sums: defaultdict[str | AssetId, Sum] = defaultdict(Sum)
        for listed, each in sums.items():
            self.all += each
            self.kinds.add(listed.known.backs if listed.known else listed.label.upper())
            keys: set[str | AssetId] = {listed.label.upper(), listed.asset, *_units(listed)}
            for key in keys:
                self._sums[key] += each

    def of(self, key: str | AssetId) -> Sum:
        """What the rows of an asset come to, of a label (upper case), or of a unit (`unit_key`)."""
        return self._sums.get(key, Sum())


def unit_key(unit: str) -> str:
    """What the rows that back a unit, or whose label starts with its name, are found by."""
    return f"{unit.upper()} (ALL)"


def _units(listed: Listed) -> Iterator[str]:
    name = listed.label.upper()
    yield unit_key(name)
    for place, character in enumerate(name[:_LONGEST_UNIT]):
        if character in "-_ ":
            yield unit_key(name[:place])
    if listed.known is not None:
        yield unit_key(listed.known.backs)


def stated_in(number: int, cells: Sequence[str], columns: Columns | None) -> StatedFigure | None:
    """What a line says of the rows as a whole, if it is none of them: `Total,,8.5`, `Total ETH: 8.5`, `rows: 17`.

    `columns` are those of the rows; None for a line before their header.
    """
    texts = [cell.strip() for cell in cells]
    if columns is not None and not _names_no_account(texts, columns):
        return None
    for at, text in enumerate(texts):
        if not text:
            continue
        if _PART.fullmatch(text):
            return replace(_total(number, texts, at, "", "", columns=columns), is_part=True)
        rows = _ROWS.fullmatch(text)
        if rows is not None:
            return _rows(number, rows[1] or next(filter(None, texts[at + 1 :]), ""))
        total = _TOTAL.match(text) or (_TOTAL_BEHIND.match(text) if columns is None else None)
        if total is not None:
            return _total(number, texts, at, total[1], text[total.end() :], columns=columns)
    return None


def total_of(number: int, label: str, text: str) -> StatedFigure:
    """A total as it is written: `3.5`, `1,003.5`, `-`. One that cannot be read says so."""
    if _CLEAR_THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        amount = read_amount(text)
    except Unreadable as error:
        return StatedFigure(number, label, unread=str(error))
    if amount is None:
        return StatedFigure(number, label)
    coefficient, digits = amount
    return StatedFigure(number, label, Fraction(coefficient, 10**digits), Fraction(1, 10**digits))


def misfits(
    member: str,
    stated: Iterable[StatedFigure],
    scopes: Sequence[Scope],
    own: Mapping[str, AssetId],
    known: Collection[str],
) -> Iterator[Misfit]:
    """Those that the rows of none of the scopes come to, with what the rows of the last one do.

    `own` is the asset that a label means by itself, `known` are labels that mean one on some network; in upper case.
    """
    for each in stated:
        if each.rows is not None:
            if not any(each.rows in scope.counts for scope in scopes):
                found = Fraction(max(scopes[-1].counts))
                yield Misfit(visible(member), each.line, None, Fraction(each.rows), found)
            continue
        if each.amount is None:
            continue
        sums = [chosen for scope in scopes for chosen in _candidates(each, scope, own)]
        if each.prose and each.label.upper() not in known and not any(chosen.rows for chosen in sums):
            continue
        if sums and not any(_fits(each, found) for found in sums):
            last = sums[-1]
            comparable = not last.unstated or last.amount > each.amount
            label = visible(each.label)
            yield Misfit(visible(member), each.line, label, each.amount, last.amount if comparable else None)


def _candidates(stated: StatedFigure, scope: Scope, own: Mapping[str, AssetId]) -> list[Sum]:
    """What the rows come to that a total may be of. None where one number would stand for several assets."""
    label = stated.label.upper().strip()
    unit = _OF_ALL.sub("", label)
    if not unit:
        return [scope.all] if len(scope.kinds) <= 1 else []
    if unit != label:
        return [scope.of(unit_key(unit))]
    by_asset = [scope.of(own[label])] if label in own else []
    return [scope.of(unit_key(unit)), *by_asset, scope.of(label)]


def _fits(stated: StatedFigure, found: Sum) -> bool:
    """Whether rows come to it. Those without an amount may hold nothing, as when all others come to it."""
    if stated.amount is None:
        return False
    sums = [(found.amount, found.rough)] + ([(found.atoms, Fraction(0))] if stated.in_base_units else [])
    if stated.is_part and any(each >= stated.amount for each, _ in sums):
        return True
    return any(abs(each - stated.amount) < stated.resolution + rough or each == stated.amount for each, rough in sums)


def _names_no_account(texts: Sequence[str], columns: Columns) -> bool:
    at = columns.at.get(Role.ADDRESS, 0)
    text = texts[at] if at < len(texts) else ""
    return says_nothing(text) or bool(_TOTAL.match(text) or _ROWS.fullmatch(text) or _PART.fullmatch(text))


def _rows(number: int, text: str) -> StatedFigure:
    return (
        StatedFigure(number, "", rows=int(text.replace(",", "")[:18]))
        if _THOUSANDS.fullmatch(text)
        else StatedFigure(number, "")
    )


def _total(
    number: int, texts: Sequence[str], at: int, label: str, after: str, *, columns: Columns | None
) -> StatedFigure:
    """The total in the cell `at`, which goes on with `label` and `after`."""
    label = label.upper()
    if label and label[0].isdigit():  # `Total: 8.5`
        label, after = "", f"{label}{after}"
    after = after.strip()
    if columns is not None:
        where = columns.at.get(Role.LABEL)
        if where is not None and where != at and where < len(texts) and texts[where]:
            label = texts[where]
        where = columns.at.get(Role.AMOUNT)
        if where is not None and where != at and where < len(texts) and texts[where]:
            after = texts[where]
    after = after or next(filter(None, texts[at + 1 :]), "")
    label = "" if label.lower() in _EVERYTHING else label
    named = _NUMBER_AND_LABEL.fullmatch(after)
    if named is not None and not label:  # `Total: 8.5 ETH`
        after, label = named[1], (named[2] or named[3]).upper()
        label = "" if label.lower() in _EVERYTHING else label
    if not _NUMBER.match(after):  # `Total Custody`, `total: see the report`
        return StatedFigure(number, label)
    return replace(total_of(number, label, after), prose=columns is None)

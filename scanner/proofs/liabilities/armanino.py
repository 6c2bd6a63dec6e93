"""Armanino and The Network Firm (Kraken, Gate before 2023): the auditor's tree over records, without sums.

INCLUDED at best: a record's hash is among the leaves under the root, and the leaves are hashed again; nothing binds a
total. Leaves are cut to 64 bits, and an unpaired node goes up as it is. Source: the auditor's tool,
thenetworkfirm/proof-of-reserves-merkle-tree-tool at a824ed2, and its example. Kraken's own leaf is not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from hashlib import sha256
from typing import Final

from scanner.proofs.liabilities.decimals import amount
from scanner.proofs.liabilities.distinct import Distinct, kept_of
from scanner.proofs.liabilities.interface import (
    File,
    Inclusion,
    Misstated,
    NeedsFiles,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.reading import Lines
from scanner.proofs.liabilities.remarks import FILE_NAMES, HASH_64, NO_SUMS, UNSEPARATED
from scanner.proofs.liabilities.units import check_stated, compare

_LONGEST: Final = 20_000
_LONGEST_LEAF: Final = 100
_LEAVES, _RECORDS = 1 << 13, 1 << 10
"""Of how many lines a subtree is hashed at once, a power of two each: some tens of milliseconds of work."""
_MOST_COLUMNS: Final = 1000
_LEAF: Final = re.compile(r"[0-9]{1,2},([0-9]{1,18})\t([0-9a-f]{16})", re.ASCII)
_NAME: Final = re.compile(r"[0-9A-Za-z._-]{1,40}", re.ASCII)
_BLANKS: Final = " \t"
_HEADER: Final = "Level\tHash"
_DEFAULT, _CONCATENATED = "default", "concatenated"


class ArmaninoTree:
    """See `Scheme`. The published file is the list of leaves, or, for the auditor, that of all records.

    Option `mode`: how records are hashed, `default` or `concatenated`.
    """

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`. A list of leaves alone includes none, and shows nothing."""
        tree = _Tree.of(published, None)
        totals = {column: Total(value, Shows.INCLUDED) for column, value in tree.totals.items()}
        compare(published, tree.root, totals)
        return ShownTotals(tree.root, totals, tree.leaves, _remarks(published))

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The customer's file is the header of the records and one record."""
        records = list(_records(user_file, _mode(published)))
        if len(records) != 1:
            raise NotUnderstood(f"{user_file.name}: {len(records)} records; expected the header and one record")
        own = records[0]
        tree = _Tree.of(published, own.leaf)
        if not tree.found:
            raise Refuted(f"{user_file.name}: the record's hash {own.leaf.hex()} is not among the leaves")
        return Inclusion(
            tree.root,
            own.account,
            dict(zip(own.columns, own.amounts, strict=True)),
            Shows.INCLUDED,
            published=True,
            remarks=_remarks(published),
            totals=tree.totals,
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    account: str
    columns: tuple[str, ...]
    amounts: tuple[Fraction, ...]
    leaf: bytes


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of the published file, as many as a full subtree has leaves; fewer at its end."""

    line: int  # the number of the first line, counted from 1
    columns: tuple[str, ...] | None  # of a list of records; None for one of leaves
    text: bytes


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a part comes to."""

    leaves: int
    root: bytes  # of its subtree
    totals: Mapping[str, Fraction]
    kept: tuple[bytes, ...]
    found: bool


@dataclass(frozen=True, slots=True)
class _Tree:
    root: str
    leaves: int
    totals: dict[str, Fraction]
    found: bool

    @classmethod
    def of(cls, published: Published, wanted: bytes | None) -> _Tree:
        """The published tree, all of it hashed again."""
        if not published.files:
            raise NeedsFiles("a root alone leads to no leaf: the published list of leaves is needed")
        if len(published.files) != 1:
            raise NotUnderstood(f"{len(published.files)} files; expected the list of leaves")
        (file,) = published.files
        totals: dict[str, Fraction] = {}
        above, distinct = _Above(), Distinct(published.spill)
        leaves, found = 0, False
        for part in published.each(partial(_check, file.name, _mode(published), wanted), _parts(file)):
            above.add(part.root)
            distinct.add(part.kept)
            leaves += part.leaves
            found = found or part.found
            for column, value in part.totals.items():
                totals[column] = totals.get(column, Fraction(0)) + value
        if (repeated := distinct.repeated()) is not None:
            raise Refuted(f"{file.name}: the leaf {repeated[:8].hex()} stands twice")
        if leaves < 2:
            raise NotUnderstood(f"{file.name}: fewer than two leaves, which is no tree")
        root = above.root().hex()
        if published.root is not None and published.root != root:
            raise OtherRoot(published.root, root)
        return cls(root, leaves, totals, found)


class _Above:
    """The nodes that wait for their right side, by level: as many as the tree has levels."""

    def __init__(self) -> None:
        self._added = 0
        self._waiting: list[bytes] = []

    def add(self, node: bytes) -> None:
        """The next one from the left, all on one level."""
        index = self._added
        while index & 1:
            node = sha256(self._waiting.pop() + node).digest()
            index >>= 1
        self._waiting.append(node)
        self._added += 1

    def root(self) -> bytes:
        """The root, unpaired nodes having gone up as they are. Something has to have been added."""
        node = self._waiting[-1]
        for left in reversed(self._waiting[:-1]):
            node = sha256(left + node).digest()
        return node


def _mode(published: Published) -> str:
    check_stated(published, "mode")
    mode = published.options.get("mode", _DEFAULT)
    if mode not in (_DEFAULT, _CONCATENATED):
        raise Misstated("options.mode", f"expected {_DEFAULT} or {_CONCATENATED}, not {mode[:40]!a}")
    return mode


def _remarks(published: Published) -> tuple[str, ...]:
    """By default neither the coins' names nor where one amount ends is in the hash of a record."""
    loose = (FILE_NAMES, UNSEPARATED) if _mode(published) == _DEFAULT else ()
    return (NO_SUMS, HASH_64, *loose)


def _parts(file: File) -> Iterator[_Part]:
    lines = Lines(file, _LONGEST)
    first = "".join(_texts(lines.take(1), file.name))
    columns = _columns(first, file.name) if first.startswith("#ID") else None
    if columns is None and first != _HEADER:
        raise NotUnderstood(f"{file.name}: neither a list of leaves nor one of records")
    if columns is None:
        lines = Lines(file, _LONGEST_LEAF)
        lines.take(1)
    number = 2
    while text := lines.take(_LEAVES if columns is None else _RECORDS):
        yield _Part(number, columns, text)
        number += text.count(b"\n")


def _check(name: str, mode: str, wanted: bytes | None, part: _Part) -> _Checked:
    above, hashes, totals = _Above(), list[bytes](), dict[str, Fraction]()
    if part.columns is None:
        hashes.extend(_listed(part, name))
    else:
        for entry in _entries(_texts(part.text, name), part.line, part.columns, mode, name):
            hashes.append(entry.leaf)
            for column, value in zip(entry.columns, entry.amounts, strict=True):
                totals[column] = totals.get(column, Fraction(0)) + value
    for leaf in hashes:
        above.add(leaf)
    return _Checked(len(hashes), above.root(), totals, kept_of(hashes), wanted in hashes)


def _listed(part: _Part, name: str) -> Iterator[bytes]:
    for number, line in enumerate(_texts(part.text, name), part.line):
        match = _LEAF.fullmatch(line)
        if match is None or int(match[1]) != number - 2:
            raise Refuted(f"{name}: line {number}: {line[:80]!a} is not the next leaf")
        yield bytes.fromhex(match[2])


def _records(file: File, mode: str) -> Iterator[_Entry]:
    lines = Lines(file, _LONGEST)
    columns = _columns("".join(_texts(lines.take(1), file.name)), file.name)
    return _entries(_texts(lines.take(2), file.name), 2, columns, mode, file.name)


def _columns(line: str, name: str) -> tuple[str, ...]:
    header = [cell.strip(_BLANKS) for cell in line.split(",")]
    columns = tuple(header[1:])
    if header[:1] != ["#ID"] or not columns or len(set(columns)) != len(columns):
        raise NotUnderstood(f"{name}: the header is not #ID and different coins")
    if len(columns) > _MOST_COLUMNS:
        raise TooLarge(name, f"{len(columns):,} columns", _MOST_COLUMNS)
    if any(_NAME.fullmatch(each) is None for each in columns):
        raise NotUnderstood(f"{name}: the header is not #ID and different coins")
    return columns


def _entries(lines: Iterable[str], first: int, columns: tuple[str, ...], mode: str, name: str) -> Iterator[_Entry]:
    for number, line in enumerate(lines, first):
        cells = [cell.strip(_BLANKS) for cell in line.split(",")]
        if len(cells) != len(columns) + 1 or not cells[0]:
            raise Refuted(
                f"{name}: line {number}: {len(cells)} cells, or no account; expected {len(columns) + 1} cells"
            )
        amounts = tuple(amount(cell, f"{name}: line {number}") for cell in cells[1:])
        yield _Entry(cells[0], columns, amounts, _leaf(cells, columns, mode))


def _leaf(cells: Sequence[str], columns: Sequence[str], mode: str) -> bytes:
    account, balances = cells[0], cells[1:]
    if mode == _CONCATENATED:
        text = ",".join(
            [account, *(f"{column}:{_short(cell)}" for column, cell in zip(columns, balances, strict=True))]
        )
    else:
        text = sha256(account.encode()).hexdigest() + sha256("".join(balances).encode()).hexdigest()
    return sha256(text.encode()).digest()[:8]


def _short(balance: str) -> str:
    """Without trailing zeros behind the point; a whole number ends in .0."""
    whole_coins, _, digits = balance.partition(".")
    return f"{whole_coins}.{digits.rstrip('0') or '0'}"


def _texts(block: bytes, name: str) -> list[str]:
    """Whole lines as texts."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        raise NotUnderstood(f"{name}: not text in UTF-8") from None
    return [line.rstrip("\r") for line in text.split("\n")[:-1]]


SCHEME: Final = ArmaninoTree()

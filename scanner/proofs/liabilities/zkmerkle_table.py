"""The table of batches of Binance's and Gate's zkmerkle releases (proof.csv), read row by row.

Rows come in any order; each is of one batch: a proof, the commitments to the exchange's totals before and after it, the
roots of the account tree. Spelling and lengths are checked here, and nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scanner.proofs.liabilities.interface import File, NotUnderstood, Refuted, TooLarge
from scanner.proofs.liabilities.reading import Lines, json_value
from scanner.proofs.liabilities.zkmerkle import DEPTH
from scanner.proofs.liabilities.zkmerkle_files import decoded, element

MOST_BATCHES: Final = 1 << 20
LONGEST_ROW: Final = 16 << 10
PROOF_BYTES: Final = {128, 164, 196, 256, 324, 388}
"""Compressed and raw; as gnark 0.7 has them, and later ones without and with a commitment."""
_NEEDED: Final = frozenset(
    {"proof_info", "cex_asset_list_commitments", "account_tree_roots", "batch_commitment", "batch_number"}
)
_RANGES: Final = frozenset({"min_account_index", "max_account_index"})
_TIER: Final = "assets_count"
_MOST: Final = 10**10


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row."""

    number: int
    proof: bytes
    before: int  # the commitment to the totals
    after: int
    roots: tuple[int, ...]  # before and after, or the one that all batches share
    commitment: int  # the proof's public input
    accounts: tuple[int, int] | None  # first and last
    tier: int | None  # of assets that its accounts can have; None in releases without tiers

    def inputs(self) -> list[int]:
        """What the public input is the hash of."""
        return [*self.roots, self.before, self.after, *(self.accounts or ())]


def batches(file: File) -> Iterator[BatchRow]:
    """All rows, as they come. Raises NotUnderstood and Refuted."""
    rows = csv.reader(_lines(file), strict=True)
    try:
        header = next(rows, [])
        places = {name: place for place, name in enumerate(header)}
        if len(places) != len(header) or not places.keys() >= _NEEDED or len(places.keys() & _RANGES) == 1:
            raise NotUnderstood(f"{file.name}: the first line is not that of a table of batches")
        for count, row in enumerate(rows):
            where = f"{file.name}: row {count + 1}"
            if count >= MOST_BATCHES:
                raise TooLarge(where, "too many batches", MOST_BATCHES)
            if len(row) != len(header):
                raise NotUnderstood(f"{where}: {len(row)} cells under {len(header)} names")
            yield _batch({name: row[place] for name, place in places.items()}, where)
    except csv.Error as error:
        raise NotUnderstood(f"{file.name}: line {rows.line_num}: no CSV: {error}") from None


def _lines(file: File) -> Iterator[str]:
    lines = Lines(file, LONGEST_ROW)
    while block := lines.take(64):
        try:
            text = block.decode("ascii")
        except UnicodeDecodeError:
            raise NotUnderstood(f"{file.name}: a line that is not ASCII") from None
        yield from (f"{line}\n" for line in text.split("\n")[:-1])


def _batch(cells: dict[str, str], where: str) -> BatchRow:
    with_ranges = "min_account_index" in cells
    before, after = _elements(cells["cex_asset_list_commitments"], 2, f"{where}: cex_asset_list_commitments")
    accounts = None
    if with_ranges:
        first, last = (_number(cells[name], _MOST, f"{where}: {name}") for name in sorted(_RANGES, reverse=True))
        accounts = (first, last)
        if not first <= last < 1 << DEPTH:
            raise Refuted(f"{where}: the accounts {first} to {last} are no range of a tree of depth {DEPTH}")
    return BatchRow(
        number=_number(cells["batch_number"], MOST_BATCHES - 1, f"{where}: batch_number"),
        proof=decoded(cells["proof_info"], f"{where}: proof_info", PROOF_BYTES),
        before=before,
        after=after,
        roots=_elements(cells["account_tree_roots"], 1 if with_ranges else 2, f"{where}: account_tree_roots"),
        commitment=element(cells["batch_commitment"], f"{where}: batch_commitment"),
        accounts=accounts,
        tier=_number(cells[_TIER], _MOST, f"{where}: {_TIER}") if _TIER in cells else None,
    )


def _elements(text: str, count: int, where: str) -> tuple[int, ...]:
    values = json_value(text.encode(), where)
    if not isinstance(values, list) or len(values) != count:
        raise NotUnderstood(f"{where}: expected a list of {count}")
    return tuple(element(value, where) for value in values)


def _number(text: str, most: int, where: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or str(int(text)) != text:
        raise NotUnderstood(f"{where}: {text[:40]!a} is no whole number")
    if int(text) > most:
        raise TooLarge(where, text, most)
    return int(text)

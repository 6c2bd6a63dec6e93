"""The evidence file's text, many lines together: the same lines as `evidence_csv` writes and reads, in columns.

What lines have in common is written, or read and checked, once: the asset and its block, and on what ground a balance
is believed. What differs from row to row (accounts, atoms, what is claimed) is written and read as columns, and read
columns are written again to see that they stand there in their one form. Lines of which all this is not sure go through
`evidence_csv` one by one, which also finds the line that is wrong and says why: the one grammar is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import lt
from typing import Final

from scanner.attesting.evidence_csv import (
    BEFORE_ALL,
    COLUMNS,
    HEADER,
    MAX_LINE_BYTES,
    EvidenceError,
    Order,
    asset_of,
    claim_in,
    claimed_text,
    end_of,
    line_of,
    lines_of,
    middle_of,
    row_in,
    rows_in,
    where,
)
from scanner.attesting.evidence_gzip import lines_in
from scanner.chains.accounts import account_texts, canonical_keys
from scanner.core.columns import Accounts, Coded, Words
from scanner.core.evidence import Balance, Gap
from scanner.core.evidence_part import AT_A_TIME, EvidencePart, parts_of
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.outcomes import BalanceBasis, Outcomes

_CHAIN, _BLOCK, _ASSET, _ACCOUNT, _ATOMS, _CLAIMED = (
    COLUMNS.index(name) for name in ("chain", "block", "asset", "account", "atoms", "claimed")
)
_SHARED: Final = tuple(at for at in range(len(COLUMNS)) if at not in (_ACCOUNT, _ATOMS, _CLAIMED))
_WHERE: Final = (_CHAIN, _BLOCK, _ASSET)
_LONG: Final = 1000  # characters of an account, beyond which a line may be too long
_SLACK: Final = 4096  # by so much lines that share everything but a short account may differ in length

Likely = Callable[[int, int], Accounts | None]
"""From a row's place in the evidence, and a number of rows, to the accounts that are likely to stand there."""

_Columns = Sequence[Sequence[str]]
"""Texts of all lines, column by column."""


def encode_parts(parts: Iterable[EvidencePart]) -> Iterator[bytes]:
    """The header, and the lines of each part. Raises EvidenceError as `evidence_csv.encode` does."""
    yield HEADER
    number, previous = 2, BEFORE_ALL
    for part in parts:
        yield _written(part, previous) or b"".join(lines_of(part, number, previous))
        number += len(part)
        previous = _order(part, -1)


def decode_parts(texts: Iterable[bytes], likely: Likely | None = None) -> Iterator[EvidencePart]:
    """The rows of evidence, as they go by; each of `texts` ends in a line feed, and the header is the first line.

    `likely` says whose rows they should be: accounts that are written so need not be read, which is slow on some
    chains; it changes nothing of what is read. Raises EvidenceError at the first line that is none, after the parts
    before it.
    """
    number, previous = 2, BEFORE_ALL
    texts = iter(texts)
    head, feed, rest = next(texts, b"").partition(b"\n")
    if head + feed != HEADER:
        raise EvidenceError(1, f"expected the header {HEADER.decode().rstrip()}")
    for text in _cut(rest, texts):
        parts = _read(text, previous, number - 2, likely)
        for part in _one_by_one(text, number, previous) if parts is None else parts:
            yield part
            number += len(part)
            previous = _order(part, -1)


def _order(part: EvidencePart, at: int) -> Order:
    return where(part.asset, part.block)[2], part.accounts[at]


def _ascend(part: EvidencePart, previous: Order) -> bool:
    accounts = list(part.accounts)
    return previous < _order(part, 0) and all(map(lt, accounts, accounts[1:]))


# --- writing


def _written(part: EvidencePart, previous: Order) -> bytes | None:
    """The part's lines; None where they have to be written one by one."""
    try:
        named = ",".join(where(part.asset, part.block))
        accounts = account_texts(part.asset.chain, part.accounts)
        kinds = part.outcomes.grounds.beside(part.controls).beside(part.tolerances.beside(part.heights))
        around = {kind: _around(part, kinds.first(kind)) for kind in kinds.distinct}
        claimed = _claimed_texts(part)
        alone = {at: line_of(part[at]).decode("ascii") for at in (*part.owners, *part.passes)}
    except ValueError:
        return None
    atoms = list(map(str, part.outcomes.amounts))
    for at in part.outcomes.gap_positions():
        atoms[at] = ""
    if not _ascend(part, previous) or max(map(len, accounts)) > _LONG or str(None) in atoms:
        return None
    if len(around) == 1:
        ((middle, end),) = around.values()
        lines = [f"{named},{a},{n},{middle},{c},{end}\n" for a, n, c in zip(accounts, atoms, claimed, strict=True)]
    else:
        rows = zip(accounts, atoms, claimed, kinds.mapped(lambda kind: around.get(kind, ("", ""))), strict=True)
        lines = [f"{named},{a},{n},{middle},{c},{end}\n" for a, n, c, (middle, end) in rows]
    for at, line in alone.items():
        lines[at] = line
    return "".join(lines).encode("ascii")


def _around(part: EvidencePart, at: int) -> tuple[str, str]:
    """What stands before and after the claimed amount, in all rows that are believed on the ground of this one, or are
    missing for its reason. Raises ValueError where each row has to be looked at."""
    row = part[at]
    _require_alike(row, len(line_of(row)))
    return middle_of(row.outcome), end_of(replace(row, owners=None, passes=None))


def _claimed_texts(part: EvidencePart) -> list[str]:
    """Raises ValueError."""
    claimed = ["" if each is None else str(each) for each in part.claimed]
    if "" in claimed and any(part.tolerances.distinct):
        raise ValueError("a tolerance, perhaps of no amount")
    for at, elsewhere in part.elsewhere.items():
        claimed[at] = claimed_text(part.asset, part.claimed[at], elsewhere)
    return claimed


def _require_alike(row: EvidenceRow, length: int) -> None:
    """Raises ValueError where another row that shares everything with this one but account and amounts may be none all
    the same: which operators it contradicts depends on the amount, and so does how long a line is."""
    if (isinstance(row.outcome, Balance) and row.outcome.dissent) or length > MAX_LINE_BYTES - _SLACK:
        raise ValueError("a row that has to be looked at for itself")


# --- reading


def _cut(rest: bytes, texts: Iterator[bytes]) -> Iterator[bytes]:
    """The texts after the header's line, none of them empty."""
    if rest:
        yield rest
    yield from texts


def _one_by_one(text: bytes, number: int, previous: Order) -> Iterator[EvidencePart]:
    """Raises EvidenceError, after the parts before the line that is wrong."""
    rows: list[EvidenceRow] = []
    wrong: EvidenceError | None = None
    try:
        rows.extend(rows_in(lines_in(text), number, previous))
    except EvidenceError as error:
        wrong = error
    yield from parts_of(rows)
    if wrong is not None:
        raise wrong


def _read(text: bytes, previous: Order, start: int, likely: Likely | None) -> list[EvidencePart] | None:
    """The rows of a text of whole lines; None where they have to be read one by one."""
    parts: list[EvidencePart] = []
    try:
        for run in _runs(_columns(text.decode("ascii"))):
            parts.append(_part(run, None if likely is None else likely(start, len(run[0]))))
            start += len(run[0])
    except ValueError:
        return None
    for part in parts:
        if not _ascend(part, previous):
            return None
        previous = _order(part, -1)
    return parts


def _columns(text: str) -> _Columns:
    """Raises ValueError where a line has too few columns."""
    count, width = text.count("\n"), len(COLUMNS) + 1
    flat = text.replace("\n", ",\n,").split(",")  # so that a line feed stands in a column of its own
    if len(flat) == count * width + 1 and flat[width - 1 :: width].count("\n") == count:
        return [flat[at::width][:count] for at in range(width - 1)]
    rows = [line.split(",", len(COLUMNS) - 1) for line in text.split("\n")[:-1]]
    if any(len(row) != len(COLUMNS) for row in rows):
        raise ValueError("too few columns")
    return list(zip(*rows, strict=True))


def _runs(columns: _Columns) -> Iterator[_Columns]:
    """Lines beside each other that are of one asset at one block, some thousands at a time."""
    count, starts = len(columns[0]), {0}
    for at in _WHERE:
        if not _alike(columns[at]):
            starts.update(row for row, (one, other) in enumerate(pairwise(columns[at]), 1) if one != other)
    for start, end in pairwise([*sorted(starts), count]):
        for first in range(start, end, AT_A_TIME):
            yield [column[first : min(end, first + AT_A_TIME)] for column in columns]


def _alike(column: Sequence[str]) -> bool:
    return column.count(column[0]) == len(column)


def _part(columns: _Columns, likely: Accounts | None) -> EvidencePart:
    """The rows of one run. Raises ValueError where a line is not as it should be, or has to be read for itself."""
    count, asset, block = len(columns[0]), asset_of(columns[_ASSET][0]), columns[_BLOCK][0]
    differing = [columns[at] for at in _SHARED if at not in _WHERE and not _alike(columns[at])]
    kinds = Coded.of(list(zip(*differing, strict=True)) or [()] * count)
    rows = {kind: _row(columns, kinds.first(kind)) for kind in kinds.distinct}
    if max(map(len, columns[_ACCOUNT])) > _LONG:
        raise ValueError("a long account")
    outcomes = Outcomes()
    outcomes.grounds = kinds.mapped(lambda kind: _ground(rows[kind]))
    outcomes.amounts = _numbers(columns[_ATOMS], outcomes.gap_positions(), 0)
    if columns[_CLAIMED] == columns[_ATOMS] and not outcomes.gap_positions():  # as of most: as much as is claimed
        claimed, elsewhere = outcomes.amounts.take(range(count)), dict[int, Elsewhere]()
    else:
        claimed, elsewhere = _claimed(asset, columns[_CLAIMED])
    if "" in columns[_CLAIMED] and any(row.tolerance for row in rows.values()):
        raise ValueError("a tolerance, perhaps of no amount")
    named = {kind: row.owners for kind, row in rows.items() if row.owners is not None}
    passes = {kind: row.passes for kind, row in rows.items() if row.passes is not None}
    return EvidencePart(
        asset,
        block,
        canonical_keys(asset.chain, columns[_ACCOUNT], likely),
        outcomes,
        claimed,
        kinds.mapped(lambda kind: rows[kind].tolerance),
        kinds.mapped(lambda kind: rows[kind].height),
        kinds.mapped(lambda kind: rows[kind].control),
        {at: named[kinds[at]] for at in kinds.where(named.__contains__)},
        elsewhere,
        {at: passes[kinds[at]] for at in kinds.where(passes.__contains__)},
    )


def _row(columns: _Columns, at: int) -> EvidenceRow:
    """One row, with which others share their ground. Raises ValueError."""
    line = ",".join([column[at] for column in columns]).encode() + b"\n"
    row = row_in(line)
    _require_alike(row, len(line))
    return row


def _ground(row: EvidenceRow) -> BalanceBasis | Gap:
    outcome = row.outcome
    if isinstance(outcome, Gap):
        return outcome
    return BalanceBasis(outcome.basis, outcome.operators, outcome.dissent, outcome.at_least)


def _numbers(texts: Sequence[str], missing: Sequence[int], filler: int | None) -> Words:
    """Whole numbers, of which those at the `missing` positions are to be empty. Raises ValueError for a text that is
    not the one form of its number, and where one is missing elsewhere."""
    if missing:
        texts = list(texts)
        for at in missing:
            if texts[at]:
                raise ValueError("a number where none belongs")
            texts[at] = "0"
    numbers: list[int | None] = list(map(int, texts))
    if list(map(str, numbers)) != list(texts):
        raise ValueError("a number in another form than its own")
    for at in missing:
        numbers[at] = filler
    return Words.of(numbers)


def _claimed(asset: AssetId, texts: Sequence[str]) -> tuple[Words, dict[int, Elsewhere]]:
    """Raises ValueError."""
    elsewhere: dict[int, Elsewhere] = {}
    numbers = list(texts)
    for at in [at for at, text in enumerate(texts) if "@" in text]:
        claimed, there = claim_in(texts[at])
        if there is None or claimed_text(asset, claimed, there) != texts[at]:
            raise ValueError("what is claimed elsewhere in another form than its own")
        elsewhere[at], numbers[at] = there, str(claimed)
    return _numbers(numbers, [at for at, text in enumerate(numbers) if not text], None), elsewhere

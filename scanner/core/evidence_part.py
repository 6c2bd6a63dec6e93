"""Evidence in columns: rows of one asset that stand beside each other, as many as are looked at together.

Whatever is done for every row is done on the columns, once for all rows that share a reason; an `EvidenceRow` is made
of one when somebody looks at it. Nothing here judges, and nothing here knows how evidence is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final, Protocol, TypeVar, overload, runtime_checkable

from scanner.core.columns import Accounts, Coded, Words, checked
from scanner.core.control import ChainsWord, Control
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.core.two_passes import TwoPasses

T = TypeVar("T")

AT_A_TIME: Final = 4096
"""Rows in one part, at most: what is done for them takes some milliseconds, and some hundred bytes a row."""


@dataclass(frozen=True, slots=True)
class EvidencePart(Sequence[EvidenceRow]):
    """Rows of one asset at one block. All columns have as many rows."""

    asset: AssetId
    block: str  # hash of the snapshot; "" where the chain could not be pinned
    accounts: Accounts
    outcomes: Outcomes
    claimed: Words
    tolerances: Coded[int]  # atoms by which what is claimed may be off
    heights: Coded[int | None]  # of which a published row says that its amount is
    controls: Coded[Control]
    owners: Mapping[int, ChainsWord] = field(default_factory=dict)  # by position, where the chain was asked for them
    elsewhere: Mapping[int, Elsewhere] = field(default_factory=dict)  # by position, where amounts are of other heights
    passes: Mapping[int, TwoPasses] = field(default_factory=dict)  # by position, where balances were read twice

    @classmethod
    def of(cls, rows: Sequence[EvidenceRow]) -> EvidencePart:
        """Rows that are of one asset and one block (ValueError), and at least one."""
        first = rows[0]
        if any(row.asset != first.asset or row.block != first.block for row in rows):
            raise ValueError("rows of several assets, or blocks, are no part")
        return cls(
            asset=first.asset,
            block=first.block,
            accounts=Accounts(row.account for row in rows),
            outcomes=Outcomes(row.outcome for row in rows),
            claimed=Words.of([row.claimed for row in rows]),
            tolerances=Coded.of([row.tolerance for row in rows]),
            heights=Coded.of([row.height for row in rows]),
            controls=Coded(row.control for row in rows),
            owners={at: row.owners for at, row in enumerate(rows) if row.owners is not None},
            elsewhere={at: row.elsewhere for at, row in enumerate(rows) if row.elsewhere is not None},
            passes={at: row.passes for at, row in enumerate(rows) if row.passes is not None},
        )

    def take(self, positions: range) -> EvidencePart:
        """The rows of a stretch."""
        return EvidencePart(
            self.asset,
            self.block,
            self.accounts.take(positions),
            self.outcomes[positions.start : positions.stop],
            self.claimed.take(positions),
            self.tolerances.take(positions),
            self.heights.take(positions),
            self.controls.take(positions),
            stretch(self.owners, positions),
            stretch(self.elsewhere, positions),
            stretch(self.passes, positions),
        )

    def __len__(self) -> int:
        return len(self.accounts)

    @overload
    def __getitem__(self, at: int) -> EvidenceRow: ...
    @overload
    def __getitem__(self, at: slice) -> EvidencePart: ...
    def __getitem__(self, at: int | slice) -> EvidenceRow | EvidencePart:
        if isinstance(at, slice):
            return self.take(range(*at.indices(len(self))))
        at = checked(at, len(self))
        return EvidenceRow(
            self.asset,
            self.accounts[at],
            self.block,
            self.outcomes[at],
            self.claimed[at],
            self.controls[at],
            self.owners.get(at),
            self.elsewhere.get(at),
            self.tolerances[at],
            self.heights[at],
            self.passes.get(at),
        )

    def __iter__(self) -> Iterator[EvidenceRow]:
        stated = zip(self.accounts, self.claimed, self.tolerances, self.heights, strict=True)
        found = zip(self.outcomes, self.controls, strict=True)
        rows = enumerate(zip(stated, found, strict=True))
        for at, ((account, claimed, tolerance, height), (outcome, control)) in rows:
            owners, elsewhere = self.owners.get(at), self.elsewhere.get(at)
            read = self.asset, account, self.block, outcome
            yield EvidenceRow(*read, claimed, control, owners, elsewhere, tolerance, height, self.passes.get(at))


def stretch(by_position: Mapping[int, T], positions: range) -> Mapping[int, T]:
    """What stands at some of the positions, by their place among these."""
    if not by_position:
        return {}
    return {at: by_position[position] for at, position in enumerate(positions) if position in by_position}


@runtime_checkable
class InParts(Protocol):
    """Rows that are kept in columns."""

    def parts(self) -> Iterator[EvidencePart]: ...


def parts_of(rows: Iterable[EvidenceRow] | InParts) -> Iterator[EvidencePart]:
    """The same rows, as they go by, in parts."""
    if isinstance(rows, InParts):
        yield from rows.parts()
        return
    for _, together in groupby(rows, key=lambda row: (row.asset, row.block)):
        while several := list(islice(together, AT_A_TIME)):
            yield EvidencePart.of(several)

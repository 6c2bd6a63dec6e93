"""The claim: what the exchange says it holds and owes, after every name in it has been read and checked.

These are values only; what it says that it holds, row by row, is `weighing.holdings`. Reading a claim from a file, and
judging whether the file is well-formed, is `scanner.sources.addresses`; reading balances is `scanner.chains`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Final

from scanner.chains.facts_revision import REVISION
from scanner.core.columns import Coded, Words
from scanner.core.ids import AssetId, Chain
from scanner.core.owed import STATED, OwedBasis
from scanner.weighing.holdings import BlockHoldings, ChainHeight, HeldAsset, Holding, Holdings

MOST_LISTED: Final = 10_000
"""Blocks, assets and units that one claim may name: what one statement has room for."""


_ROOM: Final = 8_000_000  # bytes of a statement that are left for lists, whatever else stands in it
_BLOCK_BYTES, _ASSET_BYTES, _UNIT_BYTES = 450, 1_875, 4_250  # that one of each takes at most, whatever is found of it


def has_room(*, blocks: int, assets: int, units: int) -> bool:
    """Whether a statement has room for so many of them together: what fits alone may not fit beside the others."""
    return blocks * _BLOCK_BYTES + assets * _ASSET_BYTES + units * _UNIT_BYTES <= _ROOM


MISFITS_LISTED: Final = 20
"""Of each file, so many things that it says of itself and that do not fit stand in a statement; all are counted."""


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset that counts towards the liability of one unit."""

    label: str  # what the claim calls it: "USDT-ERC20"
    id: AssetId
    backs: str  # the unit: "USDT"
    decimals: int  # atoms per whole coin are 10**decimals


@dataclass(frozen=True, slots=True)
class StatedRatio:
    """A ratio as the report printed it."""

    text: str  # "103%"
    value: Fraction  # 1.03
    resolution: Fraction  # one unit of the last printed digit: 0.01

    def is_rounding_of(self, ratio: Fraction) -> bool:
        """Whether the printed figure is the nearest one to `ratio` that its digits can write."""
        return abs(self.value - ratio) * 2 <= self.resolution


@dataclass(frozen=True, slots=True)
class Liability:
    """What is owed in one unit, in whole coins. `owed` is None where the report did not publish it."""

    unit: str
    owed: Fraction | None
    stated_ratio: StatedRatio | None = None
    basis: OwedBasis = STATED  # what `owed` rests on, as far as its published proof was judged
    contradicted: str = ""  # how the published proof contradicts `owed`, or itself; for people


@dataclass(frozen=True, slots=True)
class Custody:
    """Whole coins that a third party is said to hold for the exchange. No address: nothing here can be verified."""

    unit: str
    amount: Fraction
    custodian: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """What a published file says of its rows as a whole, and its rows do not come to. Whole coins, or rows."""

    text: str  # its name within an archive, in printable ASCII; empty where the file is none
    line: int
    label: str | None  # of a total, in printable ASCII; None for a number of rows
    stated: Fraction
    found: Fraction | None  # None where rows state no amount, so that nothing can be compared


@dataclass(frozen=True, slots=True)
class NamedHeights:
    """The block heights of one chain that the rows of a file name: how many different ones, and the ends."""

    count: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A published file that the claim refers to, and what became of its rows: read = accepted + refused."""

    name: str
    sha256: str
    layout: str
    read: int
    accepted: int
    refused: Mapping[str, int]  # by reason
    stated: int = 0  # totals and numbers of rows that the file gives of itself
    misfits: tuple[Misfit, ...] = ()  # those of them that its rows do not come to
    whole: bool = True  # nothing is known to be missing: all rows are in the claim, and what the file states fits
    heights: Mapping[Chain, NamedHeights] = field(default_factory=dict)  # of chains of which a row names one


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """The publication the claim was taken from."""

    title: str = ""
    published: str = ""  # a date, as the claim writes it
    url: str = ""
    sha256: str = ""  # of the report's file, where one was kept


@dataclass(frozen=True, slots=True)
class MovementWindow:
    """When accounts had to move the amounts that follow from the challenge. Both aware, UTC."""

    issued: datetime  # when the exchange was given the challenge, as who examines it says
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Everything the exchange says. `digest` is the sha256 of the claim's file, so that findings name what they judge.

    `complete` is False where the claim lists only a part of what the exchange declares: such a claim can show that a
    liability is covered, never that it is not.
    """

    exchange: str
    as_of: datetime  # aware, UTC
    assets: Mapping[AssetId, Asset]
    liabilities: Mapping[str, Liability]  # by unit
    holdings: Holdings  # each (asset, account) once, in the order of `holding_order`
    digest: str  # hex
    snapshots: Mapping[Chain, int] = field(default_factory=dict)  # block heights the claim names
    custody: tuple[Custody, ...] = ()
    report: PublishedReport = PublishedReport()
    complete: bool = True
    share_of_all_owed: StatedRatio | None = None  # by value: what `liabilities` are of it, as the exchange states it
    files: tuple[ClaimedFile, ...] = ()
    challenge: str | None = None  # the message that this engagement asked the exchange to sign
    movements: MovementWindow | None = None  # None: no account was instructed to move anything
    heights: Mapping[Chain, int] = field(default_factory=dict)  # the one that all rows of files on a chain name
    other_line_ends: Mapping[str, str] = field(default_factory=dict)  # by LF, CRLF: what `digest` would be with them
    owed_as_of: datetime | None = None  # of which moment the claim is, where it is weighed at another one
    revision: int = REVISION  # of the tables by which it was read (`chains.facts_revision`)
    newest: bool = False  # weighed at the newest final blocks (`at`), not at the last ones by `as_of`

    def with_other_line_ends(self, digest: str) -> str:
        """What an error about the claim's digest adds, where its file differs in its line ends alone; else nothing."""
        for ends, other in self.other_line_ends.items():
            if other == digest:
                return f"; its line ends were changed on its way: with {ends} it is that claim"
        return ""

    def at(self, moment: datetime) -> Claim:
        """The same claim, weighed at a moment after its own: that of a scan between two reports.

        What is owed keeps the date at which it was stated (`owed_as_of`). Heights that the claim names are of its own
        moment, and so are its share of all owed, the amounts that it says accounts hold, and the ratio that was
        printed: they say nothing of another, and are left out. Raises ValueError for a moment that is not after
        the claim's.
        """
        if moment <= self.as_of:
            raise ValueError(f"{moment:%Y-%m-%dT%H:%M:%SZ} is not after the claim's moment")
        return replace(self._moved_to(moment), newest=True)

    def sampled_at(self, moment: datetime) -> Claim:
        """The same claim, weighed at another moment of its past or future, as a series does: at the last block of each
        chain at or before it. At its own moment it is the claim itself. Raises ValueError for a claim that was moved.
        """
        return self if moment == self.as_of and self.owed_as_of is None else self._moved_to(moment)

    @property
    def sampled(self) -> bool:
        """Whether it is weighed at another moment than its own, and not at that of a scan."""
        return self.owed_as_of is not None and not self.newest

    def _moved_to(self, moment: datetime) -> Claim:
        if self.owed_as_of is not None:
            raise ValueError(f"{moment:%Y-%m-%dT%H:%M:%SZ} is not after the claim's moment, which was moved already")
        liabilities = {unit: replace(each, stated_ratio=None) for unit, each in self.liabilities.items()}
        return replace(
            self,
            as_of=moment,
            owed_as_of=self.as_of,
            liabilities=liabilities,
            holdings=Holdings(map(_without_amounts, self.holdings.parts)),
            snapshots={},
            heights={},
            share_of_all_owed=None,
        )

    def weighed_at(self, chain: Chain) -> ChainHeight:
        """The one place at which everything on a chain is weighed: the height that the claim names for it, else the one
        that all rows of its files name, else the last block at or before the claim's moment. A coin that moves from
        account to account between two blocks would count twice at two places."""
        height = self.snapshots.get(chain)
        return chain, self.heights.get(chain) if height is None else height

    def place_of(self, holding: Holding) -> ChainHeight:
        """Where a holding is weighed."""
        return self.weighed_at(holding.asset.chain)

    def compared_at(self, holding: Holding) -> ChainHeight | None:
        """Where its amount is claimed, if at another height than it is weighed; else None."""
        chain, height = self.weighed_at(holding.asset.chain)
        if holding.claimed is None or holding.height in (None, height):
            return None
        return chain, holding.height

    def by_place(self) -> dict[ChainHeight, BlockHoldings]:
        """What is weighed where, each in the claim's order; by chain."""
        return self.holdings.by_place(self.weighed_at)

    def compared_elsewhere(self) -> dict[ChainHeight, BlockHoldings]:
        """The rows whose amounts are claimed at another height than their chain is weighed at."""
        return self.holdings.compared_elsewhere(self.weighed_at)

    @property
    def units(self) -> frozenset[str]:
        """What is owed, and what its assets back."""
        return frozenset(self.liabilities) | {asset.backs for asset in self.assets.values()}

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The chains on which something is declared, sorted."""
        return tuple(sorted({part.asset.chain for part in self.holdings.parts}))


def _without_amounts(held: HeldAsset) -> HeldAsset:
    """The same rows, of which nothing is said but whose they are."""
    bare, count = HeldAsset(held.asset), len(held)
    bare.accounts, bare.ownerships = held.accounts, held.ownerships
    bare.claimed = Words.of([None] * count)
    bare.tolerances, bare.heights = Coded.of([0] * count), Coded.of([None] * count)
    return bare

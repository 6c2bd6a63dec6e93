"""What the claim says that the exchange holds: one row for each account of each asset, kept in columns.

A claim may list millions of accounts. They are kept column by column, asset by asset (`HeldAsset`), and a `Holding` is
made of a row when somebody looks at it; what is done for all rows is done on the columns. Nothing here reads a file,
and nothing here knows what a row is worth.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import eq
from typing import Final, overload

from scanner.core.columns import Accounts, Coded, Positions, Words, ascending, checked
from scanner.core.ids import AssetId, Chain
from scanner.proofs.control import NamedTransaction

ChainHeight = tuple[Chain, int | None]
"""A chain and a height on it; None stands for the last block at or before the claim's moment."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """What was published to show control of an account: text that was not checked yet (`chains.control` does)."""

    scheme: str  # "" where it has to be recognised from the rest
    message: str
    signatures: tuple[str, ...]
    key: str = ""  # a public key, or a redeem or witness script
    owners: tuple[str, ...] = ()  # of a contract account, or of one whose key was rotated
    moved: NamedTransaction | None = None  # in place of all others but the scheme


@dataclass(frozen=True, slots=True)
class Holding:
    """One account of one asset, and the atoms the exchange says it holds, where it says so."""

    asset: AssetId
    account: bytes  # as chains.accounts gives it: a scriptPubKey on bip122 chains, 20 bytes on eip155 chains ...
    claimed: int | None = None
    tolerance: int = 0  # atoms by which `claimed` may be off for the way it is written
    height: int | None = None  # the block at which it is claimed, where a published row names one of its own
    ownership: Ownership | None = None


_COLUMNS: Final = ("accounts", "claimed", "tolerances", "heights")


class HeldAsset(Sequence[Holding]):
    """All holdings of one asset. Grows at its end while a claim is read."""

    __slots__ = ("accounts", "asset", "claimed", "heights", "ownerships", "tolerances")

    def __init__(self, asset: AssetId, holdings: Iterable[Holding] = ()) -> None:
        self.asset = asset
        self.accounts = Accounts()
        self.claimed = Words()
        self.tolerances: Coded[int] = Coded()
        self.heights: Coded[int | None] = Coded()
        self.ownerships: dict[int, Ownership] = {}  # by position, of the rows that have one
        for holding in holdings:
            self.append(holding)

    def append(self, holding: Holding) -> None:
        """Raises ValueError for an amount that no chain can hold."""
        self.add(holding.account, holding.claimed, holding.tolerance, holding.height, holding.ownership)

    def add(
        self, account: bytes, claimed: int | None, tolerance: int, height: int | None, ownership: Ownership | None
    ) -> None:
        """`append`, of a row that is no object yet."""
        self.claimed.append(claimed)
        if ownership is not None:
            self.ownerships[len(self.accounts)] = ownership
        self.accounts.append(account)
        self.tolerances.append(tolerance)
        self.heights.append(height)

    def join(self, other: HeldAsset) -> None:
        """All of `other`'s rows."""
        first = len(self.accounts)
        self.ownerships.update((first + at, ownership) for at, ownership in other.ownerships.items())
        for name in _COLUMNS:
            getattr(self, name).join(getattr(other, name))

    def take(self, positions: Positions) -> HeldAsset:
        """The rows at `positions`, in that order."""
        taken = HeldAsset(self.asset)
        for name in _COLUMNS:
            setattr(taken, name, getattr(self, name).take(positions))
        if self.ownerships:
            published = ((at, self.ownerships.get(position)) for at, position in enumerate(positions))
            taken.ownerships = {at: ownership for at, ownership in published if ownership is not None}
        return taken

    def sorted(self) -> HeldAsset:
        """The rows in the order of their accounts. These columns are taken over one by one, and are empty afterwards:
        two of each would take twice the memory."""
        ordered, order = HeldAsset(self.asset), ascending(self.accounts)
        if self.ownerships:
            published = ((at, self.ownerships.get(position)) for at, position in enumerate(order))
            ordered.ownerships = {at: ownership for at, ownership in published if ownership is not None}
        for name in _COLUMNS:
            setattr(ordered, name, getattr(self, name).take(order))
            setattr(self, name, type(getattr(self, name))())
        self.ownerships = {}
        return ordered

    def __len__(self) -> int:
        return len(self.accounts)

    @overload
    def __getitem__(self, at: int) -> Holding: ...
    @overload
    def __getitem__(self, at: slice) -> HeldAsset: ...
    def __getitem__(self, at: int | slice) -> Holding | HeldAsset:
        if isinstance(at, slice):
            return self.take(range(*at.indices(len(self))))
        at = checked(at, len(self))
        return Holding(
            self.asset,
            self.accounts[at],
            self.claimed[at],
            self.tolerances[at],
            self.heights[at],
            self.ownerships.get(at),
        )

    def __setitem__(self, at: int, holding: Holding) -> None:
        """Another row of the same account. Raises ValueError for one of another."""
        at = checked(at, len(self))
        if (holding.asset, holding.account) != (self.asset, self.accounts[at]):
            raise ValueError("a row is replaced by one of the same account only")
        self.claimed[at], self.tolerances[at], self.heights[at] = holding.claimed, holding.tolerance, holding.height
        self.ownerships.pop(at, None)
        if holding.ownership is not None:
            self.ownerships[at] = holding.ownership

    def __iter__(self) -> Iterator[Holding]:
        owned = map(self.ownerships.get, range(len(self))) if self.ownerships else iter([None] * len(self))
        for row in zip(self.accounts, self.claimed, self.tolerances, self.heights, owned, strict=True):
            yield Holding(self.asset, *row)


@dataclass(frozen=True, slots=True)
class AssetRows:
    """The rows of one asset that are read at one place."""

    held: HeldAsset
    positions: Positions  # in `held`, ascending

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class BlockHoldings(Collection[tuple[AssetId, bytes]]):
    """Everything that is read at one place, in the claim's order: as a collection, asset and account of each row."""

    shares: tuple[AssetRows, ...]

    def __len__(self) -> int:
        return sum(map(len, self.shares))

    def __iter__(self) -> Iterator[tuple[AssetId, bytes]]:
        for share in self.shares:
            for account in share.held.accounts.take(share.positions):
                yield share.held.asset, account

    def __contains__(self, named: object) -> bool:
        return any(each == named for each in self)

    @property
    def assets(self) -> set[AssetId]:
        return {share.held.asset for share in self.shares}


class Holdings(Sequence[Holding]):
    """All rows of a claim, asset by asset."""

    __slots__ = ("_starts", "parts")

    def __init__(self, parts: Iterable[HeldAsset] = ()) -> None:
        self.parts = tuple(part for part in parts if len(part))
        self._starts = (0, *accumulate(map(len, self.parts)))

    @classmethod
    def of(cls, holdings: Iterable[Holding]) -> Holdings:
        """The same holdings, asset by asset in the order of their first rows, the rows of each in theirs: one who reads
        them asks for an asset at a time. Raises ValueError for an amount that no chain can hold.
        """
        parts: dict[AssetId, HeldAsset] = {}
        for asset, rows in groupby(holdings, key=_asset):
            part = parts.setdefault(asset, HeldAsset(asset))
            for row in rows:
                part.append(row)
        return cls(parts.values())

    def proofs(self) -> Iterator[tuple[int, Holding]]:
        """The rows for which something was published to show control, each with its position."""
        for start, part in zip(self._starts, self.parts, strict=False):
            for at in sorted(part.ownerships):
                yield start + at, part[at]

    def published(self) -> Iterator[tuple[int, AssetId, bytes, Ownership]]:
        """The same without the rest of the rows: position, asset, account and what was published."""
        for start, part in zip(self._starts, self.parts, strict=False):
            for at in sorted(part.ownerships):
                yield start + at, part.asset, part.accounts.at(at), part.ownerships[at]

    def published_at(self, position: int) -> tuple[AssetId, bytes, Ownership | None]:
        """Asset, account, and what was published, of one row that is there, counted from the start."""
        number = bisect_right(self._starts, position) - 1
        part, at = self.parts[number], position - self._starts[number]
        return part.asset, part.accounts.at(at), part.ownerships.get(at)

    def counts(self) -> dict[AssetId, int]:
        """How many rows each asset has."""
        counts: dict[AssetId, int] = {}
        for part in self.parts:
            counts[part.asset] = counts.get(part.asset, 0) + len(part)
        return counts

    def accounts_at(self, start: int, count: int) -> Accounts | None:
        """The accounts of so many rows; None where they are of several assets, or not all there."""
        number = bisect_right(self._starts, start) - 1
        if start < 0 or start + count > len(self) or start + count > self._starts[number + 1]:
            return None
        first = start - self._starts[number]
        return self.parts[number].accounts.take(range(first, first + count))

    def by_place(self, place_of: Callable[[Chain], ChainHeight]) -> dict[ChainHeight, BlockHoldings]:
        """What is weighed where, each in the claim's order; by chain. `place_of` says where a chain is."""
        shares: dict[ChainHeight, list[AssetRows]] = {}
        for part in self.parts:
            shares.setdefault(place_of(part.asset.chain), []).append(AssetRows(part, range(len(part))))
        return {place: BlockHoldings(tuple(shares[place])) for place in sorted(shares, key=_place_order)}

    def compared_elsewhere(self, place_of: Callable[[Chain], ChainHeight]) -> dict[ChainHeight, BlockHoldings]:
        """The rows that state an amount at another height than their chain is weighed at, by that height's place."""
        shares: dict[ChainHeight, list[AssetRows]] = {}
        for part in self.parts:
            place = place_of(part.asset.chain)
            for height, positions in _by_other_height(part, place[1]).items():
                shares.setdefault((part.asset.chain, height), []).append(AssetRows(part, positions))
        return {place: BlockHoldings(tuple(shares[place])) for place in sorted(shares, key=_place_order)}

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, at: int) -> Holding: ...
    @overload
    def __getitem__(self, at: slice) -> Holdings: ...
    def __getitem__(self, at: int | slice) -> Holding | Holdings:
        if isinstance(at, slice):
            return Holdings.of(self[position] for position in range(*at.indices(len(self))))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        number = bisect_right(self._starts, at) - 1
        return self.parts[number][at - self._starts[number]]

    def __iter__(self) -> Iterator[Holding]:
        for part in self.parts:
            yield from part

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # millions of rows are no key


def holding_order(asset: AssetId, account: bytes) -> tuple[str, bytes]:
    """The one order in which holdings stand in claims, evidence and findings."""
    return str(asset), account


def _by_other_height(part: HeldAsset, weighed: int | None) -> dict[int, Positions]:
    """The positions of the rows that state an amount at another height, by that height."""
    if not part.heights.distinct.keys() - {None, weighed}:
        return {}
    positions: dict[int, array[int]] = {}
    for at, (height, claimed) in enumerate(zip(part.heights, part.claimed, strict=True)):
        if height is not None and height != weighed and claimed is not None:
            positions.setdefault(height, array("I")).append(at)
    return {**positions}


def _place_order(place: ChainHeight) -> tuple[Chain, int]:
    chain, height = place
    return chain, -1 if height is None else height


def _asset(holding: Holding) -> AssetId:
    return holding.asset

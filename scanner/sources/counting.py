"""Each holding once, whatever the number of its sources: the claim's own list, and each of its files.

The first source counts. A later one that says the same of an asset and an account is a DUPLICATE, and what the first
left unsaid is taken from it; one that says otherwise is a CONFLICT, after which neither amount is believed. Two heights
contradict only where both are stated. Not here: reading a source, and repeats of one label within one file, which
`published.repeats` finds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from operator import eq

from scanner.core.columns import AccountIndex, Coded
from scanner.core.ids import AssetId, Chain
from scanner.errors import InputError
from scanner.sources.published import RowRefusal
from scanner.weighing.claim import Custody
from scanner.weighing.holdings import HeldAsset, Holding, Holdings, Ownership

Origin = tuple[int, AssetId]
"""One file of the claim, and an asset as it is named there: no account has two of its rows."""


@dataclass(frozen=True, slots=True)
class RepeatedHolding:
    """What is not counted again, and where it stands already."""

    reason: RowRefusal
    detail: str


@dataclass(slots=True)
class InCustody:
    """One account that a third party is said to hold for the exchange."""

    unit: str
    custodian: str
    coins: Fraction | None  # whole coins; None where no amount is given, or none is believed
    source: str


class AssetHoldings:
    """The holdings of one asset, in the order in which the sources were read."""

    def __init__(self, asset: AssetId, challenge: str | None) -> None:
        self.in_custody: dict[bytes, InCustody] = {}
        self.heights: set[int | None] = set()  # that rows of files name; None of one that names none
        self._challenge = challenge
        self._held = HeldAsset(asset)
        self._rows = AccountIndex(self._held.accounts)  # which is behind while nothing can be there twice
        self._origins: set[Origin | None] = set()  # that rows are of, or may be
        self._sources: Coded[str] = Coded()  # where each row stands first
        self._contradicted: dict[int, Holding] = {}  # by row: as first claimed

    def add(
        self,
        source: str,
        account: bytes,
        claimed: int | None,
        tolerance: int = 0,
        *,
        height: int | None = None,
        ownership: Ownership | None = None,
        origin: Origin | None = None,
    ) -> RepeatedHolding | None:
        """Counts a holding, given as `Holding` is; or tells where it stands already."""
        row = None if self._is_distinct(origin) else self._find(account)
        if row is not None:
            return self._again(row, Holding(self._held.asset, account, claimed, tolerance, height, ownership))
        if account in self.in_custody:
            entry = self.in_custody[account]
            entry.coins = None
            return RepeatedHolding(
                RowRefusal.CONFLICT, f"stands already in {entry.source}, held by {entry.custodian!a}"
            )
        self._held.add(account, claimed, tolerance, height, ownership)
        self._sources.append(source)
        return None

    def takes_all(self, origin: Origin) -> bool:
        """Whether rows of this origin can be added without looking for each of them."""
        return not self.in_custody and self._is_distinct(origin)

    def add_all(self, source: str, held: HeldAsset) -> None:
        """Counts many holdings of an origin of which `takes_all` is true."""
        self._held.join(held)
        self._sources.extend(source, len(held))

    def append(self, source: str, holding: Holding) -> RepeatedHolding | None:
        """`add`, of one that is an object already."""
        return self.add(
            source,
            holding.account,
            holding.claimed,
            holding.tolerance,
            height=holding.height,
            ownership=holding.ownership,
        )

    def add_in_custody(self, account: bytes, entry: InCustody) -> RepeatedHolding | None:
        """The same for an account that a third party holds."""
        row = self._find(account)
        if row is not None:
            self._doubt(row)
            return RepeatedHolding(
                RowRefusal.CONFLICT, f"stands already in {self._sources[row]}, held by the exchange itself"
            )
        earlier = self.in_custody.setdefault(account, entry)
        if earlier is entry:
            return None
        if (earlier.unit, earlier.custodian, earlier.coins) == (entry.unit, entry.custodian, entry.coins):
            return RepeatedHolding(RowRefusal.DUPLICATE, f"stands already in {earlier.source}")
        earlier.coins = None
        return RepeatedHolding(RowRefusal.CONFLICT, f"stands already in {earlier.source}, otherwise")

    def close(self) -> None:
        """Nothing can be added any more: what is kept for finding repeats is let go."""
        del self._rows, self._sources

    def in_order(self) -> HeldAsset:
        """All holdings, by account. Their columns are taken over. Raises InputError where an account stands twice
        nevertheless, of an origin that had none twice."""
        ordered = self._held.sorted()
        accounts = iter(ordered.accounts)
        next(accounts, None)
        if any(map(eq, ordered.accounts, accounts)):
            raise InputError.at(str(ordered.asset), "a file that names its accounts has changed while it was read")
        return ordered

    def _is_distinct(self, origin: Origin | None) -> bool:
        """Whether a row of this origin can be no repeat: there is no other."""
        self._origins.add(origin)
        return len(self._origins) == 1 and origin is not None

    def _find(self, account: bytes) -> int | None:
        """The row of the account."""
        self._rows.catch_up()
        return self._rows.find(account)

    def _again(self, row: int, later: Holding) -> RepeatedHolding:
        first, name = self._held[row], self._sources[row]
        original = self._contradicted.get(row, first)
        if _contradict(original, later):
            self._doubt(row)
            return RepeatedHolding(RowRefusal.CONFLICT, f"stands already in {name}, otherwise")
        self._held[row] = self._completed(first, later, believed=original is first)
        return RepeatedHolding(RowRefusal.DUPLICATE, f"stands already in {name}")

    def _doubt(self, row: int) -> None:
        first = self._held[row]
        self._contradicted.setdefault(row, first)
        self._held[row] = replace(first, claimed=None, tolerance=0)

    def _completed(self, first: Holding, later: Holding, *, believed: bool) -> Holding:
        """`first` with what only `later` says: an amount with its height, a proof of control."""
        if believed and first.claimed is None:
            height = later.height if first.height is None else first.height
            first = replace(first, claimed=later.claimed, tolerance=later.tolerance, height=height)
        if later.ownership is None:
            return first
        # A signature of this engagement's own message shows more than one that was published for everybody.
        asked = self._challenge is not None and later.ownership.message == self._challenge
        if first.ownership is None or (asked and first.ownership.message != self._challenge):
            return replace(first, ownership=later.ownership)
        return first


class CountedHoldings:
    """Everything that the claim and its files declare, as it is counted."""

    def __init__(self, challenge: str | None) -> None:
        self._challenge = challenge
        self._assets: dict[AssetId, AssetHoldings] = {}
        self._unplaced: dict[tuple[str, str], Fraction] = {}  # custody without accounts: by unit and custodian
        self._unplaced_from: dict[tuple[str, str, Fraction | None], str] = {}  # the first source that says so

    def of(self, asset: AssetId) -> AssetHoldings:
        """The holdings of one asset, to be added to."""
        held = self._assets.get(asset)
        if held is None:
            held = self._assets[asset] = AssetHoldings(asset, self._challenge)
        return held

    def add_unplaced(self, entry: InCustody) -> RepeatedHolding | None:
        """Custody of which no account is named: a second source that says exactly the same is not counted."""
        stated = entry.unit, entry.custodian, entry.coins
        first = self._unplaced_from.setdefault(stated, entry.source)
        if first != entry.source:
            return RepeatedHolding(RowRefusal.DUPLICATE, f"stands already in {first}")
        key = entry.unit, entry.custodian
        self._unplaced[key] = self._unplaced.get(key, Fraction(0)) + (entry.coins or 0)
        return None

    def holdings(self) -> Holdings:
        """Each (asset, account) once, in the order of `holding_order`. Nothing can be added any more."""
        for held in self._assets.values():  # of all, before the first is sorted, which takes its columns twice
            held.close()
        return Holdings(self._assets[asset].in_order() for asset in sorted(self._assets, key=str))

    def heights(self) -> dict[Chain, int]:
        """By chain on which all rows of files name one height: that height."""
        named: dict[Chain, set[int | None]] = {}
        for asset, held in self._assets.items():
            named.setdefault(asset.chain, set()).update(held.heights)
        one = {chain: next(iter(heights)) for chain, heights in named.items() if len(heights) == 1}
        return {chain: height for chain, height in one.items() if height is not None}

    def custody(self) -> dict[tuple[str, str], Custody]:
        """The sums, by unit and custodian."""
        sums = dict(self._unplaced)
        for asset in self._assets.values():
            for entry in asset.in_custody.values():
                key = entry.unit, entry.custodian
                sums[key] = sums.get(key, Fraction(0)) + (entry.coins or 0)
        return {(unit, custodian): Custody(unit, amount, custodian) for (unit, custodian), amount in sums.items()}


def _contradict(first: Holding, later: Holding) -> bool:
    if first.height is not None and later.height is not None and first.height != later.height:
        return True
    return first.claimed is not None and later.claimed is not None and first.claimed != later.claimed

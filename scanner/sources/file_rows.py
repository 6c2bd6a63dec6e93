"""The rows of one published file of a claim, made into holdings: by thousands where they are alike, else one by one.

A row's amount is kept in atoms, with one unit of its last digit as its tolerance, unless it is written to the atom. One
that is finer than an atom of its asset cannot be kept, and counts as not stated. A validator's row has no height here,
because the file gives one of the execution chain, where the validator is read by slot.

Not here: how a layout is read (`published`), and what a second row of a holding is worth (`counting`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_text
from scanner.chains.registry import family
from scanner.core.amounts import AmountError
from scanner.core.columns import Coded, Words
from scanner.core.ids import AssetId, Chain
from scanner.sources.amended import Amended
from scanner.sources.assets import Assets
from scanner.sources.counting import AssetHoldings, CountedHoldings, InCustody, Origin
from scanner.sources.holdings import FileReference
from scanner.sources.published import (
    Kind,
    Listed,
    PublishedFile,
    PublishedOwnership,
    PublishedRow,
    RowAccount,
    RowRefusal,
)
from scanner.sources.published.archive import shown
from scanner.sources.published.gathered import PlainRows, fits_into_columns
from scanner.sources.published.stretches import Group, Stretch
from scanner.weighing.claim import Asset, NamedHeights
from scanner.weighing.holdings import HeldAsset, Ownership

_LONGEST_CUSTODIAN: Final = 100
_AT_A_TIME: Final = 10_000  # rows of which amounts are numbers at a time
_MOST_DECIMALS: Final = 38  # with which any amount that can be written fits into a word


@dataclass(slots=True)
class _Meaning:
    """What the rows of one label and kind become."""

    listed: Listed
    kind: Kind
    asset: Asset
    holdings: AssetHoldings
    twice: str | None  # why they would count the same coins again
    in_columns: bool  # whether its rows that stand in columns are counted already
    heights: set[int | None] = field(default_factory=set)  # that its rows name; None of one that names none
    _units: dict[int, int] = field(default_factory=dict)  # by digits: how many atoms one unit of the last digit is

    def unit(self, digits: int) -> int:
        """Atoms of one unit of the last of so many digits, which are no more than the asset has decimals."""
        unit = self._units.get(digits)
        if unit is None:
            unit = self._units[digits] = 10 ** (self.asset.decimals - digits)
        return unit

    def amount(self, row: PublishedRow) -> tuple[int | None, int]:
        """The row's amount in atoms, and by how many it may be off for the way it is written."""
        if row.coefficient is None:
            return None, 0
        decimals, digits = self.asset.decimals, row.digits
        if digits > decimals or row.float_rounded:
            return _rough_amount(row, decimals)
        unit = self.unit(digits)
        return row.coefficient * unit, unit if digits < decimals else 0


class FileRows:
    """One file."""

    def __init__(
        self, reference: FileReference, number: int, published: PublishedFile, assets: Assets, counted: CountedHoldings
    ) -> None:
        """`number`: which of the claim's files it is."""
        self._reference = reference
        self._number = number
        self._published = published
        self._registry = assets
        self._counted = counted
        self._messages: dict[str, str] = {}  # most rows bear the same one
        self._in_columns: set[Listed] = set()  # labels whose rows that stand in columns are counted
        self._amended = Amended(published.account, published.most_listed)
        self._by_identity: dict[tuple[int, Kind], _Meaning] = {}
        self._reported: set[Asset] = set()
        self.assets: dict[tuple[Listed, Kind], Asset] = {}  # what the rows of each label and kind count as
        self.vague: dict[Listed, Asset] = {}

    def account(self) -> RowAccount:
        """Counts all rows. The file's account, with those refused that stand elsewhere too. Raises InputError."""
        if not self._took_gathered():
            for each in self._published.in_stretches():
                if not isinstance(each, Stretch):
                    self._count(each)
                elif not self._took_all(each.groups):
                    for _, row in each.one_by_one():
                        self._count(row)
        for known in self._by_identity.values():
            known.holdings.heights |= known.heights
        return self._amended.account()

    def _count(self, row: PublishedRow) -> None:
        meaning = self._meaning(row.listed, row.kind)
        if meaning.in_columns and fits_into_columns(row):
            return
        if row.kind is Kind.CUSTODY:  # never part of what is held, so never counted twice there
            self._take_custody(row, meaning)
        elif meaning.twice:
            self._amended.refuse(row, RowRefusal.BAD_LABEL, meaning.twice)
        else:
            self._take(row, meaning)

    def _took_gathered(self) -> bool:
        """Counts what the file's columns have of labels whose rows need no looking at each, and says whether that was
        all; then the other rows are counted too."""
        gathered, self._published.gathered = self._published.gathered, None
        if gathered is None:
            return False
        named: defaultdict[int, set[AssetId]] = defaultdict(set)
        for listed, kind in gathered.first:
            named[id(self._meaning(listed, kind).holdings)].add(listed.asset)
        whole = True
        for listed in list(gathered.plain):
            rows, meaning = gathered.plain.pop(listed), self._meaning(listed, Kind.PLAIN)
            if len(named[id(meaning.holdings)]) > 1 or not self._takes_all(meaning, max(rows.digits.distinct)):
                whole = False  # one may repeat the other
                continue
            self._in_columns.add(listed)
            meaning.in_columns = True
            meaning.heights.update(rows.heights.distinct)
            meaning.holdings.add_all(self._reference.name, self._held(meaning, rows))
        for row in gathered.others if whole else ():
            self._count(row)
        return whole

    def _took_all(self, groups: Sequence[Group]) -> bool:
        """Counts the rows of these groups that are not counted yet; or none, where some need looking at each."""
        groups = [group for group in groups if not self._meaning(group.meaning.listed, Kind.PLAIN).in_columns]
        meanings = [self._meaning(group.meaning.listed, Kind.PLAIN) for group in groups]
        if not all(map(self._takes_all, meanings, (max(group.digits) for group in groups))):
            return False
        for group, meaning in zip(groups, meanings, strict=True):
            heights = Coded[int | None]()
            heights.extend(group.height, len(group.digits))
            owned = list[PublishedOwnership | None](group.ownerships or ())
            rows = PlainRows(group.accounts, Words.of(group.coefficients), Coded.of(group.digits), heights, owned)
            meaning.heights.add(group.height)
            meaning.holdings.add_all(self._reference.name, self._held(meaning, rows))
        return True

    def _takes_all(self, meaning: _Meaning, digits: int) -> bool:
        """Whether plain rows with so many digits, at most, need no looking at each."""
        if meaning.twice or not meaning.listed.mapped or not digits <= meaning.asset.decimals <= _MOST_DECIMALS:
            return False
        return meaning.holdings.takes_all(self._origin(meaning))

    def _held(self, meaning: _Meaning, rows: PlainRows) -> HeldAsset:
        """What such rows say that the exchange holds."""
        held, decimals = HeldAsset(meaning.asset.id), meaning.asset.decimals
        units = {digits: meaning.unit(digits) for digits in rows.digits.distinct}
        held.accounts, held.heights = rows.accounts, rows.heights
        for start in range(0, len(rows.digits), _AT_A_TIME):
            digits = rows.digits[start : start + _AT_A_TIME]
            amounts = zip(rows.coefficients[start : start + _AT_A_TIME], digits, strict=True)
            held.claimed.join(Words.of([(coefficient or 0) * units[each] for coefficient, each in amounts]))
        while rows.ownerships:  # each let go once it is taken over
            ownership = self._ownership(rows.ownerships.pop())
            if ownership is not None:
                held.ownerships[len(rows.ownerships)] = ownership
        held.tolerances = rows.digits.mapped(lambda digits: meaning.unit(digits) if digits < decimals else 0)
        return held

    def _origin(self, meaning: _Meaning) -> Origin:
        return self._number, meaning.listed.asset

    def heights(self) -> dict[Chain, NamedHeights]:
        """The heights that rows name, by chain; after `account`."""
        named: dict[Chain, set[int]] = {}
        for known in self._by_identity.values():
            of_label = {height for height in known.heights if height is not None}
            if of_label:
                named.setdefault(known.asset.id.chain, set()).update(of_label)
        return {chain: NamedHeights(len(each), min(each), max(each)) for chain, each in sorted(named.items())}

    def _meaning(self, listed: Listed, kind: Kind) -> _Meaning:
        # By identity, since comparing labels takes longer than all the rest: a file has one object for each spelling.
        known = self._by_identity.get((id(listed), kind))
        if known is not None:
            return known
        assets = self._registry
        asset = assets.of_file(listed)
        if listed.known is not None and listed.known.decimals != asset.decimals and asset not in self._reported:
            self._reported.add(asset)
            self._reference.place.refuse(
                f"{asset.id} has {listed.known.decimals} decimals in the table of labels, not {asset.decimals}"
            )
        chain = listed.chain
        validators = family(chain).validators(chain) if kind is Kind.STAKING and chain is not None else None
        if chain is not None and validators is not None:
            asset = assets.of_validators(chain, validators)
        elif listed.known is None:
            self.vague[listed] = asset
        twice = assets.counts_twice(asset)
        if twice is None:
            asset = assets.take(asset)
        meaning = _Meaning(listed, kind, asset, self._counted.of(asset.id), twice, listed in self._in_columns)
        self._by_identity[id(listed), kind] = meaning  # which keeps the label, so that no other gets its id
        self.assets[listed, kind] = asset
        return meaning

    def _take(self, row: PublishedRow, meaning: _Meaning) -> None:
        asset = meaning.asset
        if not row.listed.mapped and row.kind is Kind.PLAIN:
            try:
                account_text(asset.id.chain, row.account)
            except AddressError as error:
                self._amended.refuse(row, RowRefusal.BAD_ADDRESS, str(error))
                return
        claimed, tolerance = meaning.amount(row)
        height = None if row.kind is Kind.STAKING else row.height
        meaning.heights.add(height)
        ownership = self._ownership(row.ownership)
        repeat = meaning.holdings.add(
            self._reference.name,
            row.account,
            claimed,
            tolerance,
            height=height,
            ownership=ownership,
            origin=self._origin(meaning),
        )
        if repeat is not None:
            self._amended.refuse(row, repeat.reason, repeat.detail)
        elif claimed is None and row.coefficient is not None:
            self._amended.doubt(row)

    def _take_custody(self, row: PublishedRow, meaning: _Meaning) -> None:
        custodian = row.custodian
        if len(custodian) > _LONGEST_CUSTODIAN or not custodian.isprintable():
            custodian = shown(custodian)
        entry = InCustody(meaning.asset.backs, custodian, row.claimed, self._reference.name)
        if row.account:
            repeat = meaning.holdings.add_in_custody(row.account, entry)
        else:
            repeat = self._counted.add_unplaced(entry)
        if repeat is not None:
            self._amended.refuse(row, repeat.reason, repeat.detail)

    def _ownership(self, published: PublishedOwnership | None) -> Ownership | None:
        if published is None or not (published.signatures or published.key or published.owners):
            return None
        message = self._messages.setdefault(published.message, published.message)
        return Ownership("", message, published.signatures, published.key, published.owners)


def _rough_amount(row: PublishedRow, decimals: int) -> tuple[int | None, int]:
    """The same for one that may be finer than an atom, or went through a binary float."""
    try:
        claimed = row.atoms(decimals)
    except AmountError:
        return None, 0
    if row.float_rounded and row.resolution is not None:
        return claimed, int(row.resolution * 10**decimals)
    return claimed, 0

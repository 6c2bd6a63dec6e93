"""The files a claim refers to: each checked against its sha256, its rows made into holdings, and all of them told of.

A file is the one that the claim means, or nothing of it is read. Its rows are counted beside what the claim lists by
hand, each holding once. Not here: how a layout is read (`published`), and what a second row of a holding is worth
(`counting`).

A row's amount is kept in atoms, with one unit of its last digit as its tolerance, unless it is written to the atom. One
that is finer than an atom of its asset cannot be kept, and counts as not stated. A validator's row has no height here,
because the file gives one of the execution chain, where the validator is read by slot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_text
from scanner.chains.registry import family
from scanner.core.amounts import AmountError
from scanner.core.ids import Chain
from scanner.errors import InputError
from scanner.sources.amended import Amended
from scanner.sources.assets import Assets
from scanner.sources.counting import AssetHoldings, Counted, InCustody
from scanner.sources.holdings import FileReference
from scanner.sources.line_ends import explained
from scanner.sources.published import (
    Kind,
    Label,
    Listed,
    Published,
    PublishedRow,
    Refusal,
    RowAccount,
    read_published,
)
from scanner.sources.published import Ownership as PublishedOwnership
from scanner.sources.published.archive import fingerprint, shown
from scanner.sources.published.labels import labels_of
from scanner.sources.read_file import ReadFile
from scanner.weighing.claim import Asset, NamedHeights
from scanner.weighing.holdings import Ownership

MAX_ROWS: Final = 10_000_000  # accepted ones of all files together, which are kept in memory; Binance has 4.2 million

_LONGEST_CUSTODIAN: Final = 100


class FilesReader:
    """Reads the files of one claim, in the order in which the claim refers to them."""

    def __init__(self, folder: Path, assets: Assets, counted: Counted) -> None:
        self.files: list[ReadFile] = []
        self.all_read = True
        self._folder = folder
        self._assets = assets
        self._counted = counted
        self._rows = 0
        self._messages: dict[str, str] = {}  # most rows of a file bear the same one
        by_hand = {label: asset for label, asset in assets.by_label.items() if asset is not None}
        self._labels: list[Label] = [*labels_of(by_hand), *assets.labels]

    def take(self, reference: FileReference) -> None:
        """Reads one file. What is wrong with the file as a whole is noted as a mistake of the claim."""
        place = reference.place
        try:
            published = self._open(reference)
        except InputError as error:
            for mistake in error.mistakes:
                place.refuse(str(mistake))
            published = None
        if published is None:
            self.all_read = False
            return
        self._rows += published.account.accepted
        if self._rows > MAX_ROWS:
            place.refuse(f"the claim's files have more than {MAX_ROWS} rows")
            self.all_read = False
            return
        try:
            reading = _Reading(reference, published, self._assets, self._counted, self._messages)
            account = reading.account()
        except InputError as error:  # the file was changed while it was read
            place.refuse(str(error))
            self.all_read = False
            return
        self.files.append(
            ReadFile(
                name=reference.name,
                sha256=reference.sha256,
                layouts=tuple(dict.fromkeys(part.layout for part in published.parts)),
                days=tuple(sorted({part.day for part in published.parts if part.day is not None})),
                account=account,
                not_understood=published.not_understood,
                stated=published.stated,
                misfits=published.misfits,
                flaws=published.flaws,
                texts_passed_over=len(published.passed_over),
                assets=reading.assets,
                heights=reading.heights(),
                vague=reading.vague,
            )
        )

    def _open(self, reference: FileReference) -> Published | None:
        """The file, if it is the one that is meant; what another one holds is not looked at. Raises InputError."""
        path = self._folder / reference.name
        try:
            regular = path.is_file()
        except OSError:  # a folder that may not be looked into, or a name too long for any
            regular = False
        if not regular:
            reference.place.refuse(f"{reference.name} is no file in the claim's folder")
            return None
        found = fingerprint(path).sha256
        if found == reference.sha256:
            published = read_published(path, reference.layout, self._labels)
            found = published.sha256
            if found == reference.sha256:
                return published
        changed = explained(path, reference.sha256, found)
        reference.place.refuse(f"{reference.name} has the sha256 {found}, not {reference.sha256}{changed}")
        return None


@dataclass(slots=True)
class _Meaning:
    """What the rows of one label and kind become."""

    listed: Listed
    kind: Kind
    asset: Asset
    holdings: AssetHoldings
    twice: str | None  # why they would count the same coins again
    heights: set[int | None] = field(default_factory=set)  # that its rows name; None of one that names none
    _units: dict[int, int] = field(default_factory=dict)  # by digits: how many atoms one unit of the last digit is

    def amount(self, row: PublishedRow) -> tuple[int | None, int]:
        """The row's amount in atoms, and by how many it may be off for the way it is written."""
        if row.coefficient is None:
            return None, 0
        decimals, digits = self.asset.decimals, row.digits
        if digits > decimals or row.float_rounded:
            return _rough_amount(row, decimals)
        unit = self._units.get(digits)
        if unit is None:
            unit = self._units[digits] = 10 ** (decimals - digits)
        return row.coefficient * unit, unit if digits < decimals else 0


class _Reading:
    """One file, row by row."""

    def __init__(
        self,
        reference: FileReference,
        published: Published,
        assets: Assets,
        counted: Counted,
        messages: dict[str, str],
    ) -> None:
        self._reference = reference
        self._published = published
        self._registry = assets
        self._counted = counted
        self._messages = messages
        self._amended = Amended(published.account)
        self._by_identity: dict[tuple[int, Kind], _Meaning] = {}
        self._told: set[Asset] = set()
        self.assets: dict[tuple[Listed, Kind], Asset] = {}  # what the rows of each label and kind count as
        self.vague: dict[Listed, Asset] = {}

    def account(self) -> RowAccount:
        """Counts all rows. The file's account, with those refused that stand elsewhere too. Raises InputError."""
        meaning: _Meaning | None = None
        for row in self._published:
            if meaning is None or row.listed is not meaning.listed or row.kind is not meaning.kind:
                meaning = self._meaning(row)
            if row.kind is Kind.CUSTODY:  # never part of what is held, so never counted twice there
                self._take_custody(row, meaning)
            elif meaning.twice:
                self._amended.refuse(row, Refusal.BAD_LABEL, meaning.twice)
            else:
                self._take(row, meaning)
        for known in self._by_identity.values():
            known.holdings.heights |= known.heights
        return self._amended.account()

    def heights(self) -> dict[Chain, NamedHeights]:
        """The heights that rows name, by chain; after `account`."""
        named: dict[Chain, set[int]] = {}
        for known in self._by_identity.values():
            of_label = {height for height in known.heights if height is not None}
            if of_label:
                named.setdefault(known.asset.id.chain, set()).update(of_label)
        return {chain: NamedHeights(len(each), min(each), max(each)) for chain, each in sorted(named.items())}

    def _meaning(self, row: PublishedRow) -> _Meaning:
        # By identity, since comparing labels takes longer than all the rest: a file has one object for each spelling.
        known = self._by_identity.get((id(row.listed), row.kind))
        if known is not None:
            return known
        listed, assets = row.listed, self._registry
        asset = assets.of_file(listed)
        if listed.known is not None and listed.known.decimals != asset.decimals and asset not in self._told:
            self._told.add(asset)
            self._reference.place.refuse(
                f"{asset.id} has {listed.known.decimals} decimals in the table of labels, not {asset.decimals}"
            )
        chain = listed.chain
        validators = family(chain).validators(chain) if row.kind is Kind.STAKING and chain is not None else None
        if chain is not None and validators is not None:
            asset = assets.of_validators(chain, validators)
        elif listed.known is None:
            self.vague[listed] = asset
        twice = assets.counts_twice(asset)
        if twice is None:
            asset = assets.take(asset)
        meaning = _Meaning(listed, row.kind, asset, self._counted.of(asset.id), twice)
        self._by_identity[id(listed), row.kind] = meaning  # which keeps the label, so that no other gets its id
        self.assets[listed, row.kind] = asset
        return meaning

    def _take(self, row: PublishedRow, meaning: _Meaning) -> None:
        asset = meaning.asset
        if not row.listed.mapped and row.kind is Kind.PLAIN:
            try:
                account_text(asset.id.chain, row.account)
            except AddressError as error:
                self._amended.refuse(row, Refusal.BAD_ADDRESS, str(error))
                return
        claimed, tolerance = meaning.amount(row)
        height = None if row.kind is Kind.STAKING else row.height
        meaning.heights.add(height)
        ownership = self._ownership(row.ownership)
        repeat = meaning.holdings.add(
            self._reference.name, row.account, claimed, tolerance, height=height, ownership=ownership
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

"""The claim's `assets` and `labels`, and the assets that its files name besides: one registry, each asset once.

An asset that a claim declares by hand must back something that is owed; one that only a file names need not, since a
file lists what the exchange holds and not what the claim is about. Not here: holdings, and what a label in a file
means (`published.labels`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key
from scanner.chains.facts_revision import REVISION
from scanner.chains.names import parse_asset, shows_native_again
from scanner.chains.natives import native_decimals
from scanner.core.ids import AssetId, Chain, IdError
from scanner.sources import claim_shape
from scanner.sources.claim_shape import LONGEST_LABEL, LONGEST_NETWORK, MOST_DECIMALS
from scanner.sources.cursor import Cursor, Fields
from scanner.sources.published import Label, Listed
from scanner.weighing.claim import Asset

UNKNOWN_DECIMALS: Final = 18  # of an asset that is named nowhere: its amounts can only be shown, so fine enough will do

_LONGEST_NAME: Final = 64
_NAME = re.compile(claim_shape.NAME, re.ASCII)
_UNUSABLE = re.compile(r"[^A-Za-z0-9._+-]", re.ASCII)


@dataclass(slots=True)
class Assets:
    """The assets as they are read. A label whose asset could not be read stands for None: it is known, and unusable."""

    by_label: dict[str, Asset | None] = field(default_factory=dict)  # those declared by hand
    by_id: dict[AssetId, Asset] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)  # what the claim adds to the table of labels
    revision: int = REVISION  # of the tables
    all_read: bool = True  # if not, an unreadable asset may be of any chain and back any unit
    _labelled: dict[AssetId, Asset] = field(default_factory=dict)
    _natives: dict[Chain, Asset] = field(default_factory=dict)
    _backs: dict[str, Cursor] = field(default_factory=dict)  # by label: where the claim says what the asset backs
    _names: set[str] = field(default_factory=set)

    @property
    def backed(self) -> set[str] | None:
        """The units that some asset backs; None where they are not all known."""
        return {asset.backs for asset in self.by_id.values()} if self.all_read else None

    @property
    def chains(self) -> set[Chain] | None:
        """The chains of all assets; None where they are not all known."""
        return {asset.chain for asset in self.by_id} if self.all_read else None

    def refuse_idle(self, units: Collection[str]) -> None:
        """Notes every asset declared by hand that counts towards nothing that is owed."""
        for label, asset in self.by_label.items():
            if asset is not None and asset.backs not in units:
                place = self._backs[label]
                place.refuse(f"{asset.backs} is no liability{place.nearest(asset.backs, units)}")

    def counts_twice(self, asset: Asset) -> str | None:
        """Why this asset would count the same coins a second time, if it would."""
        if shows_native_again(asset.id, self.revision):
            return f"{asset.id} shows the native balances of {asset.id.chain} a second time; name the native asset"
        other = self._natives.get(asset.id.chain)
        if asset.id.native and other is not None and other.id != asset.id:
            return f"{other.label} is the native asset of {asset.id.chain} already, as {other.id}"
        return None

    def declare(self, asset: Asset, fields: Fields) -> None:
        """Takes an asset that stands under `assets`. Notes one that counts the same coins again."""
        self.by_label[asset.label] = asset
        self._backs[asset.label] = fields["backs"]
        same = self.by_id.get(asset.id)
        if same is not None:
            fields["id"].refuse(f"{asset.id} stands already under the label {same.label}")
            return
        if twice := self.counts_twice(asset):
            fields["id"].refuse(twice)
        self._enter(asset)

    def label(self, text: str, network: str, asset: Asset, fields: Fields) -> None:
        """Takes an entry of `labels`. Notes one that contradicts what is said of the same asset elsewhere."""
        known = self.by_id.get(asset.id) or self._labelled.setdefault(asset.id, asset)
        if known.backs != asset.backs:
            fields["backs"].refuse(f"{asset.id} backs {known.backs} under the label {known.label}")
        if known.decimals != asset.decimals:
            fields["decimals"].refuse(f"{asset.id} has {known.decimals} decimals under the label {known.label}")
        self.labels.append(Label(text, known, network))

    def of_file(self, listed: Listed) -> Asset:
        """The asset that a file's label stands for, as the claim has it, or else the table. It is not yet taken in."""
        known = self.by_id.get(listed.asset) or self._labelled.get(listed.asset) or listed.known
        return known or unknown_asset(listed)

    def of_validators(self, chain: Chain, asset_id: AssetId) -> Asset:
        """What validators of `chain` hold on their own chain, as `asset_id`: the same coins."""
        coin_id = AssetId(chain, asset_id.kind, asset_id.reference)
        coin = self.by_id.get(coin_id) or self._labelled.get(coin_id)
        backs = coin.backs if coin else "ETH"
        known = self.by_id.get(asset_id) or self._labelled.get(asset_id)
        return known or Asset(f"{backs}-VALIDATORS", asset_id, backs, _native_decimals(asset_id) or UNKNOWN_DECIMALS)

    def take(self, asset: Asset) -> Asset:
        """Takes an asset that a file names, under a label of its own. The caller has asked `counts_twice`."""
        if asset.id not in self.by_id:
            self._enter(Asset(self._free(asset), asset.id, asset.backs, asset.decimals))
        return self.by_id[asset.id]

    def _enter(self, asset: Asset) -> None:
        self.by_id[asset.id] = asset
        self._names.add(asset.label)
        if asset.id.native:
            self._natives.setdefault(asset.id.chain, asset)

    def _free(self, asset: Asset) -> str:
        """The asset's label; if that is another asset's already, its chain and a number make it one of its own."""
        if asset.label not in self._names:
            return asset.label
        label = name(f"{asset.label}.{asset.id.chain.reference}")
        number = len(self._names)
        while label in self._names:
            number += 1
            label = f"{label[: _LONGEST_NAME - 8]}.{number}"
        return label


def read_assets(place: Cursor, revision: int) -> Assets:
    """The section `assets`, by a revision of the tables. Mistakes are noted."""
    assets = Assets(revision=revision)
    for key, value in place.entries():
        label = read_name(key)
        fields = value.fields(*claim_shape.ASSET.keys)
        asset = _asset(label or "", fields)
        if label is None or asset is None:
            assets.all_read = False
            if label is not None:
                assets.by_label[label] = None
            continue
        assets.declare(asset, fields)
    return assets


def read_labels(place: Cursor, assets: Assets) -> None:
    """The section `labels`: what labels in the claim's files mean, before the table is asked. Mistakes are noted."""
    stood: dict[tuple[str, str], int] = {}
    for item in place.items():
        fields = item.fields(*claim_shape.LABEL.keys)
        text = fields["label"].text(LONGEST_LABEL)
        network = "" if fields["network"].null else fields["network"].text(LONGEST_NETWORK) or ""
        asset = _asset(name(text or ""), fields)
        if text is None or asset is None:
            assets.all_read = False
            continue
        # Without a network a label holds on its asset's chain, so that it may stand once for each chain.
        entry = (text.upper(), network.upper() or str(asset.id.chain))
        if entry in stood:
            item.refuse(f"the label {item.notes.shown(text)} stands already at line {stood[entry]}")
            continue
        stood[entry] = item.line
        assets.label(text, network, asset, fields)


def read_name(place: Cursor) -> str | None:
    """A label or a unit: it stands in tables, file names and metrics, so its characters are few."""
    text = place.text()
    if text is not None and not _NAME.fullmatch(text):
        place.refuse(f"{place.notes.shown(text)} is no name; expected letters, digits and . _ + -, at most 64")
        return None
    return text


def name(text: str) -> str:
    """Any text as a name that `read_name` would take."""
    usable = _UNUSABLE.sub("_", text)[:_LONGEST_NAME]
    return usable if _NAME.fullmatch(usable) else f"x{usable}"[:_LONGEST_NAME]


def _asset(label: str, fields: Fields) -> Asset | None:
    asset_id = _asset_id(fields["id"])
    backs = read_name(fields["backs"])
    decimals = fields["decimals"].whole(0, MOST_DECIMALS)
    if asset_id is None or backs is None or decimals is None:
        return None
    usual = _native_decimals(asset_id)
    if usual is not None and decimals != usual:
        fields["decimals"].refuse(f"the native asset of {asset_id.chain} has {usual} decimals, not {decimals}")
    return Asset(label, asset_id, backs, decimals)


def _asset_id(place: Cursor) -> AssetId | None:
    text = place.text()
    if text is None:
        return None
    try:
        asset_id = parse_asset(text)
        if asset_id.kind == "erc20":
            account_key(asset_id.chain, text.rpartition(":")[2])  # the contract's EIP-55 checksum, where it has one
    except (IdError, AddressError) as error:
        place.refuse(str(error))
        return None
    return asset_id


def unknown_asset(listed: Listed) -> Asset:
    """An asset of which nothing says what it backs. An unknown label names its own unit, so that it stays in sight."""
    asset_id = listed.asset
    reference = name(asset_id.reference)
    if listed.mapped:
        label = unit = name(f"{asset_id.kind}-{reference}.{asset_id.chain.reference}")
    else:
        label, unit = name(f"{reference}.{asset_id.chain.reference}"), reference
    usual = _native_decimals(asset_id)
    return Asset(label, asset_id, unit, UNKNOWN_DECIMALS if usual is None else usual)


def _native_decimals(asset_id: AssetId) -> int | None:
    """Of a chain's own coin, where they are known."""
    return native_decimals(asset_id.chain) if asset_id.native else None

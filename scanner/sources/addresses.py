"""The claim's file (`config/addresses.yaml`) to a Claim: every name checked, every mistake told at once with its line.

`load_claim` is the way in. The file's form is described for its writers in docs/claim.md. Holdings, which are most of a
claim, are read by `holdings`; everything else is read here. Nothing here asks a node: that an asset's contract exists,
or that its decimals are as the claim says, is for `scanner check` to find out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scanner.core.address import AddressError, account_key
from scanner.core.amounts import AmountError, parse_percent
from scanner.core.claim import Asset, Claim, Custody, Liability, Report, StatedRatio
from scanner.core.ids import AssetId, Chain, IdError
from scanner.sources.cursor import Cursor, Fields
from scanner.sources.holdings import read_holdings
from scanner.sources.yaml_document import Notes, parse, read_bytes

VERSION: Final = 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", re.ASCII)
_URL = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Wei and satoshi: on all chains of these namespaces the native asset's balance is counted in them.
_NATIVE_DECIMALS: Final = {"bip122": 8, "eip155": 18}
_MOST_DECIMALS: Final = 36
_HIGHEST: Final = 10**12  # no chain has come near this height, and a height in milliseconds of time would be above it


def load_claim(path: Path) -> Claim:
    """The claim in the file at `path`. Raises InputError with all mistakes that could be found in it."""
    data = read_bytes(path)
    notes = Notes(str(path))
    root = Cursor(parse(data, notes), "claim", notes)
    fields = root.fields(
        ("version", "exchange", "as_of", "assets", "liabilities", "holdings"),
        ("report", "complete", "snapshots", "custody"),
    )
    version = fields["version"].whole(0, 10**9)
    if version is not None and version != VERSION:
        fields["version"].refuse(f"expected {VERSION}, not {version}; this scanner knows no other form of a claim")
        raise notes.error()

    assets = _assets(fields["assets"])
    liabilities = _liabilities(fields["liabilities"], assets.backed)
    assets.refuse_idle(liabilities)
    exchange, as_of = fields["exchange"].text(), fields["as_of"].moment()
    complete = fields["complete"].flag()
    report = _report(fields["report"])
    snapshots = _snapshots(fields["snapshots"], assets.chains)
    custody = _custody(fields["custody"], liabilities)
    holdings = read_holdings(fields["holdings"], assets.by_label)
    if notes or exchange is None or as_of is None:
        raise notes.error()
    return Claim(
        exchange=exchange,
        as_of=as_of,
        assets=assets.by_id,
        liabilities={liability.unit: liability for liability in liabilities.values() if liability},
        holdings=holdings,
        digest=hashlib.sha256(data).hexdigest(),
        snapshots=snapshots,
        custody=custody,
        report=report,
        complete=complete is not False,
    )


@dataclass(slots=True)
class _Assets:
    """The assets as they are read. A label whose asset could not be read stands for None: it is known, and unusable."""

    by_label: dict[str, Asset | None] = field(default_factory=dict)
    by_id: dict[AssetId, Asset] = field(default_factory=dict)
    natives: dict[Chain, Asset] = field(default_factory=dict)
    backs: dict[str, Cursor] = field(default_factory=dict)  # by label: where the claim says what the asset backs
    all_read: bool = True  # if not, an unreadable asset may be of any chain and back any unit

    @property
    def backed(self) -> set[str] | None:
        """The units that some asset backs; None where they are not all known."""
        return {asset.backs for asset in self.by_id.values()} if self.all_read else None

    @property
    def chains(self) -> set[Chain] | None:
        """The chains of all assets; None where they are not all known."""
        return {asset.chain for asset in self.by_id} if self.all_read else None

    def add(self, asset: Asset, place: Cursor) -> None:
        """Notes an asset that would count the same coins a second time."""
        self.by_label[asset.label] = asset
        same = self.by_id.setdefault(asset.id, asset)
        if same is not asset:
            place.refuse(f"{asset.id} stands already under the label {same.label}")
            return
        if asset.id.doubles_native:
            place.refuse(
                f"{asset.id} shows the native balances of {asset.id.chain} a second time; name the native asset"
            )
        if asset.id.native:
            other = self.natives.setdefault(asset.id.chain, asset)
            if other is not asset:
                place.refuse(f"{other.label} is the native asset of {asset.id.chain} already, as {other.id}")

    def refuse_idle(self, units: Collection[str]) -> None:
        """Notes every asset that counts towards nothing that is owed."""
        for label, asset in self.by_label.items():
            if asset is not None and asset.backs not in units:
                place = self.backs[label]
                place.refuse(f"{asset.backs} is no liability{place.nearest(asset.backs, units)}")


def _assets(place: Cursor) -> _Assets:
    assets = _Assets()
    for key, value in place.entries():
        label = _name(key)
        fields = value.fields(("id", "backs", "decimals"))
        asset_id = _asset_id(fields["id"])
        backs = _name(fields["backs"])
        decimals = fields["decimals"].whole(0, _MOST_DECIMALS)
        if label is None or asset_id is None or backs is None or decimals is None:
            assets.all_read = False
            if label is not None:
                assets.by_label[label] = None
            continue
        usual = _NATIVE_DECIMALS.get(asset_id.chain.namespace) if asset_id.native else None
        if usual is not None and decimals != usual:
            fields["decimals"].refuse(f"the native asset of {asset_id.chain} has {usual} decimals, not {decimals}")
        assets.backs[label] = fields["backs"]
        assets.add(Asset(label, asset_id, backs, decimals), fields["id"])
    return assets


def _asset_id(place: Cursor) -> AssetId | None:
    text = place.text()
    if text is None:
        return None
    try:
        asset_id = AssetId.parse(text)
        if asset_id.kind == "erc20":
            account_key(asset_id.chain, text.rpartition(":")[2])  # the contract's EIP-55 checksum, where it has one
    except (IdError, AddressError) as error:
        place.refuse(str(error))
        return None
    return asset_id


def _liabilities(place: Cursor, backed: set[str] | None) -> dict[str, Liability | None]:
    """By unit. One that could not be read stands for None: its unit is known all the same."""
    liabilities: dict[str, Liability | None] = {}
    for key, value in place.entries():
        unit = _name(key)
        if unit is None:
            continue
        if backed is not None and unit not in backed:
            key.refuse(f"no asset backs {unit}")
        liabilities[unit] = _liability(unit, value)
    return liabilities


def _liability(unit: str, place: Cursor) -> Liability | None:
    if not place.is_mapping:
        return Liability(unit, None if place.null else place.decimal())
    fields = place.fields(("amount",), ("stated_ratio", "proof"))
    amount, ratio = fields["amount"], fields["stated_ratio"]
    if "proof" in fields:
        fields["proof"].refuse("proofs of liabilities are not supported yet; leave the key out")
    owed = None if amount.null else amount.decimal()
    return Liability(unit, owed, None if ratio.null else _stated_ratio(ratio))


def _stated_ratio(place: Cursor) -> StatedRatio | None:
    text = place.text()
    if text is None:
        return None
    try:
        value, resolution = parse_percent(text)
    except AmountError as error:
        place.refuse(str(error))
        return None
    return StatedRatio(text, value, resolution)


def _report(place: Cursor) -> Report:
    fields = place.fields((), ("title", "published", "url", "sha256"))
    return Report(
        title=_unless_null(fields, "title") or "",
        published=("" if fields["published"].null else fields["published"].day()) or "",
        url=_matching(fields, "url", _URL, "a URL that starts with https://"),
        sha256=_matching(fields, "sha256", _SHA256, "64 hex digits in lower case"),
    )


def _snapshots(place: Cursor, chains: set[Chain] | None) -> dict[Chain, int]:
    heights: dict[Chain, int] = {}
    for key, value in place.entries():
        height = value.whole(0, _HIGHEST)
        text = key.text()
        if text is None:
            continue
        try:
            chain = Chain.parse(text)
        except IdError as error:
            key.refuse(str(error))
            continue
        if chains is not None and chain not in chains:
            key.refuse(f"no asset is of the chain {chain}{key.nearest(str(chain), [str(used) for used in chains])}")
        if height is not None:
            heights[chain] = height
    return heights


def _custody(place: Cursor, units: Collection[str]) -> tuple[Custody, ...]:
    held: dict[tuple[str, str], Custody] = {}
    for item in place.items():
        fields = item.fields(("unit", "amount"), ("custodian",))
        unit, amount = _name(fields["unit"]), fields["amount"].decimal()
        custodian = _unless_null(fields, "custodian") or ""
        if unit is not None and unit not in units:
            fields["unit"].refuse(f"{unit} is no liability{item.nearest(unit, units)}")
        if unit is None or amount is None:
            continue
        if (unit, custodian) in held:
            item.refuse(f"{unit} held by {custodian or 'a custodian without a name'} stands twice; give the sum once")
        held[unit, custodian] = Custody(unit, amount, custodian)
    return tuple(held.values())


def _name(place: Cursor) -> str | None:
    """A label or a unit: it stands in tables, file names and metrics, so its characters are few."""
    text = place.text()
    if text is not None and not _NAME.fullmatch(text):
        place.refuse(f"{place.notes.shown(text)} is no name; expected letters, digits and . _ + -, at most 64")
        return None
    return text


def _unless_null(fields: Fields, name: str) -> str | None:
    return None if fields[name].null else fields[name].text()


def _matching(fields: Fields, name: str, pattern: re.Pattern[str], expected: str) -> str:
    text = None if fields[name].null else fields[name].text(2000)
    if text is None:
        return ""
    if not pattern.fullmatch(text):
        fields[name].refuse(f"expected {expected}, not {fields[name].notes.shown(text)}")
    return text

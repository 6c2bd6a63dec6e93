"""The claim's `holdings`: accounts in any spelling to keys, each (asset, account) once.

An account that stands twice would be counted twice, so the second is refused, in whatever spelling, entry or list it
stands. Not here: what the assets are (`addresses`), and whether a signature shows control (`proofs.ownership`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scanner.core.address import AddressError, account_key
from scanner.core.amounts import AmountError, to_atoms
from scanner.core.claim import Asset, Holding, holding_order
from scanner.core.ids import AssetId, Chain
from scanner.sources.cursor import Cursor

_LONGEST_ACCOUNT: Final = 20_010  # a bare script in hex, as core.address allows it
_LONGEST_MESSAGE: Final = 10_000
_LONGEST_SIGNATURE: Final = 20_000
_FILE_KEYS: Final = ("file", "layout", "sha256")


def read_holdings(place: Cursor, assets: Mapping[str, Asset | None]) -> tuple[Holding, ...]:
    """The holdings in their one order. Mistakes are noted; `assets` by label, None for one that could not be read."""
    reader = _Reader(assets)
    for entry in place.items():
        reader.take(entry)
    return tuple(sorted(reader.holdings.values(), key=lambda holding: holding_order(holding.asset, holding.account)))


class _Reader:
    """Goes through the entries and remembers where each holding first stood."""

    def __init__(self, assets: Mapping[str, Asset | None]) -> None:
        self.holdings: dict[tuple[AssetId, bytes], Holding] = {}
        self._assets = assets
        self._stood: dict[tuple[AssetId, bytes], tuple[str, int]] = {}  # the spelling, and the line

    def take(self, entry: Cursor) -> None:
        fields = entry.fields((), ("asset", "account", "accounts", "amount", "ownership", *_FILE_KEYS))
        if any(name in fields for name in _FILE_KEYS):
            entry.refuse("published files are not supported yet; list their accounts here instead")
            return
        if not entry.is_mapping:
            return
        if "asset" not in fields:
            entry.refuse("asset missing")
        single = "account" in fields
        if single == ("accounts" in fields):
            entry.refuse("expected either account or accounts")
            return
        assets = self._backed_by(fields["asset"])
        places = [fields["account"]] if single else fields["accounts"].items()
        claimed = _claimed(fields["amount"], assets, single=single and not fields["asset"].is_list)
        if "ownership" in fields:
            _check_ownership(fields["ownership"], single=single)
        by_chain: dict[Chain, list[Asset]] = {}
        for asset in assets:
            by_chain.setdefault(asset.id.chain, []).append(asset)
        for place in places:
            text = place.text(_LONGEST_ACCOUNT)
            if text is None:
                continue
            for chain, here in by_chain.items():
                self._add(place, text, chain, here, claimed)

    def _backed_by(self, place: Cursor) -> list[Asset]:
        """The assets of an entry, by label."""
        assets: list[Asset] = []
        for item in place.one_or_more():
            label = item.text()
            if label is None:
                continue
            if label not in self._assets:
                near = item.nearest(label, self._assets)
                item.refuse(f"{item.notes.shown(label)} is no asset of this claim{near}")
                continue
            asset = self._assets[label]
            if asset in assets:
                item.refuse(f"{label} stands twice in one list")
            elif asset is not None:
                assets.append(asset)
        return assets

    def _add(self, place: Cursor, text: str, chain: Chain, assets: list[Asset], claimed: int | None) -> None:
        try:
            key = account_key(chain, text)
        except AddressError as error:
            place.refuse(str(error))
            return
        for asset in assets:
            holding = (asset.id, key)
            if holding in self._stood:
                spelling, line = self._stood[holding]
                other = "" if spelling == text else f", spelled {place.notes.shown(spelling)}"
                place.refuse(f"{place.notes.shown(text)} of {asset.label} stands already at line {line}{other}")
                continue
            self._stood[holding] = text, place.line
            self.holdings[holding] = Holding(asset.id, key, claimed)


def _claimed(place: Cursor, assets: list[Asset], *, single: bool) -> int | None:
    """The atoms that the entry says are held."""
    if not place.present:
        return None
    if not single:
        place.refuse("an amount belongs to one asset and one account")
    coins = place.decimal()
    if coins is None or len(assets) != 1:
        return None
    try:
        return to_atoms(coins, assets[0].decimals)
    except AmountError as error:
        place.refuse(str(error))
        return None


def _check_ownership(place: Cursor, *, single: bool) -> None:
    """The form of what was published to show control of the account. It is not judged, and not yet used."""
    fields = place.fields(("scheme",), ("message", "signatures", "public_keys", "scripts"))
    if place.is_mapping and not single:
        place.refuse("a proof of control belongs to one account")
    fields["scheme"].text()
    if not fields["message"].null:
        fields["message"].text(_LONGEST_MESSAGE, lines=True)
    for name in ("signatures", "public_keys", "scripts"):
        for item in fields[name].items():
            item.text(_LONGEST_SIGNATURE)

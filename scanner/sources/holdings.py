"""The claim's `holdings`: accounts in any spelling to keys, each (asset, account) once, and the files it refers to.

An account that stands twice here would be counted twice, so the second is refused, in whatever spelling, entry or list
it stands. Not here: what the assets are (`assets`), what is in the files (`files`), and whether a signature shows
control (`chains.control`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key
from scanner.core.amounts import AmountError, to_atoms
from scanner.core.ids import AssetId, Chain
from scanner.proofs.control import MOVEMENT, NamedTransaction
from scanner.sources import claim_shape
from scanner.sources.claim_shape import HIGHEST, LONGEST_ACCOUNT, LONGEST_MESSAGE, LONGEST_SIGNATURE
from scanner.sources.cursor import Cursor
from scanner.sources.published import AUTO, is_layout, layout_names
from scanner.weighing.claim import Asset
from scanner.weighing.holdings import Holding, Ownership

_TRANSACTION: Final = re.compile(claim_shape.TRANSACTION, re.ASCII)
SHA256: Final = re.compile(claim_shape.SHA256, re.ASCII)

_MOST_FILES: Final = 100
_MOST_HOLDINGS: Final = 2_000_000  # as many as the longest claim has room for, if each is written out


@dataclass(frozen=True, slots=True)
class FileReference:
    """A published file as the claim names it."""

    place: Cursor  # for mistakes
    name: str  # its path from the claim's folder, with /
    sha256: str  # hex
    layout: str


@dataclass(slots=True)
class DeclaredHoldings:
    """What stands under `holdings`."""

    holdings: dict[tuple[AssetId, bytes], Holding] = field(default_factory=dict)
    files: list[FileReference] = field(default_factory=list)
    all_read: bool = True  # if not, a file may be missing here that the claim refers to


def read_holdings(place: Cursor, assets: Mapping[str, Asset | None]) -> DeclaredHoldings:
    """The entries; none where nothing at all is declared. Mistakes are noted.

    `assets` are by label, None for one that could not be read.
    """
    reader = _Reader(assets)
    for entry in place.items(may_be_empty=True):
        reader.take(entry)
    return reader.declared


class _Reader:
    """Goes through the entries and remembers where each holding, and each file, first stood."""

    def __init__(self, assets: Mapping[str, Asset | None]) -> None:
        self.declared = DeclaredHoldings()
        self._assets = assets
        self._stood: dict[tuple[AssetId, bytes], tuple[str, int]] = {}  # the spelling, and the line
        self._files: dict[str, int] = {}  # lines, by sha256
        self._count = 0  # of holdings, as far as they were read

    def take(self, entry: Cursor) -> None:
        if any(entry.holds(key) for key in claim_shape.FILE.fields):
            self._refer(entry)
            return
        fields = entry.fields((), claim_shape.HOLDING_KEYS)
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
        self._count += len(assets) * len(places)
        if (
            self._count > _MOST_HOLDINGS
        ):  # a short entry can stand for very many: all of its assets at all of its accounts
            entry.refuse(f"more than {_MOST_HOLDINGS:,} holdings stand in the claim itself; put them into a file")
            return
        claimed = _claimed(fields["amount"], assets, single=single and not fields["asset"].is_list)
        ownership = _ownership(fields["ownership"], single=single) if "ownership" in fields else None
        by_chain: dict[Chain, list[Asset]] = {}
        for asset in assets:
            by_chain.setdefault(asset.id.chain, []).append(asset)
        for place in places:
            text = place.text(LONGEST_ACCOUNT)
            if text is None:
                continue
            for chain, here in by_chain.items():
                self._add(place, text, here, account_on=chain, claimed=claimed, ownership=ownership)

    def _refer(self, entry: Cursor) -> None:
        """An entry that stands for a published file."""
        fields = entry.fields(*claim_shape.FILE.keys)
        name, sha256 = fields["file"].text(), fields["sha256"].text()
        layout = fields["layout"].text() if "layout" in fields else AUTO
        shown, fault = entry.notes.shown, None
        if sha256 is not None and not SHA256.fullmatch(sha256):
            fields["sha256"].refuse(f"expected 64 hex digits in lower case, not {shown(sha256)}")
            sha256 = None
        if layout is not None and not is_layout(layout):
            names = layout_names()
            near = fields["layout"].nearest(layout, names)
            fields["layout"].refuse(f"no layout is called {shown(layout)}; known are {', '.join(names)}{near}")
            layout = None
        if name is not None and (fault := astray(name)):
            fields["file"].refuse(f"{shown(name)} {fault}")
        if name is None or sha256 is None or layout is None or fault:
            self.declared.all_read = False
            return
        if sha256 in self._files:
            entry.refuse(f"the file with this sha256 stands already at line {self._files[sha256]}")
        elif len(self._files) == _MOST_FILES:
            entry.refuse(f"more than {_MOST_FILES} files")
        else:
            self._files[sha256] = entry.line
            self.declared.files.append(FileReference(entry, name, sha256, layout))

    def _backed_by(self, place: Cursor) -> list[Asset]:
        """The assets of an entry, by label."""
        assets: dict[str, Asset] = {}
        for item in place.one_or_more():
            label = item.text()
            if label is None:
                continue
            if label not in self._assets:
                near = item.nearest(label, self._assets)
                item.refuse(f"{item.notes.shown(label)} is no asset of this claim{near}")
                continue
            asset = self._assets[label]
            if label in assets:
                item.refuse(f"{label} stands twice in one list")
            elif asset is not None:
                assets[label] = asset
        return list(assets.values())

    def _add(
        self,
        place: Cursor,
        text: str,
        assets: list[Asset],
        *,
        account_on: Chain,
        claimed: int | None,
        ownership: Ownership | None,
    ) -> None:
        try:
            key = account_key(account_on, text)
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
            self.declared.holdings[holding] = Holding(asset.id, key, claimed, ownership=ownership)


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


def _ownership(place: Cursor, *, single: bool) -> Ownership | None:
    """What was published to show control of the account. Its form is checked here, and what it shows is not."""
    if place.holds("transaction") or place.holds("height"):
        return _moved(place, single=single)
    fields = place.fields(*claim_shape.OWNERSHIP.keys)
    if place.is_mapping and not single:
        place.refuse("a proof of control belongs to one account")
    message = "" if fields["message"].null else fields["message"].text(LONGEST_MESSAGE, lines=True)
    return Ownership(
        scheme=fields["scheme"].text() or "",
        message=message or "",
        signatures=_texts(fields["signatures"]),
        key=fields["key"].text(LONGEST_SIGNATURE) or "",
        owners=_texts(fields["owners"]),
    )


def _moved(place: Cursor, *, single: bool) -> Ownership | None:
    """In which transaction the account is said to have moved what it was instructed to."""
    fields = place.fields(*claim_shape.MOVEMENT.keys)
    if not single:
        place.refuse("a proof of control belongs to one account")
    scheme, name, height = fields["scheme"].text(), fields["transaction"].text(), fields["height"].whole(0, HIGHEST)
    if scheme is not None and scheme != MOVEMENT:
        fields["scheme"].refuse(f"expected {MOVEMENT} where a transaction is named, not {place.notes.shown(scheme)}")
    if name is not None and not _TRANSACTION.fullmatch(name):
        expected = "expected a transaction's hash: 64 hex digits in lower case, on EVM chains after 0x"
        fields["transaction"].refuse(f"{expected}; not {place.notes.shown(name)}")
    return None if name is None or height is None else Ownership(MOVEMENT, "", (), moved=NamedTransaction(name, height))


def _texts(place: Cursor) -> tuple[str, ...]:
    return tuple(text for item in place.items() if (text := item.text(LONGEST_SIGNATURE)) is not None)


def astray(name: str) -> str | None:
    """Why a name is none of a file beside the claim, if it is none. A claim travels with its files, and names no other.

    Messages about files quote parts of them, so a claim from elsewhere must not choose any file of this machine.
    """
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        return "is not in the claim's folder or below; name it from there, with /"
    return None

"""What exchanges call their assets, and the assets they mean: the table, and how a claim adds to it.

A label is looked up together with its network, since one label means another contract on every chain. Native and
bridged USDC are two contracts that back one unit; a plain `USDC` on a chain that has both is not guessed at, nor is
`OKB-X1-USDT`, whose contract changed with the move to USDT0. What is not here is an unknown label: its rows are kept
as assets of the namespace `unmapped`, and become gaps that name it.

The assets of the table, and where they are from, stand in `chains.known_assets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.known_assets import TABLE
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.ids import AssetId, Chain, IdError
from scanner.sources.published.networks import chain_of
from scanner.sources.published.row import UNMAPPED, Listed
from scanner.weighing.claim import Asset

_LONGEST_NETWORK: Final = 24
_LONGEST_LABEL: Final = 40
_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")


class LabelError(ValueError):
    """A label that names nothing, or contradicts its network."""


@dataclass(frozen=True, slots=True)
class Label:
    """An entry that a claim adds: what a file calls an asset.

    Without a network it holds on the asset's chain, and wherever a file names none; with one that is known, on that
    network's chain, which must be the asset's; with one that is not, where the file spells the network so.
    """

    label: str
    asset: Asset
    network: str = ""


class LabelTable:
    """The table above in one of its revisions, and a claim's own entries, which come first. Raises LabelError for a
    contradictory one."""

    def __init__(self, extra: Iterable[Label] = (), revision: int = REVISION) -> None:
        self._revision = revision
        self._elsewhere: dict[tuple[str, str], Asset] = {}  # by label, and a network that is not known
        self._by_chain: dict[tuple[str, Chain], Asset] = {}
        self._by_id: dict[AssetId, Asset] = {}
        self._own: dict[str, Asset] = {}  # by the asset's own name
        self._used: dict[str, set[AssetId]] = {}  # by any label
        self._native: dict[Chain, Asset] = {}  # the chains' own coins
        for asset, labels in _assets(revision):
            self._enter(asset)
            self._own[labels[0]] = asset
            for label in labels:
                self._by_chain[label, asset.id.chain] = asset
                self._used.setdefault(label, set()).add(asset.id)
        for entry in extra:
            self._add(entry)

    def _enter(self, asset: Asset) -> None:
        self._by_id[asset.id] = asset
        if asset.id.native and self._native.get(asset.id.chain, asset).id == asset.id:
            self._native[asset.id.chain] = asset

    def _add(self, entry: Label) -> None:
        label, asset = _folded(entry.label), entry.asset
        chain = chain_of(entry.network, self._revision)
        self._enter(asset)
        if entry.network and chain is None:
            self._elsewhere[label, _folded(entry.network)] = asset
            return
        if chain is not None and chain != asset.id.chain:
            raise LabelError(f"{asset.id} is no asset of {entry.network}")
        self._by_chain[label, asset.id.chain] = asset
        if not entry.network:
            self._own[label] = asset

    def find(self, label: str, network: str, *, caip: bool = False) -> Listed:
        """What `label` on `network` (empty where the file names none) stands for.

        With `caip`, either may be a CAIP name, and no label means the chain's own coin. An unknown one comes out as an
        asset of the namespace `unmapped`. Raises LabelError.
        """
        chain = _chain(network, self._revision, caip=caip)
        if caip and "/" in label:
            return self._named(label, network, chain)
        folded = _folded(label)
        if chain is not None:
            known = self._by_chain.get((folded, chain))
        else:
            known = self._elsewhere.get((folded, _folded(network))) if network else self._alone(folded)
        if known is None and not folded and caip and chain is not None:
            known = self._native.get(chain)
        if known is not None:
            return Listed(label, network, known.id.chain, known.id, known)
        if not folded and not caip:
            raise LabelError("the row names no asset")
        return Listed(label, network, chain, _unmapped(folded, _folded(network)), None)

    def own_assets(self, labels: Iterable[str]) -> dict[str, AssetId]:
        """What these labels mean by themselves, without a network, as far as that is known: by label in upper case."""
        known = {_folded(label): self._alone(_folded(label)) for label in labels}
        return {label: asset.id for label, asset in known.items() if asset is not None}

    def known(self, labels: Iterable[str]) -> frozenset[str]:
        """Those of the labels that mean an asset by themselves or on some network, in upper case."""
        folded = map(_folded, labels)
        return frozenset(label for label in folded if label in self._used or label in self._own)

    def _named(self, label: str, network: str, chain: Chain | None) -> Listed:
        try:
            asset = parse_asset(label)
        except IdError as error:
            raise LabelError(str(error)) from None
        if asset.chain != chain:
            raise LabelError(f"{asset} is no asset of {network}")
        return Listed(label, network, chain, asset, self._by_id.get(asset))

    def _alone(self, label: str) -> Asset | None:
        """The asset of a label that stands without a network: the one it is the own name of, or the only one it has."""
        used = self._used.get(label, set())
        return self._own.get(label) or (self._by_id[next(iter(used))] if len(used) == 1 else None)


def labels_of(assets: Mapping[str, Asset]) -> list[Label]:
    """A claim's own assets as entries: in its files, a label that the claim defines means what the claim says."""
    return [Label(label, asset) for label, asset in assets.items()]


def _assets(revision: int) -> Iterable[tuple[Asset, tuple[str, ...]]]:
    for listed in (row for row in TABLE if stands(row, revision)):
        asset = Asset(listed.labels[0], parse_asset(listed.id), listed.unit, listed.decimals)
        yield asset, tuple(_folded(label) for label in listed.labels)


def _folded(text: str) -> str:
    return text.strip().upper()


def _chain(network: str, revision: int, *, caip: bool) -> Chain | None:
    if caip and ":" in network:
        try:
            return parse_chain(network)
        except IdError as error:
            raise LabelError(str(error)) from None
    return chain_of(network, revision) if network else None


def _unmapped(label: str, network: str) -> AssetId:
    """An id for what no table names. Two labels of one network never share one."""
    if len(label) > _LONGEST_LABEL or len(network) > _LONGEST_NETWORK:
        raise LabelError(f"a label is at most {_LONGEST_LABEL} characters long, a network {_LONGEST_NETWORK}")
    slug = "".join(character if character in _SAFE else _escaped(character) for character in label) or "unnamed"
    place = "".join(character if character.isalnum() and character.isascii() else "_" for character in network)
    if len(slug) > 128:
        raise LabelError("the label has too many unusual characters to be named")
    return AssetId(Chain(UNMAPPED, place or "unstated"), "label", slug)


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())

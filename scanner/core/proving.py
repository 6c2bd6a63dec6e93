"""Which balances are to be proven, what their proofs rest on, and why the others went without.

All of it stands in the finding, where a verifier holds it against the evidence: whoever says that he drew a hundred
holdings has to show proofs of the hundred that the block's hash draws, or say why there are none. Nothing here proves
anything (`scanner.proofs`), and nothing here fetches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from heapq import nsmallest
from typing import Final

from scanner.core.evidence import Basis, Snapshot
from scanner.core.ids import AssetId, Chain

_WITH_STATE_PROOFS: Final = frozenset({"eip155"})


class Unproven(StrEnum):
    """Why balances of an asset went without proofs. The texts are part of the attestation format: never change one."""

    NO_LAYOUT = "no known storage layout gives the balances that were read"
    TOO_FEW = "fewer than three different balances above zero, too few to confirm a storage layout"
    NO_PROOFS = "no node gave proofs that hold"


@dataclass(frozen=True, slots=True)
class Proving:
    """What the proofs of balances rest on, and why assets on chains with proofs went without, wholly or in part."""

    layouts: Mapping[AssetId, str] = field(default_factory=dict)  # a token's, by its name in proofs.slots
    unproven: Mapping[AssetId, Unproven] = field(default_factory=dict)
    sample: int | None = None  # how many holdings a chain were to be proven, as `drawn` draws them; None for all

    @classmethod
    def together(cls, parts: Iterable[Proving], sample: int | None) -> Proving:
        """All of `parts` as one. Several blocks of one chain speak of the same assets, and of one layout for each."""
        layouts: dict[AssetId, str] = {}
        unproven: dict[AssetId, Unproven] = {}
        for part in parts:
            layouts |= part.layouts
            unproven |= part.unproven
        return cls(layouts, unproven, sample)

    def borne_out(self, bases: Mapping[AssetId, set[Basis]]) -> Proving:
        """What of this concerns the balances there are, so that nothing else can stand in a finding.

        `bases` are those on which balances of each asset are believed: a layout is named where a token's are proven
        by it, and a reason where some are not proven.
        """
        proven = {asset for asset, found in bases.items() if Basis.PROVEN in found}
        others = {asset for asset, found in bases.items() if found - {Basis.PROVEN} and has_proofs(asset.chain)}
        return Proving(
            layouts={asset: name for asset, name in self.layouts.items() if asset in proven and not asset.native},
            unproven={asset: why for asset, why in self.unproven.items() if asset in others},
            sample=self.sample,
        )


def has_proofs(chain: Chain) -> bool:
    """Whether balances on such a chain can be proven against its blocks."""
    return chain.namespace in _WITH_STATE_PROOFS


def drawn(
    declared: Collection[tuple[AssetId, bytes]], snapshot: Snapshot, size: int | None
) -> frozenset[tuple[AssetId, bytes]] | None:
    """`size` of the holdings at one place, by a lot that no auditor can choose; None where that is all of them.

    The lot of a holding is the SHA-256 of the snapshot's hash, a blank, the asset as CAIP-19, a blank, and the
    account's bytes; the lowest are drawn.
    """

    def lot(named: tuple[AssetId, bytes]) -> bytes:
        asset, account = named
        return sha256(f"{snapshot.hash} {asset} ".encode() + account).digest()

    if size is None or size >= len(declared):
        return None
    return frozenset(nsmallest(size, declared, key=lot) if size else ())

"""What the proofs of balances rest on, which balances were to be proven, and why others went without.

All of it stands in the finding, where a verifier holds it against the evidence: whoever says that a sample was drawn
has to show proofs of exactly the rows that its seed draws, or say why there are none. Nothing here proves anything
(`scanner.proofs`), nothing here fetches, and how rows are drawn is `core.sampling`'s part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scanner.chains.registry import family
from scanner.core.evidence import Basis
from scanner.core.ids import AssetId, Chain
from scanner.core.sampling import Draw, Sample


class Unproven(StrEnum):
    """Why balances of an asset went without proofs. The texts are part of the attestation format: never change one."""

    NO_LAYOUT = "no known storage layout gives the balances that were read"
    TOO_FEW = "fewer than three different balances above zero, too few to confirm a storage layout"
    NO_PROOFS = "no node gave proofs that hold"


@dataclass(frozen=True, slots=True)
class Proving:
    """What the proofs of balances rest on, and why assets on chains with proofs went without."""

    layouts: Mapping[AssetId, str] = field(default_factory=dict)  # a token's, by its name in chains.evm.slots
    unproven: Mapping[AssetId, Unproven] = field(default_factory=dict)
    sample: Sample | None = None  # None: everything was to be proven
    draws: Mapping[AssetId, Draw] = field(default_factory=dict)  # of a sample

    @classmethod
    def together(cls, parts: Iterable[Proving], unproven: Mapping[AssetId, Unproven], sample: Sample | None) -> Proving:
        """All of `parts` as one. Several blocks of one chain speak of the same assets, and of one layout for each."""
        layouts: dict[AssetId, str] = {}
        draws: dict[AssetId, Draw] = {}
        for part in parts:
            layouts |= part.layouts
            draws |= part.draws
        return cls(layouts, unproven, sample, draws)

    def borne_out(self, bases: Mapping[AssetId, set[Basis]]) -> Proving:
        """What of this concerns the balances there are, so that nothing else can stand in a finding.

        `bases` are those on which balances of each asset are believed, PROVEN among them where there are proofs at all:
        a layout is named where a token has some, and a reason where balances are believed without.
        """
        proven = {asset for asset, found in bases.items() if Basis.PROVEN in found}
        others = {asset for asset, found in bases.items() if found - {Basis.PROVEN} and has_proofs(asset.chain)}
        return Proving(
            layouts={asset: name for asset, name in self.layouts.items() if asset in proven and not asset.native},
            unproven={asset: why for asset, why in self.unproven.items() if asset in others},
            sample=self.sample,
            draws=self.draws,
        )


def has_proofs(chain: Chain) -> bool:
    """Whether balances on such a chain can be proven against its blocks."""
    return family(chain).has_state_proofs

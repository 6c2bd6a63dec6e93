"""What the proofs of balances rest on, which balances were to be proven, and why others went without.

All of it stands in the finding, where a verifier holds it against the evidence: one who says that a sample was drawn
has to show proofs of exactly the rows that its seed draws, or say why there are none. Nothing here proves anything
(`scanner.proofs`), nothing here fetches, and how rows are drawn is `core.sampling`'s part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from scanner.chains.proving import has_proofs
from scanner.core.evidence import Basis
from scanner.core.ids import AssetId
from scanner.core.sampling import Draw, Sample


class Cause(StrEnum):
    """Why a balance went without a proof, by a node's own answer or by what its records show. The names are part of
    the attestation format: those of `errors.Why` and of flaws of proofs, as far as they can happen. Never reuse one."""

    NO_STATE = "NO_STATE"  # it keeps no state for proofs of that block: outside of its window, or not in its plan
    UNSUPPORTED = "UNSUPPORTED"  # it does not serve proofs
    UNAUTHORIZED = "UNAUTHORIZED"
    REFUSED = "REFUSED"  # an error of its own
    RATE_LIMITED = "RATE_LIMITED"
    UNREACHABLE = "UNREACHABLE"
    WRONG_BLOCK = "WRONG_BLOCK"
    NOT_FINAL = "NOT_FINAL"
    WRONG_CHAIN = "WRONG_CHAIN"
    MALFORMED = "MALFORMED"  # an answer that is none, or a proof that is none
    HEADER_MISMATCH = "HEADER_MISMATCH"  # its header does not hash to the block, in no known layout
    EARLIER_STATE = "EARLIER_STATE"  # the header commits to the state after an earlier block
    INCOMPLETE = "INCOMPLETE"  # what it gave does not lead from the block to the balance
    NO_CODE = "NO_CODE"  # the token's address holds no contract at that block
    UNDETERMINED = "UNDETERMINED"  # executed, the token's code answers by what no proof shows
    NO_BALANCE = "NO_BALANCE"  # executed, the token's code answers with no balance
    TOO_LARGE = "TOO_LARGE"  # beyond the bounds of what is read and executed at all

    @classmethod
    def of(cls, name: str) -> Cause:
        """The cause of a reason's or a flaw's name; REFUSED for a reason that no proof is asked for with."""
        return cls(name) if name in cls._value2member_map_ else cls.REFUSED


NO_PROOF: Final = "NO_PROOF"
"""What every report says of such a balance, before the causes. Part of the attestation format."""


@dataclass(frozen=True, slots=True)
class WithoutProof:
    """Why balances of an asset went without proofs: the causes, sorted, at least one."""

    causes: tuple[Cause, ...]

    def __post_init__(self) -> None:
        if not self.causes or list(self.causes) != sorted(set(self.causes)):
            raise ValueError("the causes of a missing proof stand out of order, or twice, or there is none")

    @classmethod
    def of(cls, causes: Iterable[Cause]) -> WithoutProof:
        """For these causes. Without any there was no node that serves proofs."""
        return cls(tuple(sorted(set(causes))) or (Cause.UNSUPPORTED,))

    def beside(self, other: WithoutProof | None) -> WithoutProof:
        """The same, where `other` is why balances of the asset at another block went without."""
        return self if other is None else WithoutProof.of((*self.causes, *other.causes))


@dataclass(frozen=True, slots=True)
class Proving:
    """What the proofs of balances rest on, and why assets on chains with proofs went without."""

    layouts: Mapping[AssetId, str] = field(default_factory=dict)  # a token's, as its family's prover names it (`hint`)
    unproven: Mapping[AssetId, WithoutProof] = field(default_factory=dict)
    sample: Sample | None = None  # None: everything was to be proven
    draws: Mapping[AssetId, Draw] = field(default_factory=dict)  # of a sample

    @classmethod
    def together(
        cls, parts: Iterable[Proving], unproven: Mapping[AssetId, WithoutProof], sample: Sample | None
    ) -> Proving:
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

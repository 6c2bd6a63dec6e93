"""The balances that an attestation calls proven, walked again from the pinned blocks' hashes down through its witness.

Those of gaps that a proof contradicts are walked too, since other rows depend on them. What should have been proven,
and was not, is `sampled.py`'s part.

Nothing is taken on trust but two things that the statement says openly: that a block is the chain's (the quorum's or
the auditor's word), and, of a token in the table, that it keeps its balances where its source says (docs/predicate.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.attesting.counted import Fault
from scanner.chains.facts_revision import REVISION
from scanner.chains.proving import has_proofs, hint, state_proofs
from scanner.chains.state_proofs import ProvenState
from scanner.core.evidence import Basis, Gap, Snapshot
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId
from scanner.core.outcomes import BalanceBasis
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Marks
from scanner.proofs.witness import Witness
from scanner.weighing.contradiction import shown_by_proof
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.proving import Proving


class Proofs:
    """What the witness shows of each holding. `revision`: that of the tables by which tokens' storage layouts are
    known. Raises ValueError for a layout that is not the token's."""

    def __init__(
        self, witness: Witness, snapshots: Mapping[ChainHeight, Snapshot], proving: Proving, revision: int = REVISION
    ) -> None:
        for asset, name in sorted(proving.layouts.items(), key=lambda each: str(each[0])):
            _check_hint(asset, name, revision)
        self._hints = proving.layouts
        self._witness = witness
        self._none = proving.sample is not None and not proving.sample.size
        self.reached = Marks(witness)  # the records that the balances asked for so far rest on, or accounts' movements
        self._snapshots = snapshots
        self._states: dict[ChainHeight, ProvenState] = {}

    def atoms(self, place: ChainHeight, asset: AssetId, account: bytes) -> int:
        """The balance that is shown. Raises ProofError (a ValueError) where none is."""
        state = self._states.get(place)
        if state is None:
            prover = state_proofs(asset.chain)
            if prover is None:
                raise ProofError(Flaw.INCOMPLETE, f"{asset.chain} has no state proofs")
            state = self._states[place] = prover.state(self._snapshots[place], self._witness, self.reached)
        return state.balance(asset, account, self._hints.get(asset))

    def check_nothing_over(self, *, named: bool) -> None:
        """That all records were reached so far, and some if a witness is `named`. Raises ValueError."""
        if named and not self.reached:
            raise ValueError("a witness is named, and nothing is said to be proven")
        if spare := len(self._witness) - len(self.reached):
            nothing = "no balance that is said to be proven, and no movement"
            raise ValueError(f"{spare} of the witness's records are needed by {nothing}")

    def needed(self) -> Witness:
        """The records that were reached so far, and no others."""
        return Witness.of_marked([(self._witness, self.reached)])

    def first_fault(self, place: ChainHeight, part: EvidencePart) -> Fault | None:
        """The first row of which a proof is said to show something, and none does; None if all do."""
        for at in part.outcomes.grounds.where(_rests_on_proof):
            shown = shown_by_proof(part.outcomes[at])
            fault = None if shown is None else self.fault(place, part.asset, part.accounts[at], shown)
            if fault:
                return at, fault
        return None

    def fault(self, place: ChainHeight, asset: AssetId, account: bytes, atoms: int) -> str | None:
        """Why a balance that is called proven is not; None if it is."""
        if not has_proofs(asset.chain):
            return f"said to be proven, and {asset.chain} has no state proofs"
        try:
            shown = self.atoms(place, asset, account)
        except ProofError as error:
            return f"said to be proven, and its proof does not hold: {error}"
        if shown != atoms:
            return f"said to be proven, and its proof shows {shown} atoms, not {atoms}"
        return "said to be proven, and proving.sample says that none was to be" if self._none else None


def _check_hint(asset: AssetId, name: str, revision: int) -> None:
    """Raises ValueError where the asset cannot keep its balances there. Of one whose balances need no hint, no proof
    rests on what is named, which recomputing the finding shows."""
    known = hint(asset, revision)
    if known is not None and name != known:
        raise ValueError(f"the storage layout {name[:80]!a} is not that of {asset}, which keeps balances by {known!a}")


def _rests_on_proof(ground: BalanceBasis | Gap) -> bool:
    return ground.shown is not None if isinstance(ground, Gap) else ground.basis is Basis.PROVEN

"""The balances that an attestation calls proven, walked again from the pinned blocks' hashes down through its witness.

Those of gaps that a proof contradicts are walked too, since other rows depend on them. What should have been proven,
and was not, is `sampled.py`'s part.

Nothing is taken on trust but two things that the statement says openly: that a block is the chain's (the quorum's or
the auditor's word), and that a token keeps its balances where its stated storage layout says (docs/predicate.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.chains.evm.known_layouts import known_layout
from scanner.chains.evm.slots import Layout, layouts
from scanner.chains.evm.state import ProvenState, header_in
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.proving import Proving, has_proofs


class Proofs:
    """What the witness shows of each holding. Raises ValueError for a storage layout that is not known."""

    def __init__(self, witness: Witness, snapshots: Mapping[ChainHeight, Snapshot], proving: Proving) -> None:
        known = {layout.name: layout for layout in layouts()}
        strange = sorted(set(proving.layouts.values()) - known.keys())
        if strange:
            raise ValueError(f"the storage layout {strange[0][:80]!a} is not known")
        for asset, name in proving.layouts.items():
            own = known_layout(asset)
            if own is not None and own.name != name:
                raise ValueError(f"{asset} keeps balances in a {own.name}, not in a {name[:80]!a}")
        self._layouts: Mapping[AssetId, Layout] = {asset: known[name] for asset, name in proving.layouts.items()}
        self._witness = witness
        self._none = proving.sample is not None and not proving.sample.size
        self.reached: set[bytes] = set()  # hashes of the records that the balances asked for so far rest on
        self._snapshots = snapshots
        self._states: dict[ChainHeight, ProvenState] = {}

    def atoms(self, place: ChainHeight, asset: AssetId, account: bytes) -> int:
        """The balance that is shown. Raises ProofError (a ValueError) where none is."""
        state = self._states.get(place)
        if state is None:
            header = header_in(self._witness, self._snapshots[place])
            state = self._states[place] = ProvenState(asset.chain, header, self._witness, self.reached)
        atoms = state.balance(asset, account, self._layouts.get(asset))
        self.reached.add(state.block)
        return atoms

    def check_nothing_over(self, *, named: bool) -> None:
        """That the balances asked for so far rest on all records, and on some if a witness is `named`. Raises
        ValueError."""
        if named and not self.reached:
            raise ValueError("a witness is named, and nothing is said to be proven")
        if spare := len(self._witness) - len(self.reached):
            raise ValueError(f"{spare} of the witness's records are needed by no balance that is said to be proven")

    def needed(self) -> Witness:
        """The records that the balances asked for so far rest on, and no others."""
        witness = Witness()
        witness.adopt(self._witness, self.reached)
        return witness

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

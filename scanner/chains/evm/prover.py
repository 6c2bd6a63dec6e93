"""EVM's prover: a header by its Keccak-256, the state's trie, and a token's storage by its layout or its own code.

Not in here: the walk itself (`state`), and which layouts are known (`known_layouts`).
"""

from __future__ import annotations

from scanner.chains.evm.known_layouts import known_layout
from scanner.chains.evm.state import ProvenState, header_in, header_of
from scanner.chains.evm.state_parts import BY_CODE
from scanner.chains.evm.stated_header import read_stated_header
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


class EvmStateProofs:
    """`chains.state_proofs.StateProofs`: a hint is the name of a storage layout, or BY_CODE."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The header in RLP, from its fields as `stated_header` writes them. Raises ProofError."""
        return [header_of(snapshot, read_stated_header(stated)).encoded]

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's header commits to. Raises ProofError."""
        return ProvenState(snapshot.chain, header_in(witness, snapshot), witness, reached)

    def hint(self, asset: AssetId, revision: int) -> str | None:
        """None of the coin's own; of a token the layout that its source shows, else that its code finds them."""
        if asset.native:
            return None
        known = known_layout(asset, revision)
        return BY_CODE if known is None else known.name

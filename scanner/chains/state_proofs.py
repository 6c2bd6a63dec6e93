"""What a family's prover is: how balances are shown from a block's hash, whatever its tries, trees or cells are like.

A node states the block's header in its own way, and hands out records, byte strings that mean nothing to who asks for
them (`interface.ServesProofs`). The prover makes records of the header too, and walks them from the block's hash down
to the state and to a balance, so that anything false among them has no place. It is pure, and the same for the scan
that gathers records and for the verifier who walks them again years later: what was good enough to be written down is
good enough to be checked.

Some chains' states do not say where an asset keeps its balances. Then the prover takes a *hint*, a word of its own (the
name of a token contract's storage layout, say), which the finding states beside the asset.

Not here: which families have a prover (`proving`), and how a hint is found by trial (`scanning.hint_search`).
"""

from __future__ import annotations

from typing import Protocol

from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


class ProvenState(Protocol):
    """The state after one block, as far as a witness shows it."""

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:
        """Atoms that the account holds; zero only where it is shown that there is nothing. `hint` is one of the
        asset's, None for an asset that has none. Raises ProofError where nothing is shown."""


class StateProofs(Protocol):
    """A family's prover."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The records that lead from the snapshot's hash to its state, from a header as a node states it: hashed, and
        not believed. The header has to say of the block all that the snapshot says (height, parent, time). Raises
        ProofError."""

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's hash vouches for, by way of what the witness has of its header.

        What `header` demands of a header holds here too. The witness may grow afterwards. A balance adds to `reached`
        the Keccak-256 hashes of all records that it rests on, those of the header among them; one that is not shown
        adds none. Raises ProofError.
        """

    def hints(self, asset: AssetId) -> tuple[str, ...]:
        """Where the asset's balances may be kept. None: the state names them itself. One: known from a published
        source, and not to be talked out of. Several: to be found by trial, the likeliest first."""

"""What a family's prover is: how balances are shown from a block's hash, whatever its tries, trees or cells are like.

A node states the block's header in its own way, and hands out records, byte strings that mean nothing to who asks for
them (`interface.ServesProofs`). The prover makes records of the header too, and walks them from the block's hash down
to the state and to a balance, so that anything false among them has no place. It is pure, and the same for the scan
that gathers records and for the verifier who walks them again years later: what was good enough to be written down is
good enough to be checked.

Some chains' states do not say where an asset keeps its balances. Then the prover has a *hint*, a word of its own (the
name of a token contract's storage layout, say), which the finding states beside the asset. It follows from the asset
and the revision of the tables alone, and nothing that a node says changes it.

What a balance rests on may show only while it is walked. So whatever is missing is named, in words of the family's own
(`ProofError.lacks`), and asked for in these words (`interface.ProofQuestion`).

Not here: which families have a prover (`proving`).
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
        """Atoms that the account holds; zero only where it is shown that there is nothing. `hint` is the asset's, None
        for an asset that has none. Raises ProofError where nothing is shown; one that is INCOMPLETE may name what it
        lacks."""


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

    def hint(self, asset: AssetId, revision: int) -> str | None:
        """Where the asset's balances are kept, as far as that is known from elsewhere than the state, in that revision
        of the tables (`facts_revision`); None where the state names them itself."""

"""Filecoin's prover: from a tipset by its blocks to the state's root, and down two maps to an actor's balance.

Every object names the next one by its BLAKE2b-256, so that nothing false among them has a place. Records lie in the
witness under their Keccak-256, and are found here by the hash that Filecoin knows them by.

Not in here: the walk itself (`tipset`, `state`, `hamt`).
"""

from __future__ import annotations

from scanner.chains.filecoin.cid import digest_of
from scanner.chains.filecoin.state import actor_at, uncounted
from scanner.chains.filecoin.tipset import state_root
from scanner.chains.records_by_hash import RecordsByHash, noting, unframed, used_by
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


class FilecoinStateProofs:
    """`chains.state_proofs.StateProofs`. There are no hints: the state names its actors itself."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The tipset's key, its blocks, and a block of the tipset below. Raises ProofError."""
        return used_by(lambda find: state_root(snapshot, find), unframed(stated), digest_of)

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's tipset commits to. Raises ProofError."""
        return ProvenState(snapshot, witness, reached)

    def hint(self, asset: AssetId, revision: int) -> str | None:  # noqa: ARG002
        """None, of any asset."""
        return None


class ProvenState:
    """The state after one tipset, as far as a witness shows it."""

    def __init__(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> None:
        self._records = RecordsByHash(witness, digest_of)
        self._reached = reached
        above: set[bytes] = set()
        self._root = state_root(snapshot, noting(self._records.find, above))
        self._above = self._records.names(above)

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:  # noqa: ARG002
        """attoFIL of an address; zero only where it is shown that no actor has it. Raises ProofError."""
        if not asset.native:
            raise ProofError(Flaw.INCOMPLETE, f"nothing shows how {asset} is kept")
        steps: set[bytes] = set()
        actor = actor_at(self._root, account, noting(self._records.find, steps))
        why_not = None if actor is None else uncounted(account, actor)
        if why_not is not None:
            raise ProofError(Flaw.INCOMPLETE, why_not)
        self._reached.update(self._above, self._records.names(steps))
        return 0 if actor is None else actor.balance

"""Substrate's prover: from a block's hash by its header to the state's root, and down the trie to an account.

The header has no time, so the entry that has it is proven with it. Records lie in the witness under their Keccak-256,
and are found here by their blake2b-256.

Not in here: the walk itself (`trie`), and what an entry means (`storage`, `assets`).
"""

from __future__ import annotations

from scanner.chains.polkadot import assets
from scanner.chains.polkadot.block import blake2b_256, header_as_said
from scanner.chains.polkadot.entries import entries_of
from scanner.chains.polkadot.storage import ACCOUNT_BYTES
from scanner.chains.polkadot.trie import value_at
from scanner.chains.records_by_hash import RecordsByHash, noting, unframed, used_by
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


class SubstrateStateProofs:
    """`chains.state_proofs.StateProofs`."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The header, and the records that lead from it to the block's time. Raises ProofError."""
        return used_by(lambda find: header_as_said(snapshot, find), unframed(stated), blake2b_256)

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's header commits to. Raises ProofError."""
        return ProvenState(snapshot, witness, reached)

    def hint(self, asset: AssetId, revision: int) -> str | None:  # noqa: ARG002
        """The pallet's entries, of an asset of the Assets pallet; none of the coin itself."""
        return None if assets.number_of(asset) is None else assets.LAYOUT


class ProvenState:
    """The state after one block, as far as a witness shows it."""

    def __init__(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> None:
        self._records = RecordsByHash(witness, blake2b_256)
        self._reached = reached
        above: set[bytes] = set()
        self._root = header_as_said(snapshot, noting(self._records.find, above)).state_root
        self._above = self._records.names(above)

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:  # noqa: ARG002
        """Atoms of a 32-byte account; zero only where it is shown to have no entry. Raises ProofError; NO_CODE where
        the state is shown to have no such asset."""
        entries = entries_of(asset)
        if entries is None:
            raise ProofError(Flaw.INCOMPLETE, f"nothing shows how {asset} is kept")
        if len(account) != ACCOUNT_BYTES:
            raise ProofError(Flaw.MALFORMED, f"an account has {ACCOUNT_BYTES} bytes, not {len(account)}")
        steps: set[bytes] = set()
        find = noting(self._records.find, steps)
        if entries.asset is not None and value_at(self._root, entries.asset, find) is None:
            raise ProofError(Flaw.NO_CODE, f"the state has no {asset}")
        atoms = entries.amount(value_at(self._root, entries.of(account), find))
        self._reached.update(self._above, self._records.names(steps))
        return atoms

"""TON's prover: from a masterchain block by its state and a shard's block to an account, and to a jetton wallet's data.

Records are representations of cells (`cells`), which name each other by their SHA-256. They lie in the witness under
their Keccak-256, and are found here by the hash that TON knows them by. A jetton's balances are where its published
contract keeps them, which a finding says (`hint`).

Not in here: the walk itself (`state`), and what a jetton wallet is (`jettons`).
"""

from __future__ import annotations

from scanner.chains.records_by_hash import Find, RecordsByHash, noting, unframed, used_by
from scanner.chains.ton.cells import proven_records, record_hash
from scanner.chains.ton.jettons import LAYOUT, Jetton, balance_in, jetton_of, wallet_of
from scanner.chains.ton.slices import cell
from scanner.chains.ton.state import Block, account_at, masterchain_block
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


class TonStateProofs:
    """`chains.state_proofs.StateProofs`."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The cells that lead from the block to its state, of the bags that a node stated. Raises ProofError."""
        records = (record for bag in unframed(stated) for record in proven_records(bag))
        return used_by(lambda find: masterchain_block(snapshot, find), records, record_hash)

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's block commits to. Raises ProofError."""
        return ProvenState(snapshot, witness, reached)

    def hint(self, asset: AssetId, revision: int) -> str | None:  # noqa: ARG002
        """How a known jetton's wallets keep balances; none of the coin itself, and of jettons that are not known."""
        return None if jetton_of(asset) is None else LAYOUT


class ProvenState:
    """The state after one masterchain block, as far as a witness shows it."""

    def __init__(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> None:
        self._records = RecordsByHash(witness, record_hash)
        self._reached = reached
        above: set[bytes] = set()
        self._master = masterchain_block(snapshot, noting(self._records.find, above))
        self._above = self._records.names(above)

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:  # noqa: ARG002
        """Nanotons of an account, or atoms of a jetton that it owns; zero only where it is shown that there is no such
        account, or no wallet of its. Raises ProofError."""
        steps: set[bytes] = set()
        atoms = balance_of(asset, self._master, account, noting(self._records.find, steps))
        self._reached.update(self._above, self._records.names(steps))
        return atoms


def balance_of(asset: AssetId, master: Block, account: bytes, find: Find) -> int:
    """What `ProvenState.balance` gives, of the state that a masterchain block leads to. Raises ProofError."""
    jetton = jetton_of(asset)
    if jetton is not None:
        return _jettons(jetton, master, account, find)
    if not asset.native:
        raise ProofError(Flaw.INCOMPLETE, f"nothing shows how {asset} is kept")
    found = account_at(master, account, find)
    return 0 if found is None else found.balance


def _jettons(jetton: Jetton, master: Block, owner: bytes, find: Find) -> int:
    wallet = account_at(master, wallet_of(jetton, owner), find)
    if wallet is None or wallet.empty:
        return 0
    if wallet.code != jetton.code or wallet.data is None:
        raise ProofError(Flaw.INCOMPLETE, "a jetton wallet whose code is not the known one")
    return balance_in(cell(wallet.data, find), jetton, owner)

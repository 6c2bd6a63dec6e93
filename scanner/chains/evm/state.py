"""Balances proven at one block: from the block's header down to accounts and token balances, all from one witness.

A token whose layout is known has its balances where its source says. Of any other, its own code is executed over its
storage, the code and every word that it reads being proven like the balance of a coin.

The scan that gathers proofs and the verifier who walks them again, years later, both use this and nothing else
(`chains.state_proofs`). Not in here: where witnesses come from.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.chains.evm.account_proof import native_balance, storage_root_of, storage_word
from scanner.chains.evm.execution.balance_of import balance_by_code
from scanner.chains.evm.execution.rules import rules_of
from scanner.chains.evm.facts import evm_chain
from scanner.chains.evm.header import ExecutionHeader, header_from_json, header_from_rlp
from scanner.chains.evm.proven_contracts import ProvenContracts
from scanner.chains.evm.slot_names import slot_name
from scanner.chains.evm.slots import LAYOUTS
from scanner.chains.evm.state_parts import BY_CODE
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness


def header_of(snapshot: Snapshot, fields: Mapping[str, object]) -> ExecutionHeader:
    """The snapshot's header from a node's answer, if it hashes to the pinned hash. Raises ProofError."""
    return _of_that_block(header_from_json(fields, _bytes(snapshot.hash)), snapshot)


def header_in(witness: Witness, snapshot: Snapshot) -> ExecutionHeader:
    """The snapshot's header as a witness keeps it. Raises ProofError."""
    digest = _bytes(snapshot.hash)
    encoded = witness.get(digest)
    if encoded is None:
        raise ProofError(Flaw.INCOMPLETE, f"the header of {snapshot} is missing")
    return _of_that_block(header_from_rlp(encoded, digest), snapshot)


class ProvenState:
    """The state after one block, as far as a witness shows it. Balances raise ProofError where it shows nothing."""

    def __init__(self, chain: Chain, header: ExecutionHeader, witness: Witness, reached: Reached | None = None) -> None:
        """`reached` collects the hashes of the records that balances rest on: of whole proofs, never of broken ones."""
        self._chain = chain
        self._header = header
        self._block = keccak256(header.encoded)  # its record is the one that every balance rests on
        self._root = header.state_root
        self._witness = witness
        self._reached = reached
        self._storages: dict[bytes, tuple[bytes, set[bytes]]] = {}
        self._contracts = ProvenContracts(chain, header.state_root, witness)

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:
        """Atoms held by a 20-byte account; `hint` names the token's storage layout, or BY_CODE; None for the coin."""
        if asset.native:
            return self._native(account)
        if hint == BY_CODE:
            return self._by_code(asset.contract, account)
        layout = None if hint is None else LAYOUTS.get(hint)
        if layout is None:
            raise ProofError(Flaw.INCOMPLETE, f"the storage layout of {asset} is not known")
        return layout.balance(self._word(asset.contract, layout.key(account)))

    def _word(self, contract: bytes, slot: bytes) -> int:
        """The 256-bit word in a contract's 32-byte storage slot."""
        root, above = self._storage(contract)
        steps: set[bytes] = set()
        word = storage_word(root, slot_name(self._chain, slot), self._witness, reached=steps)
        self._keep(above, steps)
        return word

    def _by_code(self, contract: bytes, account: bytes) -> int:
        """What the contract's own code answers."""
        contracts = self._contracts
        contracts.reached = set()
        multicall = evm_chain(self._chain).multicall3
        readers = () if multicall is None else (multicall,)
        atoms = balance_by_code(contracts, rules_of(self._chain, self._header), contract, account, readers)
        self._keep(contracts.reached)
        return atoms

    def _native(self, account: bytes) -> int:
        steps: set[bytes] = set()
        wei = native_balance(self._root, account, self._witness, reached=steps)
        self._keep(steps)
        return wei

    def _storage(self, contract: bytes) -> tuple[bytes, set[bytes]]:
        """The root of a contract's storage, and the nodes that lead to it, which are walked once."""
        found = self._storages.get(contract)
        if found is None:
            steps: set[bytes] = set()
            root = storage_root_of(self._root, contract, self._witness, reached=steps)
            found = self._storages[contract] = (root, steps)
        return found

    def _keep(self, *proofs: set[bytes]) -> None:
        if self._reached is not None:
            self._reached.update((self._block,), *proofs)


def check_said(header: ExecutionHeader, snapshot: Snapshot) -> None:
    """The hash vouches for the header, and the header for everything else that is said of the snapshot: its height,
    parent and time. Raises ProofError."""
    said = (snapshot.height, _bytes(snapshot.parent), int(snapshot.time.timestamp()))
    if (header.number, header.parent_hash, header.timestamp) != said:
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header of {snapshot} has another height, parent or time")


def _of_that_block(header: ExecutionHeader, snapshot: Snapshot) -> ExecutionHeader:
    """What was held at an earlier block is no balance at this one, however well it is proven."""
    check_said(header, snapshot)
    if header.settles_earlier:
        raise ProofError(Flaw.EARLIER_STATE, f"the header of {snapshot} commits to the state after an earlier block")
    return header


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))

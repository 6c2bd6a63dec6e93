"""What an account holds, read from the state trie: its coins, and the words of its storage.

A balance is zero here only where the tries show that there is nothing: an account that is not in the state, or a
storage slot that was never written. Whatever cannot be shown is a ProofError. Not in here: which storage slot holds
whose balance (`slots.py`), and whether the state root is to be believed (`header.py`).

Sources: Ethereum yellow paper, 4.1 (world state); EIP-1186 (eth_getProof).
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.chains.evm import rlp
from scanner.chains.evm.rlp import Item
from scanner.chains.evm.slots import StorageLayout
from scanner.chains.evm.trie import walk
from scanner.core.keccak import EMPTY_KECCAK, keccak256
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness


@dataclass(frozen=True, slots=True)
class Account:
    """One entry of the state trie. `balance` in wei; `storage_root` and `code_hash` are 32 bytes."""

    nonce: int
    balance: int
    storage_root: bytes
    code_hash: bytes


def account_at(
    state_root: bytes, address: bytes, witness: Witness, *, reached: set[bytes] | None = None
) -> Account | None:
    """The account at a 20-byte address, or None if the state holds none. `reached` as in `trie.walk`.

    Raises ProofError where the witness shows neither.
    """
    if len(address) != 20:
        raise ValueError(f"an address of {len(address)} bytes; 20 were expected")
    encoded = walk(state_root, keccak256(address), witness, reached=reached)
    return None if encoded is None else _decode_account(encoded)


def native_balance(state_root: bytes, address: bytes, witness: Witness, *, reached: set[bytes] | None = None) -> int:
    """The coins of an address in wei, zero only if it is shown that the state holds no such account."""
    account = account_at(state_root, address, witness, reached=reached)
    return 0 if account is None else account.balance


def storage_root_of(
    state_root: bytes, contract: bytes, witness: Witness, *, reached: set[bytes] | None = None
) -> bytes:
    """The root of a contract's storage. Raises ProofError NO_CODE where the address holds no contract.

    Such an address has no storage either, so that every balance in it would read as zero: that is a failure, no zero.
    """
    account = account_at(state_root, contract, witness, reached=reached)
    if account is None or account.code_hash == EMPTY_KECCAK:
        raise ProofError(Flaw.NO_CODE, f"there is no contract at 0x{contract.hex()}")
    return account.storage_root


def storage_word(storage_root: bytes, slot: bytes, witness: Witness, *, reached: set[bytes] | None = None) -> int:
    """The 256-bit word at a 32-byte slot of a contract's storage, zero only if it is shown that none is kept there."""
    if len(slot) != 32:
        raise ValueError(f"a slot of {len(slot)} bytes; 32 were expected")
    encoded = walk(storage_root, keccak256(slot), witness, reached=reached)
    if encoded is None:
        return 0
    word = rlp.decode_int(rlp.decode(encoded), 256)
    if word == 0:
        raise ProofError(Flaw.MALFORMED, "a storage slot that holds a zero; tries keep no zeros")
    return word


def token_balance(
    state_root: bytes,
    token: bytes,
    holder: bytes,
    layout: StorageLayout,
    witness: Witness,
    *,
    reached: set[bytes] | None = None,
) -> int:
    """A holder's balance of a token in atoms, by the token's storage layout (confirmed before).

    For many holders of one token, `storage_root_of` once and `storage_word` for each saves a walk through the state.
    """
    storage_root = storage_root_of(state_root, token, witness, reached=reached)
    return layout.balance(storage_word(storage_root, layout.key(holder), witness, reached=reached))


def _decode_account(encoded: bytes) -> Account:
    fields = rlp.decode(encoded)
    if not isinstance(fields, list) or len(fields) not in (4, 5):
        raise ProofError(Flaw.MALFORMED, "an account that is no list of nonce, balance, storage root and code hash")
    if len(fields) == 5:
        _check_multicoin_mark(fields[4])
    nonce, balance, storage_root, code_hash = fields[:4]
    return Account(rlp.decode_int(nonce, 64), rlp.decode_int(balance, 256), _hash(storage_root), _hash(code_hash))


def _check_multicoin_mark(mark: Item) -> None:
    """Avalanche's C-Chain ends every account with a boolean: whether coins beside AVAX were ever kept in it (coreth).

    It has no bearing on the balance, but a fifth field that is anything else belongs to a chain we do not know.
    """
    if mark not in (b"", b"\x01"):
        raise ProofError(Flaw.MALFORMED, "an account with a fifth field that is no boolean")


def _hash(item: Item) -> bytes:
    if not isinstance(item, bytes) or len(item) != 32:
        raise ProofError(Flaw.MALFORMED, "an account whose storage root or code hash is not 32 bytes long")
    return item

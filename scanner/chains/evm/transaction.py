"""A transaction and its receipt, from the bytes that a block keeps: who made it, what it moved, what became of it.

The sender is recovered from the signature, so that no one is believed for it. Types 0 to 4 are known: legacy (with
and without EIP-155), access lists, dynamic fees, blobs, delegations. Others, such as deposits of layer 2 chains, are
refused: how they are signed, if they are, is not known here.

Not in here: where the bytes lie in a block (`index_trie`), and whether the movement is the one that was asked for
(`movement`).

Sources: Ethereum yellow paper, 4.2 and 4.3.1; EIP-155, 2718, 2930, 1559, 4844, 7702; EIP-658 (status); ERC-20.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.evm import rlp
from scanner.chains.evm.rlp import Item
from scanner.chains.evm.signed_message import address_of
from scanner.core.keccak import keccak256
from scanner.proofs.curves import recover_secp256k1
from scanner.proofs.flaws import Flaw, ProofError

_LEGACY: Final = 9  # items, the last three of which are the signature
_TYPED: Final = {1: 11, 2: 12, 3: 14, 4: 13}  # items by type, the signature among them
_PLACE: Final = {0: 3, 1: 4, 2: 5, 3: 5, 4: 5}  # of the receiver, by type; the value follows
_ADDRESS, _WORD = 20, 32
_TRANSFER: Final = keccak256(b"Transfer(address,address,uint256)")


@dataclass(frozen=True, slots=True)
class EvmTransaction:
    """A signed transaction. Accounts are 20 bytes; the value is in atoms of the chain's own coin."""

    hash: str
    sender: bytes
    to: bytes | None  # None: it creates a contract
    value: int
    chain_id: int | None  # None: signed for whichever chain (before EIP-155)


@dataclass(frozen=True, slots=True)
class TokenTransfer:
    """What a token's contract says was moved (ERC-20)."""

    contract: bytes
    sender: bytes
    to: bytes
    atoms: int


def read_transaction(raw: bytes) -> EvmTransaction:
    """A transaction as a block's trie has it. Raises ProofError."""
    kind, items = _opened(raw)
    if len(items) != (_TYPED[kind] if kind else _LEGACY):
        raise ProofError(Flaw.MALFORMED, f"a transaction of type {kind} with {len(items)} items")
    unsigned, (v, r, s) = items[:-3], [rlp.decode_int(each, 256) for each in items[-3:]]
    chain_id: int | None = None
    if kind:
        chain_id, recovery = rlp.decode_int(items[0], 256), v
        signed = bytes([kind]) + rlp.encode(unsigned)
    elif v >= 35:
        chain_id, recovery = divmod(v - 35, 2)
        signed = rlp.encode([*unsigned, rlp.encode_int(chain_id), b"", b""])
    else:
        recovery, signed = v - 27, rlp.encode(unsigned)
    key = None
    if recovery in (0, 1):
        key = recover_secp256k1(keccak256(signed), r.to_bytes(_WORD) + s.to_bytes(_WORD), recovery)
    if key is None:
        raise ProofError(Flaw.MALFORMED, "a transaction whose signature is by no key")
    to, value = items[_PLACE[kind]], rlp.decode_int(items[_PLACE[kind] + 1], 256)
    if not isinstance(to, bytes) or len(to) not in (0, _ADDRESS):
        raise ProofError(Flaw.MALFORMED, "a transaction whose receiver is no address")
    return EvmTransaction(f"0x{keccak256(raw).hex()}", address_of(key), to or None, value, chain_id)


def read_receipt(raw: bytes) -> tuple[bool, list[TokenTransfer]]:
    """Of a receipt as a block's trie has it: whether the transaction succeeded, and the tokens that it moved, as their
    contracts say. Raises ProofError, also for a receipt from before Byzantium, which does not say how it ended."""
    _, items = _opened(raw)
    if len(items) != 4 or not isinstance(items[3], list):
        raise ProofError(Flaw.MALFORMED, "a receipt that is none")
    status = rlp.decode_int(items[0], 1)
    return status == 1, [transfer for log in items[3] if (transfer := _transfer(log)) is not None]


def _opened(raw: bytes) -> tuple[int, list[Item]]:
    """The type, 0 for legacy, and the items. Raises ProofError."""
    kind = raw[0] if raw and raw[0] < 0x80 else 0
    if kind and kind not in _TYPED:
        raise ProofError(Flaw.MALFORMED, f"a transaction or receipt of type {kind:#04x}, which is not known here")
    items = rlp.decode(raw[1:] if raw and raw[0] < 0x80 else raw)
    if not isinstance(items, list) or (not kind and raw[:1] == b"\0"):
        raise ProofError(Flaw.MALFORMED, "a transaction or receipt that is no list")
    return kind, items


def _transfer(log: Item) -> TokenTransfer | None:
    """What an ERC-20 transfer's log says; None for any other log."""
    match log:
        case [bytes(contract), [bytes(event), bytes(sender), bytes(to)], bytes(amount)] if (
            event == _TRANSFER and len(contract) == _ADDRESS and len(sender) == len(to) == len(amount) == _WORD
        ):
            return TokenTransfer(contract, sender[-_ADDRESS:], to[-_ADDRESS:], int.from_bytes(amount))
        case _:
            return None

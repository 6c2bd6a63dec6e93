"""Calls to view functions of aelf's contracts, as bytes: nodes run such a call only in a signed transaction.

The signature is by the key 1 with the nonce 1, so that there is no secret in it, and no curve to be reckoned on: the
key and the nonce both are the curve's generator. Such a transaction is never sent to be mined.

Source: aelf's documentation (transactions); AElf, `Transaction` and `GetBalanceInput` in its protobuf files;
`TransactionExtensions.VerifySignature` for what is signed.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from scanner.chains.aelf.signed_message import account_of
from scanner.core.protobuf import data, number
from scanner.proofs.curves import SECP256K1_ORDER

_X: Final = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
_Y: Final = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8  # even
CALLER: Final = account_of(b"\x04" + _X.to_bytes(32) + _Y.to_bytes(32))
"""The account of the key 1: 32 bytes."""

_SIGNATURE: Final = 10_000  # the number of its field


def address(account: bytes) -> bytes:
    """An account of 32 bytes as a message."""
    return data(1, account)


def balance_of(symbol: str, owner: bytes) -> bytes:
    """What `GetBalance` of a token contract is asked."""
    return data(1, symbol.encode()) + data(2, address(owner))


def view_call(contract: bytes, method: str, asked: bytes, height: int, block: bytes) -> bytes:
    """The signed transaction that calls `method`, referring to a block by its height and hash."""
    unsigned = (
        data(1, address(CALLER))
        + data(2, address(contract))
        + number(3, height)
        + data(4, block[:4])
        + data(5, method.encode())
        + data(6, asked)
    )
    return unsigned + data(_SIGNATURE, _signed(sha256(unsigned).digest()))


def _signed(digest: bytes) -> bytes:
    """r, s and the recovery id: 65 bytes. s is in the lower half of the order."""
    s = (int.from_bytes(digest) + _X) % SECP256K1_ORDER
    odd = s > SECP256K1_ORDER // 2
    return _X.to_bytes(32) + (SECP256K1_ORDER - s if odd else s).to_bytes(32) + bytes([odd])

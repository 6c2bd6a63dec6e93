"""TON addresses from public keys: an address is the hash of the wallet contract's code and initial data.

Two wallets are known, the two that OKX uses: v3 (revision 2, default subwallet) and highload v3 (subwallet 4269,
timeout of twelve hours). Only the hashes of their code enter; that the contract at the address still runs this code is
not seen here. No signature is known here.

Sources: TON whitepaper 3.1 (cell hashes), the wallets' repositories for their data layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a parent cell commits to of a child."""

    depth: int
    digest: bytes


_V3R2_CODE: Final = _Cell(0, bytes.fromhex("84dafa449f98a6987789ba232358072bc0f76dc4524002a5d0918b9a75d2d599"))
_HIGHLOAD_V3_CODE: Final = _Cell(6, bytes.fromhex("11acad7955844090f283bf238bc1449871f783e7cc0979408d3f4859483e8525"))
_V3_SUBWALLET: Final = 698983191
_HIGHLOAD_SUBWALLET: Final = 4269
_HIGHLOAD_TIMEOUT_S: Final = 12 * 60 * 60
_BASIC_WORKCHAIN: Final = b"\x00"


def is_wallet_of(key: bytes, account: bytes) -> bool:
    """Whether `account` (workchain and 32 bytes), on the basic workchain, is a known wallet of `key` (Ed25519)."""
    return account[:1] == _BASIC_WORKCHAIN and account[1:] in (_v3_wallet(key), _highload_v3_wallet(key))


def _v3_wallet(key: bytes) -> bytes:
    data = bytes(4) + _V3_SUBWALLET.to_bytes(4, "big") + key  # sequence number, subwallet, key
    return _contract(_V3R2_CODE, _cell(data, 8 * len(data)))


def _highload_v3_wallet(key: bytes) -> bytes:
    # key, subwallet, two empty dictionaries (one bit each), last clean time (64 bits), timeout (22 bits)
    fixed = int.from_bytes(key + _HIGHLOAD_SUBWALLET.to_bytes(4, "big"), "big") << (1 + 1 + 64 + 22)
    bits = 256 + 32 + 1 + 1 + 64 + 22
    return _contract(_HIGHLOAD_V3_CODE, _cell((fixed | _HIGHLOAD_TIMEOUT_S).to_bytes(bits // 8, "big"), bits))


def _contract(code: _Cell, data: _Cell) -> bytes:
    # StateInit with code and data only: bits 0 0 1 1 0, then the bit that ends an incomplete byte.
    return _cell(b"\x34", 5, (code, data)).digest


def _cell(data: bytes, bits: int, children: Sequence[_Cell] = ()) -> _Cell:
    """An ordinary cell of `bits` bits, which `data` holds with its completion bit."""
    representation = bytes([len(children), bits // 8 + -(-bits // 8)]) + data
    representation += b"".join(child.depth.to_bytes(2, "big") for child in children)
    representation += b"".join(child.digest for child in children)
    return _Cell(max((child.depth + 1 for child in children), default=0), sha256(representation).digest())

"""Where the state of a Substrate chain keeps what is asked for, and how it writes that.

What counts of an account is `free` and `reserved`: what is frozen or locked is a part of free, what is staked or held
is a part of one of them. Other layouts of an account (before 2021) are not understood, and no balance.

Sources: Substrate's frame_system (`Account`: Blake2_128Concat) and pallet_balances (`AccountData`), pallet_timestamp
(`Now`), frame_system (`BlockHash`: Twox64Concat).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from scanner.chains.polkadot.twox import KEY_BYTES, twox64
from scanner.proofs.flaws import Flaw, ProofError

ACCOUNT_BYTES: Final = 32
NOW: Final = bytes.fromhex("f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb")
"""twox128("Timestamp") and twox128("Now"): the block's time."""

_ACCOUNTS: Final = bytes.fromhex("26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9")
_BLOCK_HASHES: Final = bytes.fromhex("26aa394eea5630e07c48ae0c9558cef7a44704b568d21667356a5a050c118746")
_INFO_BYTES: Final = 80  # four counters of 4 bytes, then free, reserved, frozen and flags of 16 each
_FREE: Final = 16
_AMOUNT: Final = 16
_TIME_BYTES: Final = 8


def account_entry(account: bytes) -> bytes:
    """The key under which a 32-byte account stands: twox128("System"), twox128("Account"), its hash, and itself."""
    return _ACCOUNTS + blake2b(account, digest_size=16).digest() + account


def block_hash_entry(number: int) -> bytes:
    """The key under which the hash of the block with this number, below 2**32, stands in the states of those after it:
    twox128("System"), twox128("BlockHash"), the number's twox64, and itself."""
    key = number.to_bytes(KEY_BYTES, "little")
    return _BLOCK_HASHES + twox64(key) + key


def amount(value: bytes | None) -> int:
    """What an account holds, in the chain's smallest unit; nothing where it has no entry. Raises ProofError."""
    if value is None:
        return 0
    if len(value) != _INFO_BYTES:
        raise ProofError(Flaw.MALFORMED, f"an account's entry of {len(value)} bytes; {_INFO_BYTES} are understood")
    reserved = _FREE + _AMOUNT
    free, held = value[_FREE:reserved], value[reserved : reserved + _AMOUNT]
    return int.from_bytes(free, "little") + int.from_bytes(held, "little")


def seconds(value: bytes | None) -> int:
    """The block's time, in whole seconds since 1970. Raises ProofError where the state has none."""
    if value is None or len(value) != _TIME_BYTES:
        raise ProofError(Flaw.MALFORMED, "the state says no time, or not in 8 bytes")
    return int.from_bytes(value, "little") // 1000

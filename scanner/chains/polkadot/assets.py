"""Assets of an Asset Hub's Assets pallet: USDT is number 1984 there, USDC 1337.

What counts of an account is its `balance` there, frozen or not. What another pallet holds of it (AssetsHolder) has left
that balance, and does not count. A number that the state has no asset of is no asset, whatever accounts there are: a
zero is one only beside the asset's own entry.

Sources: polkadot-sdk, pallet_assets (`Asset`, `Account`, `Metadata`: Blake2_128Concat of the number, u32, and of the
account; `AssetAccount`, `AssetMetadata`).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from scanner.chains.polkadot.scale import read_compact
from scanner.core.ids import AssetId, IdError
from scanner.proofs.flaws import Flaw, ProofError

KIND: Final = "assets"
LAYOUT: Final = "Assets.Account"
"""Where balances are kept, as a finding names it."""

_PALLET: Final = bytes.fromhex("682a59d51ab9e48a8c8cc418ff9708d2")  # twox128("Assets")
_ASSETS: Final = _PALLET + bytes.fromhex("d34371a193a751eea5883e9553457b2e")  # twox128("Asset")
_ACCOUNTS: Final = _PALLET + bytes.fromhex("b99d880ec681799c0cf30e8886371da9")  # twox128("Account")
_METADATA: Final = _PALLET + bytes.fromhex("b5f3822e35ca2f31ce3526eab1363fd2")  # twox128("Metadata")

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_AMOUNT: Final = 16
_STATUSES: Final = 3  # liquid, frozen, blocked; before, not frozen and frozen
_REASONS: Final = {0: 0, 1: 0, 2: _AMOUNT, 3: 0, 4: 32 + _AMOUNT}  # why the account is there: and bytes behind that


def canonical(reference: str, text: str) -> str:
    """An asset's number, in its one spelling. Raises IdError."""
    if not _NUMBER.fullmatch(reference) or int(reference) >= 2**32:
        raise IdError(f"{text!r}: an asset of an Asset Hub is named by its number, such as assets:1984")
    return reference


def number_of(asset: AssetId) -> int | None:
    """The asset's number; None of what is no asset of the pallet."""
    return int(asset.reference) if asset.kind == KIND else None


def asset_entry(number: int) -> bytes:
    """The key under which the asset itself stands."""
    return _ASSETS + _concat(number.to_bytes(4, "little"))


def account_entry(number: int, account: bytes) -> bytes:
    """The key under which an account's balance of the asset stands."""
    return _ACCOUNTS + _concat(number.to_bytes(4, "little")) + _concat(account)


def metadata_entry(number: int) -> bytes:
    """The key under which the asset's decimals stand, among other things."""
    return _METADATA + _concat(number.to_bytes(4, "little"))


def amount(value: bytes | None) -> int:
    """What an account holds, in atoms; nothing where it has no entry. Raises ProofError."""
    if value is None:
        return 0
    status, reason = value[_AMOUNT : _AMOUNT + 1], value[_AMOUNT + 1 : _AMOUNT + 2]
    more = _REASONS.get(reason[0]) if reason else None
    if more is None or status[0] >= _STATUSES or len(value) != _AMOUNT + 2 + more:
        raise ProofError(Flaw.MALFORMED, "an account's entry in a form that is not understood")
    return int.from_bytes(value[:_AMOUNT], "little")


def decimals_in(value: bytes | None) -> int | None:
    """In how many decimals the asset counts, by its metadata; None where it has none. Raises ProofError."""
    if value is None:
        return None
    at = _AMOUNT  # behind the deposit: name and symbol, the decimals, and whether all this may be changed
    for _ in range(2):
        length, at = read_compact(value, at)
        at += length
    if len(value) != at + 2 or value[at + 1] > 1:
        raise ProofError(Flaw.MALFORMED, "metadata in a form that is not understood")
    return value[at]


def _concat(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest() + data

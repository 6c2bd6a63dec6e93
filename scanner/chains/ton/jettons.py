"""Jettons: where an owner's lie, and what their contract's data says.

Each owner's jettons lie in a contract of its own, a jetton wallet, whose address is the hash of its first code and
data: what those are is the jetton's own matter. Of the jettons here both are known from their published source and were
held against wallets in a real block. Any other jetton could keep its balances in any way, and is not read.

Sources: TEP-74; ton-blockchain/stablecoin-contract (`contracts/jetton-utils.fc`), which Tether's USDT runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.ton.accounts import account_key
from scanner.chains.ton.slices import Slice
from scanner.core.ids import AssetId, Chain, IdError
from scanner.proofs.flaws import Flaw, ProofError

KIND: Final = "jetton"
_BASIC_WORKCHAIN: Final = b"\0"
_ESCAPED = re.compile(r"%([0-7][0-9a-fA-F])", re.ASCII)
_STATUS_BITS: Final = 4  # whether it may send or take in; what is locked still is the owner's


@dataclass(frozen=True, slots=True)
class Jetton:
    """One jetton whose wallets are of the stablecoin contract's kind."""

    master: bytes  # its contract's account: the workchain and 32 bytes
    code: bytes  # hash of its wallets' code, a cell that refers to nothing


LAYOUT: Final = "stablecoin-contract jetton wallet"
"""How these wallets keep balances, as a finding names it."""

_USDT: Final = Jetton(
    bytes.fromhex("00b113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe"),
    bytes.fromhex("89468f02c78e570802e39979c8516fc38df07ea76a48357e0536f2ba7b3ee37b"),
)
_KNOWN: Final[Mapping[bytes, Jetton]] = MappingProxyType({each.master: each for each in (_USDT,)})


UNREAD: Final = "of jettons USDT alone is read: the contract of another may keep its balances in any way"


def unread_because(asset: AssetId) -> str | None:
    """Why an asset is not read; None of the coin, and of a jetton that is known here."""
    return UNREAD if asset.kind == KIND and jetton_of(asset) is None else None


def jetton_of(asset: AssetId) -> Jetton | None:
    """The jetton that the asset is, where it is known here; of the main network alone."""
    if asset.kind != KIND or asset.chain != Chain("tvm", "-239"):
        return None
    return _KNOWN.get(account_key(asset.chain, contract_text(asset.reference)))


def wallet_of(jetton: Jetton, owner: bytes) -> bytes:
    """The account of the owner's wallet."""
    data = _bits((0, _STATUS_BITS), (0, 4), _address(owner), _address(jetton.master))
    init = _bits((0b00110, 5))  # of a StateInit: code and data alone
    return _BASIC_WORKCHAIN + _representation(init, jetton.code, _representation(data))


def balance_in(data: Slice, jetton: Jetton, owner: bytes) -> int:
    """Atoms in a wallet's data. Raises ProofError for the data of another owner's wallet, or another jetton's."""
    data.take(_STATUS_BITS)
    balance = data.coins()
    for account in (owner, jetton.master):
        bits, size = _address(account)
        if data.take(size) != bits:
            raise ProofError(Flaw.MALFORMED, "a jetton wallet of another owner, or another jetton")
    if data.bits or data.references:
        raise ProofError(Flaw.MALFORMED, "a jetton wallet with more data than it has")
    return balance


def canonical(reference: str, text: str) -> str:
    """A jetton's one spelling in CAIP-19: its contract, raw, with the colon escaped. Raises IdError."""
    try:
        key = account_key(Chain("tvm", "-239"), contract_text(reference))
    except AddressError as error:
        raise IdError(f"{text!r}: a jetton is named by its contract: {error}") from None
    return f"{int.from_bytes(key[:1], signed=True)}%3A{key[1:].hex()}"


def contract_text(reference: str) -> str:
    """The jetton's contract, from the asset's reference, where signs that CAIP-19 has no room for are escaped."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), reference)


def _address(account: bytes) -> tuple[int, int]:
    """An account as cells hold it: a tag, no anycast, workchain and hash; the bits, and how many."""
    return 0b100 << 264 | int.from_bytes(account), 267


def _bits(*parts: tuple[int, int]) -> tuple[int, int]:
    number = size = 0
    for bits, count in parts:
        number, size = number << count | bits, size + count
    return number, size


def _representation(data: tuple[int, int], *references: bytes) -> bytes:
    """The hash of a cell that refers to cells which themselves refer to nothing."""
    number, size = data
    number = number << 1 | 1 if size % 8 else number
    length = (size + 7) // 8
    number <<= 8 * length - size - (1 if size % 8 else 0)
    record = bytes([len(references), size // 8 + length]) + number.to_bytes(length)
    return sha256(record + bytes(2 * len(references)) + b"".join(references)).digest()

"""Accounts of EVM chains: 20 bytes. Written with 0x in lower case; a mix of cases must be the EIP-55 checksum.

A few chains have a spelling of their own for the same 20 bytes, and it is read there: `xdc...` (XDC), `ronin:...`
(Ronin), `one1...` (Harmony), and the Bech32 form of chains that are Cosmos chains too (`ex1...`, `evmos1...`,
`kava1...`, `inj1...`, `crc1...`, `canto1...`). On Filecoin's EVM `f410f...` and `f0...` are read. ICAP
(`XE...`) and names (`.eth`) are not.

Sources: EIP-55, EIP-1191; the chains' documentation; FIP-0048 and FIP-0055 (Filecoin).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, require_length, shown
from scanner.chains.evm.eip55 import ACCOUNT_BYTES, from_hex
from scanner.chains.filecoin import accounts as filecoin
from scanner.core import bech32
from scanner.core.columns import Accounts
from scanner.core.ids import Chain

_LOWER = re.compile(r"0x[0-9a-f]{40}")
_DIGITS: Final = 2 * ACCOUNT_BYTES

# By chain id: what stands in place of 0x, and the human-readable part of a Bech32 form.
_PREFIXES: Final = {"50": "xdc", "51": "xdc", "2020": "ronin:"}
_WITH_CHAIN_ID: Final = ("30", "31")  # Rootstock: EIP-1191
_BECH32: Final = {
    "25": "crc",
    "66": "ex",
    "1776": "inj",
    "2222": "kava",
    "7700": "canto",
    "9001": "evmos",
    "1666600000": "one",
}


def account_key(chain: Chain, text: str) -> bytes:
    """The 20 bytes of an account in any spelling of its chain. Raises AddressError."""
    if _LOWER.fullmatch(text):
        return bytes.fromhex(text[2:])
    prefix = _PREFIXES.get(chain.reference)
    if prefix and text.startswith(prefix):
        return from_hex("0x" + text.removeprefix(prefix))
    hrp = _BECH32.get(chain.reference)
    if hrp and text.lower().startswith(hrp + "1"):
        return from_bech32(hrp, text)
    if chain.reference in filecoin.EVM_CHAINS and text[:1] in ("f", "t"):
        return filecoin.evm_account(text)
    return from_hex(text, chain.reference if chain.reference in _WITH_CHAIN_ID else "")


def account_text(_chain: Chain, key: bytes) -> str:
    """0x and 40 hex digits in lower case. Raises AddressError for a key of another length."""
    return "0x" + require_length(key, ACCOUNT_BYTES, "an EVM account").hex()


def from_bech32(hrp: str, text: str) -> bytes:
    """The 20 bytes of a Bech32 text with that human-readable part. Raises AddressError."""
    try:
        found, data = bech32.decode_bytes(text)
    except ValueError as error:
        raise AddressError(f"{shown(text)} is not an address ({hrp}1...): {error}") from None
    if found != hrp or len(data) != ACCOUNT_BYTES:
        raise AddressError(f"{shown(text)} is not an address of 20 bytes that starts with {hrp}1")
    return data


def may_be_contract(_chain: Chain, account: bytes) -> bool:
    """Whether the account may be a contract that names its owners: a validator's key has 48 bytes, and is none."""
    return len(account) == ACCOUNT_BYTES


def account_texts(_chain: Chain, keys: Accounts) -> list[str]:
    """`account_text` of each. Raises AddressError."""
    if keys.width != ACCOUNT_BYTES:
        return [account_text(_chain, key) for key in keys]
    digits = keys.packed().hex()
    return ["0x" + digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]


def canonical_keys(_chain: Chain, texts: Sequence[str]) -> Accounts | None:
    """The accounts, where all are written with 0x and in lower case; else None."""
    joined, width, count = "".join(texts), len("0x") + _DIGITS, len(texts)
    if set(map(len, texts)) != {width} or joined[::width] + joined[1::width] != "0" * count + "x" * count:
        return None
    digits = joined.replace("0x", "")
    try:
        packed = bytes.fromhex(digits)
    except ValueError:
        return None
    return Accounts.of_width(packed, ACCOUNT_BYTES) if packed.hex() == digits else None


FORMS: Final = AccountForms("eip155", account_key, account_text, texts=account_texts, keys=canonical_keys)

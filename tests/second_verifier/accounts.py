"""Accounts, read and written as docs/predicate.md says: one key and one text each.

Written from the documents alone: nothing here imports the package. It knows the accounts of Bitcoin-like chains that
have no CashAddr, of EVM chains, of Aptos and of the XRP Ledger.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from Crypto.Hash import RIPEMD160, keccak

DOCS: Final = Path(__file__).parents[2] / "docs"
BITCOIN_LIKE: Final = {
    row["chain"]: row for row in csv.DictReader((DOCS / "tables" / "bitcoin_chains.csv").read_text().splitlines())
}
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LEDGER: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_M: Final = 0x2BC830A3  # the constant of Bech32m; Bech32's is 1


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hash160(data: bytes) -> bytes:
    return RIPEMD160.new(sha256(data)).digest()


def keccak256(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


def p2pkh(digest: bytes) -> bytes:
    return b"\x76\xa9\x14" + digest + b"\x88\xac"


def p2sh(digest: bytes) -> bytes:
    return b"\xa9\x14" + digest + b"\x87"


def witness_program(script: bytes) -> tuple[int, bytes] | None:
    """Version and program of a script that is one."""
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2 or not (not script[0] or 0x51 <= script[0] <= 0x60):
        return None
    return (script[0] and script[0] - 0x50), script[2:]


@lru_cache(10_000)
def key_of(chain: str, account: str) -> bytes:
    """An account's key, from its text or another spelling of it. Raises ValueError."""
    space = chain.partition(":")[0]
    if space == "bip122":
        return _script(chain, account)
    if space == "eip155":
        return _evm(account)
    if space == "aptos" and re.fullmatch(r"0x[0-9a-fA-F]{1,64}", account):
        return bytes.fromhex(account[2:].zfill(64))
    if space == "xrpl":
        version, digest = _base58check(account, _LEDGER)
        if version == 0:
            return digest
    raise ValueError(f"{account} on {chain}")


def text_of(chain: str, key: bytes) -> str:
    """The one text of a key."""
    space = chain.partition(":")[0]
    if space == "bip122":
        return _address(chain, key)
    return _base58(b"\0" + key, _LEDGER) if space == "xrpl" else "0x" + key.hex()


def _evm(account: str) -> bytes:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", account):
        raise ValueError(account)
    digits = account[2:]
    if digits not in (digits.lower(), digits.upper()):
        digest = keccak256(digits.lower().encode()).hex()
        mixed = "".join(each.upper() if int(digest[at], 16) >= 8 else each for at, each in enumerate(digits.lower()))
        if digits != mixed:
            raise ValueError(f"{account}: another checksum")
    return bytes.fromhex(digits)


def _script(chain: str, account: str) -> bytes:
    forms = BITCOIN_LIKE[chain]
    if bare := re.fullmatch(r"raw\(((?:[0-9a-fA-F]{2})+)\)", account):
        return bytes.fromhex(bare[1])
    if forms["bech32"] and account.lower().startswith(forms["bech32"] + "1"):
        return _segwit(forms["bech32"], account)
    version, digest = _base58check(account, _BASE58)
    if f"{version:02x}" == forms["p2pkh"]:
        return p2pkh(digest)
    if f"{version:02x}" in forms["p2sh"].split(";"):
        return p2sh(digest)
    raise ValueError(account)


def _address(chain: str, script: bytes) -> str:
    forms = BITCOIN_LIKE[chain]
    program = witness_program(script)
    if script == p2pkh(script[3:23]):
        return _base58(bytes.fromhex(forms["p2pkh"]) + script[3:23], _BASE58)
    if script == p2sh(script[2:22]):
        return _base58(bytes.fromhex(forms["p2sh"].partition(";")[0]) + script[2:22], _BASE58)
    if program and forms["bech32"] and (program[0] or len(program[1]) in (20, 32)):
        values = [program[0], *_regrouped(program[1], 8, 5)]
        rest = _polymod([*_expanded(forms["bech32"]), *values, *[0] * 6]) ^ (_M if program[0] else 1)
        values += [rest >> 5 * (5 - at) & 31 for at in range(6)]
        return forms["bech32"] + "1" + "".join(_BECH32[value] for value in values)
    return f"raw({script.hex()})"


def _segwit(prefix: str, account: str) -> bytes:
    if account not in (account.lower(), account.upper()):
        raise ValueError(f"{account}: capitals and small letters")
    values = [_BECH32.index(each) for each in account.lower().removeprefix(prefix + "1")]
    version, program = values[0], bytes(_regrouped(values[1:-6], 5, 8))
    if _polymod([*_expanded(prefix), *values]) != (_M if version else 1):
        raise ValueError(f"{account}: another checksum")
    if version > 16 or not (len(program) in (20, 32) if version == 0 else 2 <= len(program) <= 40):
        raise ValueError(f"{account}: no witness program")
    return bytes([version and version + 0x50, len(program)]) + program


def _expanded(prefix: str) -> list[int]:
    return [*(ord(each) >> 5 for each in prefix), 0, *(ord(each) & 31 for each in prefix)]


def _polymod(values: Sequence[int]) -> int:
    rest = 1
    for value in values:
        top, rest = rest >> 25, (rest & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            rest ^= generator if top >> at & 1 else 0
    return rest


def _regrouped(values: Sequence[int], taken: int, given: int) -> list[int]:
    """Bits in groups of another size. Those left over are padding: written as zeros, and read as zeros alone."""
    number, size = 0, len(values) * taken
    for value in values:
        number = number << taken | value
    short = -size % given
    if given > taken:  # reading
        if size % given >= taken or number & ((1 << size % given) - 1):
            raise ValueError("another padding")
        return [number >> (at * given + size % given) & ((1 << given) - 1) for at in reversed(range(size // given))]
    return [(number << short) >> at * given & ((1 << given) - 1) for at in reversed(range((size + short) // given))]


def _base58check(text: str, alphabet: str) -> tuple[int, bytes]:
    number = 0
    for each in text:
        number = number * 58 + alphabet.index(each)
    if number >= 256**25 or _base58_of(number.to_bytes(25), alphabet) != text:
        raise ValueError(f"{text}: another length")
    data = number.to_bytes(25)
    if sha256(sha256(data[:21]))[:4] != data[21:]:
        raise ValueError(f"{text}: another checksum")
    return data[0], data[1:21]


def _base58(data: bytes, alphabet: str) -> str:
    return _base58_of(data + sha256(sha256(data))[:4], alphabet)


def _base58_of(data: bytes, alphabet: str) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text

"""Accounts of Filecoin: a protocol byte and its payload, as the chain itself keeps an address.

| spelling | protocol | payload |
|---|---|---|
| `f0123` | 0 | the actor's number, LEB128; the one form without a checksum |
| `f1...` `f2...` `f3...` | 1, 2, 3 | 20, 20, 48 bytes: a key's hash, an actor's hash, a BLS key |
| `f410f...`, `0x...` | 4 | the namespace's number (10: the Ethereum Address Manager), LEB128, and up to 54 bytes |

`t` in place of `f` is how test networks write the same address. `0xff` with eleven zero bytes before eight others is an
actor's number in the EVM's form (FIP-0055). That an `f0` and an `f1` are one actor only the chain can say.

Sources: Filecoin's address specification, FIP-0048, FIP-0055.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import blake2b
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, OtherName, refused, require_length
from scanner.chains.evm.eip55 import from_hex
from scanner.core.ids import AssetId, Chain

EVM_CHAINS: Final = {"314": "f", "314159": "t"}  # chain ids of Filecoin's EVM, and how their addresses begin
ETHEREUM_MANAGER: Final = 10  # the namespace of f410
SINGLETONS: Final = frozenset(bytes([0, number]) for number in (0, 1, 2, 3, 4, 5, 6, 7, 10, 99))  # the chain's own

ID: Final = 0  # the protocol of addresses that are an actor's number
_ACTOR, _BLS, _DELEGATED = 2, 3, 4
_LENGTHS: Final = {1: 20, _ACTOR: 20, _BLS: 48}
_MOST_SUBADDRESS: Final = 54
_MASK: Final = b"\xff" + bytes(11)  # of an actor's number in the EVM's form
_LARGEST: Final = 2**63 - 1
ACTOR_NUMBER: Final = "an actor's number is a second name of an account, which is read by its address"
_WHAT: Final = "a Filecoin address"

_ACTOR_ID = re.compile(r"[ft]0(0|[1-9][0-9]{0,18})")
_HASHED = re.compile(r"[ft]([123])([a-z2-7]+)")
_DELEGATED_TEXT = re.compile(r"[ft]4(0|[1-9][0-9]{0,18})f([a-z2-7]+)")


def account_key(_chain: Chain, text: str) -> bytes:
    """The address as the chain keeps it, from any of its spellings. Raises AddressError."""
    if text.startswith("0x"):
        return _from_evm(from_hex(text))
    if match := _ACTOR_ID.fullmatch(text):
        return id_address(_number(text, match[1]))
    if match := _HASHED.fullmatch(text):
        protocol = int(match[1])
        payload = _checked(text, match[2], bytes([protocol]))
        if len(payload) != _LENGTHS[protocol]:
            raise refused(text, _WHAT, f"{_LENGTHS[protocol]} bytes behind f{protocol}")
        return bytes([protocol]) + payload
    if match := _DELEGATED_TEXT.fullmatch(text):
        start = bytes([_DELEGATED]) + leb128(_number(text, match[1]))
        payload = _checked(text, match[2], start)
        if len(payload) > _MOST_SUBADDRESS or (start[1:] == bytes([ETHEREUM_MANAGER]) and len(payload) != 20):
            raise refused(text, _WHAT, "20 bytes behind f410f, and nowhere more than 54")
        return start + payload
    raise refused(text, _WHAT, "f0 and digits, f1, f2, f3 or f410f and lower-case base32, or 0x and 40 hex digits")


def account_text(chain: Chain, key: bytes) -> str:
    """`f...`, or `t...` on a test network. Raises AddressError for bytes that are no address."""
    network = "f" if chain.reference == "f" else "t"
    protocol, payload = (key[0], key[1:]) if key else (-1, b"")
    if protocol in _LENGTHS:
        require_length(payload, _LENGTHS[protocol], f"what follows protocol {protocol} of Filecoin")
        return f"{network}{protocol}{_base32(payload + _checksum(key))}"
    if protocol in (ID, _DELEGATED):
        number, rest = _read_leb128(payload)
        if protocol == ID and not rest:
            return f"{network}0{number}"
        right = len(rest) == 20 if number == ETHEREUM_MANAGER else len(rest) <= _MOST_SUBADDRESS
        if protocol == _DELEGATED and right:
            return f"{network}4{number}f{_base32(rest + _checksum(key))}"
    raise AddressError(f"{key.hex()} is not the key of a Filecoin address")


def evm_account(text: str) -> bytes:
    """The 20 bytes by which Filecoin's EVM knows an f410 or an f0 address. Raises AddressError for any other."""
    key = account_key(Chain("fil", "f"), text)
    account = _as_evm(key)
    if account is not None:
        return account
    raise refused(text, "an account of Filecoin's EVM", "f410f..., f0 and digits, or 0x and 40 hex digits")


def elsewhere(chain: Chain) -> OtherName | None:
    """The chain as an EVM chain."""
    numbers = [number for number, network in EVM_CHAINS.items() if network == chain.reference]
    return OtherName(Chain("eip155", numbers[0]), _as_evm) if numbers else None


def _as_evm(key: bytes) -> bytes | None:
    number, rest = _read_leb128(key[1:]) if key[0] in (ID, _DELEGATED) else (-1, b"")
    if key[0] == ID:
        return _MASK + number.to_bytes(8)
    return rest if number == ETHEREUM_MANAGER else None


def _from_evm(account: bytes) -> bytes:
    number = int.from_bytes(account[12:])
    if account[:12] == _MASK and number <= _LARGEST:
        return id_address(number)
    return bytes([_DELEGATED, ETHEREUM_MANAGER]) + account


def _number(text: str, digits: str) -> int:
    number = int(digits)
    if number > _LARGEST:
        raise refused(text, _WHAT, "a number below 2**63")
    return number


def _checked(text: str, letters: str, start: bytes) -> bytes:
    """The payload of base32 letters, whose checksum covers `start` as well. Raises AddressError."""
    try:
        data = base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
    except binascii.Error:
        data = b""
    payload, found = data[:-4], data[-4:]
    if _base32(data) != letters or len(data) < 4 or _checksum(start + payload) != found:
        raise refused(text, _WHAT, "its checksum to be right")
    return payload


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=4).digest()


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def second_name(_asset: AssetId, account: bytes) -> str | None:
    """Why nothing is read by this name of the account: it is the number of an actor. None where it is read."""
    return ACTOR_NUMBER if account[:1] == bytes([ID]) else None


def id_address(number: int) -> bytes:
    """The f0 address of the actor with this number."""
    return bytes([ID]) + leb128(number)


def leb128(number: int) -> bytes:
    """A whole number as addresses hold it: seven bits a byte, lowest first."""
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _read_leb128(data: bytes) -> tuple[int, bytes]:
    """The number at the front, and what follows it. Raises AddressError for one not written in the shortest way."""
    length = next((at for at, byte in enumerate(data, 1) if byte < 0x80), 0)
    number = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(data[:length]))
    if not length or number > _LARGEST or leb128(number) != data[:length]:
        raise AddressError(f"{data.hex()} does not begin with a number that Filecoin would write so")
    return number, data[length:]


FORMS: Final = AccountForms("fil", account_key, account_text, elsewhere)

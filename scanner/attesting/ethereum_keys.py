"""Keys of secp256k1 that sign the on-chain form: read from a file or from text, never shown.

A key is 64 hex digits, or a keystore with a passphrase (Web3 Secret Storage, version 3: what geth, Foundry's `cast` and
most wallets write). No message, representation or error quotes a key or a passphrase. What is signed is `onchain.py`'s.

eth-account does the work. It takes more than a second to import, so it is imported when a key is read.

Sources: Web3 Secret Storage Definition; EIP-712; RFC 6979 for signatures that are the same every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.attesting.signers import read_key_file
from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key
from scanner.chains.names import ETHEREUM
from scanner.core.json_nesting import nests_deeper
from scanner.core.paths import AnyPath
from scanner.errors import InputError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_MAX_KEY_BYTES: Final = 16 * 1024
_DEEPEST: Final = 8  # objects in one another; a keystore has three
_RAW: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{64}", re.ASCII)
_EXPECTED: Final = "expected 64 hex digits, or a keystore in JSON (version 3)"


@dataclass(frozen=True, slots=True)
class EthereumKey:
    """A private key in memory."""

    address: str  # 0x and 40 hex digits in lower case
    _account: LocalAccount = field(repr=False, compare=False)

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """65 bytes r, s, v. The same data always get the same signature."""
        return bytes(self._account.sign_typed_data(full_message=dict(typed_data)).signature)


def load_ethereum_key(path: AnyPath, passphrase: str | None = None) -> EthereumKey:
    """The key in a file. Raises InputError for anything else."""
    path = Path(path)
    data = read_key_file(path, _MAX_KEY_BYTES)
    if len(data) > _MAX_KEY_BYTES:
        raise InputError.at(str(path), f"no key: longer than {_MAX_KEY_BYTES} bytes; {_EXPECTED}")
    return read_ethereum_key(data.decode("utf-8", "replace"), str(path), passphrase)


def read_ethereum_key(text: str, where: str, passphrase: str | None = None) -> EthereumKey:
    """The key in a text that stood at `where`, which is all that messages say of it. Raises InputError."""
    from eth_account import Account

    text = text.strip()
    keystore = None if _RAW.fullmatch(text) else _keystore(text, where)
    if keystore is not None and not passphrase:
        raise InputError.at(where, "the keystore is encrypted; give its passphrase")
    try:
        secret = (
            bytes.fromhex(text.removeprefix("0x")) if keystore is None else Account.decrypt(keystore, passphrase or "")
        )
        account = Account.from_key(secret)
    except Exception:  # noqa: BLE001 - the library raises many kinds, some of which quote what they were given
        fault = "is no private key" if keystore is None else "the passphrase is wrong, or the keystore is damaged"
        raise InputError.at(where, fault) from None
    address = f"0x{account.address[2:].lower()}"
    stated = str((keystore or {}).get("address", address)).lower()
    if f"0x{stated.removeprefix('0x')}" != address:
        raise InputError.at(where, f"the keystore is said to be of another address than its key's, {address}")
    return EthereumKey(address, account)


def read_address(text: str, where: str) -> str:
    """An address as `onchain.py` writes it: lower case. Raises InputError, also for a wrong EIP-55 checksum."""
    try:
        return f"0x{account_key(ETHEREUM, text).hex()}"
    except AddressError as error:
        raise InputError.at(where, str(error)) from None


def _keystore(text: str, where: str) -> dict[str, Any]:
    try:
        fields = None if nests_deeper(text.encode(errors="replace"), _DEEPEST) else json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or fields.get("version") != 3:
        raise InputError.at(where, f"no key; {_EXPECTED}")
    return fields

"""Accounts of Bitcoin-like chains: the scriptPubKey that an address stands for.

Written as Bech32(m), Base58Check or CashAddr, in lower case where there is a choice; `raw(<hex>)` for a script that has
no address (bare public key, bare multisig and the like). A public key alone is no account, since several scripts pay to
it: descriptors say which (`descriptors`).

Each chain's prefixes are in its row of `chains.bitcoin.facts`.

Sources: BIP-13, BIP-141, BIP-173, BIP-350, BIP-385 (`raw`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, shown
from scanner.chains.bitcoin import cashaddr, descriptors
from scanner.chains.bitcoin.address_columns import scripts_of, witness_addresses
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, BitcoinChain
from scanner.chains.bitcoin.output_scripts import (
    p2pkh_hash,
    p2sh32_hash,
    p2sh_hash,
    pubkey_to_hash,
    script_to_hash,
    witness_to_program,
)
from scanner.core import base58, bech32
from scanner.core.columns import Accounts
from scanner.core.ids import Chain

# An output script longer than this can never be spent (MAX_SCRIPT_SIZE in Bitcoin Core), so no account needs it.
MAX_SCRIPT_BYTES: Final = 10_000

_HRPS = {network.hrp for network in BITCOIN_CHAINS.values() if network.hrp}
_SEGWIT_PREFIXES = tuple(hrp + "1" for hrp in sorted(_HRPS))
_RAW = re.compile(r"raw\(((?:[0-9a-fA-F]{2})+)\)")
_ANYTHING_CASH = re.compile(r"(?:[a-zA-Z]+:)?[qpzrQPZR][a-zA-Z0-9]{41,}")


def account_key(chain: Chain, text: str) -> bytes:
    """The script of an address, of `raw(<hex>)`, or of a descriptor of one key. Raises AddressError."""
    return _script(_network(chain), text)


def account_text(chain: Chain, key: bytes) -> str:
    """The script's address, or `raw(<hex>)`. Raises AddressError for bytes that are no account."""
    return _script_text(_network(chain), key)


def witness_program(script: bytes) -> tuple[int, bytes] | None:
    """Witness version and program, if `script` is a witness program that can be spent or may become so (BIP-141).

    A version 0 program of another length than 20 or 32 bytes can never be spent and has no address: None.
    """
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    if script[0] == 0:
        return (0, script[2:]) if len(script) in (22, 34) else None
    return (script[0] - 0x50, script[2:]) if 0x51 <= script[0] <= 0x60 else None


def _network(chain: Chain) -> BitcoinChain:
    try:
        return BITCOIN_CHAINS[chain.reference]
    except KeyError:
        known = ", ".join(f"bip122:{reference} ({network.name})" for reference, network in BITCOIN_CHAINS.items())
        raise AddressError(f"{chain} is not a known Bitcoin-like chain; known are {known}") from None


def _script(network: BitcoinChain, text: str) -> bytes:
    if network.mweb_hrp and text.lower().startswith(f"{network.mweb_hrp}1"):
        raise AddressError(f"{shown(text)} is an MWEB address: no one can see what it holds, so it cannot be counted")
    try:
        if text[:5].lower().startswith(_SEGWIT_PREFIXES):
            return _segwit_script(network, text)
        if text.startswith("raw("):
            return _raw_script(text)
        if descriptors.is_meant(text):
            return descriptors.script_of(text, segwit=network.hrp is not None)
        if network.cash_prefix and _ANYTHING_CASH.fullmatch(text):
            return _cash_script(network.cash_prefix, text)
        return _base58_script(network, text)
    except AddressError:
        raise
    except ValueError as error:
        raise AddressError(f"{shown(text)} is not a {network.name} address ({network.looks_like}): {error}") from None


def _segwit_script(network: BitcoinChain, text: str) -> bytes:
    hrp, version, program = bech32.decode_witness(text)
    if hrp != network.hrp:
        raise _foreign(network, text, [other.name for other in BITCOIN_CHAINS.values() if other.hrp == hrp])
    return witness_to_program(version, program)


def _cash_script(prefix: str, text: str) -> bytes:
    kind, digest = cashaddr.decode(text, prefix)
    if kind == cashaddr.SCRIPT_HASH and len(digest) in (20, 32):
        return script_to_hash(digest)
    if kind == cashaddr.PUBLIC_KEY_HASH and len(digest) == 20:
        return pubkey_to_hash(digest)
    raise ValueError(f"{len(digest)} bytes, expected 20 of a key's hash, or 20 or 32 of a script's")


def _base58_script(network: BitcoinChain, text: str) -> bytes:
    payload = base58.decode_check(text)
    if len(payload) != 21:
        raise ValueError(f"{len(payload)} bytes, expected a version byte and a 20-byte hash")
    version, digest = payload[0], payload[1:]
    if version == network.p2pkh:
        return pubkey_to_hash(digest)
    if version in network.p2sh:
        return script_to_hash(digest)
    owners = [other.name for other in BITCOIN_CHAINS.values() if other.writes(version)]
    if not owners:
        raise ValueError(f"version byte {version:#04x} belongs to no known network")
    raise _foreign(network, text, owners)


def _raw_script(text: str) -> bytes:
    if len(text) > 2 * MAX_SCRIPT_BYTES + len("raw()"):
        raise ValueError(f"the script is longer than {MAX_SCRIPT_BYTES} bytes")
    match = _RAW.fullmatch(text)
    if match is None:
        raise ValueError("expected raw(<hex>), without blanks and without a #checksum")
    return bytes.fromhex(match[1])


def _script_text(network: BitcoinChain, script: bytes) -> str:
    if not 1 <= len(script) <= MAX_SCRIPT_BYTES:
        raise AddressError(f"a script of {len(script)} bytes, expected 1 to {MAX_SCRIPT_BYTES}")
    key_digest, script_digest = p2pkh_hash(script), p2sh_hash(script)
    if network.cash_prefix:
        script_digest = script_digest or p2sh32_hash(script)
        kind = cashaddr.PUBLIC_KEY_HASH if key_digest else cashaddr.SCRIPT_HASH
        digest = key_digest or script_digest
        return cashaddr.encode(kind, digest, network.cash_prefix) if digest else f"raw({script.hex()})"
    if key_digest:
        return base58.encode_check(bytes([network.p2pkh]) + key_digest)
    if script_digest:
        return base58.encode_check(bytes([network.p2sh[0]]) + script_digest)
    witness = witness_program(script)
    if network.hrp and witness:
        return bech32.encode_witness(network.hrp, *witness)
    return f"raw({script.hex()})"


def _foreign(network: BitcoinChain, text: str, owners: list[str]) -> AddressError:
    return AddressError(
        f"{shown(text)} is a {' or '.join(owners)} address, expected {network.name} ({network.looks_like})"
    )


def account_texts(chain: Chain, keys: Accounts) -> list[str]:
    """`account_text` of each. Raises AddressError."""
    network, scripts = _network(chain), list(keys)
    known = witness_addresses(network.hrp, scripts) if network.hrp and not network.cash_prefix else {}
    return [known[script] if script in known else _script_text(network, script) for script in scripts]


def canonical_keys(chain: Chain, texts: Sequence[str]) -> Accounts | None:
    """The scripts of addresses; None where one of them is none, or may have another spelling. Raises AddressError for
    an unknown chain."""
    return scripts_of(_network(chain), texts)


FORMS: Final = AccountForms("bip122", account_key, account_text, texts=account_texts, keys=canonical_keys)

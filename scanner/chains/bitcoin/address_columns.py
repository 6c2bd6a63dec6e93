"""Many addresses of a Bitcoin-like chain at once, each in the one spelling that its script has, to scripts and back.

Addresses go by in columns (`core.bech32_columns`, `core.base58_columns`). Whatever else an account may be written as is
for `accounts`, which alone says what is wrong with a text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, BitcoinChain
from scanner.chains.bitcoin.output_scripts import pubkey_to_hash, script_to_hash, witness_to_program
from scanner.core.base58_columns import decode_checks
from scanner.core.bech32_columns import address_length, decode_witnesses, encode_witnesses
from scanner.core.columns import Accounts

_KINDS: Final = ((0, 20), (0, 32), (1, 32))  # P2WPKH, P2WSH, P2TR: version, and bytes of the program
_PAYLOAD: Final = 21  # bytes in Base58Check: a version and a hash
_WITNESS_PREFIXES: Final = tuple(f"{network.hrp}1" for network in BITCOIN_CHAINS.values() if network.hrp)


def scripts_of(network: BitcoinChain, texts: Sequence[str]) -> Accounts | None:
    """The scripts of these addresses; None where one of them is none, or may have another spelling."""
    if network.cash_prefix:
        return None
    scripts: list[bytes] = [b""] * len(texts)
    lengths = {address_length(network.hrp, size) for _, size in _KINDS} if network.hrp else set()
    like: defaultdict[tuple[int, str] | None, list[int]] = defaultdict(list)  # None: of no witness program
    version = len(network.hrp or "") + 1
    for at, text in enumerate(texts):
        like[(len(text), text[version]) if len(text) in lengths else None].append(at)
    for kind, rows in like.items():
        several = [texts[at] for at in rows]
        found = _base58_scripts(network, several) if kind is None else _witness_scripts(network.hrp or "", several)
        if found is None:
            return None
        for at, script in zip(rows, found, strict=True):
            scripts[at] = script
    return Accounts.of(scripts)


def witness_addresses(hrp: str, scripts: Sequence[bytes]) -> dict[bytes, str]:
    """The addresses of those of the scripts that are the usual witness programs."""
    addresses: dict[bytes, str] = {}
    for version, size in _KINDS:
        head = witness_to_program(version, bytes(size))[:2]
        several = [script for script in scripts if len(script) == size + len(head) and script.startswith(head)]
        if several:
            programs = b"".join([script[len(head) :] for script in several])
            addresses.update(zip(several, encode_witnesses(hrp, version, programs, size), strict=True))
    return addresses


def _witness_scripts(hrp: str, texts: Sequence[str]) -> list[bytes] | None:
    for version, size in _KINDS:
        programs = decode_witnesses(hrp, version, texts, size)
        if programs is not None:
            head = witness_to_program(version, bytes(size))[:2]
            return [head + programs[at : at + size] for at in range(0, len(programs), size)]
    return None


def _base58_scripts(network: BitcoinChain, texts: Sequence[str]) -> list[bytes] | None:
    """Base58 has one spelling for the same bytes, so that only the version has to be the one that is written."""
    if any(text[:5].lower().startswith(_WITNESS_PREFIXES) for text in texts):
        return None
    payloads = decode_checks(texts, _PAYLOAD)
    if payloads is None or not {payload[0] for payload in payloads} <= {network.p2pkh, network.p2sh[0]}:
        return None
    to_key = network.p2pkh
    return [(pubkey_to_hash if each[0] == to_key else script_to_hash)(each[1:]) for each in payloads]

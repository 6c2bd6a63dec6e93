"""Accounts that are nobody's by what they are made of, by CAIP-2 namespace.

An address is the hash of a key or of code. One that is a number below 2**16, or is made of a constant, is none that
anybody could have found a key for: to find one of 20 bytes that begins with 18 zeros takes some 2**144 tries. Of
Bitcoin scripts those are known that can never be spent and the one that fee bumping leaves to everybody; none is run.

Sources: EIP-1352 and the chains' lists of precompiles and system contracts; OP Stack specification (predeploys);
FIP-0055; Bitcoin Core (`IsUnspendable`), BIP-141, Bitcoin Core 28's release notes (pay to anchor); Substrate's
`PalletId` and Polkadot's sovereign accounts; Cosmos SDK ADR 28 (module accounts); Filecoin's singleton actors.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from scanner.core.address import witness_program
from scanner.core.address.filecoin import ETHEREUM_MANAGER
from scanner.core.address.output_scripts import p2pkh_hash, p2sh_hash
from scanner.core.facts.bitcoin_chains import BITCOIN_CHAINS
from scanner.core.ids import Chain

Rule = Callable[[Chain, bytes], str | None]

ZERO: Final = "the zero address"
SYSTEM: Final = "an address of the protocol's own: a precompile, a system contract or a burn address"
UNSPENDABLE: Final = "a script that can never be spent"
ANYONE: Final = "a script that anyone can spend (pay to anchor)"
MODULE: Final = "an account of the chain's own code"

_OP_RETURN: Final = 0x6A
_ANCHOR: Final = b"\x51\x02\x4e\x73"
_MWEB: Final = (b"\x58\x20", b"\x59\x20")  # all coins in extension blocks, and those on their way in (LIP-0003)
_PREDEPLOYS: Final = b"\x42" + bytes(17)  # of the OP Stack
_MODULES: Final = ("fee_collector", "distribution", "mint", "bonded_tokens_pool", "not_bonded_tokens_pool", "gov",
                   "transfer", "erc20", "evm", "feemarket")  # fmt: skip
_MODULE_KEYS: Final = frozenset(sha256(name.encode()).digest()[:20] for name in _MODULES)
_PALLETS: Final = (b"modl", b"para", b"sibl")  # how accounts of pallets and of other chains begin
_SINGLETONS: Final = frozenset(bytes([0, number]) for number in (0, 1, 2, 3, 4, 5, 6, 7, 10, 99))


def _evm(_chain: Chain, key: bytes) -> str | None:
    if key.startswith(bytes(18)):
        return SYSTEM if any(key) else ZERO
    return SYSTEM if key.startswith(_PREDEPLOYS) else None


def _filecoins_evm(chain: Chain, key: bytes) -> str | None:
    number = key[12:].lstrip(b"\0")
    if key[:12] == b"\xff" + bytes(11) and (number or b"\0") in {each[1:] for each in _SINGLETONS}:
        return MODULE
    return _evm(chain, key)


def _by_chain(chain: Chain, key: bytes) -> str | None:
    return (_filecoins_evm if chain.reference in ("314", "314159") else _evm)(chain, key)


def _small(size: int) -> Rule:
    """Numbers below 2**16 on a chain whose keys are `size` bytes of a hash, or a public key."""

    def rule(_chain: Chain, key: bytes) -> str | None:
        if not key.startswith(bytes(size - 2)):
            return None
        return SYSTEM if any(key) else ZERO

    return rule


def _bitcoin(chain: Chain, script: bytes) -> str | None:
    if script[0] == _OP_RETURN:
        return UNSPENDABLE
    if script == _ANCHOR:
        return ANYONE
    network, program = BITCOIN_CHAINS.get(chain.reference), b""
    if network is not None and network.hrp and 4 <= len(script) <= 42 and script[1] == len(script) - 2:
        if script[0] == 0 and witness_program(script) is None:
            return UNSPENDABLE
        program = script[2:] if witness_program(script) else b""
        if network.mweb_hrp and script[:2] in _MWEB:
            return MODULE
    digest = p2pkh_hash(script) or p2sh_hash(script) or program
    return "an address of zeros, to which no key or script is known" if digest and not any(digest) else None


def _ton(chain: Chain, key: bytes) -> str | None:
    return _small(32)(chain, key[1:])


def _substrate(_chain: Chain, key: bytes) -> str | None:
    if not any(key):
        return ZERO
    return MODULE if key.startswith(_PALLETS) and key.endswith(bytes(8)) else None


def _filecoin(chain: Chain, key: bytes) -> str | None:
    if key in _SINGLETONS:
        return MODULE
    return _evm(chain, key[2:]) if key[:2] == bytes([4, ETHEREUM_MANAGER]) else None


def _cosmos(chain: Chain, key: bytes) -> str | None:
    return MODULE if key in _MODULE_KEYS else _small(20)(chain, key) if len(key) == 20 else None


def _behind_a_version(_chain: Chain, key: bytes) -> str | None:
    return None if any(key[1:]) else ZERO


RULES: Final[dict[str, Rule]] = {
    "algorand": _small(32),
    "aelf": _small(32),
    "aptos": _small(32),
    "bip122": _bitcoin,
    "cosmos": _cosmos,
    "eip155": _by_chain,
    "fil": _filecoin,
    "polkadot": _substrate,
    "solana": _small(32),
    "starknet": _small(32),
    "stellar": _behind_a_version,
    "sui": _small(32),
    "tron": _small(20),
    "tvm": _ton,
    "xrpl": _small(20),
}

"""Account texts to account keys and back: one key, and one canonical text, per account and chain.

The key is what a chain itself goes by: the scriptPubKey on Bitcoin-like chains, the 20 bytes on EVM chains, a
validator's 48-byte public key on their consensus layers (namespace `beacon`, which is ours), and on all others the text
as it stands, whose meaning is left to that chain's backend. Two spellings of one account have one key, so that a
holding counts once. Every check is an `if`, never an `assert`, and nothing is stripped or repaired.

Not here: who controls an account (`proofs/ownership`), and what it holds (`chains`).

Sources: BIP-13, BIP-141, BIP-173, BIP-350, BIP-385 (`raw`), EIP-55, CAIP-2, CAIP-10; prefixes from `chainparams.cpp` of
Bitcoin Core, Litecoin Core, Dogecoin Core and Dash Core; BLSPubkey in Ethereum's consensus specifications.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from scanner.core import base58, bech32
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256


class AddressError(ValueError):
    """The text (or key) is not an account of that chain. The message says what is wrong and what was expected."""


@dataclass(frozen=True, slots=True)
class BitcoinNetwork:
    """How one Bitcoin-like chain writes its addresses. `p2sh`: every accepted version byte, the canonical one first."""

    name: str
    hrp: str | None
    p2pkh: int
    p2sh: tuple[int, ...]
    looks_like: str


def _testnet(name: str) -> BitcoinNetwork:
    return BitcoinNetwork(name, "tb", 0x6F, (0xC4,), "tb1..., m..., n..., 2...")


# By CAIP-2 reference: the first 32 hex digits of the genesis block's hash. The public test networks share all prefixes,
# so an address of one of them cannot be told from one of another.
NETWORKS: Final[dict[str, BitcoinNetwork]] = {
    "000000000019d6689c085ae165831e93": BitcoinNetwork("mainnet", "bc", 0x00, (0x05,), "bc1..., 1..., 3..."),
    "000000000933ea01ad0ee984209779ba": _testnet("testnet3"),
    "00000000da84f2bafbbc53dee25a72ae": _testnet("testnet4"),
    "00000008819873e925422c1ff0f99f7c": _testnet("signet"),
    "0f9188f13cb7b2c71f2a335e3a4fc328": BitcoinNetwork("regtest", "bcrt", 0x6F, (0xC4,), "bcrt1..., m..., n..., 2..."),
    # Litecoin first wrote P2SH with Bitcoin's byte; such addresses are still in use, and mean the same script.
    "12a765e31ffd4059bada1e25190f6e98": BitcoinNetwork(
        "litecoin", "ltc", 0x30, (0x32, 0x05), "ltc1..., L..., M..., 3..."
    ),
    "1a91e3dace36e2be3bf030a65679fe82": BitcoinNetwork("dogecoin", None, 0x1E, (0x16,), "D..., 9..., A..."),
    "00000ffd590b1485b3caadc19b22e637": BitcoinNetwork("dash", None, 0x4C, (0x10,), "X..., 7..."),
}

# An output script longer than this can never be spent (MAX_SCRIPT_SIZE in Bitcoin Core), so no account needs it.
MAX_SCRIPT_BYTES: Final = 10_000
_VALIDATOR_KEY_BYTES: Final = 48

_HRPS = {network.hrp for network in NETWORKS.values() if network.hrp}
_SEGWIT_PREFIXES = tuple(hrp + "1" for hrp in sorted(_HRPS))
_RAW = re.compile(r"raw\(((?:[0-9a-fA-F]{2})+)\)")
_EVM_LOWER = re.compile(r"0x[0-9a-f]{40}")
_EVM_ANY = re.compile(r"0x[0-9a-fA-F]{40}")
_VALIDATOR = re.compile(r"0x([0-9a-fA-F]{96})")
# CAIP-10's characters, and the underscore of TON's URL-safe addresses, which CAIP-10 would have percent-encoded.
_OPAQUE = re.compile(r"[-.%_a-zA-Z0-9]{1,128}")


def account_key(chain: Chain, text: str) -> bytes:
    """The key of the account `text` on `chain` (CAIP-2), as this module's text says: bytes by which accounts compare.

    Raises AddressError.
    """
    if chain.namespace == "eip155":
        if _EVM_LOWER.fullmatch(text):
            return bytes.fromhex(text[2:])
        return _evm_key(text)
    if chain.namespace == "bip122":
        return _script(_network(chain), text)
    if chain.namespace == "beacon":
        return _validator_key(text)
    return _opaque(text).encode()


def account_text(chain: Chain, key: bytes) -> str:
    """The one canonical spelling of `key` on `chain`, which `account_key` turns into `key` again.

    Lower-case Bech32(m), Base58Check, lower-case hex on EVM chains and consensus layers; `raw(<hex>)` for a script that
    has no address (bare public key, bare multisig and the like). Raises AddressError for bytes that are no key of that
    chain.
    """
    if chain.namespace == "eip155":
        if len(key) != 20:
            raise AddressError(f"an EVM account has 20 bytes, not {len(key)}")
        return "0x" + key.hex()
    if chain.namespace == "bip122":
        return _script_text(_network(chain), key)
    if chain.namespace == "beacon":
        if len(key) != _VALIDATOR_KEY_BYTES:
            raise AddressError(f"a validator's public key has {_VALIDATOR_KEY_BYTES} bytes, not {len(key)}")
        return "0x" + key.hex()
    try:
        return _opaque(key.decode("ascii"))
    except UnicodeDecodeError:
        raise AddressError(f"{key.hex()} is not an account: expected ASCII text") from None


def checksum_address(key: bytes) -> str:
    """The 20 bytes of an EVM account in EIP-55's mix of cases. Raises AddressError for another length."""
    if len(key) != 20:
        raise AddressError(f"an EVM account has 20 bytes, not {len(key)}")
    digits = key.hex()
    digest = keccak256(digits.encode()).hex()
    mixed = (digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, digest, strict=False))
    return "0x" + "".join(mixed)


def witness_program(script: bytes) -> tuple[int, bytes] | None:
    """Witness version and program, if `script` is a witness program that can be spent or may become so (BIP-141).

    A version 0 program of another length than 20 or 32 bytes can never be spent and has no address: None.
    """
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    if script[0] == 0:
        return (0, script[2:]) if len(script) in (22, 34) else None
    return (script[0] - 0x50, script[2:]) if 0x51 <= script[0] <= 0x60 else None


def _network(chain: Chain) -> BitcoinNetwork:
    try:
        return NETWORKS[chain.reference]
    except KeyError:
        known = ", ".join(f"bip122:{reference} ({network.name})" for reference, network in NETWORKS.items())
        raise AddressError(f"{chain} is not a known Bitcoin-like chain; known are {known}") from None


def _script(network: BitcoinNetwork, text: str) -> bytes:
    try:
        if text[:5].lower().startswith(_SEGWIT_PREFIXES):
            return _segwit_script(network, text)
        if text.startswith("raw("):
            return _raw_script(text)
        return _base58_script(network, text)
    except AddressError:
        raise
    except ValueError as error:
        raise AddressError(f"{_shown(text)} is not a {network.name} address ({network.looks_like}): {error}") from None


def _segwit_script(network: BitcoinNetwork, text: str) -> bytes:
    hrp, version, program = bech32.decode_witness(text)
    if hrp != network.hrp:
        raise _foreign(network, text, [other.name for other in NETWORKS.values() if other.hrp == hrp])
    return bytes([version + 0x50 if version else 0, len(program)]) + program


def _base58_script(network: BitcoinNetwork, text: str) -> bytes:
    payload = base58.decode_check(text)
    if len(payload) != 21:
        raise ValueError(f"{len(payload)} bytes, expected a version byte and a 20-byte hash")
    version, digest = payload[0], payload[1:]
    if version == network.p2pkh:
        return b"\x76\xa9\x14" + digest + b"\x88\xac"
    if version in network.p2sh:
        return b"\xa9\x14" + digest + b"\x87"
    owners = [other.name for other in NETWORKS.values() if version == other.p2pkh or version in other.p2sh]
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


def _script_text(network: BitcoinNetwork, script: bytes) -> str:
    if not 1 <= len(script) <= MAX_SCRIPT_BYTES:
        raise AddressError(f"a script of {len(script)} bytes, expected 1 to {MAX_SCRIPT_BYTES}")
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return base58.encode_check(bytes([network.p2pkh]) + script[3:23])
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87:
        return base58.encode_check(bytes([network.p2sh[0]]) + script[2:22])
    witness = witness_program(script)
    if network.hrp and witness:
        return bech32.encode_witness(network.hrp, *witness)
    return f"raw({script.hex()})"


def _evm_key(text: str) -> bytes:
    if not _EVM_ANY.fullmatch(text):
        problem = "expected 0x and 40 hex digits"
        if not text.startswith("0x"):
            problem = "it does not start with 0x; " + problem
        elif len(text) != 42:
            problem = f"it has {len(text) - 2} characters after 0x; " + problem
        raise AddressError(f"{_shown(text)} is not an EVM address: {problem}")
    digits = text[2:]
    key = bytes.fromhex(digits)
    if digits != digits.upper() and text != checksum_address(key):
        raise AddressError(
            f"{_shown(text)}: its mix of upper and lower case is not its EIP-55 checksum, so at least one character is"
            f" wrong; expected that checksum, or all digits in one case"
        )
    return key


def _validator_key(text: str) -> bytes:
    match = _VALIDATOR.fullmatch(text)
    if match is None:
        raise AddressError(f"{_shown(text)} is not a validator's public key: expected 0x and 96 hex digits")
    return bytes.fromhex(match[1])


def _opaque(text: str) -> str:
    if not _OPAQUE.fullmatch(text):
        raise AddressError(f"{_shown(text)} is not an account: expected 1 to 128 of a-z A-Z 0-9 - . % _")
    return text


def _foreign(network: BitcoinNetwork, text: str, owners: list[str]) -> AddressError:
    return AddressError(
        f"{_shown(text)} is a {' or '.join(owners)} address, expected {network.name} ({network.looks_like})"
    )


def _shown(text: str) -> str:
    """`text` as it may stand in a message: escaped, because look-alikes are the very thing to be seen, and bounded."""
    return ascii(text if len(text) <= 100 else text[:100] + "...")

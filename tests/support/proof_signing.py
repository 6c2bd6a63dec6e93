"""Proofs of ownership of our own making: the other side of every scheme, from its description and not from our code.

Keys follow from small numbers, so that a failing test can be repeated. Only what signs is here; what is broken, and
what must then happen, stands in the tests.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence

from Crypto.Hash import keccak as _keccak
from nacl.signing import SigningKey

from scanner.chains.accounts import account_key
from scanner.chains.names import parse_chain
from scanner.core import base58
from scanner.core.ids import Chain
from scanner.proofs.control import Proof
from tests.support.secp256k1_signing import Secret

MESSAGE = "challenge 2026-11-22"

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
REGTEST = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
LITECOIN = parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")
DOGECOIN = parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")
DASH = parse_chain("bip122:00000ffd590b1485b3caadc19b22e637")
ETHEREUM = parse_chain("eip155:1")
OKTC = parse_chain("eip155:66")
TRON = parse_chain("tron:728126428")
SOLANA = parse_chain("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
APTOS = parse_chain("aptos:1")
SUI = parse_chain("sui:mainnet")
TON = parse_chain("tvm:-239")
POLKADOT = parse_chain("polkadot:91b171bb158e2d3848fa23a9f1c25182")
STELLAR = parse_chain("stellar:pubnet")
CARDANO = parse_chain("cip34:1-764824073")
FILECOIN = parse_chain("fil:f")
XRP_LEDGER = parse_chain("xrpl:0")
AELF = parse_chain("aelf:AELF")
VAULTA = parse_chain("antelope:aca376f206b8fc25a6ed44dbdc66547c")
STARKNET = parse_chain("starknet:SN_MAIN")

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def secret(number: int) -> Secret:
    return Secret(hashlib.sha256(b"key %d" % number).digest())


def public(number: int, *, compressed: bool = True) -> bytes:
    return secret(number).public(compressed=compressed)


def keccak(data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=data).digest()


def sha256d(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def prefixed(text: bytes) -> bytes:
    """Length (below 253) and text."""
    return bytes([len(text)]) + text


def high_s(signature: bytes) -> bytes:
    """The other signature r, n - s, v' by the same key over the same digest (65 bytes, v last)."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    base = 27 if signature[64] >= 27 else 0
    return signature[:32] + s.to_bytes(32, "big") + bytes([base + (signature[64] - base ^ 1)])


# EVM and Tron


def evm_address(number: int) -> bytes:
    return keccak(public(number, compressed=False)[1:])[12:]


def okx_evm_digest(message: str) -> bytes:
    return keccak(b"\x19Ethereum Signed Message:\n32" + keccak(message.encode()))


def eip191_digest(message: str) -> bytes:
    return keccak(b"\x19Ethereum Signed Message:\n%d%s" % (len(message.encode()), message.encode()))


def rsv(number: int, digest: bytes, base: int = 27) -> bytes:
    signature = secret(number).recoverable(digest)
    return signature[:64] + bytes([signature[64] + base])


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def okx_evm(number: int = 1, message: str = MESSAGE) -> Proof:
    signature = hexed(rsv(number, okx_evm_digest(message)))
    return Proof("okx-evm", ETHEREUM, evm_address(number), message, (signature,))


def eip191(number: int = 1, message: str = MESSAGE) -> Proof:
    signature = hexed(rsv(number, eip191_digest(message)))
    return Proof("eip191", ETHEREUM, evm_address(number), message, (signature,))


def tron_address(number: int) -> str:
    return base58.encode_check(b"\x41" + evm_address(number))


def tron(number: int = 1, message: str = MESSAGE, *, version: int = 1) -> Proof:
    text = message.encode()
    body = b"32" + keccak(text) if version == 1 else b"%d%s" % (len(text), text)
    signature = hexed(rsv(number, keccak(b"\x19TRON Signed Message:\n" + body)))
    return Proof("tron", TRON, evm_address(number), message, (signature,))


# Bitcoin and its kin

MAGIC = {
    BITCOIN: b"Bitcoin Signed Message:\n",
    REGTEST: b"Bitcoin Signed Message:\n",
    LITECOIN: b"Litecoin Signed Message:\n",
    DOGECOIN: b"Dogecoin Signed Message:\n",
    DASH: b"DarkCoin Signed Message:\n",
}


def header_first(number: int, digest: bytes, header: int = 31) -> str:
    signature = secret(number).recoverable(digest)
    return base64.b64encode(bytes([header + signature[64]]) + signature[:64]).decode()


def bitcoin_digest(message: str, chain: Chain = BITCOIN) -> bytes:
    return sha256d(prefixed(MAGIC[chain]) + prefixed(message.encode()))


def okx_digest(message: str) -> bytes:
    return keccak(prefixed(b"OKX Signed Message:\n") + prefixed(message.encode()))


def p2pkh(key: bytes) -> bytes:
    return b"\x76\xa9\x14" + hash160(key) + b"\x88\xac"


def p2wpkh(key: bytes) -> bytes:
    return b"\x00\x14" + hash160(key)


def p2sh(script: bytes) -> bytes:
    return b"\xa9\x14" + hash160(script) + b"\x87"


def p2wsh(script: bytes) -> bytes:
    return b"\x00\x20" + hashlib.sha256(script).digest()


def multisig(required: int, keys: Sequence[bytes]) -> bytes:
    pushed = b"".join(bytes([len(key)]) + key for key in keys)
    return bytes([0x50 + required]) + pushed + bytes([0x50 + len(keys), 0xAE])


def bip137(number: int = 1, message: str = MESSAGE, *, chain: Chain = BITCOIN) -> Proof:
    signature = header_first(number, bitcoin_digest(message, chain))
    return Proof("bip137", chain, p2pkh(public(number)), message, (signature,))


def bip137_of(
    script: bytes, signers: Sequence[int], wrap: Callable[[bytes], bytes] = p2wsh, message: str = MESSAGE
) -> Proof:
    digest = bitcoin_digest(message)
    signatures = tuple(header_first(number, digest) for number in signers)
    return Proof("bip137", BITCOIN, wrap(script), message, signatures, script.hex())


def bip322_prevout(account: bytes, message: str = MESSAGE) -> bytes:
    """The output that BIP-322 has spent: transaction id and index."""
    tag = hashlib.sha256(b"BIP0322-signed-message").digest()
    digest = hashlib.sha256(tag + tag + message.encode()).digest()
    spent = b"\x01" + bytes(32) + b"\xff" * 4 + b"\x22\x00\x20" + digest + bytes(4)
    to_spend = bytes(4) + spent + b"\x01" + bytes(8) + prefixed(account) + bytes(4)
    return sha256d(to_spend) + bytes(4)


def regtest_wif(number: int) -> str:
    """The secret as Bitcoin's wallets import it."""
    return base58.encode_check(b"\xef" + secret(number).secret + b"\x01")


def okx_utxo_hex(number: int = 1, message: str = MESSAGE) -> Proof:
    signature = hexed(rsv(number, okx_digest(message)))
    return Proof("okx-utxo-hex", LITECOIN, p2pkh(public(number)), message, (signature,))


# Other chains


def okx_ecdsa(chain: Chain, account: str, number: int = 1, message: str = MESSAGE) -> Proof:
    return Proof("okx-ecdsa", chain, account_key(chain, account), message, (hexed(rsv(number, okx_digest(message))),))


def ed25519_public(number: int) -> bytes:
    return bytes(SigningKey(hashlib.sha256(b"ed25519 %d" % number).digest()).verify_key)


def okx_ed25519(chain: Chain, account: str, number: int = 1, message: str = MESSAGE) -> Proof:
    key = SigningKey(hashlib.sha256(b"ed25519 %d" % number).digest())
    signed = prefixed(b"OKX Signed Message:\n") + prefixed(message.encode())
    signature = key.sign(signed).signature
    return Proof(
        "okx-ed25519", chain, account_key(chain, account), message, (hexed(signature),), hexed(ed25519_public(number))
    )


def okx_eos(number: int = 1, message: str = MESSAGE) -> Proof:
    digest = hashlib.sha256(prefixed(b"OKX Signed Message:\n") + prefixed(message.encode())).digest()
    signature = secret(number).recoverable(digest)
    body = bytes([31 + signature[64]]) + signature[:64]
    return Proof(
        "okx-eos",
        VAULTA,
        account_key(VAULTA, "okbwallet1tr"),
        message,
        ("SIG_K1_" + eos_text(body, b"K1"),),
        eos_key(public(number)),
    )


def eos_key(key: bytes) -> str:
    return "EOS" + eos_text(key, b"")


def eos_text(data: bytes, suffix: bytes) -> str:
    return base58.encode(data + hashlib.new("ripemd160", data + suffix).digest()[:4])

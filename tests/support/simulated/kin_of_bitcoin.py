"""Simulated chains of Bitcoin's kind whose blocks or transactions are made otherwise: Litecoin, Dogecoin and Dash.

Not in here: any code of the backends; the hashing of headers alone is shared.
"""

from __future__ import annotations

from hashlib import blake2b, scrypt

from bitcoin.core import CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from bitcoin.core.serialize import BytesSerializer, VarIntSerializer

from scanner.chains.bitcoin.header import double_sha256
from tests.support.simulated.bitcoin import SimBitcoin

_EASIEST = 0x7FFFFF << 232
_CHAINS_IN_PARENT = 4  # merge-mined together


def scrypt_mined(header: bytes) -> bytes:
    """The header with the first nonce for which a regtest's work by scrypt is done."""
    candidates = (header[:76] + nonce.to_bytes(4, "little") for nonce in range(2**32))
    return next(each for each in candidates if _scrypt(each) <= _EASIEST)


def _scrypt(header: bytes) -> int:
    return int.from_bytes(scrypt(header, salt=header, n=1024, r=1, p=1, dklen=32), "little")


def unworked(header: str) -> str:
    """A header without a proof behind it, of Dogecoin's regtest, for which no work was done."""
    candidates = (header[:152] + nonce.to_bytes(4, "little").hex() for nonce in range(2**16))
    return next(each for each in candidates if _scrypt(bytes.fromhex(each)) > _EASIEST)


class SimLitecoin(SimBitcoin):
    """Litecoin's regtest, without blocks of its own extension."""

    genesis = bytes.fromhex(
        "01000000" + "00" * 32 + "d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97"
        "dae5494dffff7f2000000000"
    )

    def _mined(self, header: bytes) -> bytes:
        return scrypt_mined(header)


class SimDogecoin(SimBitcoin):
    """Dogecoin's regtest: every other block is merge-mined, and outputs may be as large as Dogecoin's."""

    genesis = bytes.fromhex(
        "01000000" + "00" * 32 + "696ad20e2dd4365c7459b4a4a5af743d5e92c6da3229e6532cd605f6533f2a5b"
        "dae5494dffff7f2002000000"
    )
    largest_output = 10**18

    def _name(self, header: bytes) -> str:
        return double_sha256(header[:80])[::-1].hex()

    def _mined(self, header: bytes) -> bytes:
        if len(self.blocks) % 2:
            return scrypt_mined(header)
        return merge_mined(bytes.fromhex("02016200") + header[4:], self._random.randbytes(64))


def merge_mined(header: bytes, noise: bytes) -> bytes:
    """The header, and behind it the proof of work that was done for it on another chain."""
    nonce = int.from_bytes(noise[:4], "little")
    place = _place(nonce)
    chain_branch = [noise[:32], noise[32:64]]
    root = _led_to(double_sha256(header), chain_branch, place)
    script = bytes(5) + bytes.fromhex("fabe6d6d") + root[::-1] + _number(_CHAINS_IN_PARENT) + _number(nonce) + b"pool"
    coinbase = CTransaction([CTxIn(scriptSig=CScript(script))], [CTxOut(25 * 10**8, CScript(b"\x51"))])
    branch = [noise[16:48]]
    parent = _number(0x20000000) + bytes(32) + _led_to(coinbase.GetTxid(), branch, 0) + bytes(8) + bytes(4)
    behind = [coinbase.serialize(), bytes(32), _list(branch), _number(0), _list(chain_branch), _number(place)]
    return b"".join([header, *behind, scrypt_mined(parent)])


def _place(nonce: int) -> int:
    mixed = nonce
    for number in (0x62, 0):
        mixed = (mixed * 1103515245 + 12345 + number) & 0xFFFFFFFF
    return mixed % _CHAINS_IN_PARENT


def _led_to(leaf: bytes, branch: list[bytes], index: int) -> bytes:
    for level, other in enumerate(branch):
        leaf = double_sha256(other + leaf) if index >> level & 1 else double_sha256(leaf + other)
    return leaf


def _list(hashes: list[bytes]) -> bytes:
    return bytes(VarIntSerializer.serialize(len(hashes))) + b"".join(hashes)


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


class SimDash(SimBitcoin):
    """Dash's main network from its first block's name on; another hash stands for X11, as none here computes either.

    Transactions of coinbases, and some others, have payloads; some have no input.
    """

    def _name(self, header: bytes) -> str:
        if header == self.genesis:
            return "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6"
        return blake2b(header, digest_size=32).hexdigest()

    def _mined(self, header: bytes) -> bytes:
        return header

    def _built(self, inputs: list[CTxIn], outputs: list[CTxOut]) -> tuple[str, bytes]:
        kind = 5 if inputs[0].prevout.is_null() else self._random.choice([0, 1])
        if kind == 5 and self._random.random() < 0.5:
            kind, inputs = 9, []  # credit that was withdrawn from the platform
        if not kind:
            return super()._built(inputs, outputs)
        plain: bytes = CTransaction(inputs, outputs, nVersion=3 | kind << 16).serialize()
        raw = plain + BytesSerializer.serialize(self._random.randbytes(self._random.randint(0, 300)))
        return double_sha256(raw)[::-1].hex(), raw

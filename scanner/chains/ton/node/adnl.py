"""ADNL over TCP, by which lite servers are asked: a stream that is encrypted to the server's own key.

The client makes two keys and two nonces for the stream, encrypts them by a secret that it shares with the server's key
(X25519), and sends them with a key of its own for this connection. From then on each side sends packets: a length,
noise, what is said, and a SHA-256 over both. An answer is by the server that has the key, or is none.

What is asked and answered is TL's matter (`tl`). Not in here: when to try again (`lite_client`).
Sources: docs.ton.org, "ADNL TCP"; ton-blockchain/ton, `adnl/adnl-ext-connection.cpp`.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from hashlib import sha256, sha512
from typing import Any, Final

from scanner.clients.tunnel import connected
from scanner.errors import NodeError, Why

KEY_BYTES: Final = 32
_PUBLIC_KEY: Final = bytes.fromhex("c6b41348")  # TL: pub.ed25519
_PARAMETERS: Final = 160  # bytes: two keys of 32, two nonces of 16, and padding
_HASH: Final = 32
_NOISE: Final = 32
_LONGEST: Final = 4 * 2**20  # bytes of a packet
_PIECE: Final = 2**18
_CLOSE_TIMEOUT: Final = 2  # seconds
_FIELD: Final = 2**255 - 19


class AdnlStream:
    """One connection. Whatever goes wrong with it is a NodeError, and then it is of no use any more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parameters: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = _cipher(parameters[:32], parameters[64:80])
        self._outgoing = _cipher(parameters[32:64], parameters[80:96])

    @classmethod
    async def open(cls, host: str, port: int, key: bytes, *, proxy: str) -> AdnlStream:
        """A stream to the server with this Ed25519 key. Raises NodeError and OSError; the caller bounds the time."""
        own = secrets.token_bytes(KEY_BYTES)
        parameters = secrets.token_bytes(_PARAMETERS)
        reader, writer = await connected(host, port, proxy=proxy, context=None, limit=_PIECE)
        stream = cls(reader, writer, parameters)
        try:
            writer.write(greeting(key, own, parameters))
            await writer.drain()
            early = await stream.receive()
        except BaseException:
            writer.close()
            raise
        if early:
            writer.close()
            raise NodeError(Why.MALFORMED, "the server says something before it is asked")
        return stream

    async def send(self, said: bytes) -> None:
        """Send a packet. Raises OSError."""
        self._writer.write(self._outgoing.encrypt(packet(said)))
        await self._writer.drain()

    async def receive(self) -> bytes:
        """What the next packet says. Raises OSError, and NodeError: MALFORMED for none, UNREACHABLE at the end."""
        try:
            size = int.from_bytes(self._incoming.decrypt(await self._reader.readexactly(4)), "little")
            if not _NOISE + _HASH <= size <= _LONGEST:
                raise NodeError(Why.MALFORMED, "a packet of a length that none has")
            body = self._incoming.decrypt(await self._reader.readexactly(size))
        except asyncio.IncompleteReadError:
            raise NodeError(Why.UNREACHABLE, "the server hung up") from None
        if sha256(body[:-_HASH]).digest() != body[-_HASH:]:
            raise NodeError(Why.MALFORMED, "a packet that is not what was sent")
        return bytes(body[_NOISE:-_HASH])

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._writer.wait_closed()


def packet(said: bytes) -> bytes:
    """What is said as a packet, not encrypted yet."""
    body = secrets.token_bytes(_NOISE) + said
    return (len(body) + _HASH).to_bytes(4, "little") + body + sha256(body).digest()


def greeting(key: bytes, own: bytes, parameters: bytes) -> bytes:
    """The first message to the server with this Ed25519 key, from a client with this secret. Raises NodeError."""
    from nacl.signing import SigningKey

    digest = sha256(parameters).digest()
    encrypted = _shared_cipher(shared_secret(own, key), digest).encrypt(parameters)
    return b"".join((sha256(_PUBLIC_KEY + key).digest(), bytes(SigningKey(own).verify_key), digest, encrypted))


def shared_secret(own: bytes, other: bytes) -> bytes:
    """By the secret of one Ed25519 key and another such key: both taken as keys of X25519. Raises NodeError."""
    from nacl.bindings import crypto_scalarmult
    from nacl.exceptions import CryptoError

    y = int.from_bytes(other, "little") & (1 << 255) - 1
    u = (1 + y) * pow(1 - y, -1, _FIELD) % _FIELD if (1 - y) % _FIELD else 0
    scalar = sha512(own).digest()[:KEY_BYTES]
    try:
        return bytes(crypto_scalarmult(scalar, u.to_bytes(KEY_BYTES, "little")))
    except CryptoError:
        raise NodeError(Why.MALFORMED, "the server's key is none") from None


def _shared_cipher(secret: bytes, digest: bytes) -> Any:
    return _cipher(secret[:16] + digest[16:32], digest[:4] + secret[20:32])


def _cipher(key: bytes, nonce: bytes) -> Any:
    """AES-256 in counter mode."""
    from Crypto.Cipher import AES

    return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=nonce)

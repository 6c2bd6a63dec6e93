"""The little of Dask's protocol that a run needs, spoken so that nothing received is ever more than data.

`distributed.Client` unpickles what schedulers and workers send it (results, errors, types of results, warnings, events,
whatever a message marks as pickled), and none of that can be switched off. So it is not used: requests are written
here, and replies are read as MessagePack alone. An object that a peer has pickled comes out as its bytes, unopened.

A message is a length, a count of frames and their lengths (64 bits each, little-endian), then the frames: the first one
MessagePack, in which a map {"__Serialized__": n} stands for an object whose header is frame n, followed by its parts.
The first message from each side says what it understands; ours says that nothing is to be compressed.

Not in here: what is asked of a scheduler or a worker (`cluster`), and what answers mean (`answers`).

Source: Dask's documentation, "Protocol", and distributed 2026.8, comm/tcp.py, protocol/core.py and core.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import ssl
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from scanner.core.msgpack_nesting import nests_deeper
from scanner.scanning.scheduler_address import SchedulerAddress

_NUMBER: Final = struct.Struct("<Q")
_MOST_FRAMES: Final = 10_000
_DEEPEST: Final = 50  # arrays and maps in one another, in any message
_MOST_GREETING: Final = 64 * 1024  # bytes of a peer's first message
_SUB_FRAMES: Final = "num-sub-frames"


class WireError(Exception):
    """A message that is none: cut short, too large, or of another form. The text quotes nothing that was received."""


class SchedulerLink:
    """Connections to one scheduler, one for each request under way; idle ones are used again."""

    def __init__(self, address: SchedulerAddress, tls: ssl.SSLContext | None) -> None:
        self._address = address
        self._tls = tls
        self._idle: list[_Connection] = []

    async def request(self, message: dict[str, Any], most: int) -> Any:
        """The reply to a message of at most `most` bytes: strings, numbers, bytes, lists and maps of them.

        Raises OSError where the scheduler is not reached or the connection ends, WireError for what is no reply. To
        wait only so long is the caller's part; who is cancelled closes the connection.
        """
        connection = self._idle.pop() if self._idle else await _Connection.open(self._address, self._tls)
        try:
            connection.send(message)
            reply = await connection.receive(most)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return reply

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def call(function: Callable[..., object], *arguments: object) -> dict[str, Any]:
    """The part of a request that has a function of ours, by its name, called there. Pickles go out, never in."""
    return {"function": pickle.dumps(function), "args": pickle.dumps(arguments), "wait": True}


def result(reply: Any) -> bytes | None:
    """The bytes that a function which was called there returned; None where it raised, or returned something else."""
    if isinstance(reply, dict) and reply.get("status") == "OK" and isinstance(reply.get("result"), bytes):
        return bytes(reply["result"])
    return None


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: SchedulerAddress, tls: ssl.SSLContext | None) -> _Connection:
        """Raises OSError, WireError."""
        reader, writer = await asyncio.open_connection(
            address.host, address.port, ssl=tls if address.encrypted else None
        )
        connection = cls(reader, writer)
        try:
            understood = {"compression": None, "pickle-protocol": pickle.HIGHEST_PROTOCOL}
            connection.send(understood)
            await connection.receive(_MOST_GREETING)
        except BaseException:
            connection.close()
            raise
        return connection

    def send(self, message: dict[str, Any]) -> None:
        frame = msgspec.msgpack.encode(message)
        prelude = _NUMBER.pack(1) + _NUMBER.pack(len(frame))
        self._writer.writelines([_NUMBER.pack(len(prelude) + len(frame)), prelude, frame])

    async def receive(self, most: int) -> Any:
        await self._writer.drain()
        try:
            _, count = struct.unpack("<QQ", await self._reader.readexactly(2 * _NUMBER.size))
            if not 0 < count <= _MOST_FRAMES:
                raise WireError("a message of no frames, or of too many")
            lengths = struct.unpack(f"<{count}Q", await self._reader.readexactly(count * _NUMBER.size))
            if sum(lengths) > most:
                raise WireError(f"a message of more than {most:,} bytes")
            frames = [await self._reader.readexactly(length) for length in lengths]
        except asyncio.IncompleteReadError:
            raise ConnectionResetError("the connection ended") from None
        return decoded(frames)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it is left, whatever becomes of it
            self._writer.transport.abort()


def decoded(frames: Sequence[bytes]) -> Any:
    """A message's frames as a value. Raises WireError."""
    try:
        return _filled(_plain(frames[0]), frames)
    except (msgspec.MsgspecError, ValueError, TypeError, LookupError, RecursionError):
        raise WireError("a message that is not of the protocol's form") from None


def _plain(frame: bytes) -> Any:
    if nests_deeper(frame, _DEEPEST):
        raise ValueError("nested too deep")
    return msgspec.msgpack.decode(frame)


def _filled(value: Any, frames: Sequence[bytes]) -> Any:
    """The value with the bytes of its serialized and pickled objects in place of the marks."""
    if isinstance(value, dict):
        for mark in ("__Serialized__", "__Pickled__"):
            if mark in value:
                return _parts(value[mark], frames)
        return {key: _filled(each, frames) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, frames) for each in value]
    return value


def _parts(at: Any, frames: Sequence[bytes]) -> bytes:
    """The parts of an object whose header is that frame. Raises ValueError."""
    if type(at) is not int or not 0 < at < len(frames):
        raise ValueError("a frame that is not there")
    header = _plain(frames[at])
    count = header[_SUB_FRAMES]
    if type(count) is not int or not 0 <= count < len(frames) - at:
        raise ValueError("parts that are not there")
    if any(each is not None for each in header.get("compression") or ()):
        raise ValueError("compressed, which was not asked for")
    return b"".join(frames[at + 1 : at + 1 + count])

"""gzip to bytes, a bounded piece at a time.

The standard library's reader goes through a header byte by byte, so that a name of a hundred megabytes would take it
minutes. Source: RFC 1952; several members may follow one another, and zeros the last.
"""

from __future__ import annotations

import zlib
from typing import Final, Protocol

_PIECE: Final = 2**16
_GZIP: Final = 16 + zlib.MAX_WBITS


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Gunzip:
    """What a stream of gzip unpacks to. Reading raises zlib.error, and EOFError where it ends too soon."""

    def __init__(self, packed: _Readable) -> None:
        self._packed = packed
        self._data = b""  # packed, and not taken yet
        self._member = zlib.decompressobj(_GZIP)
        self._members = 0  # begun so far
        self._between = True  # none is under way

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, and none only at the end."""
        while True:
            ended = not self._data and not self._filled()
            if self._between:
                if ended and self._members:
                    return b""
                if not self._begin():
                    continue
            piece = self._member.decompress(self._data, size)
            self._between = self._member.eof
            self._data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                return piece
            if ended and not self._between:
                raise EOFError("it ends before what is packed in it does")

    def _filled(self) -> bool:
        self._data = self._packed.read(_PIECE)
        return bool(self._data)

    def _begin(self) -> bool:
        """Whether another member begins here: zeros between two, and behind the last, are none."""
        if self._members:
            self._data = self._data.lstrip(b"\0")
            if not self._data:
                return False
        self._member = zlib.decompressobj(_GZIP)
        self._members += 1
        return True

"""The evidence file's compression: gzip (RFC 1952), one member without name or time, read and written as it goes by.

Nothing here knows what stands in the lines.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from scanner.attesting.evidence_csv import MAX_LINE_BYTES, EvidenceError

_PIECE = 512 * 1024  # bytes decompressed at a time
_BLOCK = 32 * 1024  # bytes compressed at a time, or one line that is longer
_LEVEL = 3  # of nine: half the time of zlib's own choice, for a twelfth more bytes (ADR 28, bench/evidence.py)


def compress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, in pieces of any size, as a gzip file, piece by piece. The same lines, cut into the same pieces, give
    the same bytes with the same build of zlib."""
    zipper = zlib.compressobj(_LEVEL, wbits=31)  # 31: a gzip header and trailer; zlib writes no name, no time into it
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK:
            if piece := zipper.compress(block):
                yield piece
            block.clear()
    yield zipper.compress(block) + zipper.flush()


def decompress(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a gzip file, one by one. Raises EvidenceError as `texts` does."""
    for text in texts(pieces):
        yield from lines_in(text)


def lines_in(text: bytes) -> list[bytes]:
    """The lines of a text that ends in a line feed, each with its own."""
    return [line + b"\n" for line in text.split(b"\n")[:-1]]


def texts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a gzip file, whose bytes come in pieces of any size: whole lines, as many as are unzipped together.
    Never holds more than a line and a piece.

    Raises EvidenceError for bytes that are not one whole gzip member and nothing else, for a checksum that does not
    fit, and for a line that is too long.
    """
    unzip = zlib.decompressobj(wbits=31)
    number, rest = 1, b""
    for piece in pieces:
        for text in _unzipped(unzip, piece, number):
            lines, feed, rest = (rest + text).rpartition(b"\n")
            if feed:
                yield lines + feed
                number += lines.count(b"\n") + 1
            if len(rest) >= MAX_LINE_BYTES:
                raise EvidenceError(number, f"longer than {MAX_LINE_BYTES} bytes")
    if not unzip.eof:
        raise EvidenceError(number, "the gzip data end too early")
    if rest:
        raise EvidenceError(number, "the last line has no line feed")


def _unzipped(unzip: zlib._Decompress, piece: bytes, number: int) -> Iterator[bytes]:
    while True:
        try:
            text = unzip.decompress(piece, _PIECE)
        except zlib.error:
            raise EvidenceError(number, "the gzip data are damaged, or are none") from None
        if unzip.unused_data:
            raise EvidenceError(number, "something follows the end of the gzip data")
        yield text
        piece = unzip.unconsumed_tail
        if not piece and len(text) < _PIECE:
            return

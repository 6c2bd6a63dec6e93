"""What a text's digest would be with other line ends: git with autocrlf, editors and mail programs change them.

Only to explain a digest that does not fit. What was changed on its way is another file, and is refused all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

LF, CRLF = "LF", "CRLF"
_AT_ONCE: Final = 2**20  # bytes


def other_digests(pieces: Iterable[bytes], digest: str) -> dict[str, str]:
    """By LF and CRLF: the sha256, in hex, of the text with these line ends, where that is not its own `digest`."""
    unix, windows = hashlib.sha256(), hashlib.sha256()
    for piece in _with_lf(pieces):
        unix.update(piece)
        windows.update(piece.replace(b"\n", b"\r\n"))
    found = {LF: unix.hexdigest(), CRLF: windows.hexdigest()}
    return {ends: other for ends, other in found.items() if other != digest}


def explained(path: Path, expected: str, digest: str) -> str:
    """What an error about the `digest` of the file at `path` adds, where line ends alone explain it; else nothing."""
    try:
        others = other_digests(_pieces(path), digest)
    except OSError:  # gone meanwhile: the error that is being raised is enough
        return ""
    for ends, other in others.items():
        if other == expected:
            return f"; its line ends were changed on its way: with {ends} it is that file"
    return ""


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            yield piece


def _with_lf(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each CR that stands before an LF left out, wherever the pieces end."""
    held = b""
    for piece in pieces:
        text = held + piece
        held = b"\r" if text.endswith(b"\r") else b""
        yield text[: len(text) - len(held)].replace(b"\r\n", b"\n")
    yield held

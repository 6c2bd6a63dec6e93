"""Texts in an archive that state the sha256 of its other files, as `sha256sum` writes them.

One that holds is no text that might have been rows. One that does not hold is reported as the others are, so that the
file is not whole: it is unknown which of the two was exchanged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.errors import InputError
from scanner.sources.published.archive import Archive

_LINE = re.compile(r"([0-9a-fA-F]{64})(?:[ \t]+[*]?(.+))?")
_ENDINGS: Final = (".sha256", ".sha256sum")


def judged(archive: Archive, names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Those of the texts that are such lists, and whether every line holds. Raises InputError as reading does."""
    for name in names:
        stated = _stated(archive, name)
        if stated:
            yield name, all(_sha256(archive, of) == digest for of, digest in stated.items())


def _stated(archive: Archive, name: str) -> dict[str, str] | None:
    """The digests by the names of the files they are of; None for a text that is no such list."""
    folder = name.rpartition("/")[0]
    try:
        lines = archive.start(name).decode().splitlines()
    except (UnicodeDecodeError, InputError):
        return None
    stated = {}
    for line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return None
        alone = next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), None)
        of = alone if match[2] is None else f"{folder}/{match[2]}" if folder else match[2]
        if of is None:
            return None
        stated[of] = match[1].lower()
    return stated


def _sha256(archive: Archive, name: str) -> str | None:
    if name not in archive.members:
        return None
    digest = hashlib.sha256()
    for piece in archive.pieces(name):
        digest.update(piece)
    return digest.hexdigest()

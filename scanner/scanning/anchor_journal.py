"""What was added to an anchor since its file was written, on disk change by change: a run that is killed loses nothing
that was complete, and the next one goes on from there.

It lies beside the anchor's file, is only ever added to, and goes away once that file is written anew:

    16 bytes    what it is, and the format's version
    32 bytes    SHA-256 of the anchor's file that the changes are added to; of nothing where there is none yet
    each        4 bytes of length, and the change: its kind (1 byte), and the record, or JSON

A change that is cut short is what a kill leaves behind, and is cut off. Changes to another file than the one that is
there are of no use. Nothing here is believed: an anchor proves itself, and what was taken up is walked before it is
made longer. The file is locked while it is open, so that two runs never make one anchor.

Not in here: the anchor's file (`attesting.anchor_file`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Final

from scanner.chains.anchor import PathBlock
from scanner.chains.names import parse_chain
from scanner.core.json_nesting import shallow
from scanner.errors import InputError, NodeError
from scanner.proofs.witness import MAX_RECORD
from scanner.scanning.folder_lock import is_at, locked
from scanner.scanning.growing_anchor import Added, Begun, Change, Decided, GrowingAnchor, Hung, Put
from scanner.scanning.journal_chain import write_whole
from scanner.sources.regular_file import open_if_there

SUFFIX: Final = ".part"
"""Of the journal's name, behind the anchor's."""

_NAME: Final = b"anchor-journal\x00"
_MAGIC: Final = _NAME + b"\x01"
_DIGEST: Final = 32
_START: Final = len(_MAGIC) + _DIGEST
_LENGTH: Final = 4
_PIECE: Final = 2**20  # bytes
_DEEPEST: Final = 2  # lists in one another that a change is
_ADDED, _BEGUN, _PUT, _HUNG, _DECIDED = b"R", b"B", b"P", b"H", b"D"  # the first byte of a change: its kind


class AnchorJournal:
    """The changes to one anchor."""

    def __init__(self, file: FileIO, path: Path, digest: bytes) -> None:
        self._file = file
        self._path = path
        self._digest = digest

    @classmethod
    @contextlib.contextmanager
    def of(cls, anchor: Path) -> Iterator[AnchorJournal]:
        """That of the anchor whose file is, or comes to be, at `anchor`: no other run's while the body runs, and gone
        after it where nothing was added. Raises InputError where another run has it, where it is something else, and
        where it cannot be written."""
        path = anchor.with_name(anchor.name + SUFFIX)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file, held = locked(path, who="scanner anchor")
        except OSError as error:
            raise InputError.at(str(path), f"cannot be written: {error.strerror or error}") from None
        with held:
            try:
                yield cls(file, path, _digest_of(anchor))
            finally:
                if _has_nothing(file) and is_at(file, path):
                    path.unlink()

    def resume(self, growing: GrowingAnchor) -> None:
        """Take up in `growing`, which is as the anchor's file has it, what an earlier run added; and keep what is
        added from now on. Raises InputError."""
        try:
            self._file.seek(0)
            begins = self._file.read(_START) or b""
            if not _is_ours(begins):
                raise InputError.at(str(self._path), "is no part of an anchor; move it away")
            end = self._taken_up(growing) if begins == _MAGIC + self._digest else 0
            self._file.truncate(end)
            if end == 0:
                write_whole(self._file, _MAGIC + self._digest)
        except OSError as error:
            raise InputError.at(str(self._path), f"cannot be used: {error.strerror or error}") from None
        growing.keep = self._keep

    def done(self) -> None:
        """All is in the anchor's file: the journal goes away."""
        self._path.unlink(missing_ok=True)

    def _taken_up(self, growing: GrowingAnchor) -> int:
        """Where the last change ends that was taken up."""
        while True:
            end = self._file.tell()
            length = int.from_bytes(self._file.read(_LENGTH) or b"")
            if not 0 < length <= 1 + MAX_RECORD:
                return end
            written = self._file.read(length) or b""
            if len(written) != length:
                return end
            try:
                growing.apply(_read(written))
            except (NodeError, ValueError, TypeError, KeyError):  # what none of ours wrote
                return end

    def _keep(self, change: Change) -> None:
        written = _written(change)
        try:
            write_whole(self._file, len(written).to_bytes(_LENGTH) + written)
        except OSError as error:
            raise InputError.at(str(self._path), f"cannot be written: {error.strerror or error}") from None


def _is_ours(begins: bytes) -> bool:
    """Whether a file that begins so is such a journal, or became none when it was begun."""
    return begins[: len(_NAME)] == _NAME[: len(begins)]


def _has_nothing(file: FileIO) -> bool:
    file.seek(0)
    begins = file.read(_START + 1) or b""
    return len(begins) <= _START and _is_ours(begins)


def _digest_of(anchor: Path) -> bytes:
    """Raises InputError for what is there and is no file that can be read."""
    digest = hashlib.sha256()
    with open_if_there(anchor) as file:
        while file is not None and (piece := file.read(_PIECE)):
            digest.update(piece)
    return digest.digest()


def _written(change: Change) -> bytes:
    match change:
        case Added(record):
            return _ADDED + record
        case Begun(chain, block):
            return _BEGUN + json.dumps([str(chain), block.height, block.hash]).encode()
        case Put(chain, block):
            return _PUT + json.dumps([str(chain), block.height, block.hash]).encode()
        case Hung(chain, under):
            return _HUNG + json.dumps([str(chain), under]).encode()
        case Decided(chain, names):
            return _DECIDED + json.dumps([str(chain), [name.hex() for name in names]]).encode()


def _read(written: bytes) -> Change:
    """Raises ValueError or TypeError for what `_written` did not write."""
    kind, content = written[:1], written[1:]
    if kind == _ADDED:
        return Added(content)
    name, *rest = shallow(content, _DEEPEST)
    chain = parse_chain(name)
    match kind, rest:
        case (b"B", [int(height), str(block)]):
            return Begun(chain, PathBlock(height, block))
        case (b"P", [int(height), str(block)]):
            return Put(chain, PathBlock(height, block))
        case (b"H", [str(under)]):
            return Hung(chain, under)
        case (b"D", [list(names)]):
            return Decided(chain, tuple(map(bytes.fromhex, names)))
        case _:
            raise ValueError("no change to an anchor")

"""An anchor as it grows: its paths upwards, their records, and what a reader would take of both.

Not in here: where blocks and records come from, and whether they lead anywhere (`anchoring`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scanner.chains.anchor import MOST_BLOCKS, MOST_BLOCKS_IN_ALL, MOST_BYTES, MOST_RECORDS, Anchor, PathBlock
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why
from scanner.proofs.witness import MAX_RECORD, Witness

_LENGTH: Final = 4  # bytes that say in the file how long a record is
_HEAD: Final = 24  # bytes of the file before its first record


@dataclass(frozen=True, slots=True)
class Added:
    """A record that was not there."""

    record: bytes


@dataclass(frozen=True, slots=True)
class Begun:
    """A chain's path anew, from this block on."""

    chain: Chain
    block: PathBlock


@dataclass(frozen=True, slots=True)
class Put:
    """The next block of a chain's path."""

    chain: Chain
    block: PathBlock


@dataclass(frozen=True, slots=True)
class Hung:
    """The newest block of a chain's path hangs under the one of this hash."""

    chain: Chain
    under: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The records that show a block to be final, by their names, in place of those that did."""

    chain: Chain
    names: tuple[bytes, ...]


Change = Added | Begun | Put | Hung | Decided


def _nowhere(_change: Change) -> None:
    return None


class GrowingAnchor:
    """An anchor as far as it has come."""

    def __init__(self, anchor: Anchor | None = None, *, room: int = MOST_BYTES) -> None:
        """`room`: bytes of records, as the file has them."""
        begun = Anchor() if anchor is None else anchor
        self.witness = Witness(begun.witness.get(digest) or b"" for digest in begun.witness)
        self._room = room
        self.changed = False  # since it was begun
        self.keep: Callable[[Change], None] = _nowhere  # is called with each change, once it is made
        self._held = _HEAD + sum(_LENGTH + len(begun.witness.get(each) or b"") for each in begun.witness)
        self._paths = {chain: [*reversed(path)] for chain, path in begun.paths.items()}  # the oldest block first
        self._finality = dict(begun.finality)

    @property
    def anchor(self) -> Anchor:
        """What there is now."""
        paths = {chain: tuple(reversed(_led_to(path))) for chain, path in self._paths.items()}
        return Anchor(paths, dict(self._finality), self.witness)

    def path(self, chain: Chain) -> Sequence[PathBlock]:
        """The blocks of a chain, the oldest first."""
        return self._paths.get(chain, ())

    def begin(self, chain: Chain, block: Snapshot) -> None:
        """A path anew, from this block on."""
        self.apply(Begun(chain, PathBlock(block.height, block.hash)))

    def put(self, block: Snapshot) -> None:
        """The next block of its chain's path. Raises NodeError where a reader would not take as long a one."""
        self.apply(Put(block.chain, PathBlock(block.height, block.hash)))

    def hang(self, block: Snapshot, under: Snapshot) -> None:
        """The newest block of its chain's path hangs under a newer one than the next, which comes to the path later."""
        self.apply(Hung(block.chain, under.hash))

    def add(self, records: Iterable[bytes]) -> list[bytes]:
        """Records that links rest on. Their names. Raises NodeError where a reader would not take as many, or as long
        a one."""
        return [self._added(record) for record in records]

    def decided(self, consensus: Chain, names: Sequence[bytes]) -> None:
        """What shows a block to be final, in place of what did."""
        self.apply(Decided(consensus, tuple(names)))

    def apply(self, change: Change) -> None:
        """Make a change. Raises NodeError where a reader would not take what comes of it, KeyError for a block of a
        path that was not begun."""
        match change:
            case Added(record):
                self._added(record)
                return
            case Begun(chain, block):
                self._paths[chain] = [block]
            case Put(chain, block):
                if len(self._paths[chain]) >= MOST_BLOCKS or sum(map(len, self._paths.values())) >= MOST_BLOCKS_IN_ALL:
                    raise NodeError(
                        Why.UNSUPPORTED,
                        f"an anchor has room for {MOST_BLOCKS:,} blocks of a chain, and {MOST_BLOCKS_IN_ALL:,} of all",
                    )
                self._paths[chain].append(block)
            case Hung(chain, under):
                path = self._paths[chain]
                path[-1] = replace(path[-1], under=under)
            case Decided(chain, names):
                self._finality[chain] = names
        self.changed = True
        self.keep(change)

    def _added(self, record: bytes) -> bytes:
        if len(record) > MAX_RECORD:
            raise NodeError(Why.MALFORMED, f"a record of {len(record):,} bytes, at most {MAX_RECORD:,} are taken")
        count = len(self.witness)
        if count >= MOST_RECORDS or self._held + _LENGTH + len(record) > self._room:
            raise NodeError(
                Why.UNSUPPORTED, f"an anchor has room for {MOST_RECORDS:,} records and {self._room:,} bytes of them"
            )
        name = self.witness.add(record)
        if len(self.witness) > count:
            self._held += _LENGTH + len(record)
            self.changed = True
            self.keep(Added(record))
        return name


def _led_to(path: Sequence[PathBlock]) -> Sequence[PathBlock]:
    """So much of a path, the oldest block first, as a reader is led to: up to the first block that hangs under one that
    is not there yet."""
    hashes = {block.hash for block in path}
    for place, block in enumerate(path):
        if block.under is not None and block.under not in hashes:
            return [*path[:place], replace(block, under=None)]
    return path

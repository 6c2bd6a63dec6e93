"""An anchor as it grows: its paths upwards, their records, and what a reader would take of both.

Not in here: where blocks and records come from, and whether they lead anywhere (`anchoring`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from scanner.chains.anchor import MOST_BLOCKS, MOST_BLOCKS_IN_ALL, MOST_BYTES, MOST_RECORDS, Anchor, PathBlock
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why
from scanner.proofs.witness import MAX_RECORD, Witness

_LENGTH: Final = 4  # bytes that say in the file how long a record is
_HEAD: Final = 24  # bytes of the file before its first record


class GrowingAnchor:
    """An anchor as far as it has come."""

    def __init__(self, anchor: Anchor | None = None, *, room: int = MOST_BYTES) -> None:
        """`room`: bytes of records, as the file has them."""
        begun = Anchor() if anchor is None else anchor
        self.witness = Witness(begun.witness.get(digest) or b"" for digest in begun.witness)
        self._room = room
        self.size = 0  # bytes of records that were added
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
        self._paths[chain] = [PathBlock(block.height, block.hash)]

    def put(self, block: Snapshot) -> None:
        """The next block of its chain's path. Raises NodeError where a reader would not take as long a one."""
        if len(self._paths[block.chain]) >= MOST_BLOCKS or sum(map(len, self._paths.values())) >= MOST_BLOCKS_IN_ALL:
            raise NodeError(
                Why.UNSUPPORTED,
                f"an anchor has room for {MOST_BLOCKS:,} blocks of a chain, and {MOST_BLOCKS_IN_ALL:,} of all",
            )
        self._paths[block.chain].append(PathBlock(block.height, block.hash))

    def hang(self, block: Snapshot, under: Snapshot) -> None:
        """The newest block of its chain's path hangs under a newer one than the next, which comes to the path later."""
        path = self._paths[block.chain]
        path[-1] = replace(path[-1], under=under.hash)

    def add(self, records: Iterable[bytes]) -> list[bytes]:
        """Records that links rest on. Their names. Raises NodeError where a reader would not take as many, or as long
        a one."""
        names = []
        for record in records:
            if len(record) > MAX_RECORD:
                raise NodeError(Why.MALFORMED, f"a record of {len(record):,} bytes, at most {MAX_RECORD:,} are taken")
            count = len(self.witness)
            if count >= MOST_RECORDS or self._held + _LENGTH + len(record) > self._room:
                raise NodeError(
                    Why.UNSUPPORTED, f"an anchor has room for {MOST_RECORDS:,} records and {self._room:,} bytes of them"
                )
            names.append(self.witness.add(record))
            self._held += _LENGTH + len(record) if len(self.witness) > count else 0
            self.size += len(record)
        return names

    def decided(self, consensus: Chain, names: Sequence[bytes]) -> None:
        """What shows a block to be final, in place of what did."""
        self._finality[consensus] = tuple(names)


def _led_to(path: Sequence[PathBlock]) -> Sequence[PathBlock]:
    """So much of a path, the oldest block first, as a reader is led to: up to the first block that hangs under one that
    is not there yet."""
    hashes = {block.hash for block in path}
    for place, block in enumerate(path):
        if block.under is not None and block.under not in hashes:
            return [*path[:place], replace(block, under=None)]
    return path

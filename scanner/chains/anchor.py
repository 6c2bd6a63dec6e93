"""An anchor: for each chain the blocks by which one comes down to a snapshot, and the records that lead through them.

It is not signed and says nothing by itself: a reader who knows one of its blocks walks down from there. Not in here:
the walk (`ancestry`), and the file (`attesting.anchor_file`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scanner.core.ids import Chain
from scanner.proofs.witness import Witness

MOST_BLOCKS: Final = 50_000
"""On the path of one chain."""

MOST_BLOCKS_IN_ALL: Final = 75_000
"""On all paths of an anchor that is made: as its file writes them, some 100 bytes each."""

MOST_RECORDS: Final = 2**20
"""In one anchor: of 256 bytes each as large as its file may be, and smaller ones would fill memory, not the file."""

MOST_BYTES: Final = 256 * 1024**2
"""In an anchor's records, as their file has them: all headers of Bitcoin take a sixth of it."""


@dataclass(frozen=True, slots=True)
class PathBlock:
    """A block on the way. The height is stated by who made the anchor; that it fits is checked link by link."""

    height: int
    hash: str
    under: str | None = None  # the hash of the newer block that a link leads down from; None: the one before it


@dataclass(frozen=True, slots=True)
class Anchor:
    """Paths by chain, the newest block first, each an ancestor of the one before it, or of the newer one that it names;
    and their records.

    `finality`: the names (Keccak-256), in order, of records that show a block to be final, by the chain whose consensus
    signed them.
    """

    paths: Mapping[Chain, tuple[PathBlock, ...]] = field(default_factory=dict)
    finality: Mapping[Chain, tuple[bytes, ...]] = field(default_factory=dict)
    witness: Witness = field(default_factory=Witness)

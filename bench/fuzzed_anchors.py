"""Anchors, and what is kept while one is made, as targets of `fuzz`: a file that was changed anchors what it anchored,
to the same block, or nothing.

Seeds are of the tests' own making.
"""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime
from itertools import islice

from bench.fuzzed_files import FOLDER, Run, Target
from scanner.attesting.anchor_file import NoAnchor, anchor_bytes, read_anchor
from scanner.attesting.anchored import Standing, anchored
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.bitcoin.header import parse_header
from scanner.chains.bitcoin.runs import record_of
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import InputError
from scanner.proofs.witness import Witness
from scanner.scanning.anchor_journal import SUFFIX, AnchorJournal
from scanner.scanning.growing_anchor import GrowingAnchor
from tests.support.simulated.ancestors import block, kept, mined, records_of
from tests.support.simulated.bitcoin import GENESIS

_BLOCKS = 8  # on regtest's first one
REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")


def targets() -> dict[str, Target]:
    """By name."""
    anchor, blocks, tops = _whole()
    return {
        "anchor file": Target((b"".join(anchor_bytes(anchor)),), _shown(blocks, tops), (NoAnchor,)),
        "anchor part": Target((_part(anchor, blocks),), _taken_up, (InputError,)),
    }


def _whole() -> tuple[Anchor, list[Snapshot], dict[Chain, list[str]]]:
    """Down from a block of two chains to a block of each."""
    older = block(100)
    newer = block(900, words=kept(older))
    headers = [parse_header(GENESIS), *mined(_BLOCKS, first=parse_header(GENESIS).hash)]
    raws = [header.raw for header in headers]
    low = Snapshot(REGTEST, 3, headers[3].hash, headers[3].parent, datetime.fromtimestamp(headers[3].time, UTC))
    runs = [record_of(raws[start:end]) for start, end in ((0, 1), (1, 4), (4, 9))]
    ethereum, top = older.snapshot.chain, newer.snapshot
    paths = {
        ethereum: (PathBlock(900, top.hash), PathBlock(100, older.snapshot.hash)),
        REGTEST: tuple(PathBlock(height, headers[height].hash) for height in (8, 3, 0)),
    }
    anchor = Anchor(paths, {}, Witness([*records_of(newer, older), *runs]))
    return anchor, [older.snapshot, low], {ethereum: [top.hash]}


def _shown(blocks: list[Snapshot], tops: dict[Chain, list[str]]) -> Run:
    """What an anchor shows of the blocks: of the one chain by a hash, of the other by what the release knows."""

    def run(data: bytes, _luck: random.Random) -> object:
        found = anchored(blocks, read_anchor(io.BytesIO(data)), tops, known=[REGTEST])
        for each in found:
            if each.standing is Standing.ANCHORED and (each.top is None or each.top.hash not in tops[each.block.chain]):
                raise AssertionError("a changed anchor leads down from another block")
            if each.on_top is not None and each.on_top.blocks > _BLOCKS:
                raise AssertionError("a changed anchor has more work than was done")
        return found

    return run


def _part(anchor: Anchor, blocks: list[Snapshot]) -> bytes:
    """What is kept of an anchor of which all was added."""
    path = FOLDER / "seed.bin"
    part = path.with_name(path.name + SUFFIX)
    part.unlink(missing_ok=True)
    with AnchorJournal.of(path) as journal:
        growing = GrowingAnchor()
        journal.resume(growing)
        growing.begin(blocks[1].chain, blocks[1])
        growing.add(anchor.witness.get(name) or b"" for name in islice(anchor.witness, 8))
        growing.put(blocks[1])
        growing.decided(Chain("beacon", "1"), [bytes(32)])
    return part.read_bytes()


def _taken_up(data: bytes, _luck: random.Random) -> object:
    path = FOLDER / "taken.bin"
    path.with_name(path.name + SUFFIX).write_bytes(data)
    with AnchorJournal.of(path) as journal:
        growing = GrowingAnchor()
        journal.resume(growing)
        return growing.anchor

"""What an anchor has room for: one that a reader would refuse is not made, and takes no sound one's place."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from scanner.attesting.anchor_file import MAX_PATHS, anchor_bytes, read_anchor
from scanner.chains.anchor import MOST_BLOCKS, MOST_BLOCKS_IN_ALL, Anchor, PathBlock
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why
from scanner.proofs.witness import MAX_RECORD, Witness
from scanner.scanning.growing_anchor import GrowingAnchor

ETHEREUM, POLYGON = Chain("eip155", "1"), Chain("eip155", "137")
HIGH = 10**15  # no height is written longer: 2**53 has as many digits


def path(blocks: int) -> tuple[PathBlock, ...]:
    return tuple(PathBlock(HIGH + number, f"0x{number:064x}") for number in range(blocks, 0, -1))


def next_block(chain: Chain) -> Snapshot:
    return Snapshot(chain, 2 * HIGH, f"0x{0:064x}", f"0x{0:064x}", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "blocks", [{ETHEREUM: MOST_BLOCKS}, {ETHEREUM: MOST_BLOCKS - 1, POLYGON: MOST_BLOCKS_IN_ALL - MOST_BLOCKS + 1}]
)
def test_no_path_becomes_longer_than_a_reader_takes(blocks: dict[Chain, int]) -> None:
    growing = GrowingAnchor(Anchor({chain: path(count) for chain, count in blocks.items()}))
    with pytest.raises(NodeError, match="an anchor has room for"):
        growing.put(next_block(ETHEREUM))
    written = b"".join(anchor_bytes(growing.anchor))
    assert len(written) < MAX_PATHS
    assert read_anchor(io.BytesIO(written)).paths == growing.anchor.paths


def test_a_path_that_has_room_grows() -> None:
    growing = GrowingAnchor(Anchor({ETHEREUM: path(MOST_BLOCKS - 1)}))
    growing.put(next_block(ETHEREUM))
    assert len(growing.path(ETHEREUM)) == MOST_BLOCKS


def test_no_more_records_are_taken_than_the_file_has_room_for() -> None:
    begun = Anchor(witness=Witness([b"a" * 100]))
    size = len(b"".join(anchor_bytes(begun))) - len(b"".join(anchor_bytes(Anchor())))
    growing = GrowingAnchor(begun, room=24 + 2 * size)
    growing.add([b"b" * 100])
    with pytest.raises(NodeError, match="an anchor has room for"):
        growing.add([b"c"])


def test_a_record_that_is_longer_than_a_reader_takes_is_the_nodes_failure() -> None:
    growing = GrowingAnchor()
    growing.add([bytes(MAX_RECORD)])
    with pytest.raises(NodeError, match="at most 131,072 are taken") as error:
        growing.add([bytes(MAX_RECORD + 1)])
    assert error.value.why is Why.MALFORMED

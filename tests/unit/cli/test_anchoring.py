"""What is said of a block that is shown to be final from a checkpoint."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.attesting.anchored import AnchoredBlock, Standing
from scanner.attesting.stated_blocks import StatedBlocks
from scanner.chains.ancestry import Finalized, Way
from scanner.chains.anchor import PathBlock
from scanner.cli.anchoring import lines, trust
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import InputError

BLOCK = Snapshot(Chain("eip155", "1"), 7, "0x" + "ab" * 32, "0x" + "cd" * 32, datetime(2026, 1, 1, tzinfo=UTC))
TOP = PathBlock(9, "0x" + "ef" * 32)


def said_of(finalized: Finalized | None) -> str:
    shown = AnchoredBlock(BLOCK, Standing.ANCHORED, TOP, 1, (Way.HISTORY,), finalized=finalized)
    (line,) = lines([shown], StatedBlocks((BLOCK,)))
    return line.partition(": ")[2]


def test_signatures_are_named_only_where_some_were_needed() -> None:
    assert said_of(None) == "an ancestor of block 9, which you named, through 1 link"
    named = "an ancestor of block 9, which your checkpoint names, through 1 link"
    assert said_of(Finalized(TOP.hash, 0, 0, 512)) == named
    assert "as 400 of 512, or more, signed in each of 3 headers" in said_of(Finalized(TOP.hash, 3, 400, 512))


def test_a_trusted_block_of_a_consensus_layer_is_a_checkpoint(tmp_path: Path) -> None:
    beacon, root = Chain("beacon", "1"), "0x" + "12" * 32
    asked = Namespace(trust=[f"{beacon}={root}", f"{BLOCK.chain}={TOP.hash}"], checkpoint=[], anchor=None)
    found = trust(asked, {BLOCK.chain}, tmp_path)
    assert (found.blocks, found.checkpoints) == ({BLOCK.chain: {TOP.hash}}, {beacon: {root}})
    found = trust(asked, {BLOCK.chain, beacon}, tmp_path)  # where it is one of the attestation's own chains as well
    assert found.blocks == {BLOCK.chain: {TOP.hash}, beacon: {root}}
    assert found.checkpoints == {beacon: {root}}
    with pytest.raises(InputError, match="is of no use to this attestation"):
        trust(asked, {Chain("eip155", "10")}, tmp_path)

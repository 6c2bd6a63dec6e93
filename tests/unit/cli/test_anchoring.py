"""What is said of a block that is shown to be final from a checkpoint."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.attesting.anchored import AnchoredBlock, Standing
from scanner.attesting.stated_blocks import StatedBlocks
from scanner.chains.ancestry import Finalized, Way
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.checkpoints import Checkpoint, OnTop
from scanner.cli.anchoring import Trust, as_json, code, lines, require_readable, shown, trust
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


KNOWN = Checkpoint(3, "ab" * 32, 2**70, "a source")
BITCOIN = Chain("bip122", "000000000019d6689c085ae165831e93")
LATER = Snapshot(BITCOIN, 7, "cd" * 32, "ef" * 32, datetime(2026, 1, 1, tzinfo=UTC))
ABOVE = PathBlock(9, "12" * 32)


def worked(on_top: OnTop | None, reason: str = "") -> AnchoredBlock:
    return AnchoredBlock(LATER, Standing.WORK, ABOVE, 1, (Way.PARENTS,), 2**80, on_top=on_top, reason=reason)


def test_of_a_block_on_one_that_this_release_knows_both_works_are_said() -> None:
    (line,) = lines([worked(OnTop(KNOWN, 6, 2**70))], StatedBlocks((LATER,)))
    assert "2 blocks stand on top of it, which took some 2^80.0 hashes to make; it stands on block 3" in line
    assert "(a source), by 6 headers up to the newest" in line
    assert f"took {2**71:#x} hashes" in line
    (shown,) = as_json([worked(OnTop(KNOWN, 6, 2**70))])
    assert shown["onTop"] == {
        "of": {"height": 3, "hash": KNOWN.hash, "work": str(2**70), "source": "a source"},
        "blocks": 6,
        "work": str(2**70),
    }
    below = AnchoredBlock(LATER, Standing.ANCHORED, ABOVE, 1, (Way.PARENTS,), known=replace(KNOWN, height=9))
    (line,) = lines([below], StatedBlocks((LATER,)))
    assert "an ancestor of block 9, which this release knows (a source), through 1 link" in line


def test_what_was_asked_of_a_release_is_shown_by_an_ancestor_or_by_work_on_a_known_block() -> None:
    asked = Namespace(trust=[], checkpoint=[str(BITCOIN)], anchor=None)
    below = AnchoredBlock(LATER, Standing.ANCHORED, ABOVE, 1, (Way.PARENTS,), known=replace(KNOWN, height=9))
    assert code(asked, [below, worked(OnTop(KNOWN, 6, 2**70))]) == 0
    assert code(asked, [below, worked(None, "not down to it")]) == 3
    assert code(asked, [AnchoredBlock(LATER, Standing.NOT_ANCHORED, reason="no anchor")]) == 3
    shallow = worked(OnTop(KNOWN, 6, 2**70), "that is less than 6 blocks on top")
    assert code(asked, [shallow]) == 3
    assert lines([shallow], StatedBlocks((LATER,)))[0].endswith("hashes; that is less than 6 blocks on top")
    (line,) = lines([worked(None, "not down to it")], StatedBlocks((LATER,)))
    assert line.endswith("hashes to make; not down to it")


def test_a_chain_alone_asks_for_the_blocks_that_this_release_knows(tmp_path: Path) -> None:
    asked = Namespace(trust=[], checkpoint=[str(BITCOIN), f"beacon:1=0x{'12' * 32}"], anchor=None)
    found = trust(asked, {BITCOIN, BLOCK.chain}, tmp_path)
    assert (found.known, found.checkpoints) == ({BITCOIN}, {Chain("beacon", "1"): {"0x" + "12" * 32}})
    asked.checkpoint += ["eip155:1", "bitcoin", "beacon:1=12", "bip122:12a765e31ffd4059bada1e25190f6e98"]
    with pytest.raises(InputError) as error:
        trust(asked, {BITCOIN, BLOCK.chain}, tmp_path)
    said = [each.what for each in error.value.mistakes]
    assert [any(text in each for each in said) for text in ("no block of eip155:1", "'bitcoin'", "'12' is not")] == [
        True
    ] * 3
    assert f"is of no use to this attestation, but of {BITCOIN}" in said[-1]
    assert len(said) == 4


def test_it_is_said_before_the_work_of_many_headers_is_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    top = PathBlock(LATER.height + 20_000, "12" * 32)
    anchor = Anchor({BITCOIN: (top, PathBlock(LATER.height, LATER.hash)), BLOCK.chain: (replace(TOP, height=10**6),)})
    shown(Trust(anchor, {}, {}), [LATER, BLOCK])
    assert capsys.readouterr().err == f"scanner: the work of 20,000 headers of {BITCOIN} is added up\n"
    near = replace(LATER, height=LATER.height + 11_000)
    for trusted, block in ((Trust(anchor, {BITCOIN: [top.hash]}, {}), LATER), (Trust(anchor, {}, {}), near)):
        shown(trusted, [block])
        assert capsys.readouterr().err == ""


def test_a_part_whose_paths_a_reader_would_refuse_is_named_before_it_is_made_longer(tmp_path: Path) -> None:
    part, chain = tmp_path / "anchor.bin.part", BLOCK.chain
    require_readable(Anchor({chain: (TOP, PathBlock(BLOCK.height, BLOCK.hash))}), part)
    for path in (
        (PathBlock(7, "\ud800"),),
        (PathBlock(-1, BLOCK.hash),),
        (PathBlock(2**60, BLOCK.hash),),
        (PathBlock(7, "0x12"),),
        (PathBlock(7, BLOCK.hash), TOP),
        (TOP, PathBlock(7, TOP.hash)),
        (replace(TOP, under=TOP.hash),),
    ):
        with pytest.raises(InputError, match="is a part of no anchor that can be used"):
            require_readable(Anchor({chain: path}), part)

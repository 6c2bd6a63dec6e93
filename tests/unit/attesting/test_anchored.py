"""What is shown of an attestation's blocks: by an anchor, whatever stands in it, and blocks that the reader names."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting import canonical
from scanner.attesting.anchor_file import MAX_PATHS, NoAnchor, anchor_bytes, read_anchor
from scanner.attesting.anchored import AnchoredBlock, Standing, anchored
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.bitcoin.checkpoints import BitcoinCheckpoints
from scanner.chains.bitcoin.header import parse_header
from scanner.chains.bitcoin.runs import record_of
from scanner.chains.checkpoints import Checkpoint
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness
from tests.support.simulated.ancestors import mined
from tests.support.simulated.bitcoin import GENESIS

REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")
SOLANA = Chain("solana", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
FIRST = 100  # the height of the first header


HEADERS = mined(12)


def block(number: int) -> Snapshot:
    header = HEADERS[number]
    return Snapshot(REGTEST, FIRST + number, header.hash, header.parent, datetime.fromtimestamp(header.time, UTC))


def path(*numbers: int) -> tuple[PathBlock, ...]:
    return tuple(PathBlock(FIRST + number, HEADERS[number].hash) for number in numbers)


def anchor(*numbers: int, runs: Sequence[tuple[int, int]] = ((1, 12),)) -> Anchor:
    """Down through these headers, with the headers of these runs as its records."""
    records = [record_of([header.raw for header in HEADERS[start:end]]) for start, end in runs]
    return Anchor({REGTEST: path(*numbers)}, witness=Witness(records))


WHOLE = anchor(11, 8, 4, runs=((9, 12), (5, 9), (4, 5)))


def through(*blocks: PathBlock) -> Anchor:
    """The whole anchor, down through other blocks."""
    return replace(WHOLE, paths={REGTEST: blocks})


def shown(found: Anchor, number: int, *trusted: str) -> AnchoredBlock:
    (one,) = anchored([block(number)], found, {REGTEST: trusted})
    return one


def test_a_block_is_anchored_to_each_block_above_it_on_the_path() -> None:
    for top, links in ((11, 2), (8, 1), (4, 0)):
        one = shown(WHOLE, 4, HEADERS[top].hash)
        assert (one.standing, one.links) == (Standing.ANCHORED, links)
        assert one.top == path(top)[0]


def test_of_several_blocks_that_the_reader_names_the_newest_on_the_path_is_taken() -> None:
    one = shown(WHOLE, 4, HEADERS[8].hash, HEADERS[11].hash, "ab" * 32)
    assert (one.standing, one.top) == (Standing.ANCHORED, path(11)[0])


def test_a_block_that_the_reader_names_needs_no_anchor() -> None:
    one = shown(Anchor(), 4, HEADERS[4].hash)
    assert (one.standing, one.links) == (Standing.ANCHORED, 0)


def test_without_a_named_block_the_work_on_top_is_told() -> None:
    one = shown(WHOLE, 4)
    assert (one.standing, one.work, one.top) == (Standing.WORK, 7 * 2, path(11)[0])


@pytest.mark.parametrize(
    ("found", "trusted", "reason"),
    [
        (Anchor(), HEADERS[11].hash, "there is no anchor"),
        (Anchor({SOLANA: (PathBlock(1, "a" * 44),)}), HEADERS[11].hash, "nothing of this chain"),
        (anchor(11, 8, 5), HEADERS[11].hash, "leads to other blocks"),
        (WHOLE, HEADERS[10].hash, "does not lead through the block that you named"),
        (WHOLE, HEADERS[3].hash, "does not lead through the block that you named"),
        (WHOLE, "ab" * 32, "does not lead through the block that you named"),
        (anchor(11, 8, 4, runs=((9, 12), (4, 5))), HEADERS[11].hash, "does not hold"),
        (anchor(11, 8, 4, runs=((9, 12), (5, 9))), HEADERS[11].hash, "does not hold"),
        (through(*path(11, 8), PathBlock(FIRST + 3, HEADERS[4].hash)), HEADERS[11].hash, "at height 103"),
        (
            through(PathBlock(FIRST + 12, HEADERS[11].hash), *path(8, 4)),
            HEADERS[11].hash,
            "112 is 3 blocks after block 108",
        ),
    ],
)
def test_what_an_anchor_does_not_show_is_not_anchored(found: Anchor, trusted: str, reason: str) -> None:
    one = shown(found, 4, trusted)
    assert one.standing is Standing.NOT_ANCHORED
    assert reason in one.reason


def test_a_block_that_is_stated_otherwise_than_its_header_says_is_not_anchored() -> None:
    stated = replace(block(4), time=datetime(2020, 1, 1, tzinfo=UTC))
    for trusted in (11, 4):  # a later block, and the block itself
        (one,) = anchored([stated], WHOLE, {REGTEST: [HEADERS[trusted].hash]})
        assert (one.standing, "another parent or time" in one.reason) == (Standing.NOT_ANCHORED, True)


def test_every_block_is_told_of_once_on_chains_without_ancestors_too() -> None:
    other = Snapshot(SOLANA, 7, "a" * 44, "b" * 44, datetime(2026, 1, 1, tzinfo=UTC))
    found = anchored([block(8), other, block(4), block(4)], WHOLE, {REGTEST: [HEADERS[11].hash]})
    assert [(each.block, each.standing) for each in found] == [
        (block(4), Standing.ANCHORED),
        (block(8), Standing.ANCHORED),
        (other, Standing.NOT_ANCHORED),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_block_that_is_stated_truly_by_one_and_falsely_by_another_is_anchored_for_the_one_alone(order: int) -> None:
    """As in a history of several statements, of which one dates a block otherwise."""
    true, false = block(4), replace(block(4), time=datetime(2020, 1, 1, tzinfo=UTC))
    found = anchored([true, false][::order], WHOLE, {REGTEST: [HEADERS[11].hash]})
    assert {each.block: each.standing for each in found} == {
        true: Standing.ANCHORED,
        false: Standing.NOT_ANCHORED,
    }


def test_of_a_path_that_breaks_the_blocks_above_the_gap_are_anchored_and_none_below_it() -> None:
    found = anchor(11, 8, 6, 4, 2, runs=((9, 12), (7, 9), (6, 7), (3, 4), (2, 3)))
    shown_of = anchored([block(number) for number in (2, 4, 6, 8)], found, {REGTEST: [HEADERS[11].hash]})
    assert [each.standing for each in shown_of] == [Standing.NOT_ANCHORED] * 2 + [Standing.ANCHORED] * 2
    assert [each.links for each in shown_of] == [0, 0, 2, 1]


def test_of_many_blocks_each_link_of_their_path_is_walked_once() -> None:
    """A history of years would be walked for days otherwise."""
    asked: list[bytes] = []

    class Counting(Witness):
        def get(self, digest: bytes) -> bytes | None:
            asked.append(digest)
            return super().get(digest)

    runs = [record_of([HEADERS[number].raw]) for number in range(1, 12)]
    numbers = range(1, 12)
    found = Anchor({REGTEST: path(*reversed(numbers))}, witness=Counting(runs))
    shown_of = anchored([block(number) for number in numbers], found, {REGTEST: [HEADERS[11].hash]})
    assert {each.standing for each in shown_of} == {Standing.ANCHORED}
    assert len(asked) <= 5 * len(runs)


# Where the reader trusts the blocks that this release knows.

GROWN = mined(12, first=parse_header(GENESIS).hash)
"""On regtest's first block, at height 1 and above."""


def grown(height: int) -> Snapshot:
    header = parse_header(GENESIS) if height == 0 else GROWN[height - 1]
    return Snapshot(REGTEST, height, header.hash, header.parent, datetime.fromtimestamp(header.time, UTC))


def led(*heights: int, lacking: int | None = None) -> Anchor:
    """Down through the blocks of these heights, with all headers but one as its records."""
    records = [record_of([raw]) for raw in (GENESIS, *(header.raw for header in GROWN))]
    path = tuple(PathBlock(height, grown(height).hash) for height in heights)
    kept = [record for height, record in enumerate(records) if height != lacking]
    return Anchor({REGTEST: path}, witness=Witness(kept))


def by_release(found: Anchor, block: Snapshot, *trusted: str) -> AnchoredBlock:
    (one,) = anchored([block], found, {REGTEST: trusted}, known=[REGTEST])
    return one


def test_a_block_stands_on_one_that_this_release_knows_with_the_work_on_top_of_both() -> None:
    one = by_release(led(12, 5, 0), grown(5))
    assert (one.standing, one.work, one.known, one.reason) == (Standing.WORK, 7 * 2, None, "")
    assert one.on_top is not None
    assert (one.on_top.checkpoint.height, one.on_top.blocks, one.on_top.work) == (0, 12, 12 * 2)
    (unasked,) = anchored([grown(5)], led(12, 5, 0), {})
    assert (unasked.standing, unasked.work, unasked.on_top) == (Standing.WORK, 7 * 2, None)


def test_where_the_way_does_not_lead_down_to_a_known_block_only_the_work_on_top_is_told() -> None:
    one = by_release(led(12, 5), grown(5))
    assert (one.standing, one.on_top) == (Standing.WORK, None)
    assert one.reason == "the anchor does not lead down to block 0, the newest that this release knows"
    one = by_release(led(5, 0), grown(5))
    assert (one.standing, "no work on top of it" in one.reason) == (Standing.NOT_ANCHORED, True)


@pytest.mark.parametrize(("height", "reason"), [(6, ""), (7, "that is less than 6 blocks on top")])
def test_on_a_known_block_one_stands_deep_enough_where_others_would_call_it_final(height: int, reason: str) -> None:
    one = by_release(led(12, height, 0), grown(height))
    assert (one.standing, one.on_top is not None, one.reason) == (Standing.WORK, True, reason)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (led(12, 5, 0, lacking=0), "end above block 0"),
        (led(12, 5, 0, lacking=3), "end above block 0"),
        (led(12, 5, 0, lacking=9), "end before block"),
        (led(12, 4, 0), "leads to other blocks"),
        (
            replace(
                led(12, 5, 0),
                paths={
                    REGTEST: (PathBlock(13, grown(12).hash), PathBlock(6, grown(5).hash), PathBlock(0, grown(0).hash))
                },
            ),
            "at height 6",
        ),
    ],
)
def test_what_does_not_lead_down_to_a_known_block_does_not_stand_on_it(found: Anchor, reason: str) -> None:
    one = by_release(found, grown(5))
    assert (one.standing, one.on_top) == (Standing.NOT_ANCHORED, None)
    assert reason in one.reason


def test_heights_that_are_all_stated_too_high_do_not_stand_on_a_known_block() -> None:
    """No header has a height: the way down to the known block shows it."""
    higher = replace(grown(5), height=6)
    path = PathBlock(13, grown(12).hash), PathBlock(6, grown(5).hash), PathBlock(0, grown(0).hash)
    one = by_release(replace(led(12, 5, 0), paths={REGTEST: path}), higher)
    assert (one.standing, "at height 1" in one.reason) == (Standing.NOT_ANCHORED, True)
    assert anchored([higher], replace(led(12, 5, 0), paths={REGTEST: path}), {})[0].standing is Standing.WORK


@pytest.fixture
def known_at_eight(monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """That this release knows a later block of the chain too."""
    found = BitcoinCheckpoints().checkpoints(REGTEST)
    later = Checkpoint(8, grown(8).hash, 18, "here")
    monkeypatch.setattr("scanner.chains.bitcoin.checkpoints._KNOWN", {REGTEST.reference: (*found, later)})
    return later


def test_a_block_below_one_that_this_release_knows_is_its_ancestor(known_at_eight: Checkpoint) -> None:
    one = by_release(led(12, 8, 5), grown(5))
    assert (one.standing, one.known, one.links) == (Standing.ANCHORED, known_at_eight, 1)
    assert one.top == PathBlock(8, known_at_eight.hash)
    (older, newer) = anchored([grown(5), grown(10)], led(12, 10, 8, 5), {}, known=[REGTEST])
    assert (older.standing, newer.standing) == (Standing.ANCHORED, Standing.WORK)
    assert newer.on_top is not None
    assert (newer.on_top.checkpoint, newer.on_top.blocks, newer.work) == (known_at_eight, 4, 4)


def test_on_the_first_block_alone_nothing_stands_where_this_release_knows_a_later_one(
    known_at_eight: Checkpoint,
) -> None:
    """A whole chain of easy blocks can be made in a minute on the first one: it has another block at height 8."""
    easy = mined(12, first=parse_header(GENESIS).hash, roots={0: bytes([7]) * 32})
    assert easy[7].hash != known_at_eight.hash
    path = tuple(PathBlock(height, easy[height - 1].hash) for height in (12, 10, 5))
    records = [record_of([raw]) for raw in (GENESIS, *(header.raw for header in easy))]
    found = Anchor({REGTEST: (*path, PathBlock(0, parse_header(GENESIS).hash))}, witness=Witness(records))
    for height, reason in ((10, "down to block 8, the newest"), (5, "knows block 8, and no block that it knows leads")):
        header = easy[height - 1]
        time = datetime.fromtimestamp(header.time, UTC)
        one = by_release(found, Snapshot(REGTEST, height, header.hash, header.parent, time))
        assert (one.standing, one.on_top) == (Standing.WORK, None)
        assert reason in one.reason


def test_a_block_that_this_release_knows_is_one_only_at_its_height_and_with_its_header(
    known_at_eight: Checkpoint,
) -> None:
    one = by_release(led(8), grown(8))
    assert (one.standing, one.known, one.links) == (Standing.ANCHORED, known_at_eight, 0)
    for found, block in (
        (led(8), replace(grown(8), height=9)),
        (led(8, lacking=8), grown(8)),
        (led(8), replace(grown(8), time=datetime(2020, 1, 1, tzinfo=UTC))),
    ):
        assert by_release(found, block).standing is Standing.NOT_ANCHORED


def test_a_known_block_at_another_height_on_the_path_is_not_trusted(known_at_eight: Checkpoint) -> None:
    path = PathBlock(13, grown(12).hash), PathBlock(9, known_at_eight.hash), PathBlock(6, grown(5).hash)
    one = by_release(replace(led(12, 8, 5), paths={REGTEST: path}), replace(grown(5), height=6))
    assert (one.standing, one.on_top, one.known) == (Standing.WORK, None, None)


def test_what_the_reader_names_goes_before_what_this_release_knows(known_at_eight: Checkpoint) -> None:
    one = by_release(led(12, 8, 5), grown(5), grown(12).hash)
    assert (one.standing, one.top, one.known) == (Standing.ANCHORED, PathBlock(12, grown(12).hash), None)
    one = by_release(led(12, 10, 8), grown(10), grown(9).hash)
    assert "does not lead through the block that you named" in one.reason
    one = by_release(led(12, 8, 5), grown(8), known_at_eight.hash)
    assert (one.standing, one.known) == (Standing.ANCHORED, None)


def written(found: Anchor) -> bytes:
    return b"".join(anchor_bytes(found))


def test_an_anchor_is_the_same_after_it_was_written_and_read() -> None:
    again = read_anchor(io.BytesIO(written(WHOLE)))
    assert again.paths == WHOLE.paths
    assert written(again) == written(WHOLE)


@given(place=st.integers(0, len(written(WHOLE)) - 1), bit=st.integers(0, 7))
def test_no_bit_of_an_anchor_can_be_changed_and_anchor_more(place: int, bit: int) -> None:
    changed = bytearray(written(WHOLE))
    changed[place] ^= 1 << bit
    try:
        found = read_anchor(io.BytesIO(bytes(changed)))
    except NoAnchor:
        return
    assert shown(found, 4, HEADERS[11].hash).standing is Standing.NOT_ANCHORED


@given(cut=st.integers(0, len(written(WHOLE)) - 1))
def test_a_file_that_is_cut_short_is_no_anchor(cut: int) -> None:
    with pytest.raises(NoAnchor):
        read_anchor(io.BytesIO(written(WHOLE)[:cut]))


def paths(text: str) -> bytes:
    return b"reserve-anchors\x01" + len(text).to_bytes(4) + text.encode() + b"".join(anchor_bytes(Anchor()))[-24:]


@pytest.mark.parametrize(
    "text",
    [
        '{"finality":{},"paths": {}}',
        '{"finality":{},"paths":{"eip155:01":[{"hash":"0x' + "ab" * 32 + '","height":1}]}}',
        '{"finality":{},"paths":{"eip155:1":[{"hash":"0x' + "AB" * 32 + '","height":1}]}}',
        '{"finality":{},"paths":{"eip155:1":[]}}',
        '{"finality":{},"paths":{"eip155:1":[{"hash":"0x' + "ab" * 32 + '","height":-1}]}}',
        '{"finality":{},"paths":{"eip155:1":[{"hash":"0x'
        + "ab" * 32
        + '","height":1},{"hash":"0x'
        + "cd" * 32
        + '","height":1}]}}',
        '{"finality":{},"paths":{"eip155:1":[{"hash":"0x'
        + "ab" * 32
        + '","height":2},{"hash":"0x'
        + "ab" * 32
        + '","height":1}]}}',
        '{"finality":{},"more":1,"paths":{}}',
        "[" * 40,
    ],
)
def test_paths_that_are_not_as_they_are_written_are_refused(text: str) -> None:
    assert read_anchor(io.BytesIO(paths('{"finality":{},"paths":{}}'))).paths == {}
    with pytest.raises(NoAnchor):
        read_anchor(io.BytesIO(paths(text)))


def test_hostile_lengths_are_refused_before_anything_is_read() -> None:
    for length in (MAX_PATHS + 1, 2**32 - 1):
        with pytest.raises(NoAnchor, match="at most"):
            read_anchor(io.BytesIO(b"reserve-anchors\x01" + length.to_bytes(4)))


def test_only_where_another_chain_keeps_the_past_may_a_block_hang_under_another() -> None:
    """Or all headers of Bitcoin would be walked down from the top once for each of them."""

    def written(chain: str, names: Sequence[str]) -> bytes:
        blocks = [{"hash": name, "height": 9 - at} for at, name in enumerate(names)]
        blocks[2]["under"] = names[0]
        return paths(canonical.encode({"finality": {}, "paths": {chain: blocks}}).decode())

    digits = ["ab" * 32, "cd" * 32, "ef" * 32]
    ethereum = read_anchor(io.BytesIO(written("eip155:1", ["0x" + each for each in digits])))
    assert ethereum.paths[Chain("eip155", "1")][2].under == "0x" + digits[0]
    for chain, names in ((str(REGTEST), digits), ("eip155:10", ["0x" + each for each in digits])):
        with pytest.raises(NoAnchor, match="block 7 hangs under another, and no other chain keeps the past of"):
            read_anchor(io.BytesIO(written(chain, names)))

"""What was added to an anchor, on disk: nothing that was complete is lost, whenever the run is killed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting.anchor_file import anchor_bytes, read_anchor
from scanner.chains.anchor import MOST_BLOCKS, Anchor, PathBlock
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import InputError, NodeError
from scanner.proofs.witness import Witness
from scanner.scanning.anchor_journal import SUFFIX, AnchorJournal
from scanner.scanning.growing_anchor import GrowingAnchor

CHAIN, BEACON = Chain("eip155", "1"), Chain("beacon", "1")


def block(height: int) -> Snapshot:
    return Snapshot(CHAIN, height, f"0x{height:064x}", f"0x{height - 1:064x}", datetime(2026, 1, 1, tzinfo=UTC))


STEPS: list[Callable[[GrowingAnchor], object]] = [
    lambda growing: growing.begin(CHAIN, block(5)),
    lambda growing: growing.add([b"first", b"second"]),
    lambda growing: growing.put(block(6)),
    lambda growing: growing.hang(block(6), block(9)),
    lambda growing: growing.put(block(9)),
    lambda growing: growing.add([b"third", b"first"]),
    lambda growing: growing.decided(BEACON, growing.add([b"decided"])),
    lambda growing: growing.begin(CHAIN, block(7)),
    lambda growing: growing.put(block(8)),
]


def as_file(growing: GrowingAnchor) -> bytes:
    return b"".join(anchor_bytes(growing.anchor))


def at(path: Path) -> GrowingAnchor:
    """The anchor as its file has it."""
    return GrowingAnchor(read_anchor(io.BytesIO(path.read_bytes())) if path.exists() else None)


def killed_after(steps: int, path: Path) -> bytes:
    """What there was when a run was killed that had come so far."""
    with AnchorJournal.of(path) as journal:
        growing = at(path)
        journal.resume(growing)
        for step in STEPS[:steps]:
            step(growing)
        return as_file(growing)


def taken_up(path: Path) -> bytes:
    """What the next run begins with."""
    with AnchorJournal.of(path) as journal:
        growing = at(path)
        journal.resume(growing)
        return as_file(growing)


@pytest.mark.parametrize("begun", [Anchor(), Anchor({CHAIN: (PathBlock(3, block(3).hash),)}, {}, Witness([b"old"]))])
@pytest.mark.parametrize("steps", range(len(STEPS) + 1))
def test_what_was_added_before_a_run_was_killed_is_there_in_the_next_one(
    tmp_path: Path, begun: Anchor, steps: int
) -> None:
    path = tmp_path / "anchor.bin"
    path.write_bytes(b"".join(anchor_bytes(begun)))
    assert killed_after(steps, path) == taken_up(path)


def test_runs_that_are_killed_one_after_the_other_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    whole = GrowingAnchor()
    for step in STEPS:
        step(whole)
        with AnchorJournal.of(path) as journal:
            growing = at(path)
            journal.resume(growing)
            step(growing)
    assert taken_up(path) == as_file(whole)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The anchor of which all was added, and was never written."""
    path = tmp_path_factory.mktemp("whole") / "anchor.bin"
    killed_after(len(STEPS), path)
    return path


@given(data=st.data())
def test_a_change_that_is_cut_short_is_cut_off_and_those_before_it_stay(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    written = whole.with_name(whole.name + SUFFIX).read_bytes()
    end = data.draw(st.integers(0, len(written)))
    path = tmp_path_factory.mktemp("cut") / "anchor.bin"
    part = path.with_name(path.name + SUFFIX)
    part.write_bytes(written[:end])
    found = taken_up(path)
    assert found in states()
    kept = part.read_bytes() if part.exists() else b""
    assert kept[48:] == written[48 : len(kept)]
    assert taken_up(path) == found


def states() -> list[bytes]:
    """The anchor before the first change, and after each."""
    growing = GrowingAnchor()
    found = [as_file(growing)]
    growing.keep = lambda _change: found.append(as_file(growing))
    for step in STEPS:
        step(growing)
    return found


@given(place=st.integers(48, 400), bit=st.integers(0, 7))
def test_a_part_that_was_changed_crashes_nothing(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    written = bytearray(whole.with_name(whole.name + SUFFIX).read_bytes())
    written[place % len(written)] ^= 1 << bit
    path = tmp_path_factory.mktemp("changed") / "anchor.bin"
    path.with_name(path.name + SUFFIX).write_bytes(bytes(written) if place % len(written) >= 48 else b"")
    assert taken_up(path) == taken_up(path)


def test_a_change_that_is_nested_beyond_all_measure_is_cut_off(whole: Path, tmp_path: Path) -> None:
    part = whole.with_name(whole.name + SUFFIX).read_bytes()
    path, deep = tmp_path / "anchor.bin", b"B" + b"[" * 100_000
    path.with_name(path.name + SUFFIX).write_bytes(part + len(deep).to_bytes(4) + deep)
    assert taken_up(path) == states()[-1]
    assert path.with_name(path.name + SUFFIX).read_bytes() == part


def test_what_was_added_to_another_file_is_of_no_use(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    added = killed_after(3, path)
    path.write_bytes(added)  # as where a run was killed after it had written the anchor
    assert taken_up(path) == added
    assert not path.with_name(path.name + SUFFIX).exists()


def test_once_the_anchor_is_written_the_part_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "new" / "anchor.bin"
    with AnchorJournal.of(path) as journal:
        journal.resume(GrowingAnchor())
        journal.done()
    assert list(path.parent.iterdir()) == []


def test_a_run_in_which_nothing_was_added_leaves_no_part(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="as of the file"), AnchorJournal.of(tmp_path / "anchor.bin"):
        raise InputError.at("anchor.bin", "is no anchor, as of the file")
    killed_after(0, tmp_path / "anchor.bin")
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_make_one_anchor(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    with AnchorJournal.of(path), pytest.raises(InputError, match="another scanner anchor is writing here"):
        taken_up(path)


def test_a_file_that_is_no_part_of_an_anchor_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    part = path.with_name(path.name + SUFFIX)
    part.write_bytes(b"a letter to somebody")
    with pytest.raises(InputError, match="is no part of an anchor"):
        taken_up(path)
    assert part.read_bytes() == b"a letter to somebody"
    with pytest.raises(InputError, match="cannot be written"):
        taken_up(part / "anchor.bin")


def test_where_the_anchor_is_to_be_and_something_else_is_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    path.mkdir()
    with pytest.raises(InputError, match="is no file, but a folder"), AnchorJournal.of(path):
        pass
    assert [*tmp_path.iterdir()] == [path]


def test_what_a_reader_would_not_take_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "anchor.bin"
    with AnchorJournal.of(path) as journal:
        growing = GrowingAnchor(Anchor({CHAIN: (PathBlock(1, block(1).hash),)}))
        journal.resume(growing)
        growing.put(block(2))
    with AnchorJournal.of(path) as journal:
        full = tuple(PathBlock(height, block(height).hash) for height in range(MOST_BLOCKS, 0, -1))
        growing = GrowingAnchor(Anchor({CHAIN: full}))
        journal.resume(growing)
        assert len(growing.path(CHAIN)) == MOST_BLOCKS
        with pytest.raises(NodeError, match="an anchor has room for"):
            growing.put(block(MOST_BLOCKS + 1))

"""The journal of a scan, damaged in every way: what is found afterwards was kept, or it is not found."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.columns import Accounts
from scanner.core.evidence import Balance, Basis, Batch, Gap, Outcome, Snapshot
from scanner.core.ids import Chain
from scanner.core.outcomes import Outcomes
from scanner.errors import InputError, Why
from scanner.scanning.events import Event, JournalCut, JournalFound, ignore
from scanner.scanning.journal import Journal, KeptBatch
from scanner.scanning.journal_record import decode, encode
from scanner.sources.lock_file import Lock
from tests.support.any_outcomes import outcomes
from tests.support.full_disk import disk_full_at
from tests.support.strength import places

EVM, OTHER = parse_chain("eip155:1"), parse_chain("eip155:10")
ETH, USDT = (
    parse_asset("eip155:1/slip44:60"),
    parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"),
)
OP = parse_asset("eip155:10/slip44:60")
TIME = datetime(2020, 1, 1, tzinfo=UTC)
BLOCK = Snapshot(EVM, 7, "0xaa", "0xa9", TIME)
ELSEWHERE = Snapshot(OTHER, 7, "0xbb", "0xb9", TIME)

KEYS = [b"a key of this user's own, secret"]
PLAN = {"claim": "00" * 32, "quorum": 2, "dissent": "gap", "prove": None}
OPERATORS = {EVM: [("alpha", False), ("beta", True)], OTHER: [("alpha", False)]}
TIMEOUT = Gap(Why.UNREACHABLE, "timeout")


def quorum(atoms: int) -> Balance:
    return Balance(atoms, Basis.QUORUM, ("alpha", "beta"))


# Three batches with what they were settled as; the second has a gap, the third a dissent.
KEPT: tuple[tuple[Batch, Outcomes], ...] = (
    (Batch(BLOCK, ETH, Accounts([b"\x01" * 4, b"\x02" * 4])), Outcomes([quorum(5), quorum(6)])),
    (Batch(BLOCK, ETH, Accounts([b"\x03" * 4])), Outcomes([TIMEOUT])),
    (
        Batch(BLOCK, USDT, Accounts([b"\x01" * 4])),
        Outcomes([Balance(7, Basis.QUORUM, ("alpha", "beta"), (("gamma", 8),))]),
    ),
)
BATCHES = [batch for batch, _ in KEPT]


@contextlib.contextmanager
def opened(
    path: Path,
    events: list[Event] | None = None,
    plan: object = PLAN,
    operators: dict[Chain, list[tuple[str, bool]]] = OPERATORS,
) -> Iterator[Journal]:
    with Journal(path, KEYS) as journal:
        journal.begin(plan, operators, ignore if events is None else events.append)
        yield journal


def written(path: Path, kept: Sequence[tuple[Batch, Outcomes]] = KEPT, plan: object = PLAN) -> list[int]:
    """A journal with these batches; after each the file's size, and before the first."""
    sizes = []
    with opened(path, plan=plan) as journal:
        sizes.append(path.stat().st_size)
        for batch, settled in kept:
            journal.keep(batch, settled)
            sizes.append(path.stat().st_size)
    return sizes


def looked_up(path: Path, batches: Sequence[Batch] = BATCHES) -> tuple[list[KeptBatch | None], list[Event]]:
    events: list[Event] = []
    with opened(path, events) as journal:
        return [journal.find(batch) for batch in batches], events


def found(count: int) -> list[KeptBatch | None]:
    """What `looked_up` gives where the first `count` of the batches are left."""
    return [KeptBatch(settled, again=False) if at < count else None for at, (_, settled) in enumerate(KEPT)]


def records_of(data: bytes) -> list[bytes]:
    """The records with their heads, taken apart by what the file's description says."""
    at, records = 32, []
    while at < len(data):
        end = at + 36 + int.from_bytes(data[at : at + 4], "big")
        records.append(data[at:end])
        at = end
    return records


def assert_goes_on(path: Path) -> None:
    """What is missing is kept anew, and then all of it is there."""
    events: list[Event] = []
    with opened(path, events) as journal:
        for batch, settled in KEPT:
            if journal.find(batch) is None:
                journal.keep(batch, settled)
    kept, told = looked_up(path)
    assert kept == found(3)
    assert [type(event) for event in [*events, *told]] in ([JournalFound] * 2, [JournalFound])


# --- one batch as bytes

batches = st.lists(outcomes, max_size=6).map(Outcomes)


@given(batches)
def test_a_batch_comes_back_as_it_was_put_away(settled: Outcomes) -> None:
    back = decode(encode(settled))
    assert back == settled
    assert list(back) == list(settled)
    assert encode(back) == encode(settled)


@given(st.text(), st.text(max_size=30))
def test_names_and_details_come_back_whatever_they_hold(name: str, detail: str) -> None:
    made: list[Outcome] = [Balance(1, Basis.OWN, (name,), ((f"{name}!", 2**256 - 1),)), Gap(Why.REFUSED, detail)]
    assert list(decode(encode(Outcomes(made)))) == made


def test_what_was_taken_from_many_outcomes_is_put_away_alone() -> None:
    many = Outcomes([quorum(2**255), *[quorum(number) for number in range(300)], TIMEOUT])
    part = many[5:9]
    assert list(decode(encode(part))) == [quorum(number) for number in (4, 5, 6, 7)]


@given(batches, st.data())
def test_bytes_that_are_cut_or_run_on_are_no_batch(settled: Outcomes, data: st.DataObject) -> None:
    whole = encode(settled)
    for spoilt in (whole[: data.draw(st.integers(0, len(whole) - 1))], whole + data.draw(st.binary(min_size=1))):
        with pytest.raises((KeyError, TypeError, ValueError)):
            decode(spoilt)


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_no_batch(data: bytes) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        decode(data)


# --- kept and found


def test_what_was_kept_is_found_in_the_next_run_and_in_the_same_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "scan.journal"
    events: list[Event] = []
    with opened(path, events) as journal:
        for batch, settled in KEPT:
            assert journal.find(batch) is None
            journal.keep(batch, settled)
            assert journal.find(batch) == KeptBatch(settled, again=False)
    assert events == []
    assert looked_up(path) == (found(3), [JournalFound(str(path), 3)])


def test_a_batch_is_found_whether_its_accounts_are_packed_or_not(tmp_path: Path) -> None:
    written(tmp_path / "j")
    lists = [Batch(batch.snapshot, batch.asset, list(batch.accounts)) for batch in BATCHES]
    assert looked_up(tmp_path / "j", lists)[0] == found(3)


OTHERS = {
    "another block": Batch(Snapshot(EVM, 7, "0xab", "0xa9", TIME), ETH, BATCHES[0].accounts),
    "another asset": Batch(BLOCK, USDT, BATCHES[0].accounts),
    "other accounts": Batch(BLOCK, ETH, Accounts([b"\x01" * 4, b"\x03" * 4])),
    "another order": Batch(BLOCK, ETH, Accounts([b"\x02" * 4, b"\x01" * 4])),
    "fewer accounts": Batch(BLOCK, ETH, Accounts([b"\x01" * 4])),
    "the same bytes as one account": Batch(BLOCK, ETH, Accounts([b"\x01" * 4 + b"\x02" * 4])),
    "the same bytes as four accounts": Batch(BLOCK, ETH, Accounts([b"\x01" * 2] * 2 + [b"\x02" * 2] * 2)),
    "an account more, of no bytes": Batch(BLOCK, ETH, Accounts([b"\x01" * 4, b"\x02" * 4, b""])),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_was_asked_otherwise_is_not_found(tmp_path: Path, other: Batch) -> None:
    written(tmp_path / "j")
    assert looked_up(tmp_path / "j", [other])[0] == [None]


OTHER_PLANS = {name: {**PLAN, name: 3} for name in PLAN} | {"nothing": {}, "more": {**PLAN, "more": 1}}


@pytest.mark.parametrize("plan", OTHER_PLANS.values(), ids=OTHER_PLANS)
def test_the_journal_of_another_claim_or_policy_is_told_of_and_begun_anew(tmp_path: Path, plan: object) -> None:
    path = tmp_path / "j"
    size = written(path)[-1]
    events: list[Event] = []
    with opened(path, events, plan) as journal:
        assert [journal.find(batch) for batch in BATCHES] == [None] * 3
        journal.keep(*KEPT[0])
    assert events == [JournalCut(str(path), size, "it is of another claim or another policy")]
    with opened(path, plan=plan) as journal:
        assert [journal.find(batch) for batch in BATCHES] == found(1)


@pytest.mark.parametrize(
    "changed",
    [
        [("alpha", False)],
        [("alpha", False), ("beta", False)],
        [("alpha", False), ("beta", True), ("gamma", False)],
        [("alpha", False), ("gamma", True)],
        [],
    ],
)
def test_with_other_operators_for_one_chain_only_that_chains_batches_are_asked_anew(
    tmp_path: Path, changed: list[tuple[str, bool]]
) -> None:
    path = tmp_path / "j"
    elsewhere = Batch(ELSEWHERE, OP, Accounts([b"\x09" * 4]))
    written(path, [*KEPT, (elsewhere, KEPT[0][1])])
    with opened(path, operators=OPERATORS | {EVM: changed}) as journal:
        assert [journal.find(batch) for batch in BATCHES] == [None] * 3
        assert journal.find(elsewhere) == KeptBatch(KEPT[0][1], again=False)
    assert looked_up(path)[0] == found(3)  # the operators are the old ones again


def test_the_order_in_which_operators_are_configured_is_no_difference(tmp_path: Path) -> None:
    written(tmp_path / "j")
    with opened(tmp_path / "j", operators={EVM: [("beta", True), ("alpha", False)]}) as journal:
        assert [journal.find(batch) for batch in BATCHES] == found(3)


def test_a_batch_that_is_kept_twice_is_found_as_it_was_kept_last(tmp_path: Path) -> None:
    batch, _ = KEPT[1]
    again = Outcomes([quorum(9)])
    written(tmp_path / "j", [*KEPT, (batch, again)])
    assert looked_up(tmp_path / "j", [batch])[0] == [KeptBatch(again, again=False)]


def test_one_journal_begun_again_in_the_same_run_knows_only_what_its_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    with opened(path) as journal:
        journal.end_round()
        os.truncate(path, sizes[1])
        events: list[Event] = []
        journal.begin(PLAN, OPERATORS, events.append)
        assert events == [JournalFound(str(path), 1)]
        assert [journal.find(batch) for batch in BATCHES] == found(1)


# --- rounds


def test_the_gaps_of_a_round_that_has_ended_are_asked_for_again_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path, KEPT[:2])
    assert [kept.again for kept in looked_up(path)[0] if kept] == [False, False]  # the round was cut short
    with opened(path) as journal:
        journal.end_round()
        assert [kept.again for kept in map(journal.find, BATCHES) if kept] == [False, True]
        journal.keep(*KEPT[2])
    kept = looked_up(path)[0]
    assert [each.again for each in kept if each] == [False, True, False]
    assert [each.outcomes for each in kept if each] == [settled for _, settled in KEPT]


def test_a_gap_that_was_asked_for_again_is_not_asked_for_a_third_time_in_its_round(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path)
    with opened(path) as journal:
        journal.end_round()
        journal.keep(*KEPT[1])  # still a gap
    assert looked_up(path)[0] == found(3)
    with opened(path) as journal:
        journal.end_round()
    assert [kept.again for kept in looked_up(path)[0] if kept] == [False, True, False]
    with opened(path) as journal:
        journal.keep(BATCHES[1], Outcomes([quorum(9)]))
        journal.end_round()
    assert [kept.again for kept in looked_up(path)[0] if kept] == [False, False, False]


# --- damaged


def test_any_byte_that_is_changed_is_told_and_nothing_from_there_on_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    for at in places(len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ (0x01, 0x80, 0xFF)[at % 3]]) + whole[at + 1 :]
        path.write_bytes(damaged)
        if at < 32:
            told = "is left as it is" if at >= 16 else "of another version" if at == 15 else "is no journal of a scan"
            with pytest.raises(InputError, match=told), opened(path):
                pass
            assert path.read_bytes() == damaged
            continue
        left = sum(size <= at for size in sizes[1:])
        plan_holds = at >= sizes[0]
        kept, events = looked_up(path)
        assert kept == found(left)
        cut = JournalCut(
            str(path), len(whole) - sizes[left] if plan_holds else len(whole) - 32, "its end does not hold"
        )
        assert events == ([cut, JournalFound(str(path), left)] if left else [cut])
        assert path.read_bytes() == whole[: sizes[left]]
    assert_goes_on(path)


@given(st.dictionaries(st.floats(0, 1, exclude_max=True), st.integers(1, 255), min_size=1, max_size=5))
def test_however_many_bytes_are_changed_what_stands_before_the_first_is_found(changes: dict[float, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "j")
        sizes = written(path)
        damaged = bytearray(path.read_bytes())
        places = {32 + int(share * (len(damaged) - 32)): mask for share, mask in changes.items()}
        for at, mask in places.items():
            damaged[at] ^= mask
        path.write_bytes(damaged)
        kept, events = looked_up(path)
        assert kept == found(sum(size <= min(places) for size in sizes[1:]))
        assert isinstance(events[0], JournalCut)
        assert_goes_on(path)


def test_a_journal_cut_at_any_length_is_told_and_holds_what_was_kept_before(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    for length in places(len(whole)):
        path.write_bytes(whole[:length])
        kept, events = looked_up(path)
        left = sum(size <= length for size in sizes[1:])
        assert kept == found(left)
        # Between two records nothing shows that there was more: so it stood when a run was killed there.
        assert any(isinstance(event, JournalCut) for event in events) == (length not in {0, 32, *sizes})
        if length % 35 == 0:
            assert_goes_on(path)


def test_rounds_and_batches_that_stand_in_another_order_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path, KEPT[:2])
    with opened(path) as journal:
        journal.end_round()
        journal.keep(*KEPT[2])
    whole = path.read_bytes()
    plan, one, two, ended, three = records_of(whole)
    spoilt: dict[int, list[list[bytes]]] = {
        0: [
            [one, two, ended, three],
            [one, plan, two, ended, three],
            [plan, two, one, ended, three],
            [plan, plan, one],
        ],
        1: [
            [plan, one, one, two, ended, three],
            [plan, one, ended, three],
            [plan, one, three],
            [plan, one, ended, two],
        ],
        2: [[plan, one, two, three], [plan, one, two, two, ended, three], [plan, one, two, three, ended]],
        3: [
            [plan, one, two, ended, three, three],
            [plan, one, two, ended, three, ended],
            [plan, one, two, ended, three, plan],
        ],
    }
    for left, orders in spoilt.items():
        for order in orders:
            path.write_bytes(whole[:32] + b"".join(order))
            kept, events = looked_up(path)
            assert [each.outcomes if each else None for each in kept] == [
                settled if at < left else None for at, (_, settled) in enumerate(KEPT)
            ]
            assert isinstance(events[0], JournalCut)
            assert_goes_on_from(path, left)


def assert_goes_on_from(path: Path, left: int) -> None:
    with opened(path) as journal:
        for batch, settled in KEPT[left:]:
            journal.keep(batch, settled)
    kept, events = looked_up(path)
    assert [each.outcomes for each in kept if each] == [settled for _, settled in KEPT]
    assert events == [JournalFound(str(path), 3)]


def test_records_of_another_journal_are_not_believed_whatever_they_say(tmp_path: Path) -> None:
    """Not even with the same batches in it: they were settled under another policy."""
    path, other = tmp_path / "j", tmp_path / "other"
    written(path)
    lies = [(batch, Outcomes([quorum(10**30)] * len(batch.accounts))) for batch in BATCHES]
    written(other, lies, plan={**PLAN, "quorum": 1})
    whole = path.read_bytes()
    plan, *mine = records_of(whole)
    _, *theirs = records_of(other.read_bytes())
    for left in range(3):
        path.write_bytes(whole[:32] + plan + b"".join(mine[:left]) + b"".join(theirs[left:]))
        kept, events = looked_up(path)
        assert kept == found(left)
        assert isinstance(events[0], JournalCut)
    path.write_bytes(whole + b"".join(theirs))
    assert looked_up(path)[0] == found(3)


def test_a_record_that_says_it_is_longer_than_the_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    with path.open("ab") as file:
        file.write(b"\xff" * 4 + bytes(32) + b"B" * 50)
    kept, events = looked_up(path)
    assert kept == found(3)
    assert events[0] == JournalCut(str(path), 86, "its end does not hold")
    assert path.stat().st_size == sizes[-1]


@pytest.mark.parametrize("rest", [b"\0" * 36, b"\0", b"\0" * 4096, b"\0\0\0\x01" + b"\0" * 33])
def test_what_a_file_system_leaves_behind_after_a_crash_is_cut_off(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "j"
    written(path)
    with path.open("ab") as file:
        file.write(rest)
    kept, events = looked_up(path)
    assert kept == found(3)
    assert events[0] == JournalCut(str(path), len(rest), "its end does not hold")
    assert_goes_on(path)


def test_a_byte_that_changes_while_the_journal_is_open_is_told_and_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    with opened(path) as journal:
        for at in range(sizes[0] + 36, sizes[1]):
            with path.open("r+b") as file:
                file.seek(at)
                file.write(bytes([whole[at] ^ 1]))
            with pytest.raises(InputError, match="was changed while it was in use"):
                journal.find(BATCHES[0])
            assert journal.find(BATCHES[1]) == found(3)[1]
            path.write_bytes(whole)
        os.truncate(path, sizes[2] + 3)
        with pytest.raises(InputError, match="was changed while it was in use"):
            journal.find(BATCHES[2])
        with pytest.raises(InputError, match="was changed while it was in use"):
            journal.keep(*KEPT[0])
    assert looked_up(path)[0] == found(2)


NO_JOURNALS = {
    "text": b"a letter to the board\n",
    "short text": b"x",
    "an older format": b"scanner-journal\x01" + b"x" * 100,
    "an old format": b"scanner-journal\x03" + b"x" * 100,
    "a newer format": b"scanner-journal\x05" + b"x" * 100,
    "zeros": bytes(100),
    "a witness": b"reserve-witness\x01" + bytes(8),
}


@pytest.mark.parametrize("data", NO_JOURNALS.values(), ids=NO_JOURNALS)
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_was(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(data)
    told = "of another version" if data.startswith(b"scanner-journal") else "and is no journal of a scan"
    with pytest.raises(InputError, match=f"^{path}: is there already, {told}; it is left as it is$"), opened(path):
        pass
    assert path.read_bytes() == data


# --- under a key


def spoilt_by_a_stranger(path: Path) -> Iterator[bytes]:
    """What somebody who reads this program and has not the key may make of the file: his amounts, digests that fit."""
    whole, other = path.read_bytes(), path.with_name("strangers")
    lies = [(batch, Outcomes([quorum(10**30)] * len(batch.accounts))) for batch in BATCHES]
    with Journal(other, [b"a key that he chose himself...."]) as journal:
        journal.begin(PLAN, OPERATORS, ignore)
        for batch, settled in lies:
            journal.keep(batch, settled)
    theirs = other.read_bytes()
    yield theirs
    yield whole[:32] + theirs[32:]  # under the name of our key
    for taken in range(1, 4):
        yield whole[:32] + b"".join([*records_of(whole)[:taken], *records_of(theirs)[taken:]])


def test_what_somebody_without_the_key_writes_is_never_believed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path)
    for number, spoilt in enumerate(list(spoilt_by_a_stranger(path))):
        path.write_bytes(spoilt)
        if number == 0:
            with pytest.raises(InputError, match="of a scan under another key, and is left as it is"), opened(path):
                pass
            assert path.read_bytes() == spoilt
            continue
        kept, events = looked_up(path)
        assert kept == found(max(number - 2, 0))
        assert isinstance(events[0], JournalCut)


def test_an_older_state_of_the_same_journal_is_gone_on_from_and_lacks_what_came_after(tmp_path: Path) -> None:
    """It cannot be told from a run that was killed then; all in it was answered in a run of this claim and plan."""
    path = tmp_path / "j"
    written(path, KEPT[:1])
    older = path.read_bytes()
    written(path, KEPT[1:])
    path.write_bytes(older)
    assert looked_up(path)[0] == found(1)


def test_records_of_another_journal_under_the_same_key_and_plan_do_not_fit_behind_ones_own(tmp_path: Path) -> None:
    path, other = tmp_path / "j", tmp_path / "other"
    written(path, KEPT)
    written(other, [KEPT[1], KEPT[0], KEPT[2]])
    whole, theirs = path.read_bytes(), records_of(other.read_bytes())
    path.write_bytes(whole[:32] + b"".join([*records_of(whole)[:2], *theirs[2:]]))
    assert looked_up(path)[0] == found(1)


def test_a_journal_is_gone_on_from_under_the_key_that_it_was_begun_with(tmp_path: Path) -> None:
    path, new = tmp_path / "j", b"the key of those who sign, now.."
    written(path, KEPT[:1])
    with Journal(path, [new, *KEYS]) as journal:
        journal.begin(PLAN, OPERATORS, ignore)
        for batch, settled in KEPT[1:]:
            journal.keep(batch, settled)
    assert looked_up(path)[0] == found(3)
    with pytest.raises(InputError, match="under another key"):
        Journal(path, [new]).__enter__()
    with Journal(tmp_path / "k", [new, *KEYS]) as journal:
        journal.begin(PLAN, OPERATORS, ignore)
    with pytest.raises(InputError, match="under another key"):
        Journal(tmp_path / "k", KEYS).__enter__()


@pytest.mark.parametrize("keys", [[], [b"short"], [b"x" * 65], [b"x" * 32, b""]])
def test_a_journal_needs_keys(tmp_path: Path, keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="keys of 16 to 64 bytes"):
        Journal(tmp_path / "j", keys)


# --- disks and folders


def test_where_a_disk_is_full_what_was_written_in_part_is_taken_back_and_the_rest_is_good(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    for room in range(sizes[1], sizes[2]):
        path.write_bytes(whole[: sizes[1]])
        with opened(path) as journal:
            with disk_full_at(room), pytest.raises(InputError, match=f"{path}: the scan's journal cannot be written"):
                journal.keep(*KEPT[1])
            assert path.read_bytes() == whole[: sizes[1]]
            assert journal.find(BATCHES[1]) is None
            journal.keep(*KEPT[1])  # somebody made room
        assert path.read_bytes() == whole[: sizes[2]]


def test_where_a_disk_is_full_from_the_start_it_is_told_and_a_later_run_begins(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    for room in range(sizes[0]):
        path.unlink()
        with disk_full_at(room), pytest.raises(InputError, match="the scan's journal cannot be written"), opened(path):
            pass
        assert looked_up(path)[0] == [None] * 3
    assert_goes_on(path)


def test_the_end_of_a_round_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "j"
    size = written(path)[-1]
    with opened(path) as journal, disk_full_at(size + 10), pytest.raises(InputError, match="cannot be written"):
        journal.end_round()
    assert looked_up(path)[0] == found(3)


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """For root, every folder is one that can be written to."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with (
        without_privileges(),
        pytest.raises(InputError, match="the scan's journal cannot be written: Permission denied"),
    ):
        Journal(tmp_path / "j", KEYS).__enter__()
    tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_journals_place_and_a_file_in_the_folders_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "j", tmp_path / "folder"):
        with pytest.raises(InputError, match=f"^{path}: the scan's journal cannot be written"):
            Journal(path, KEYS).__enter__()
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_journal_that_is_not_open_keeps_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", KEYS)
    with pytest.raises(ValueError, match="not open"):
        journal.begin(PLAN, OPERATORS, ignore)
    with journal:
        journal.begin(PLAN, OPERATORS, ignore)
    with pytest.raises(ValueError, match="not open"):
        journal.keep(*KEPT[0])


# --- two runs


def test_a_second_run_is_refused_while_the_first_one_lasts_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with opened(path) as journal:
        journal.keep(*KEPT[0])
        before = path.read_bytes()
        with pytest.raises(InputError, match=f"^{tmp_path}: another scan is writing here"):
            Journal(path, KEYS).__enter__()
        assert path.read_bytes() == before
        journal.keep(*KEPT[1])
    assert looked_up(path)[0] == found(2)


_OTHER_RUN = """
import sys
from pathlib import Path
from scanner.scanning.journal import Journal
with Journal(Path(sys.argv[1]), [sys.argv[2].encode()]) as journal:
    journal.begin({}, {}, print)
    print("open", flush=True)
    sys.stdin.read()
"""


def test_another_process_holds_the_journal_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    command = [sys.executable, "-c", _OTHER_RUN, str(path), KEYS[0].decode()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "open\n"
            before = path.read_bytes()
            with pytest.raises(InputError, match="another scan is writing here"):
                Journal(path, KEYS).__enter__()
            assert path.read_bytes() == before
        finally:
            other.send_signal(signal.SIGKILL)
            other.wait()
    with Journal(path, KEYS):
        assert path.read_bytes() == before


def test_a_journal_that_is_dropped_is_gone_and_the_next_run_begins_with_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path)
    with opened(path) as journal:
        journal.drop()
        assert not path.exists()
        with opened(path) as next_one:
            assert [next_one.find(batch) for batch in BATCHES] == [None] * 3
            next_one.keep(*KEPT[0])
        journal.drop()  # its own is gone already, and this is the next run's
    assert looked_up(path)[0] == found(1)
    with opened(path) as journal:
        journal.drop()
        journal.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_waited_at_a_journal_which_was_then_dropped_locks_the_one_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening of a file and its locking another run may end, and remove it."""
    path = tmp_path / "j"
    written(path)
    real: Callable[[int, int], None] = fcntl.flock
    once = [path.unlink]

    def flock(file: int, how: int) -> None:
        if once:
            once.pop()()
        real(file, how)

    monkeypatch.setattr("fcntl.flock", flock)
    with opened(path) as journal:
        journal.keep(*KEPT[0])
        with pytest.raises(InputError, match="another scan"):
            Journal(path, KEYS).__enter__()
    assert looked_up(path)[0] == found(1)


def pretending(file: object, how: int) -> None:
    """A lock that says it is taken, to everybody."""


def lacking(file: object, how: int) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


@pytest.mark.parametrize("lock", [pretending, lacking])
def test_where_locks_keep_nobody_out_the_second_of_two_runs_is_refused_too(tmp_path: Path, lock: Lock) -> None:
    path = tmp_path / "j"
    with Journal(path, KEYS, lock) as journal:
        journal.begin(PLAN, OPERATORS, ignore)
        journal.keep(*KEPT[0])
        before = path.read_bytes()
        for _ in range(3):
            with pytest.raises(InputError, match=f"^{tmp_path}: another scan is writing here"):
                Journal(path, KEYS, lock).__enter__()
        assert path.read_bytes() == before
        journal.keep(*KEPT[1])
        journal.keep(*KEPT[2])
    assert looked_up(path)[0] == found(3)
    with Journal(path, KEYS, lock) as journal:
        journal.drop()
    assert list(tmp_path.iterdir()) == []

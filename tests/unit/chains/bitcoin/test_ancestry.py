"""Ancestors on Bitcoin and its kin: runs of headers, and the work on top."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.bitcoin.ancestry import BitcoinAncestry
from scanner.chains.bitcoin.header import BitcoinHeader, double_sha256, parse_header, target_of
from scanner.chains.bitcoin.runs import MOST_HEADERS, Runs, record_of
from scanner.chains.proving import ancestry
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED
from tests.support.simulated.ancestors import mined

REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")
MAINNET = Chain("bip122", "000000000019d6689c085ae165831e93")
EASY = 0x207FFFFF
RECORDED = SHARED / "data" / "anchor" / "bitcoin" / "headers-first-half.csv"


def run(headers: Sequence[BitcoinHeader]) -> bytes:
    return record_of([header.raw for header in headers])


def link(records: Sequence[bytes], newer: str, older: str, *, work: bool = False, chain: Chain = REGTEST) -> Link:
    return BitcoinAncestry().over(chain, Witness(records), work=work).link(newer, older)


HEADERS = mined(9)


def claimed(number: int) -> bytes:
    """A record that says it ends with this header, and does not."""
    return bytes.fromhex(HEADERS[number].hash)[::-1] + run(HEADERS[2:4])[32:]


@given(cuts=st.sets(st.integers(1, 7)))
def test_headers_lead_down_however_they_are_cut_into_runs(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), 8]
    records = [run(HEADERS[1:][start:end]) for start, end in pairwise(places)]
    assert link(records, HEADERS[8].hash, HEADERS[0].hash) == Link(8, Way.PARENTS, None)


@given(
    runs=st.permutations([(8, 9), (1, 9), (4, 5), (3, 6), (5, 8)]),
    more=st.sampled_from([[], [claimed(8)], [claimed(5)]]),
)
def test_runs_that_overlap_lead_down_whatever_their_order(runs: list[tuple[int, int]], more: list[bytes]) -> None:
    """As they do where a path is begun again from an older block."""
    records = [*more, *(run(HEADERS[start:end]) for start, end in runs)]
    assert link(records, HEADERS[8].hash, HEADERS[0].hash) == Link(8, Way.PARENTS, None)


def test_a_run_that_reaches_further_is_followed_where_one_that_was_met_later_ends() -> None:
    for records in ([(5, 9), (3, 7), (6, 7), (1, 4)], [(1, 4), (6, 7), (3, 7), (5, 9)]):
        runs = [run(HEADERS[start:end]) for start, end in records]
        assert link(runs, HEADERS[8].hash, HEADERS[0].hash).blocks == 8


def test_work_is_the_hashes_that_the_headers_on_top_took() -> None:
    assert link([run(HEADERS)], HEADERS[8].hash, HEADERS[3].hash, work=True).work == 5 * 2


def test_a_header_without_the_work_it_states_counts_for_none() -> None:
    raw = HEADERS[0].raw
    idle = next(
        header
        for nonce in range(1000)
        if int((header := parse_header(raw[:76] + nonce.to_bytes(4, "little"))).hash, 16) > target_of(EASY)
    )
    above = mined(3, first=idle.hash)
    records = [run(above), run([idle])]
    newest = above[-1].hash
    assert link(records, newest, idle.parent).blocks == 4
    with pytest.raises(ProofError, match="no work was done for it"):
        link(records, newest, idle.parent, work=True)


def test_headers_that_are_missing_or_of_other_blocks_lead_nowhere() -> None:
    newest, oldest = HEADERS[8].hash, HEADERS[0].hash
    for records in ([run(HEADERS[1:8])], [run(HEADERS[2:9])], [], [run(HEADERS)[:-1]], [run(HEADERS) + b"\x00"]):
        with pytest.raises(ProofError) as error:
            link(records, newest, oldest)
        assert error.value.flaw is Flaw.INCOMPLETE
    with pytest.raises(ProofError) as error:
        link([run([*HEADERS[1:4], *HEADERS[5:9]])], newest, oldest)
    assert error.value.flaw is Flaw.HEADER_MISMATCH
    with pytest.raises(ProofError):
        link([run(HEADERS)], oldest, newest)


@given(place=st.integers(0, len(run(HEADERS[1:])) - 1), bit=st.integers(0, 7))
def test_no_bit_of_a_run_can_be_changed(place: int, bit: int) -> None:
    changed = bytearray(run(HEADERS[1:]))
    changed[place] ^= 1 << bit
    with pytest.raises(ProofError):
        link([bytes(changed)], HEADERS[8].hash, HEADERS[0].hash)


def test_a_block_is_what_its_header_says_of_parent_and_time() -> None:
    time = datetime.fromtimestamp(HEADERS[3].time, UTC)
    walk = BitcoinAncestry().over(REGTEST, Witness([run([HEADERS[3]])]))
    walk.check(Snapshot(REGTEST, 3, HEADERS[3].hash, HEADERS[2].hash, time))
    for parent, moment in ((HEADERS[1].hash, time), (HEADERS[2].hash, datetime.fromtimestamp(1, UTC))):
        with pytest.raises(ProofError, match="another parent or time"):
            walk.check(Snapshot(REGTEST, 3, HEADERS[3].hash, parent, moment))


def test_a_run_leaves_out_what_follows_and_is_as_long_as_a_record_may_be() -> None:
    assert len(run(HEADERS)) == 32 + 80 + 8 * 48
    assert len(run(HEADERS[:1])) == 32 + 80
    Witness([bytes(32 + 80 + (MOST_HEADERS - 1) * 48)])


@given(start=st.integers(0, 8), end=st.integers(1, 9))
def test_a_run_is_read_as_the_headers_that_it_was_made_of(start: int, end: int) -> None:
    headers = HEADERS[start:end]
    if headers:
        (found,) = Runs(Witness([run(headers)])).ending_with(bytes.fromhex(headers[-1].hash)[::-1])
        assert found == b"".join(header.raw for header in headers)


@given(data=st.binary(max_size=32 + 80 + 3 * 48))
def test_no_record_is_read_as_headers_of_another_name(data: bytes) -> None:
    for found in Runs(Witness([data])).ending_with(data[:32]):
        assert found == b"" or double_sha256(found[-80:]) == data[:32]


def test_chains_whose_blocks_cannot_be_named_here_have_no_ancestry() -> None:
    assert ancestry(MAINNET) is not None
    assert ancestry(Chain("bip122", "00000ffd590b1485b3caadc19b22e637")) is None  # Dash, X11
    assert ancestry(Chain("bip122", "ab" * 16)) is None


def test_merge_mined_headers_lead_down_and_say_nothing_of_work() -> None:
    dogecoin = Chain("bip122", "1a91e3dace36e2be3bf030a65679fe82")
    assert link([run(HEADERS)], HEADERS[8].hash, HEADERS[0].hash, work=True, chain=dogecoin).work is None


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded headers are not here")
def test_the_work_of_bitcoins_own_headers_is_what_its_nodes_say() -> None:
    """At every 2,016th block: the work there is that before, 2,015 times the old target's, and the new target's."""
    with RECORDED.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 218
    works: list[int] = []
    for row in rows:
        header = parse_header(bytes.fromhex(row["header"]))
        work = link([run([header])], header.hash, header.parent, work=True, chain=MAINNET).work
        assert work is not None
        works.append(work)
    for row, following, before, now in zip(rows, rows[1:], works, works[1:], strict=False):
        assert int(following["chainwork"], 16) == int(row["chainwork"], 16) + 2015 * before + now

"""Execution blocks in the past of a beacon block: over chains that are built here, and recorded blocks of mainnet.

No real beacon node was asked: what one answers is built from states and blocks that the tests write.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.beacon.header import BeaconHeader, header_bytes
from scanner.chains.beacon.node.past import PastSource
from scanner.chains.beacon.node.states import StateSource
from scanner.chains.beacon.past import PastBlocks, hash_place, past_place, summary_place
from scanner.chains.beacon.ssz import branch_of, merkle_root, number_leaf, root_of_branch, split, within
from scanner.chains.beacon.ssz_types import with_length
from scanner.chains.beacon.sync_committee import NETWORKS
from scanner.chains.evm.ancestry import EvmAncestry
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED
from tests.support.simulated.ancestors import ETHEREUM
from tests.support.simulated.beacon_past import Past
from tests.support.simulated.beacon_types import CAPELLA, DENEB, ELECTRA, FULU
from tests.support.strength import examples
from tests.support.tables import each_of

MAINNET = NETWORKS["1"]
RECORDED = SHARED / "data" / "anchor" / "history"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded blocks are not here")


def asked(past: Past, newer: Snapshot | None = None, times: int = 1) -> list[bytes]:
    """What the node's source gives, as often."""
    rest: Any = past
    states = StateSource(MAINNET, rest)
    asker = PastSource(Chain("beacon", "1"), rest, states)

    async def ask() -> list[bytes]:
        found = []
        for _ in range(times):
            found = await asker.past_records(newer or past.newer.snapshot, past.older.snapshot)
        return found

    try:
        return asyncio.run(ask())
    finally:
        states.close()


def records(past: Past) -> list[bytes]:
    return [past.newer.header, past.older.header, *asked(past)]


def link(past: Past, found: list[bytes]) -> Link:
    walk = EvmAncestry().over(ETHEREUM, Witness(found))
    return walk.link(past.newer.snapshot.hash, past.older.snapshot.hash)


@cache
def built(fork: int, state_fork: int) -> tuple[Past, tuple[bytes, ...]]:
    past = Past(fork, state_fork)
    return past, tuple(records(past))


@each_of(
    ("fork", "state_fork"),
    [(CAPELLA, DENEB), (CAPELLA, FULU), (DENEB, DENEB), (DENEB, ELECTRA), (ELECTRA, ELECTRA), (FULU, FULU)],
)
def test_a_header_leads_to_every_block_since_capella(fork: int, state_fork: int) -> None:
    past, found = built(fork, state_fork)
    assert link(past, [*found]) == Link(5_000_000, Way.SUMMARIES, None)
    assert sum(map(len, found[2:])) < 2048


@given(data=st.data())
@settings(max_examples=examples(200))
def test_no_byte_of_the_record_can_be_changed(data: st.DataObject) -> None:
    past, (newer, older, record) = built(CAPELLA, ELECTRA)
    at, bit = data.draw(st.integers(0, len(record) - 1)), data.draw(st.integers(0, 7))
    edited = record[:at] + bytes([record[at] ^ 1 << bit]) + record[at + 1 :]
    with pytest.raises(ProofError):
        link(past, [newer, older, edited])


def test_no_sibling_can_be_left_out_or_added() -> None:
    past, (newer, older, record) = built(DENEB, ELECTRA)
    for edited in (record[:-32], record + bytes(32), record[:144] + record[176:], record[:100], b""):
        with pytest.raises(ProofError):
            link(past, [newer, older, edited])


def test_a_record_that_does_not_hold_takes_no_sound_ones_place() -> None:
    past, (newer, older, record) = built(DENEB, ELECTRA)
    broken = record[:-1] + bytes([record[-1] ^ 1])
    for order in ([record, broken], [broken, record]):
        assert link(past, [newer, older, *order]).way is Way.SUMMARIES


def test_only_the_beacon_block_that_the_header_names_leads_down() -> None:
    past, (_, older, record) = built(DENEB, ELECTRA)
    other = Past(DENEB, FULU)
    with pytest.raises(ProofError):
        link(other, [other.newer.header, older, record])
    assert link(past, [past.newer.header, older, record]).blocks == 5_000_000


def test_of_another_chain_nothing_is_known_of_its_consensus() -> None:
    past, found = built(DENEB, ELECTRA)
    walk = EvmAncestry().over(Chain("eip155", "100"), Witness(found))
    with pytest.raises(ProofError, match="keeps the hashes of 8191 blocks"):
        walk.link(past.newer.snapshot.hash, past.older.snapshot.hash)


def test_below_a_header_of_amsterdam_shapes_are_not_known() -> None:
    past = Past(DENEB, ELECTRA, amsterdam=True)
    with pytest.raises(ProofError) as error:
        link(past, records(past))
    assert error.value.flaw is Flaw.UNDETERMINED


def test_a_block_of_another_time_than_its_slot_is_not_taken_for_the_one_there() -> None:
    """A missed slot repeats the root of the block before, which is of another time."""
    past = Past(DENEB, ELECTRA, at=4711, blocks=(-3, 4711))
    (_, _, record) = records(past)
    block = bytes.fromhex(past.older.snapshot.hash[2:])
    root = past.newer.beacon_parent or b""
    walk = PastBlocks(MAINNET, Witness([record]))
    time = int(past.older.time.timestamp())
    walk.check(root, block, time)
    for other in (time + 12, time - 12, time + 1, time + 12 * 8192, time - 12 * 8192, 0, 2**62):
        with pytest.raises(ProofError):
            walk.check(root, block, other)


@each_of("blocks", [(-3, 4711), (0, 4711), (-64, 4711, 8191), (-1, 4710, 4711, 4712)])
def test_missed_slots_repeat_the_root_before_them(blocks: tuple[int, ...]) -> None:
    past = Past(DENEB, ELECTRA, blocks=blocks)
    assert link(past, records(past)).way is Way.SUMMARIES


@each_of(("past", "place"), [(6_209_536 + 8192 * 5, 5), (6_209_536, 0)])
def test_in_the_same_period_the_state_has_the_roots_themselves(past: int, place: int) -> None:
    """Of a state that is built leaf by leaf."""
    slot, state_slot = past + 100, past + 900
    assert past // 8192 - 758 == place
    block, inside = b"\xb1" * 32, [bytes([each]) * 32 for each in range(11)]
    roots = [b"\x07" * 32] * 8192
    roots[slot % 8192] = root_of_branch(block, inside, hash_place(slot))
    fields = [bytes([each]) * 32 for each in range(28)]
    fields[5] = merkle_root(roots, 8192)
    header = BeaconHeader(state_slot, 7, b"\x01" * 32, merkle_root(fields, 32), b"\x02" * 32)
    branch = [*inside, *branch_of(roots, 8192, slot % 8192), *branch_of(fields, 32, 5)]
    walk = PastBlocks(MAINNET, Witness([header_bytes(header) + block + b"".join(branch)]))
    walk.check(header.root, block, MAINNET.genesis_time + 12 * slot)
    with pytest.raises(ProofError):
        walk.check(header.root, block, MAINNET.genesis_time + 12 * (slot + 1))


@each_of(
    ("state_slot", "slot", "told"),
    [
        (12_000_000, 6_209_535, "older than Capella"),
        (12_000_000, 12_000_000, "is not before"),
        (12_000_000, 12_000_001, "is not before"),
    ],
)
def test_a_state_leads_to_nothing_outside_its_past(state_slot: int, slot: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        past_place(MAINNET, state_slot, slot)


@given(data=st.binary(max_size=3000))
@settings(max_examples=examples(100))
def test_any_bytes_are_refused_and_nothing_else_comes_of_them(data: bytes) -> None:
    past, (newer, older, record) = built(DENEB, ELECTRA)
    for each in (data, record[:112] + data, record[:144] + data):
        with pytest.raises(ProofError):
            link(past, [newer, older, each])


# What a node answers


def refused(past: Past, newer: Snapshot | None = None) -> NodeError:
    with pytest.raises(NodeError) as error:
        asked(past, newer)
    return error.value


def test_summaries_are_asked_for_on_lodestars_route_and_by_the_slot_too() -> None:
    routes = {
        "nimbus by slot": lambda path: "/nimbus/" in path and "0x" not in path,
        "lodestar by root": lambda path: "/lodestar/" in path and "0x" in path,
        "lodestar by slot": lambda path: "/lodestar/" in path and "0x" not in path,
    }
    for served in routes.values():
        past = Past()
        honest = past._answer(f"/nimbus/v1/debug/beacon/states/{past.state_slot}/historical_summaries", "")

        def spoil(path: str, answer: Any, served: Any = served, honest: Any = honest) -> Any:
            return (honest if served(path) else None) if "historical_summaries" in path else answer

        past.spoil = spoil
        assert link(past, records(past)).way is Way.SUMMARIES


def test_a_node_without_summaries_says_who_has_them() -> None:
    past = Past()
    past.spoil = lambda path, answer: None if "historical_summaries" in path else answer
    error = refused(past)
    assert error.why is Why.NO_STATE
    assert "Nimbus and Lodestar, whole states by all" in error.detail
    assert not any("headers/61" in path for path in past.asked)  # nothing is asked for that is of no use


@each_of(
    ("part", "why"),
    [
        ("historical_summaries", Why.FORGED),
        ("headers/", Why.FORGED),
        ("blocks/", Why.FORGED),
    ],
)
def test_answers_that_were_changed_are_told_from_honest_ones(part: str, why: Why) -> None:
    past = Past()

    def spoil(path: str, answer: Any) -> Any:
        if part not in path or answer is None:
            return answer
        if isinstance(answer, bytes):
            return answer[:150] + bytes([answer[150] ^ 1]) + answer[151:]
        if part == "headers/":
            return None if path.endswith(str(past.slot - 711)) else answer  # a block is hidden
        listed = answer["data"]["historical_summaries"]
        return {"data": answer["data"] | {"historical_summaries": listed[:-1]}}

    past.spoil = spoil
    error = refused(past)
    assert error.why is why


@each_of(
    "answer",
    [
        {},
        {"data": []},
        {"data": {"historical_summaries": [], "proof": []}},
        {"data": {"historical_summaries": [{}], "proof": ["0x" + "00" * 32] * 6}},
        {"data": {"historical_summaries": 7, "proof": ["0x" + "00" * 32] * 6}},
        {"data": {"historical_summaries": [], "proof": ["0x" + "00" * 31] * 6}},
    ],
)
def test_answers_that_are_no_summaries_are_malformed(answer: Any) -> None:
    past = Past()
    past.spoil = lambda path, honest: answer if "historical_summaries" in path else honest
    assert refused(past).why is Why.MALFORMED


def test_a_block_after_the_state_is_refused_at_once() -> None:
    past = Past(ELECTRA, ELECTRA)
    later = Past(ELECTRA, DENEB).newer.snapshot  # of a state from before
    honest = past.spoil
    other = Past(ELECTRA, DENEB)
    past.spoil = lambda path, answer: honest(path, answer) or other._answer(path, "")
    error = refused(past, later)
    assert error.why is Why.UNSUPPORTED
    assert "is not in the past of slot" in error.detail


@each_of("state_fork", [DENEB, ELECTRA, FULU])
def test_a_whole_state_has_the_summaries_too(state_fork: int) -> None:
    past = Past(CAPELLA, state_fork, whole=True)
    past.spoil = lambda path, answer: None if "historical_summaries" in path else answer
    assert link(past, records(past)).way is Way.SUMMARIES


def test_a_block_from_before_dencun_leads_nowhere_so() -> None:
    past = Past(CAPELLA, CAPELLA)
    assert "names no beacon block" in refused(past).detail
    assert past.asked == []


@each_of("fork", [DENEB, ELECTRA, FULU])
def test_to_a_block_of_the_states_own_period_a_whole_state_leads(fork: int) -> None:
    past = Past(fork, fork, recent=True, whole=True, blocks=(-3, 4711, 4712))
    assert link(past, records(past)).way is Way.SUMMARIES
    assert sum("/headers/" in path for path in past.asked) == 3
    error = refused(Past(fork, fork, recent=True, blocks=(-3, 4711, 4712)))
    assert "gives no block_roots of the state" in error.detail


def test_a_whole_state_is_fetched_once_for_all_blocks() -> None:
    past = Past(CAPELLA, ELECTRA, whole=True)
    past.spoil = lambda path, answer: None if "historical_summaries" in path else answer
    asked(past, times=2)
    assert sum("/debug/beacon/states/" in path for path in past.asked if "nimbus" not in path) == 2  # by root, by slot


def test_blocks_of_one_period_cost_its_headers_once() -> None:
    past = Past()
    asked(past, times=3)
    assert len([path for path in past.asked if "/headers/" in path]) < 8192 + 10
    assert len([path for path in past.asked if "/blocks/" in path]) == 3


# Mainnet's


def siblings(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text[2:]) for text in texts]


@recorded
@pytest.mark.parametrize("number", [17034870, 17062257, 22162263])
def test_recorded_blocks_lead_to_the_recorded_summaries(number: int) -> None:
    said = json.loads((RECORDED / f"{number}.json").read_text())
    right = json.loads((RECORDED.parent / "right.json").read_text())["history"][str(number)]
    listed = (RECORDED / "historical_summaries_at_slot_11476992.ssz").read_bytes()
    block = bytes.fromhex(said["block_hash"][2:])
    inside, kept = siblings(said["execution_branch"]), siblings(said["block_roots_branch"])
    assert hash_place(said["slot"]) == right["execution_generalized_index"]
    root = root_of_branch(block, inside, hash_place(said["slot"]))
    assert root == bytes.fromhex(said["beacon_block_root"][2:])
    summary = root_of_branch(root, kept, right["block_roots_generalized_index"])
    at = right["summary_index"]
    assert said["slot"] // 8192 - 758 == at
    assert listed[64 * at : 64 * at + 32] == summary
    for place in range(len(kept)):
        changed = [each if which != place else bytes(32) for which, each in enumerate(kept)]
        assert root_of_branch(root, changed, right["block_roots_generalized_index"]) != summary


@recorded
@pytest.mark.parametrize("number", [17034870, 17062257, 22162263])
def test_recorded_blocks_are_ancestors_of_a_state_that_has_the_recorded_summaries(number: int) -> None:
    """The list is mainnet's; the state's other fields, and the header, are made up."""
    said = json.loads((RECORDED / f"{number}.json").read_text())
    listed = (RECORDED / "historical_summaries_at_slot_11476992.ssz").read_bytes()
    leaves = [merkle_root(split(listed[at : at + 64]), 2) for at in range(0, len(listed), 64)]
    root = with_length(merkle_root(leaves, 2**24), len(leaves))
    right = json.loads((RECORDED.parent / "right.json").read_text())["historical_summaries"]
    assert f"0x{root.hex()}" == right["hash_tree_root"]
    fields = [bytes([each]) * 32 for each in range(37)]
    fields[27] = root
    state_slot = 364_032 * 32 + 5
    header = BeaconHeader(state_slot, 7, b"\x01" * 32, merkle_root(fields, 64), b"\x02" * 32)
    at = said["slot"] // 8192 - 758
    branch = [*siblings(said["execution_branch"]), *siblings(said["block_roots_branch"])]
    branch += [listed[64 * at + 32 : 64 * at + 64], *branch_of(leaves, 2**24, at), number_leaf(len(leaves))]
    branch += branch_of(fields, 64, 27)
    block = bytes.fromhex(said["block_hash"][2:])
    record = header_bytes(header) + block + b"".join(branch)
    walk = PastBlocks(MAINNET, Witness([record]))
    time = MAINNET.genesis_time + 12 * said["slot"]
    walk.check(header.root, block, time)
    for place in range(0, len(record), 32):
        edited = record[:place] + bytes([record[place] ^ 1]) + record[place + 1 :]
        with pytest.raises(ProofError):
            PastBlocks(MAINNET, Witness([edited])).check(header.root, block, time)


@recorded
def test_the_recorded_branch_of_summaries_holds_where_a_state_has_them() -> None:
    said = json.loads((RECORDED / "state_branch-deneb.json").read_text())
    leaf, root = (bytes.fromhex(said[name][2:]) for name in ("historical_summaries_root", "beacon_state_root"))
    assert root_of_branch(leaf, siblings(said["state_branch"]), 59) == root


def test_generalized_indices_are_those_of_the_specification() -> None:
    assert hash_place(194_048 * 32) == 3228
    assert hash_place(269_568 * 32) == 6444
    assert summary_place(758 + 630) == 2 * (2 * 2**24 + 630)
    assert within(1, 12, 412) == within(12, 412) == 3228

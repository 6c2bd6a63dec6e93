"""What a worker of a cluster may answer: the types that nodes give, of the size that was asked for."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains import interface
from scanner.chains.backends import open_node
from scanner.chains.interface import ObservedLimits, ProofQuestion
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import OF_A_NODE, Why
from scanner.scanning.answers import Answer, NodeLimits, WorkerFault, decode, encode
from scanner.scanning.remote_questions import METHODS, Awaited
from tests.support.tables import each_of

ETH: Final = parse_asset("eip155:1/slip44:60")
SNAPSHOT: Final = Snapshot(ETH.chain, 7, "0x" + "ab" * 32, "0x" + "aa" * 32, datetime(2026, 1, 1, tzinfo=UTC))
SETTINGS: Final = NodeSettings("evm", "https://node.example", "alpha", ETH.chain)
BATCH: Final = Batch(SNAPSHOT, ETH, (b"a" * 20, b"b" * 20))
GAP: Final = Gap(Why.REFUSED, "it says no")

ON_ONE_MACHINE: Final = {  # what anchors and flows are made of
    interface.ServesAncestors,
    interface.ServesFinality,
    interface.ServesPast,
    interface.ListsTransfers,
}
PROTOCOLS: Final = [
    each for each in vars(interface).values() if getattr(each, "_is_protocol", False) and each not in ON_ONE_MACHINE
]

# By what is asked: its arguments, and values that are answers to it.
GOOD: Final[Mapping[str, tuple[tuple[Any, ...], list[Any]]]] = {
    "open": ((), [None]),
    "leave": ((), [None]),
    "block_at": ((7,), [SNAPSHOT]),
    "oldest_height": ((), [0, 32_570]),
    "final_height": ((), [0, 21_000_000]),
    "decimals": ((ETH, SNAPSHOT), [0, 18, GAP]),
    "read": ((BATCH,), [Reading.of([0, 2**256 - 1]), Reading.of([1, GAP]), Reading.missing(2, GAP)]),
    "read_now": ((ETH, (b"a" * 20, b"b" * 20)), [(SNAPSHOT, Reading.of([7, 8])), (SNAPSHOT, Reading.of([1, GAP]))]),
    "progress": ((), [None, 0, 100]),
    "header": ((SNAPSHOT,), [b"", b'{"number":"0x7"}']),
    "proof_records": ((SNAPSHOT, (ProofQuestion(ETH, (b"a" * 20,)),)), [[], [b"\xf8\x51"]]),
    "contract_owners": ((SNAPSHOT, b"c" * 20), [ContractOwners(), ContractOwners((b"a" * 20,), 1)]),
    "movement_record": ((SNAPSHOT, "0x" + "cc" * 32), [b"", bytes(1000)]),
    "withdrawal_addresses": ((BATCH,), [[b"a" * 20, GAP]]),
}
# By what is asked, what is no answer to it.
BAD: Final[Mapping[str, list[Any]]] = {
    "open": [1, b"", {}],
    "leave": ["left"],
    "block_at": [
        None,
        7,
        replace(SNAPSHOT, height=8),
        replace(SNAPSHOT, chain=parse_chain("eip155:10")),
        replace(SNAPSHOT, hash="\x1b[2J"),
        replace(SNAPSHOT, parent=""),
        replace(SNAPSHOT, time=datetime(2026, 1, 1)),  # noqa: DTZ001 - which is the mistake
    ],
    "oldest_height": [None, -1, 2**60, True, "7", 7.5],
    "final_height": [None, -1, 2**60, True, "7", 7.5],
    "decimals": [-1, 256, None, "18", b"\x12", Gap(Why.WRONG_DECIMALS)],
    "read": [
        Reading.of([1]),
        Reading.of([1, 2, 3]),
        Reading(b"", {}),
        Reading(Reading.of([1, 2]).column, {2: GAP}),
        Reading(Reading.of([1, 2]).column, {-1: GAP}),
        [1, 2],
        Reading.of([1, 2]).column,
        {"column": "12", "gaps": {}},
        {"column": Reading.of([1, 2]).column, "gaps": {0: {"why": "BORED", "detail": ""}}},
        GAP,
        Reading.of([1, AtLeast(7)]),  # on a chain whose state can be proven
        Reading.of([1, Gap(Why.NO_KEY)]),
        Reading.of([1, Gap(Why.REFUSED, said=(("beta", 7),))]),
        Reading.of([1, Gap(Why.REFUSED, shown=7)]),
        Reading.missing(2, Gap(Why.CONTRADICTED)),
    ],
    "read_now": [
        None,
        Reading.of([1, 2]),
        (SNAPSHOT, Reading.of([1])),
        (SNAPSHOT, Reading.of([1, 2, 3])),
        (SNAPSHOT, Reading.of([1, 2]), 7),
        (replace(SNAPSHOT, chain=parse_chain("eip155:10")), Reading.of([1, 2])),
        (replace(SNAPSHOT, hash="\x1b[2J"), Reading.of([1, 2])),
        (replace(SNAPSHOT, height=-1), Reading.of([1, 2])),
        (SNAPSHOT, Reading.of([1, Gap(Why.NO_QUORUM)])),
    ],
    "progress": [-1, 101, "half"],
    "header": [None, {}, [b"0x"], 7],
    "proof_records": [None, ["0x"], [None], b"\xf8\x51"],
    "contract_owners": [None, "none", {"safe": [b"a"], "threshold": 1}, {"safe": [b"a" * 20], "threshold": 2}],
    "movement_record": [None, "0x", {}, [b"a"], 7],
    "withdrawal_addresses": [[GAP], [GAP, GAP, GAP], [b"a" * 19, GAP], [GAP, None], [GAP, Gap(Why.UNPROVEN)]],
}


def asked(method: str) -> Awaited:
    return Awaited("name", SETTINGS, method, GOOD[method][0])


def test_there_is_an_example_of_whatever_a_node_may_be_asked() -> None:
    members = [(kind, name, member) for kind in PROTOCOLS for name, member in vars(kind).items() if name[0] != "_"]
    asked = {name: get_type_hints(member)["return"] for _, name, member in members if callable(member)}
    del asked["open"], asked["close"]
    assert {name: method.returns for name, method in METHODS.items()} == asked
    assert {"open", "leave", *METHODS} == GOOD.keys() == BAD.keys()


def test_what_a_node_cannot_do_is_not_looked_for() -> None:
    node = open_node(replace(SETTINGS, kind="electrum", chain=parse_chain("bip122:000000000019d6689c085ae165831e93")))
    for name in ("header", "proof_records", "contract_owners", "withdrawal_addresses", "progress"):
        with pytest.raises(ValueError, match="cannot do"):
            METHODS[name].of(node)
    assert METHODS["read"].of(node) == node.read


@each_of("method", GOOD)
def test_an_answer_comes_back_as_it_was(method: str) -> None:
    for value in GOOD[method][1]:
        found = decode(asked(method), encode("name", Answer(value)))
        assert found.value == value
        assert type(found.value) is type(value)


@each_of("method", BAD)
def test_what_is_short_long_or_of_another_kind_or_place_is_the_workers_fault(method: str) -> None:
    for value in BAD[method]:
        with pytest.raises(WorkerFault) as fault:
            decode(asked(method), encode("name", Answer(value)))
        assert fault.value.why is Why.MALFORMED


def test_a_beacon_chains_missed_slot_is_told_by_the_block_before_and_no_later_one() -> None:
    chain = parse_chain("beacon:1")
    question = Awaited("name", replace(SETTINGS, chain=chain), "block_at", (7,))
    before = replace(SNAPSHOT, chain=chain, height=5)
    assert decode(question, encode("name", Answer(before))).value == before
    with pytest.raises(WorkerFault):
        decode(question, encode("name", Answer(replace(before, height=8))))


def test_the_answer_to_another_question_is_none() -> None:
    with pytest.raises(WorkerFault):
        decode(asked("final_height"), encode("other", Answer(7)))


def test_a_nodes_failure_is_told_with_its_reason_and_as_no_terminal_obeys_it() -> None:
    told = decode(asked("read"), encode("name", Answer(error=(Why.RATE_LIMITED, "\x1b[31m=much"), opened=False)))
    assert (told.error, told.opened) == ((Why.RATE_LIMITED, "\\x1b[31m=much"), False)


@each_of("why", sorted(set(Why) - OF_A_NODE))
def test_a_failure_for_a_reason_that_no_node_can_have_is_the_workers_fault(why: Why) -> None:
    with pytest.raises(WorkerFault):
        decode(asked("read"), encode("name", Answer(error=(why, "x"))))


def test_a_bug_at_the_worker_is_its_fault_and_no_reason_to_ask_it_nothing_more() -> None:
    with pytest.raises(WorkerFault, match=r"failed to ask for read: KeyError at \\x1b") as fault:
        decode(asked("read"), encode("name", Answer(fault="KeyError at \x1b[2J")))
    assert not fault.value.lasting


def test_what_a_node_was_found_to_take_comes_with_the_answer_where_it_is_asked_for_and_is_checked_like_it() -> None:
    limits = NodeLimits(("multicall",), ObservedLimits(4, 2.5, (("multicall", 500),)))
    question = replace(asked("final_height"), limits=True)
    assert decode(question, encode("name", Answer(7, limits=limits))).limits == limits
    texts = [replace(limits, ways=(text,)) for text in ("\x1b[2J", "x" * 5000)]
    others: list[Any] = [None, 7, limits.learnt, *texts]
    for other in others:
        with pytest.raises(WorkerFault):
            decode(question, encode("name", Answer(7, limits=other)))
    with pytest.raises(WorkerFault):
        decode(asked("final_height"), encode("name", Answer(7, limits=limits)))


def test_an_answer_may_be_as_large_as_what_was_asked_explains() -> None:
    small, large = (
        asked("final_height").most,
        replace(asked("read"), arguments=(replace(BATCH, accounts=[b""] * 9000),)),
    )
    assert small < 2 * 2**20 < large.most < 20 * 2**20
    gaps = Answer(Reading.missing(9000, Gap(Why.REFUSED, "x" * 400)))
    assert len(encode("name", gaps)) < large.most


def test_a_pickle_is_no_answer_whatever_it_would_do() -> None:
    for data in (pickle.dumps(Answer(7)), pickle.dumps(7), b"cos\nsystem\n(S'true'\ntR."):
        with pytest.raises(WorkerFault):
            decode(asked("final_height"), data)


def test_nesting_without_an_end_is_no_answer() -> None:
    deep = msgspec.msgpack.encode({"a": 1})
    for _ in range(5000):
        deep = b"\x91" + deep
    data = encode("name", Answer({"a": 1})).replace(msgspec.msgpack.encode({"a": 1}), b"\x81\xa1a" + deep)
    with pytest.raises(WorkerFault):
        decode(asked("header"), data)


@given(st.binary(max_size=300), st.sampled_from(sorted(GOOD)))
def test_no_bytes_whatever_make_another_error(data: bytes, method: str) -> None:
    with pytest.raises(WorkerFault):
        decode(asked(method), data)


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_an_answer_with_a_byte_changed_is_an_answer_of_its_form_or_a_fault(method: str, draw: st.DataObject) -> None:
    value = draw.draw(st.sampled_from(GOOD[method][1]))
    data = bytearray(encode("name", Answer(value)))
    data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        found = decode(asked(method), bytes(data))
    except WorkerFault:
        return
    if found.error is None and method in ("read", "withdrawal_addresses"):
        assert len(found.value) == 2

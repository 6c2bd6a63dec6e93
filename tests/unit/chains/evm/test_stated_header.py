"""A header as an EVM node states it: from the backend to the prover, who may have it from a stranger."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.prover import EvmStateProofs
from scanner.chains.evm.stated_header import read_stated_header, stated_header
from scanner.chains.names import parse_chain
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.simulated.built_state import BuiltState
from tests.support.strength import examples
from tests.support.tables import each_of

STATE = BuiltState(parse_chain("eip155:1"), {b"a" * 20: 7})
STATED = stated_header(STATE.fields)
PROVER = EvmStateProofs()


def flaw_of(stated: bytes) -> Flaw:
    with pytest.raises(ProofError) as caught:
        PROVER.header(STATE.snapshot, stated)
    return caught.value.flaw


def test_what_a_node_states_becomes_the_header_that_hashes_to_the_block() -> None:
    assert read_stated_header(STATED) == STATE.fields
    assert PROVER.header(STATE.snapshot, STATED) == [STATE.header]


def test_what_no_header_hashes_is_left_out_however_large_it_is() -> None:
    beside = {
        "transactions": ["0x" + "11" * 32] * 10_000,
        "uncles": [],
        "totalDifficulty": "0x1",
        "hash": "0x",
        "x": "y",
    }
    assert stated_header({**STATE.fields, **beside}) == STATED


@each_of("value", [5, 2**300, True, [], {}, "\ud800", "\x1b[2J\N{BULLET}", 1.5, "0xzz", ""])
def test_a_field_that_is_no_hexadecimal_text_is_malformed_and_named(value: object) -> None:
    with pytest.raises(ProofError, match="header field gasUsed") as caught:
        PROVER.header(STATE.snapshot, stated_header({**STATE.fields, "gasUsed": value}))
    assert caught.value.flaw is Flaw.MALFORMED


def test_a_field_without_a_value_is_one_that_is_not_there() -> None:
    assert flaw_of(stated_header({**STATE.fields, "stateRoot": None})) is Flaw.INCOMPLETE
    assert stated_header({**STATE.fields, "withdrawalsRoot": None}) == STATED


@each_of(
    "stated",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"number":{}}',
        b'{"number":["0x1"]}',
        b'{"number":1e400}',
    ],
)
def test_what_is_no_flat_object_of_texts_is_malformed(stated: bytes) -> None:
    assert flaw_of(stated) is Flaw.MALFORMED


@pytest.mark.parametrize("stated", [b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000])
def test_nesting_without_an_end_is_malformed(stated: bytes) -> None:
    assert flaw_of(stated) is Flaw.MALFORMED


def test_a_header_beyond_all_bounds_is_not_read() -> None:
    assert flaw_of(json.dumps({"extraData": "0x" + "00" * 300_000}).encode()) is Flaw.TOO_LARGE


def test_a_true_header_of_another_block_is_refused() -> None:
    for other in (
        BuiltState(STATE.chain, {b"a" * 20: 8}),
        BuiltState(STATE.chain, {b"a" * 20: 7}, time=STATE.time + timedelta(seconds=1)),
    ):
        assert flaw_of(stated_header(other.fields)) is Flaw.HEADER_MISMATCH


@given(st.binary(max_size=200))
def test_no_bytes_whatever_make_another_error(stated: bytes) -> None:
    with pytest.raises(ProofError):
        PROVER.header(STATE.snapshot, stated)


@settings(max_examples=examples(50))
@given(st.integers(0, len(STATED) - 1), st.integers(1, 255))
def test_a_stated_header_with_a_byte_changed_is_the_same_or_is_refused(at: int, change: int) -> None:
    """Digits may be written in either case, and a key that no header has may become another."""
    changed = bytearray(STATED)
    changed[at] ^= change
    try:
        assert PROVER.header(STATE.snapshot, bytes(changed)) == [STATE.header]
    except ProofError:
        return

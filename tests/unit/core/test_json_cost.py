"""A JSON text whose values would take many times its bytes is refused before it is parsed."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.clients.answer_limits import ANSWER_LIMIT, SMALL, limit_of
from scanner.clients.jsonrpc import decode, json_text
from scanner.core.json_cost import costs_more, memory_of
from scanner.errors import NodeError, Why
from tests.support.tables import each_of

MIB = 2**20
DENSE = {
    "lists": b"[" + b"[]," * (2 * MIB // 3) + b"[]]",
    "fractions": b"[" + b"0.1," * (2 * MIB // 4) + b"0.1]",
    "digits": b"[" + b"7," * (2 * MIB // 2) + b"7]",
    "empty texts": b"[" + b'"",' * (2 * MIB // 3) + b'""]',
    "short texts": b"[" + b'"ab",' * (2 * MIB // 5) + b'""]',
    "dicts": b"[" + b"{}," * (2 * MIB // 3) + b"{}]",
    "dicts of one key": b"[" + b'{"":0},' * (2 * MIB // 7) + b"{}]",
    "many keys": b"{" + b",".join(b'"%x":1' % each for each in range(2 * MIB // 10)) + b"}",
    "lists side by side": b"[]" * MIB,
    "lists in a string's place": b'["' + b'","' * (2 * MIB // 3) + b'"]',
    "nested": b"[" * MIB + b"]" * MIB,
    "never closed": b"[{" * MIB,
}


def peak_of_decoding(body: bytes) -> int:
    """Bytes that were held at the most beside `body` while it was decoded, or refused."""
    tracemalloc.start()
    try:
        with suppress(NodeError):
            decode(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each_of("shape", DENSE)
def test_no_answer_costs_more_than_a_few_times_its_bytes(shape: str) -> None:
    assert peak_of_decoding(DENSE[shape]) <= 5 * len(DENSE[shape])
    with pytest.raises(NodeError) as caught:
        decode(DENSE[shape])
    assert caught.value.why is Why.MALFORMED


@each_of("padding", range(0, 120, 15))
def test_an_answer_that_is_just_not_dense_enough_to_be_refused_costs_no_more_either(padding: int) -> None:
    body = b"[" + b",".join([b'{"%s":[]}' % (b"x" * padding)] * (2 * MIB // (10 + padding))) + b"]"
    assert peak_of_decoding(body) <= 6 * len(body)


ANSWERS: dict[str, Any] = {
    "a history": [{"height": 800_000 + each, "tx_hash": f"{each:064x}"} for each in range(20_000)],
    "a block's hashes": {"hash": "0x" + "ab" * 32, "transactions": [f"0x{each:064x}" for each in range(20_000)]},
    "outputs": [
        {
            "value": 0.12345678,
            "n": each,
            "scriptPubKey": {
                "asm": f"0 {each:040x}",
                "desc": f"addr(bc1q{each:038x})#abcdefgh",
                "hex": f"0014{each:040x}",
                "address": f"bc1q{each:038x}",
                "type": "witness_v0_keyhash",
            },
        }
        for each in range(10_000)
    ],
    "a batch": [{"jsonrpc": "2.0", "id": each, "result": hex(10**18 + each)} for each in range(5_000)],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_nodes_answer_at_length_is_read(name: str) -> None:
    body = json.dumps(ANSWERS[name], separators=(",", ":")).encode()
    assert len(body) > MIB or name == "a batch"
    assert decode(body) is not None


def test_punctuation_within_texts_is_none() -> None:
    body = json.dumps(['[{,."\\' * 100_000, "]}" * 100_000] * 3).encode()
    assert decode(body)[0].startswith("[{,.")
    assert not costs_more(body, 5, 0)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    )
)
def test_the_estimate_grows_with_what_stands_there_and_refuses_nothing_small(value: Any) -> None:
    body = json.dumps(value).encode()
    assert memory_of(body) >= len(body)
    assert decode(body) == value


def test_small_answers_have_small_limits_and_the_others_what_was_asked_for() -> None:
    block = {"blockHash": "0x" + "00" * 32}
    assert limit_of([("eth_chainId", ())]) < 2 * SMALL
    assert limit_of([("getblockhash", [0])]) < 2 * SMALL
    balances = [("eth_getBalance", ("0x" + "00" * 20, block))] * 1_000
    assert 300 * 1_000 < limit_of(balances) < 8 * MIB
    accounts = json_text([{"to": "0x" + "00" * 20, "data": "0x" + "00" * 20 * 20_000}, block])
    assert 64 * 20_000 < limit_of([("eth_call", accounts)]) < 8 * MIB
    proof = ("eth_getProof", ("0x" + "00" * 20, ["0x00"] * 500, block))
    assert 500 * 40_000 < limit_of([proof]) <= ANSWER_LIMIT
    assert limit_of([proof] * 1_000) == limit_of([("getblock", ["00", 3])]) == ANSWER_LIMIT

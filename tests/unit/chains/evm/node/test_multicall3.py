"""Multicall3's encoding, against a general ABI library's, and whatever else a node may answer."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

import pytest
from eth_abi.abi import encode
from eth_abi.codec import ABIDecoder
from eth_abi.decoding import ByteStringDecoder, ContextFramesBytesIO
from eth_abi.registry import registry
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.node.multicall3 import aggregate, aggregated
from scanner.errors import NodeError, Why
from tests.support.strength import examples


class Unpadded(ByteStringDecoder):
    """Bytes without a look at their padding, as `strict=False` has it, which the library tells no nested decoder."""

    def read_data_from_stream(self, stream: ContextFramesBytesIO) -> bytes:
        self.strict = False
        return bytes(super().read_data_from_stream(stream))  # type: ignore[no-untyped-call]


LENIENT = registry.copy()  # type: ignore[no-untyped-call]
LENIENT.unregister_decoder("bytes")
LENIENT.register_decoder(lambda name: name == "bytes", Unpadded, label="bytes")

calls = st.lists(st.tuples(st.binary(min_size=20, max_size=20), st.binary(max_size=70)), max_size=8)
results = st.lists(st.tuples(st.booleans(), st.binary(max_size=70)), max_size=8)


def words(told: Iterable[tuple[bool, bytes]]) -> list[tuple[bool, bytes]]:
    """What is of use of the results: a word of each."""
    return [(succeeded, found[:32]) for succeeded, found in told]


@settings(max_examples=examples(40), deadline=None)
@given(calls)
def test_calls_are_encoded_as_the_abi_says(made: list[tuple[bytes, bytes]]) -> None:
    data = aggregate(made)
    assert data[:4].hex() == "82ad56cb"
    assert data[4:] == encode(["(address,bool,bytes)[]"], [[(target, True, call) for target, call in made]])


@settings(max_examples=examples(40), deadline=None)
@given(results)
def test_results_are_decoded_as_the_abi_says(told: list[tuple[bool, bytes]]) -> None:
    assert aggregated(encode(["(bool,bytes)[]"], [told]), len(told)) == words(told)


@settings(max_examples=examples(40), deadline=None)
@given(results, st.integers(0, 10))
def test_another_number_of_results_is_malformed(told: list[tuple[bool, bytes]], count: int) -> None:
    if count != len(told):
        with pytest.raises(NodeError) as caught:
            aggregated(encode(["(bool,bytes)[]"], [told]), count)
        assert caught.value.why is Why.MALFORMED


@settings(max_examples=examples(100), deadline=None)
@given(results, st.data())
def test_a_damaged_answer_is_malformed_or_what_the_abi_library_makes_of_it(
    told: list[tuple[bool, bytes]], data: st.DataObject
) -> None:
    answer = bytearray(encode(["(bool,bytes)[]"], [told]))
    answer[data.draw(st.integers(0, len(answer) - 1))] ^= data.draw(st.integers(1, 255))
    del answer[data.draw(st.integers(0, len(answer))) :]
    try:
        found = aggregated(bytes(answer), len(told))
    except NodeError:
        return
    assert found == words(ABIDecoder(LENIENT).decode(["(bool,bytes)[]"], bytes(answer), strict=False)[0])


@pytest.mark.parametrize("padding", [b"", b"\0", b"\xff" * 30, b"\0" * 30 + b"\x01"])
def test_the_padding_after_the_last_result_is_not_looked_at(padding: bytes) -> None:
    answer = encode(["(bool,bytes)[]"], [[(True, b"x")]])
    assert aggregated(answer.removesuffix(bytes(31)) + padding, 1) == [(True, b"x")]


@pytest.mark.parametrize("position", [64, 96, 128, 160])
def test_a_place_or_a_length_beyond_the_end_is_malformed(position: int) -> None:
    answer = bytearray(encode(["(bool,bytes)[]"], [[(True, bytes(32))]]))
    answer[position : position + 32] = b"\xff" * 32
    with pytest.raises(NodeError) as caught:
        aggregated(bytes(answer), 1)
    assert caught.value.why is Why.MALFORMED


def test_an_answer_that_names_one_long_piece_as_every_result_takes_no_more_memory_than_it_has() -> None:
    count, long = 500, 2**20
    offsets = (32 * count).to_bytes(32) * count
    answer = b"".join([(32).to_bytes(32), count.to_bytes(32), offsets, encode(["bool", "bytes"], [True, bytes(long)])])
    tracemalloc.start()
    try:
        assert aggregated(answer, count) == [(True, bytes(32))] * count
        assert tracemalloc.get_traced_memory()[1] < long
    finally:
        tracemalloc.stop()

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm import rlp
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.simulated.trie_builder import array
from tests.support.strength import examples
from tests.support.tables import each_of

ITEMS = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=20)

# The examples of the RLP documentation, and lengths on both sides of every boundary.
KNOWN: list[tuple[rlp.Item, str]] = [
    (b"dog", "83646f67"),
    ([b"cat", b"dog"], "c88363617483646f67"),
    (b"", "80"),
    ([], "c0"),
    (b"\x00", "00"),
    (b"\x0f", "0f"),
    (b"\x7f", "7f"),
    (b"\x80", "8180"),
    (b"\x04\x00", "820400"),
    ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
    (b"a" * 55, "b7" + "61" * 55),
    (b"a" * 56, "b838" + "61" * 56),
    (b"a" * 256, "b90100" + "61" * 256),
    ([b"a"] * 55, "f7" + "61" * 55),
    ([b"a"] * 56, "f838" + "61" * 56),
]


@each_of(("item", "encoded"), KNOWN)
def test_known_encodings_both_ways(item: rlp.Item, encoded: str) -> None:
    assert rlp.encode(item).hex() == encoded
    assert rlp.decode(bytes.fromhex(encoded)) == item


@settings(max_examples=examples(40), deadline=None)
@given(ITEMS)
def test_what_is_encoded_is_decoded(item: rlp.Item) -> None:
    assert rlp.decode(rlp.encode(item)) == item


@settings(max_examples=examples(40), deadline=None)
@given(st.binary(max_size=90) | ITEMS.map(rlp.encode))
def test_no_two_byte_strings_decode_to_one_item(data: bytes) -> None:
    try:
        item = rlp.decode(data)
    except ProofError:
        return
    assert rlp.encode(item) == data


@settings(max_examples=examples(40), deadline=None)
@given(ITEMS.map(rlp.encode), st.data())
def test_no_encoding_is_part_of_another(encoded: bytes, data: st.DataObject) -> None:
    for wrong in (encoded[: data.draw(st.integers(0, len(encoded) - 1))], encoded + data.draw(st.binary(min_size=1))):
        with pytest.raises(ProofError):
            rlp.decode(wrong)


@each_of(
    "encoded",
    [
        "",  # nothing
        "8100",  # a byte below 0x80 with a prefix
        "817f",
        "b800",  # a length of zero, written long
        "b837" + "61" * 55,  # a short length, written long
        "f837" + "61" * 55,
        "b90038" + "61" * 56,  # a length with a leading zero
        "f90038" + "61" * 56,
        "83646f",  # a string cut short
        "c883636174",  # a list cut short
        "c28363",  # an item that reaches out of its list
        "b8",  # a length cut short
        "b901",
        "bf" + "ff" * 8,  # a length of 2**64 - 1
        "ff" + "ff" * 8,
        "8080",  # two items
        "c081",
    ],
)
def test_encodings_that_are_not_canonical_are_refused(encoded: str) -> None:
    with pytest.raises(ProofError) as caught:
        rlp.decode(bytes.fromhex(encoded))
    assert caught.value.flaw is Flaw.MALFORMED


def nested(depth: int) -> bytes:
    encoded = b"\xc0"
    for _ in range(depth):
        encoded = array(encoded)
    return encoded


def test_nesting_is_bounded() -> None:
    rlp.decode(nested(rlp.MAX_DEPTH - 1))
    for depth in (rlp.MAX_DEPTH, 5000):
        with pytest.raises(ProofError, match="nested"):
            rlp.decode(nested(depth))


def test_size_is_bounded() -> None:
    largest = rlp.encode(bytes(rlp.MAX_BYTES - 4))
    assert len(largest) == rlp.MAX_BYTES
    assert rlp.decode(largest) == bytes(rlp.MAX_BYTES - 4)
    with pytest.raises(ProofError) as caught:
        rlp.decode(rlp.encode(bytes(rlp.MAX_BYTES - 3)))
    assert caught.value.flaw is Flaw.TOO_LARGE


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 2**256 - 1))
def test_integers_both_ways(number: int) -> None:
    assert rlp.decode_int(rlp.encode_int(number), 256) == number


def test_zero_is_no_byte() -> None:
    assert rlp.encode_int(0) == b""
    assert rlp.decode_int(b"", 64) == 0


def test_integers_are_bounded_by_their_bits_to_the_bit() -> None:
    assert rlp.decode_int(b"\xff" * 8, 64) == 2**64 - 1
    assert rlp.decode_int(b"\x7f", 7) == 127
    with pytest.raises(ProofError):
        rlp.decode_int(b"\x80", 7)


@pytest.mark.parametrize("item", [b"\0", b"\0\x01", b"\x01" + bytes(8), [], [b"\x01"]])
def test_integers_with_leading_zeros_too_wide_or_no_integers_are_refused(item: rlp.Item) -> None:
    with pytest.raises(ProofError):
        rlp.decode_int(item, 64)

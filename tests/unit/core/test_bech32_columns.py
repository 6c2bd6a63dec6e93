"""Addresses of many witness programs at once are those of each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.bech32 import decode_witness, encode_witness
from scanner.core.bech32_columns import address_length, decode_witnesses, encode_witnesses
from tests.support.strength import examples

KINDS = [(0, 20), (0, 32), (1, 32), (1, 2), (2, 7), (16, 40)]


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, int, int, list[bytes]]:
    version, size = draw(st.sampled_from(KINDS))
    several = draw(st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=5))
    return draw(st.sampled_from(["bc", "ltc", "bcrt", "tb"])), version, size, several


@settings(max_examples=examples(80), deadline=None)
@given(programs())
def test_many_are_written_and_read_as_each_alone(given: tuple[str, int, int, list[bytes]]) -> None:
    hrp, version, size, several = given
    texts = encode_witnesses(hrp, version, b"".join(several), size)
    assert texts == [encode_witness(hrp, version, program) for program in several]
    assert set(map(len, texts)) == {address_length(hrp, size)}
    assert decode_witnesses(hrp, version, texts, size) == b"".join(several)


@settings(max_examples=examples(150), deadline=None)
@given(programs(), st.data())
def test_what_is_no_such_address_alone_is_none_among_others(
    given: tuple[str, int, int, list[bytes]], data: st.DataObject
) -> None:
    hrp, version, size, several = given
    texts = encode_witnesses(hrp, version, b"".join(several), size)
    at = data.draw(st.integers(0, len(texts) - 1))
    place = data.draw(st.integers(0, len(texts[at]) - 1))
    put = data.draw(st.sampled_from([*"qpzry9x8gf2tvdw0s3jn54khce6mua7lb1iBQ ", "\u212a", "é", ""]))
    texts[at] = texts[at][:place] + put + texts[at][place + data.draw(st.integers(0, 2)) :]
    try:
        alone = decode_witness(texts[at])
    except ValueError:
        alone = None
    same = alone is not None and alone[:2] == (hrp, version) and len(alone[2]) == size and texts[at].islower()
    assert (decode_witnesses(hrp, version, texts, size) is not None) == same


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "the BIP's own"),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "in upper case, which is valid and not as we write it"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "a wrong checksum"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "another version and length"),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "another network"),
    ],
)
def test_vectors_of_the_bips(address: str, what: str) -> None:
    found = decode_witnesses("bc", 0, [address], 20)
    assert (found is not None) == (what == "the BIP's own"), what


def test_padding_that_is_not_zero_is_no_spelling_of_a_program() -> None:
    from scanner.core.bech32 import BECH32, encode, groups_of

    groups = groups_of(b"\x11" * 32)
    for last in range(32):
        text = encode("bc", b"\0" + groups[:-1] + bytes([last]), BECH32)
        assert (decode_witnesses("bc", 0, [text], 32) is not None) == (last & 15 == 0)

"""DER: what is written is read again, and what is not written as it has to be is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core import der
from scanner.core.der import DerError, DerFields, dotted, encode, encode_number, object_id
from tests.support.tables import each_of


def read(data: bytes) -> list[tuple[int, bytes, bytes]]:
    return [(each.tag, each.content, each.whole) for each in DerFields(data).rest()]


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_elements_are_read_as_they_were_written(parts: list[bytes]) -> None:
    encoded = [encode(der.OCTET_STRING, part) for part in parts]
    assert read(b"".join(encoded)) == [
        (der.OCTET_STRING, part, whole) for part, whole in zip(parts, encoded, strict=True)
    ]


@given(st.integers(-(2**200), 2**200))
def test_numbers_are_read_as_they_were_written(number: int) -> None:
    fields = DerFields(encode_number(number))
    assert fields.take(der.INTEGER, "a number").number() == number
    fields.end("the number")


@given(st.integers(0, 2), st.lists(st.integers(0, 2**70), max_size=6))
def test_object_identifiers_are_read_as_they_were_written(first: int, others: list[int]) -> None:
    text = ".".join(map(str, [first, 39 if first < 2 else 2**40, *others]))
    if len(object_id(text)) <= 64:
        assert dotted(object_id(text)) == text


@given(st.binary(max_size=200))
def test_bytes_of_anybody_are_elements_or_refused(data: bytes) -> None:
    try:
        found = read(data)
    except DerError:
        return
    assert b"".join(whole for _, _, whole in found) == data


@each_of(
    "data",
    [
        b"\x04",
        b"\x04\x05abcd",
        b"\x04\x80abcd\x00\x00",
        b"\x04\x81\x05abcde",
        b"\x04\x82\x00\x80" + bytes(0x80),
        b"\x04\x85\x01\x00\x00\x00\x00" + bytes(10),
        b"\x04\x84\xff\xff\xff\xff",
        b"\x04\xff",
        b"\x1f\x81\x01\x00",
    ],
)
def test_a_length_or_tag_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        read(data)


@each_of("content", [b"", b"\x00\x01", b"\xff\x80", b"\x00\x00"])
def test_a_number_that_is_not_as_short_as_can_be_is_refused(content: bytes) -> None:
    with pytest.raises(DerError):
        DerFields(encode(der.INTEGER, content)).take(der.INTEGER, "a number").number()


def test_a_number_of_more_bits_than_any_standard_allows_for_is_refused() -> None:
    """Python would not write it down, in decimal, either."""
    assert DerFields(encode_number(2**511 - 1)).take(der.INTEGER, "a number").number() == 2**511 - 1
    with pytest.raises(DerError, match="a number of 65 bytes"):
        DerFields(encode_number(2**512)).take(der.INTEGER, "a number").number()


@each_of("content", [b"", b"\x80\x01", b"\x2a\x86", b"\x2a\x80\x01", b"\x2a" * 65])
def test_an_object_identifier_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(DerError):
        dotted(content)


def test_what_is_due_is_named_where_it_is_missing_of_another_kind_or_not_the_end() -> None:
    fields = DerFields(encode_number(1))
    with pytest.raises(DerError, match="the text is of another kind"):
        fields.take(der.UTF8_STRING, "the text")
    assert fields.take_if(der.UTF8_STRING) is None
    with pytest.raises(DerError, match="it all goes on after its end"):
        fields.end("it all")
    fields.take(der.INTEGER, "a number")
    with pytest.raises(DerError, match="the text is missing"):
        fields.take(der.UTF8_STRING, "the text")


def test_no_element_of_64_kib_is_written() -> None:
    assert len(encode(der.OCTET_STRING, bytes(2**16 - 1))) == 2**16 + 3
    with pytest.raises(DerError):
        encode(der.OCTET_STRING, bytes(2**16))

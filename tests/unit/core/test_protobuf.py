"""Messages of protobuf: what is written is read again, and what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.protobuf import data, fields, number, varint
from tests.support.tables import each_of

messages = st.dictionaries(
    st.integers(1, 2**29 - 1), st.one_of(st.integers(1, 2**63 - 1), st.binary(min_size=1, max_size=40)), max_size=6
)


@given(messages)
def test_what_is_written_is_read_again(message: dict[int, int | bytes]) -> None:
    written = b"".join(
        number(field, value) if isinstance(value, int) else data(field, value) for field, value in message.items()
    )
    assert fields(written) == message


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        found = fields(raw)
    except ValueError:
        return
    assert all(field > 0 for field in found)


def test_zeros_and_nothing_are_left_out() -> None:
    assert (number(3, 0), data(4, b""), varint(300)) == (b"", b"", b"\xac\x02")


@each_of(
    "raw",
    ["08", "0a05aa", "0d00000000", "0900", "0801 0801", "0001", "08ffffffffffffffffff7f", "08" + "80" * 10 + "01"],
)
def test_what_is_no_message_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"field|number"):
        fields(bytes.fromhex(raw))

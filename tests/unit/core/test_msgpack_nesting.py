"""How deep MessagePack nests: as deep as what it was made of, whatever forms its lengths have."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.msgpack_nesting import nests_deeper

plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary()
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=50)


def depth(value: object) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if members is None else 1 + max(map(depth, members), default=0)


def depth_told(data: bytes) -> int:
    return next(most for most in range(1000) if not nests_deeper(data, most))


@given(values)
def test_it_is_as_deep_as_the_value(value: object) -> None:
    # Empty arrays and maps hold nothing in which a decoder could go deeper.
    told = depth_told(msgspec.msgpack.encode(value))
    assert told <= depth(value) <= told + 1


def test_every_form_of_a_length_is_passed_over() -> None:
    for value in (
        *(b"x" * size for size in (0, 255, 256, 65_535, 65_536)),
        *("x" * size for size in (0, 31, 32, 255, 256, 65_535, 65_536)),
        *([0] * size for size in (15, 16, 65_535, 65_536)),
        *({str(n): n for n in range(size)} for size in (15, 16, 65_536)),
        *(msgspec.msgpack.Ext(5, b"x" * size) for size in (0, 1, 2, 3, 4, 8, 16, 17, 256, 65_536)),
        [-1, -33, -129, -40_000, -(2**40), 1.5, 127, 128, 256, 2**20, 2**40],
    ):
        inside = msgspec.msgpack.encode([value, [[7]]])
        assert not nests_deeper(inside, 3)
        assert nests_deeper(inside, 2)
        assert nests_deeper(inside[:-1], 3)


def test_depth_without_an_end_and_bytes_that_are_none_are_told_as_too_deep() -> None:
    assert nests_deeper(b"\x91" * 1_000_000, 50)
    assert nests_deeper(b"\xdd\xff\xff\xff\xff" * 1000, 50)
    assert nests_deeper(b"", 50)
    assert nests_deeper(b"\xc1", 50)
    assert nests_deeper(b"\xc6\xff\xff\xff\xff", 50)


@given(st.binary())
def test_what_is_not_too_deep_can_be_decoded_without_going_deeper(data: bytes) -> None:
    if nests_deeper(data, 10):
        return
    try:
        value = msgspec.msgpack.decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return
    assert depth(value) <= 11

"""Many Base58Check texts at once are what each is by itself, and none where one of them is none."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core import base58
from scanner.core.base58_columns import decode_checks
from tests.support.strength import examples

SIZE = 21
PAYLOADS = st.one_of(
    st.binary(min_size=SIZE, max_size=SIZE),
    st.integers(0, SIZE).map(lambda zeros: bytes(zeros) + b"\x01" * (SIZE - zeros)),
    st.just(b"\xff" * SIZE),
    st.binary(max_size=2 * SIZE),
)


def as_it_is(text: str) -> str:
    return text


SPELLINGS: list[Callable[[str], str]] = [
    as_it_is,
    lambda text: "1" + text,
    lambda text: text[1:],
    lambda text: text[:-1],
    lambda text: text[:-1] + ("2" if text[-1:] != "2" else "3"),
    lambda text: text[:3] + "0" + text[4:],
    lambda text: text[:3] + "é" + text[4:],
    lambda text: " " + text,
    lambda text: "z" * len(text),
]


def alone(text: str) -> bytes | None:
    try:
        payload = base58.decode_check(text)
    except ValueError:
        return None
    return payload if len(payload) == SIZE else None


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(PAYLOADS, st.sampled_from(SPELLINGS)), max_size=8))
def test_texts_are_read_as_each_alone_and_not_at_all_where_one_is_none(
    made: list[tuple[bytes, Callable[[str], str]]],
) -> None:
    texts = [spell(base58.encode_check(payload)) for payload, spell in made]
    payloads = list(map(alone, texts))
    assert decode_checks(texts, SIZE) == (None if None in payloads else payloads)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.binary(min_size=SIZE, max_size=SIZE), min_size=1, max_size=40))
def test_payloads_of_any_bytes_come_back(payloads: list[bytes]) -> None:
    assert decode_checks(list(map(base58.encode_check, payloads)), SIZE) == payloads

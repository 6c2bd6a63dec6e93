"""Messages: written as the specification says, and paired by id or not at all."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_chain
from scanner.clients.jsonrpc import RpcError, decode, encode, encode_one, result_of, results_of
from scanner.clients.redact import LONGEST, Redactor
from scanner.clients.retry_after import retry_after
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.strength import examples
from tests.support.tables import each_of

ETHEREUM = parse_chain("eip155:1")
SETTINGS = NodeSettings(
    "evm", "https://eth.example.org:8443/v3/4f2cAFE0?token=t0k%2Fen-7", "o", ETHEREUM, user="alice", password="pa$$w0rd"
)
REDACT = Redactor(SETTINGS)


def answers(first: int, count: int) -> list[dict[str, Any]]:
    return [{"jsonrpc": "2.0", "id": number, "result": hex(number)} for number in range(first, first + count)]


def test_a_batch_numbers_its_calls() -> None:
    sent = json.loads(encode(7, [("eth_chainId", ()), ("eth_getBalance", ("0x1", {"blockHash": "0x2"}))]))
    assert sent == [
        {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 8, "method": "eth_getBalance", "params": ["0x1", {"blockHash": "0x2"}]},
    ]


def test_a_single_request_is_no_list() -> None:
    assert json.loads(encode_one(3, ("m", [1]))) == {"jsonrpc": "2.0", "id": 3, "method": "m", "params": [1]}


def test_a_fraction_is_a_decimal_to_its_last_digit() -> None:
    value = decode(b'{"amount": 0.10000001, "many": 20999999.97690000}')
    assert value == {"amount": Decimal("0.10000001"), "many": Decimal("20999999.97690000")}
    assert isinstance(value["amount"], Decimal)


@each_of(
    "body",
    [
        *(
            b"",
            b" ",
            b"<html>",
            b"{",
            b"[1,]",
            b"NaN",
            b"[Infinity]",
            b'{"a":-Infinity}',
            b'"\xff"',
            b"1e9999999",
            b"1 1",
        ),
        *(b"0." + b"1" * 200, b"[" * 200_000, b"9" * 5_000, "1".encode("utf-16")),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(NodeError) as caught:
        decode(body)
    assert caught.value.why is Why.MALFORMED


def nested(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * levels + b"1" + closing * levels


@each_of(
    "body",
    [
        nested(200),
        nested(200, b'{"a":', b"}"),
        nested(200, b'[{"a":', b"}]"),
        b'["\\"",' + nested(200) + b"]",
        b'["[]", "\\\\", ' + nested(200) + b"]",
        b"[" * 200,
        b'{"a":' * 200 + b'"never closed',
        b"[[]," * 200,
        b"[[[]],{}," * 200,
    ],
)
def test_an_answer_that_nests_without_need_is_refused_before_it_is_parsed(body: bytes) -> None:
    with pytest.raises(NodeError, match="nests deeper"):
        decode(body)


def test_an_answer_may_be_long_and_quote_brackets() -> None:
    row = {"a": [[{"b": '[[[[{{{{"\\'}] * 3] * 3}
    assert decode(json.dumps([row] * 1_000).encode()) == [row] * 1_000
    assert decode(nested(60)) == json.loads(nested(60))
    assert decode(json.dumps("[" * 100_000).encode()) == "[" * 100_000


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
@settings(max_examples=examples(50))
def test_no_answer_of_usual_depth_is_refused_whatever_its_texts(value: Any) -> None:
    body = json.dumps([value] * 70).encode()
    assert decode(body) == [value] * 70


@settings(max_examples=examples(50), deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise_anything_but_a_node_error(body: bytes) -> None:
    with suppress(NodeError):
        decode(body)


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_answers_are_paired_by_id_whatever_their_order(count: int, random: Random) -> None:
    shuffled = answers(100, count)
    random.shuffle(shuffled)
    assert results_of(shuffled, 100, count, REDACT) == [hex(number) for number in range(100, 100 + count)]


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(1, 30), st.data())
def test_a_dropped_answer_is_missing_and_nothing_shifts(count: int, data: st.DataObject) -> None:
    dropped = data.draw(st.integers(0, count - 1))
    found = results_of([each for each in answers(5, count) if each["id"] != 5 + dropped], 5, count, REDACT)
    for position, outcome in enumerate(found):
        if position == dropped:
            assert isinstance(outcome, NodeError)
            assert outcome.why is Why.MALFORMED
        else:
            assert outcome == hex(5 + position)


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(1, 30), st.data())
def test_a_doubled_answer_is_no_answer_for_its_own_request_alone(count: int, data: st.DataObject) -> None:
    doubled = data.draw(st.integers(0, count - 1))
    found = results_of([*answers(5, count), {"id": 5 + doubled, "result": "0xbad"}], 5, count, REDACT)
    assert [isinstance(outcome, NodeError) for outcome in found] == [position == doubled for position in range(count)]


@each_of("strange", ["5", 5.0, Decimal(5), None, True, [5], 4, 7, -5])
def test_an_id_that_is_not_the_request_s_own_answers_nothing(strange: object) -> None:
    first, second = results_of([{"id": strange, "result": "0x1"}, {"id": 6, "result": "0x2"}], 5, 2, REDACT)
    assert isinstance(first, NodeError)
    assert second == "0x2"
    with pytest.raises(NodeError):
        result_of({"id": strange, "result": "0x1"}, 5, REDACT)


@pytest.mark.parametrize("body", [None, "0x5", 5, {"result": 1}, {}])
def test_a_batch_that_is_answered_by_no_list_fails_whole(body: object) -> None:
    with pytest.raises(NodeError) as caught:
        results_of(body, 1, 2, REDACT)
    assert caught.value.why is Why.MALFORMED


def test_a_batch_answered_by_one_error_fails_with_its_code() -> None:
    with pytest.raises(RpcError) as caught:
        results_of({"id": None, "error": {"code": -32600, "message": "batch too large"}}, 1, 2, REDACT)
    assert caught.value.code == -32600
    assert caught.value.detail == "batch too large (code -32600)"


@each_of(
    "answer",
    [
        {"id": 1},
        {"id": 1, "error": None},
        {"id": 1, "result": 1, "error": {"code": 1, "message": ""}},
        {"id": 1, "error": "text"},
        {"id": 1, "error": {"message": "no code"}},
        {"id": 1, "error": {"code": "1"}},
        {"id": 1, "error": {"code": True}},
        {"id": 1, "error": []},
    ],
)
def test_an_answer_is_a_result_or_an_error_with_a_code(answer: dict[str, Any]) -> None:
    with pytest.raises(NodeError) as caught:
        result_of(answer, 1, REDACT)
    assert type(caught.value) is NodeError
    assert caught.value.why is Why.MALFORMED


def test_version_1_s_null_error_beside_a_result_is_accepted() -> None:
    assert result_of({"id": 1, "result": None, "error": None}, 1, REDACT) is None


@each_of(
    ("code", "message", "limited"),
    [
        (-32005, "limit exceeded", True),
        (-32007, "50/second request limit reached", True),
        (429, "anything", True),
        (-32000, "Too Many Requests", True),
        (-32000, "project ID request rate exceeded: rate limit", True),
        (-32000, "exceeded its compute units", True),
        (-32005, "query returned more than 10000 results", False),
        (-32007, "Request is too big: batch", False),
        (-32005, "Batched requests are not supported by this server", False),
        (-32000, "out of gas: rate limit", False),
        (-32000, "header not found", False),
    ],
)
def test_asking_for_fewer_requests_is_told_from_asking_for_smaller_ones(code: int, message: str, limited: bool) -> None:
    with pytest.raises(RpcError) as caught:
        result_of({"id": 1, "error": {"code": code, "message": message}}, 1, REDACT)
    assert (caught.value.why is Why.RATE_LIMITED) == limited


@each_of(
    "secret",
    [
        *("https://eth.example.org:8443/v3/4f2cAFE0?token=t0k%2Fen-7", "eth.example.org", "ETH.example.ORG:8443"),
        *("4f2cAFE0", "4F2CAFE0", "t0k%2Fen-7", "t0k/en-7", "alice", "pa$$w0rd", "PA$$W0RD", "wss://other.example/key"),
    ],
)
def test_no_url_host_key_or_password_is_quoted(secret: str) -> None:
    for text in (secret, f"key {secret} is over its limit", f"x{secret}x", f"a\x00b {secret}\n{secret}"):
        quoted = REDACT(text)
        assert secret.lower() not in quoted.lower()
        assert "***" in quoted


@each_of(
    ("user", "password", "words", "quoted"),
    [
        ("a", "b", "no such block: a reorg beside a fork", "no such block: a reorg beside a fork"),
        ("a", "b", "wrong password 'b' for user=a", "wrong password '***' for user=***"),
        ("a", "b", "a:b@host is refused", "***:***@host is refused"),
        ("no", "is", "no state is kept", "no state is kept"),
        ("no", "is", 'user "no" unknown', 'user "***" unknown'),
        ("rpc", "x", "jsonrpc is refused", "jsonrpc is refused"),
        ("rpc", "x", "rpc is refused", "*** is refused"),
        ("RPC", "x", "user (rpc) is refused", "user (***) is refused"),
    ],
)
def test_a_secret_of_a_few_letters_is_hidden_where_it_is_quoted_and_garbles_no_other_word(
    user: str, password: str, words: str, quoted: str
) -> None:
    settings = NodeSettings("evm", "http://127.0.0.1:8545", "o", ETHEREUM, user=user, password=password)
    assert Redactor(settings)(words) == quoted


@settings(max_examples=examples(50), deadline=None)
@given(st.text(max_size=500))
def test_what_is_quoted_is_one_short_printable_line(text: str) -> None:
    quoted = REDACT(text)
    assert len(quoted) <= LONGEST
    assert quoted.isascii()
    assert not quoted or quoted.isprintable()


@pytest.mark.parametrize("words", [None, 5, {"a": 1}, ["x"]])
def test_what_is_no_text_is_not_quoted(words: object) -> None:
    assert REDACT(words) == "(no text)"


@each_of(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "86400"}, 30.0),
        ({"Retry-After": "9" * 5_000}, 30.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 22 Nov 2023 16:00:09 GMT", "Date": "Wed, 22 Nov 2023 16:00:00 GMT"}, 9.0),
        ({"Retry-After": "Wed, 22 Nov 2023 15:00:00 GMT", "Date": "Wed, 22 Nov 2023 16:00:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 22 Nov 2033 16:00:00 GMT", "Date": "Wed, 22 Nov 2023 16:00:00 GMT"}, 30.0),
        ({"Retry-After": "Wed, 22 Nov 2023 16:00:09 GMT"}, None),
        ({"Retry-After": "Wed, 22 Nov 2023 16:00:09", "Date": "Wed, 22 Nov 2023 16:00:00 GMT"}, None),
    ],
)
def test_retry_after_is_a_bounded_number_of_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds

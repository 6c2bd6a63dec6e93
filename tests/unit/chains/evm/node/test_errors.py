"""What nodes and providers say in errors is understood, text by text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.chains.evm.node.balance_answers import native_balance, token_balance
from scanner.chains.evm.node.errors import NotThisWay, Reverted, TooMuch, meaning
from scanner.chains.names import parse_chain
from scanner.clients.jsonrpc import RpcError, decode, error_of, is_size_limit, requested_pause
from scanner.clients.redact import Redactor
from scanner.core.evidence import Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.node_errors import AGAIN, FEWER, NODE_SAYS, OTHERWISE, REVERTED, SMALLER, Asks, NodeSays
from tests.support.places import SHARED
from tests.support.tables import each_of

REDACT = Redactor(NodeSettings("evm", "https://eth.example.org/v3/4f2cAFE0", "o", parse_chain("eip155:1")))


def as_received(error: dict[str, Any]) -> NodeError:
    return error_of(decode(json.dumps(error).encode()), REDACT)


def asks_of(error: dict[str, Any]) -> Asks:
    """What we take an error for."""
    received = as_received(error)
    found = meaning(received)
    if received.why is Why.RATE_LIMITED:
        return Asks.FEWER
    if received.why is Why.UNREACHABLE:
        return Asks.AGAIN
    by_kind = {TooMuch: Asks.SMALLER, NotThisWay: Asks.OTHERWISE, Reverted: Asks.REVERTED}
    by_reason = {
        Why.UNAUTHORIZED: Asks.CREDENTIALS,
        Why.NO_STATE: Asks.NOTHING,
        Why.NOT_FINAL: Asks.NOT_YET,
        Why.WRONG_BLOCK: Asks.UNKNOWN_BLOCK,
        Why.REFUSED: Asks.REFUSED,
    }
    return by_kind.get(type(found)) or by_reason[found.why]


def test_what_a_node_says_in_an_error_is_understood() -> None:
    found = {(says.who, says.message): (asks_of(says.error), says.asks) for says in NODE_SAYS}
    assert {text: pair for text, pair in found.items() if pair[0] is not pair[1]} == {}
    assert {asked for asked, _ in found.values()} == set(Asks)


def test_the_recorded_texts_have_the_class_that_is_right_for_them() -> None:
    recorded = SHARED / "data" / "recorded" / "errors.json"
    if not recorded.is_file():
        pytest.skip("the recorded answers are not here")
    words = {
        "NO_STATE": {Asks.NOTHING},
        "NOT_FINAL": {Asks.NOT_YET},
        "WRONG_BLOCK": {Asks.UNKNOWN_BLOCK},
        "REFUSED": {Asks.REFUSED, Asks.CREDENTIALS},
        **{each.name: {each} for each in (FEWER, SMALLER, AGAIN, OTHERWISE, REVERTED)},
    }
    texts = json.loads(recorded.read_text())
    wrong = [
        each["error"]["message"]
        for each in texts
        if not any(asks_of(each["error"]) in words[right] for right in each["right"])
    ]
    assert wrong == []
    assert len(texts) >= 72
    known = {says.message for says in NODE_SAYS}
    assert [each["error"]["message"] for each in texts if each["error"]["message"] not in known] == []


def test_a_contract_s_own_text_makes_no_node_wait_and_asks_for_no_password() -> None:
    """Whatever a token reverts with is its author's text, and costs us neither pauses nor advice."""
    for says in NODE_SAYS:
        assert asks_of({"code": 3, "message": f"execution reverted: {says.message}", "data": "0x"}) is REVERTED
        assert asks_of({"code": -32000, "message": f"execution reverted: {says.message}"}) is REVERTED


def test_no_text_is_ever_a_balance() -> None:
    for says in NODE_SAYS:
        error = meaning(as_received(says.error))
        for outcome in (native_balance(error), token_balance(error)):
            assert isinstance(outcome, Gap)
            assert outcome.detail


@each_of("says", NODE_SAYS, ids=lambda says: f"{says.who}: {says.message[:40]}")
def test_the_pause_that_a_node_asks_for_is_found_and_no_other(says: NodeSays) -> None:
    assert requested_pause(as_received(says.error)) == says.pause


@each_of(
    "data", [None, "7", 7, [7], {"backoff_seconds": None}, {"backoff_seconds": "7"}, {"backoff_seconds": True},
             {"backoff_seconds": -7}, {"backoff_seconds": 0}, {"rate": 7}, {"rate": {"backoff_seconds": [7]}}],
)  # fmt: skip
def test_no_pause_is_read_out_of_what_is_no_number_of_seconds(data: object) -> None:
    assert requested_pause(RpcError(Why.RATE_LIMITED, "limit exceeded", -32005, data)) is None
    assert requested_pause(NodeError(Why.RATE_LIMITED, "HTTP 429")) is None


def test_words_of_size_in_an_error_s_data_make_no_size_limit_of_it() -> None:
    error = as_received({"code": -32005, "message": "Too many requests", "data": "at Nethermind.Batch.Result.Size()"})
    assert error.why is Why.RATE_LIMITED
    assert not is_size_limit(error)


def test_no_more_of_an_error_s_data_is_looked_at_than_its_beginning() -> None:
    assert as_received({"code": -1, "message": "no", "data": "x" * 10_000 + "rate limit"}).why is Why.REFUSED

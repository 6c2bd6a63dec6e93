"""What nodes and providers say of their limits is understood, text by text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.chains.evm.errors import NotThisWay, TooMuch, meaning
from scanner.chains.jsonrpc import RpcError, decode, error_of, is_size_limit, pause_told
from scanner.chains.redact import Redactor
from scanner.core.ids import Chain
from scanner.core.instrument import NodeSettings
from scanner.errors import NodeError, Why
from tests.node_errors import NODE_SAYS, Asks, NodeSays

REDACT = Redactor(NodeSettings("evm", "https://eth.example.org/v3/4f2cAFE0", "o", Chain.parse("eip155:1")))


def as_received(error: dict[str, Any]) -> NodeError:
    return error_of(decode(json.dumps(error).encode()), REDACT)


@pytest.mark.parametrize("says", NODE_SAYS, ids=lambda says: f"{says.who}: {says.message[:40]}")
def test_what_a_node_says_of_its_limits_is_understood(says: NodeSays) -> None:
    error = as_received(says.error)
    found = meaning(error)
    assert (error.why is Why.RATE_LIMITED) == (says.asks is Asks.FEWER)
    match says.asks:
        case Asks.FEWER:
            assert found.why is Why.RATE_LIMITED
        case Asks.SMALLER:
            assert type(found) is TooMuch
        case Asks.OTHERWISE:
            assert type(found) is NotThisWay
        case Asks.NOTHING:
            assert found.why is Why.NO_STATE


@pytest.mark.parametrize("says", NODE_SAYS, ids=lambda says: f"{says.who}: {says.message[:40]}")
def test_the_pause_that_a_node_asks_for_is_found_and_no_other(says: NodeSays) -> None:
    assert pause_told(as_received(says.error)) == says.pause


@pytest.mark.parametrize(
    "data", [None, "7", 7, [7], {"backoff_seconds": None}, {"backoff_seconds": "7"}, {"backoff_seconds": True},
             {"backoff_seconds": -7}, {"backoff_seconds": 0}, {"rate": 7}, {"rate": {"backoff_seconds": [7]}}],
)  # fmt: skip
def test_no_pause_is_read_out_of_what_is_no_number_of_seconds(data: object) -> None:
    assert pause_told(RpcError(Why.RATE_LIMITED, "limit exceeded", -32005, data)) is None
    assert pause_told(NodeError(Why.RATE_LIMITED, "HTTP 429")) is None


def test_words_of_size_in_an_error_s_data_make_no_size_limit_of_it() -> None:
    error = as_received({"code": -32005, "message": "Too many requests", "data": "at Nethermind.Batch.Result.Size()"})
    assert error.why is Why.RATE_LIMITED
    assert not is_size_limit(error)


def test_no_more_of_an_error_s_data_is_looked_at_than_its_beginning() -> None:
    assert as_received({"code": -1, "message": "no", "data": "x" * 10_000 + "rate limit"}).why is Why.REFUSED

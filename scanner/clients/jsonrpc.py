"""JSON-RPC 2.0 messages: requests to bytes, bytes to results, answers paired with their requests by id alone.

Pure: no socket, no clock, no retries (those are `transport`'s). Nothing in here knows what a method means.

Numbers with a fraction come out as Decimal, since binary floats lose satoshis. NaN, Infinity and numbers too large to
be an amount are refused. Answers in JSON-RPC 1.0's shape, `result` beside `"error": null`, are accepted, because
Bitcoin Core before version 28 gives no other.

Source: https://www.jsonrpc.org/specification
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from scanner.clients.error_texts import reason, speaks_of_size
from scanner.clients.redact import Redactor
from scanner.clients.retry_after import LONGEST
from scanner.core.json_cost import costs_more
from scanner.core.json_nesting import nests_deeper
from scanner.errors import NodeError, Why


class JsonText(str):
    """Parameters that are JSON already: writing thousands that differ in one word costs more than asking for them."""

    __slots__ = ()


Call = tuple[str, Sequence[Any] | JsonText]
"""A method's name and its parameters, in order."""

_encode = json.JSONEncoder(separators=(",", ":")).encode
_LONGEST_NUMBER = 100  # characters; 2**256 has 78 digits
_MOST_DATA = 500  # characters of an error's data that are looked at, and never quoted
_MOST_TIMES = 5  # an answer's bytes that its values may take: a history of an Electrum server takes four
_FREE = 4 * 2**20  # bytes that any answer may take
_DEEPEST = 64  # lists and objects within one another; answers of nodes have a dozen


class RpcError(NodeError):
    """The node answered with an error object. `code` and `data` are what it sent; `data` is never to be quoted."""

    def __init__(self, why: Why, detail: str, code: int, data: object = None) -> None:
        super().__init__(why, detail)
        self.code = code
        self.data = data


class MessageTooLarge(NodeError):
    """The request, or its answer, was larger than allowed: asking for less at once may help."""

    size: int | None = None  # bytes of the whole answer, where the node said


class TimedOut(NodeError):
    """No whole answer in time: asking for less at once may help."""


def encode(first_id: int, calls: Sequence[Call]) -> bytes:
    """A JSON-RPC batch of `calls`, their ids counting up from `first_id`."""
    return f"[{','.join(_request(first_id + position, call) for position, call in enumerate(calls))}]".encode()


def encode_one(request_id: int, call: Call) -> bytes:
    """One request outside a batch."""
    return _request(request_id, call).encode()


def decode(body: bytes) -> Any:
    """The JSON value in `body`. Raises NodeError MALFORMED for anything else than one whole JSON text in UTF-8, and for
    one whose values would take many times its bytes."""
    if costs_more(body, _MOST_TIMES, _FREE):
        raise NodeError(Why.MALFORMED, "the answer is made of far more values than its length allows for")
    if nests_deeper(body, _DEEPEST):
        raise NodeError(Why.MALFORMED, f"the answer nests deeper than {_DEEPEST} levels")
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        kind = "empty" if not body.strip() else "HTML" if body.lstrip()[:1] == b"<" else "no JSON, or cut short"
        raise NodeError(Why.MALFORMED, f"the answer is {kind}") from None


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is, as errors have it; an empty one where it is something else."""
    try:
        said = decode(body)
    except NodeError:
        return {}
    return said if isinstance(said, dict) else {}


def result_of(answer: object, request_id: int, redact: Redactor) -> Any:
    """The result in the answer to one request. Raises RpcError for the node's error, NodeError MALFORMED else."""
    if isinstance(answer, dict) and answer.get("id") is None and isinstance(answer.get("error"), dict):
        raise error_of(answer["error"], redact)  # errors found before the id was read carry none
    if not isinstance(answer, dict) or not _is(answer.get("id"), request_id):
        raise NodeError(Why.MALFORMED, "the answer does not carry the request's id")
    outcome = _outcome(answer, redact)
    if isinstance(outcome, NodeError):
        raise outcome
    return outcome


def results_of(answer: object, first_id: int, count: int, redact: Redactor) -> list[Any | NodeError]:
    """One outcome for each of the `count` requests of a batch, in their order, whatever the order of the answers.

    A request whose answer is missing or stands there twice gets a NodeError MALFORMED; nothing ever shifts. Raises
    NodeError when the node answered the batch as a whole: with an error object (RpcError), or with no list.
    """
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise error_of(answer["error"], redact)
    if not isinstance(answer, list):
        raise NodeError(Why.MALFORMED, "the answer to a batch is no list")
    found: dict[int, Any] = {}
    doubled: set[int] = set()
    strangers = 0
    for entry in answer:
        entry_id = entry.get("id") if isinstance(entry, dict) else None
        if type(entry_id) is not int or not first_id <= entry_id < first_id + count:
            strangers += 1
        elif entry_id in found:
            doubled.add(entry_id)
        else:
            found[entry_id] = entry
    outcomes: list[Any | NodeError] = []
    for request_id in range(first_id, first_id + count):
        if request_id in doubled:
            outcomes.append(NodeError(Why.MALFORMED, "the batch's answer holds this request's id twice"))
        elif request_id in found:
            outcomes.append(_outcome(found[request_id], redact))
        elif strangers:
            outcomes.append(
                NodeError(Why.MALFORMED, "the batch's answer lacks this request's id and holds a foreign one")
            )
        else:
            outcomes.append(NodeError(Why.MALFORMED, "the batch's answer lacks this request's id"))
    return outcomes


def is_size_limit(error: NodeError) -> bool:
    """Whether the node speaks of how much one request holds."""
    return speaks_of_size(error.detail)


def requested_pause(error: object) -> float | None:
    """The seconds for which an error's data asks to be left alone, None where it does not: Infura's `backoff_seconds`,
    in the data or in its `rate`."""
    data = error.data if isinstance(error, RpcError) else None
    rate = data.get("rate") if isinstance(data, dict) else None
    for fields in (data, rate):
        seconds = fields.get("backoff_seconds") if isinstance(fields, dict) else None
        if isinstance(seconds, int | Decimal) and not isinstance(seconds, bool) and seconds > 0:
            return float(min(seconds, LONGEST))  # before it is a float, which not every number can be
    return None


def json_text(value: object) -> JsonText:
    """`value` as JSON in ASCII, without blanks."""
    return JsonText(_encode(value))


def _request(request_id: int, call: Call) -> str:
    method, params = call
    text = params if isinstance(params, JsonText) else _encode(params)
    return f'{{"jsonrpc":"2.0","id":{request_id},"method":{_encode(method)},"params":{text}}}'


def _outcome(answer: dict[str, Any], redact: Redactor) -> Any | NodeError:
    """The result of an answer whose id is the right one, or its error as a value."""
    error = answer.get("error")
    if error is not None:
        if answer.get("result") is not None:
            return NodeError(Why.MALFORMED, "the answer holds a result and an error")
        return error_of(error, redact)
    if "result" not in answer:
        return NodeError(Why.MALFORMED, "the answer holds neither a result nor an error")
    return answer["result"]


def error_of(error: object, redact: Redactor) -> NodeError:
    """What an answer's error object says: an RpcError, or a NodeError MALFORMED for one without a code."""
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or type(code) is not int:
        return NodeError(Why.MALFORMED, "the answer's error has no code")
    message, data = redact(error.get("message")), error.get("data")
    why = reason(code, message, data[:_MOST_DATA] if isinstance(data, str) else None)
    return RpcError(why, f"{message} (code {code})", code, data)


def _is(found: object, request_id: int) -> bool:
    return type(found) is int and found == request_id  # 1.0, True and "1" are no ids of ours


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("no number") from None
    if len(text) > _LONGEST_NUMBER or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise ValueError("a number of that size is no amount")
    return number


_decoder = msgspec.json.Decoder(float_hook=_decimal)

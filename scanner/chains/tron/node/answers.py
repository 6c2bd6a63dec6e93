"""What a Tron node answers, read into values, every field checked before it is used.

Each function takes a decoded answer and raises NodeError: MALFORMED for what is not documented, and what else stands
with each. An error comes with HTTP 200, and a call that failed looks like one that succeeded. Not in here: asking.

Source: tronprotocol/documentation-en (HTTP API), java-tron `Tron.proto` and `Wallet.triggerConstantContract`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.chains.evm.balance_call import WORD
from scanner.chains.evm.node.code import HEADER
from scanner.chains.tron.header import ID_BYTES, TronHeader
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*", re.ASCII)
_TOO_MUCH = re.compile("OutOfTime|CPU timeout|Already Time Out|OutOfEnergy|Not enough energy")
_RAW: Final = frozenset({"timestamp", "txTrieRoot", "parentHash", "number", "witness_address", "version"})


class Reverted(NodeError):
    """The code of the call gave up. `output` is what it gave up with."""

    def __init__(self, output: bytes) -> None:
        super().__init__(Why.NO_TOKEN, "the token's contract gave no balance")
        self.output = output


class TooMuch(NodeError):
    """The call took more of the node's time, or energy, than it gives to one. Fewer accounts may be read."""


@dataclass(frozen=True, slots=True)
class Column:
    """What our code computed, and where."""

    chain_id: int
    number: int
    parent: bytes  # id of the block before that one
    amounts: tuple[int, ...]


def header_of(answer: object) -> TronHeader | None:
    """The block of a `getblockbynum` or `getnowblock` answer, whose header hashes to its id; None of an empty answer.

    Raises NodeError FORGED for a header of another id.
    """
    require_no_error(answer)
    if not answer:
        return None
    raw = field(field(answer, "block_header", dict), "raw_data", dict)
    if strange := sorted(raw.keys() - _RAW):
        raise malformed(f"the header has a field of which nothing is known: {strange[0][:40]!a}")
    try:
        header = TronHeader(
            _count(raw, "number"),
            _count(raw, "timestamp"),
            _bytes(raw, "txTrieRoot"),
            _bytes(raw, "parentHash"),
            _bytes(raw, "witness_address"),
            _count(raw, "version"),
        )
    except ValueError as error:
        raise malformed(str(error)) from None
    if header.id != hex_bytes(field(answer, "blockID", str), ID_BYTES):
        raise NodeError(Why.FORGED, "the block's header does not hash to its id")
    return header


def output_of(answer: object) -> bytes:
    """What a `triggerconstantcontract` call gave. Raises Reverted where its code gave up, TooMuch where it did not come
    to its end, REFUSED where it did not run.

    All of it has to say that it went well: `result.result` alone says so of calls that failed, too.
    """
    require_no_error(answer)
    result = field(answer, "result", dict)
    outputs = field(answer, "constant_result", list) if isinstance(answer, dict) and "constant_result" in answer else []
    output = hex_bytes(outputs[0]) if len(outputs) == 1 and isinstance(outputs[0], str) else b""
    ran = field(field(answer, "transaction", dict), "ret", list) if "transaction" in _object(answer) else None
    if "message" in result or "code" in result or result.get("result") is not True or ran != [{}]:
        if _TOO_MUCH.search(_plain(result.get("message"))):
            raise TooMuch(Why.REFUSED, f"the node has no time for the call: {_words(result['message'])}")
        if ran == [{"ret": "FAILED"}] and outputs and "code" not in result:
            raise Reverted(output)
        raise NodeError(Why.REFUSED, f"the call did not run: {_words(result.get('message') or result.get('code'))}")
    if len(outputs) != 1:
        raise malformed("the call gave no output, or several")
    return output


def column_of(output: bytes, count: int) -> Column:
    """Our code's answer for `count` accounts."""
    if len(output) != HEADER + WORD * count:
        raise malformed(f"{len(output)} bytes where {HEADER + WORD * count} belong")
    words = [output[at : at + WORD] for at in range(0, len(output), WORD)]
    numbers = [int.from_bytes(word) for word in words]
    return Column(numbers[0], numbers[1], words[2], tuple(numbers[3:]))


def require_no_error(answer: object) -> None:
    """That the answer is an object and no error. Raises NodeError REFUSED with the node's own words."""
    if "Error" in _object(answer):
        raise NodeError(Why.REFUSED, f"the node's error: {_words(_object(answer)['Error'])}")


def hex_bytes(text: str, size: int | None = None) -> bytes:
    """The bytes of hex digits without 0x, so many of them where that is said."""
    if not _HEX.fullmatch(text):
        raise malformed("no bytes in hex")
    data = bytes.fromhex(text)
    if size is not None and len(data) != size:
        raise malformed(f"{len(data)} bytes where {size} belong")
    return data


def _object(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise malformed("the answer is no object")
    return answer


def _count(raw: Mapping[str, Any], name: str) -> int:
    """A number; protobuf leaves zeros out."""
    value = raw.get(name, 0)
    if type(value) is not int or value < 0:
        raise malformed(f"{name} is no number")
    return value


def _bytes(raw: Mapping[str, Any], name: str) -> bytes:
    value = raw.get(name, "")
    return hex_bytes(value if isinstance(value, str) else "x")


def _words(value: object) -> str:
    """What a node says of an error, for messages."""
    return ascii(_plain(value)[:80])


def _plain(value: object) -> str:
    """What a node says of an error: text, or text in hex."""
    text = value if isinstance(value, str) else ""
    return bytes.fromhex(text).decode("utf-8", "replace") if text and _HEX.fullmatch(text) else text

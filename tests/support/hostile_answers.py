"""How a node's answers may go wrong, whatever the chain: a table, and misbehaviour at random.

What stands below an answer (connections, redirects, compression, answers without end) is in `simulated.server`; what a
chain's own answers may say wrongly stands with each suite.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from scanner.errors import Why
from tests.support.simulated.in_process import Answer

Path = tuple[Any, ...]
"""Names and positions that lead to a value in an answer."""

Change = Callable[[Answer], Answer]
"""From an answer to what comes instead."""


def status(number: int, headers: Mapping[str, str] | None = None) -> Change:
    return lambda _: (number, headers or {}, b"<html>as it is</html>")


def body(change: Callable[[bytes], bytes]) -> Change:
    return lambda answer: (answer[0], answer[1], change(answer[2]))


def instead(text: bytes) -> Change:
    return body(lambda _: text)


MALFORMED, REFUSED, UNREACHABLE = Why.MALFORMED, Why.REFUSED, Why.UNREACHABLE
TABLE: dict[str, tuple[Change, set[Why]]] = {
    **{f"HTTP {number}": (status(number), {REFUSED}) for number in (400, 413, 418)},
    # To the Beacon API these say that there is no such block, of Esplora that there is none yet.
    **{f"HTTP {number}": (status(number), {REFUSED, Why.WRONG_BLOCK, Why.NOT_FINAL}) for number in (404, 405)},
    **{f"HTTP {number}": (status(number), {Why.UNAUTHORIZED}) for number in (401, 403)},
    **{f"HTTP {number}": (status(number), {UNREACHABLE}) for number in (408, 500, 502, 503, 504, 524)},
    "HTTP 429 for ever": (status(429), {Why.RATE_LIMITED}),
    "HTTP 429 with Retry-After": (status(429, {"Retry-After": "7"}), {Why.RATE_LIMITED}),
    "HTTP 429, Retry-After a century": (status(429, {"Retry-After": "9" * 40}), {Why.RATE_LIMITED}),
    "HTTP 429, Retry-After nonsense": (status(429, {"Retry-After": "soon"}), {Why.RATE_LIMITED}),
    "a redirect": (status(302, {"Location": "http://127.0.0.1:1/elsewhere"}), {REFUSED}),
    "HTML with status 200": (instead(b"<html>Just a moment...</html>"), {MALFORMED}),
    "an empty body": (instead(b""), {MALFORMED}),
    "no JSON": (instead(b"rate limit? no, nonsense"), {MALFORMED}),
    "JSON cut short": (body(lambda text: text[: len(text) // 2]), {MALFORMED}),
    "two JSON texts": (body(lambda text: text + text), {MALFORMED}),
    "no UTF-8": (instead(b'{"jsonrpc":"2.0","id":1,"result":"\xff"}'), {MALFORMED}),
    "JSON without end of depth": (instead(b"[" * 100_000), {MALFORMED}),
    "NaN": (instead(b'{"jsonrpc":"2.0","id":1,"ok":true,"result":NaN}'), {MALFORMED}),
    "Infinity": (instead(b'{"jsonrpc":"2.0","id":1,"ok":true,"result":-Infinity}'), {MALFORMED}),
    "a number of 10,000 digits": (instead(b'{"id":1,"ok":true,"result":' + b"9" * 10_000 + b"}"), {MALFORMED}),
    "a number with a huge exponent": (instead(b'{"id":1,"ok":true,"result":1e999999}'), {MALFORMED}),
    "null": (instead(b"null"), {MALFORMED}),
    "a list": (instead(b"[]"), {MALFORMED}),
    "an object of nothing": (instead(b"{}"), {MALFORMED, REFUSED}),
    "an error with status 200": (instead(b'{"error": "too many requests, slow down"}'), {MALFORMED, REFUSED}),
    "an error without words": (instead(b'{"error": {}}'), {MALFORMED, REFUSED}),
    "not ok, without a word": (instead(b'{"ok": false}'), {MALFORMED, REFUSED}),
}  # fmt: skip


# Random misbehaviour

ODD: list[Any] = [None, True, -1, 7, 2**64, 2**256, "", "x", "0x", "7", "ab" * 32, [], {}, [7], {"a": 1}]
NEVER_AN_AMOUNT: list[Any] = [True, "x", "0xg", [], {}, [None], {"a": 1}, -1]
STATUSES = (400, 401, 403, 404, 405, 410, 413, 429, 500, 502, 503)


def _none(_: Path) -> bool:
    return False


@dataclass(frozen=True)
class Words:
    """What of a node's answers is its word alone, which no one but a quorum could tell to be wrong."""

    amounts: Callable[[Path], bool] = _none
    """A value that is not changed for another that could be one."""

    whole: Callable[[Path], bool] = _none
    """A list from which nothing is taken."""

    unnamed: bool = False
    """Answers that do not say what they answer, so that none is given in place of another."""


def misbehaving(luck: Random, words: Words) -> Change:
    """One answer in four is an error, cut, an earlier one, or changed in one place: removed, odd, twice there, in
    another order."""
    earlier: list[Answer] = []

    def spoil(answer: Answer) -> Answer:
        code, headers, text = answer
        earlier.append(answer)
        kind = luck.randrange(24)
        if kind == 0:
            return luck.choice(STATUSES), headers, luck.choice([text, b"", b"<html>"])
        if kind == 1:
            return code, headers, text[: luck.randrange(len(text))]
        if kind == 2:
            return code, headers, luck.choice([b"", b"{}", b"[]", b"null", b"<html>", text + text])
        if kind == 3 and not words.unnamed:
            return luck.choice(earlier)
        if kind > 6:
            return answer
        try:
            value = json.loads(text)
        except ValueError:
            return answer
        return code, headers, json.dumps(_changed(luck, value, (), words)).encode()

    return spoil


def _changed(luck: Random, value: Any, path: Path, words: Words) -> Any:
    inside = isinstance(value, dict | list) and value and luck.random() < 0.8
    if not inside:
        found = luck.choice(NEVER_AN_AMOUNT if words.amounts(path) else ODD)
        return None if found == [] and words.whole(path) else found
    if isinstance(value, dict):
        name = luck.choice(sorted(value))
        if luck.random() < 0.3:
            return {each: held for each, held in value.items() if each != name}
        return {**value, name: _changed(luck, value[name], (*path, name), words)}
    at = luck.randrange(len(value))
    kind = luck.randrange(5)
    if kind == 0 and not words.whole(path):
        return value[:at] + value[at + 1 :]
    if kind == 1 and not words.whole(path):
        return [*value[: at + 1], *value[at:]]
    if kind == 2 and not words.amounts(path):
        return value[::-1]
    return [*value[:at], _changed(luck, value[at], (*path, at), words), *value[at + 1 :]]

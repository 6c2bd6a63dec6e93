"""JSON in its one canonical spelling, so that equal values are equal bytes: what RFC 8785 would write.

Values are objects, arrays, strings, integers, booleans and null. There are no fractions: amounts and ratios are
strings, since most JSON readers make binary floats of numbers. Nothing here knows what the values mean.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from scanner.core.json_nesting import nests_deeper

MAX_INTEGER: Final = 2**53 - 1  # RFC 8785 and RFC 7493: larger ones change silently in readers that use doubles

_MAX_DEPTH: Final = 16


class NotCanonical(ValueError):
    """A value that has no canonical JSON here, or bytes that are not the canonical JSON of any value."""


def encode(value: object) -> bytes:
    """Canonical JSON in UTF-8: keys sorted, no blanks, only those escapes that JSON demands.

    Raises NotCanonical for a float, for an integer above MAX_INTEGER, for a key outside ASCII (whose order RFC 8785
    defines by UTF-16), for text that is no Unicode, and for anything that JSON does not have.
    """
    _check(value, 0)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("a text holds half of a surrogate pair") from None


def decode(data: bytes, limit: int) -> Any:
    """The value of canonical JSON of at most `limit` bytes.

    Raises NotCanonical for anything that `encode` would not have written: a key that stands twice in an object, a
    blank, a needless escape, a byte after the end.
    """
    if len(data) > limit:
        raise NotCanonical(f"longer than {limit} bytes")
    if nests_deeper(data, _MAX_DEPTH):
        raise NotCanonical(f"nested deeper than {_MAX_DEPTH} levels")
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except NotCanonical:
        raise
    except ValueError as error:
        raise NotCanonical(f"not JSON in UTF-8: {error}") from None
    if encode(value) != data:
        raise NotCanonical("not in canonical form: keys sorted, no blanks, no needless escapes")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, member in pairs:
        if key in members:
            raise NotCanonical(f"the key {key[:80]!a} stands twice")
        members[key] = member
    return members


def _integer(text: str) -> int:
    if len(text) > len(str(MAX_INTEGER)) + 1:
        raise NotCanonical(f"an integer of {len(text)} characters")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise NotCanonical(f"{text[:80]} is no integer; fractions are written as text")


def _check(value: object, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {_MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{key!a} is no key; expected ASCII text")
            _check(member, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonical("an integer above 2**53 - 1")
    elif value is not None and not isinstance(value, str):
        raise NotCanonical(f"a {type(value).__name__} has no place in canonical JSON")

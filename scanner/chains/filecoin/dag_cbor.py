"""DAG-CBOR as Filecoin's chain objects are written: numbers, byte strings, texts, arrays and links, each in one form.

What none of these objects has is refused: maps, floats, other tags, lengths that are not given beforehand, numbers in
more bytes than they need, and anything after the end.

Sources: RFC 8949; ipld.io/specs/codecs/dag-cbor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from scanner.proofs.flaws import Flaw, ProofError


@dataclass(frozen=True, slots=True)
class CidLink:
    """A reference to another object."""

    cid: bytes


Value: TypeAlias = "int | bytes | str | bool | CidLink | tuple[Value, ...] | None"

_DEEPEST: Final = 12  # arrays within each other; a HAMT's node has five
_LINK: Final = 42  # the tag of a link
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _TAG, _SIMPLE = 0, 1, 2, 3, 4, 6, 7
_SIMPLE_VALUES: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}


@lru_cache(maxsize=1024)
def decode(data: bytes) -> Value:
    """The value that these bytes are, and nothing more. Raises ProofError."""
    value, end = _value(data, 0, _DEEPEST)
    if end != len(data):
        raise _malformed("bytes after the end of an object")
    return value


def encode_bytes(data: bytes) -> bytes:
    """A byte string, which is all that is ever written here: a tipset's key. Raises ValueError beyond 65,535 bytes."""
    if len(data) < 24:
        return bytes([_BYTES << 5 | len(data)]) + data
    if len(data) < 2**8:
        return bytes([_BYTES << 5 | 24, len(data)]) + data
    if len(data) < 2**16:
        return bytes([_BYTES << 5 | 25]) + len(data).to_bytes(2) + data
    raise ValueError(f"{len(data)} bytes are no tipset's key")


def _value(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    major, number, at = _head(data, at)
    match major:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2:
            return _slice(data, at, number), at + number
        case 3:
            return _text(_slice(data, at, number)), at + number
        case 4:
            return _array(data, at, number, depth)
        case 6 if number == _LINK:
            content, end = _value(data, at, 0)
            if not isinstance(content, bytes) or content[:1] != b"\0":
                raise _malformed("a link to nothing")
            return CidLink(content[1:]), end
        case 7 if number in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[number], at
    raise _malformed("a kind of value that no object of the chain has")


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if depth == 0 or count > len(data) - at:
        raise _malformed("arrays too deep within each other, or longer than the object")
    items: list[Value] = []
    for _ in range(count):
        item, at = _value(data, at, depth - 1)
        items.append(item)
    return tuple(items), at


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, the number beside it, and where what follows begins."""
    first = _slice(data, at, 1)[0]
    major, short = first >> 5, first & 31
    if short < 24:
        return major, short, at + 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(short)
    if size is None or major == _SIMPLE:
        raise _malformed("a length that is not given beforehand, or a number with a fraction")
    number = int.from_bytes(_slice(data, at + 1, size))
    if number < (24 if size == 1 else 1 << 4 * size):
        raise _malformed("a number in more bytes than it needs")
    return major, number, at + 1 + size


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _malformed("a text that is none") from None


def _slice(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise _malformed("an object that is cut short")
    return data[at : at + size]


def _malformed(what: str) -> ProofError:
    return ProofError(Flaw.MALFORMED, what)

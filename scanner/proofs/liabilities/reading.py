"""Published files as bytes, lines and JSON values: bounded in size, nesting and digits before any work is done.

What is beyond a bound is TooLarge, and not refuted: the bound is ours, and the file may be good. Numbers of JSON stay
the text that they are written as, since a float has lost digits already. Nothing here knows a format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanner.core.json_cost import costs_more
from scanner.core.json_nesting import nests_deeper
from scanner.proofs.liabilities.interface import File, NotUnderstood, Refuted, TooLarge

MOST_USER_BYTES: Final = 4 << 20
"""A customer's file: the largest known has 29 kB, and an inclusion file of 156 coins about 60 kB."""
DEEPEST: Final = 16
_PARSED_TIMES: Final = 40
_MOST_SPACE: Final = 1000


class Number(str):
    """A number of a JSON text, as it is written there."""

    __slots__ = ()


def whole(file: File, most: int = MOST_USER_BYTES) -> bytes:
    """All bytes of a file. Raises TooLarge beyond `most`."""
    read = bytearray()
    for chunk in file.chunks():
        read += chunk
        if len(read) > most:
            raise TooLarge(file.name, "too many bytes", most)
    return bytes(read)


def starts_with_object(file: File) -> bool:
    """Whether a file begins as a JSON object does, be it behind some white space."""
    begins = b""
    for chunk in file.chunks():
        begins += chunk
        if len(begins) > _MOST_SPACE or begins.strip():
            break
    return begins.lstrip().startswith(b"{")


class Lines:
    """The lines of a file, taken so many at a time. Holds as much of the file as was asked for, and one chunk more.

    Raises TooLarge for a line that does not end within `longest` bytes; one that ended somewhat later may come
    through, and is for its reader to refuse.
    """

    def __init__(self, file: File, longest: int) -> None:
        self._name = file.name
        self._chunks = file.chunks()
        self._longest = longest
        self._pending = b""
        self._ended = False

    def take(self, number: int) -> bytes:
        """So many lines, each with its line feed; fewer only at the end of the file."""
        parts: list[bytes] = []
        missing = number
        while missing:
            text = self._pending
            ends = text.count(b"\n")
            if ends < missing:
                whole_lines = text.rfind(b"\n") + 1
                parts.append(text[:whole_lines])
                missing -= ends
                self._pending = text[whole_lines:]
                if not self._more():
                    break
            else:
                left = text.split(b"\n", missing)[-1]
                parts.append(text[: len(text) - len(left)])
                self._pending = left
                break
        return b"".join(parts)

    @property
    def ended(self) -> bool:
        """Whether no line is left."""
        return not self._pending and not self._more()

    def _more(self) -> bool:
        """Adds one chunk to what is pending; a last line without a line feed gets one."""
        if self._ended:
            return False
        if len(self._pending) > self._longest:
            raise TooLarge(self._name, "a line of too many bytes", self._longest)
        for chunk in self._chunks:
            if chunk:
                self._pending += chunk
                return True
        self._ended = True
        if self._pending:
            self._pending += b"\n"
            return True
        return False


def json_value(text: bytes, name: str) -> Any:
    """A JSON text's value, with numbers as `Number`. Raises NotUnderstood for what is no JSON, and for a key that
    stands twice in one object; TooLarge for what would take too much memory."""
    if nests_deeper(text, DEEPEST):
        raise TooLarge(name, "values within values", DEEPEST)
    if costs_more(text, _PARSED_TIMES, MOST_USER_BYTES):
        raise TooLarge(name, "values that take too much memory")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_constant
        )
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"{name}: no JSON text: {str(error)[:200]}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


class JsonFields:
    """One JSON object, asked field by field; what is not as expected is NotUnderstood, named by where it stands."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise NotUnderstood(f"{where}: expected a JSON object")
        self._value: Mapping[str, Any] = value
        self.where = where

    def __contains__(self, key: str) -> bool:
        return key in self._value

    def keys(self) -> set[str]:
        """The names of its fields."""
        return set(self._value)

    def names(self) -> tuple[str, ...]:
        """The names of its fields, in the file's order."""
        return tuple(self._value)

    def only(self, *keys: str) -> None:
        """Raises NotUnderstood for fields of other names."""
        if strange := sorted(set(self._value).difference(keys)):
            raise NotUnderstood(f"{self.where}: unknown field {strange[0][:40]!a}")

    def text(self, key: str, pattern: str = r"[^\x00-\x1f\ud800-\udfff]{0,200}") -> str:
        """A text or a number, as written, all of which matches the pattern."""
        value = self._get(key)
        if not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is None:
            raise NotUnderstood(f"{self.where}.{key}: {str(value)[:80]!a} is not as the format has it")
        return value

    def integer(self, key: str) -> int:
        """A whole number, whatever it is; of more than 20 digits none."""
        value = self._get(key)
        if not isinstance(value, str) or re.fullmatch(r"-?[0-9]{1,20}", value, re.ASCII) is None:
            raise NotUnderstood(f"{self.where}.{key}: {str(value)[:80]!a} is no whole number")
        return int(value)

    def number(self, key: str, least: int, most: int) -> int:
        """A whole number within the bounds of the format. Raises Refuted beyond."""
        value = self.integer(key)
        if not least <= value <= most:
            raise Refuted(f"{self.where}.{key}: {value} is not between {least} and {most}")
        return value

    def setting(self, key: str, least: int, most: int) -> int:
        """A whole number that the exchange chose, within the bounds of what is read. Raises NotUnderstood below, and
        TooLarge beyond."""
        value = self.integer(key)
        if value < least:
            raise NotUnderstood(f"{self.where}.{key}: {value}; expected {least} or more")
        if value > most:
            raise TooLarge(f"{self.where}.{key}", str(value), most)
        return value

    def object(self, key: str) -> JsonFields:
        """An object within it."""
        return JsonFields(self._get(key), f"{self.where}.{key}")

    def values(self, key: str, most: int) -> list[Any]:
        """A list within it, `most` entries at the most: TooLarge beyond."""
        value = self._get(key)
        if not isinstance(value, list):
            raise NotUnderstood(f"{self.where}.{key}: expected a list")
        if len(value) > most:
            raise TooLarge(f"{self.where}.{key}", f"{len(value):,} entries", most)
        return value

    def objects(self, key: str, most: int) -> Sequence[JsonFields]:
        """A list of objects within it, `most` at the most."""
        return [
            JsonFields(each, f"{self.where}.{key}[{position}]") for position, each in enumerate(self.values(key, most))
        ]

    def _get(self, key: str) -> Any:
        if key not in self._value:
            raise NotUnderstood(f"{self.where}: no field {key!a}")
        return self._value[key]

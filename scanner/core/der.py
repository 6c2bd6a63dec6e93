"""DER, as far as time stamps need it: elements read one after the other, strictly, without recursion. No type is known.

Lengths are definite and as short as can be. The order of a SET's members is not looked at: signers that everybody reads
leave it as it came. The caller says how many bytes are taken at all.

Source: ITU-T X.690.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT: Final = 0x06
UTF8_STRING: Final = 0x0C
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_LONGEST_NUMBER: Final = 64  # bytes: the longest that standards allow for have 20
_LONGEST_LENGTH: Final = 4  # bytes that say how long an element is


class DerError(ValueError):
    """Bytes that are not the element that is due."""


@dataclass(frozen=True, slots=True)
class DerElement:
    """One element: its tag, what is in it, and all of it as it stands."""

    tag: int  # the identifier octet
    content: bytes
    whole: bytes

    def number(self) -> int:
        """An INTEGER's value, of at most 512 bits. Raises DerError."""
        raw = self.content
        if len(raw) > _LONGEST_NUMBER:
            raise DerError(f"a number of {len(raw)} bytes, at most {_LONGEST_NUMBER} are taken")
        if not raw or (len(raw) > 1 and raw[0] in (0, 0xFF) and raw[0] >> 7 == raw[1] >> 7):
            raise DerError("a number that is not written as short as it can be")
        return int.from_bytes(raw, signed=True)


class DerFields:
    """Elements in their order, taken one by one. What is raised names the field that was due."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, tag: int, what: str) -> DerElement:
        """The next element, which has this tag. Raises DerError."""
        found = self.take_if(tag)
        if found is None:
            raise DerError(f"{what} is missing" if self._at == len(self._data) else f"{what} is of another kind")
        return found

    def take_if(self, tag: int) -> DerElement | None:
        """The next element if it has this tag. Raises DerError for one that has it and is damaged."""
        if self._at == len(self._data) or self._data[self._at] != tag:
            return None
        return self._next()

    def rest(self) -> Iterator[DerElement]:
        """All that is left. Raises DerError."""
        while self._at < len(self._data):
            yield self._next()

    def end(self, what: str) -> None:
        """That nothing is left. Raises DerError."""
        if self._at != len(self._data):
            raise DerError(f"{what} goes on after its end")

    def _next(self) -> DerElement:
        head = self._data[self._at : self._at + 2]
        if len(head) < 2 or head[0] & 0x1F == 0x1F:
            raise DerError("an element that is cut short, or has a tag of several bytes")
        begin, length = self._at + 2, head[1]
        if length & 0x80:
            count = length & 0x7F
            written = self._data[begin : begin + count]
            length = int.from_bytes(written)
            begin += count
            if not 0 < count <= _LONGEST_LENGTH or len(written) < count or not written[0] or length < 0x80:
                raise DerError("a length that is not written as DER has it")
        end = begin + length
        if end > len(self._data):
            raise DerError("an element ends after what it stands in")
        start, self._at = self._at, end
        return DerElement(head[0], self._data[begin:end], self._data[start:end])


def encode(tag: int, *parts: bytes) -> bytes:
    """An element of these parts, of less than 64 KiB. Raises DerError for a longer one."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    if size >= 2**16:
        raise DerError("too long")
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def encode_number(value: int) -> bytes:
    """An INTEGER."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def object_id(dotted: str) -> bytes:
    """The content of an OBJECT IDENTIFIER, from its numbers joined by dots."""
    first, second, *others = map(int, dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *others):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return bytes(content)


def dotted(content: bytes) -> str:
    """The numbers of an OBJECT IDENTIFIER, joined by dots. Raises DerError."""
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise DerError("an object identifier that is none")
    numbers: list[int] = []
    number = 0
    for byte in content:
        if byte == 0x80 and not number:
            raise DerError("an object identifier that is none")
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))

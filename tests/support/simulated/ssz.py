"""Values written and hashed as SSZ has it, from the values: knows nothing of what reads the bytes.

Source: Ethereum consensus specs, `ssz/simple-serialize.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from random import Random
from typing import Any


@lru_cache(4096)  # most of a blank value's are alike
def pair(left: bytes, right: bytes) -> bytes:
    return sha256(left + right).digest()


@cache
def zero(height: int) -> bytes:
    return bytes(32) if height == 0 else pair(zero(height - 1), zero(height - 1))


def merkle(leaves: Sequence[bytes], room: int) -> bytes:
    """The root over so many leaves, in a tree with room for at least `room`."""
    height, layer = 0, list(leaves)
    while 1 << height < room:
        layer += [zero(height)] * (len(layer) % 2)
        layer = [pair(layer[at], layer[at + 1]) for at in range(0, len(layer), 2)]
        height += 1
    return layer[0] if layer else zero(height)


def chunks(data: bytes) -> list[bytes]:
    return [data[at : at + 32].ljust(32, b"\0") for at in range(0, len(data), 32)]


def counted(root: bytes, count: int) -> bytes:
    return pair(root, count.to_bytes(32, "little"))


class Type:
    """Of a value. `fixed`: whether all of them are equally long."""

    fixed = True

    def write(self, value: Any) -> bytes:
        raise NotImplementedError

    def hash(self, value: Any) -> bytes:
        raise NotImplementedError

    def blank(self) -> Any:
        """The value that has nothing."""
        raise NotImplementedError


@dataclass(frozen=True)
class Uint(Type):
    size: int = 8

    def write(self, value: int) -> bytes:
        return value.to_bytes(self.size, "little")

    def hash(self, value: int) -> bytes:
        return value.to_bytes(32, "little")

    def blank(self) -> int:
        return 0


@dataclass(frozen=True)
class Bytes(Type):
    size: int

    def write(self, value: bytes) -> bytes:
        assert len(value) == self.size
        return value

    def hash(self, value: bytes) -> bytes:
        return value.ljust(32, b"\0") if self.size <= 32 else merkle(chunks(value), -(-self.size // 32))

    def blank(self) -> bytes:
        return bytes(self.size)


@dataclass(frozen=True)
class ByteList(Type):
    most: int
    fixed = False

    def write(self, value: bytes) -> bytes:
        return value

    def hash(self, value: bytes) -> bytes:
        return counted(merkle(chunks(value), -(-self.most // 32)), len(value))

    def blank(self) -> bytes:
        return b""


@dataclass(frozen=True)
class BitList(Type):
    most: int
    fixed = False

    def write(self, value: Sequence[bool]) -> bytes:
        whole = sum(bit << at for at, bit in enumerate([*value, True]))
        return whole.to_bytes(len(value) // 8 + 1, "little")

    def hash(self, value: Sequence[bool]) -> bytes:
        whole = sum(bit << at for at, bit in enumerate(value)).to_bytes(-(-len(value) // 8), "little")
        return counted(merkle(chunks(whole), -(-self.most // 256)), len(value))

    def blank(self) -> list[bool]:
        return []


def _joined(parts: Sequence[tuple[Type, Any]]) -> bytes:
    written = [type_.write(value) for type_, value in parts]
    at = sum(len(data) if type_.fixed else 4 for (type_, _), data in zip(parts, written, strict=True))
    head, rest = b"", b""
    for (type_, _), data in zip(parts, written, strict=True):
        if type_.fixed:
            head += data
        else:
            head += (at + len(rest)).to_bytes(4, "little")
            rest += data
    return head + rest


@dataclass(frozen=True)
class Vector(Type):
    of: Type
    count: int

    def write(self, value: Sequence[Any]) -> bytes:
        assert len(value) == self.count
        if self.of.fixed:
            return b"".join(map(self.of.write, value))
        return _joined([(self.of, each) for each in value])

    def hash(self, value: Sequence[Any]) -> bytes:
        if isinstance(self.of, Uint):
            return merkle(chunks(self.write(value)), -(-self.count * self.of.size // 32))
        return merkle([self.of.hash(each) for each in value], self.count)

    def blank(self) -> list[Any]:
        return [self.of.blank()] * self.count


@dataclass(frozen=True)
class List(Type):
    of: Type
    most: int
    fixed = False

    def write(self, value: Sequence[Any]) -> bytes:
        assert len(value) <= self.most
        if self.of.fixed:
            return b"".join(map(self.of.write, value))
        return _joined([(self.of, each) for each in value])

    def hash(self, value: Sequence[Any]) -> bytes:
        if isinstance(self.of, Uint):
            return counted(merkle(chunks(self.write(value)), -(-self.most * self.of.size // 32)), len(value))
        return counted(merkle([self.of.hash(each) for each in value], self.most), len(value))

    def blank(self) -> list[Any]:
        return []


class Struct(Type):
    def __init__(self, **fields: Type) -> None:
        self.fields = fields
        self.fixed = all(each.fixed for each in fields.values())

    def write(self, value: dict[str, Any]) -> bytes:
        assert value.keys() == self.fields.keys()
        return _joined([(type_, value[name]) for name, type_ in self.fields.items()])

    def hash(self, value: dict[str, Any]) -> bytes:
        return merkle([type_.hash(value[name]) for name, type_ in self.fields.items()], len(self.fields))

    def blank(self) -> dict[str, Any]:
        return {name: type_.blank() for name, type_ in self.fields.items()}


def some(type_: Type, luck: Random) -> Any:
    """Any value of the type, with few in its lists."""
    match type_:
        case Uint():
            return luck.randrange(256**type_.size)
        case Bytes():
            return luck.randbytes(type_.size)
        case ByteList():
            return luck.randbytes(luck.randrange(min(type_.most, 100) + 1))
        case BitList():
            return [luck.random() < 0.5 for _ in range(luck.randrange(min(type_.most, 600) + 1))]
        case Vector():
            return [some(type_.of, luck) for _ in range(type_.count)]
        case List():
            return [some(type_.of, luck) for _ in range(luck.randrange(min(type_.most, 3) + 1))]
        case Struct():
            return {name: some(each, luck) for name, each in type_.fields.items()}
    raise TypeError(type_)

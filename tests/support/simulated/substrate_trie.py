"""A state trie of a Substrate chain, built from its entries: the root, and the records that lead to a key.

Written from the specification and knowing nothing of the product's walk; no code of the scanner's is used.
Source: spec.polkadot.network, "State Storage".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

Nibbles = tuple[int, ...]


class Trie:
    """`version` 1 keeps values above 32 bytes under their hashes."""

    def __init__(self, entries: Mapping[bytes, bytes], version: int = 1) -> None:
        self._version = version
        self.records: dict[bytes, bytes] = {}  # by blake2b-256
        self._places: dict[Nibbles, bytes] = {}  # records below the root, by the start of the keys below them
        self.entries = {_nibbles(key): value for key, value in entries.items()}
        encoded = self._node(self.entries, 0) if entries else b"\0"
        self.root = self._record(encoded)

    def proof(self, keys: Iterable[bytes]) -> list[bytes]:
        """All records on the paths to `keys`, each once."""
        found: dict[bytes, bytes] = {}
        for key in keys:
            for record in self._path(_nibbles(key)):
                found[_hash(record)] = record
        return list(found.values())

    def _path(self, key: Nibbles) -> Iterable[bytes]:
        """By trying: records are few, and those whose place is on the way to the key are all that can matter."""
        yield self.records[self.root]
        for place, record in self._places.items():
            if key[: len(place)] == place:
                yield record
        value = self.entries.get(key)
        if value is not None and self._hashed(value):
            yield value

    def _node(self, entries: Mapping[Nibbles, bytes], depth: int) -> bytes:
        """The encoding of the node over these entries, whose keys agree in the first `depth` nibbles."""
        keys = sorted(entries)
        common = depth
        while all(len(key) > common for key in keys) and len({key[common] for key in keys}) == 1:
            common += 1
        partial = keys[0][depth:common]
        value = entries.get(keys[0][:common])
        below = {key: each for key, each in entries.items() if len(key) > common}
        if not below:
            assert value is not None
            kind, bits = (0b001, 3) if self._hashed(value) else (0b01, 2)
            return _start(kind, bits, partial) + self._value(value)
        kinds = {None: (0b10, 2), False: (0b11, 2), True: (0b0001, 4)}
        kind, bits = kinds[None if value is None else self._hashed(value)]
        bitmap, children = 0, b""
        for nibble in range(16):
            inside = {key: each for key, each in below.items() if key[common] == nibble}
            if inside:
                bitmap |= 1 << nibble
                child = self._node(inside, common + 1)
                if len(child) >= 32:
                    self._places[(*keys[0][:common], nibble)] = child
                    child = self._record(child)
                children += _sized(child)
        return (
            _start(kind, bits, partial)
            + bitmap.to_bytes(2, "little")
            + (self._value(value) if value is not None else b"")
            + children
        )

    def _hashed(self, value: bytes) -> bool:
        return self._version == 1 and len(value) > 32

    def _value(self, value: bytes) -> bytes:
        return self._record(value) if self._hashed(value) else _sized(value)

    def _record(self, data: bytes) -> bytes:
        digest = _hash(data)
        self.records[digest] = data
        return digest


def _start(kind: int, bits: int, partial: Nibbles) -> bytes:
    most = 0xFF >> bits
    count = len(partial)
    start = bytes([kind << 8 - bits | min(count, most)])
    if count >= most:
        rest = count - most
        start += b"\xff" * (rest // 255) + bytes([rest % 255])
    padded = (0, *partial) if count % 2 else partial
    return start + bytes(padded[at] << 4 | padded[at + 1] for at in range(0, len(padded), 2))


def _sized(data: bytes) -> bytes:
    size = len(data)
    return (bytes([size << 2]) if size < 64 else (size << 2 | 1).to_bytes(2, "little")) + data


def _nibbles(key: bytes) -> Nibbles:
    return tuple(nibble for byte in key for nibble in (byte >> 4, byte & 15))


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=32).digest()

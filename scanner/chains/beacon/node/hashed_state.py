"""A beacon state as a node writes it, hashed part by part; and what leads from its root to validators and to fields.

A state of mainnet has some 300 MB, most of them a million validators and more. It stays in its file; of the trees of
validators and balances their nodes are kept in memory, some 100 MB, and of all other parts the roots alone. The bytes
are hostile until the state's root is the one that a header commits to.

Not in here: fetching it (`states`), and what the records show (`chains.beacon.prover`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import BinaryIO, Final

from scanner.chains.beacon.prover import place_record
from scanner.chains.beacon.ssz import ROOT, levels, number_leaf, siblings, zeros_root
from scanner.chains.beacon.ssz_types import OFFSET, Container, ListOf, Packed, with_length
from scanner.chains.beacon.state_types import VALIDATOR

_STEP: Final = VALIDATOR.size or 0
_AT_ONCE: Final = 10_000  # validators that are read from the file together
_KEY: Final = 48
_IN_A_LEAF: Final = 4  # balances


class HashedState:
    """A state of a known shape. Raises ValueError for bytes that are none."""

    def __init__(self, file: BinaryIO, size: int, shape: Container) -> None:
        """`size`: how many bytes of the file it has, from the file's start on."""
        self._file = file
        self._shape = shape
        self._count = 0
        self._of_validators: list[bytes] = []
        self._of_balances: list[bytes] = []
        self._validators, self._balances = shape.place("validators"), shape.place("balances")
        self._parts = self._cut(size)
        roots = [self._root_of(place) for place in range(len(shape.fields))]
        self._fields = levels(b"".join(roots), shape.depth)

    @property
    def root(self) -> bytes:
        """SSZ's hash_tree_root of the state."""
        return self._fields[-1]

    def records(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those that lead to the validators with these keys, and to their balances; none of keys that it has not."""
        wanted = frozenset(keys)
        found = {key: index for index, key in self._keys() if key in wanted}
        nodes: dict[bytes, None] = {}
        for index in found.values():
            nodes.update(dict.fromkeys(self._nodes(index)))
        return [*(place_record(key, index) for key, index in found.items()), *nodes]

    def part(self, name: str) -> bytes:
        """A field, as SSZ writes it."""
        return self._read(*self._parts[self._shape.place(name)])

    def branch(self, name: str) -> list[bytes]:
        """The siblings of a field's root up to the state's, the lowest first."""
        return siblings(self._fields, self._shape.place(name))

    def _nodes(self, index: int) -> Iterator[bytes]:
        """The pairs of nodes from the state's root down to a validator's key, and to its balance."""
        (start, _), step = self._parts[self._validators], _STEP
        leaves = b"".join(VALIDATOR.roots(self._read(start + step * index, start + step * (index + 1))))
        yield from _pairs(levels(leaves, VALIDATOR.depth), 0)
        for place, tree, at in (
            (self._validators, self._of_validators, index),
            (self._balances, self._of_balances, index // _IN_A_LEAF),
        ):
            yield from _pairs(tree, at)
            yield tree[-1] + number_leaf(self._count)
            yield from _pairs(self._fields, place)

    def _cut(self, size: int) -> list[tuple[int, int]]:
        """From where to where each field stands."""
        if size < self._shape.fixed:
            raise ValueError("a state that is cut short")
        head = self._read(0, self._shape.fixed)
        at, parts, open_ = 0, [], []
        for place, (_, type_) in enumerate(self._shape.fields):
            if type_.size is None:
                start = int.from_bytes(head[at : at + OFFSET], "little")
                open_.append(place)
                parts.append((start, size))
                at += OFFSET
            else:
                parts.append((at, at + type_.size))
                at += type_.size
        for place, following in pairwise(open_):
            parts[place] = parts[place][0], parts[following][0]
        if parts[open_[0]][0] != self._shape.fixed or any(start > end for start, end in parts):
            raise ValueError("a state whose parts do not stand one behind the other")
        return parts

    def _root_of(self, place: int) -> bytes:
        start, end = self._parts[place]
        type_ = self._shape.fields[place][1]
        if place == self._validators and isinstance(type_, ListOf):
            self._count, rest = divmod(end - start, _STEP)
            if rest:
                raise ValueError("validators that are cut short")
            roots = b"".join(map(_validator_roots, self._raw_validators()))
            self._of_validators = levels(roots, type_.depth)
            return with_length(self._of_validators[-1], self._count)
        data = self._read(start, end)
        if place == self._balances and isinstance(type_, Packed):
            if len(data) != 8 * self._count:
                raise ValueError("another number of balances than of validators")
            self._of_balances = levels(data + bytes(-len(data) % ROOT), type_.depth)
            return with_length(self._of_balances[-1], self._count)
        return type_.root(data)

    def _raw_validators(self) -> Iterator[bytes]:
        start, end = self._parts[self._validators]
        for at in range(start, end, _STEP * _AT_ONCE):
            yield self._read(at, min(end, at + _STEP * _AT_ONCE))

    def _keys(self) -> Iterator[tuple[int, bytes]]:
        index = 0
        for raw in self._raw_validators():
            for at in range(0, len(raw), _STEP):
                yield index, raw[at : at + _KEY]
                index += 1

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        data = self._file.read(end - start)
        if len(data) != end - start:
            raise ValueError("a state that is cut short")
        return data


def _pairs(tree: Sequence[bytes], at: int) -> Iterator[bytes]:
    """Both children of each node above a leaf of this tree, the lowest first."""
    for height, level in enumerate(tree[:-1]):
        start = ROOT * (at >> height & ~1)
        pair = level[start : start + 2 * ROOT]
        while len(pair) < 2 * ROOT:
            pair += zeros_root(height)
        yield pair


def _validator_roots(raw: bytes) -> bytes:
    """The roots of validators that stand one behind the other: as `VALIDATOR.root` has it of each, but for less, since
    what most of them have in common is hashed once."""
    ends: dict[bytes, tuple[bytes, bytes]] = {}
    found = []
    for at in range(0, len(raw), _STEP):
        end = raw[at + 80 : at + _STEP]
        pair = ends.get(end)
        if pair is None:
            pair = ends[end] = _end_nodes(end)
        key = sha256(raw[at : at + _KEY] + bytes(16)).digest()
        payee = sha256(key + raw[at + _KEY : at + 80]).digest()
        found.append(sha256(sha256(payee + pair[0]).digest() + pair[1]).digest())
    return b"".join(found)


def _end_nodes(end: bytes) -> tuple[bytes, bytes]:
    """Of a validator's last six fields: the node over the first two, and the one over the other four."""
    leaves = [end[:8], end[8:9], end[9:17], end[17:25], end[25:33], end[33:]]
    *_, first = levels(b"".join(leaf.ljust(ROOT, b"\0") for leaf in leaves[:2]), 1)
    *_, last = levels(b"".join(leaf.ljust(ROOT, b"\0") for leaf in leaves[2:]), 2)
    return first, last

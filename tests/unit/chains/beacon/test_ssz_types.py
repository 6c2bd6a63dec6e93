"""Values as SSZ writes them, held against a writer that hashes the values themselves."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.beacon.ssz import branch_of, levels, merkle_root, root_of_branch, siblings
from scanner.chains.beacon.ssz_types import Bits, ListOf, Packed, Plain, SszType, VectorOf, container
from tests.support.simulated.ssz import BitList, ByteList, Bytes, List, Struct, Type, Uint, Vector, merkle, some
from tests.support.strength import examples
from tests.support.tables import each_of

PAIRS: list[tuple[SszType, Type]] = [
    (Plain(8), Uint()),
    (Plain(48), Bytes(48)),
    (Plain(256), Bytes(256)),
    (Plain(64), Vector(Uint(), 8)),
    (Packed(1, 32), ByteList(32)),
    (Packed(1, 2**30), ByteList(2**30)),
    (Packed(8, 2**40), List(Uint(), 2**40)),
    (Bits(2048), BitList(2048)),
    (Bits(131_072), BitList(131_072)),
    (VectorOf(Plain(48), 5), Vector(Bytes(48), 5)),
    (ListOf(Plain(48), 4096), List(Bytes(48), 4096)),
    (ListOf(Packed(1, 2**30), 2**20), List(ByteList(2**30), 2**20)),
    (container(a=Plain(8), b=Packed(1, 9), c=Bits(9)), Struct(a=Uint(), b=ByteList(9), c=BitList(9))),
    (ListOf(container(a=Packed(1, 9)), 3), List(Struct(a=ByteList(9)), 3)),
    (ListOf(container(a=Plain(8), b=Plain(32)), 3), List(Struct(a=Uint(), b=Bytes(32)), 3)),
]


@each_of(("kind", "type_"), PAIRS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=examples(50))
def test_the_root_of_written_bytes_is_that_of_the_value(kind: SszType, type_: Type, seed: int) -> None:
    value = some(type_, Random(seed))
    assert kind.root(type_.write(value)) == type_.hash(value)


@each_of(("kind", "type_"), [pair for pair in PAIRS if not isinstance(pair[1], Uint | Bytes | Vector)])
def test_a_list_that_is_empty_has_a_root(kind: SszType, type_: Type) -> None:
    assert kind.root(type_.write(type_.blank())) == type_.hash(type_.blank())


@each_of("kind", [kind for kind, _ in PAIRS])
@given(data=st.binary(max_size=300))
@settings(max_examples=examples(100))
def test_any_bytes_have_a_root_or_are_refused(kind: SszType, data: bytes) -> None:
    try:
        found = kind.root(data)
    except ValueError:
        return
    assert len(found) == 32


@each_of(
    ("kind", "data"),
    [
        (Plain(8), bytes(7)),
        (Plain(8), bytes(9)),
        (Packed(8, 4), bytes(9)),
        (Packed(8, 4), bytes(40)),
        (Bits(9), b""),
        (Bits(9), b"\x01\x00"),
        (Bits(9), b"\x00\x04"),
        (VectorOf(Plain(4), 2), bytes(7)),
        (ListOf(Plain(4), 2), bytes(12)),
        (ListOf(Plain(4), 2), bytes(5)),
        (ListOf(Packed(1, 9), 2), b"\x03\0\0\0"),
        (ListOf(Packed(1, 9), 2), b"\x00\0\0\0"),
        (ListOf(Packed(1, 9), 2), b"\x08\0\0"),
        (ListOf(Packed(1, 9), 2), b"\x0c\0\0\0" * 3),
        (ListOf(Packed(1, 9), 2), b"\x08\0\0\0\x07\0\0\0"),
        (ListOf(Packed(1, 9), 2), b"\x08\0\0\0\xff\xff\xff\xff"),
        (container(a=Plain(8)), bytes(9)),
        (container(a=Packed(1, 9), b=Packed(1, 9)), b"\x09\0\0\0\x09\0\0\0 "),
        (container(a=Packed(1, 9), b=Packed(1, 9)), b"\x08\0\0\0\x07\0\0\0"),
        (container(a=Packed(1, 9), b=Packed(1, 9)), b"\x08\0\0\0"),
    ],
)
def test_lengths_and_offsets_that_do_not_fit_are_refused(kind: SszType, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        kind.root(data)


@given(count=st.integers(0, 20), depth=st.integers(5, 40), data=st.data())
@settings(max_examples=examples(50))
def test_a_branch_out_of_a_sparse_tree_leads_to_its_root(count: int, depth: int, data: st.DataObject) -> None:
    leaves = [bytes([each + 1]) * 32 for each in range(count)]
    of = levels(b"".join(leaves), depth)
    assert of[-1] == merkle(leaves, 2**depth)
    at = data.draw(st.integers(0, count + 3))
    leaf = leaves[at] if at < count else bytes(32)
    assert root_of_branch(leaf, siblings(of, at), 2**depth + at) == of[-1]


def test_more_leaves_than_there_is_room_for_are_refused() -> None:
    for leaves, depth in ((bytes(96), 1), (bytes(33), 5)):
        with pytest.raises(ValueError, match="there is room for"):
            levels(leaves, depth)
    assert merkle_root([], 1) == bytes(32)
    assert branch_of([b"\x01" * 32], 1, 0) == []

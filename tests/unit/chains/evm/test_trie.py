from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.trie import EMPTY_ROOT, MAX_NODE, walk
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated.trie_builder import Trie, array, keccak256, path, string
from tests.support.strength import examples
from tests.support.tables import each_of


def key(seed: int) -> bytes:
    return keccak256(seed.to_bytes(4, "big"))


def value(seed: int) -> bytes:
    return hashlib.sha256(seed.to_bytes(4, "big")).digest() * 2


def witness_of(trie: Trie) -> Witness:
    return Witness(trie.nodes.values())


def flaw_of(root: bytes, key_hash: bytes, witness: Witness) -> Flaw:
    with pytest.raises(ProofError) as caught:
        walk(root, key_hash, witness)
    return caught.value.flaw


TRIE = Trie({key(seed): value(seed) for seed in range(600)})
WHOLE = witness_of(TRIE)


def on_path(trie: Trie, key_hash: bytes) -> list[bytes]:
    """The nodes that a proof of this key needs, and no others."""
    reached: set[bytes] = set()
    walk(trie.root, key_hash, witness_of(trie), reached=reached)
    return [trie.nodes[digest] for digest in reached]


# What a trie shows


def test_every_value_of_a_trie_is_found() -> None:
    assert [walk(TRIE.root, key(seed), WHOLE) for seed in range(600)] == [value(seed) for seed in range(600)]


def test_keys_that_are_not_in_a_trie_are_shown_not_to_be() -> None:
    assert {walk(TRIE.root, key(seed), WHOLE) for seed in range(600, 1200)} == {None}


def test_a_node_as_large_as_none_is_is_not_decoded() -> None:
    for size, expected in ((MAX_NODE, Flaw.MALFORMED), (MAX_NODE + 1, Flaw.TOO_LARGE)):
        witness = Witness()
        assert flaw_of(witness.add(b"\0" * size), key(1), witness) is expected


def test_an_empty_trie_holds_nothing_and_needs_no_nodes() -> None:
    assert Trie({}).root == EMPTY_ROOT
    assert walk(EMPTY_ROOT, key(1), Witness()) is None


def test_a_trie_of_one_leaf() -> None:
    trie = Trie({key(1): b"one"})
    assert walk(trie.root, key(1), witness_of(trie)) == b"one"
    assert walk(trie.root, key(2), witness_of(trie)) is None


def test_the_proof_alone_suffices_and_is_what_is_reached() -> None:
    for seed in (3, 700):
        proof = on_path(TRIE, key(seed))
        assert len(proof) < 6
        assert walk(TRIE.root, key(seed), Witness(proof)) == walk(TRIE.root, key(seed), WHOLE)


def test_the_order_of_nodes_and_nodes_of_no_use_play_no_part() -> None:
    proof = on_path(TRIE, key(5))
    witness = Witness([b"junk", *reversed(proof), *Trie({key(5): b"another value"}).nodes.values()])
    reached: set[bytes] = set()
    assert walk(TRIE.root, key(5), witness, reached=reached) == value(5)
    assert len(reached) == len(proof)


NIBBLES = st.text("0123456789abcdef", min_size=0, max_size=4)


@st.composite
def crowded_keys(draw: st.DrawFn) -> list[bytes]:
    """Keys alike in long stretches, whose tries have extensions, and leaves so short that they lie in their parents."""
    stems = draw(st.lists(st.integers(0, 63), min_size=1, max_size=6))
    base = key(draw(st.integers(0, 5))).hex()
    keys = {base}
    for at in stems:
        tail = draw(NIBBLES)
        keys.add((base[:at] + tail + base[at + len(tail) :])[:64])
    return [bytes.fromhex(k) for k in sorted(keys)]


@settings(max_examples=examples(60), deadline=None)
@given(crowded_keys(), st.binary(min_size=1, max_size=3), st.integers(0, 5))
def test_crowded_tries_show_what_they_hold_and_nothing_else(keys: list[bytes], short: bytes, absent: int) -> None:
    held = {k: short + bytes([i]) for i, k in enumerate(keys[:-1] or keys)}
    trie = Trie(held)
    for k in [*keys, key(absent)]:
        assert walk(trie.root, k, witness_of(trie)) == held.get(k)


def test_short_nodes_lie_in_their_parents() -> None:
    stem = "ab" * 31
    trie = Trie({bytes.fromhex(stem + "0" + d): b"v" + d.encode() for d in "012"})
    assert len(trie.nodes) == 1
    assert walk(trie.root, bytes.fromhex(stem + "01"), witness_of(trie)) == b"v1"
    assert walk(trie.root, bytes.fromhex(stem + "03"), witness_of(trie)) is None


# What forgers try


@pytest.mark.parametrize("seed", [7, 900])
def test_a_proof_without_any_one_of_its_nodes_shows_nothing(seed: int) -> None:
    proof = on_path(TRIE, key(seed))
    for missing in proof:
        rest = Witness(node for node in proof if node != missing)
        assert flaw_of(TRIE.root, key(seed), rest) is Flaw.INCOMPLETE


@pytest.mark.parametrize("seed", [7, 900])
def test_a_proof_with_any_one_byte_changed_shows_nothing(seed: int) -> None:
    proof = on_path(TRIE, key(seed))
    for index, node in enumerate(proof):
        others = [*proof[:index], *proof[index + 1 :]]
        for at in range(len(node)):
            for flip in (0x01, 0x80):
                forged = node[:at] + bytes([node[at] ^ flip]) + node[at + 1 :]
                with pytest.raises(ProofError):
                    walk(TRIE.root, key(seed), Witness([*others, forged]))


def test_a_proof_with_a_node_cut_short_or_drawn_out_shows_nothing() -> None:
    proof = on_path(TRIE, key(7))
    for index, node in enumerate(proof):
        for forged in (node[:-1], node[1:], node + b"\0", b""):
            with pytest.raises(ProofError):
                walk(TRIE.root, key(7), Witness([*proof[:index], forged, *proof[index + 1 :]]))


def test_a_right_proof_of_another_key_shows_nothing() -> None:
    assert flaw_of(TRIE.root, key(8), Witness(on_path(TRIE, key(7)))) is Flaw.INCOMPLETE


def test_a_right_proof_of_another_root_shows_nothing() -> None:
    other = Trie({key(seed): value(seed + 1) for seed in range(600)})
    assert flaw_of(TRIE.root, key(7), Witness(on_path(other, key(7)))) is Flaw.INCOMPLETE


def test_a_held_key_is_never_shown_absent_by_another_tries_nodes() -> None:
    without = Trie({key(seed): value(seed) for seed in range(600) if seed != 7})
    assert walk(without.root, key(7), witness_of(without)) is None
    mixed = Witness([*on_path(TRIE, key(7))[:-1], *without.nodes.values()])
    with pytest.raises(ProofError):
        walk(TRIE.root, key(7), mixed)
    mixed = Witness([*on_path(TRIE, key(7)), *without.nodes.values()])
    assert walk(TRIE.root, key(7), mixed) == value(7)


# Nodes that no trie has: the root is set to their hash, so that only their form can give them away

KEY = key(1)
DIGITS = KEY.hex()
HASH = string(b"\xaa" * 32)
EMPTY = string(b"")
LEAF = array(path(DIGITS[1:], leaf=True), string(b"v"))


def branch(children: dict[int, bytes], last: bytes = EMPTY) -> bytes:
    return array(*(children.get(i, EMPTY) for i in range(16)), last)


def tail(at: int, held: bytes = b"v") -> bytes:
    """A leaf for KEY as it would stand `at` nibbles down."""
    return array(path(DIGITS[at:], leaf=True), string(held))


FIRST = int(DIGITS[0], 16)
OTHER = (FIRST + 1) % 16
DEEP = 60  # nibbles down, where a leaf takes under 32 bytes


def down(node: bytes) -> bytes:
    """An extension that leads DEEP nibbles along KEY, to a node embedded in it."""
    return array(path(DIGITS[:DEEP], leaf=False), node)


def fork(child: bytes) -> bytes:
    """A branch DEEP nibbles down, with `child` where KEY goes."""
    return branch({int(DIGITS[DEEP], 16): child, (int(DIGITS[DEEP], 16) + 1) % 16: string(b"\xaa" * 32)})


SOUND: dict[str, tuple[bytes, bytes | None]] = {
    "a leaf": (tail(0), b"v"),
    "a branch whose slot is empty": (branch({OTHER: HASH, (FIRST + 2) % 16: HASH}), None),
    "an extension elsewhere": (array(path(f"{OTHER:x}", leaf=False), HASH), None),
    "a leaf elsewhere": (array(path(f"{OTHER:x}" + DIGITS[1:], leaf=True), string(b"v")), None),
}


@pytest.mark.parametrize("name", SOUND)
def test_hand_made_nodes_of_good_form_are_read(name: str) -> None:
    node, shown = SOUND[name]
    assert walk(keccak256(node), KEY, Witness([node])) == shown


MALFORMED: dict[str, bytes] = {
    "no list": string(b"x" * 40),
    "an empty list": array(),
    "three items": array(HASH, HASH, HASH),
    "a branch of sixteen": array(*[HASH] * 16),
    "a branch with a value": branch({FIRST: HASH, OTHER: HASH}, last=string(b"v")),
    "a branch with one child": branch({FIRST: HASH}),
    "a branch with no child": branch({}),
    "a branch with a child of 31 bytes": branch({FIRST: string(b"\xaa" * 31), OTHER: HASH}),
    "a branch with a child of 33 bytes": branch({FIRST: string(b"\xaa" * 33), OTHER: HASH}),
    "a leaf whose path is too short": array(path(DIGITS[2:], leaf=True), string(b"v")),
    "a leaf whose path is too long": array(path(DIGITS + "00", leaf=True), string(b"v")),
    "a leaf elsewhere whose path is too short": array(path("0" * 60, leaf=True), string(b"v")),
    "a leaf without a value": array(path(DIGITS, leaf=True), EMPTY),
    "a leaf with an empty list for a value": array(path(DIGITS, leaf=True), array()),
    "a leaf with a list for a value": array(path(DIGITS, leaf=True), array(string(b"v"))),
    "an even leaf with a nibble in its padding": array(string(bytes.fromhex("21" + DIGITS)), string(b"v")),
    "an odd leaf written as an even one": array(string(bytes.fromhex("20" + DIGITS[:-1] + "0"))[:-1], string(b"v")),
    "a flag of 4": array(string(bytes.fromhex("40" + DIGITS)), string(b"v")),
    "a flag of 4 and a path elsewhere": array(string(bytes.fromhex(f"40{OTHER:x}0")), HASH),
    "a flag of f": array(string(bytes.fromhex("f" + DIGITS + "0")), string(b"v")),
    "no path": array(EMPTY, string(b"v")),
    "an empty list for a path": array(array(), HASH),
    "a list for a path": array(array(HASH), HASH),
    "an extension of no nibbles": array(path("", leaf=False), HASH),
    "an extension to the end of the path": array(path(DIGITS, leaf=False), HASH),
    "an extension beyond the end of the path": array(path(DIGITS + "00", leaf=False), HASH),
    "an extension elsewhere, to the end of the path": array(path("f" * 64, leaf=False), HASH),
    "an extension to 31 bytes": array(path(DIGITS[:2], leaf=False), string(b"\xaa" * 31)),
    "an extension elsewhere, to 31 bytes": array(path(f"{OTHER:x}", leaf=False), string(b"\xaa" * 31)),
    "an extension to an embedded extension": down(array(path(DIGITS[DEEP : DEEP + 1], leaf=False), EMPTY)),
    "an extension to an embedded leaf": down(tail(DEEP)),
    "an embedded node of 32 bytes or more": branch({FIRST: LEAF, OTHER: HASH}),
    "an embedded empty list": branch({FIRST: array(), OTHER: HASH}),
    "an embedded branch of 32 bytes or more": array(path(DIGITS[:DEEP], leaf=False), fork(tail(DEEP + 1))),
    "a trailing byte": tail(0) + b"\0",
    "an item cut short": tail(0)[:-1],
    "a length written longer than need be": b"\xf8\x25" + tail(0)[1:],
}


@each_of("name", MALFORMED)
def test_a_node_of_bad_form_shows_neither_presence_nor_absence(name: str) -> None:
    node = MALFORMED[name]
    assert flaw_of(keccak256(node), KEY, Witness([node])) is Flaw.MALFORMED


def linked(*nodes: Callable[[bytes], bytes]) -> tuple[bytes, Witness]:
    """Nodes, each made with the reference to the one after it: the root, and a witness of all."""
    made: list[bytes] = []
    reference = b""
    for make in reversed(nodes):
        made.append(make(reference))
        reference = string(keccak256(made[-1]))
    return keccak256(made[-1]), Witness(made)


def test_an_extension_to_an_extension_is_refused() -> None:
    root, witness = linked(
        lambda below: array(path(DIGITS[:4], leaf=False), below),
        lambda below: array(path(DIGITS[4:8], leaf=False), below),
        lambda _: branch({0: HASH, 1: HASH}),
    )
    assert flaw_of(root, KEY, witness) is Flaw.MALFORMED


def test_an_extension_to_a_leaf_is_refused() -> None:
    root, witness = linked(lambda below: array(path(DIGITS[:4], leaf=False), below), lambda _: tail(4, b"v" * 40))
    assert flaw_of(root, KEY, witness) is Flaw.MALFORMED


def test_a_short_node_referred_to_by_its_hash_is_refused() -> None:
    root, witness = linked(
        lambda below: array(path(DIGITS[:DEEP], leaf=False), below),
        lambda below: branch({int(DIGITS[DEEP], 16): below, (int(DIGITS[DEEP], 16) + 1) % 16: HASH}),
        lambda _: tail(DEEP + 1),
    )
    assert flaw_of(root, KEY, witness) is Flaw.MALFORMED


@pytest.mark.parametrize(("size", "shown"), [(31, b"v" * 26), (32, None), (33, None)])
def test_a_node_lies_in_its_parent_only_below_32_bytes(size: int, shown: bytes | None) -> None:
    leaf = tail(DEEP + 1, b"v" * (size - 5))
    assert len(leaf) == size
    root, witness = linked(lambda below: array(path(DIGITS[:DEEP], leaf=False), below), lambda _: fork(leaf))
    if shown:
        assert walk(root, KEY, witness) == shown
    else:
        assert flaw_of(root, KEY, witness) is Flaw.MALFORMED


def test_a_node_of_a_full_branchs_size_is_read_for_what_it_is() -> None:
    leaf = tail(0, b"v" * 492)
    assert (len(leaf), leaf[:3]) == (532, branch(dict.fromkeys(range(16), HASH))[:3])
    assert walk(keccak256(leaf), KEY, Witness([leaf])) == b"v" * 492
    short_child = branch(dict.fromkeys(range(16), HASH) | {3: string(b"\xaa" * 31), 4: string(b"\xaa" * 33)})
    assert len(short_child) == 532
    for digit in "34":
        wanted = bytes.fromhex(digit + DIGITS[1:])
        assert flaw_of(keccak256(short_child), wanted, Witness([short_child])) is Flaw.MALFORMED


def test_a_branch_beyond_the_last_nibble_is_refused() -> None:
    full = branch(dict.fromkeys(range(16), HASH))
    for last in (full, branch({0: HASH, 1: HASH})):
        root, witness = linked(
            lambda below: array(path(DIGITS[:63], leaf=False), below),
            lambda below: branch(dict.fromkeys(range(16), below)),
            lambda _, last=last: last,  # type: ignore[misc]
        )
        assert flaw_of(root, KEY, witness) is Flaw.MALFORMED


def test_a_full_branch_is_read_at_all_of_its_children() -> None:
    for digit in range(16):
        wanted = f"{digit:x}" + DIGITS[1:]
        leaf = array(path(wanted[1:], leaf=True), string(b"v" * 40))
        root, witness = linked(
            lambda below, digit=digit: branch(dict.fromkeys(range(16), HASH) | {digit: below}),  # type: ignore[misc]
            lambda _, leaf=leaf: leaf,  # type: ignore[misc]
        )
        assert walk(root, bytes.fromhex(wanted), witness) == b"v" * 40


@settings(max_examples=examples(60), deadline=None)
@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_a_flaw_and_no_crash(data: bytes) -> None:
    root = keccak256(data)
    if root != EMPTY_ROOT:
        with pytest.raises(ProofError):
            walk(root, KEY, Witness([data]))


def test_lengths_are_the_callers_mistake_and_said_to_be() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        walk(b"\0" * 31, KEY, Witness())
    with pytest.raises(ValueError, match="32 bytes"):
        walk(EMPTY_ROOT, KEY + b"\0", Witness())

"""The tries of a block's transactions and receipts: the same as others build, and each value shown in its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.index_trie import IndexTrie, value_at
from scanner.chains.evm.trie import EMPTY_ROOT
from scanner.proofs.flaws import ProofError
from tests.support.simulated.trie_builder import Trie, number
from tests.support.strength import examples
from tests.support.tables import each_of


def values(count: int, size: int = 40) -> list[bytes]:
    return [at.to_bytes(4) * (size // 4) for at in range(count)]


@each_of("count", [1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 300])
def test_its_root_and_its_proofs_are_those_of_a_trie_built_otherwise(count: int) -> None:
    built, other = IndexTrie(values(count)), Trie({number(at): each for at, each in enumerate(values(count))})
    assert built.root == other.root
    for at in range(count):
        assert built.proof(at) == other.proof(number(at))


@given(count=st.integers(1, 400), size=st.integers(9, 40), data=st.data())
@settings(max_examples=examples(60), deadline=None)
def test_a_proof_shows_the_value_with_its_index_and_no_other(count: int, size: int, data: st.DataObject) -> None:
    held = values(count, 4 * size)
    trie, at, other = IndexTrie(held), data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 2 * count))
    proof = trie.proof(at)
    assert value_at(trie.root, at, iter(proof)) == held[at]
    if other != at:
        with pytest.raises(ProofError):
            value_at(trie.root, other, iter(proof))


@given(st.integers(0, 90), st.data())
@settings(max_examples=examples(100), deadline=None)
def test_a_proof_that_is_cut_or_has_a_byte_changed_shows_nothing(at: int, data: st.DataObject) -> None:
    trie = IndexTrie(values(91))
    proof = trie.proof(at)
    place = data.draw(st.integers(0, len(proof) - 1))
    with pytest.raises(ProofError):
        value_at(trie.root, at, iter(proof[:place]))
    spoilt = bytearray(proof[place])
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProofError):
        value_at(trie.root, at, iter([*proof[:place], bytes(spoilt), *proof[place + 1 :]]))


def test_nothing_is_shown_where_there_is_nothing() -> None:
    assert IndexTrie([]).root == EMPTY_ROOT
    for trie in (IndexTrie([]), IndexTrie(values(3))):
        with pytest.raises(ProofError):
            trie.proof(3)

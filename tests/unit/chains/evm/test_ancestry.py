"""Ancestors on EVM chains: the contract of past hashes, and headers' parents, over states that are written here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.evm.ancestry import HISTORY, WINDOW, EvmAncestry, history_slot
from scanner.core.evidence import Snapshot
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated.ancestors import ETHEREUM, block, kept, records_of
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.trie_builder import keccak256

NEWER, OLDER = 20_000_000, 19_999_000


def link(newer: BuiltState, older: BuiltState, records: list[bytes]) -> Link:
    return EvmAncestry().over(ETHEREUM, Witness(records)).link(newer.snapshot.hash, older.snapshot.hash)


@pytest.mark.parametrize("apart", [2, 1000, WINDOW])
def test_the_state_after_a_block_leads_to_the_8191_before_it(apart: int) -> None:
    older = block(NEWER - apart)
    newer = block(NEWER, words=kept(older))
    assert link(newer, older, records_of(newer, older)) == Link(apart, Way.HISTORY, None)


def test_a_header_leads_to_its_parent_whatever_the_state_has() -> None:
    older = block(NEWER - 1)
    newer = block(NEWER, bytes.fromhex(older.snapshot.hash[2:]))
    assert link(newer, older, [newer.header, older.header]) == Link(1, Way.PARENTS, None)


def test_a_hash_with_leading_zeros_is_the_same_hash() -> None:
    older = next(each for each in (block(OLDER, bytes([n]) * 32) for n in range(256)) if ends_small(each))
    newer = block(NEWER, words=kept(older))
    assert link(newer, older, records_of(newer, older)).blocks == NEWER - OLDER


def ends_small(each: BuiltState) -> bool:
    return each.snapshot.hash.startswith("0x0")


def refused(newer: BuiltState, older: BuiltState, records: list[bytes] | None = None) -> Flaw:
    with pytest.raises(ProofError) as error:
        link(newer, older, records_of(newer, older) if records is None else records)
    return error.value.flaw


def test_no_block_is_an_ancestor_from_beyond_the_window_or_from_above() -> None:
    far = block(NEWER - WINDOW - 1)
    assert refused(block(NEWER, words=kept(far)), far) is Flaw.MALFORMED
    same = block(NEWER, b"\x77" * 32)
    assert refused(block(NEWER, words=kept(same)), same) is Flaw.MALFORMED
    later = block(NEWER + 5)
    assert refused(block(NEWER, words=kept(later)), later) is Flaw.MALFORMED


def test_a_hash_in_the_slot_of_another_height_shows_nothing() -> None:
    older = block(OLDER)
    assert refused(block(NEWER, words=kept(older, OLDER + 1)), older) is Flaw.HEADER_MISMATCH


def test_the_hash_of_a_block_8191_away_is_not_that_of_one_in_the_same_slot() -> None:
    """Both stand in one slot, and only the header says which height its block has."""
    older, impostor = block(OLDER), block(OLDER + WINDOW)
    newer = block(NEWER, words=kept(impostor))
    assert history_slot(ETHEREUM, older.height) == history_slot(ETHEREUM, impostor.height)
    assert refused(newer, older) is Flaw.HEADER_MISMATCH
    assert refused(newer, impostor) is Flaw.MALFORMED


def test_only_the_contract_that_the_chain_itself_fills_is_believed() -> None:
    older = block(OLDER)
    assert refused(block(NEWER, words=kept(older), code=b"\x60\x01"), older) is Flaw.NO_CODE
    assert refused(block(NEWER, words=None), older) is Flaw.NO_CODE


def test_a_state_of_an_earlier_block_is_not_that_of_the_block() -> None:
    older = block(OLDER)
    assert refused(block(NEWER, words=kept(older), settled=NEWER - 3), older) is Flaw.EARLIER_STATE


def test_what_is_missing_is_said_to_be_missing() -> None:
    older = block(OLDER)
    newer = block(NEWER, words=kept(older))
    records = records_of(newer, older)
    for left_out in (
        newer.header,
        older.header,
        *newer.storage[HISTORY].proof(keccak256(history_slot(ETHEREUM, OLDER))),
    ):
        assert refused(newer, older, [each for each in records if each != left_out]) is Flaw.INCOMPLETE


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_bit_of_a_record_can_be_changed(place: int, bit: int) -> None:
    older = block(OLDER)
    newer = block(NEWER, words=kept(older))
    account = newer.accounts.proof(keccak256(HISTORY))
    word = newer.storage[HISTORY].proof(keccak256(history_slot(ETHEREUM, OLDER)))
    needed = [newer.header, older.header, *account, *word]
    assert link(newer, older, needed).blocks == NEWER - OLDER
    place %= sum(map(len, needed))
    changed = []
    for each in needed:
        changed.append(flipped(each, place, bit) if 0 <= place < len(each) else each)
        place -= len(each)
    refused(newer, older, changed)


def flipped(record: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(record)
    changed[place] ^= 1 << bit
    return bytes(changed)


@pytest.mark.parametrize("field", ["height", "parent", "time"])
def test_a_block_that_is_said_to_be_another_is_refused(field: str) -> None:
    found = block(OLDER).snapshot
    walk = EvmAncestry().over(ETHEREUM, Witness([block(OLDER).header]))
    walk.check(found)
    height, parent, time = found.height, found.parent, found.time
    match field:
        case "height":
            height += 1
        case "parent":
            parent = "0x" + "ab" * 32
        case _:
            time = time.replace(second=time.second + 1)
    with pytest.raises(ProofError, match="another height, parent or time"):
        walk.check(Snapshot(found.chain, height, found.hash, parent, time))

"""Ancestors on Substrate chains: the hashes that a state keeps of past blocks, and headers' parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.polkadot.ancestry import SubstrateAncestry
from scanner.chains.polkadot.storage import NOW, block_hash_entry
from scanner.chains.polkadot.twox import twox64
from scanner.chains.proving import ancestry
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated.substrate import BEGINS, SECONDS, Blocks, info
from tests.support.tables import each_of

CHAIN = Chain("polkadot", "ab" * 16)
KEPT = 16
NEWER, OLDER = 25, 12


@cache
def chain(other: bool = False) -> Blocks:
    """30 blocks; or with those from the 10th on being others."""
    made = Blocks(hash_count=KEPT)
    for number in range(30):
        made.add({b"\x01" * 32: info(7 if other and number >= 10 else number)})
    return made


def block(number: int) -> Snapshot:
    hashes = chain().hashes
    time = datetime.fromtimestamp(BEGINS + SECONDS * number, UTC)
    return Snapshot(CHAIN, number, hashes[number], hashes[number - 1], time)


def proof(number: int, key: bytes, blocks: Blocks | None = None) -> list[bytes]:
    return (blocks or chain()).tries[number].proof([key])


def records(newer: int, older: int) -> list[bytes]:
    return [*(chain().encoded[number] for number in (newer, older)), *proof(newer, block_hash_entry(older))]


def link(newer: int, older: int, found: Sequence[bytes] | None = None) -> Link:
    walk = SubstrateAncestry().over(CHAIN, Witness(records(newer, older) if found is None else found))
    return walk.link(chain().hashes[newer], chain().hashes[older])


def refused(newer: int, older: int, found: Sequence[bytes] | None = None) -> Flaw:
    with pytest.raises(ProofError) as error:
        link(newer, older, found)
    return error.value.flaw


def test_every_chain_of_the_family_has_ancestors() -> None:
    assert isinstance(ancestry(CHAIN), SubstrateAncestry)


@each_of("apart", [2, 3, KEPT])
def test_the_state_after_a_block_leads_to_those_whose_hashes_it_keeps(apart: int) -> None:
    assert link(NEWER, NEWER - apart) == Link(apart, Way.HISTORY, None)


def test_a_header_leads_to_its_parent_whatever_the_state_has() -> None:
    assert link(NEWER, NEWER - 1, [chain().encoded[at] for at in (NEWER, NEWER - 1)]) == Link(1, Way.PARENTS, None)


def test_no_block_is_an_ancestor_whose_hash_is_kept_no_longer_or_that_is_not_older() -> None:
    for newer, older in ((NEWER, NEWER - KEPT - 1), (OLDER, OLDER), (OLDER, NEWER), (OLDER, OLDER + 1)):
        assert refused(newer, older) in (Flaw.HEADER_MISMATCH, Flaw.MALFORMED)


def test_another_hash_under_the_blocks_number_shows_nothing() -> None:
    """Of a chain that parted below: its state keeps the hash of its own block."""
    theirs = chain(other=True)
    walk = SubstrateAncestry().over(
        CHAIN, Witness([theirs.encoded[NEWER], chain().encoded[OLDER], *proof(NEWER, block_hash_entry(OLDER), theirs)])
    )
    with pytest.raises(ProofError, match="holds another hash of block 12"):
        walk.link(theirs.hashes[NEWER], chain().hashes[OLDER])


def test_the_hash_of_a_block_under_another_number_is_not_found() -> None:
    """Even where the state has it there: a header has a number, and by that the entry is looked for."""
    made = Blocks(hash_count=0)
    for number in range(8):
        made.changed = {block_hash_entry(4): bytes.fromhex(made.hashes[3][2:])} if number == 7 else {}
        made.add({b"\x01" * 32: info(number)})
    witness = Witness([made.encoded[7], made.encoded[3], *proof(7, block_hash_entry(4), made)])
    with pytest.raises(ProofError):
        SubstrateAncestry().over(CHAIN, witness).link(made.hashes[7], made.hashes[3])


def test_what_is_missing_is_said_to_be_missing() -> None:
    whole = records(NEWER, OLDER)
    for left_out in whole:
        assert refused(NEWER, OLDER, [each for each in whole if each != left_out]) is Flaw.INCOMPLETE


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_bit_of_a_record_can_be_changed(place: int, bit: int) -> None:
    whole = records(NEWER, OLDER)
    place %= sum(map(len, whole))
    changed = []
    for each in whole:
        spoiled = bytearray(each)
        if 0 <= place < len(each):
            spoiled[place] ^= 1 << bit
        changed.append(bytes(spoiled))
        place -= len(each)
    refused(NEWER, OLDER, changed)


def test_a_block_is_what_its_header_and_its_state_say() -> None:
    walk = SubstrateAncestry().over(CHAIN, Witness([chain().encoded[OLDER], *proof(OLDER, NOW)]))
    said = block(OLDER)
    walk.check(said)
    for other in (
        replace(said, height=OLDER + 1),
        replace(said, parent=chain().hashes[OLDER - 2]),
        replace(said, time=said.time + timedelta(seconds=1)),
    ):
        with pytest.raises(ProofError) as error:
            walk.check(other)
        assert error.value.flaw is Flaw.HEADER_MISMATCH


def test_records_that_come_later_are_found_too() -> None:
    """As an anchor grows while it is made."""
    witness = Witness(records(NEWER, OLDER))
    walk = SubstrateAncestry().over(CHAIN, witness)
    with pytest.raises(ProofError):
        walk.link(chain().hashes[OLDER], chain().hashes[5])
    for record in records(OLDER, 5):
        witness.add(record)
    assert walk.link(chain().hashes[OLDER], chain().hashes[5]).blocks == OLDER - 5


@each_of(
    ("number", "spread"),
    [
        (0, "b4def25cfda6ef3a"),
        (2, "9eb2dcce60f37a27"),
        (3, "bfb27f1eaef06bb9"),
        (999, "d366e7fe86e06375"),
        (1000, "b6ff6f7d467b87a9"),
    ],
)
def test_a_hash_is_kept_where_public_code_and_answers_of_nodes_have_it(number: int, spread: str) -> None:
    entry = block_hash_entry(number)
    assert entry.hex() == f"26aa394eea5630e07c48ae0c9558cef7a44704b568d21667356a5a050c118746{spread}" + (
        number.to_bytes(4, "little").hex()
    )


def test_a_key_of_another_length_has_no_place() -> None:
    for key in (b"", bytes(3), bytes(8)):
        with pytest.raises(ValueError, match="bytes, not 4"):
            twox64(key)

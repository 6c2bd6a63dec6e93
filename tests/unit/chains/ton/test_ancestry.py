"""Ancestors on TON: the blocks that the masterchain's state has of its past, and headers' parents."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.proving import ancestry
from scanner.chains.ton.ancestry import TonAncestry
from scanner.chains.ton.cells import proven_records, tree_records
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import VECTORS
from tests.support.simulated import ton_cells as built
from tests.support.simulated.lite_server import BEGINS, FIRST, SECONDS, LiteChain, header_of, way_back
from tests.support.tables import each_of

TON = Chain("tvm", "-239")
NEWER, OLDER = FIRST + 19, FIRST + 6


@cache
def chain(other: bool = False) -> LiteChain:
    """20 blocks; or with those from the 5th on being others."""
    return LiteChain(
        lambda number: {
            b"\xff" + b"\x55" * 32: built.account(b"\xff" + b"\x55" * 32, 7 if other and number > 64 else number)
        }
    ).grow(20)


def name(number: int, of: LiteChain | None = None) -> str:
    return (of or chain()).moments[number].block.hash.hex()


def header(number: int, of: LiteChain | None = None) -> list[bytes]:
    return proven_records(built.bag([header_of((of or chain()).moments[number].block)]))


def records(newer: int, older: int) -> list[bytes]:
    return [*header(newer), *header(older), *proven_records(built.bag([way_back(chain(), newer, older)]))]


def link(newer: int, older: int, found: Sequence[bytes] | None = None) -> Link:
    walk = TonAncestry().over(TON, Witness(records(newer, older) if found is None else found))
    return walk.link(name(newer), name(older))


def refused(newer: int, older: int, found: Sequence[bytes]) -> Flaw:
    with pytest.raises(ProofError) as error:
        link(newer, older, found)
    return error.value.flaw


def test_every_chain_of_the_family_has_ancestors() -> None:
    assert isinstance(ancestry(TON), TonAncestry)


@each_of("apart", [2, 3, 13, 19])
def test_the_state_after_a_block_leads_to_every_block_before_it(apart: int) -> None:
    assert link(NEWER, NEWER - apart) == Link(apart, Way.HISTORY, None)


def test_a_header_leads_to_its_parent_whatever_the_state_has() -> None:
    assert link(NEWER, NEWER - 1, [*header(NEWER), *header(NEWER - 1)]) == Link(1, Way.PARENTS, None)


def test_no_block_is_an_ancestor_that_is_not_older() -> None:
    for newer, older in ((OLDER, OLDER), (OLDER, NEWER), (OLDER, OLDER + 1)):
        assert refused(newer, older, [*header(newer), *header(older)]) is Flaw.MALFORMED


def test_another_block_under_the_number_shows_nothing() -> None:
    """Of a chain that parted below: its state has its own block."""
    theirs = chain(other=True)
    found = [*header(NEWER, theirs), *header(OLDER), *proven_records(built.bag([way_back(theirs, NEWER, OLDER)]))]
    with pytest.raises(ProofError, match="has another block 66, or none") as error:
        TonAncestry().over(TON, Witness(found)).link(name(NEWER, theirs), name(OLDER))
    assert error.value.flaw is Flaw.HEADER_MISMATCH


def state_that_has(earlier: dict[int, bytes] | None, extra: built.Cell | None = None) -> tuple[built.Cell, list[bytes]]:
    """A masterchain block whose state has these earlier blocks, or another part of its own, and all its records."""
    own = built.shards({"": built.Cell("1")}, {"": 3}, earlier=earlier) if extra is None else extra
    state = built.state(-1, "", NEWER, [], own)
    block = built.block(-1, "", NEWER, state, time=BEGINS, parent=b"\x07" * 32)
    return block, [record for each in (block, state) for record in tree_records(built.bag([each]))]


def test_a_state_that_has_no_such_block_leads_nowhere() -> None:
    root = chain().moments[OLDER].block.hash
    for earlier in ({}, {OLDER - 1: root}, {OLDER + 1: root, OLDER - 1: root}):
        block, found = state_that_has(earlier)
        with pytest.raises(ProofError, match="or none"):
            TonAncestry().over(TON, Witness([*found, *header(OLDER)])).link(block.hash.hex(), name(OLDER))
    block, found = state_that_has({OLDER: root})
    assert TonAncestry().over(TON, Witness([*found, *header(OLDER)])).link(block.hash.hex(), name(OLDER)).blocks == 13


def test_a_block_under_another_number_than_its_own_is_malformed() -> None:
    own = built.shards({"": built.Cell("1")}, {"": 3}, earlier={OLDER: chain().moments[OLDER].block.hash})
    more = own.below[2]
    entry = more.below[0]
    swapped = built.Cell(
        entry.bits.replace(built.number(OLDER, 32) + name_bits(OLDER), built.number(9, 32) + name_bits(OLDER))
    )
    changed = built.Cell(own.bits, (*own.below[:2], built.Cell(more.bits, (swapped,))))
    block, found = state_that_has(None, changed)
    with pytest.raises(ProofError, match="under another number") as error:
        TonAncestry().over(TON, Witness([*found, *header(OLDER)])).link(block.hash.hex(), name(OLDER))
    assert error.value.flaw is Flaw.MALFORMED


def name_bits(number: int) -> str:
    return built.octets(chain().moments[number].block.hash)


def test_a_block_of_a_shard_is_none_of_the_masterchain() -> None:
    shard, _ = chain().moments[OLDER].shards["0"]
    found = [*header(NEWER), *tree_records(built.bag([shard]))]
    with pytest.raises(ProofError, match="no block of the masterchain"):
        TonAncestry().over(TON, Witness(found)).link(name(NEWER), shard.hash.hex())


def test_what_is_missing_is_said_to_be_missing() -> None:
    whole = records(NEWER, OLDER)
    unneeded = 0
    for left_out in whole:
        left = [each for each in whole if each != left_out]
        try:
            link(NEWER, OLDER, left)
        except ProofError as error:
            assert error.flaw is Flaw.INCOMPLETE  # noqa: PT017 - or it holds without
        else:
            unneeded += 1
    assert unneeded == 1  # what the older block made of the state


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_bit_of_a_record_can_be_changed(place: int, bit: int) -> None:
    whole = [*header(NEWER), *proven_records(built.bag([way_back(chain(), NEWER, OLDER)]))]
    place %= sum(map(len, whole))
    changed = []
    for each in whole:
        spoiled = bytearray(each)
        if 0 <= place < len(each):
            spoiled[place] ^= 1 << bit
        changed.append(bytes(spoiled))
        place -= len(each)
    refused(NEWER, OLDER, [*changed, *header(OLDER)])


def test_a_block_is_what_its_header_says() -> None:
    time = datetime.fromtimestamp(BEGINS + SECONDS * (OLDER - FIRST), UTC)
    said = Snapshot(TON, OLDER, name(OLDER), name(OLDER - 1), time)
    walk = TonAncestry().over(TON, Witness(header(OLDER)))
    walk.check(said)
    for other in (
        replace(said, height=OLDER + 1),
        replace(said, parent=name(OLDER - 2)),
        replace(said, time=time + timedelta(seconds=1)),
    ):
        with pytest.raises(ProofError) as error:
            walk.check(other)
        assert error.value.flaw is Flaw.HEADER_MISMATCH


@cache
def real() -> tuple[str, str, tuple[bytes, ...]]:
    """Two blocks of the main network by their hashes, and what a server gave to lead from one to the other."""
    found: dict[str, Any] = json.loads((VECTORS / "ton_way_back.json").read_text())
    newer, older = (base64.b64decode(found[end]["root_hash"]).hex() for end in ("from", "to"))
    bags = [base64.b64decode(found[part]) for part in ("dest_proof", "proof", "state_proof")]
    return newer, older, tuple(record for bag in bags for record in proven_records(bag))


def test_a_real_state_leads_to_a_real_block_and_nothing_less_of_it_does() -> None:
    newer, older, whole = real()
    walk = TonAncestry().over(TON, Witness(whole))
    assert walk.link(newer, older) == Link(39_984_101 - 39_984_096, Way.HISTORY, None)
    assert sum(map(len, whole)) < 5_000
    needed = 0
    for place, record in enumerate(whole):
        spoiled = record[:-1] + bytes([record[-1] ^ 1])
        try:
            TonAncestry().over(TON, Witness([*whole[:place], spoiled, *whole[place + 1 :]])).link(newer, older)
        except ProofError:
            needed += 1
    assert needed == 25  # the rest is on the way to other blocks, which the server looked up too

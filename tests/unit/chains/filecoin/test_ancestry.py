"""Ancestors on Filecoin: from tipset to tipset, by one block of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.ancestry import Link, Way
from scanner.chains.filecoin.ancestry import LONGEST, FilecoinAncestry
from scanner.chains.filecoin.cid import cid_text, digest_of
from scanner.chains.filecoin.tipset import tipset_key, tipset_name
from scanner.chains.proving import ancestry
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated.filecoin_state import Store, block
from tests.support.simulated.lotus import BEGINS, SECONDS, Tipsets
from tests.support.tables import each_of

FIL = Chain("fil", "f")
NULLS = frozenset({12, 13, 25})
NEWER, OLDER = 30, 9


@cache
def tipsets() -> Tipsets:
    """40 heights, three of them without blocks, each with three blocks."""
    return Tipsets(lambda _: {}).grow(40, NULLS, width=3)


def above(height: int) -> list[bytes]:
    """The tipset that stands on the one at this height."""
    blocks = tipsets().blocks
    return blocks[min(each for each in blocks if each > height)]


def named(height: int) -> str:
    """As a snapshot of this height is named."""
    return tipset_name(above(height))


def objects(cids: Iterable[bytes]) -> list[bytes]:
    return [tipsets().store.objects[cid[-32:]] for cid in cids]


def between(newer: int, older: int) -> list[bytes]:
    """The key of the newer tipset, and the first block of each from there down to the one below the older."""
    heights = [height for height in tipsets().blocks if older <= height <= newer]
    return [tipset_key(above(newer)), *objects([above(newer)[0], *(tipsets().blocks[each][0] for each in heights)])]


def link(newer: str, older: str, found: Sequence[bytes]) -> Link:
    return FilecoinAncestry().over(FIL, Witness(found)).link(newer, older)


def refused(newer: str, older: str, found: Sequence[bytes]) -> Flaw:
    with pytest.raises(ProofError) as error:
        link(newer, older, found)
    return error.value.flaw


def test_every_chain_of_the_family_has_ancestors() -> None:
    assert isinstance(ancestry(FIL), FilecoinAncestry)


@each_of(("newer", "older"), [(30, 9), (30, 29), (14, 11), (26, 24), (38, 1)])
def test_a_tipset_leads_down_to_those_below_it_by_one_block_of_each(newer: int, older: int) -> None:
    """Heights without blocks count as the others do: a snapshot has the height of the tipset on which it stands."""
    assert link(named(newer), named(older), between(newer, older)) == Link(newer - older, Way.PARENTS, None)


@each_of(("place", "other"), [(0, 0), (2, 1)])
def test_a_block_stands_for_its_tipset_above_and_below(place: int, other: int) -> None:
    top, bottom = above(NEWER)[place], above(OLDER)[other]
    found = [*between(NEWER, OLDER), *objects([top])]
    apart = Link(NEWER - OLDER, Way.PARENTS, None)
    assert link(cid_text(top), named(OLDER), found) == apart
    assert link(cid_text(top), cid_text(bottom), found) == apart
    assert link(named(NEWER), cid_text(bottom), found) == apart


def test_what_does_not_stand_below_is_no_ancestor() -> None:
    found = [*between(NEWER, 0), *between(OLDER, 0)]
    for newer, older in ((OLDER, NEWER), (OLDER, OLDER)):
        assert refused(named(newer), named(older), found) is Flaw.MALFORMED  # down to the first block
    alone = tipset_name(above(OLDER)[:2])  # blocks that are the chain's, and no tipset of it
    assert refused(named(NEWER), alone, found) is Flaw.MALFORMED
    swapped = tipset_name(above(OLDER)[::-1])
    assert refused(named(NEWER), swapped, found) is Flaw.MALFORMED


def test_a_link_that_leads_further_than_an_hour_is_not_walked() -> None:
    store = Store()
    below: list[bytes] = []
    names: list[str] = []
    root = store.put(["state"])
    for height in range(LONGEST + 3):
        below = [block(store, 0, height, below, root, time=BEGINS)]
        names.append(tipset_name(below))
    found = [*store.objects.values(), *(tipset_key([each]) for each in [below[0]])]
    assert link(names[-1], names[2], found).blocks == LONGEST
    assert refused(names[-1], names[1], found) is Flaw.TOO_LARGE


def test_heights_that_do_not_fall_lead_nowhere() -> None:
    """Or one could go round and round through few records."""
    store = Store()
    root = store.put(["state"])
    lowest = [block(store, 0, 3, [], root, time=BEGINS)]
    lower = [block(store, 0, 9, lowest, root, time=BEGINS)]
    for height in (9, 8):
        upper = block(store, 0, height, lower, root, time=BEGINS)
        assert refused(cid_text(upper), tipset_name(lowest), [*store.objects.values()]) is Flaw.HEADER_MISMATCH
    upper = block(store, 0, 10, lower, root, time=BEGINS)
    assert link(cid_text(block_on(store, [upper])), tipset_name(lower), [*store.objects.values()]).blocks == 10 - 3


def block_on(store: Store, parents: Sequence[bytes]) -> bytes:
    return block(store, 0, 11, parents, store.put(["state"]), time=BEGINS)


def test_a_block_with_more_parents_than_a_tipset_has_blocks_is_refused() -> None:
    """Two thousand of them fit into a record."""
    store = Store()
    root = store.put(["state"])
    for count in (65, 2_000):
        top = block(store, 0, 9, [block(store, 0, 3, [], root, time=BEGINS)] * count, root, time=BEGINS)
        assert refused(cid_text(top), named(OLDER), [*store.objects.values()]) is Flaw.MALFORMED


def test_what_is_missing_is_said_to_be_missing() -> None:
    whole = between(NEWER, OLDER)
    for left_out in whole:
        assert refused(named(NEWER), named(OLDER), [each for each in whole if each != left_out]) is Flaw.INCOMPLETE


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_bit_of_a_record_can_be_changed(place: int, bit: int) -> None:
    whole = between(16, OLDER)
    place %= sum(map(len, whole))
    changed = []
    for each in whole:
        spoiled = bytearray(each)
        if 0 <= place < len(each):
            spoiled[place] ^= 1 << bit
        changed.append(bytes(spoiled))
        place -= len(each)
    refused(named(16), named(OLDER), changed)


@each_of("name", ["state", "key of nothing", "text"])
def test_what_is_neither_a_block_nor_a_tipset_leads_nowhere(name: str) -> None:
    store = Store()
    cid = {"state": store.put(["state"]), "key of nothing": store.put(b""), "text": store.put("x")}[name]
    assert digest_of(store.objects[cid[-32:]]) == cid[-32:]
    assert refused(cid_text(cid), named(OLDER), [*store.objects.values()]) is Flaw.MALFORMED


def test_a_snapshot_is_what_its_tipset_and_the_one_below_say() -> None:
    said = Snapshot(FIL, OLDER, named(OLDER), named(OLDER - 1), datetime.fromtimestamp(BEGINS + SECONDS * OLDER, UTC))
    found = [tipset_key(above(OLDER)), *objects([*above(OLDER), tipsets().blocks[OLDER][0]])]
    walk = FilecoinAncestry().over(FIL, Witness(found))
    walk.check(said)
    for other in (
        replace(said, height=OLDER + 1),
        replace(said, parent=named(OLDER - 2)),
        replace(said, time=said.time + timedelta(seconds=30)),
    ):
        with pytest.raises(ProofError) as error:
            walk.check(other)
        assert error.value.flaw is Flaw.HEADER_MISMATCH

"""How much a node is asked for at once follows what it takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.node.chunk_size import ChunkSize
from tests.support.strength import examples


def test_it_doubles_until_the_first_refusal() -> None:
    appetite = ChunkSize(100, 1_000)
    sizes = []
    for _ in range(5):
        sizes.append(appetite.size)
        appetite.took(appetite.size)
    assert sizes == [100, 200, 400, 800, 1_000]


def test_a_refusal_halves_it_and_growth_goes_on_with_care() -> None:
    appetite = ChunkSize(800, 10_000)
    appetite.refused(800)
    assert appetite.size == 400
    for _ in range(7):
        appetite.took(400)
    assert appetite.size == 400
    appetite.took(400)
    assert appetite.size == 450


def test_refusals_that_were_under_way_together_count_once() -> None:
    appetite = ChunkSize(800, 10_000)
    for _ in range(4):
        appetite.refused(800)
    assert appetite.size == 400


def test_a_small_helping_says_nothing_about_a_large_one() -> None:
    appetite = ChunkSize(100, 1_000)
    appetite.took(99)
    assert appetite.size == 100


def test_one_bad_account_does_not_spoil_the_appetite() -> None:
    appetite = ChunkSize(300, 2_000)
    appetite.took(300)
    appetite.took(600)
    for amount in (1_200, 600, 300, 150, 75, 37, 18, 9, 4, 2, 1):
        appetite.refused(amount)
    assert appetite.size == 1
    appetite.one_was_bad()
    assert appetite.size == 600


def test_a_bad_account_among_the_first_leads_back_to_the_beginning() -> None:
    appetite = ChunkSize(8, 100)
    for amount in (8, 4, 2, 1):
        appetite.refused(amount)
    appetite.one_was_bad()
    assert appetite.size == 8


@pytest.mark.parametrize(("first", "most"), [(0, 5), (6, 5), (-1, 5), (0, 0)])
def test_an_impossible_appetite_is_refused(first: int, most: int) -> None:
    with pytest.raises(ValueError, match="first <= most"):
        ChunkSize(first, most)


@settings(max_examples=examples(30), deadline=None)
@given(
    st.integers(1, 1_000).flatmap(lambda first: st.tuples(st.just(first), st.integers(first, 10_000))),
    st.lists(st.tuples(st.sampled_from(["took", "refused"]), st.integers(1, 10_000)), max_size=200),
)
def test_it_stays_within_its_bounds_whatever_happens(bounds: tuple[int, int], events: list[tuple[str, int]]) -> None:
    appetite = ChunkSize(*bounds)
    for event, amount in events:
        getattr(appetite, event)(amount)
        assert 1 <= appetite.size <= bounds[1]
        if amount == 1 and event == "refused":
            appetite.one_was_bad()
            assert 1 <= appetite.size <= bounds[1]


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(1, 20_000))
def test_any_limit_is_found_in_few_steps_and_nearly_used(limit: int) -> None:
    appetite = ChunkSize(4_000, 20_000)
    refusals = 0
    for _ in range(2_000):
        if appetite.size > limit:
            refusals += 1
            appetite.refused(appetite.size)
        else:
            appetite.took(appetite.size)
    assert refusals <= 13 + 2_000 // 8
    assert appetite.size * 2.3 >= min(limit, 20_000)

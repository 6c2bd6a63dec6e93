"""What it takes to believe that an asset keeps its balances where a hint says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.scanning.hint_search import CONFIRMING_HOLDERS, confirmed
from tests.support.strength import examples


def test_a_hint_is_confirmed_by_three_unequal_balances() -> None:
    assert confirmed([(1, 1), (2, 2), (3, 3)])
    assert confirmed([(1, 1), (2, 2), (3, 3), (0, 0), (3, 3)])


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [(1, 1)],
        [(1, 1), (2, 2)],
        [(0, 0)] * 50,
        [(7, 7)] * 50,
        [(1, 1), (2, 2), (0, 0), (0, 0)],
        [(1, 1), (2, 2), (2, 2)],
    ],
)
def test_too_few_alike_or_empty_holders_confirm_nothing(seen: list[tuple[int, int]]) -> None:
    assert not confirmed(seen)


@settings(max_examples=examples(30), deadline=None)
@given(
    st.lists(st.integers(1, 2**200), min_size=CONFIRMING_HOLDERS, max_size=8, unique=True),
    st.integers(0, 7),
    st.integers(1, 2**200),
)
def test_one_holder_who_disagrees_refutes_a_hint(balances: list[int], at: int, off: int) -> None:
    seen = [(balance, balance) for balance in balances]
    assert confirmed(seen)
    seen[at % len(seen)] = (balances[at % len(seen)] + off, balances[at % len(seen)])
    assert not confirmed(seen)


def test_a_holder_with_a_balance_but_an_empty_place_refutes_a_hint_and_the_reverse() -> None:
    assert not confirmed([(1, 1), (2, 2), (3, 3), (0, 4)])
    assert not confirmed([(1, 1), (2, 2), (3, 3), (4, 0)])

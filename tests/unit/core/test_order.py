"""Columns that ascend are gone through side by side, and no account falls between two stretches."""

from __future__ import annotations

from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from scanner.core.columns import Accounts, abreast, ascending

COLUMNS = st.lists(st.lists(st.binary(max_size=2), max_size=12), min_size=1, max_size=4)


@given(COLUMNS, st.integers(1, 5))
def test_stretches_have_all_rows_once_and_the_same_accounts_in_one(several: list[list[bytes]], at_a_time: int) -> None:
    columns = [Accounts(sorted(items)) for items in several]
    stretches = [
        [list(column.take(rows)) for column, rows in zip(columns, ranges, strict=True)]
        for ranges in abreast(columns, at_a_time)
    ]
    for at, column in enumerate(columns):
        assert list(chain.from_iterable(each[at] for each in stretches)) == list(column)
    together = [set().union(*each) for each in stretches if any(each)]
    assert all(max(one) < min(later) for one, later in pairwise(together))


@given(st.lists(st.binary(max_size=3), max_size=30))
def test_rows_are_put_in_the_order_of_their_accounts_and_equal_ones_stay_as_they_stand(items: list[bytes]) -> None:
    assert list(ascending(Accounts(items))) == sorted(range(len(items)), key=items.__getitem__)

"""Spans are sets: every operation, against Python's own sets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scanner.history import spans
from scanner.history.spans import Spans

numbers = st.sets(st.integers(1, 60))


def of(found: set[int]) -> Spans:
    return spans.union([[(number, number)] for number in found])


def members(found: Spans) -> set[int]:
    return {number for first, last in found for number in range(first, last + 1)}


def well_formed(found: Spans) -> bool:
    return all(first <= last for first, last in found) and all(one[1] < other[0] for one, other in pairwise(found))


@given(numbers)
def test_spans_of_a_set_are_as_few_as_can_be_and_count_it(found: set[int]) -> None:
    made = of(found)
    assert (members(made), spans.size(made)) == (found, len(found))
    assert all(one[1] + 1 < other[0] for one, other in pairwise(made))


@given(numbers, numbers)
def test_operations_are_those_of_sets(one: set[int], other: set[int]) -> None:
    for operation, expected in (
        (spans.difference, one - other),
        (spans.intersection, one & other),
        (lambda a, b: spans.union([a, b]), one | other),
    ):
        found = operation(of(one), of(other))
        assert members(found) == expected
        assert well_formed(found)


@given(numbers, st.integers(2, 7))
def test_spans_that_touch_but_are_apart_are_taken_as_well(one: set[int], width: int) -> None:
    """The database may cut one run of numbers into several spans."""
    cut = [(first, min(first + width - 1, 60)) for first in range(1, 61, width)]
    assert members(spans.difference(cut, of(one))) == set(range(1, 61)) - one
    assert members(spans.intersection(of(one), cut)) == one
    assert spans.difference(of(one), cut) == []

"""Polynomials and inverses in the field of OKX's zk-STARK v1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import Refuted
from scanner.proofs.liabilities.stark_field import (
    BLOW_UP,
    PRIME,
    are_on_one,
    domain_generator,
    element,
    interpolate,
    inverses,
    query_positions,
)
from tests.support.liabilities.stark_polynomials import domain, on_domain, through_domain

ELEMENTS = st.integers(0, PRIME - 1)


def value_of(coefficients: list[int], x: int) -> int:
    return sum(each * pow(x, power, PRIME) for power, each in enumerate(coefficients)) % PRIME


@given(st.lists(ELEMENTS, min_size=1, max_size=8), st.sets(ELEMENTS, min_size=9, max_size=12), ELEMENTS)
def test_the_lowest_polynomial_through_points_is_the_one_they_lie_on(
    coefficients: list[int], xs: set[int], at: int
) -> None:
    points = [(x, value_of(coefficients, x)) for x in xs]
    known, others = points[:8], points[8:]
    assert interpolate(known, at) == value_of(coefficients, at)
    assert are_on_one(known, others)
    (x, y), *rest = others
    assert not are_on_one(known, [(x, (y + 1) % PRIME), *rest])


@given(st.lists(st.integers(1, PRIME - 1), max_size=20))
def test_inverses_are_those_of_each_element_alone(values: list[int]) -> None:
    assert inverses(values) == [pow(value, -1, PRIME) for value in values]


@given(st.binary(min_size=32, max_size=32), st.sampled_from([64, 1024, 2**20]))
def test_no_query_is_at_a_row_of_the_trace(seed: bytes, points: int) -> None:
    assert all(0 < position < points and position % BLOW_UP for position in query_positions(seed, points))


def test_an_element_has_one_spelling() -> None:
    assert element((PRIME - 1).to_bytes(32), "here") == PRIME - 1
    for written in (PRIME.to_bytes(32), b"\xff" * 32, bytes(31), bytes(33)):
        with pytest.raises(Refuted, match="here"):
            element(written, "here")


def test_transforms_of_the_prover_agree_with_plain_evaluation() -> None:
    polynomial = through_domain([3, 1, 4, 1, 5, 9, 2, 6])
    assert on_domain(polynomial, 32) == [value_of(polynomial, x) for x in domain(32)]
    assert pow(domain_generator(32), 32, PRIME) == 1 != pow(domain_generator(32), 16, PRIME)

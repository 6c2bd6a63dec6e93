"""Polynomials over the field of OKX's zk-STARK v1, by number-theoretic transforms: what its prover for tests needs."""

from __future__ import annotations

from functools import cache

from scanner.proofs.liabilities.stark_field import PRIME, domain_generator

Polynomial = list[int]
"""Coefficients, the lowest degree first."""


@cache
def domain(points: int) -> tuple[int, ...]:
    """All points of the subgroup of that size, in order."""
    generator, power, made = domain_generator(points), 1, []
    for _ in range(points):
        made.append(power)
        power = power * generator % PRIME
    return tuple(made)


def transform(values: list[int], xs: tuple[int, ...]) -> list[int]:
    """The polynomial with these coefficients at all points of a domain of as many."""
    if not any(values[1:]):  # a constant, as which every piece of a short polynomial ends
        return values[:1] * len(values)
    even, odd = transform(values[::2], xs[::2]), transform(values[1::2], xs[::2])
    turned = [x * value % PRIME for x, value in zip(xs, odd, strict=False)]
    pairs = list(zip(even, turned, strict=True))
    return [(one + other) % PRIME for one, other in pairs] + [(one - other) % PRIME for one, other in pairs]


def through_domain(values: list[int]) -> Polynomial:
    """The polynomial of the lowest degree that has these values on the domain of as many points."""
    xs = domain(len(values))
    turned = transform(values, (xs[0], *reversed(xs[1:])))
    inverse = pow(len(values), -1, PRIME)
    return [value * inverse % PRIME for value in turned]


def on_domain(polynomial: Polynomial, points: int) -> list[int]:
    """Its values at all points of a larger domain."""
    return transform(polynomial + [0] * (points - len(polynomial)), domain(points))

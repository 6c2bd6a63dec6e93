"""The field, the evaluation domain and the transcript of OKX's zk-STARK v1.

Elements are ints below `PRIME`, written as 32 bytes, big-endian. The domain is a subgroup of 2**k points; of its points
every sixteenth is a row of the trace, and queries are never drawn there.

Not in here: trees (`stark_tree`), the low-degree test (`stark_fri`), what the columns mean (`stark_sums`).

Source: okx/proof-of-reserves, zk_STARK/ (2023 to 2024).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Final

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.interface import Refuted

PRIME: Final = 2**251 + 17 * 2**192 + 1
GENERATOR: Final = 3
BLOW_UP: Final = 16
"""Points of the domain for each row of the trace."""
QUERIES: Final = 16


def domain_generator(points: int) -> int:
    """A generator of the subgroup of so many points, a power of two up to 2**192."""
    return pow(GENERATOR, (PRIME - 1) // points, PRIME)


def element(written: bytes, where: str) -> int:
    """An element from its one spelling of 32 bytes. Raises Refuted for a number that is not below the prime."""
    value = int.from_bytes(written)
    if len(written) != 32 or value >= PRIME:
        raise Refuted(f"{where}: a value that is no element of the field")
    return value


def query_positions(seed: bytes, points: int) -> list[int]:
    """The `QUERIES` points of a domain that a root asks for: none is a row of the trace, and two may be the same."""
    words = seed + keccak256(seed)
    drawn = (int.from_bytes(words[at : at + 4]) % (points * 15 // 16) for at in range(0, 4 * QUERIES, 4))
    return [position + 1 + position // 15 for position in drawn]


def inverses(values: Sequence[int]) -> list[int]:
    """The inverses of elements, none of which is zero: one inversion for all of them, which costs as much as sixty
    multiplications."""
    before = list(accumulate(values, lambda one, other: one * other % PRIME, initial=1))
    left, found = pow(before[-1], -1, PRIME), [0] * len(values)
    for at in range(len(values) - 1, -1, -1):
        found[at] = left * before[at] % PRIME
        left = left * values[at] % PRIME
    return found


def interpolate(points: Sequence[tuple[int, int]], at: int) -> int:
    """The value at `at` of the polynomial of the lowest degree through some (x, y) with all x different (Lagrange)."""
    above, below = [], []
    for one, (x, y) in enumerate(points):
        others = [each for other, (each, _) in enumerate(points) if other != one]
        above.append(y * product(at - each for each in others) % PRIME)
        below.append(product(x - each for each in others))
    return sum(value * inverse for value, inverse in zip(above, inverses(below), strict=True)) % PRIME


def are_on_one(points: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    """Whether `others` are on the polynomial of the lowest degree through `points`, all of different x (Newton)."""
    xs, coefficients = [x for x, _ in points], [y for _, y in points]
    pairs = [(at, step) for step in range(1, len(xs)) for at in range(len(xs) - 1, step - 1, -1)]
    for (at, _), inverse in zip(pairs, inverses([xs[at] - xs[at - step] for at, step in pairs]), strict=True):
        coefficients[at] = (coefficients[at] - coefficients[at - 1]) * inverse % PRIME
    for x, y in others:
        value = 0
        for known, coefficient in zip(reversed(xs), reversed(coefficients), strict=True):
            value = (value * (x - known) + coefficient) % PRIME
        if value != y:
            return False
    return True


def product(factors: Iterable[int]) -> int:
    """Of elements; one for none."""
    return reduce(lambda one, other: one * other % PRIME, factors, 1)

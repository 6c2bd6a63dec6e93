"""Poseidon over BN254's scalar field, as the circuits of Binance and Gate hash.

Eight full rounds, partial rounds by width, x**5. Two things differ from circomlib's: inputs are absorbed in chunks with
one element carried over, and the output is the state's second element. Constants are not stored: they follow from a
linear-feedback shift register, less than a tenth of a second for a width.

Sources: Poseidon (Grassi et al., USENIX 2021), appendix F for the constants; bnb-chain/gnark-crypto for the chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from operator import mul
from typing import Final

ORDER: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""The prime of BN254's scalar field, in which every element lies."""
_FULL: Final = 8
_PARTIAL: Final = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)  # for widths 2 to 17
_BITS: Final = 254
_Matrix = list[list[int]]
CHUNK: Final = 12
"""Elements absorbed at once, at the most; one release of Binance had 16."""


def hash_elements(elements: Sequence[int], chunk: int = CHUNK) -> int:
    """The hash of at least one element, each below `ORDER`."""
    state = [0]
    for start in range(0, len(elements), chunk):
        state = _permute([state[0], *elements[start : start + chunk]])
    return state[1]


def _permute(state: list[int]) -> list[int]:
    rounds = _rounds(len(state))
    for added in rounds.before:
        state = _full_round(state, added, rounds.matrix)
    first, rest = state[0], state[1:]
    for constant, row, column in rounds.partial:
        raised = pow(first + constant, 5, ORDER)
        first = (rounds.corner * raised + sum(map(mul, row, rest))) % ORDER
        rest = [value + factor * raised for value, factor in zip(rest, column, strict=True)]
    state = [first, *_times(rounds.carried, rest)]
    for added in rounds.after:
        state = _full_round(state, added, rounds.matrix)
    return state


def _full_round(state: list[int], added: list[int], matrix: _Matrix) -> list[int]:
    return _times(matrix, [pow(value + constant, 5, ORDER) for value, constant in zip(state, added, strict=True)])


@dataclass(frozen=True, slots=True)
class _Rounds:
    """All rounds for one width, the partial ones so written that each costs two rows of products and not a matrix.

    A partial round raises the first element alone. So constants of the others can as well be added a round later, after
    the matrix; and of the matrix (corner, row above; column, block) the block can as well be multiplied with in a later
    round, which leaves (corner, row; block^-1 column, 1). After the last one, all blocks together are `carried`.
    Source: the appendix on efficient implementation of the Poseidon paper, and its reference code.
    """

    before: list[list[int]]
    corner: int
    partial: list[tuple[int, list[int], list[int]]]  # what is added to the first element; row; column
    carried: _Matrix
    after: list[list[int]]
    matrix: _Matrix


@cache
def _rounds(width: int) -> _Rounds:
    constants, matrix = _constants(width)
    half, count = _FULL // 2, _PARTIAL[width - 2]
    after = constants[half + count :]
    late, firsts = [0] * width, []
    for added in constants[half : half + count]:
        first, *others = (one + other for one, other in zip(added, late, strict=True))
        firsts.append(first % ORDER)
        late = _times(matrix, [0, *others])
    after[0] = [one + other for one, other in zip(after[0], late, strict=True)]
    (corner, *row), block = matrix[0], [line[1:] for line in matrix[1:]]
    back, column = _inverse(block), [line[0] for line in matrix[1:]]
    turned = _turned(block)
    carried = [[int(at == place) for at in range(width - 1)] for place in range(width - 1)]
    partial = []
    for first in firsts:
        column = _times(back, column)
        partial.append((first, row, column))
        row = _times(turned, row)
    for bit in f"{count:b}":
        carried = _product(carried, carried)
        carried = _product(carried, block) if bit == "1" else carried
    return _Rounds(constants[:half], corner, partial, carried, after, matrix)


def _times(matrix: _Matrix, column: list[int]) -> list[int]:
    return [sum(map(mul, row, column)) % ORDER for row in matrix]


def _turned(matrix: _Matrix) -> _Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _product(one: _Matrix, other: _Matrix) -> _Matrix:
    columns = _turned(other)
    return [_times(columns, row) for row in one]


def _inverse(matrix: _Matrix) -> _Matrix:
    """By elimination without a choice of pivots: every leading square part of a Cauchy matrix can be inverted."""
    size = len(matrix)
    rows = [[*row, *(int(at == place) for at in range(size))] for place, row in enumerate(matrix)]
    for at in range(size):
        factor = pow(rows[at][at], -1, ORDER)
        rows[at] = pivot = [value * factor % ORDER for value in rows[at]]
        for other, row in enumerate(rows):
            if other != at:
                rows[other] = [(value - row[at] * each) % ORDER for value, each in zip(row, pivot, strict=True)]
    return [row[size:] for row in rows]


def _constants(width: int) -> tuple[list[list[int]], _Matrix]:
    """The constants added in each round, and the matrix, for a width of 2 to 17."""
    rounds = _FULL + _PARTIAL[width - 2]
    numbers = _numbers(width)
    flat: list[int] = []
    while len(flat) < rounds * width:
        if (number := next(numbers)) < ORDER:
            flat.append(number)
    points = [next(numbers) % ORDER for _ in range(2 * width)]
    matrix = [[pow(x + y, -1, ORDER) for y in points[width:]] for x in points[:width]]
    return [flat[start : start + width] for start in range(0, len(flat), width)], matrix


def _numbers(width: int) -> Iterator[int]:
    """Numbers of 254 bits from the register ("Grain LFSR"), self-shrinking: of each two bits, the first one says
    whether the second counts."""
    partial = _PARTIAL[width - 2]
    seed = f"{1:02b}{0:04b}{_BITS:012b}{width:012b}{_FULL:010b}{partial:010b}{'1' * 30}"
    # About four bits are needed for one that counts, and a quarter of all numbers is not below the prime.
    needed = 6 * _BITS * width * (_FULL + partial + 2)
    bits = _register(int(seed[::-1], 2), needed)[len(seed) + 160 :]
    kept = "".join(compress(bits[1::2], map(int, bits[::2])))
    for start in range(0, len(kept) - _BITS + 1, _BITS):
        yield int(kept[start : start + _BITS], 2)


def _register(bits: int, needed: int) -> str:
    """The register's bits from its 80 first ones on, each the sum of six earlier ones; bit 0 of `bits` is the first.

    Over GF(2) the rule holds for every step of 2**k places too, so that ever longer stretches follow at once.
    """
    have, step = 80, 1
    while have < needed:
        while 160 * step <= have:
            step *= 2
        window = bits >> have - 80 * step
        new = window
        for tap in (62, 51, 38, 23, 13):
            new ^= window >> tap * step
        bits |= (new & (1 << 18 * step) - 1) << have
        have += 18 * step
    return f"{bits:0{have}b}"[::-1]

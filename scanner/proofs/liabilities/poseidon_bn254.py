"""Poseidon over BN254's scalar field, as the circuits of Binance and Gate hash.

Eight full rounds, partial rounds by width, x**5. Two things differ from circomlib's: inputs are absorbed in chunks with
one element carried over, and the output is the state's second element. Constants are not stored: they follow from a
linear-feedback shift register, a few milliseconds for a width.

Sources: Poseidon (Grassi et al., USENIX 2021), appendix F for the constants; bnb-chain/gnark-crypto for the chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import compress
from operator import mul
from typing import Final

ORDER: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""The prime of BN254's scalar field, in which every element lies."""
_FULL: Final = 8
_PARTIAL: Final = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)  # for widths 2 to 17
_BITS: Final = 254
CHUNK: Final = 12
"""Elements absorbed at once, at the most; one release of Binance had 16."""


def hash_elements(elements: Sequence[int], chunk: int = CHUNK) -> int:
    """The hash of at least one element, each below `ORDER`."""
    state = [0]
    for start in range(0, len(elements), chunk):
        state = _permute([state[0], *elements[start : start + chunk]])
    return state[1]


def _permute(state: list[int]) -> list[int]:
    width = len(state)
    constants, matrix = _constants(width)
    partial = _PARTIAL[width - 2]
    for number, added in enumerate(constants):
        state = [value + constant for value, constant in zip(state, added, strict=True)]
        if _FULL // 2 <= number < _FULL // 2 + partial:
            state[0] = pow(state[0], 5, ORDER)
        else:
            state = [pow(value, 5, ORDER) for value in state]
        state = [sum(map(mul, row, state)) % ORDER for row in matrix]
    return state


@cache
def _constants(width: int) -> tuple[list[list[int]], list[list[int]]]:
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

"""Poseidon over the field of plonky2 (Goldilocks), and its digests as OKX writes them.

Width 12, rate 8, without padding; 4 + 22 + 4 rounds; x**7. A digest is four elements, each written as 8 bytes,
little-endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Final

from scanner.proofs.liabilities.poseidon_goldilocks_constants import ROUND_CONSTANTS, WIDTH

PRIME: Final = 2**64 - 2**32 + 1
DIGEST_BYTES: Final = 32

Digest = tuple[int, int, int, int]

_RATE: Final = 8
_FULL: Final = 4  # rounds before and after those in which one element alone is raised
_FIRST_ROW: Final = (17, 15, 41, 16, 2, 28, 13, 13, 39, 18, 34, 20)
_DIAGONAL: Final = 8  # added to the matrix's first element
_MATRIX: Final = tuple(
    tuple(_FIRST_ROW[(column - row) % WIDTH] + (_DIAGONAL if row == column == 0 else 0) for column in range(WIDTH))
    for row in range(WIDTH)
)


def hash_elements(elements: Sequence[int]) -> Digest:
    """The digest of elements, each below `PRIME`. How many there are is not part of it: the format has to fix that."""
    state = [0] * WIDTH
    for start in range(0, len(elements), _RATE):
        absorbed = elements[start : start + _RATE]
        state[: len(absorbed)] = absorbed
        state = permute(state)
    return (state[0], state[1], state[2], state[3])


def permute(state: list[int]) -> list[int]:
    """The permutation of twelve elements."""
    for number, constants in enumerate(ROUND_CONSTANTS):
        state = [value + constant for value, constant in zip(state, constants, strict=True)]
        if _FULL <= number < len(ROUND_CONSTANTS) - _FULL:
            state[0] = pow(state[0], 7, PRIME)
        else:
            state = [pow(value, 7, PRIME) for value in state]
        state = [sum(map(mul, row, state)) % PRIME for row in _MATRIX]
    return state


def read_digest(written: bytes) -> Digest | None:
    """A digest from its one spelling; None for bytes that are none."""
    if len(written) != DIGEST_BYTES:
        return None
    one, two, three, four = (int.from_bytes(written[at : at + 8], "little") for at in range(0, DIGEST_BYTES, 8))
    return (one, two, three, four) if max(one, two, three, four) < PRIME else None


def write_digest(digest: Digest) -> bytes:
    """The spelling of a digest."""
    return b"".join(element.to_bytes(8, "little") for element in digest)

"""Rows drawn by amount: the largest for certain, empty ones never, the rest by a seed that the claim is a part of."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.sampling import Draw, Sample, draw

ETH = parse_asset("eip155:1/slip44:60")
EVM = parse_chain("eip155:1")
SEED = bytes(32)
amounts = st.lists(st.integers(0, 2**70) | st.integers(0, 9), max_size=40)


@given(amounts, st.integers(0, 45), st.binary(min_size=32, max_size=32))
def test_at_most_so_many_rows_are_drawn_none_of_them_empty_and_every_large_one(
    held: list[int], size: int, seed: bytes
) -> None:
    rows, told = draw(held, size, seed, ETH)
    assert len(rows) <= size
    assert all(held[at] for at in rows)
    step = Fraction(sum(held), size) if size else None
    assert step is None or {at for at, amount in enumerate(held) if amount and amount >= step} <= rows
    assert told.certain + told.draws <= max(size, told.certain)
    if size >= sum(map(bool, held)):
        assert rows == {at for at, amount in enumerate(held) if amount} or not size


def test_empty_rows_and_a_row_cut_into_many_change_no_amounts_chance() -> None:
    """A row of a fifth of what is held is drawn in a fifth of all cases, however the rest is cut up."""
    for other in ([1_000], [10] * 100, [0] * 50 + [1] * 1_000):
        drawn = sum(
            100 in draw([10] * 100 + [500, 0, 0] + other, 1, sha256(b"%d" % n).digest(), ETH)[0] for n in range(400)
        )
        assert 50 < drawn < 110  # a fifth of 2,500 atoms


def test_without_a_seed_everything_is_drawn_and_for_nothing_nothing() -> None:
    assert draw([1, 0, 5, 7], 1, None, ETH) == (frozenset({0, 2, 3}), Draw(3, 0, 0))
    assert draw([1, 0, 5, 7], 0, None, ETH)[0] == frozenset()


def test_the_seed_is_what_the_attestation_format_says() -> None:
    assert (
        Sample(1, "nonce").seed("ab" * 32, EVM)
        == sha256(b"reserve-scanner sample\n" + b"ab" * 32 + b"\n\nnonce").digest()
    )
    assert Sample(1).seed("ab" * 32, EVM) is None
    assert Sample(1, "nonce").seed("cd" * 32, EVM) != Sample(1, "nonce").seed("ab" * 32, EVM)


@pytest.mark.parametrize(
    ("draw", "atoms", "chance"),
    [
        (Draw(0, 2, 100), 10, Fraction(81, 100)),
        (Draw(0, 10, 100), 10, Fraction(0)),  # it reaches the step
        (Draw(3, 0, 100), 10, Fraction(1)),  # nothing is left to draw with
        (Draw(3, 0, 0), 10, Fraction(0)),  # nothing is left that could be missed
    ],
)
def test_the_chance_to_miss_a_row_is_exact(draw: Draw, atoms: int, chance: Fraction) -> None:
    assert draw.missed(Fraction(atoms)) == chance

"""What the proofs of a unit leave open is never told smaller than it is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scanner.chains.names import parse_asset
from scanner.core.sampling import Draw
from scanner.weighing.claim import Asset
from scanner.weighing.proving import Cause, Proving, WithoutProof
from scanner.weighing.unnoticed import PERCENTS, unnoticed

ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 2)
BASE = Asset("BASE", parse_asset("eip155:8453/slip44:60"), "ETH", 2)
CERTAIN = dict.fromkeys(PERCENTS, Fraction(1))
ALL_DRAWN = {ETH.id: Draw(3, 0, 0)}


def test_where_nothing_was_drawn_it_is_certain() -> None:
    assert unnoticed(Fraction(10), [(ETH, 1000)], Proving()) == CERTAIN


@pytest.mark.parametrize("why", [WithoutProof.of([Cause.UNDETERMINED]), WithoutProof.of([Cause.REFUSED])])
def test_where_all_was_drawn_and_nothing_could_be_proven_it_is_certain_too(why: WithoutProof) -> None:
    assert unnoticed(Fraction(10), [(ETH, 1000)], Proving(unproven={ETH.id: why}, draws=ALL_DRAWN)) == CERTAIN


def test_where_all_was_drawn_and_proven_nothing_goes_unnoticed() -> None:
    assert set(unnoticed(Fraction(10), [(ETH, 0)], Proving(draws=ALL_DRAWN)).values()) == {0}


def test_of_several_assets_the_one_on_which_it_is_likeliest_counts() -> None:
    proving = Proving(draws={ETH.id: Draw(0, 2, 1000), BASE.id: Draw(0, 1, 1000)})
    found = unnoticed(Fraction(20), [(ETH, 1000), (BASE, 1000)], proving)
    assert found == {1: Fraction(980, 1000), 5: Fraction(900, 1000), 10: Fraction(800, 1000)}


def test_no_unproven_balance_is_larger_than_what_is_unproven() -> None:
    assert unnoticed(Fraction(10), [(ETH, 60)], Proving()) == {1: 1, 5: 1, 10: 0}


def test_where_nothing_is_held_nothing_is_said() -> None:
    assert unnoticed(Fraction(0), [(ETH, 0)], Proving()) == {}

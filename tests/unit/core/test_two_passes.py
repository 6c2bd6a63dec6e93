"""What counts of a balance that was read twice: what both readings bear out, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis
from scanner.core.lower_bound import AtLeast, implies
from scanner.core.two_passes import BlockReading, TwoPasses

BALANCES = st.builds(
    Balance,
    st.integers(0, 3),
    st.sampled_from([Basis.QUORUM, Basis.OWN]),
    st.sampled_from([("alpha",), ("alpha", "beta")]),
    st.just(()),
    st.booleans(),
)


def passes(first: Balance, second: Balance) -> TwoPasses:
    return TwoPasses(BlockReading(5, "a", first), BlockReading(9, "b", second))


def said(atoms: int, *operators: str, basis: Basis = Basis.QUORUM, at_least: bool = False) -> Balance:
    return Balance(atoms, basis, operators, at_least=at_least)


@given(BALANCES, BALANCES)
def test_what_counts_is_the_lower_one_and_exact_only_where_both_are_and_do_not_differ(
    first: Balance, second: Balance
) -> None:
    counted = passes(first, second).balance
    assert counted.atoms == min(first.atoms, second.atoms)
    assert counted.at_least == (first.word != second.word or first.at_least)
    assert all(implies(AtLeast(each.atoms), AtLeast(counted.atoms)) for each in (first, second))
    assert not counted.basis.satisfies(Basis.QUORUM) or {first.basis, second.basis} == {Basis.QUORUM}
    assert counted.operators in (first.operators, second.operators)


def test_the_operators_are_those_of_the_reading_that_counts() -> None:
    assert passes(said(5, "a", "b"), said(7, "a", "c")).balance == said(5, "a", "b", at_least=True)
    assert passes(said(7, "a", "b"), said(5, "a", "c")).balance == said(5, "a", "c", at_least=True)
    assert passes(said(5, "a", "b"), said(5, "a", "c")).balance == said(5, "a", "c")
    own = said(7, "a", basis=Basis.OWN)
    assert passes(own, said(5, "b", "c")).balance == said(5, "a", basis=Basis.OWN, at_least=True)


def test_whoever_said_as_much_as_a_lower_bound_no_longer_dissents_from_it() -> None:
    lower = Balance(5, Basis.QUORUM, ("a", "b"), (("c", 6), ("d", 4), ("e", AtLeast(5))))
    counted = passes(lower, said(7, "a", "b")).balance
    assert (counted.operators, counted.dissent) == (("a", "b", "c", "e"), (("d", 4),))


def test_only_amounts_that_differ_have_moved() -> None:
    assert passes(said(5, "a"), said(7, "a")).moved
    assert not passes(said(5, "a"), said(5, "b", at_least=True)).moved

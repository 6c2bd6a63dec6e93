"""Outcomes in columns against the list of objects that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.outcomes import BalanceBasis, Outcomes
from scanner.errors import Why
from tests.support.any_outcomes import atoms, dissents, gaps, operators, outcomes

grounds = st.builds(BalanceBasis, st.sampled_from(Basis), operators, dissents)
TIMEOUT = Gap(Why.UNREACHABLE, "timeout")


class GrowingOutcomes(RuleBasedStateMachine):
    """Balances and gaps, added one by one and by batches, and changed."""

    def __init__(self) -> None:
        super().__init__()
        self.column, self.model = Outcomes(), list[Outcome]()

    @rule(outcome=outcomes)
    def append(self, outcome: Outcome) -> None:
        self.column.append(outcome)
        self.model.append(outcome)

    @rule(others=st.lists(outcomes, max_size=4))
    def join(self, others: list[Outcome]) -> None:
        self.column.join(Outcomes(others))
        self.model += others

    @rule(said=st.lists(atoms, max_size=4), ground=grounds)
    def join_agreed(self, said: list[int], ground: BalanceBasis) -> None:
        self.column.join(Outcomes.agreed(b"".join(each.to_bytes(32) for each in said), ground))
        self.model += [Balance(each, ground.basis, ground.operators, ground.dissent) for each in said]

    @rule(count=st.integers(0, 4), gap=gaps)
    def join_missing(self, count: int, gap: Gap) -> None:
        self.column.join(Outcomes.missing(count, gap))
        self.model += [gap] * count

    @rule()
    def join_itself(self) -> None:
        if len(self.model) < 50:
            self.column.join(self.column)
            self.model += self.model

    @rule(data=st.data(), outcome=outcomes)
    def change(self, data: st.DataObject, outcome: Outcome) -> None:
        if self.model:
            at = data.draw(st.integers(-len(self.model), len(self.model) - 1))
            self.column[at] = outcome
            self.model[at] = outcome

    @rule(data=st.data())
    def go_on_with_a_slice(self, data: st.DataObject) -> None:
        cut = data.draw(st.slices(len(self.model)))
        self.column, self.model = self.column[cut], self.model[cut]

    @invariant()
    def holds_the_same(self) -> None:
        count = len(self.model)
        assert len(self.column) == count
        assert list(self.column) == self.model
        assert [self.column[at] for at in range(-count, count)] == self.model * 2
        assert self.column == self.model
        assert self.column == Outcomes(self.model)
        missing = [at for at, outcome in enumerate(self.model) if isinstance(outcome, Gap)]
        assert self.column.gap_positions() == missing
        assert self.column.gaps == len(missing)
        with pytest.raises(IndexError):
            self.column[count]


TestGrowingOutcomes = GrowingOutcomes.TestCase
TestGrowingOutcomes.settings = settings(stateful_step_count=25)


@given(st.lists(outcomes, max_size=4), st.lists(outcomes, max_size=4))
def test_outcomes_are_equal_exactly_where_each_of_them_is(one: list[Outcome], other: list[Outcome]) -> None:
    assert (Outcomes(one) == Outcomes(other)) == (one == other)
    assert (Outcomes(one) == other) == (one == other)


def test_a_gap_and_a_balance_of_nothing_are_never_alike() -> None:
    assert Outcomes([Gap(Why.NO_QUORUM)]) != Outcomes([Balance(0, Basis.QUORUM, ())])
    column = Outcomes([Balance(7, Basis.OWN, ("a",)), TIMEOUT])
    column[0], column[1] = TIMEOUT, Balance(0, Basis.OWN, ("a",))
    assert column == [TIMEOUT, Balance(0, Basis.OWN, ("a",))]


@pytest.mark.parametrize("wrong", [-1, 2**256])
def test_an_amount_that_no_chain_can_hold_leaves_the_outcomes_as_they_were(wrong: int) -> None:
    before: list[Outcome] = [Balance(2**256 - 1, Basis.OWN, ("a",)), TIMEOUT]
    column = Outcomes(before)
    with pytest.raises(ValueError, match="no amount of atoms"):
        column.append(Balance(wrong, Basis.QUORUM, ("b",)))
    with pytest.raises(ValueError, match="no amount of atoms"):
        column[1] = Balance(wrong, Basis.QUORUM, ("b",))
    with pytest.raises(IndexError):
        column[2] = TIMEOUT
    assert column == before


def test_readings_that_are_cut_short_become_no_balances() -> None:
    with pytest.raises(ValueError, match="33 bytes are no numbers of 32"):
        Outcomes.agreed(bytes(33), BalanceBasis(Basis.OWN, ("a",)))


def test_a_balance_without_an_amount_is_never_told_as_one() -> None:
    column = Outcomes([Balance(7, Basis.OWN, ("a",))])
    column.amounts[0] = None
    with pytest.raises(ValueError, match="no amount"):
        column[0]

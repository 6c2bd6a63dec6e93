"""Readings to Balances and Gaps: who must agree before a number is believed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis, Gap, Reading
from scanner.core.policy import Policy
from scanner.core.quorum import Agreement, Operator, Vote, agree, settle
from scanner.errors import Why

ALICE, BOB, CAROL = Operator("alice"), Operator("bob"), Operator("carol")
SELF = Operator("self", own=True)
TIMEOUT = Gap(Why.UNREACHABLE, "no answer in 60 s")


def votes(*said: tuple[Operator, list[int | Gap]]) -> list[Vote]:
    return [Vote(operator, Reading.of(outcomes)) for operator, outcomes in said]


def test_two_operators_that_agree_make_a_balance_on_the_basis_of_a_quorum() -> None:
    assert settle(votes((BOB, [5, 0]), (ALICE, [5, 0])), 2, Policy(quorum=2)) == [
        Balance(5, Basis.QUORUM, ("alice", "bob")),
        Balance(0, Basis.QUORUM, ("alice", "bob")),
    ]


def test_one_operator_alone_is_not_believed() -> None:
    (outcome,) = settle(votes((ALICE, [5])), 1, Policy(quorum=2))
    assert outcome == Gap(Why.NO_QUORUM, "1 of 2 operators answered")


def test_the_auditors_own_node_is_believed_alone() -> None:
    assert settle(votes((SELF, [5])), 1, Policy(quorum=2)) == [Balance(5, Basis.OWN, ("self",))]


def test_the_auditors_own_node_counts_towards_a_quorum() -> None:
    assert settle(votes((SELF, [5]), (ALICE, [5])), 1, Policy(quorum=2)) == [
        Balance(5, Basis.QUORUM, ("alice", "self"))
    ]


def test_one_dissenting_operator_beside_a_quorum_makes_a_gap_that_names_all() -> None:
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [5]), (CAROL, [6])), 1, Policy(quorum=2))
    assert outcome == Gap(Why.DISAGREEMENT, "alice says 5; bob says 5; carol says 6")


def test_even_the_auditors_own_node_does_not_overrule_a_dissenter() -> None:
    (outcome,) = settle(votes((SELF, [5]), (ALICE, [6])), 1, Policy(quorum=1))
    assert isinstance(outcome, Gap)
    assert outcome.why is Why.DISAGREEMENT


def test_an_operator_that_fails_does_not_dissent() -> None:
    said = votes((ALICE, [5]), (BOB, [5]), (CAROL, [TIMEOUT]))
    assert settle(said, 1, Policy(quorum=2)) == [Balance(5, Basis.QUORUM, ("alice", "bob"))]


def test_a_gap_names_the_cause_where_all_failures_have_one_cause() -> None:
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [TIMEOUT])), 1, Policy(quorum=2))
    assert outcome == Gap(Why.UNREACHABLE, "1 of 2 operators answered; bob: UNREACHABLE, no answer in 60 s")


def test_a_gap_of_several_causes_says_that_the_quorum_was_missed_and_tells_all() -> None:
    (outcome,) = settle(votes((ALICE, [Gap(Why.NO_STATE)]), (BOB, [TIMEOUT])), 1, Policy(quorum=2))
    assert outcome == Gap(
        Why.NO_QUORUM, "0 of 2 operators answered; alice: NO_STATE; bob: UNREACHABLE, no answer in 60 s"
    )


def test_a_failure_at_one_position_leaves_the_others_alone() -> None:
    outcomes = settle(votes((ALICE, [1, TIMEOUT, 3]), (BOB, [1, 2, 3])), 3, Policy(quorum=2))
    assert [isinstance(outcome, Gap) for outcome in outcomes] == [False, True, False]


def test_no_votes_at_all_are_gaps_not_zeros() -> None:
    outcomes = settle([], 2, Policy(quorum=1))
    assert [outcome.why for outcome in outcomes if isinstance(outcome, Gap)] == [Why.NO_QUORUM] * 2


def test_an_operator_cannot_vote_twice() -> None:
    with pytest.raises(ValueError, match="two votes"):
        settle(votes((ALICE, [5]), (ALICE, [5])), 1, Policy(quorum=2))
    with pytest.raises(ValueError, match="two votes"):
        agree([(ALICE, 5), (Operator("alice", own=True), 5)], Policy(quorum=2))


def test_a_reading_that_is_too_short_is_refused_rather_than_shifted() -> None:
    with pytest.raises(ValueError, match="1 holdings of 2"):
        settle(votes((ALICE, [5])), 2, Policy(quorum=1))


def test_any_question_is_agreed_on_by_the_same_rule() -> None:
    assert agree([(ALICE, "0xab"), (BOB, "0xab")], Policy()) == Agreement("0xab", Basis.QUORUM, ("alice", "bob"))
    assert agree([(ALICE, "0xab"), (BOB, "0xcd")], Policy()) == Gap(Why.DISAGREEMENT, "alice says 0xab; bob says 0xcd")


@pytest.mark.parametrize("atoms", [-1, 2**256])
def test_an_amount_no_chain_can_hold_never_enters_a_reading(atoms: int) -> None:
    with pytest.raises(ValueError, match="no amount of atoms"):
        Reading.of([atoms])


def test_a_readings_gap_cannot_be_taken_for_the_filler_beneath_it() -> None:
    reading = Reading.of([TIMEOUT, 7])
    assert (reading[0], reading[1]) == (TIMEOUT, 7)
    with pytest.raises(ValueError, match="1 of 2 outcomes are gaps"):
        list(reading.amounts())
    with pytest.raises(IndexError):
        reading[2]


def test_a_second_node_of_an_operator_fills_gaps_and_overrules_nothing() -> None:
    assert Reading.of([1, TIMEOUT]).filled_from(Reading.of([9, 2])) == Reading.of([1, 2])


amounts = st.integers(0, 2**256 - 1)
readings = st.lists(st.one_of(st.integers(0, 3), st.just(TIMEOUT)), min_size=4, max_size=4)


@given(st.lists(amounts))
def test_a_reading_gives_back_what_was_put_in(values: list[int]) -> None:
    reading = Reading.of(values)
    assert [reading[position] for position in range(len(reading))] == values == list(reading.amounts())


@settings(deadline=None)
@given(st.integers(1, 3), st.lists(readings, max_size=4), st.booleans())
def test_a_balance_is_what_every_operator_that_answered_said(
    quorum: int, said: list[list[int | Gap]], own: bool
) -> None:
    """Judged for whole batches, against the rule written out for one holding."""
    operators = [Operator(f"op{number}", own=own and number == 0) for number in range(len(said))]
    outcomes = settle([Vote(op, Reading.of(row)) for op, row in zip(operators, said, strict=True)], 4, Policy(quorum))
    for position, outcome in enumerate(outcomes):
        answered = {op: row[position] for op, row in zip(operators, said, strict=True) if row[position] != TIMEOUT}
        enough = len(answered) >= quorum or any(op.own for op in answered)
        if enough and len(set(answered.values())) == 1:
            assert isinstance(outcome, Balance)
            assert {outcome.atoms} == set(answered.values())
            assert outcome.operators == tuple(sorted(op.name for op in answered))
            assert (outcome.basis is Basis.QUORUM) == (len(answered) >= quorum)
        else:
            assert isinstance(outcome, Gap)


def test_liars_below_the_quorum_never_make_a_wrong_balance() -> None:
    """100,000 random panels of k honest operators and fewer than k liars, who may all tell the same lie."""
    rng, wrong, right = random.Random(13), 0, 0
    operators = [Operator(f"op{number}") for number in range(7)]
    lies: list[int | Gap] = [TIMEOUT, 0, 6, 7, 8]
    told = {answer: Reading.of([answer]) for answer in lies}
    for _ in range(100_000):
        quorum = rng.randrange(1, 5)
        answers = [7] * quorum + rng.choices(lies, k=rng.randrange(quorum))
        rng.shuffle(answers)
        said = [Vote(operator, told[answer]) for operator, answer in zip(operators, answers, strict=False)]
        (outcome,) = settle(said, 1, Policy(quorum))
        right += outcome == Balance(7, Basis.QUORUM, outcome.operators) if isinstance(outcome, Balance) else 0
        wrong += isinstance(outcome, Balance) and outcome.atoms != 7
    assert wrong == 0
    assert right > 10_000

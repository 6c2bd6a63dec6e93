"""Readings to Balances and Gaps: who must agree before a number is believed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis, Gap, Reading
from scanner.core.outcomes import Outcomes
from scanner.errors import Why
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proven import with_proof
from scanner.weighing.quorum import Agreement, Operator, Vote, agree, judged_without, settle
from tests.support.strength import cases
from tests.support.tables import each_of

ALICE, BOB, CAROL, DAVE = Operator("alice"), Operator("bob"), Operator("carol"), Operator("dave")
SELF = Operator("self", own=True)
TIMEOUT = Gap(Why.UNREACHABLE, "no answer in 60 s")
REFUSED = Gap(Why.NO_TOKEN, "the contract's balanceOf reverted")
RECORD = Policy(quorum=2, dissent=Dissent.RECORD)


def votes(*said: tuple[Operator, list[int | Gap]]) -> list[Vote]:
    return [Vote(operator, Reading.of(outcomes)) for operator, outcomes in said]


def proven_too(
    said: list[Vote], count: int, policy: Policy, proofs: dict[int, int], *, certain: bool = True
) -> Outcomes:
    """What these words come to, and what proofs make of it, by position."""
    outcomes = settle(said, count, policy)
    own = {vote.operator.name for vote in said if vote.operator.own}
    for position, atoms in proofs.items():
        outcomes[position] = with_proof(outcomes[position], atoms, policy, own, certain=certain)
    return outcomes


def test_two_operators_that_agree_make_a_balance_on_the_basis_of_a_quorum() -> None:
    assert settle(votes((BOB, [5, 0]), (ALICE, [5, 0])), 2, Policy(quorum=2)) == [
        Balance(5, Basis.QUORUM, ("alice", "bob")),
        Balance(0, Basis.QUORUM, ("alice", "bob")),
    ]


def test_one_operator_alone_is_not_believed() -> None:
    (outcome,) = settle(votes((ALICE, [5])), 1, Policy(quorum=2))
    assert outcome == Gap(Why.NO_QUORUM, "1 of 2 operators answered", (("alice", 5),))


def test_the_auditors_own_node_is_believed_alone() -> None:
    assert settle(votes((SELF, [5])), 1, Policy(quorum=2)) == [Balance(5, Basis.OWN, ("self",))]


def test_the_auditors_own_node_counts_towards_a_quorum() -> None:
    assert settle(votes((SELF, [5]), (ALICE, [5])), 1, Policy(quorum=2)) == [
        Balance(5, Basis.QUORUM, ("alice", "self"))
    ]


def test_one_dissenting_operator_beside_a_quorum_makes_a_gap_that_names_all() -> None:
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [5]), (CAROL, [6])), 1, Policy(quorum=2))
    assert outcome == Gap(
        Why.DISAGREEMENT, "alice says 5; bob says 5; carol says 6", (("alice", 5), ("bob", 5), ("carol", 6))
    )


def test_even_the_auditors_own_node_does_not_overrule_a_dissenter() -> None:
    (outcome,) = settle(votes((SELF, [5]), (ALICE, [6])), 1, Policy(quorum=1))
    assert isinstance(outcome, Gap)
    assert outcome.why is Why.DISAGREEMENT


def test_an_operator_that_fails_does_not_dissent() -> None:
    said = votes((ALICE, [5]), (BOB, [5]), (CAROL, [TIMEOUT]))
    assert settle(said, 1, Policy(quorum=2)) == [Balance(5, Basis.QUORUM, ("alice", "bob"))]


def test_a_gap_names_the_cause_where_all_failures_have_one_cause() -> None:
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [TIMEOUT])), 1, Policy(quorum=2))
    assert outcome == Gap(
        Why.UNREACHABLE, "1 of 2 operators answered; bob: UNREACHABLE, no answer in 60 s", (("alice", 5),)
    )


def test_a_gap_of_several_causes_says_that_the_quorum_was_missed_and_tells_all() -> None:
    (outcome,) = settle(votes((ALICE, [Gap(Why.NO_STATE)]), (BOB, [TIMEOUT])), 1, Policy(quorum=2))
    assert outcome == Gap(
        Why.NO_QUORUM, "0 of 2 operators answered; alice: NO_STATE; bob: UNREACHABLE, no answer in 60 s"
    )


def test_a_failure_at_one_position_leaves_the_others_alone() -> None:
    outcomes = settle(votes((ALICE, [1, TIMEOUT, 3]), (BOB, [1, 2, 3])), 3, Policy(quorum=2))
    assert [isinstance(outcome, Gap) for outcome in outcomes] == [False, True, False]


@pytest.mark.parametrize("policy", [Policy(quorum=2), RECORD, Policy(quorum=1)])
def test_what_one_operator_found_to_depend_on_the_caller_no_quorum_of_others_makes_a_balance(policy: Policy) -> None:
    told = Gap(Why.CALLER_DEPENDENT, "the contract says 9 to one caller and 5 to another")
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [told]), (SELF, [5])), 1, policy)
    assert outcome == Gap(Why.CALLER_DEPENDENT, f"bob: {told.detail}", (("alice", 5), ("self", 5)))
    assert judged_without(outcome, {"alice"}, (), policy, ()) == outcome


def test_such_a_balance_is_proven_only_where_somebody_read_what_the_proof_shows() -> None:
    told = Gap(Why.CALLER_DEPENDENT, "the contract says 9 to one caller and 5 to another")
    read_by_none, read_by_one = votes((ALICE, [told]), (BOB, [told])), votes((ALICE, [told]), (BOB, [5]))
    (outcome,) = proven_too(read_by_none, 1, Policy(quorum=2), {0: 5}, certain=False)
    assert isinstance(outcome, Gap)
    assert outcome.why is Why.CALLER_DEPENDENT
    (known,) = proven_too(read_by_one, 1, Policy(quorum=2), {0: 5}, certain=False)
    assert known == Balance(5, Basis.PROVEN, ("bob",))


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


# --- proven balances


def test_a_proven_balance_needs_no_quorum_and_names_those_who_said_the_same() -> None:
    assert proven_too(votes((BOB, [5]), (ALICE, [5])), 1, Policy(), {0: 5}) == [
        Balance(5, Basis.PROVEN, ("alice", "bob"))
    ]
    assert proven_too(votes((BOB, [5])), 1, Policy(), {0: 5}) == [Balance(5, Basis.PROVEN, ("bob",))]


def test_a_proof_is_believed_where_nobody_answered() -> None:
    assert proven_too([], 1, Policy(), {0: 5}) == [Balance(5, Basis.PROVEN, ())]
    assert proven_too(votes((ALICE, [TIMEOUT]), (BOB, [TIMEOUT])), 1, Policy(), {0: 0}) == [
        Balance(0, Basis.PROVEN, ())
    ]


@pytest.mark.parametrize("policy", [Policy(), RECORD, Policy(quorum=3)])
def test_a_proof_outvotes_dissenters_however_many_and_records_them(policy: Policy) -> None:
    said = votes((CAROL, [6]), (ALICE, [7]), (BOB, [5]), (SELF, [6]))
    assert proven_too(said, 1, policy, {0: 5}) == [
        Balance(5, Basis.PROVEN, ("bob",), (("alice", 7), ("carol", 6), ("self", 6)))
    ]


@pytest.mark.parametrize("policy", [Policy(), RECORD, Policy(quorum=1)])
def test_a_proof_does_not_outvote_everybody(policy: Policy) -> None:
    """Either the proof's storage layout or all the nodes are wrong, and which cannot be told here."""
    (outcome,) = proven_too(votes((BOB, [6]), (ALICE, [6]), (CAROL, [TIMEOUT])), 1, policy, {0: 5})
    assert outcome == Gap(
        Why.DISAGREEMENT, "the proof shows 5; alice says 6; bob says 6", (("alice", 6), ("bob", 6)), 5
    )
    (outcome,) = proven_too(votes((SELF, [0])), 1, policy, {0: 5})
    assert outcome == Gap(Why.DISAGREEMENT, "the proof shows 5; self says 0", (("self", 0),), 5)


@pytest.mark.parametrize(
    ("said", "outvoted"),
    [
        ({ALICE: 5, BOB: 6}, True),
        ({ALICE: 5, BOB: 6, CAROL: 7}, True),  # they do not say the same
        ({ALICE: 5, BOB: 6, CAROL: 6}, False),  # a quorum
        ({ALICE: 5, BOB: 5, CAROL: 6, DAVE: 6}, False),  # a quorum, though there is one on the proof's side too
        ({ALICE: 5, SELF: 6}, False),  # the auditor's own node
        ({SELF: 5, ALICE: 6}, True),
    ],
)
def test_a_proof_that_assumes_a_layout_outvotes_nobody_who_would_be_believed_without_it(
    said: dict[Operator, int], outvoted: bool
) -> None:
    """The layout may hold for most holders and not for this one, and whoever knows it could lie in accord with it."""
    cast = [Vote(operator, Reading.of([atoms])) for operator, atoms in said.items()]
    for policy in (Policy(), RECORD):
        (outcome,) = proven_too(cast, 1, policy, {0: 5}, certain=False)
        assert isinstance(outcome, Balance) == outvoted
        (certain,) = proven_too(cast, 1, policy, {0: 5}, certain=True)
        assert isinstance(certain, Balance)
        if outvoted:
            assert outcome == certain
        else:
            assert isinstance(outcome, Gap)
            assert outcome.detail.startswith("the proof shows 5; alice says 5; ")


@each_of(
    ("policy", "said", "believed"),
    [
        (Policy(), {ALICE: 5, BOB: 5, CAROL: REFUSED}, False),
        (RECORD, {ALICE: 5, BOB: 5, CAROL: REFUSED}, True),
        (RECORD, {ALICE: 5, BOB: 5, CAROL: REFUSED, DAVE: REFUSED}, False),
        (RECORD, {ALICE: 5, BOB: REFUSED}, False),
        (Policy(1), {ALICE: 5, BOB: REFUSED}, False),
        (Policy(), {ALICE: 5, SELF: REFUSED}, False),
        (Policy(), {SELF: 5, ALICE: REFUSED}, False),
        (Policy(), {ALICE: 5, BOB: 5, CAROL: TIMEOUT}, True),
    ],
)
def test_what_a_contract_gives_to_some_and_refuses_to_others_is_a_dissent(
    policy: Policy, said: dict[Operator, int | Gap], believed: bool
) -> None:
    (outcome,) = settle([Vote(operator, Reading.of([atoms])) for operator, atoms in said.items()], 1, policy)
    assert isinstance(outcome, Balance) == believed
    if isinstance(outcome, Gap):
        assert outcome.why is Why.NO_TOKEN
        assert outcome.said == tuple(sorted((op.name, each) for op, each in said.items() if isinstance(each, int)))
        assert all(f"{op.name} says " in outcome.detail for op in said)


def test_a_proof_concerns_its_own_position_alone() -> None:
    said = votes((ALICE, [1, 2, 3]), (BOB, [1, 2, 3]))
    assert [outcome.basis for outcome in proven_too(said, 3, Policy(), {1: 2}) if isinstance(outcome, Balance)] == [
        Basis.QUORUM,
        Basis.PROVEN,
        Basis.QUORUM,
    ]
    said = votes((ALICE, [1, 2, 3]), (BOB, [1, 9, TIMEOUT]))
    outcomes = proven_too(said, 3, Policy(), {2: 3})
    assert outcomes[0] == Balance(1, Basis.QUORUM, ("alice", "bob"))
    assert outcomes[1] == Gap(Why.DISAGREEMENT, "alice says 2; bob says 9", (("alice", 2), ("bob", 9)))
    assert outcomes[2] == Balance(3, Basis.PROVEN, ("alice",))


def test_a_unanimous_batch_against_the_proof_is_a_gap_at_that_position() -> None:
    outcomes = proven_too(votes((ALICE, [1, 2]), (BOB, [1, 2])), 2, Policy(), {1: 3})
    assert outcomes[0] == Balance(1, Basis.QUORUM, ("alice", "bob"))
    assert outcomes[1] == Gap(
        Why.DISAGREEMENT, "the proof shows 3; alice says 2; bob says 2", (("alice", 2), ("bob", 2)), 3
    )


# --- dissent: record


def test_where_dissent_is_recorded_a_quorum_is_believed_and_the_dissenter_named() -> None:
    said = votes((CAROL, [6]), (BOB, [5]), (ALICE, [5]))
    assert settle(said, 1, RECORD) == [Balance(5, Basis.QUORUM, ("alice", "bob"), (("carol", 6),))]
    assert settle(said, 1, Policy()) == [
        Gap(Why.DISAGREEMENT, "alice says 5; bob says 5; carol says 6", (("alice", 5), ("bob", 5), ("carol", 6)))
    ]


def test_dissenters_who_differ_are_all_recorded() -> None:
    said = votes((DAVE, [7]), (CAROL, [6]), (BOB, [5]), (ALICE, [5]), (SELF, [TIMEOUT]))
    assert settle(said, 1, RECORD) == [Balance(5, Basis.QUORUM, ("alice", "bob"), (("carol", 6), ("dave", 7)))]


@pytest.mark.parametrize(
    "said",
    [
        {ALICE: 5, BOB: 5, CAROL: 6, DAVE: 6},  # two quorums
        {ALICE: 5, BOB: 5, SELF: 5, CAROL: 6, DAVE: 6},  # the larger of two
        {ALICE: 5, BOB: 6},  # no quorum
        {ALICE: 5, BOB: 6, CAROL: 7, DAVE: 8},
        {SELF: 5, ALICE: 6},  # the auditor's own node alone outvotes nobody
        {SELF: 5, ALICE: 6, BOB: 7},
    ],
)
def test_dissent_without_exactly_one_quorum_is_a_gap_even_where_it_is_recorded(said: dict[Operator, int]) -> None:
    cast = [Vote(operator, Reading.of([atoms])) for operator, atoms in said.items()]
    (outcome,) = settle(cast, 1, RECORD)
    assert isinstance(outcome, Gap)
    assert outcome.why is Why.DISAGREEMENT
    assert all(f"{operator.name} says {atoms}" in outcome.detail for operator, atoms in said.items())


def test_under_a_quorum_of_one_every_dissenter_is_a_quorum_of_his_own() -> None:
    (outcome,) = settle(votes((ALICE, [5]), (BOB, [5]), (CAROL, [6])), 1, Policy(1, dissent=Dissent.RECORD))
    assert isinstance(outcome, Gap)


def test_a_quorum_against_the_auditors_own_node_is_believed_and_his_dissent_recorded() -> None:
    assert settle(votes((SELF, [6]), (BOB, [5]), (ALICE, [5])), 1, RECORD) == [
        Balance(5, Basis.QUORUM, ("alice", "bob"), (("self", 6),))
    ]


def test_recording_dissent_changes_nothing_where_all_agree_or_too_few_answer() -> None:
    for said in (
        votes((ALICE, [5]), (BOB, [5])),
        votes((ALICE, [5])),
        votes((SELF, [5])),
        votes((ALICE, [5]), (BOB, [TIMEOUT])),
    ):
        assert settle(said, 1, RECORD) == settle(said, 1, Policy())


def test_any_question_is_agreed_on_with_the_dissent_recorded() -> None:
    assert agree([(ALICE, "0xab"), (CAROL, "0xcd"), (BOB, "0xab")], RECORD) == Agreement(
        "0xab", Basis.QUORUM, ("alice", "bob"), (("carol", "0xcd"),)
    )


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


amounts = st.integers(0, 2**256 - 1)
readings = st.lists(st.one_of(st.integers(0, 3), st.just(TIMEOUT)), min_size=4, max_size=4)


@given(st.lists(amounts))
def test_a_reading_gives_back_what_was_put_in(values: list[int]) -> None:
    reading = Reading.of(values)
    assert [reading[position] for position in range(len(reading))] == values == list(reading.amounts())


@settings(deadline=None)
@given(
    st.integers(1, 3),
    st.lists(readings, max_size=5),
    st.dictionaries(st.integers(0, 3), st.integers(0, 3)),
    st.sampled_from(Dissent),
)
def test_every_balance_is_backed_and_every_other_voice_recorded(
    quorum: int, said: list[list[int | Gap]], proven: dict[int, int], dissent: Dissent
) -> None:
    """With proofs and with either policy for dissent, against the rule written out for one holding."""
    operators = [Operator(f"op{number}", own=number == 0) for number in range(len(said))]
    cast = [Vote(op, Reading.of(row)) for op, row in zip(operators, said, strict=True)]
    for position, outcome in enumerate(proven_too(cast, 4, Policy(quorum, dissent=dissent), proven)):
        answers = {op.name: row[position] for op, row in zip(operators, said, strict=True) if row[position] != TIMEOUT}
        amounts_said = [answer for answer in answers.values() if isinstance(answer, int)]
        backing = {atoms: amounts_said.count(atoms) for atoms in amounts_said}
        quorums = [atoms for atoms, voices in backing.items() if voices >= quorum]
        if position in proven:
            believed = {proven[position]} if not backing or proven[position] in backing else set()
        elif len(backing) > 1:
            believed = set(quorums) if dissent is Dissent.RECORD and len(quorums) == 1 else set()
        else:
            believed = set(backing) if quorums or "op0" in answers else set()
        if isinstance(outcome, Gap):
            assert not believed
            continue
        assert {outcome.atoms} == believed
        assert outcome.operators == tuple(sorted(op for op, atoms in answers.items() if atoms == outcome.atoms))
        assert dict(outcome.dissent) == {op: atoms for op, atoms in answers.items() if atoms != outcome.atoms}
        assert (outcome.basis is Basis.PROVEN) == (position in proven)


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


@pytest.mark.parametrize("dissent", Dissent)
def test_liars_below_the_quorum_never_make_a_wrong_balance(dissent: Dissent) -> None:
    """Random holdings put to groups of k honest operators and fewer than k liars, who may all tell one lie."""
    rng, judged, right, disputed = random.Random(13), 0, 0, 0
    operators = [Operator(f"op{number}") for number in range(7)]
    lies: list[int | Gap] = [TIMEOUT, 0, 6, 7, 8]
    truth = Reading.of([7] * 200)
    for panel in range(cases(500)):
        quorum = 1 + panel % 4
        liars = [Reading.of(rng.choices(lies, k=200)) for _ in range(rng.randrange(quorum))]
        said = [Vote(op, told) for op, told in zip(rng.sample(operators, 7), [truth] * quorum + liars, strict=False)]
        for position, outcome in enumerate(settle(said, 200, Policy(quorum, dissent=dissent))):
            judged += 1
            if isinstance(outcome, Gap):
                # k honest operators are a quorum and fewer than k liars are none, so only the policy makes gaps here.
                assert dissent is Dissent.GAP
                continue
            assert (outcome.atoms, outcome.basis) == (7, Basis.QUORUM)
            assert {atoms for _, atoms in outcome.dissent} == {liar[position] for liar in liars} - {7, TIMEOUT}
            right += 1
            disputed += bool(outcome.dissent)
    assert judged == cases(500) * 200
    assert right == judged if dissent is Dissent.RECORD else right > judged / 10
    assert (disputed > judged / 10) == (dissent is Dissent.RECORD)


said_by = st.lists(st.one_of(st.integers(0, 2), st.sampled_from([TIMEOUT, Gap(Why.REFUSED)])), min_size=6, max_size=6)


def judged_alone(
    said: list[tuple[Operator, int | Gap]], policy: Policy, proof: int | None, *, certain: bool
) -> Balance | Gap:
    """What one holding comes to, by `agree` and by what a proof outvotes."""
    agreed = agree(said, policy)
    answers = sorted((operator.name, told) for operator, told in said if isinstance(told, int))
    if proof is None:
        if isinstance(agreed, Gap):
            return replace(agreed, said=tuple(answers))
        return Balance(agreed.value, agreed.basis, agreed.operators, agreed.dissent)
    with_it = tuple(name for name, told in answers if told == proof)
    against = [(operator, told) for operator, told in said if isinstance(told, int) and told != proof]
    alone = [agree([each for each in against if each[1] == told], policy) for told in {told for _, told in against}]
    outvoted = bool(with_it) and (certain or all(isinstance(each, Gap) for each in alone))
    if against and not outvoted:
        told = "; ".join(f"{name} says {told}" for name, told in answers)
        return Gap(Why.DISAGREEMENT, f"the proof shows {proof}; {told}", tuple(answers), proof)
    if not certain and not with_it:
        assert isinstance(agreed, Gap)
        told = f"the proof shows {proof}, and no operator has read it from the contract; {agreed.detail}"
        return Gap(agreed.why, told, (), proof)
    return Balance(proof, Basis.PROVEN, with_it, tuple((name, told) for name, told in answers if told != proof))


@given(
    st.builds(Policy, st.integers(1, 3), dissent=st.sampled_from(Dissent)),
    st.lists(
        st.tuples(st.sampled_from([ALICE, BOB, CAROL, SELF]), said_by), max_size=4, unique_by=lambda vote: vote[0]
    ),
    st.dictionaries(st.integers(0, 5), st.integers(0, 2)),
    st.booleans(),
)
def test_a_batch_settles_as_each_of_its_holdings_would_alone_gaps_and_their_details_too(
    policy: Policy, said: list[tuple[Operator, list[int | Gap]]], proven: dict[int, int], certain: bool
) -> None:
    settled = proven_too(votes(*said), 6, policy, proven, certain=certain)
    alone = [
        judged_alone([(operator, row[at]) for operator, row in said], policy, proven.get(at), certain=certain)
        for at in range(6)
    ]
    assert list(settled) == alone
    assert settled.gaps == sum(isinstance(outcome, Gap) for outcome in alone)


@given(st.lists(st.one_of(amounts, st.just(TIMEOUT)), max_size=6))
def test_amounts_of_any_size_come_out_of_a_quorum_as_they_went_in(told: list[int | Gap]) -> None:
    settled = settle(votes((ALICE, told), (BOB, told)), len(told), Policy(quorum=2))
    assert [outcome.atoms if isinstance(outcome, Balance) else TIMEOUT for outcome in settled] == told

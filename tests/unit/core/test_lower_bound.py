"""Balances of which only a lower bound is known: what follows from one, from the first word to the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast, Word, denies, implies
from scanner.core.outcomes import Outcomes
from scanner.errors import AttestationInvalid, Why
from scanner.history.entry import read_summary
from scanner.history.series import standing
from scanner.report.page.document import render
from scanner.report.table import render as table
from scanner.scanning import journal_record
from scanner.weighing.claim import Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proven import with_proof
from scanner.weighing.quorum import Operator, Vote, judged_without, settle
from scanner.weighing.ratio import weigh
from scanner.weighing.standing import RatioStanding
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    BTC,
    CAROL,
    ETH,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
    held,
)

SEALED = (Seal(b"secret"),)
amounts = st.integers(0, 12)
words: st.SearchStrategy[Word] = amounts | st.builds(AtLeast, amounts)
names = st.sampled_from("abcd")
panels = st.dictionaries(names, words | st.just(Gap(Why.UNREACHABLE)), min_size=1, max_size=4)
policies = st.builds(Policy, st.integers(1, 3), dissent=st.sampled_from(list(Dissent)))
owns = st.sets(names, max_size=1)


def settled(said: Mapping[str, Word | Gap], policy: Policy, own: Sequence[str] = ()) -> Outcome:
    votes = [Vote(Operator(name, name in own), Reading.of([word])) for name, word in said.items()]
    return settle(votes, 1, policy)[0]


def bound(atoms: int, *operators: str, **dissent: Word) -> Balance:
    return Balance(atoms, Basis.QUORUM, operators or ("alpha", "beta"), tuple(sorted(dissent.items())), at_least=True)


# --- words


@given(words, words, amounts)
def test_words_are_about_what_may_be_there(one: Word, other: Word, there: int) -> None:
    def holds(word: Word) -> bool:
        return there >= word.atoms if isinstance(word, AtLeast) else there == word

    if implies(one, other) and holds(one):
        assert holds(other)
    if denies(one, other):
        assert not (holds(one) and holds(other))
    together = any(not denies(one, atoms) and not denies(other, atoms) for atoms in range(14))
    assert denies(one, other) == denies(other, one) == (not together)


def test_a_reading_says_of_each_balance_whether_there_may_be_more() -> None:
    reading = Reading.of([7, AtLeast(7), Gap(Why.REFUSED), AtLeast(0)])
    assert [reading[at] for at in range(4)] == [7, AtLeast(7), Gap(Why.REFUSED), AtLeast(0)]
    assert reading.bounds == {1, 3}
    with pytest.raises(ValueError, match="1 of 4 outcomes are gaps, 2 lower bounds"):
        list(reading.amounts())


# --- a quorum


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ({"a": AtLeast(7), "b": AtLeast(7)}, Balance(7, Basis.QUORUM, ("a", "b"), at_least=True)),
        ({"a": AtLeast(5), "b": AtLeast(7)}, Balance(5, Basis.QUORUM, ("a", "b"), at_least=True)),
        (
            {"a": AtLeast(5), "b": AtLeast(7), "c": AtLeast(9)},
            Balance(7, Basis.QUORUM, ("b", "c"), (("a", AtLeast(5)),), at_least=True),
        ),
        ({"a": 9, "b": AtLeast(7)}, Balance(7, Basis.QUORUM, ("a", "b"), at_least=True)),
        ({"a": 9, "b": 9, "c": AtLeast(7)}, Balance(9, Basis.QUORUM, ("a", "b"), (("c", AtLeast(7)),))),
        ({"a": AtLeast(7)}, Gap(Why.NO_QUORUM, "1 of 2 operators answered", (("a", AtLeast(7)),))),
        (
            {"a": 5, "b": AtLeast(7), "c": AtLeast(7)},
            Gap(
                Why.DISAGREEMENT,
                "a says 5; b says at least 7; c says at least 7",
                (("a", 5), ("b", AtLeast(7)), ("c", AtLeast(7))),
            ),
        ),
    ],
)
def test_what_most_is_said_that_a_quorum_stands_behind_is_believed(said: dict[str, Word], believed: Outcome) -> None:
    assert settled(said, Policy()) == believed


def test_dissent_that_is_only_recorded_does_not_keep_a_bound_from_being_believed() -> None:
    policy = Policy(dissent=Dissent.RECORD)
    said: dict[str, Word | Gap] = {"a": 5, "b": AtLeast(7), "c": AtLeast(8)}
    assert settled(said, policy) == bound(7, "b", "c", a=5)
    assert settled(said, policy).disputed  # type: ignore[union-attr]
    assert isinstance(settled(said | {"d": 5}, policy), Gap)  # as many say that there is less


def test_bounds_that_differ_outvote_an_exact_amount_together() -> None:
    policy = Policy(dissent=Dissent.RECORD)
    assert isinstance(settled({"a": 5, "b": 5, "c": AtLeast(7), "d": AtLeast(8)}, policy), Gap)
    assert settled({"a": 5, "b": 5, "c": AtLeast(7)}, policy) == Balance(
        5, Basis.QUORUM, ("a", "b"), (("c", AtLeast(7)),)
    )


def test_the_auditors_own_node_is_believed_where_too_few_answered_and_none_says_otherwise() -> None:
    assert settled({"a": AtLeast(7)}, Policy(3), "a") == Balance(7, Basis.OWN, ("a",), at_least=True)
    assert settled({"a": AtLeast(7), "b": AtLeast(9)}, Policy(3), "a") == Balance(
        7, Basis.OWN, ("a", "b"), at_least=True
    )
    assert isinstance(settled({"a": AtLeast(7), "b": 5}, Policy(3), "a"), Gap)


@given(panels, policies, owns)
def test_what_is_believed_follows_from_the_words_of_those_who_stand_behind_it(
    said: dict[str, Word | Gap], policy: Policy, own: set[str]
) -> None:
    outcome = settled(said, policy, sorted(own))
    if isinstance(outcome, Balance):
        assert all(implies(said[name], outcome.word) for name in outcome.operators)  # type: ignore[arg-type]
        assert len(outcome.operators) >= policy.quorum or own.intersection(outcome.operators)
        assert not outcome.disputed or policy.dissent is Dissent.RECORD


@given(panels, policies, names)
def test_losing_a_word_never_raises_a_bound_nor_makes_an_exact_amount_of_it(
    said: dict[str, Word | Gap], policy: Policy, lost: str
) -> None:
    """Under `gap`: whatever else is not heard, what was believed stays so, says less, or is a gap."""
    policy = replace(policy, dissent=Dissent.GAP)
    whole, less = settled(said, policy), settled({**said, lost: Gap(Why.UNREACHABLE)}, policy)
    if isinstance(whole, Balance) and isinstance(less, Balance):
        assert implies(whole.word, less.word)


def test_a_proof_takes_the_place_of_a_bound_that_leaves_room_for_it_and_contradicts_one_that_does_not() -> None:
    low, high = bound(5, "a", "b"), bound(9, "a", "b")
    assert with_proof(low, 7, Policy(), (), certain=True) == Balance(7, Basis.PROVEN, ())
    assert isinstance(with_proof(low, 7, Policy(), (), certain=False), Gap)  # nobody read it
    assert with_proof(high, 7, Policy(), (), certain=True) == Gap(
        Why.DISAGREEMENT,
        "the proof shows 7; a says at least 9; b says at least 9",
        (("a", AtLeast(9)), ("b", AtLeast(9))),
        7,
    )


def test_a_bound_is_judged_again_without_those_whom_a_proof_contradicts() -> None:
    outcome = bound(7, "a", "b", c=AtLeast(5))
    assert judged_without(outcome, {"a"}, {"a"}, Policy(), ()) == bound(5, "b", "c")
    assert judged_without(outcome, (), {"a", "b"}, Policy(), ()) == Gap(
        Why.CONTRADICTED,
        "a says at least 7; b says at least 7; c says at least 5; proofs contradict a, b",
        (("a", AtLeast(7)), ("b", AtLeast(7)), ("c", AtLeast(5))),
    )


def test_a_journal_keeps_bounds_as_they_are() -> None:
    outcomes = Outcomes(
        [bound(7, "a", "b", c=AtLeast(5)), agreed(7), Gap(Why.DISAGREEMENT, "", (("a", AtLeast(5)), ("b", 3)))]
    )
    assert journal_record.decode(journal_record.encode(outcomes)) == outcomes


# --- a verdict


def weighed(outcomes: Sequence[tuple[AssetId, Outcome]], owed: int) -> Verdict:
    return _reserve(outcomes, owed)[0]


def _reserve(outcomes: Sequence[tuple[AssetId, Outcome]], owed: int) -> tuple[Verdict, int, bool | None]:
    accounts = [bytes([number]) * 20 for number in range(1, len(outcomes) + 1)]
    claim = a_claim(
        holdings=[replace(a_claim().holdings[2], asset=asset, account=account, claimed=None)
                  for account, (asset, _) in zip(accounts, outcomes, strict=True)],
        liabilities={"ETH": Liability("ETH", Fraction(owed, 10**18), None)},
        custody=(),
        snapshots={},
    )  # fmt: skip
    rows = [
        EvidenceRow(asset, account, "0xab", outcome, None)
        for account, (asset, outcome) in zip(accounts, outcomes, strict=True)
    ]
    (reserve,) = weigh(claim, {}, rows, Policy()).reserves
    return reserve.verdict, reserve.at_least, reserve.stated_agrees


balances = st.builds(
    lambda atoms, at_least: Balance(atoms, Basis.QUORUM, ("a", "b"), at_least=at_least), amounts, st.booleans()
)


@given(st.lists(balances, max_size=4), st.integers(0, 40))
def test_a_lower_bound_is_never_short_and_covers_only_what_it_reaches(outcomes: list[Balance], owed: int) -> None:
    verdict = weighed([(ETH.id, outcome) for outcome in outcomes], owed)
    total = sum(outcome.atoms for outcome in outcomes)
    if total >= owed:
        assert verdict is Verdict.COVERED
    else:
        assert verdict is (Verdict.UNKNOWN if any(each.at_least for each in outcomes) else Verdict.SHORT)


@given(st.lists(balances, min_size=1, max_size=4), st.integers(0, 40), st.data())
def test_knowing_less_of_a_balance_never_helps_and_never_accuses(
    outcomes: list[Balance], owed: int, data: st.DataObject
) -> None:
    """An exact balance turned into a bound that is no higher."""
    at = data.draw(st.integers(0, len(outcomes) - 1))
    less = replace(outcomes[at], atoms=data.draw(st.integers(0, outcomes[at].atoms)), at_least=True)
    before = weighed([(ETH.id, outcome) for outcome in outcomes], owed)
    after = weighed([(ETH.id, outcome) for outcome in [*outcomes[:at], less, *outcomes[at + 1 :]]], owed)
    assert after in (before, Verdict.UNKNOWN)


def test_a_bound_that_does_not_count_forbids_nothing_more_than_its_gap_does() -> None:
    token = replace(ETH, id=parse_asset("eip155:1/erc20:0x" + "ab" * 20))
    claim = a_claim(assets={ETH.id: ETH, BTC.id: BTC, USDT.id: USDT, token.id: token})
    row = EvidenceRow(token.id, ALICE, "0xab", bound(7, "a", "b"), None)
    claim = replace(claim, holdings=a_claim(holdings=[replace(claim.holdings[2], asset=token.id)]).holdings)
    (reserve,) = [each for each in weigh(claim, {}, [row], Policy()).reserves if each.unit == "ETH"]
    assert (reserve.gaps, reserve.at_least, reserve.verdict) == (1, 0, Verdict.UNKNOWN)


# --- an attestation


def attested(**changes: Outcome) -> Attested:
    return attest(held(**changes), policy=Policy(dissent=Dissent.RECORD), signers=SEALED)


def test_an_attestation_says_how_many_balances_are_bounds_and_is_verified() -> None:
    true = attested(usdt_alice=bound(1_020_000_000_000, gamma=AtLeast(5)), eth_bob=bound(10**18, gamma=7))
    shown = true.verify()
    assert {each.unit: (each.at_least, each.verdict) for each in shown.finding.reserves} == {
        "BTC": (0, Verdict.COVERED),
        "ETH": (1, Verdict.UNKNOWN),
        "USDT": (1, Verdict.COVERED),
    }
    finding = shown.predicate["finding"]
    assert [each["atLeast"] for each in finding["coverage"]] == [0, 1, 1]
    (dissent,) = finding["dissents"]  # what leaves room for the bound is none
    assert (dissent["atoms"], dissent["said"]) == (f">={10**18}", {"gamma": "7"})


def test_a_claimed_amount_is_not_compared_with_a_bound() -> None:
    shown = attested(eth_bob=bound(10**18)).verify().finding
    assert [each for each in shown.differences if each.asset == ETH] == []
    (ether,) = [each for each in shown.coverage if each.asset == ETH]
    assert (ether.claimed, ether.claimed_read, ether.at_least) == (7 * 10**18, 0, 1)


@pytest.mark.parametrize(
    "changed",
    [
        bound(10**18, "alpha"),  # too few
        bound(10**18, delta=5, gamma=5),  # a quorum says that there is less
        replace(bound(10**18), basis=Basis.OWN),
    ],
)
def test_a_bound_is_believed_on_no_less_than_an_amount_is(changed: Balance) -> None:
    operators = dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma"))
    policy = Policy(dissent=Dissent.RECORD)
    with pytest.raises(AttestationInvalid, match="step 8"):
        attest(held(eth_bob=changed), policy=policy, operators=operators, signers=SEALED).verify()


def test_bounds_that_are_alike_find_an_alias_and_bounds_that_are_not_may_hide_one() -> None:
    token = replace(ETH, id=parse_asset("eip155:1/erc20:0x" + "ab" * 20), label="xETH")
    accounts = [ALICE, BOB, CAROL, b"\x0d" * 20]
    exact = [1_234_567_890_123, 2_345_678_901_234, 3_456_789_012_345, 4_567_890_123_456]

    def alias(shown: Sequence[Balance]) -> AssetId | None:
        template = a_claim().holdings[2]
        holdings = [replace(template, asset=asset.id, account=each) for asset in (token, ETH) for each in accounts]
        claim = a_claim(assets={ETH.id: ETH, token.id: token, BTC.id: BTC, USDT.id: USDT}, holdings=holdings)
        outcomes = [*shown, *(agreed(atoms) for atoms in exact)]
        rows = [
            EvidenceRow(each.asset, each.account, "0xab", outcome, None)
            for each, outcome in zip(claim.holdings, outcomes, strict=True)
        ]
        finding = weigh(claim, {}, rows, Policy(contracts=frozenset({token.id})))
        return finding.backing[token.id].alias

    assert alias([agreed(atoms) for atoms in exact]) == ETH.id
    assert alias([bound(atoms) for atoms in exact]) == ETH.id
    assert alias([agreed(exact[0]), *(bound(7) for _ in exact[1:])]) == ETH.id  # else knowing less would help
    assert alias([agreed(7) for _ in exact]) is None
    assert alias([bound(7) for _ in exact]) is None


def test_in_a_history_a_bound_keeps_a_unit_from_standing_below() -> None:
    def stands(outcome: Balance) -> RatioStanding:
        said = read_summary(attest(held(eth_bob=outcome), signers=SEALED).envelope)
        (line,) = [line for line in said.lines if line.unit == "ETH"]
        return standing(line, complete=said.complete)

    assert stands(agreed(7)) is RatioStanding.BELOW
    assert stands(bound(7)) is RatioStanding.NOT_SHOWN
    assert stands(bound(10**19)) is RatioStanding.ABOVE


# --- what people see


def test_table_page_and_site_say_that_there_may_be_more() -> None:
    true = attested(eth_bob=bound(10**18, gamma=AtLeast(5)), usdt_alice=bound(1_020_000_000_000, gamma=7))
    predicate = true.verify().predicate
    told = " ".join(table(predicate).split())
    assert (
        "lower bounds: 2 holdings (1 ETH, 1 USDT) Only so much could be read of them: what is held may be more." in told
    )
    assert "of some balances only a lower bound could be established" in told
    assert "gamma says 7" in told
    page = render(predicate, true.envelope).decode()
    assert "of the balances only a lower bound is known, so what is held may be more." in page
    assert "at least 1,020,000,000,000</span> atoms are believed" in page


def test_the_summary_of_a_history_has_a_ratio_with_bounds_for_a_lower_one() -> None:
    said = read_summary(attest(held(eth_bob=bound(10**19)), signers=SEALED).envelope)
    assert [line.at_least for line in said.lines] == [0, 1, 0]

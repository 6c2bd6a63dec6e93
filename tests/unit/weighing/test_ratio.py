"""Held against owed: verdicts, and the law that losing evidence never helps."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.amounts import rounded_down
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.sampling import Sample
from scanner.errors import Why
from scanner.weighing.finding import Verdict
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from scanner.weighing.ratio import weigh
from scanner.weighing.tally import LISTED
from tests.support.findings import ASSETS, ETH, USDT, USDT_POLYGON, Rows, finding
from tests.support.strength import cases, examples
from tests.support.tables import each_of

TIMEOUT = Gap(Why.UNREACHABLE)


def verdict(
    rows: Rows, owed: str | None, *, threshold: str = "1", custody: str = "0", complete: bool = True
) -> Verdict:
    result = finding(rows, {"ETH": owed}, threshold=threshold, custody=custody, complete=complete)
    return result.reserves[0].verdict


def test_held_to_the_atom_is_covered_and_one_atom_less_is_short() -> None:
    assert verdict([(ETH, 10**18)], "1") is Verdict.COVERED
    assert verdict([(ETH, 10**18 - 1)], "1") is Verdict.SHORT


def test_a_gap_where_the_rest_covers_what_is_owed_leaves_it_covered() -> None:
    assert verdict([(ETH, 10**18), (ETH, TIMEOUT)], "1") is Verdict.COVERED


def test_a_gap_forbids_the_word_short() -> None:
    assert verdict([(ETH, 1), (ETH, TIMEOUT)], "1") is Verdict.UNKNOWN


def test_a_claim_that_lists_only_a_part_can_never_be_short() -> None:
    assert verdict([(ETH, 1)], "1", complete=False) is Verdict.UNKNOWN
    assert verdict([(ETH, 10**18)], "1", complete=False) is Verdict.COVERED


def test_what_third_parties_are_said_to_hold_never_covers_but_may_forbid_the_word_short() -> None:
    assert verdict([(ETH, 10**18 // 2)], "1", custody="0.5") is Verdict.UNKNOWN
    assert verdict([(ETH, 10**18 // 2)], "1", custody="0.4") is Verdict.SHORT


def test_a_liability_that_was_not_published_is_neither_covered_nor_short() -> None:
    for rows in ([(ETH, 10**18)], [(ETH, 0)], []):
        assert verdict(rows, None) is Verdict.UNKNOWN


@each_of("rows", [[(ETH, 15 * 10**17)], [(ETH, 0)], [(ETH, TIMEOUT)], []])
@each_of("complete", [True, False])
@each_of("threshold", ["1", "0.5", "2"])
def test_where_nothing_is_owed_it_is_covered_and_there_is_no_ratio(rows: Rows, complete: bool, threshold: str) -> None:
    result = finding(rows, {"ETH": "0"}, complete=complete, threshold=threshold, ratios={"ETH": "100%"})
    (reserve,) = result.reserves
    assert (reserve.verdict, reserve.ratio, reserve.stated_agrees) == (Verdict.COVERED, None, None)
    assert result.verdict is Verdict.COVERED


def test_a_complete_claim_that_declares_nothing_against_what_is_owed_is_short() -> None:
    assert finding([], {"ETH": "1"}).verdict is Verdict.SHORT
    assert verdict([(USDT, 10**6)], "1") is Verdict.SHORT
    assert verdict([], "1", custody="1") is Verdict.UNKNOWN  # third parties may hold it all
    assert verdict([], "1", complete=False) is Verdict.UNKNOWN


def test_a_finding_without_liabilities_is_unknown() -> None:
    assert finding([], {}).verdict is Verdict.UNKNOWN


def test_a_stricter_threshold_asks_for_more_than_all() -> None:
    assert verdict([(ETH, 10**18)], "1", threshold="1.01") is Verdict.SHORT


def test_assets_of_one_unit_are_summed_across_chains_in_whole_coins() -> None:
    (reserve,) = finding([(USDT, 1_500_000), (USDT_POLYGON, 500_001)], {"USDT": "2"}).reserves
    assert (reserve.held, reserve.ratio) == (Fraction("2.000001"), Fraction("1.0000005"))


def test_short_in_one_unit_makes_the_finding_short_even_beside_an_unknown_one() -> None:
    assert finding([(ETH, 1), (USDT, TIMEOUT)], {"ETH": "1", "USDT": "1"}).verdict is Verdict.SHORT


def test_one_unknown_unit_makes_the_finding_unknown() -> None:
    assert finding([(ETH, 10**18), (USDT, 1)], {"ETH": "1", "USDT": None}).verdict is Verdict.UNKNOWN


def test_a_finding_counts_all_gaps_and_lists_the_first() -> None:
    result = finding([(ETH, TIMEOUT)] * (LISTED + 7) + [(ETH, Gap(Why.NO_STATE))], {"ETH": "1"})
    assert len(result.gaps) == LISTED
    assert result.gap_counts == {Why.UNREACHABLE: LISTED + 7, Why.NO_STATE: 1}


@each_of(
    ("held", "owed", "printed", "agrees"),
    [
        ("143492", "139199", "103%", True),  # OKX's figures of November 2023
        ("1516071", "1476215", "103%", True),
        ("5341449821", "5244268687", "102%", True),
        ("1341238", "1128504", "104%", False),  # February 2023: 118.85 % by its own figures
        ("1.025", "1", "102%", True),  # halfway, either neighbour is a rounding
        ("1.025", "1", "103%", True),
        ("1.0251", "1", "102%", False),
        ("1.0251", "1", "102.5%", True),
    ],
)
def test_a_stated_ratio_is_held_against_the_computed_one(held: str, owed: str, printed: str, agrees: bool) -> None:
    rows: Rows = [(ETH, int(Fraction(held) * 10**18))]
    assert finding(rows, {"ETH": owed}, ratios={"ETH": printed}).reserves[0].stated_agrees is agrees


def test_nothing_is_said_of_a_stated_ratio_where_holdings_are_missing() -> None:
    for rows, complete in (([(ETH, TIMEOUT)], True), ([(ETH, 10**18)], False), ([], True)):
        result = finding(rows, {"ETH": "1"}, ratios={"ETH": "100%"}, complete=complete)
        assert result.reserves[0].stated_agrees is None


# Ether as OKX published it: held by the exchange, said to be held by custodians, owed.
OKX_MAY_2026 = ("1528286", "66336.03", "1556473.0830153074947602")
OKX_FEBRUARY_2023 = ("1341238", "0", "1128504")


@pytest.mark.parametrize(
    ("figures", "ratios", "printed", "agrees"),
    [
        (OKX_MAY_2026, ("0.981890", "1.024509"), "102%", True),
        (OKX_MAY_2026, ("0.981890", "1.024509"), "98%", True),
        (OKX_MAY_2026, ("0.981890", "1.024509"), "100%", False),
        ((*OKX_MAY_2026[:1], "0", OKX_MAY_2026[2]), ("0.981890", None), "102%", False),
        (OKX_FEBRUARY_2023, ("1.188509", None), "104%", False),
        (OKX_FEBRUARY_2023, ("1.188509", None), "119%", True),
    ],
)
def test_a_stated_ratio_may_be_the_one_with_custody_or_the_one_without(
    figures: tuple[str, str, str], ratios: tuple[str, str | None], printed: str, agrees: bool
) -> None:
    held, custody, owed = figures
    rows: Rows = [(ETH, int(Fraction(held) * 10**18))]
    (reserve,) = finding(rows, {"ETH": owed}, ratios={"ETH": printed}, custody=custody).reserves
    assert reserve.stated_agrees is agrees
    assert reserve.ratio is not None
    with_custody = reserve.ratio_with_custody
    assert (rounded_down(reserve.ratio, 6), with_custody and rounded_down(with_custody, 6)) == ratios


def test_where_only_custody_covers_what_is_owed_the_verdict_is_unknown() -> None:
    rows: Rows = [(ETH, 1_528_286 * 10**18)]
    (reserve,) = finding(rows, {"ETH": "1556473"}, custody="66336.03").reserves
    assert reserve.ratio is not None
    assert reserve.ratio_with_custody is not None
    assert reserve.ratio < 1 < reserve.ratio_with_custody
    assert (reserve.verdict, reserve.held) == (Verdict.UNKNOWN, Fraction(1_528_286))


def test_without_a_liability_there_is_no_ratio_with_custody_either() -> None:
    for owed in (None, "0"):
        assert finding([(ETH, 1)], {"ETH": owed}, custody="5").reserves[0].ratio_with_custody is None


# --- what is shown of who controls the accounts


ONE_OF_EACH: Rows = [(ETH, 10**18 * 2**number) for number in range(len(Control))]


def test_what_is_held_is_told_by_what_is_shown_of_its_control() -> None:
    (reserve,) = finding(ONE_OF_EACH, {"ETH": "1"}, controls=list(Control)).reserves
    assert reserve.by_control == {control: 2**number for number, control in enumerate(Control)}
    assert sum(reserve.by_control.values()) == reserve.held


@pytest.mark.parametrize(
    ("required", "counted"),
    [
        (None, set(Control)),
        (Control.REPLAYABLE, {Control.SHOWN, Control.REPLAYABLE}),
        (Control.SHOWN, {Control.SHOWN}),
    ],
)
def test_a_balance_counts_only_if_as_much_is_shown_of_its_account_as_is_required(
    required: Control | None, counted: set[Control]
) -> None:
    result = finding(ONE_OF_EACH, {"ETH": "1"}, controls=list(Control), require_ownership=required)
    (reserve,) = result.reserves
    assert {control for control, amount in reserve.by_control.items() if amount} == counted
    assert sum(reserve.by_control.values()) == reserve.held
    missing = len(Control) - len(counted)
    assert (reserve.gaps, reserve.holdings) == (missing, len(Control))
    assert result.gap_counts == ({Why.NO_CONTROL: missing} if missing else {})


def test_a_gap_for_want_of_control_says_what_there_is_and_what_was_required() -> None:
    rows: Rows = [(ETH, Balance(5, Basis.QUORUM, ("a", "b"), (("c", 6),)))]
    result = finding(rows, {"ETH": "1"}, controls=[Control.UNVERIFIABLE], require_ownership=Control.REPLAYABLE)
    assert result.gaps[0].outcome == Gap(
        Why.NO_CONTROL, "control UNVERIFIABLE, where the policy requires REPLAYABLE; c says 6"
    )
    assert result.dissents == ()


def test_an_account_without_enough_control_forbids_the_word_short() -> None:
    """Even an empty one: the exchange may have named a stranger's."""
    rows: Rows = [(ETH, 1), (ETH, 0)]
    controls = [Control.SHOWN, Control.ABSENT]
    assert finding(rows, {"ETH": "1"}, controls=controls).verdict is Verdict.SHORT
    assert finding(rows, {"ETH": "1"}, controls=controls, require_ownership=Control.SHOWN).verdict is Verdict.UNKNOWN
    assert finding(rows[:1], {"ETH": "1"}, controls=controls, require_ownership=Control.SHOWN).verdict is Verdict.SHORT


def test_a_weak_basis_is_told_before_a_want_of_control() -> None:
    result = finding(
        [(ETH, own(5))],
        {"ETH": "1"},
        controls=[Control.ABSENT],
        require={"ETH": Basis.PROVEN},
        require_ownership=Control.SHOWN,
    )
    assert result.gap_counts == {Why.WEAK_BASIS: 1}


@pytest.mark.parametrize("control", [Control.UNSHOWN, Control.UNVERIFIABLE, Control.ABSENT])
def test_a_policy_cannot_require_what_is_no_proof(control: Control) -> None:
    with pytest.raises(ValueError, match="nothing that can be required"):
        Policy(require_ownership=control)


def test_rows_that_are_not_the_claims_in_its_order_are_refused() -> None:
    claim = finding([(ETH, 1), (ETH, 2)], {"ETH": "1"}).claim
    rows = [EvidenceRow(each.asset, each.account, "0xab", quorum(1), None) for each in claim.holdings]
    weigh(claim, {}, rows, Policy())
    for wrong in (rows[:1], [*rows, rows[1]], rows[::-1], [replace(rows[0], asset=USDT), rows[1]], []):
        with pytest.raises(ValueError, match=r"belong|no row for|no holding for"):
            weigh(claim, {}, wrong, Policy())


# --- what a policy requires, and what is told of bases and dissent


def proven(atoms: int, *dissent: tuple[str, int]) -> Balance:
    return Balance(atoms, Basis.PROVEN, ("a",), dissent)


def own(atoms: int) -> Balance:
    return Balance(atoms, Basis.OWN, ("a",))


def quorum(atoms: int, *dissent: tuple[str, int]) -> Balance:
    return Balance(atoms, Basis.QUORUM, ("a", "b"), dissent)


COIN = 10**18
MIXED: Rows = [(ETH, proven(COIN)), (ETH, quorum(2 * COIN)), (ETH, own(4 * COIN))]


@pytest.mark.parametrize(
    ("required", "held", "gaps"),
    [(None, 7, 0), (Basis.OWN, 7, 0), (Basis.QUORUM, 3, 1), (Basis.PROVEN, 1, 2)],
)
def test_a_balance_counts_only_on_a_basis_as_strong_as_its_unit_requires(
    required: Basis | None, held: int, gaps: int
) -> None:
    result = finding(MIXED, {"ETH": "1"}, require={"ETH": required} if required else {})
    (reserve,) = result.reserves
    assert (reserve.held, reserve.gaps, reserve.holdings) == (Fraction(held), gaps, 3)
    assert sum(reserve.by_basis.values()) == held
    assert result.gap_counts == ({Why.WEAK_BASIS: gaps} if gaps else {})


def test_a_gap_for_weakness_says_what_there_is_and_what_was_required() -> None:
    (first, second) = finding(MIXED, {"ETH": "1"}, require={"ETH": Basis.PROVEN}).gaps
    assert first.outcome == Gap(Why.WEAK_BASIS, "QUORUM, where the policy requires PROVEN")
    assert second.outcome == Gap(Why.WEAK_BASIS, "OWN, where the policy requires PROVEN")


def test_a_requirement_of_one_unit_leaves_the_others_alone() -> None:
    result = finding([(ETH, own(COIN)), (USDT, own(10**6))], {"ETH": "1", "USDT": "1"}, require={"USDT": Basis.PROVEN})
    assert [(reserve.unit, reserve.verdict) for reserve in result.reserves] == [
        ("ETH", Verdict.COVERED),
        ("USDT", Verdict.UNKNOWN),
    ]


def test_a_requirement_concerns_all_assets_of_its_unit() -> None:
    rows: Rows = [(USDT, proven(10**6)), (USDT_POLYGON, quorum(10**6))]
    (reserve,) = finding(rows, {"USDT": "2"}, require={"USDT": Basis.PROVEN}).reserves
    assert (reserve.held, reserve.gaps, reserve.verdict) == (Fraction(1), 1, Verdict.UNKNOWN)


def test_a_balance_on_too_weak_a_basis_forbids_the_word_short() -> None:
    """Even one of nothing: that there is nothing is not established either."""
    for weak in (quorum(1), quorum(0)):
        rows: Rows = [(ETH, proven(1)), (ETH, weak)]
        assert finding(rows, {"ETH": "1"}).verdict is Verdict.SHORT
        assert finding(rows, {"ETH": "1"}, require={"ETH": Basis.PROVEN}).verdict is Verdict.UNKNOWN
    assert finding([(ETH, proven(1))], {"ETH": "1"}, require={"ETH": Basis.PROVEN}).verdict is Verdict.SHORT


def test_nothing_is_said_of_a_stated_ratio_where_a_balance_is_on_too_weak_a_basis() -> None:
    rows: Rows = [(ETH, proven(COIN)), (ETH, quorum(0))]
    assert finding(rows, {"ETH": "1"}, ratios={"ETH": "100%"}).reserves[0].stated_agrees is True
    required = finding(rows, {"ETH": "1"}, ratios={"ETH": "100%"}, require={"ETH": Basis.PROVEN})
    assert required.reserves[0].stated_agrees is None


def test_dissent_is_counted_by_unit_and_the_first_are_listed_whatever_the_basis() -> None:
    rows: Rows = [(ETH, quorum(5, ("c", 6)))] * LISTED + [(ETH, quorum(5)), (USDT, proven(5, ("b", 0), ("c", 6)))]
    result = finding(rows, {"ETH": "1", "USDT": "1"})
    assert [reserve.dissents for reserve in result.reserves] == [LISTED, 1]
    assert [row.asset for row in result.dissents] == [ETH] * LISTED
    (row,) = finding(rows[-2:], {"ETH": "1", "USDT": "1"}).dissents
    assert row.outcome == proven(5, ("b", 0), ("c", 6))


def test_dissent_on_a_balance_that_does_not_count_is_told_in_its_gap() -> None:
    result = finding([(ETH, quorum(5, ("c", 6), ("d", 0)))], {"ETH": "1"}, require={"ETH": Basis.PROVEN})
    assert result.dissents == ()
    assert result.reserves[0].dissents == 0
    assert result.gaps[0].outcome == Gap(Why.WEAK_BASIS, "QUORUM, where the policy requires PROVEN; c says 6; d says 0")


def test_layouts_and_reasons_are_kept_where_balances_bear_them_out() -> None:
    told = Proving(
        {ETH: "a layout", USDT: "a layout", USDT_POLYGON: "another"},
        {
            ETH: WithoutProof.of([Cause.NO_STATE]),
            USDT: WithoutProof.of([Cause.UNDETERMINED]),
            USDT_POLYGON: WithoutProof.of([Cause.NO_BALANCE]),
        },
        sample=Sample(7),
    )
    owed: dict[str, str | None] = {"ETH": "1", "USDT": "1"}
    rows: Rows = [(ETH, proven(1)), (USDT, proven(1)), (USDT, quorum(1)), (USDT_POLYGON, TIMEOUT)]
    assert finding(rows, owed, proving=told).proving == Proving(
        {USDT: "a layout"}, {USDT: WithoutProof.of([Cause.UNDETERMINED])}, sample=Sample(7)
    )
    assert finding([(ETH, own(1)), (USDT_POLYGON, proven(1))], owed, proving=told).proving == Proving(
        {USDT_POLYGON: "another"}, {ETH: WithoutProof.of([Cause.NO_STATE])}, sample=Sample(7)
    )
    assert finding([], owed, proving=told).proving == Proving(sample=Sample(7))


def test_what_a_policy_forbids_to_count_still_bears_out_why_it_is_not_proven() -> None:
    told = Proving({}, {USDT: WithoutProof.of([Cause.UNDETERMINED])})
    assert finding([(USDT, quorum(1))], {"USDT": "1"}, require={"USDT": Basis.PROVEN}, proving=told).proving == told


# --- policies


@each_of(
    ("ours", "demanded", "told"),
    [
        (Policy(), Policy(), ()),
        (Policy(3, Fraction(2)), Policy(), ()),
        (Policy(1), Policy(), ("quorum 1, demanded 2",)),
        (Policy(), Policy(dissent=Dissent.RECORD), ()),
        (Policy(dissent=Dissent.RECORD), Policy(dissent=Dissent.RECORD), ()),
        (Policy(dissent=Dissent.RECORD), Policy(), ("dissent record, demanded gap",)),
        (
            Policy(require={"BTC": Basis.OWN}),
            Policy(require={"BTC": Basis.QUORUM}),
            ("BTC requires OWN, demanded QUORUM",),
        ),
        (Policy(), Policy(require={"BTC": Basis.OWN}), ()),
        (Policy(require={"ETH": Basis.PROVEN}), Policy(), ()),
        (Policy(require={"ETH": Basis.PROVEN}), Policy(require={"ETH": Basis.QUORUM}), ()),
        (
            Policy(),
            Policy(require_ownership=Control.REPLAYABLE),
            ("ownership not required, demanded REPLAYABLE",),
        ),
        (
            Policy(require_ownership=Control.REPLAYABLE),
            Policy(require_ownership=Control.SHOWN),
            ("ownership REPLAYABLE required, demanded SHOWN",),
        ),
        (Policy(require_ownership=Control.SHOWN), Policy(require_ownership=Control.REPLAYABLE), ()),
        (Policy(require_ownership=Control.SHOWN), Policy(), ()),
        (
            Policy(1, Fraction(1, 2), Dissent.RECORD),
            Policy(require={"ETH": Basis.PROVEN, "BTC": Basis.QUORUM}),
            (
                "quorum 1, demanded 2",
                "threshold 1/2, demanded 1",
                "dissent record, demanded gap",
                "BTC requires OWN, demanded QUORUM",
                "ETH requires OWN, demanded PROVEN",
            ),
        ),
    ],
)
def test_a_policy_that_is_laxer_than_demanded_is_told_point_by_point(
    ours: Policy, demanded: Policy, told: tuple[str, ...]
) -> None:
    assert ours.shortfalls(demanded) == told


outcomes: st.SearchStrategy[int | Gap] = st.one_of(st.integers(0, 3 * 10**6), st.just(TIMEOUT))


NO_PROOF = (Control.UNSHOWN, Control.UNVERIFIABLE, Control.ABSENT)
NO_MORE_THAN = {Control.SHOWN: tuple(Control), Control.REPLAYABLE: (Control.REPLAYABLE, *NO_PROOF)} | dict.fromkeys(
    NO_PROOF, NO_PROOF
)


LOSSES = 4  # tried of each random claim: it is weighed once, and without each of these


def test_losing_evidence_never_helps() -> None:
    """10,000 losses, four of each random claim: what is lost may make a verdict UNKNOWN, and do nothing else.

    Lost is a balance that becomes a gap, or one that is believed on a weaker basis, or of whose account less is shown;
    or a policy requires more.
    """
    rng, seen, weakened, uncontrolled = random.Random(13), set(), 0, 0
    strongest_first = tuple(Basis)
    demands = (None, Control.REPLAYABLE, Control.SHOWN)
    for _ in range(cases(10_000) // LOSSES):
        told: list[int | Gap] = [TIMEOUT, 0, 400_000, 1_000_000, rng.randrange(3 * 10**6)]
        rows: list[tuple[AssetId, Balance | Gap]] = []
        controls: list[Control] = []
        for _ in range(rng.randrange(5)):
            asset, atoms, basis = rng.choice([USDT, USDT_POLYGON]), rng.choice(told), rng.choice(strongest_first)
            rows.append((asset, atoms if isinstance(atoms, Gap) else Balance(atoms, basis, ("a",))))
            controls.append(rng.choice(tuple(Control)))
        owed = {"USDT": rng.choice([None, "0", "0.4", "1", "2", "4"])}
        threshold, complete = rng.choice(["0.5", "1", "1.5"]), rng.random() < 0.8
        required, demand = rng.randrange(3), rng.randrange(len(demands))
        lax = strongest_first[required]
        result = finding(
            rows,
            owed,
            threshold=threshold,
            complete=complete,
            require={"USDT": lax},
            controls=controls,
            require_ownership=demands[demand],
        )
        before = result.verdict
        for _ in range(LOSSES):
            lost: list[tuple[AssetId, Balance | Gap]] = []
            for asset, outcome in rows:
                if isinstance(outcome, Balance):
                    weaker = rng.choice(strongest_first[strongest_first.index(outcome.basis) :])
                    lost.append((asset, TIMEOUT if rng.random() < 0.3 else replace(outcome, basis=weaker)))
                else:
                    lost.append((asset, outcome))
            less = [rng.choice([each, *NO_MORE_THAN[each]]) for each in controls]
            strict = rng.choice(strongest_first[: required + 1])
            later = finding(
                lost,
                owed,
                threshold=threshold,
                complete=complete,
                require={"USDT": strict},
                controls=less,
                require_ownership=rng.choice(demands[demand:]),
            )
            after = later.verdict
            assert after in {before, Verdict.UNKNOWN}, (rows, lost, controls, less, owed, threshold, complete, strict)
            seen.add((before, after))
            weakened += before is not after and Why.WEAK_BASIS in later.gap_counts
            uncontrolled += before is not after and set(later.gap_counts) == {Why.NO_CONTROL}
    assert seen == {(verdict, verdict) for verdict in Verdict} | {(verdict, Verdict.UNKNOWN) for verdict in Verdict}
    assert weakened > cases(100)
    assert uncontrolled > cases(50)


def test_declaring_less_never_helps() -> None:
    """10,000 times, four of each random complete claim: without some of its accounts, or without an asset, no verdict
    is better."""
    rng, worst_first, seen = random.Random(38), (Verdict.SHORT, Verdict.UNKNOWN, Verdict.COVERED), set()
    for _ in range(cases(10_000) // LOSSES):
        told: list[int | Gap] = [TIMEOUT, 0, 400_000, 1_000_000, rng.randrange(3 * 10**6)]
        rows: list[tuple[AssetId, int | Gap]] = [
            (rng.choice([USDT, USDT_POLYGON]), rng.choice(told)) for _ in range(rng.randrange(1, 5))
        ]
        owed, threshold = {"USDT": rng.choice([None, "0", "0.4", "1", "2", "4"])}, rng.choice(["0.5", "1", "1.5"])
        before = finding(rows, owed, threshold=threshold).verdict
        for _ in range(LOSSES):
            dropped = rng.choice([USDT, None])
            fewer = [row for row in rows if row[0] != dropped and rng.random() < 0.6]
            after = finding(fewer, owed, threshold=threshold).verdict
            assert worst_first.index(after) <= worst_first.index(before), (rows, fewer, owed, threshold)
            seen.add((before, after, bool(fewer)))
    assert (Verdict.UNKNOWN, Verdict.SHORT, False) in seen
    assert (Verdict.COVERED, Verdict.SHORT, False) in seen


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([ETH, USDT, USDT_POLYGON]), outcomes, st.sampled_from(Control)),
        max_size=8,
    ),
    st.sampled_from([None, Control.REPLAYABLE, Control.SHOWN]),
)
def test_what_is_held_is_exactly_the_sum_of_the_balances_that_count(
    rows: list[tuple[AssetId, int | Gap, Control]], required: Control | None
) -> None:
    accepted = {None: set(Control), Control.REPLAYABLE: {Control.SHOWN, Control.REPLAYABLE}}.get(
        required, {Control.SHOWN}
    )
    result = finding(
        [row[:2] for row in rows],
        {"ETH": "1", "USDT": "1"},
        controls=[row[2] for row in rows],
        require_ownership=required,
    )
    for reserve in result.reserves:
        own = [row for row in rows if ASSETS[row[0]].backs == reserve.unit]
        counted = [
            (Fraction(outcome, 10 ** ASSETS[asset].decimals), control)
            for asset, outcome, control in own
            if isinstance(outcome, int) and control in accepted
        ]
        assert reserve.held == sum(amount for amount, _ in counted)
        assert (reserve.holdings, reserve.gaps) == (len(own), len(own) - len(counted))
        assert sum(reserve.by_basis.values()) == reserve.held
        for each in Control:
            assert reserve.by_control[each] == sum(amount for amount, control in counted if control is each)

"""Synthetic histories with exact scores; what was tried to raise one; and that losing evidence never does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.control import Control
from scanner.core.owed import STATED, OwedBasis
from scanner.core.shows import Shows
from scanner.history.score.evidence import AttestedFinding, FindingEvidence, UnitEvidence
from scanner.history.score.measures import What
from scanner.history.score.others import REQUIREMENTS
from scanner.history.score.rubric import Points
from scanner.history.score.scoring import Score, scores, unverified
from tests.support.scored_reports import FIRST, PROVEN_TREE, a_finding, a_unit, a_year, attested, shown_of
from tests.support.strength import examples

ALL_OF_IT = ["1", "1", "1", "1", "1", "1"]


def points(score: Score) -> list[str]:
    return [each.points.value for each in score.earned]


def last(entries: Sequence[AttestedFinding], **more: Any) -> Score:
    return scores(entries, auditors=True, **more)[-1]


# Exact scores.


def test_a_year_of_reports_of_which_everything_is_shown_has_six_of_six() -> None:
    found = last(a_year(a_unit("BTC"), a_unit("ETH")))
    assert (points(found), found.halves) == (ALL_OF_IT, 12)
    assert all(not each.raising for each in found.earned)


def test_each_report_is_scored_by_what_came_up_to_it() -> None:
    assert [each.halves for each in scores(a_year(), auditors=True)] == [10, 10, *[11] * 9, 12]


def test_an_exchange_as_most_are_has_exactly_this() -> None:
    bitcoin = a_unit(
        "BTC",
        proven=Fraction(0),
        quorum=Fraction(103),
        control=shown_of(REPLAYABLE=100, ABSENT=3),
        owed_basis=OwedBasis(Shows.INCLUDED, "okx-plonky2", root="ab"),
    )
    ether = a_unit("ETH", control=shown_of(REPLAYABLE=103), owed_basis=bitcoin.owed_basis)
    found = last([attested(a_finding(bitcoin, ether, month=month, share_of_all_owed=None)) for month in range(3)])
    assert points(found) == ["1/2", "NOT SHOWN", "1/2", "1", "0", "0"]
    assert found.halves == 4


def test_reports_of_next_to_nothing_make_no_row_for_one_of_more() -> None:
    tiny = Fraction(1, 10**8)
    little = a_unit(held=tiny, owed=tiny, proven=tiny, control=shown_of(ABSENT=0))
    row = [attested(a_finding(little, month=month, share_of_all_owed=None)) for month in range(11)]
    *_, smallest, whole = scores([*row, attested(a_finding(month=11))])
    assert [points(each)[2] for each in (smallest, whole)] == ["1/2", "0"]
    tenth = a_unit(held=Fraction(11), owed=Fraction(10), proven=Fraction(11), control=shown_of(SHOWN=11))
    enough = [attested(a_finding(tenth, month=month)) for month in range(11)]
    assert points(last([*enough, attested(a_finding(month=11))]))[2] == "1"


def test_a_claim_of_little_takes_nothing_from_another_of_its_moment() -> None:
    tenth = a_unit(held=Fraction(5), owed=Fraction(5), proven=Fraction(5), control=shown_of(SHOWN=5))
    beside = [attested(a_finding(tenth, month=month, claim=f"{month:064}")) for month in range(12)]
    found = scores([*a_year(), *beside])
    assert {points(each)[2] for each in found[-2:]} == {"1"}


def test_a_shortfall_that_is_shown_in_full_scores_as_high_as_a_surplus() -> None:
    short = a_unit(held=Fraction(60), proven=Fraction(60), control=shown_of(SHOWN=60))
    found = last(a_year(short))
    assert points(found) == ALL_OF_IT
    assert found.earned[1].figures[What.FOUND] == Fraction(60, 100)  # and is called a shortfall all the same


def test_what_is_named_is_the_lowest_unit_and_all_that_would_raise_it() -> None:
    weak = a_unit("ETH", control=shown_of(SHOWN=60, REPLAYABLE=43), proven=Fraction(10), quorum=Fraction(93))
    verified = last(a_year(a_unit("BTC"), weak, a_unit("USDT", control=shown_of(SHOWN=90, ABSENT=13)))).earned[0]
    assert (verified.points, verified.unit) == (Points.HALF, "ETH")
    lacking = [(each.demand.what.value, each.units, each.figure) for each in verified.raising]
    assert lacking == [
        ("CONTROL_SHOWN", ("ETH", "USDT"), Fraction(60, 103)),
        ("BALANCES_PROVEN", ("ETH",), Fraction(10, 103)),
    ]


# What was tried to raise it.


def test_two_reports_of_one_day_are_not_more_frequent_than_one() -> None:
    entries = [attested(a_finding(day=day)) for day in range(12)]
    assert last(entries).earned[2].points is Points.NONE


def test_a_row_of_reports_that_show_nothing_is_no_row_of_reports() -> None:
    unknown = a_unit(held=Fraction(90), gaps=3)
    entries = a_year(unknown)
    assert last(entries).earned[2].points is Points.NONE
    assert last([*entries[:-1], attested(a_finding(month=11))]).earned[2].points is Points.NONE


def test_reports_of_the_best_coin_alone_are_no_reports_of_the_others() -> None:
    monthly = [attested(a_finding(a_unit("BTC"), month=month)) for month in range(11)]
    found = last([*monthly, attested(a_finding(a_unit("BTC"), a_unit("ETH"), month=11))]).earned[2]
    assert (found.points, found.unit) == (Points.NONE, "ETH")


def test_a_claim_of_the_best_coin_alone_hides_no_other_claim_of_its_moment() -> None:
    weak = a_finding(a_unit("BTC"), a_unit("ETH", owed_basis=STATED), claim="11" * 32)
    best = a_finding(a_unit("BTC"), claim="22" * 32, share_of_all_owed=Fraction("0.165"))
    found = scores([attested(weak), attested(best)])
    assert [points(each)[:2] + points(each)[3:5] for each in found] == [
        ["1", "1", "NOT SHOWN", "NOT SHOWN"],
        ["1", "0", "1", "1"],
    ]


def test_reports_that_were_attested_late_are_not_frequent_ones() -> None:
    entries = [attested(a_finding(month=month), days=46) for month in range(12)]
    assert last(entries).earned[2].points is Points.NONE
    assert last([replace(each, scanned_at=each.scanned_at - timedelta(days=1)) for each in entries]).halves == 10


def test_one_key_is_one_auditor_by_however_many_envelopes() -> None:
    finding = a_finding()
    both = [attested(finding, ("first",), number=number) for number in range(2)]
    assert last(both).earned[5].points is Points.HALF
    assert last([*both, attested(finding, ("second",))]).earned[5].points is Points.WHOLE


def test_two_auditors_of_two_findings_are_not_two_of_one() -> None:
    claim = "11" * 32
    one, other = a_finding(claim=claim), a_finding(a_unit(held=Fraction(104)), claim=claim)
    assert last([attested(one, ("first",)), attested(other, ("second",))]).earned[5].points is Points.HALF


def test_without_a_listed_key_no_auditor_is_shown() -> None:
    assert scores([attested(a_finding())])[-1].earned[5].points is Points.NOT_SHOWN


def test_of_a_claim_without_units_and_of_an_unverified_one_nothing_is_shown() -> None:
    empty = replace(a_finding(), units=())
    for found in (last([attested(empty, ("first", "second"))]), unverified("11" * 32, FIRST)):
        assert set(points(found)) == {"NOT SHOWN"}
        assert found.halves == 0
        assert not any(found.shown)
        assert all(each.raising for each in found.earned)


def test_a_claim_counts_by_the_finding_that_shows_most_of_it() -> None:
    claim = "11" * 32
    full, lost = a_finding(claim=claim), a_finding(a_unit(gaps=20, held=Fraction(0)), claim=claim)
    (found,) = scores([attested(lost), attested(full)])
    assert found.finding == full


def test_an_exchange_that_stopped_reporting_is_no_longer_frequent() -> None:
    entries = a_year()
    on = entries[-1].finding.as_of
    assert last(entries, now=on + timedelta(days=80)).halves == 12
    found = scores(entries, auditors=True, now=on + timedelta(days=81))
    assert [each.halves for each in found[-2:]] == [11, 11]  # only of the last is asked what came after
    assert found[-1].earned[2].points is Points.HALF  # quarterly ones are still due
    assert last(entries, now=on + timedelta(days=146)).earned[2].points is Points.NONE


def test_requirements_of_the_other_rubric_follow_from_the_same_measures() -> None:
    names = [each.id for each in REQUIREMENTS]
    assert names == ["S1-2", "S1-3", "S1-4", "S1-7", "S1-9", "S2-3", "S2-8"]
    shown = dict(zip(names, last(a_year()).shown, strict=True))
    assert [name for name, is_shown in shown.items() if not is_shown] == ["S2-3", "S2-8"]
    weekly = [attested(a_finding(day=7 * week)) for week in range(9)]
    assert dict(zip(names, last(weekly).shown, strict=True))["S2-8"]
    one = last([attested(a_finding(a_unit(gaps=1, owed_basis=STATED, control={})))])
    assert not any(one.shown)


# Losing evidence.

amounts = st.integers(0, 60).map(Fraction)
bases = st.builds(
    OwedBasis,
    st.sampled_from(Shows),
    st.just("bitmex"),
    root=st.sampled_from([None, "ab"]),
    assumes=st.sampled_from([(), ("complete",), ("keys", "setup")]),
    remarks=st.sampled_from([(), ("negative",), ("no-customer-file",), ("hash-64",)]),
)


@st.composite
def a_shown_unit(draw: st.DrawFn, name: str) -> UnitEvidence:
    parts = {word: draw(amounts) for word in (Control.SHOWN, Control.REPLAYABLE, Control.ABSENT)}
    held = sum(parts.values(), Fraction(0))
    proven = draw(st.sampled_from([held, held * 96 / 100, held / 2, Fraction(0)]))
    return a_unit(
        name,
        held=held,
        owed=draw(st.sampled_from([None, *map(Fraction, (1, 50, 100))])),
        holdings=draw(st.integers(0, 20)),
        control=parts,
        proven=proven,
        quorum=held - proven,
        apart=draw(st.sampled_from([False, False, True])),
        owed_basis=draw(st.sampled_from([None, STATED, PROVEN_TREE]) | bases),
    )


@st.composite
def a_history(draw: st.DrawFn) -> list[AttestedFinding]:
    entries = []
    for number in range(draw(st.integers(1, 6))):
        names = draw(st.sampled_from([("BTC",), ("BTC", "ETH")]))
        units = [draw(a_shown_unit(name) | st.just(a_unit(name))) for name in names]
        share = draw(st.sampled_from([None, Fraction(1), Fraction(9, 10), Fraction(1, 10)]))
        finding = a_finding(
            *units, day=draw(st.sampled_from([30 * number, number, 90 * number])), share_of_all_owed=share,
            operators=draw(st.integers(1, 2)),
        )  # fmt: skip
        auditors = tuple(draw(st.sets(st.sampled_from(["first", "second"]))))
        entries.append(attested(finding, auditors, draw(st.sampled_from([1, 40, 60])), number))
    return entries


def a_gap(unit: UnitEvidence, word: Control) -> UnitEvidence:
    """One account of this control is lost, with half of what such accounts hold."""
    lost = unit.control.get(word, Fraction(0)) / 2
    proven = min(unit.proven, unit.held - lost)
    held = unit.held - lost
    return replace(
        unit,
        held=held,
        gaps=min(unit.gaps + 1, unit.holdings),
        control={**unit.control, word: lost},
        proven=proven,
        quorum=held - proven,
    )


def a_bound(unit: UnitEvidence, word: Control) -> UnitEvidence:
    return replace(a_gap(unit, word), gaps=unit.gaps, at_least=unit.at_least + 1)


def without_control(unit: UnitEvidence, word: Control) -> UnitEvidence:
    parts = dict(unit.control)
    parts[Control.ABSENT] = parts.get(Control.ABSENT, Fraction(0)) + parts.pop(word, Fraction(0))
    return replace(unit, control=parts)


LOSSES: dict[str, Callable[[UnitEvidence], UnitEvidence]] = {
    **{f"a balance, {word}": partial(a_gap, word=word) for word in Control},
    **{f"a balance known from below, {word}": partial(a_bound, word=word) for word in Control},
    "a proof of a balance": lambda unit: replace(unit, proven=unit.proven / 2, quorum=unit.held - unit.proven / 2),
    "proofs of control": lambda unit: without_control(unit, Control.SHOWN),
    "other proofs of control": lambda unit: without_control(unit, Control.REPLAYABLE),
    "the proof of what is owed": lambda unit: replace(unit, owed_basis=unit.owed_basis and STATED),
    "a customer's path": lambda unit: replace(
        unit,
        owed_basis=unit.owed_basis
        and replace(unit.owed_basis, remarks=tuple(sorted({*unit.owed_basis.remarks, "no-customer-file"}))),
    ),
    "what is owed": lambda unit: replace(unit, owed=None, owed_basis=None),
}


def changed(finding: FindingEvidence, **changes: Any) -> FindingEvidence:
    """What would be stated instead: another finding on the same claim."""
    return replace(finding, digest=f"{finding.digest} without", **changes)


def sums(entries: Sequence[AttestedFinding], now: int | None, *, auditors: bool = True) -> dict[str, int]:
    moment = None if now is None else FIRST + timedelta(days=now)
    return {each.claim: each.halves for each in scores(entries, auditors=auditors, now=moment)}


@given(a_history(), st.data(), st.sampled_from([None, 0, 500, 5000]))
@settings(max_examples=examples(200))
def test_losing_any_evidence_never_raises_the_score_of_a_claim(
    entries: list[AttestedFinding], data: st.DataObject, now: int | None
) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    entry, before = entries[at], sums(entries, now)
    finding = entry.finding
    unit = data.draw(st.integers(0, len(finding.units) - 1))
    poorer: dict[str, list[AttestedFinding]] = {
        "the entry": [],
        "its auditors": [replace(entry, auditors=frozenset())],
        "one auditor": [replace(entry, auditors=entry.auditors - {"first"})],
        "of how much it speaks": [replace(entry, finding=changed(finding, share_of_all_owed=None))],
        "other accounts": [replace(entry, finding=changed(finding, complete=False))],
        "an operator": [replace(entry, finding=changed(finding, operators=1))],
        "its time": [replace(entry, scanned_at=entry.scanned_at + timedelta(days=60))],
    }
    for name, loss in LOSSES.items():
        units = [loss(each) if number == unit else each for number, each in enumerate(finding.units)]
        poorer[name] = [replace(entry, finding=changed(finding, units=tuple(units)))]
    for name, left in poorer.items():
        after = sums([*entries[:at], *left, *entries[at + 1 :]], now)
        assert all(halves <= before[claim] for claim, halves in after.items()), name
    unlisted = sums(entries, now, auditors=False)
    assert all(halves <= before[claim] for claim, halves in unlisted.items())

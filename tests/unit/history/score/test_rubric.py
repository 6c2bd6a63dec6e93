"""What each criterion asks for: everything that earns the whole is broken by itself, and so is what earns a half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.history.score.frequency import Timeline
from scanner.history.score.measures import COUNTS, MEASURES, YES, Measured, Subject, What, measured
from scanner.history.score.rubric import CRITERIA, Points, lowest
from tests.support.scored_reports import FIRST, PROVEN_TREE, a_finding, a_unit, shown_of
from tests.support.tables import each_of

WHOLE, HALF, NONE, NOT_SHOWN = Points.WHOLE, Points.HALF, Points.NONE, Points.NOT_SHOWN
OF = {criterion.name: criterion for criterion in CRITERIA}


def of_unit(
    unit: Mapping[str, Any] | None = None, days: int = 330, step: int = 30, auditors: int | None = 2, **finding: Any
) -> Measured:
    moments = {FIRST - timedelta(days=ago): Fraction(1) for ago in range(0, days + 1, step)}
    followed = Timeline(moments).up_to(FIRST, Fraction(1))
    return measured(Subject(a_unit(**(unit or {})), a_finding(**finding), followed, len(moments), auditors))


@each_of("name", OF)
def test_what_has_all_that_is_asked_for_earns_each_criterion_in_full(name: str) -> None:
    assert OF[name].points(of_unit()) is WHOLE
    assert OF[name].lacking(of_unit()) == ()


@each_of(
    ("unit", "finding", "expected"),
    [
        ({"gaps": 1}, {}, NONE),  # the share of what is held would rise if the rest were lost
        ({"at_least": 1}, {}, NONE),
        ({"holdings": 0}, {}, NONE),
        ({"control": shown_of(SHOWN=98, REPLAYABLE=5)}, {}, WHOLE),
        ({"control": shown_of(SHOWN=97, REPLAYABLE=6)}, {}, HALF),
        ({"control": shown_of(REPLAYABLE=52, ABSENT=51)}, {}, HALF),
        ({"control": shown_of(REPLAYABLE=51, ABSENT=52)}, {}, NONE),
        ({"control": shown_of(UNSHOWN=103)}, {}, NONE),
        ({"control": shown_of(UNVERIFIABLE=103)}, {}, NONE),
        ({"proven": Fraction(97), "quorum": Fraction(6)}, {}, HALF),
        ({"proven": Fraction(0), "quorum": Fraction(103)}, {}, HALF),
        ({"proven": Fraction(0), "quorum": Fraction(103)}, {"operators": 1}, NONE),  # one operator's word alone
        ({"proven": Fraction(0), "own": Fraction(103)}, {"operators": 1}, HALF),
        ({"held": Fraction(0), "proven": Fraction(0), "control": {}}, {}, NOT_SHOWN),  # no share of nothing
    ],
)
def test_assets_are_verified_by_control_and_proofs(unit: Any, finding: Any, expected: Points) -> None:
    assert OF["assets-verified"].points(of_unit(unit, **finding)) is expected


@each_of(
    ("unit", "finding", "expected"),
    [
        ({}, {"share_of_all_owed": None}, NOT_SHOWN),  # what the claim leaves out is not known
        ({}, {"share_of_all_owed": Fraction("0.94")}, HALF),
        ({}, {"share_of_all_owed": Fraction("0.165")}, NONE),  # a claim that declares only its best coin
        ({}, {"complete": False}, HALF),
        ({"gaps": 2}, {}, HALF),
        ({"gaps": 1}, {}, WHOLE),
        ({"gaps": 11}, {}, NONE),
        ({"held": Fraction(60)}, {}, WHOLE),  # a shortfall that is shown in full
        ({"held": Fraction(60), "gaps": 1}, {}, HALF),
        ({"held": Fraction(60), "at_least": 1}, {}, HALF),
        ({"held": Fraction(60)}, {"complete": False}, HALF),
        ({"held": Fraction(40)}, {}, WHOLE),
        ({"held": Fraction(40)}, {"share_of_all_owed": Fraction("0.9")}, HALF),
        ({"held": Fraction(40)}, {"complete": False}, NONE),
        ({"held": Fraction(60), "custody": Fraction(41)}, {}, HALF),  # what a custodian holds no one has read
        ({"held": Fraction(49), "gaps": 1}, {}, NONE),
        ({"owed": None}, {}, NOT_SHOWN),
        ({"apart": True}, {}, NOT_SHOWN),
        ({"holdings": 0, "held": Fraction(0)}, {}, NOT_SHOWN),  # an empty claim shows no shortfall
    ],
)
def test_assets_are_covered_as_far_as_they_were_looked_for(unit: Any, finding: Any, expected: Points) -> None:
    assert OF["assets-covered"].points(of_unit(unit, **finding)) is expected


@each_of(
    ("days", "step", "expected"),
    [
        (330, 35, HALF),  # 315 days of them
        (350, 35, WHOLE),
        (330, 36, HALF),
        (360, 90, HALF),
        (300, 100, HALF),
        (303, 101, NONE),
        (180, 90, NONE),
        (60, 30, HALF),
        (55, 1, NONE),  # however many
        (0, 1, NONE),
    ],
)
def test_reports_are_frequent_by_days_and_not_by_their_number(days: int, step: int, expected: Points) -> None:
    assert OF["frequent"].points(of_unit(days=days, step=step)) is expected


@each_of(
    ("basis", "checkable", "proven"),
    [
        (None, NOT_SHOWN, NOT_SHOWN),
        (OwedBasis(Shows.STATED), NOT_SHOWN, NOT_SHOWN),
        (OwedBasis(Shows.STATED, "bitmex", remarks=("refuted",)), NONE, NONE),
        (OwedBasis(Shows.STATED, "okx-plonky2", root="ab"), HALF, NONE),
        (OwedBasis(Shows.INCLUDED, "bybit", root="ab"), WHOLE, NONE),
        (OwedBasis(Shows.INCLUDED, "bybit", root="ab", remarks=("file-root",)), HALF, NONE),
        (OwedBasis(Shows.INCLUDED, "swissborg", root="ab", remarks=("unopened-leaf",)), HALF, NONE),
        (OwedBasis(Shows.SUM_BOUND, "swissborg", root="ab"), WHOLE, HALF),
        (OwedBasis(Shows.TOTAL_PROVEN, "binance", root="ab", assumes=("keys", "setup")), WHOLE, HALF),
        (replace(PROVEN_TREE, remarks=("no-customer-file",)), HALF, WHOLE),
        (replace(PROVEN_TREE, remarks=("negative",)), WHOLE, HALF),
        (replace(PROVEN_TREE, remarks=("made-up-debtors",)), WHOLE, HALF),
        (replace(PROVEN_TREE, remarks=("hash-64", "user-hash")), WHOLE, WHOLE),
        (replace(PROVEN_TREE, remarks=("of-a-scheme-of-another-package",)), WHOLE, HALF),
        (replace(PROVEN_TREE, assumes=("of-a-scheme-of-another-package",)), WHOLE, HALF),
        (replace(PROVEN_TREE, root=None), NONE, WHOLE),
    ],
)
def test_liabilities_count_by_what_was_shown_of_them(
    basis: OwedBasis | None, checkable: Points, proven: Points
) -> None:
    of = of_unit({"owed_basis": basis})
    assert (OF["liabilities-checkable"].points(of), OF["liabilities-proven"].points(of)) == (checkable, proven)


@each_of(("signed", "expected"), [(None, NOT_SHOWN), (0, NONE), (1, HALF), (2, WHOLE), (3, WHOLE)])
def test_auditors_count_by_their_keys(signed: int | None, expected: Points) -> None:
    assert OF["auditors"].points(of_unit(auditors=signed)) is expected


def test_the_lowest_unit_counts_and_of_none_nothing_is_shown() -> None:
    assert lowest([WHOLE, HALF, WHOLE]) is HALF
    assert lowest([NONE, NOT_SHOWN]) is NOT_SHOWN
    assert lowest([]) is NOT_SHOWN


def test_every_condition_asks_for_something_that_is_measured_and_no_measure_is_two_kinds() -> None:
    assert len({criterion.name for criterion in CRITERIA}) == len(CRITERIA) == 6
    assert all(criterion.whole and criterion.half and all(criterion.half) for criterion in CRITERIA)
    assert MEASURES.keys() == set(What)
    assert not YES & COUNTS

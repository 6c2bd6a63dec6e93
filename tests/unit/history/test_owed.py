"""What a history notes of published proofs of what is owed: each rule, and its edge."""

from __future__ import annotations

from scanner.history import series
from scanner.history.entry import OwedSummary
from scanner.history.owed import Noted, OwedChange, noted
from scanner.report.log_table import owed_changes
from tests.support.history_entries import a_line, an_entry
from tests.support.tables import each_of

FIRST, SECOND, THIRD = (f"2024-0{month}-28T00:00:00Z" for month in (1, 2, 3))


def a_tree(
    root: str = "aa", total: str = "100", entries: int = 10, scheme: str = "bitmex", shows: str = "TOTAL-PROVEN"
) -> OwedSummary:
    return OwedSummary(shows, scheme, total, root, entries)


STATED = OwedSummary("STATED", None, None, None, None)


def found(*bases: OwedSummary | None) -> list[Noted]:
    entries = [an_entry(month, month, [a_line(owed_basis=basis)]) for month, basis in enumerate(bases, 1)]
    return noted(series.points(series.reports(entries), "BTC"))


@each_of(
    ("before", "now", "expected"),
    [
        (a_tree(), a_tree("bb", "110", 11), []),
        (a_tree(), a_tree("bb", "90", 9), []),  # customers left
        (a_tree(), a_tree("bb", "90", 10), []),
        (a_tree(), a_tree("bb", "99.99999999", 11), [OwedChange.TOTAL_FELL]),
        (a_tree(), a_tree("bb", "100", 11), []),
        (a_tree(), a_tree("aa"), [OwedChange.SAME_ROOT]),
        (a_tree(), a_tree("bb", scheme="river"), [OwedChange.OTHER_SCHEME]),
        (a_tree(), a_tree("bb", shows="INCLUDED"), [OwedChange.SHOWS_LESS]),
        (a_tree(), STATED, [OwedChange.OTHER_SCHEME, OwedChange.SHOWS_LESS]),
        (STATED, a_tree(), []),
        (STATED, STATED, []),
        (None, a_tree(), []),
        (a_tree(), None, []),
    ],
)
def test_what_is_noted_between_two_reports(
    before: OwedSummary | None, now: OwedSummary | None, expected: list[OwedChange]
) -> None:
    assert found(before, now) == [Noted(SECOND, FIRST, what) for what in expected]


def test_a_root_is_compared_with_all_earlier_reports() -> None:
    assert found(a_tree("aa"), a_tree("bb"), a_tree("aa")) == [Noted(THIRD, FIRST, OwedChange.SAME_ROOT)]


def test_a_report_that_says_nothing_of_what_is_owed_hides_no_change() -> None:
    assert found(a_tree(), None, STATED) == [
        Noted(THIRD, FIRST, OwedChange.OTHER_SCHEME),
        Noted(THIRD, FIRST, OwedChange.SHOWS_LESS),
    ]


def test_an_entry_that_was_not_verified_says_nothing() -> None:
    entries = [
        an_entry(1, 1, [a_line(owed_basis=a_tree())]),
        an_entry(2, 2, [a_line(owed_basis=a_tree())], verified=False),
    ]
    assert noted(series.points(series.reports(entries), "BTC")) == []


def test_each_change_is_told_with_both_moments() -> None:
    unit = {"owedChanges": [{"asOf": SECOND, "comparedWith": FIRST, "what": what.value} for what in OwedChange]}
    told = list(owed_changes(unit))
    assert len(told) == len(OwedChange)
    assert told[0] == "owed as of 2024-02-28: the published root is the one of 2024-01-28"

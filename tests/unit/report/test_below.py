"""Where less is held than was owed: only between reports, only on complete evidence, and with both dates."""

from __future__ import annotations

from typing import Any

from scanner.report.below import below_owed, sentences, standing
from scanner.weighing.standing import RatioStanding
from tests.support import jobs
from tests.support.tables import each_of


def a_finding(as_of: str = "2026-01-02T00:00:00Z", complete: bool = True, **changes: Any) -> dict[str, Any]:
    reserve = jobs.reserve("ETH", "UNKNOWN", "90", "100", None) | changes
    finding: dict[str, Any] = jobs.predicate("UNKNOWN", [reserve])["finding"]
    return finding | {"asOf": as_of, "complete": complete}


def test_it_is_said_with_both_amounts_and_dates() -> None:
    assert below_owed(a_finding()) == ["ETH"]
    assert list(sentences(a_finding())) == [
        "ETH: 90 held as of 2026-01-02 00:00 UTC, less than the 100 owed as of 2026-01-01 00:00 UTC."
    ]
    assert list(sentences(a_finding(custody="9"))) == [
        "ETH: 90 held as of 2026-01-02 00:00 UTC, and 9 with third parties, less than the 100 owed as of"
        " 2026-01-01 00:00 UTC."
    ]


@each_of(
    "changes",
    [
        {"gaps": 1},
        {"atLeast": 1},
        {"complete": False},
        {"custody": "10"},
        {"owed": None},
        {"withheld": [{"why": "MOMENTS_APART", "detail": ""}]},
        {"held": "100"},
    ],
)
def test_whatever_may_be_more_is_not_below(changes: dict[str, Any]) -> None:
    finding = a_finding(**changes)
    assert standing(finding, finding["reserves"][0]) is not RatioStanding.BELOW
    assert (below_owed(finding), list(sentences(finding))) == ([], [])


def test_at_a_reports_own_moment_the_verdict_says_it() -> None:
    finding = a_finding("2026-01-01T00:00:00Z")
    assert standing(finding, finding["reserves"][0]) is RatioStanding.BELOW
    assert (below_owed(finding), list(sentences(finding))) == ([], [])

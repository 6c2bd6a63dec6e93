"""What is told of an attestation in the tables of a history, and on its page of a site."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.report.log_table import doubts

PLAIN: dict[str, Any] = {
    "verified": [{}],
    "counts": True,
    "contradicted": False,
    "complete": True,
    "threshold": "1",
    "asOf": "2026-02-01T00:00:00Z",
    "owedAsOf": "2026-02-01T00:00:00Z",
    "reserves": [],
}
BELOW = [{"unit": f"U{number}", "standing": "BELOW"} for number in range(6)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"threshold": "1.05"}, []),
        ({"threshold": "0.95"}, ["its policy calls 95% covered"]),
        ({"complete": False}, ["a part of the accounts"]),
        ({"counts": False}, ["does not count: another for the same claim does"]),
        (
            {"counts": False, "owedAsOf": "2026-01-01T00:00:00Z"},
            ["between reports, what is owed as of 2026-01-01: no report, and in no streak"],
        ),
        (
            {"owedAsOf": "2026-01-01T00:00:00Z", "reserves": [*BELOW, {"unit": "BTC", "standing": "ABOVE"}]},
            [
                "between reports, what is owed as of 2026-01-01: no report, and in no streak",
                "less held than was owed then of U0, U1, U2, U3 and 2 more units",
            ],
        ),
        (
            {"owedAsOf": "2026-01-01T00:00:00Z", "reserves": BELOW, "verified": []},
            ["between reports, what is owed as of 2026-01-01: no report, and in no streak"],
        ),
        ({"reserves": BELOW}, []),  # at its own moment the verdict says it
        ({"contradicted": True}, ["contradicted by another attestation of the same claim"]),
    ],
)
def test_what_has_to_be_known_of_an_attestation_is_told(changed: dict[str, Any], told: list[str]) -> None:
    assert doubts(PLAIN | changed) == told

"""What nobody verified is shown only where its parts fit each other: else one clear error, never a crash."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from scanner.report import series_table, together_table
from scanner.report.well_formed import check
from tests.support.golden_series import SERIES, TOGETHER, stated
from tests.support.tables import each_of

LENT, LENDING = stated("series", "lent"), stated("together", "lending")
Change = Callable[[dict[str, Any]], object]


def test_what_was_verified_can_be_shown() -> None:
    for name in SERIES:
        check(stated("series", name))
    for name in TOGETHER:
        check(stated("together", name))
    check({"flows": {}, "run": {}})


def without_own(series: dict[str, Any]) -> None:
    series["points"] = [point for point in series["points"] if point["at"] != series["asOf"]]


@each_of(
    ("change", "told"),
    [
        (without_own, "no point at the claim's own moment"),
        (lambda series: series["points"].reverse(), "out of order"),
        (lambda series: series["points"][0]["units"].clear(), "other units"),
        (lambda series: series["points"][0]["units"][0].update(unit="BTC"), "other units"),
        (lambda series: [point["units"].append(point["units"][0]) for point in series["points"]], "stands twice"),
        (lambda series: series["sustained"][0].update(window=10**30), "is none of the series"),
        (lambda series: series["sustained"][0].update(unit="BTC"), "is none of the series"),
        (lambda series: series["later"][0].update(after=10**30), "no moment of the series"),
        (lambda series: series["later"][0].update(unit="BTC"), "no moment of the series"),
    ],
)
def test_a_series_whose_parts_do_not_fit_is_refused(change: Change, told: str) -> None:
    predicate = copy.deepcopy(LENT)
    change(predicate["series"])
    with pytest.raises(ValueError, match=f"it cannot be shown: .*{told}"):
        check(predicate)


def test_claims_together_of_a_claim_that_is_none_of_them_are_refused() -> None:
    predicate = copy.deepcopy(LENDING)
    predicate["together"]["points"][1]["alone"][0]["claim"] = f"sha256:{'0' * 64}"
    with pytest.raises(ValueError, match="of a claim that is none of those together"):
        check(predicate)


def test_what_can_be_shown_is_shown_as_a_table() -> None:
    assert "ETH, 3 d before and after: at least 10 of the 103" in series_table.render(LENT)
    told = together_table.render(LENDING)
    assert "2023-11-22 16:00 UTC, the moment of First" in told
    assert "ETH, jointly SHORT" in told


@each_of(
    ("stated", "written"),
    [
        ({"held": "0", "gaps": 2}, "not established"),
        ({"held": "77", "gaps": 2}, "≥77"),
        ({"held": "77", "atLeast": 1}, "≥77"),
        ({"held": "0"}, "0"),
        ({"held": "77"}, "77"),
    ],
)
def test_what_was_not_read_is_no_zero_in_a_table(stated: dict[str, Any], written: str) -> None:
    series, joint = copy.deepcopy(LENT), copy.deepcopy(LENDING)
    unit = {"gaps": 0, "atLeast": 0} | stated
    own = next(point for point in series["series"]["points"] if point["at"] == series["series"]["asOf"])
    own["units"][0].update(unit)
    joint["together"]["points"][0]["together"][0].update(unit)
    (line,) = (line for line in series_table.render(series).splitlines() if " UTC * " in line)
    assert written in re.split(r"\s{2,}", line)
    line = next(line for line in together_table.render(joint).splitlines() if line.strip().startswith("together "))
    assert written in re.split(r"\s{2,}", line)

"""Whether what is stated of several moments can be shown at all: beyond its shape, its parts have to fit each other.

A file that was not verified may state anything. What verification computes again (`attesting.series.verify`,
`attesting.together.verify`) fits; here stands only what tables, charts and pages rely on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from scanner.report.axes import seconds
from scanner.weighing.schedule import AFTERWARDS


def check(predicate: Mapping[str, Any]) -> None:
    """Raises ValueError for a predicate of a series, or of claims together, that does not fit."""
    for fault in _of_series(predicate["series"]) if "series" in predicate else _of_together(predicate):
        raise ValueError(f"it cannot be shown: {fault}")


def _of_series(series: Mapping[str, Any]) -> Iterator[str]:
    own = next((point for point in series["points"] if point["at"] == series["asOf"]), None)
    if own is None:
        yield f"there is no point at the claim's own moment, {series['asOf']}"
        return
    times = [point["at"] for point in series["points"]]
    if times != sorted(times):
        yield "its points are out of order"
    units = [each["unit"] for each in own["units"]]
    if len(set(units)) < len(units):
        yield "a unit stands twice in one point"
    for point in series["points"]:
        if [each["unit"] for each in point["units"]] != units:
            yield f"the point of {point['at']} is of other units than that of the claim's own moment"
    most = seconds(series["schedule"]["end"]) - seconds(series["schedule"]["start"])
    for each in series["sustained"]:
        if each["unit"] not in units or each["window"] > most:
            yield f"a window of {each['window']:,} seconds, of {each['unit'][:80]!a}, is none of the series"
    lengths = {after // timedelta(seconds=1) for after in AFTERWARDS}
    for each in series["later"]:
        if each["unit"] not in units or each["after"] not in lengths:
            yield f"{each['after']:,} seconds after the moment, of {each['unit'][:80]!a}, is no moment of the series"


def _of_together(predicate: Mapping[str, Any]) -> Iterator[str]:
    if "together" not in predicate:  # flows
        return
    together = predicate["together"]
    claims = {claim["claim"] for claim in together["claims"]}
    for point in together["points"]:
        if any(alone["claim"] not in claims for alone in point["alone"]):
            yield f"the point of {point['at']} is of a claim that is none of those together"

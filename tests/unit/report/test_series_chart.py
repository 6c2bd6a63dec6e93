"""A series drawn: every point in its place, gaps as gaps, lower bounds marked, what lasted as a line, and a legend."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from scanner.report.series_chart import described, series_chart, series_legend
from scanner.report.series_points import nearest, owed_of, points_of
from scanner.report.site import shell
from scanner.weighing.standing import RatioStanding
from tests.support.golden_series import stated
from tests.support.tables import each_of

LENT, GROWN, MISSING = (stated("series", name)["series"] for name in ("lent", "grown", "missing"))
NUMBERS = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy")


def changed(of: dict[str, Any] = LENT, **points: Any) -> dict[str, Any]:
    """With something else in every point's unit but the claim's own."""
    series = copy.deepcopy(of)
    for point in series["points"]:
        if point["at"] != series["asOf"]:
            point["units"][0].update(points)
    return series


def drawn(series: dict[str, Any]) -> ElementTree.Element:
    chart = series_chart(series, "ETH", "ETH", "c")
    assert chart is not None
    return ElementTree.fromstring(str(chart))


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in svg.iter() if name in (each.get("class") or "").split()]


def kinds(svg: ElementTree.Element) -> list[str]:
    return [(each.get("class") or "").removeprefix("mark ") for each in of_class(svg, "mark")]


def lengths(svg: ElementTree.Element) -> list[int]:
    return [len((run.get("points") or "").split()) for run in of_class(svg, "run")]


def test_what_was_lent_around_the_moment_is_red_before_and_after_it_and_what_lasted_is_a_line_below_100() -> None:
    svg = drawn(LENT)
    assert kinds(svg) == ["below"] * 3 + ["above"] * 3 + ["below"] * 3
    assert lengths(svg) == [9]
    (line,) = of_class(svg, "sustained")
    (full,) = [each for each in of_class(svg, "full") if each.tag == "line"]
    assert line.findtext("title") == "93.00% sustained, 3 d before and after"
    assert line.get("y1") == line.get("y2")
    assert int(line.get("y1") or 0) > int(full.get("y1") or 0)
    assert [each.text for each in of_class(svg, "last")] == ["93.00%"]
    assert [each.text for each in of_class(svg, "step") if each.tag == "text"][-2:] == ["sustained", "± 3 d"]


def test_a_series_of_hours_has_the_time_of_day_below_it_and_one_of_days_has_not() -> None:
    days = [each.text for each in of_class(drawn(LENT), "step") if each.text and each.text.startswith("2023")]
    assert days == ["2023-11-19", "2023-11-26"]
    short = LENT | {"schedule": LENT["schedule"] | {"start": "2023-11-22T15:00:00Z", "end": "2023-11-22T17:00:00Z"}}
    short["points"] = [each for each in LENT["points"] if each["at"] == LENT["asOf"]]
    hours = [each.text for each in of_class(drawn(short), "step") if each.text and each.text.startswith("2023")]
    assert hours == ["2023-11-22 15:00", "2023-11-22 17:00"]


def test_the_claims_own_moment_is_an_upright_line_through_its_mark() -> None:
    svg = drawn(LENT)
    (line,) = [each for each in of_class(svg, "own") if each.tag == "line"]
    own = next(each for each in of_class(svg, "mark") if "the claim's own moment" in (each.findtext("title") or ""))
    assert line.get("x1") == line.get("x2") == own.get("cx")


def test_a_line_of_what_lasted_is_as_long_as_its_window() -> None:
    svg = drawn(GROWN)
    day, week = of_class(svg, "sustained")
    (own,) = [each for each in of_class(svg, "own") if each.tag == "line"]
    halves = [(int(each.get("x2") or 0) - int(each.get("x1") or 0)) // 2 for each in (day, week)]
    windows = [each["window"] for each in GROWN["sustained"]]
    assert abs(halves[1] * windows[0] - halves[0] * windows[1]) <= 2 * sum(windows)
    for each in (day, week):
        middle = (int(each.get("x1") or 0) + int(each.get("x2") or 0)) // 2
        assert abs(middle - int(own.get("x1") or 0)) <= 1


def test_a_gap_is_a_gap_and_a_stretch_without_a_moment_is_a_cross_and_both_part_the_line() -> None:
    svg = drawn(MISSING)
    assert kinds(svg) == ["not-shown"] * 2 + ["above"] * 6
    assert [each.findtext("title") for each in of_class(svg, "mark")[:1]] == [
        "2023-11-19 22:48 UTC: ≥50.00%, not shown"
    ]
    ground = {re.findall(r"[0-9]+", each.get("d") or "")[1] for each in of_class(svg, "not-shown")}
    assert len(ground) == 1
    (absent,) = of_class(svg, "absent")
    assert (absent[0].findtext("title") or "") == "no moment was drawn around 2023-11-24 12:00 UTC"
    assert sum(lengths(svg)) + 1 == 6  # the last point lies alone behind the cross
    assert of_class(svg, "sustained") == []


@each_of(
    ("changes", "kind", "words"),
    [
        ({"held": "93"}, "below", "93.00%, below 100%"),
        ({"held": "100"}, "above", "100.00%, at or above 100%"),
        ({"held": "99.9999999"}, "below", "99.99%, below 100%"),
        ({"held": "101", "gaps": 1}, "at-least", "≥101.00%, at or above 100%"),
        ({"held": "101", "atLeast": 1}, "at-least", "≥101.00%, at or above 100%"),
        ({"held": "93", "gaps": 1}, "not-shown", "≥93.00%, not shown"),
        ({"held": "93", "atLeast": 1}, "not-shown", "≥93.00%, not shown"),
        ({"held": "101", "apart": True}, "not-shown", "no ratio, not shown"),
        ({"held": "0", "gaps": 2}, "not-shown", "no ratio, not shown"),
        ({"held": "0"}, "below", "0.00%, below 100%"),
    ],
)
def test_a_mark_says_how_the_unit_stood_and_a_lower_bound_is_never_below(
    changes: dict[str, Any], kind: str, words: str
) -> None:
    svg = drawn(changed(**changes))
    first = of_class(svg, "mark")[0]
    assert (first.get("class") or "").removeprefix("mark ") == kind
    assert (first.findtext("title") or "").partition(": ")[2] == words
    assert lengths(svg) == ([9] if kind in {"above", "below"} else [])


@each_of(
    "changes",
    [{"complete": False}, {"share": {"of": "0.99", "rows": 1, "among": 2, "held": []}}],
)
def test_where_not_all_accounts_were_read_or_declared_nothing_is_below(changes: dict[str, Any]) -> None:
    points = points_of(LENT | changes, "ETH")
    assert {point.standing for point in points} == {RatioStanding.ABOVE, RatioStanding.NOT_SHOWN}
    assert all(point.at_least for point in points)


@each_of("owed", [None, "0"])
def test_without_anything_owed_there_is_no_ratio_and_no_chart(owed: str | None) -> None:
    series = LENT | {"sustained": [each | {"owed": owed, "ratio": None} for each in LENT["sustained"]]}
    assert owed_of(series, "ETH") == owed
    assert series_chart(series, "ETH", "ETH", "c") is None
    assert {point.ratio for point in points_of(series, "ETH")} == {None}


def test_a_series_on_one_side_alone_does_not_say_what_is_owed_and_has_no_chart() -> None:
    assert series_chart(LENT | {"sustained": []}, "ETH", "ETH", "c") is None


def test_a_legend_has_every_mark_that_is_drawn_and_no_other() -> None:
    for series in (LENT, GROWN, MISSING, changed(held="101", gaps=1)):
        svg = drawn(series)
        legend = ElementTree.fromstring(str(series_legend(series, ["ETH"])))
        keys = {kind for kind in (*kinds(legend), "absent", "own", "sustained") if of_class(legend, kind)}
        marks = {kind for kind in (*kinds(svg), "absent", "own", "sustained") if of_class(svg, kind)}
        assert keys == marks
        assert len(legend.findall("span")) == len(marks)


def test_every_mark_has_a_style() -> None:
    for kind in ("above", "at-least", "below", "not-shown"):
        assert f".mark.{kind} {{" in shell.style()
    for kind in (".absent {", ".sustained {", "line.own {"):
        assert kind in shell.style()
    assert ".mark.below { fill: var(--short); }" in shell.style()


def test_a_chart_in_words() -> None:
    assert described(LENT, "ETH") == (
        "9 sampled moments, 2023-11-19 22:48 UTC to 2023-11-25 13:45:42 UTC; 103.00% at the claim's own; lowest 93.00%"
        " at 2023-11-19 22:48 UTC; below 100% at 2023-11-19 22:48 UTC, 2023-11-20 14:44:05 UTC, 2023-11-21 01:05:18"
        " UTC, 2023-11-23 16:00 UTC, 2023-11-24 20:48:58 UTC, 2023-11-25 13:45:42 UTC."
    )
    told = described(MISSING, "ETH")
    assert told.endswith("not shown at 2023-11-19 22:48 UTC, 2023-11-20 14:44:05 UTC; 1 stretch without a moment.")


def test_only_the_nearest_moments_are_listed_one_by_one() -> None:
    series = copy.deepcopy(LENT)
    first = datetime.fromisoformat(series["asOf"])
    series["points"] = [
        series["points"][0] | {"at": f"{first + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"}
        for minutes in range(-50, 51)
    ]
    shown = nearest(series)
    assert len(shown) == 41
    assert shown[20]["at"] == series["asOf"]


amounts = st.integers(0, 10**9).map(lambda n: f"{n // 10**6}" + f".{n % 10**6:06}".rstrip("0").rstrip("."))
units = st.fixed_dictionaries(
    {"held": amounts, "gaps": st.integers(0, 1), "atLeast": st.integers(0, 1), "apart": st.booleans()}
)


@given(st.lists(units, min_size=9, max_size=9))
def test_everything_is_drawn_within_the_chart_and_only_what_is_known_completely_is_joined(
    found: list[dict[str, Any]],
) -> None:
    series = copy.deepcopy(LENT)
    for point, unit in zip(series["points"], found, strict=True):
        point["units"][0].update(unit)
    chart = series_chart(series, "ETH", "ETH", "c")
    points = points_of(series, "ETH")
    if chart is None:
        assert {point.ratio for point in points} == {None}
        return
    svg = ElementTree.fromstring(str(chart))
    for element in svg.iter():
        for name in NUMBERS:
            limit = 3600 if "x" in name else 1720
            assert 0 <= int(element.get(name, "0")) <= limit
    assert len(kinds(svg)) == 9
    for point, kind in zip(points, kinds(svg), strict=True):
        assert (kind == "below") == (point.ratio is not None and point.ratio < 1 and not point.at_least)
        assert (kind in {"above", "at-least"}) == (point.ratio is not None and point.ratio >= 1)
    joined = [each for run in of_class(svg, "run") for each in (run.get("points") or "").split()]
    assert len(joined) <= sum(kind in {"above", "below"} for kind in kinds(svg))


@given(st.lists(amounts, min_size=9, max_size=9))
def test_more_is_never_drawn_lower(found: list[str]) -> None:
    series = copy.deepcopy(LENT)
    for point, held in zip(series["points"], found, strict=True):
        point["units"][0]["held"] = held
    svg = drawn(series)
    middles = [
        int(each.get("cy") or 0) or int(each.get("y") or 0) + int(each.get("height") or 0) // 2
        for each in of_class(svg, "mark")
    ]
    ordered = sorted(zip((min(Fraction(each) / 100, Fraction(5)) for each in found), middles, strict=True))
    assert all(lower >= higher for (_, lower), (_, higher) in pairwise(ordered))

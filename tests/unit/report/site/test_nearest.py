"""Which reports stand beside each other: by their moments alone, the nearest of each exchange, and none that is far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanner.report.site.nearest import NEAR, comparisons

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def moment(day: int) -> str:
    return f"{FIRST + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def an_exchange(name: str, days: Sequence[int], uncounted: Sequence[int] = (), ratio: str = "1.01") -> dict[str, Any]:
    """One whose reports of these days count, each of one unit; others do not count."""
    listed = [
        {
            "attestation": f"{name} {day}",
            "asOf": moment(day),
            "counts": day in days,
            "reserves": [{"unit": "BTC", "ratio": ratio}],
        }
        for day in sorted({*days, *uncounted})
    ]
    series = [{"asOf": each["asOf"], "attestation": each["attestation"]} for each in listed if each["counts"]]
    return {"exchange": name, "attestations": listed, "units": [{"unit": "BTC", "series": series}] if series else []}


def found(**exchanges: Sequence[int]) -> dict[str, list[tuple[str, str]]]:
    """By moment: each exchange, and the report of it that stands there."""
    summary = {"exchanges": [an_exchange(name, days) for name, days in exchanges.items()]}
    return {each.as_of: [(report.exchange, report.as_of) for report in each.near] for each in comparisons(summary)}


def test_each_moment_of_a_report_is_one_to_compare_at_if_another_exchange_has_a_report_near_it() -> None:
    assert found(A=[0, 100], B=[3]) == {
        moment(0): [("A", moment(0)), ("B", moment(3))],
        moment(3): [("A", moment(0)), ("B", moment(3))],
    }
    assert found(A=[0, 1, 2]) == found() == {}


def test_of_two_that_are_equally_near_the_earlier_one_stands_there() -> None:
    assert found(A=[10], B=[8, 12])[moment(10)] == [("A", moment(10)), ("B", moment(8))]


def test_what_is_too_far_away_or_was_never_verified_is_named_and_not_compared() -> None:
    far = NEAR.days + 1
    summary = {
        "exchanges": [
            an_exchange("A", [0]),
            an_exchange("B", [NEAR.days]),
            an_exchange("C", [-far, far]),
            an_exchange("D", [], uncounted=[0]),
        ]
    }
    first = next(each for each in comparisons(summary) if each.as_of == moment(0))
    assert [report.exchange for report in first.near] == ["A", "B"]
    assert [(report.exchange, report.as_of) for report in first.far] == [("C", moment(-far))]
    assert first.unverified == ("D",)
    assert first.apart == NEAR
    assert [first.away(report) for report in first.near] == [timedelta(0), NEAR]


def test_of_several_claims_of_one_moment_that_counts_in_which_the_unit_stands_worst() -> None:
    twice = an_exchange("A", [0])
    twice["attestations"].append({**twice["attestations"][0], "attestation": "worse", "reserves": []})
    twice["units"][0]["series"] = [{"asOf": moment(0), "attestation": "worse"}]
    (one,) = comparisons({"exchanges": [twice, an_exchange("B", [0])]})
    report = one.near[0]
    assert (dict(report.lines), report.speaks_of("BTC"), report.speaks_of("ETH")) == ({}, True, False)
    assert len(report.attestations) == 2


days = st.lists(st.integers(0, 120), max_size=5, unique=True)
histories = st.dictionaries(st.sampled_from("ABCD"), days, max_size=4)


@given(histories)
def test_of_each_exchange_no_report_is_nearer_than_the_one_that_stands_there(history: Mapping[str, list[int]]) -> None:
    for at, near in found(**dict(sorted(history.items()))).items():
        day = (datetime.fromisoformat(at) - FIRST).days
        expected = {
            name: min((abs(each - day), each) for each in of)[1]
            for name, of in history.items()
            if of and min(abs(each - day) for each in of) <= NEAR.days
        }
        assert near == [(name, moment(each)) for name, each in sorted(expected.items())]
        assert len(near) > 1


@given(histories, st.sampled_from("ABCD"), st.integers(0, 120))
def test_a_report_that_is_added_takes_no_moment_away(history: Mapping[str, list[int]], name: str, day: int) -> None:
    more = {**history, name: [*history.get(name, []), day]}
    assert found(**history).keys() <= found(**more).keys()


@given(histories)
def test_what_reports_show_decides_nothing_of_which_stand_there(history: Mapping[str, list[int]]) -> None:
    def named(ratio: str) -> list[Any]:
        summary = {"exchanges": [an_exchange(name, of, ratio=ratio) for name, of in history.items()]}
        return [[(report.exchange, report.as_of) for report in each.near] for each in comparisons(summary)]

    assert named("0.10") == named("9.90")

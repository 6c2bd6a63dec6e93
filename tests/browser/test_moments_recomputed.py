"""What the pages of several moments work out, against this package's own: equal on what is true, for drawn amounts."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Page

from scanner.attesting.envelope import read_envelope
from scanner.attesting.series.statement import SERIES as SERIES_FILE
from scanner.attesting.together.statement import TOGETHER as JOINT_FILE
from scanner.report.page.moments.figures import MOMENT_KINDS
from scanner.weighing.series import Lacking, Transience
from tests.browser.scripts import call
from tests.support.golden_series import COIN, TOGETHER, GoldenSeries, series_files, stated, together_files
from tests.support.strength import examples
from tests.support.tables import each_of

same_tab = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
few = settings(same_tab, max_examples=examples(30))


@pytest.fixture(scope="module")
def tab(offline: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab with a page that may use cryptography, and no script of its own: the scripts come with each call."""
    tab = offline.new_page()
    empty = tmp_path_factory.mktemp("empty") / "page.html"
    empty.write_text("<!DOCTYPE html>")
    tab.goto(empty.as_uri())
    yield tab
    tab.close()


decimals = st.builds(
    lambda whole, rest: f"{whole}.{rest}".rstrip("0").rstrip(".") if rest else str(whole),
    st.integers(0, 10**12),
    st.text("0123456789", max_size=20),
)
times = st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
lengths = st.integers(60, 10**9)
ratios = st.none() | st.builds(lambda whole, rest: f"{whole}.{rest:06}", st.integers(0, 10**9), st.integers(0, 999_999))
sampled = st.fixed_dictionaries(
    {
        "held": st.just("0") | decimals,
        "gaps": st.integers(0, 2000),
        "atLeast": st.integers(0, 2),
        "apart": st.booleans(),
    }
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "lasting": st.fixed_dictionaries(
        {
            "unit": st.text(max_size=30),
            "window": lengths,
            "before": st.integers(0, 1000),
            "after": st.integers(0, 1000),
            "shows": st.sampled_from(list(Transience)),
            "lacking": st.lists(st.sampled_from(list(Lacking)), unique=True),
            "ratio": ratios,
            **dict.fromkeys(("transient", "held", "sustained"), decimals),
        }
    ),
    "looked": st.fixed_dictionaries(
        {
            "schedule": st.fixed_dictionaries(
                {"every": lengths, "start": times, "end": times, "chain": st.just("eip155:1")}
            ),
            "stretches": st.lists(st.fixed_dictionaries({"moment": st.none() | times}), max_size=3),
            "points": st.lists(st.none(), max_size=3),
        }
    ),
    "part": st.fixed_dictionaries(
        {
            "of": st.integers(1, 10**10 - 1).map(lambda n: f"0.{n:010}".rstrip("0")),
            "rows": st.integers(0, 10**6),
            "among": st.integers(0, 10**6),
        }
    ),
    "sampled": sampled,
    "lacks": sampled,
    "length": lengths,
    "later": st.none() | decimals,
    "change": st.none() | decimals | decimals.filter(lambda text: text != "0").map("-{}".format),
    "drawn": st.none() | times,
    "declared": st.booleans(),
    "jointly": st.fixed_dictionaries(
        {"unit": st.text(max_size=30), "verdict": st.sampled_from(["COVERED", "SHORT", "UNKNOWN"])}
    ),
}


def test_there_are_values_for_each_kind_and_the_scripts_know_the_same_kinds(tab: Page) -> None:
    known = call(tab, "() => Object.keys(KINDS)", None, of_moments=True)
    assert known[-len(MOMENT_KINDS) :] == list(MOMENT_KINDS) == list(VALUES)


@same_tab
@given(
    st.lists(
        st.sampled_from(list(MOMENT_KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])), min_size=30
    )
)
def test_the_scripts_write_every_figure_as_the_page_does(tab: Page, values: list[tuple[str, Any]]) -> None:
    function = "(values) => values.map(([kind, value]) => KINDS[kind](value))"
    written = call(tab, function, [list(pair) for pair in values], of_moments=True)
    assert written == [MOMENT_KINDS[kind](value) for kind, value in values]


coins = st.none() | st.integers(0, 120 * 10**6).map(lambda millionths: millionths * (COIN // 10**6))


@few
@given(
    st.lists(coins, min_size=64, max_size=64),
    st.sampled_from([timedelta(days=1), timedelta(hours=12), timedelta(hours=6)]),
    st.tuples(st.integers(-8, 0), st.integers(1, 8), st.frozensets(st.integers(-8, 7), max_size=2)),
    st.booleans(),
)
def test_what_follows_from_a_series_is_what_the_page_finds_too(
    tab: Page, amounts: list[int | None], every: timedelta, stretches: tuple[int, int, frozenset[int]], whole: bool
) -> None:
    first, last, undrawn = stretches
    given_ = [amount or 0 for amount in amounts] if whole else amounts

    def held(moment: datetime, account: bytes) -> int | None:
        return given_[int(moment.timestamp() + account[-1]) % len(given_)]

    files = series_files(GoldenSeries(held, every, (first, last), undrawn))
    series = json.loads(read_envelope(files[SERIES_FILE]).payload)["predicate"]["series"]
    assert call(tab, "faultsOfSeries", series, of_moments=True) == []


@few
@given(st.lists(coins, min_size=8, max_size=8), st.sampled_from(sorted(TOGETHER)))
def test_what_follows_of_claims_together_is_what_the_page_finds_too(
    tab: Page, amounts: list[int | None], name: str
) -> None:
    def held(moment: datetime, account: bytes) -> int | None:
        return amounts[(moment.day + account[-1] + account[-14]) % len(amounts)]

    files = together_files(held, TOGETHER[name][1])
    joint = json.loads(read_envelope(files[JOINT_FILE]).payload)["predicate"]["together"]
    assert call(tab, "faultsOfTogether", joint, of_moments=True) == []


def joined(things: list[Any], key: str, text: str) -> None:
    """One thing in the place of them all, which bears their names joined by commas."""
    things[:] = [things[0] | {key: text}]


def joined_moments(of: dict[str, Any]) -> None:
    joined(of["points"], "at", ",".join(point["at"] for point in of["points"]))


def joined_claims(joint: dict[str, Any]) -> None:
    joined(joint["points"][0]["alone"], "claim", ",".join(claim["claim"] for claim in joint["claims"]))


def joined_windows(series: dict[str, Any]) -> None:
    names = ",".join(f"{each['unit']} {each['window']}" for each in series["sustained"])
    joined(series["sustained"], "unit", names.rpartition(" ")[0])
    series["sustained"][0]["window"] = int(names.rpartition(" ")[2])


@each_of(
    ("of", "name", "change", "fault"),
    [
        ("together", "lending", joined_moments, "its points are not at the moments of its claims"),
        ("together", "lending", joined_claims, "a moment is not of all claims"),
        ("series", "lent", joined_windows, "the windows of what lasted are not those of the series"),
    ],
)
def test_one_thing_that_bears_the_names_of_two_is_not_taken_for_both(
    tab: Page, of: str, name: str, change: Callable[[dict[str, Any]], None], fault: str
) -> None:
    found = copy.deepcopy(stated(of, name)[of])
    change(found)
    assert fault in call(tab, {"series": "faultsOfSeries", "together": "faultsOfTogether"}[of], found, of_moments=True)

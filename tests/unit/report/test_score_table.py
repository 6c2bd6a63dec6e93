"""A score in words: figures cut and never rounded up, every code in words, names from outside made harmless."""

from __future__ import annotations

from typing import Any

from scanner.history.score.measures import What
from scanner.history.score.rubric import CRITERIA
from scanner.report.score_words import FIGURES, TITLES, beside, figure, figures, points_of, raising
from tests.support.tables import each_of

LASTING = {"unit": "BTC", "window": 86400, "shows": "FOUND", "ratio": "0.930000", "transient": "1", "share": None}
NOTHING_BESIDE: dict[str, Any] = {
    "contradicted": False,
    "shared": [],
    "skew": None,
    "sustained": [],
    "owedChanges": [],
    "anchored": None,
}


def test_every_criterion_and_every_measure_has_words() -> None:
    assert TITLES.keys() == {criterion.name for criterion in CRITERIA}
    assert FIGURES.keys() == set(What)


@each_of(("sum_", "words"), [("0", "0 of 6"), ("0.5", "1/2 of 6"), ("3.5", "3 1/2 of 6"), ("6", "6 of 6")])
def test_a_sum_is_written_in_halves(sum_: str, words: str) -> None:
    assert points_of(sum_, 6) == words


@each_of(
    ("what", "value", "words"),
    [
        ("FOUND", None, "not known"),
        ("OWED_ROOT", None, "no proof is named"),
        ("SHARE_STATED", None, "not stated"),
        ("ALL_READ", True, "yes"),
        ("ALL_READ", False, "no"),
        ("AUDITORS", 1, "1"),
        ("MONTHLY_DAYS", 1200, "1,200 days long"),
        ("CONTROL_SHOWN", "0.949999", "94.99% of what is held"),
    ],
)
def test_a_figure_is_a_word_a_number_or_a_share_that_is_cut(
    what: str, value: bool | int | str | None, words: str
) -> None:
    assert figure(what, value) == words


def test_what_would_raise_it_names_the_units_that_lack_most_and_counts_all() -> None:
    lacking = {"what": "CONTROL_SHOWN", "least": "0.950000", "found": "0.500000", "units": 12, "first": ["A", "B\x1b"]}
    whole = {"what": "ALL_READ", "least": True, "found": False, "units": 1, "first": ["A"]}
    count = {"what": "AUDITORS", "least": 2, "found": None, "units": 0, "first": []}
    assert [*raising({"raising": [lacking, whole, count]})] == [
        "control SHOWN: 50.00% of what is held, 95.00% needed; in A, B? and 10 more",
        "every account read, none from below only; in A",
        "listed keys that signed this finding: none is listed, 2 needed",
    ]


def test_figures_are_those_of_the_lowest_unit() -> None:
    criterion = {"unit": "ETH", "figures": {"FOUND": "1.000000", "CLAIM_COMPLETE": False}}
    assert figures(criterion) == "ETH: found: 100.00% of what is owed; a claim of all accounts: no"
    assert figures({"unit": None, "figures": {}}) == ""


@each_of(
    ("changed", "words"),
    [
        ({"contradicted": True}, "two attestations of this claim contradict each other in what is held"),
        ({"shared": [{"exchange": "B", "accounts": 1}]}, "1 account is also in a claim of B"),
        ({"shared": [{"exchange": "B", "accounts": 1000}]}, "1,000 accounts are also in a claim of B"),
        ({"skew": {"unit": "BTC", "seconds": 3600}}, "the blocks of BTC lie 1 h apart, the most of all units"),
        ({"anchored": {"blocks": 3, "anchored": 2}}, "blocks that are anchored: 2 of 3"),
        (
            {"owedChanges": [{"unit": "BTC", "comparedWith": "2024-01-28T00:00:00Z", "what": "SAME_ROOT"}]},
            "BTC: the published root is the one of 2024-01-28",
        ),
        (
            {"sustained": [LASTING | {"shows": "NOT_SHOWN", "ratio": None, "transient": None}]},
            "BTC, 1 d before and after: NOT SHOWN",
        ),
        (
            {"sustained": [LASTING]},
            "BTC, 1 d before and after: a transient amount was found; sustained: 93.00% of what is owed",
        ),
        (
            {"sustained": [LASTING | {"share": "0.999"}]},
            "BTC, 1 d before and after: a transient amount was found; sustained: 93.00% of what is owed; read were the"
            " accounts with 99.9% of each asset alone: what moved from these to another account of the claim looks like"
            " a transient amount",
        ),
        (
            {"sustained": [LASTING | {"shows": "NONE_FOUND", "ratio": None, "transient": "0"}]},
            "BTC, 1 d before and after: no transient amount was found at the sampled blocks",
        ),
    ],
)
def test_what_stands_beside_the_sum_is_said(changed: dict[str, Any], words: str) -> None:
    assert words in [*beside({"beside": NOTHING_BESIDE | changed})]

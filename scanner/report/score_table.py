"""The scores of a history for the terminal: a line for each report, and its last one criterion by criterion.

The one input is what `scanner score --json` prints (docs/score.md). Nothing is judged here, and no sum has a colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from scanner.report.cells import MARGIN, Paint, grid, left, moment, plain, right, wrapped
from scanner.report.score_words import (
    JUDGEMENT,
    TITLES,
    UNVERIFIED,
    beside,
    figures,
    others,
    points_of,
    raising,
)

_EMPTY: Final = "No report is in this history yet. `scanner log add` adds to it."


def render(found: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text. Lines end in a line feed."""
    paint = Paint(colour)
    sections = ["\n\n".join(_exchange(each, width, paint)) for each in found["exchanges"]]
    if not sections:
        return f"{_EMPTY}\n"
    return "\n\n\n".join([*sections, "\n".join(wrapped(JUDGEMENT, width))]) + "\n"


def _exchange(of: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    scores = of["scores"]
    name = plain(of["exchange"])
    if len(scores) > 1:
        yield paint("title", f"{name}: every report")
        yield "\n".join(_reports(scores, width, paint))
    moments = [[*each] for _, each in groupby(scores, key=lambda score: score["asOf"])]
    for score in moments[-1]:
        yield "\n".join(_head(name, score, paint, width))
        yield "\n".join(_criteria(score, width))
        if listed := [*_listed(score, width)]:
            yield "\n".join([f"{MARGIN}what would raise it", *listed])
        yield "\n".join([f"{MARGIN}beside the sum, never in it", *_lines(beside(score), width)])
        rubric = plain(score["others"][0]["rubric"])
        yield "\n".join([f"{MARGIN}{rubric}: what of it the same evidence decides", *_lines(others(score), width)])


def _head(name: str, score: Mapping[str, Any], paint: Paint, width: int) -> Iterator[str]:
    claim = score["claim"].removeprefix("sha256:")[:12]
    yield paint("title", f"{name}, {moment(score['asOf'])}, claim {claim}: {points_of(score['sum'], score['of'])}")
    if not score["verified"]:
        yield from wrapped(UNVERIFIED, width)


def _criteria(score: Mapping[str, Any], width: int) -> Iterator[str]:
    for number, criterion in enumerate(score["criteria"], 1):
        text = f"{number} {TITLES[criterion['criterion']]}: {criterion['points']}"
        known = figures(criterion)
        yield from wrapped(f"{text}. {known}." if known else f"{text}.", width)


def _listed(score: Mapping[str, Any], width: int) -> Iterator[str]:
    for number, criterion in enumerate(score["criteria"], 1):
        for sentence in raising(criterion):
            yield from wrapped(f"{number}: {sentence}.", width, "- ")


def _lines(sentences: Iterator[str], width: int) -> Iterator[str]:
    for sentence in sentences:
        yield from wrapped(f"{sentence}.", width, "- ")


def _reports(scores: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    columns = {
        "as of": left([moment(each["asOf"]) for each in scores], "as of"),
        "claim": left([each["claim"].removeprefix("sha256:")[:12] for each in scores], "claim"),
        "sum": right([points_of(each["sum"], each["of"]) for each in scores], "sum"),
    }
    for number in range(scores[0]["of"]):
        columns[str(number)] = left([each["criteria"][number]["points"] for each in scores], str(number + 1))
    return grid(columns, width, paint)

"""A series as a table for the terminal: what was held at its moments, and what lasted; with what that does not show.

The one input is the predicate of a series. Nothing here computes an amount, and nothing writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report.cells import (
    MARGIN,
    NOTHING,
    Paint,
    amount,
    grid,
    left,
    moment,
    percent,
    plain,
    right,
    signed,
    wrapped,
)
from scanner.report.series_points import nearest
from scanner.report.wording import held_at
from scanner.weighing.moments import duration

LACKING: Final = {
    "GAPS": "at a sampled moment something was not read, is known from below only, or is of no one moment",
    "NOT_DRAWN": "in a stretch no moment could be drawn, since operators did not agree on its last block",
    "NO_BLOCKS": "on one side no other block was sampled than that of the moment itself",
}
CAVEAT: Final = (
    "Only sampled blocks are known: what was held between them is not. A transient amount is a lower bound, and says"
    " nothing of whose coins they were: an exchange that moves its own through accounts which it does not declare looks"
    " the same as one that borrows. All of this stands beside a verdict, and changes none. Figures are rounded down."
)


def render(predicate: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text of a predicate that has the shape `attesting.series` gives it. Lines end in a line feed."""
    series, paint = predicate["series"], Paint(colour)
    title = f"{plain(series['exchange'])}, around {moment(series['asOf'])}"
    sections = [
        [paint("title", title), *wrapped(looked_at(series), width)],
        *(wrapped(sentence(each), width) for each in series["sustained"]),
        [line for sentence in of_share(series["share"]) for line in wrapped(sentence, width)],
        list(_later(series, width, paint)),
        list(_points(series, width, paint)),
        wrapped(CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def sentence(each: Mapping[str, Any], name: Callable[[str], str] = plain) -> str:
    """What one unit's window comes to, in words that claim no more than was looked at. `name` writes the unit."""
    window, unit = duration(timedelta(seconds=each["window"])), name(each["unit"])
    sampled = each["before"] + each["after"]
    where = f"{unit}, {window} before and after: "
    match each["shows"]:
        case "FOUND":
            ratio = "" if each["ratio"] is None else f", {percent(each['ratio'])} of what is owed"
            return (
                f"{where}at least {amount(each['transient'])} of the {amount(each['held'])} at the moment was not there"
                f" at a sampled block before it, nor at one after it. Sustained: {amount(each['sustained'])}{ratio}"
                f" ({each['before']} blocks before, {each['after']} after)."
            )
        case "NONE_FOUND":
            ratio = "" if each["ratio"] is None else f" Sustained: {percent(each['ratio'])} of what is owed."
            return f"{where}no transient amount was found at {sampled} sampled blocks.{ratio}"
        case _:
            return f"{where}NOT SHOWN: {'; '.join(LACKING[why] for why in each['lacking'])}."


def sentences(series: Mapping[str, Any]) -> Iterator[str]:
    """What all of its windows come to, with what has to be known of it where not all accounts were read."""
    yield from map(sentence, series["sustained"])
    yield from of_share(series["share"])


def looked_at(series: Mapping[str, Any]) -> str:
    """From when to when, how often and drawn by what, without an end."""
    schedule = series["schedule"]
    every = duration(timedelta(seconds=schedule["every"]))
    drawn = sum(stretch["moment"] is not None for stretch in series["stretches"])
    return (
        f"{moment(schedule['start'])} to {moment(schedule['end'])}: one moment in each {every}, {drawn} drawn by"
        f" blocks of {schedule['chain']}; {len(series['points'])} moments in all"
    )


def of_share(share: Mapping[str, Any] | None) -> Iterator[str]:
    """What has to be known where not all accounts were read at every moment."""
    if share is not None:
        part = (
            f"{share['rows']:,} of {share['among']:,} balances, which were {exact(100 * parse_decimal(share['of']))}%"
        )
        yield (
            f"All of it is of {part} of each asset at the moment: what moved from these to another account of the claim"
            " looks like a transient amount. Read all accounts before one is said aloud."
        )


def _later(series: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    later = series["later"]
    if not later:
        return
    yield paint("title", "afterwards")
    yield from grid(
        {
            "unit": left([plain(each["unit"]) for each in later], "unit"),
            "after": left([duration(timedelta(seconds=each["after"])) for each in later], "after"),
            "held": right([NOTHING if each["held"] is None else amount(each["held"]) for each in later], "held"),
            "change": right(
                [NOTHING if each["change"] is None else signed(each["change"]) for each in later], "change"
            ),
        },
        width,
        paint,
    )


def _points(series: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    points, shown = series["points"], nearest(series)
    rows = [(point["at"], unit) for point in shown for unit in point["units"]]
    if not rows:
        return
    yield paint("title", "held at each moment")
    yield from grid(
        {
            "moment": left([f"{moment(at)}{' *' if at == series['asOf'] else ''}" for at, _ in rows], "moment"),
            "unit": left([plain(unit["unit"]) for _, unit in rows], "unit"),
            "held": right([held_at(unit) for _, unit in rows], "held"),
            "gaps": right([f"{unit['gaps']:,}" if unit["gaps"] else NOTHING for _, unit in rows], "gaps"),
        },
        width,
        paint,
    )
    yield f"{MARGIN}* the claim's own moment"
    if len(shown) < len(points):
        yield f"{MARGIN}only the nearest are shown here, {len(shown)} of {len(points):,}; --json has them all"

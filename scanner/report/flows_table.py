"""Flows as a table for the terminal: what came before the moment and went after it, with which counterparts; and what
that does not show.

The one input is the predicate of flows. Nothing here computes an amount, and nothing writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

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
from scanner.weighing.moments import duration

_LACKING: Final = {
    "BALANCES": "a balance at one of the ends was not read, or is known from below only",
    "DIFFERENCE": "accounts whose transfers are not the difference of their balances",
}
_NOT_ONE: Final = "(no one account)"
_CAVEAT: Final = (
    "A counterpart is an address, and nothing more is known of it: it may be an exchange's own, a customer's, a"
    " contract's or a pool's. A round trip is an amount that came from one before the moment and, within 1%, went to"
    " the same one after it; why, no transfer says. Of a token transfers are what the contract's logs list: what moves"
    " without a log is not seen, and a chain's own coin moves so on EVM chains. Of bitcoins they are what transactions"
    " moved: where several scripts paid, no one can say which paid which. Where they are not the difference of the"
    " balances, more was moved than is listed here. All of this stands beside a verdict, and changes none. Figures are"
    " rounded down."
)


def render(predicate: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text of a predicate that has the shape `attesting.flows` gives it. Lines end in a line feed."""
    flows, paint = predicate["flows"], Paint(colour)
    window = duration(timedelta(seconds=flows["window"]))
    head = f"Transfers with accounts that the claim does not declare, {window} before its moment and {window} after it."
    sections = [
        [paint("title", f"{plain(flows['exchange'])}, around {moment(flows['asOf'])}"), *wrapped(head, width)],
        *(list(_asset(each, width, paint)) for each in flows["assets"]),
        wrapped(_CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _asset(each: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    yield paint("title", f"{plain(each['unit'])}  {plain(each['asset'], 120)}")
    yield from wrapped(sentence(each), width)
    sides = {"before": each["before"], "after": each["after"]}
    listed = [side["listed"] for side in sides.values()]
    yield from grid(
        {
            "side": left([*sides], "side"),
            "came": right([_or_nothing(side, "came") for side in listed], "came"),
            "went": right([_or_nothing(side, "went") for side in listed], "went"),
            "net": right([NOTHING if side is None else signed(side["net"]) for side in listed], "net"),
            "balances": right(
                [NOTHING if side["change"] is None else signed(side["change"]) for side in sides.values()], "balances"
            ),
            "transfers": right([NOTHING if side is None else f"{side['transfers']:,}" for side in listed], "transfers"),
        },
        width,
        paint,
    )
    for text in concentrated(each):
        yield from wrapped(text, width)
    named = each["counterparts"]
    if named:
        yield ""
        yield from grid(
            {
                "counterpart": left([plain(other["account"] or _NOT_ONE, 120) for other in named], "counterpart"),
                "came before": right([amount(other["before"]["came"]) for other in named], "came before"),
                "went after": right([amount(other["after"]["went"]) for other in named], "went after"),
                "round trip": left(["yes" if other["roundTrip"] else NOTHING for other in named], "round trip"),
            },
            width,
            paint,
        )
        if each["others"]:
            yield f"{MARGIN}{each['others']:,} more counterparts are not named here; the transfers' file has them all"


def sentence(each: Mapping[str, Any]) -> str:
    """What is known of one asset's flows, in words that claim no more."""
    if each["gap"] is not None:
        return f"NOT LISTED: {each['gap']['why']}, {plain(each['gap']['detail'] or 'no more is known', 400)}."
    trips = each["roundTrips"]
    found = "no round trip was found" if not trips else f"{trips:,} round trip{'s' if trips > 1 else ''}"
    by = f"as {', '.join(plain(name) for name in each['operators'])} listed"
    if each["shows"] == "COMPLETE":
        return f"{found}, {by}; each account's transfers are the difference of its balances."
    return f"INCOMPLETE: {'; '.join(_why(each, why) for why in each['lacking'])}. In what is listed, {found}, {by}."


def concentrated(each: Mapping[str, Any]) -> Iterator[str]:
    """On how few counterparts rests what came before and what went after. Both figures are cut, and what came from no
    one account may be of few: they are lower bounds."""
    of = "In what is listed, of" if each["lacking"] else "Of"
    for side, moved in (("before", "came"), ("after", "went")):
        listed = each[side]["listed"]
        if listed is not None and listed["largestShare"] is not None:
            yield (
                f"{of} what {moved} {side}, the largest counterpart's share is at least"
                f" {percent(listed['largestShare'])}, the Herfindahl index at least {listed['herfindahl'][:6]}."
            )


def _why(each: Mapping[str, Any], lacking: str) -> str:
    key = {"BALANCES": "unread", "DIFFERENCE": "differing"}[lacking]
    counts = ", ".join(f"{each[side][key]:,} {side}" for side in ("before", "after"))
    return f"{_LACKING[lacking]} ({counts})"


def _or_nothing(listed: Mapping[str, Any] | None, key: str) -> str:
    return NOTHING if listed is None else amount(listed[key])

"""Several claims together as a table for the terminal; with what that does not show.

The one input is the predicate. Nothing here computes an amount, and nothing writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.report.cells import MARGIN, NOTHING, UNPUBLISHED, Paint, amount, grid, left, moment, plain, right, wrapped

_JOINTLY: Final = "together"
_OVERALL: Final = {
    "COVERED": "at every moment all of them together held what they owe together.",
    "SHORT": "at every moment all of them together held less than they owe together, as each states for its day.",
    "UNKNOWN": "not the same at every moment, or something could not be read.",
}
_DAYS: Final = (
    "The claims are of different days: what is owed together is the sum of what each states for its own. A shortfall"
    " may come of coins that stood behind two claims, lent from one to the other, or of customers who moved from one"
    " to the other between the days and are counted by both. It does not say which, nor that any of them is insolvent."
)
_ONE_DAY: Final = "All claims are of one moment: an account that two of them declare counts once for both."
_CAVEAT: Final = "Who controls the accounts is not looked at here. Figures are rounded down."


def render(predicate: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text of a predicate that has the shape `attesting.together` gives it. Lines end in a line feed."""
    together, paint = predicate["together"], Paint(colour)
    names = {claim["claim"]: plain(claim["exchange"]) for claim in together["claims"]}
    sections = [
        [
            paint("title", " and ".join(names.values())),
            *(f"{MARGIN}{plain(claim['exchange'])}, as of {moment(claim['asOf'])}" for claim in together["claims"]),
        ],
        *(list(_point(point, together, names, width, paint)) for point in together["points"]),
        [line for unit in together["units"] for line in wrapped(_unit(unit), width)],
        list(_shared(together, width)),
        wrapped(_DAYS if len(together["points"]) > 1 else _ONE_DAY, width),
        wrapped(_CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _unit(unit: Mapping[str, Any]) -> str:
    return f"{plain(unit['unit'])}, jointly {unit['verdict']}: {_OVERALL[unit['verdict']]}"


def _point(
    point: Mapping[str, Any], together: Mapping[str, Any], names: Mapping[str, str], width: int, paint: Paint
) -> Iterator[str]:
    of_moment = {claim["claim"] for claim in together["claims"] if claim["asOf"] == point["at"]}
    rows = [(names[alone["claim"]], unit) for alone in point["alone"] for unit in alone["units"]]
    rows += [(_JOINTLY, unit) for unit in point["together"]]
    rows.sort(key=lambda row: row[1]["unit"])
    moments = ", ".join(names[claim] for claim in names if claim in of_moment)
    yield paint("title", f"{moment(point['at'])}, the moment of {moments}")
    owed = [UNPUBLISHED if unit["owed"] is None else amount(unit["owed"]) for _, unit in rows]
    twice = [amount(unit["countedTwice"]) if unit.get("countedTwice") else NOTHING for _, unit in rows]
    yield from grid(
        {
            "of": left([name for name, _ in rows], "of"),
            "unit": left([plain(unit["unit"]) for _, unit in rows], "unit"),
            "held": right([amount(unit["held"]) for _, unit in rows], "held"),
            "owed": right(owed, "owed"),
            "twice": right(twice, "in two claims"),
            "gaps": right([f"{unit['gaps']:,}" if unit["gaps"] else NOTHING for _, unit in rows], "gaps"),
            "verdict": left([unit["verdict"] or NOTHING for _, unit in rows], "verdict"),
        },
        width,
        paint,
    )


def _shared(together: Mapping[str, Any], width: int) -> Iterator[str]:
    shared = together["shared"]
    if shared:
        count = sum(each["accounts"] for each in shared)
        what = "account stands" if count == 1 else "accounts stand"
        yield from wrapped(f"{count:,} {what} in more than one of the claims, and counts once together.", width)

"""Several claims together as a table for the terminal; with what that does not show.

The one input is the predicate. Nothing here computes an amount, and nothing writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scanner.report.cells import MARGIN, NOTHING, UNPUBLISHED, Paint, amount, grid, left, moment, plain, right, wrapped
from scanner.report.wording import held_at

JOINTLY: Final = "together"
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
CAVEAT: Final = "Who controls the accounts is not looked at here. Figures are rounded down."


def render(predicate: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text of a predicate that has the shape `attesting.together` gives it. Lines end in a line feed."""
    together, paint = predicate["together"], Paint(colour)
    sections = [
        [
            paint("title", " and ".join(names_of(together).values())),
            *(f"{MARGIN}{plain(claim['exchange'])}, as of {moment(claim['asOf'])}" for claim in together["claims"]),
        ],
        *(list(_point(point, together, width, paint)) for point in together["points"]),
        [line for unit in together["units"] for line in wrapped(jointly(unit), width)],
        [line for sentence in shared(together) for line in wrapped(sentence, width)],
        wrapped(of_days(together), width),
        wrapped(CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def jointly(unit: Mapping[str, Any], name: Callable[[str], str] = plain) -> str:
    """A unit's verdict over all moments, in words. `name` writes the unit."""
    return f"{name(unit['unit'])}, jointly {unit['verdict']}: {_OVERALL[unit['verdict']]}"


def of_days(together: Mapping[str, Any]) -> str:
    """What the claims' moments mean for what is owed together."""
    return _DAYS if len(together["points"]) > 1 else _ONE_DAY


def shared(together: Mapping[str, Any]) -> Iterator[str]:
    """How many accounts count once that stand there more often."""
    if together["shared"]:
        count = sum(each["accounts"] for each in together["shared"])
        what = "account stands" if count == 1 else "accounts stand"
        yield f"{count:,} {what} in more than one of the claims, and counts once together."


def names_of(together: Mapping[str, Any]) -> dict[str, str]:
    """By the digest of a claim, whose it is."""
    return {claim["claim"]: plain(claim["exchange"]) for claim in together["claims"]}


def rows_of(point: Mapping[str, Any], together: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """What was held at a moment, unit by unit: of each claim alone, then of all jointly."""
    names = names_of(together)
    rows = [(names[alone["claim"]], unit) for alone in point["alone"] for unit in alone["units"]]
    rows += [(JOINTLY, unit) for unit in point["together"]]
    return sorted(rows, key=lambda row: row[1]["unit"])


def moment_of(point: Mapping[str, Any], together: Mapping[str, Any]) -> str:
    """ "2023-11-22 16:00 UTC, the moment of First"."""
    whose = [plain(claim["exchange"]) for claim in together["claims"] if claim["asOf"] == point["at"]]
    return f"{moment(point['at'])}, the moment of {', '.join(whose)}"


def _point(point: Mapping[str, Any], together: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    rows = rows_of(point, together)
    yield paint("title", moment_of(point, together))
    owed = [UNPUBLISHED if unit["owed"] is None else amount(unit["owed"]) for _, unit in rows]
    twice = [amount(unit["countedTwice"]) if unit.get("countedTwice") else NOTHING for _, unit in rows]
    yield from grid(
        {
            "of": left([name for name, _ in rows], "of"),
            "unit": left([plain(unit["unit"]) for _, unit in rows], "unit"),
            "held": right([held_at(unit) for _, unit in rows], "held"),
            "owed": right(owed, "owed"),
            "twice": right(twice, "in two claims"),
            "gaps": right([f"{unit['gaps']:,}" if unit["gaps"] else NOTHING for _, unit in rows], "gaps"),
            "verdict": left([unit["verdict"] or NOTHING for _, unit in rows], "verdict"),
        },
        width,
        paint,
    )

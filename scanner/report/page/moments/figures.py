"""How these pages write what is stated of several moments: a value to a text, by kind.

`figures.js` writes each kind in the same way; the two are tried on the same values in tests/browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from scanner.report.cells import amount, moment, signed
from scanner.report.page.figures import KINDS, NOTHING
from scanner.report.series_table import looked_at, of_share, sentence
from scanner.report.together_table import jointly
from scanner.report.wording import held_at
from scanner.weighing.moments import duration


def _lacks(unit: Mapping[str, Any]) -> str:
    """ "2 gaps, 1 lower bound, no one moment"."""
    counted = [
        f"{unit[name]:,} {word}{'' if unit[name] == 1 else 's'}"
        for name, word in (("gaps", "gap"), ("atLeast", "lower bound"))
        if unit[name]
    ]
    return ", ".join([*counted, *(["no one moment"] if unit["apart"] else [])]) or NOTHING


MOMENT_KINDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "lasting": lambda each: sentence(each, KINDS["unit"]),
    "looked": looked_at,
    "part": lambda share: "".join(of_share(share)),
    "sampled": held_at,
    "lacks": _lacks,
    "length": lambda seconds: duration(timedelta(seconds=seconds)),
    "later": lambda held: NOTHING if held is None else amount(held),
    "change": lambda change: NOTHING if change is None else signed(change),
    "drawn": lambda at: "no moment" if at is None else moment(at),
    "declared": lambda complete: "yes" if complete else "no: a part of them",
    "jointly": lambda unit: jointly(unit, KINDS["unit"]),
}
"""By the name in a mark: the text of a value."""

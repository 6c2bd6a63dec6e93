"""How the page writes what an attestation says: a value to a text, by kind.

`figures.js` writes each kind in the same way, so that a browser can compare a page with what was signed; the two are
tried on the same values in tests/browser. What the terminal's table shows too is cut there as here (`report.cells`).
Texts come from outside: what cannot be seen is replaced, and what is too long is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report import cells
from scanner.report.answer import answer
from scanner.report.backing import KNOWN_BY
from scanner.report.owed import rests_on
from scanner.report.reserves import basis_parts, control_parts
from scanner.report.wording import has_ratio, not_established, ratio_in_figures

NOTHING: Final = "–"
UNPUBLISHED: Final = cells.UNPUBLISHED
UNESTABLISHED: Final = "not established"

# Controls, marks that turn the direction of text, and characters without width: none can be seen, some mislead.
_INVISIBLE: Final = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)


def _visible(longest: int) -> Callable[[str], str]:
    def visible(text: str) -> str:
        shown = _INVISIBLE.sub("\ufffd", text[: longest + 1])
        return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"

    return visible


def _number(value: int | str) -> str:
    """A count, or atoms as text; `>=7` is a lower bound."""
    if isinstance(value, str) and value.startswith(">="):
        return f"at least {int(value[2:]):,}"
    return f"{int(value):,}"


def _exact(amount: str) -> str:
    """An amount with all its decimals."""
    whole, dot, decimals = amount.partition(".")
    return f"{int(whole):,}{dot}{decimals}"


def _percent(ratio: str | None) -> str:
    return NOTHING if ratio is None else cells.percent(ratio)


def _threshold(ratio: str) -> str:
    """ "1.05" as "105%"."""
    return f"{exact(parse_decimal(ratio) * 100)}%"


def _stated(reserve: Mapping[str, Any]) -> str:
    """ "103% agrees"."""
    if reserve["statedRatio"] is None:
        return NOTHING
    judged = None if reserve["withheld"] else reserve["statedAgrees"]
    agrees = {True: " agrees", False: " contradicts", None: ""}[judged]
    return f"{reserve['statedRatio']}{agrees}"


def _held(reserve: Mapping[str, Any]) -> str:
    """The amount. What was not read is no zero."""
    return UNESTABLISHED if not_established(reserve) else cells.amount(reserve["held"])


def _ratio(reserve: Mapping[str, Any]) -> str:
    """ "103.08%", "≥97.20%" where more may be held; none beside a verdict that is withheld."""
    if not_established(reserve):
        return UNESTABLISHED
    if not has_ratio(reserve):
        return NOTHING
    return ratio_in_figures(reserve)


def _basis(reserve: Mapping[str, Any]) -> str:
    """ "proven", or "proven 60%, quorum 40%"."""
    parts = basis_parts(reserve)
    if len(parts) < 2:
        return "".join(parts) or NOTHING
    return ", ".join(f"{basis} {share}" for basis, share in cells.shares(parts).items())


def _control(reserve: Mapping[str, Any]) -> str:
    """ "shown 100%", "none published"."""
    if not reserve["control"]:
        return NOTHING
    if reserve["control"].keys() == {"ABSENT"}:
        return "none published"
    parts = {word: part for word, part in control_parts(reserve["control"]).items() if part}
    return ", ".join(f"{word} {share}" for word, share in cells.shares(parts).items())


def _established(reserve: Mapping[str, Any]) -> str:
    """ "24 of 24" holdings."""
    return f"{reserve['holdings'] - reserve['gaps']:,} of {reserve['holdings']:,}"


_unit: Final = _visible(24)

KINDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "unit": _unit,
    "name": _visible(80),
    "key": _visible(80),
    "account": _visible(130),
    "text": _visible(500),
    "number": _number,
    "amount": cells.amount,
    "owed": lambda amount: UNPUBLISHED if amount is None else cells.amount(amount),
    "exact": lambda amount: NOTHING if amount is None else _exact(amount),
    "signed": cells.signed,
    "percent": _percent,
    "threshold": _threshold,
    "moment": cells.moment,
    "known": lambda known: KNOWN_BY[known],
    "answer": lambda finding: answer(finding, _unit),
    "held": _held,
    "ratio": _ratio,
    "stated": _stated,
    "basis": _basis,
    "control": _control,
    "rests": rests_on,
    "established": _established,
    "total": lambda counts: _number(sum(counts.values())),
    "holdings": lambda reserves: _number(sum(reserve["holdings"] for reserve in reserves)),
}
"""By the name in a mark: the text of a value."""

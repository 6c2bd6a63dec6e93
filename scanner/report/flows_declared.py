"""Counterparts of flows that claims of a history declare, as a table for the terminal.

The one input is what `cli.declared_counterparts` finds. Nothing here computes an amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.report.cells import MARGIN, Paint, amount, grid, left, plain, right, wrapped

_ROWS: Final = 20  # accounts of one asset that are shown: the largest
_NONE: Final = "No counterpart is declared by a claim of this history."
_CAVEAT: Final = (
    "Declared by a verified claim of this history, at whatever time it was made; no part of what was signed. An account"
    " under the exchange's own name stands in another claim of its own. Others' accounts may be in no claim, or in none"
    " that this history has."
)


def render(listed: Sequence[Mapping[str, Any]], *, width: int = 100, colour: bool = False) -> str:
    """The whole text. Lines end in a line feed."""
    paint = Paint(colour)
    sections = [[paint("title", "Counterparts that claims of the history declare")]]
    sections += [list(_asset(each, width, paint)) for each in listed]
    sections.append(wrapped(_CAVEAT if listed else _NONE, width))
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _asset(each: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    before, after, accounts = each["before"], each["after"], each["accounts"]
    yield from wrapped(
        f"{plain(each['unit'])}, {each['shows']}: {amount(before['came'])} came from them before and"
        f" {amount(after['went'])} went to them after; {amount(before['went'])} went to them before and"
        f" {amount(after['came'])} came from them after.",
        width,
    )
    shown = accounts[:_ROWS]
    yield from grid(
        {
            "counterpart": left([plain(one["account"], 120) for one in shown], "counterpart"),
            "declared by": left([plain(", ".join(one["exchanges"])) for one in shown], "declared by"),
            "came before": right([amount(one["before"]["came"]) for one in shown], "came before"),
            "went after": right([amount(one["after"]["went"]) for one in shown], "went after"),
            "round trip": left(["yes" if one["roundTrip"] else "-" for one in shown], "round trip"),
        },
        width,
        paint,
    )
    if len(shown) < len(accounts):
        yield f"{MARGIN}{len(accounts) - len(shown):,} more; --json has them all"

"""What the marks of the bars beside the coins mean: each one that is drawn, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.report.element import Content, Element, el
from scanner.report.page.bars import segments
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import has_ratio, ratio_in_figures

_HELD: Final = {
    ("covered", "held"): "held, and covered",
    ("covered", "above"): "held above what is owed",
    ("short", "held"): "held, and short",
    ("short", "above"): "held above what is owed, and less than the policy requires",
    ("unknown", "held"): "held, and no verdict given",
    ("unknown", "above"): "held above what is owed, and no verdict given",
}
_OTHERS: Final = {
    "missing": "owed and not held",
    "custody": "said to be with third parties, not counted",
    "beyond": "more than 115%, which a bar does not show",
}


def legend(finding: SignedValue) -> Element | None:
    """What the bars mean, where there are any: each mark that is drawn, and no other."""
    reserves, threshold = finding.value["reserves"], finding.value["policy"]["threshold"]
    shown = [reserve for reserve in reserves if has_ratio(reserve)]
    if not shown:
        return None
    drawn = {(reserve["verdict"].lower(), what) for reserve in shown for what in _seen(reserve, threshold)}
    keys = [(f"{verdict} {what}", text) for (verdict, what), text in _HELD.items() if (verdict, what) in drawn]
    keys += [(what, text) for what, text in _OTHERS.items() if any(what == each for _, each in drawn)]
    complete = finding["complete"].value
    more = any(ratio_in_figures(reserve, complete=complete).startswith("≥") for reserve in shown)
    demanded: tuple[Content, ...] = ()
    if finding["policy"]["threshold"].value != "1":
        demanded = (
            "; the dotted one ",
            finding["policy"]["threshold"].shown("threshold"),
            ", from which on is COVERED",
        )
    return el(
        "p",
        "Bars begin at zero. Beyond the gap at 90% they are drawn ten times wider, so that small differences show."
        " The line is 100% of what is owed",
        *demanded,
        ". ",
        *(part for kind, what in keys for part in (el("span", el("i", class_=f"key {kind}"), f" {what}"), " ")),
        "≥ stands before a ratio that may be higher: not all is known of what is held." if more else None,
        class_="legend",
    )


def _seen(reserve: Mapping[str, Any], threshold: str) -> Iterator[str]:
    """The parts of a unit's bar that are in sight: what is owed lies below what is held."""
    widths = {what: width for what, _, width in segments(reserve, threshold)}
    yield from (what for what, width in widths.items() if width > (widths["held"] if what == "missing" else 0))

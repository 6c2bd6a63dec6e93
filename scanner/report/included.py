"""The answer to a customer's question, in lines for a terminal: is my account in it, with my balances?

Plain words, since customers need not know what a tree is. Exact amounts, and for each answer what it does not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.proofs.liabilities.remarks import ASSUMPTIONS, REMARKS
from scanner.report.cells import MARGIN, plain, wrapped
from scanner.report.owed import NOT_SHOWN, SHOWN

ANSWERS: Final[Mapping[str, str]] = {
    "included": "Yes: this record is in it, with these balances.",
    "unpublished": "This file holds together, but nothing was published here to compare its root with: it shows nothing"
    " as yet.",
    "edited": "No: this file does not hold. It was changed after it was made, or was made wrongly. If it is just as the"
    " exchange gave it out, keep it: the exchange has to explain it.",
    "published-edited": "No: what the exchange published does not hold itself, whatever this file says. That is a"
    " finding against what was published.",
    "other-root": "No: this file holds together, but it belongs to another report, older or newer, or to another"
    " exchange. Ask the exchange for the file of this report.",
    "not-understood": "This cannot be answered: the file is not of a format that is known here. It may be damaged, be"
    " of another exchange, or of a release that came later. Download it again from the exchange's own page.",
    "too-large": "This cannot be answered here: what has to be read for it is larger than this program reads. That says"
    " nothing against the exchange.",
    "files-missing": "This cannot be answered yet: the root alone is not enough for this format. Download what the"
    " exchange published for all customers, and name it with --published.",
}


def lines(answer: Mapping[str, Any], width: int) -> Iterator[str]:
    """Of what `cli.included` found, as JSON values."""
    yield from wrapped(ANSWERS[answer["outcome"]], width)
    if answer["reason"]:
        yield from wrapped(f"Why: {plain(answer['reason'], 500)}", width)
    yield from _facts(answer)
    if answer["outcome"] not in ("included", "unpublished"):
        return
    if answer["outcome"] == "included":
        shows = answer["shows"]
        yield from wrapped(f"What it shows of the total ({shows}): {SHOWN[shows]}.", width)
        yield from wrapped(f"What it does not show: {NOT_SHOWN[shows]}.", width)
    for remark in answer["remarks"]:
        yield from wrapped(f"Known of this format: {REMARKS.get(remark, plain(remark))}.", width)
    for assumption in answer["assumes"]:
        yield from wrapped(f"It rests on this: {ASSUMPTIONS.get(assumption, plain(assumption))}.", width)
    yield from wrapped(
        "Compare account and balances with your account's own page, as they were at the moment of the report.", width
    )


def _facts(answer: Mapping[str, Any]) -> Iterator[str]:
    said = {
        "exchange": answer["exchange"],
        "as of": answer["asOf"],
        "format": answer["scheme"],
        "account": answer["account"],
        "root": answer["root"],
        "where": answer["rootFrom"],
    }
    for name, text in said.items():
        if text:
            yield f"{MARGIN}{name:<10}{plain(text, 200)}"
    amounts: Mapping[str, str] = answer["amounts"]
    shown = {symbol: amount for symbol, amount in amounts.items() if amount != "0"}
    for symbol, amount in shown.items():
        yield f"{MARGIN}{plain(symbol):<10}{amount}"
    if len(shown) < len(amounts):
        yield f"{MARGIN}{'0 of':<10}{', '.join(plain(symbol) for symbol in amounts if symbol not in shown)}"
    for text in answer["contradictions"]:
        yield f"{MARGIN}{plain(text, 300)}"

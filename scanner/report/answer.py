"""The first sentence of a report: how many coins are covered, and of each other coin why it is not, in readers' words.

The page's script says the same (`answer.js`), so that a browser can compare it with what was signed. Nothing is judged
here: verdicts come out of the predicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.report.wording import not_covered

_REASONS: Final = 4  # so many are named
_COINS: Final = 6  # so many of one reason


def answer(finding: Mapping[str, Any], name: Callable[[str], str]) -> str:
    """ "3 of 4 coins are covered. USDC: OKX did not publish what it owes." `name` makes a name safe."""
    return " ".join(_sentences(finding, name))


def _sentences(finding: Mapping[str, Any], name: Callable[[str], str]) -> Iterator[str]:
    reserves: Sequence[Mapping[str, Any]] = finding["reserves"]
    if not reserves:
        yield "No coin was weighed, so nothing is shown."
        return
    uncovered = [reserve for reserve in reserves if reserve["verdict"] != "COVERED"]
    if len(reserves) == 1:
        [only] = reserves
        standing = {"COVERED": "is covered", "SHORT": "is not covered"}.get(
            only["verdict"], "is not shown to be covered"
        )
        yield f"{name(only['unit'])} {standing}{f': {_why(only, finding, name)}' if uncovered else ''}."
        return
    yield _counted(len(reserves) - len(uncovered), len(reserves))
    groups: dict[str, list[str]] = {}
    for verdict in ("SHORT", "UNKNOWN"):
        for reserve in uncovered:
            if reserve["verdict"] == verdict:
                groups.setdefault(_why(reserve, finding, name), []).append(name(reserve["unit"]))
    named = list(groups.items())
    for why, coins in named[:_REASONS]:
        more = f" and {len(coins) - _COINS:,} more" if len(coins) > _COINS else ""
        yield f"{', '.join(coins[:_COINS])}{more}: {why}."
    rest = sum(len(coins) for _, coins in named[_REASONS:])
    if rest:
        yield f"{rest:,} more {'is' if rest == 1 else 'are'} not shown to be covered."


def _counted(covered: int, coins: int) -> str:
    if covered == coins:
        return "Both coins are covered." if coins == 2 else f"All {coins:,} coins are covered."
    if not covered:
        return f"None of {coins:,} coins is shown to be covered."
    return f"{covered:,} of {coins:,} coins {'is' if covered == 1 else 'are'} covered."


def _why(reserve: Mapping[str, Any], finding: Mapping[str, Any], name: Callable[[str], str]) -> str:
    if reserve["verdict"] == "UNKNOWN" and reserve["owed"] is None:
        return f"{name(finding['exchange'])} did not publish what it owes"
    reason = not_covered(reserve, complete=finding["complete"])
    if reason is not None:
        return reason
    if reserve["verdict"] != "SHORT":
        return "it is not shown that enough is held"
    less_than_owed = (reserve["ratio"] or "").startswith("0.")
    return "less is held than is owed" if less_than_owed else "less is held than the policy requires"

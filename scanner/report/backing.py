"""What each unit rests on: the assets that back it with what each of them holds, and what proofs of tokens assume.

Sums come out of the predicate; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from scanner.report.cells import MARGIN, Paint, amount, at_the_point, grid, left, plain, right, wrapped
from scanner.report.wording import KNOWN

KNOWN_BY: Final[Mapping[str | None, str]] = MappingProxyType(
    {"COIN": "chain", "TABLE": "table", "VOUCHED": "auditor", None: "claim alone"}
)
"""Who says that an asset is its unit's own, in a word."""


def backing(coverage: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    """One row for each asset, by unit, with what of it counts as held."""
    if not coverage:
        return
    assets = sorted(coverage, key=lambda asset: asset["unit"])  # stable, so by asset within a unit
    yield MARGIN + paint("heading", "what each unit rests on")
    yield from grid(
        {
            "unit": left([plain(asset["unit"]) for asset in assets], "unit"),
            "asset": left([plain(asset["label"]) for asset in assets], "asset"),
            "held": right(at_the_point([amount(asset["held"]) for asset in assets]), "held"),
            "known by": left([KNOWN_BY[asset["known"]] for asset in assets], "known by"),
        },
        width,
        paint,
    )
    for known, meaning in KNOWN.items():
        if known != "COIN" and any(asset["known"] == known for asset in assets):
            yield from wrapped(f"{KNOWN_BY[known]}: {meaning}.", width)
    for asset in assets:
        if asset["known"] in ("VOUCHED", None):
            yield f"{MARGIN}{plain(asset['label'])} is {plain(asset['asset'], 200)}"
        if asset["alias"]:
            yield from wrapped(
                f"{plain(asset['label'])} shows the balances of {plain(asset['alias'], 200)} again, so it counts for"
                " nothing.",
                width,
            )


def layouts(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    """By token with proven balances: where its contract keeps them, by its source or by its own code."""
    found: Mapping[str, str] = finding["proving"]["layouts"]
    if not found:
        return
    yield MARGIN + paint("heading", "where tokens keep the balances that are proven")
    for asset, layout in found.items():
        yield f"{MARGIN}{plain(asset, 200)}"
        yield from wrapped(plain(layout, 500), width, MARGIN)

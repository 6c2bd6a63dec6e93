"""What was claimed beside what was found: how much of it was read, how far it is off, and what became of each file.

Sums and differences come out of the predicate; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.report.cells import (
    MARGIN,
    NOTHING,
    Paint,
    amount,
    at_the_point,
    grid,
    left,
    plain,
    right,
    signed,
    wrapped,
)
from scanner.report.lists import SHOWN, rest

_NOT_WHOLE = "not whole: not all that the file declares is in the claim, so that no unit can be SHORT"


def coverage(assets: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    """One row for each asset, if amounts were claimed at all."""
    if not any(_states(asset) for asset in assets):
        return

    def amounts(key: str) -> list[str]:
        return at_the_point([amount(asset[key]) if _states(asset) else NOTHING for asset in assets])

    differing = [signed(asset["difference"]) if _states(asset) else NOTHING for asset in assets]
    read = [f"{asset['read']:,} of {asset['holdings']:,}" for asset in assets]
    yield MARGIN + paint("heading", "what is claimed, and how much of it was read")
    yield from grid(
        {
            "asset": left([plain(asset["label"]) for asset in assets], "asset"),
            "holdings": right(read, "holdings"),
            "claimed": right(amounts("claimed"), "claimed"),
            "read": right(amounts("claimedRead"), "read"),
            "difference": right(at_the_point(differing), "difference"),
            "differing": right([_count(asset["disagreeing"]) for asset in assets], "differing"),
        },
        width,
        paint,
    )


def differences(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    """The largest of them."""
    listed = finding["differences"]
    if not listed:
        return
    yield MARGIN + paint("heading", "largest differences")
    for difference in listed[:SHOWN]:
        yield f"{MARGIN}{plain(difference['account'])} of {plain(difference['asset'])}"
        claimed, found = (plain(difference[key], 78) for key in ("claimed", "found"))
        yield from wrapped(f"{claimed} atoms are claimed, {found} found", width, MARGIN)
    yield from rest(sum(asset["disagreeing"] for asset in finding["coverage"]), listed)


def files(named: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    """Every published file that the claim refers to, with the rows that were read, accepted and refused."""
    if not named:
        return
    yield MARGIN + paint("heading", "files of the claim")
    for file in named:
        reasons = ", ".join(f"{count:,} {plain(why)}" for why, count in _by_count(file["refused"]))
        refused = f"{sum(file['refused'].values()):,} refused" + (f" ({reasons})" if reasons else "")
        yield f"{MARGIN}{plain(file['name'])}, as {plain(file['layout'])}"
        yield f"{MARGIN * 2}{plain(file['digest'])}"
        yield from wrapped(f"{file['read']:,} rows read, {file['accepted']:,} accepted, {refused}", width, MARGIN)
        for chain, heights in file["heights"].items():
            if heights["count"] > 1:
                yield from wrapped(
                    f"its rows name {heights['count']:,} blocks of {plain(chain)}, from {heights['lowest']:,} to"
                    f" {heights['highest']:,}; everything on a chain is weighed at one",
                    width,
                    MARGIN,
                )
        yield from _misfits(file, width)
        if not file["whole"]:
            yield from wrapped(_NOT_WHOLE, width, MARGIN)


def _misfits(file: Mapping[str, Any], width: int) -> Iterator[str]:
    """What the file says of itself, and its rows do not come to."""
    for misfit in file["misfits"][:SHOWN]:
        of = "rows" if misfit["label"] is None else plain(misfit["label"])
        found = (
            "rows of it state no amount" if misfit["found"] is None else f"its rows come to {amount(misfit['found'])}"
        )
        text = f"{plain(misfit['text'])}, " if misfit["text"] else ""
        yield from wrapped(f"{text}line {misfit['line']} says {amount(misfit['stated'])} {of}; {found}", width, MARGIN)
    more = file["misfitCount"] - min(SHOWN, len(file["misfits"]))
    if more > 0:
        yield f"{MARGIN * 2}and {more:,} more of the kind"


def _states(asset: Mapping[str, Any]) -> bool:
    return bool(asset["unstated"] < asset["holdings"])


def _count(number: int) -> str:
    return f"{number:,}" if number else NOTHING


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])

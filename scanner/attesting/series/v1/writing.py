"""A series as v1 writes it. Field by field: docs/series.md. Nothing here judges."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.digests import sha256_text
from scanner.attesting.formats.v1.finding import write_policy
from scanner.attesting.points import MomentsRun
from scanner.attesting.times import written_time
from scanner.core.amounts import exact, rounded_down
from scanner.weighing.schedule import Schedule, seed_chain
from scanner.weighing.series import Later, Point, Series, Share, Sustained

RATIO_PLACES: Final = 6


def write(series: Series, run: MomentsRun) -> dict[str, Any]:
    """The predicate. Raises ValueError where something cannot be written, such as a time without a zone."""
    claim, schedule = series.claim, series.schedule
    return {
        "series": {
            "exchange": claim.exchange,
            "asOf": written_time(claim.as_of),
            "claim": sha256_text(claim.digest),
            "complete": claim.complete,
            "policy": write_policy(series.policy),
            "share": None if series.share is None else _share(series.share),
            "schedule": {
                "every": _seconds(schedule.every),
                "start": written_time(schedule.start),
                "end": written_time(schedule.end),
                "chain": str(seed_chain(claim)),
            },
            "stretches": [_stretch(series, schedule, number) for number in schedule.numbers],
            "points": [_point(point) for point in series.points],
            "sustained": [_sustained(each) for each in series.sustained],
            "later": [_later(each) for each in series.later],
        },
        "run": {"scannedAt": written_time(run.scanned_at), "scanner": run.scanner},
    }


def _share(share: Share) -> dict[str, Any]:
    held = [{"unit": unit, "held": exact(amount)} for unit, amount in sorted(share.held.items())]
    return {"of": exact(share.of), "rows": share.rows, "among": share.among, "held": held}


def _stretch(series: Series, schedule: Schedule, number: int) -> dict[str, Any]:
    block = series.blocks.get(number)
    stretch = {"start": written_time(schedule.start_of(number))}
    if block is None:
        return {**stretch, "block": None, "moment": None}
    stated = {"height": block.height, "hash": block.hash, "parent": block.parent, "time": written_time(block.time)}
    return {**stretch, "block": stated, "moment": written_time(schedule.drawn(number, block))}


def _point(point: Point) -> dict[str, Any]:
    return {
        "at": written_time(point.at),
        "statement": sha256_text(point.statement),
        "units": [
            {
                "unit": unit,
                "held": exact(each.held),
                "gaps": each.gaps,
                "atLeast": each.at_least,
                "apart": each.apart,
            }
            for unit, each in sorted(point.units.items())
        ],
    }


def _sustained(each: Sustained) -> dict[str, Any]:
    return {
        "unit": each.unit,
        "window": _seconds(each.window),
        "before": each.before,
        "after": each.after,
        "held": exact(each.held),
        "owed": _or_null(each.owed),
        "leastBefore": _or_null(each.least_before),
        "leastAfter": _or_null(each.least_after),
        "sustained": _or_null(each.sustained),
        "transient": _or_null(each.transient),
        "ratio": None if each.ratio is None else rounded_down(each.ratio, RATIO_PLACES),
        "shows": each.shows.value,
        "lacking": [why.value for why in each.lacking],
    }


def _later(each: Later) -> dict[str, Any]:
    change = _or_null(each.change)
    return {"unit": each.unit, "after": _seconds(each.after), "held": _or_null(each.held), "change": change}


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


def _or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)

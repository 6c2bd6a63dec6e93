"""What verification needs of a series that v1 wrote, out of its JSON values. Nothing here judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scanner.attesting.digests import hex_of
from scanner.attesting.formats.v1.reading import read_policy
from scanner.attesting.points import MomentsRun
from scanner.attesting.series.interface import StatedSeries
from scanner.attesting.times import read_time
from scanner.chains.names import parse_chain
from scanner.core.amounts import parse_decimal
from scanner.core.evidence import Snapshot
from scanner.weighing.schedule import Schedule


def read(predicate: Mapping[str, Any]) -> StatedSeries:
    """A predicate that has the shape. Raises ValueError for a schedule that is none, or stretches that are not its."""
    series, run = predicate["series"], predicate["run"]
    schedule = _schedule(series)
    chain = parse_chain(series["schedule"]["chain"])
    blocks = {}
    if len(series["stretches"]) != len(schedule.numbers):
        raise ValueError(f"{len(series['stretches'])} stretches, and the schedule has {len(schedule.numbers)}")
    for number, stretch in zip(schedule.numbers, series["stretches"], strict=True):
        if read_time(stretch["start"]) != schedule.start_of(number):
            raise ValueError(f"a stretch that begins at {stretch['start']} is none of the schedule, or out of order")
        if (block := stretch["block"]) is not None:
            blocks[number] = Snapshot(chain, block["height"], block["hash"], block["parent"], read_time(block["time"]))
    points: dict[datetime, str] = {}
    for point in series["points"]:
        if read_time(point["at"]) in points:
            raise ValueError(f"the point of {point['at']} stands there twice")
        points[read_time(point["at"])] = hex_of(point["statement"])
    return StatedSeries(
        claim=hex_of(series["claim"]),
        schedule=schedule,
        blocks=blocks,
        points=points,
        policy=read_policy(series),
        share=None if series["share"] is None else parse_decimal(series["share"]["of"]),
        run=MomentsRun(read_time(run["scannedAt"]), run["scanner"]),
    )


def _schedule(series: Mapping[str, Any]) -> Schedule:
    stated, as_of = series["schedule"], read_time(series["asOf"])
    every = timedelta(seconds=stated["every"])
    start, end = (read_time(stated[name]) for name in ("start", "end"))
    schedule = Schedule.between(as_of, start, end, every)
    if (schedule.start, schedule.end) != (start, end):
        raise ValueError("the schedule does not begin and end with a stretch")
    return schedule

"""A series: a claim's accounts read at one moment after another, with the nodes of one scan, opened once.

First the last block of each stretch is pinned, which draws the moments (`weighing.schedule`); then everything is read
at each of them, as a scan reads it. What cannot be pinned or read is a gap there, as in a scan. What was settled of a
moment is handed over at once, so that memory holds the evidence of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scanner.chains.backends import open_node
from scanner.chains.interface import Node
from scanner.core.evidence import Gap, Snapshot
from scanner.core.evidence_part import parts_of
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError
from scanner.scanning.clock import Clock, require_past, system_clock
from scanner.scanning.cluster import on_cluster
from scanner.scanning.events import Observer, SeriesPoint, ignore
from scanner.scanning.journal import Journal
from scanner.scanning.movements import MovementAsker
from scanner.scanning.node_group import NodeGroup, opened
from scanner.scanning.pin import pin
from scanner.scanning.run import ClaimRun, Scan, configured, controls_of, plan
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.instrument import Instrument
from scanner.weighing.schedule import Schedule, moments, seed_chain
from scanner.weighing.series import Point, Series
from scanner.weighing.series_share import point_of_part

if TYPE_CHECKING:
    from distributed import Client

Keep = Callable[[Scan], str]
"""Given what was found at one moment: writes it down, and says the SHA-256 of its statement, in hex."""


async def read_series(
    claim: Claim,
    instrument: Instrument,
    schedule: Schedule,
    keep: Keep,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
    journal: Journal | None = None,
    cluster: str | Client | None = None,
    cluster_plaintext: bool = False,
    clock: Clock = system_clock,
    share: Fraction | None = None,
) -> Series:
    """Read the claim's accounts at each moment of the schedule; with a `share`, all of them at the claim's own moment
    alone, and at the others those that held so much of each asset then.

    The arguments are those of `run.scan`. Raises InputError as that does, for a schedule that ends in the future, and
    for a claim of which no chain can be read in its past.
    """
    require_past(schedule.end, clock())
    chain = seed_chain(claim)
    if chain is None:
        raise InputError.at("claim", "none of its chains can be read in the past, so that it has no series")
    if journal is not None:
        journal.begin(_plan(claim, instrument, schedule, share), configured(instrument), observe)
    gaps = False
    async with (
        on_cluster(cluster, connect, observe, plaintext=cluster_plaintext) as (nodes, _),
        opened(claim, instrument, observe=observe, connect=nodes) as groups,
    ):
        controls = await controls_of(claim, observe)
        movements = MovementAsker(groups, instrument.policy, clock, observe)
        seeding = next(group for group in groups if group.chain == chain)
        blocks = await _last_blocks(seeding, schedule, instrument)
        looked_at = moments(schedule, blocks)
        number = 0

        async def read(of: Claim, moment: datetime, controls: Controls) -> tuple[Scan, str]:
            nonlocal gaps, number
            number += 1
            observe(SeriesPoint(number, len(looked_at), moment))
            moved = of.sampled_at(moment)
            run = ClaimRun(instrument, groups, controls, journal, observe, clock, movements)
            found = await run.weighed(moved, await run.blocks(moved))
            gaps = gaps or found.gaps > 0
            return found, keep(found)

        points, part, shared = {}, claim, None
        if share is not None:
            found, statement = await read(claim, claim.as_of, controls)
            points[claim.as_of], part, shared = point_of_part(
                claim, found.finding, parts_of(found.rows), share, statement
            )
            controls = await controls_of(part, observe)
        for moment in looked_at:
            if moment not in points:
                found, statement = await read(part, moment, controls)
                points[moment] = Point.of(found.finding, statement)
    if journal is not None and gaps:
        journal.end_round()
    return Series(claim, schedule, blocks, tuple(points[moment] for moment in looked_at), shared)


async def _last_blocks(group: NodeGroup, schedule: Schedule, instrument: Instrument) -> dict[int, Snapshot]:
    """By stretch, the last block at or before its end, where the operators agree on one."""
    room = asyncio.Semaphore(4)

    async def last(number: int) -> Snapshot | None:
        async with room:
            pinned = await pin(group, None, schedule.end_of(number), instrument.policy)
        return None if isinstance(pinned, Gap) else pinned.value

    found = await asyncio.gather(*map(last, schedule.numbers))
    return {number: block for number, block in zip(schedule.numbers, found, strict=True) if block is not None}


def _plan(claim: Claim, instrument: Instrument, schedule: Schedule, share: Fraction | None) -> dict[str, Any]:
    """What the batches of one series have in common; those of a scan are no part of it."""
    seconds = int(schedule.every.total_seconds())
    series = [seconds, schedule.first, schedule.last, None if share is None else str(share)]
    return {**plan(claim, instrument), "series": series}

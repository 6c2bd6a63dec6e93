"""Several claims read at the moments of all of them, with the nodes of one scan: each account once at each moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.chains.backends import open_node
from scanner.chains.interface import Node
from scanner.core.evidence_part import parts_of
from scanner.core.node_settings import NodeSettings
from scanner.scanning.clock import Clock, require_past, system_clock
from scanner.scanning.events import Observer, SeriesPoint, ignore
from scanner.scanning.journal import Journal
from scanner.scanning.movements import MovementAsker
from scanner.scanning.node_group import opened
from scanner.scanning.run import ClaimRun, configured, controls_of, plan
from scanner.scanning.series import Keep
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.together import Claims, Joint, JointPoint


async def read_together(
    claims: Claims,
    instrument: Instrument,
    keep: Keep,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
    journal: Journal | None = None,
    clock: Clock = system_clock,
) -> Joint:
    """Read all accounts at each claim's moment, and weigh each claim alone and all of them jointly.

    The arguments are those of `run.scan`; `keep` is as in `series.read_series`. Raises InputError as those do.
    """
    require_past(claims.moments[-1], clock())
    first = claims.at(claims.moments[0])
    if journal is not None:
        journal.begin(_plan(first, instrument), configured(instrument), observe)
    gaps, points = False, []
    async with opened(first, instrument, observe=observe, connect=connect) as groups:
        movements = MovementAsker(groups, instrument.policy, clock, observe)
        run = ClaimRun(instrument, groups, await controls_of(first, observe), journal, observe, clock, movements)
        for number, moment in enumerate(claims.moments, 1):
            observe(SeriesPoint(number, len(claims.moments), moment))
            together = claims.at(moment)
            found = await run.weighed(together, await run.blocks(together))
            gaps = gaps or found.gaps > 0
            points.append(JointPoint.of(claims, found.finding, parts_of(found.rows), keep(found)))
    if journal is not None and gaps:
        journal.end_round()
    return Joint(claims, tuple(points))


def _plan(claim: Claim, instrument: Instrument) -> dict[str, Any]:
    """What the batches of one such run have in common; those of a scan are no part of it."""
    return {**plan(claim, instrument), "together": True}

"""Everything a scan needs, looked at before one: do the nodes answer, do they serve their chains, do they agree on the
blocks that would be read? No balance is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scanner.chains.backends import open_node
from scanner.chains.interface import Node
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.scanning.clock import Clock, require_dated_by, require_past, system_clock
from scanner.scanning.events import Observer, ignore
from scanner.scanning.node_group import opened
from scanner.scanning.pin import pin
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.quorum import Agreement


@dataclass(frozen=True, slots=True)
class Examination:
    """One chain of the claim at one height, as a scan would find it now."""

    chain: Chain
    holdings: int
    operators: tuple[str, ...]  # that can be asked, sorted
    failures: Mapping[str, Gap]  # by operator: why a node of it cannot be asked
    pinned: Agreement[Snapshot] | Gap
    weighed: bool = True  # or amounts are only compared there


async def examine(
    claim: Claim,
    instrument: Instrument,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
    clock: Clock = system_clock,
) -> list[Examination]:
    """One examination for each height of each chain. Raises InputError as a scan would."""
    require_past(claim.as_of, clock())
    async with opened(claim, instrument, observe=observe, connect=connect) as panels:
        by_chain = {panel.chain: panel for panel in panels}
        places = [*claim.by_place().items(), *claim.compared_elsewhere().items()]
        declared = [(by_chain[chain], height, rows) for (chain, height), rows in places]
        policy, as_of = instrument.policy, claim.as_of
        pins = await asyncio.gather(*(pin(panel, height, as_of, policy) for panel, height, _ in declared))
    for pinned in pins:
        if not isinstance(pinned, Gap):
            require_dated_by(pinned.value, clock())
    return [
        Examination(
            chain=panel.chain,
            holdings=len(rows),
            operators=panel.operators,
            failures={operator.name: gap for operator, gap in panel.failures},
            pinned=pinned,
            weighed=(panel.chain, height) == claim.weighed_at(panel.chain),
        )
        for (panel, height, rows), pinned in zip(declared, pins, strict=True)
    ]

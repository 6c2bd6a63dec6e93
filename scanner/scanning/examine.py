"""Everything a scan needs, looked at before one: do the nodes answer, do they serve their chains, do they agree on the
blocks that would be read, and does each of them give balances and proofs there (`trial.py`)?
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scanner.chains.backends import open_node
from scanner.chains.history import reads_only_tip
from scanner.chains.interface import Node
from scanner.chains.proving import has_proofs
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.scanning.clock import Clock, require_dated_by, require_past, system_clock
from scanner.scanning.decimals import CheckedDecimals, check_decimals
from scanner.scanning.events import Observer, ignore
from scanner.scanning.node_group import FailedNode, NodeGroup, opened
from scanner.scanning.pin import newest_block, newest_final, no_past, pin
from scanner.scanning.trial import Trials, try_nodes
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import BlockHoldings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement

_Pinned = Agreement[Snapshot] | Gap


@dataclass(frozen=True, slots=True)
class Examination:
    """One chain of the claim at one height, as a scan would find it now."""

    chain: Chain
    holdings: int
    operators: tuple[str, ...]  # that can be asked, sorted
    failures: Sequence[FailedNode]  # nodes that cannot be asked
    pinned: Agreement[Snapshot] | Gap
    weighed: bool = True  # or amounts are only compared there
    trials: Trials = field(default_factory=Trials)  # of nodes that can be asked, where the chain is weighed
    decimals: CheckedDecimals = field(default_factory=CheckedDecimals)  # of its assets, there


async def _pinned(group: NodeGroup, height: int | None, claim: Claim, policy: Policy, now: datetime) -> _Pinned:
    if reads_only_tip(group.chain):
        return no_past(height, claim.as_of, now, policy) or await newest_block(group, claim.as_of, height, policy)
    if height is None and claim.owed_as_of is not None:
        return await newest_final(group, policy)
    return await pin(group, height, claim.as_of, policy)


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
    async with opened(claim, instrument, observe=observe, connect=connect) as groups:
        by_chain = {group.chain: group for group in groups}
        places = [*claim.by_place().items(), *claim.compared_elsewhere().items()]
        declared = [(by_chain[chain], height, rows) for (chain, height), rows in places]
        policy, now = instrument.policy, clock()
        pins = await asyncio.gather(*(_pinned(group, height, claim, policy, now) for group, height, _ in declared))
        for pinned in pins:
            if not isinstance(pinned, Gap):
                require_dated_by(pinned.value, clock())

        async def tried(group: NodeGroup, height: int | None, rows: BlockHoldings, pinned: _Pinned) -> Trials:
            if (
                isinstance(pinned, Gap)
                or reads_only_tip(group.chain)
                or (group.chain, height) != claim.weighed_at(group.chain)
            ):
                return Trials()
            prove = instrument.prove if has_proofs(group.chain) else 0
            return await try_nodes(group, pinned.value, rows, policy, prove=prove)

        async def counted(
            group: NodeGroup, height: int | None, rows: BlockHoldings, pinned: _Pinned
        ) -> CheckedDecimals:
            if isinstance(pinned, Gap) or (group.chain, height) != claim.weighed_at(group.chain):
                return CheckedDecimals()
            return await check_decimals(group, pinned.value, map(claim.assets.__getitem__, rows.assets), policy)

        found = list(zip(declared, pins, strict=True))
        trials = await asyncio.gather(*(tried(*each, pinned) for each, pinned in found))
        decimals = await asyncio.gather(*(counted(*each, pinned) for each, pinned in found))
    return [
        Examination(
            chain=group.chain,
            holdings=len(rows),
            operators=group.operators,
            failures=group.failures,
            pinned=pinned,
            weighed=(group.chain, height) == claim.weighed_at(group.chain),
            trials=of_nodes,
            decimals=of_assets,
        )
        for (group, height, rows), pinned, of_nodes, of_assets in zip(declared, pins, trials, decimals, strict=True)
    ]

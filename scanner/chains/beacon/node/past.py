"""What leads from a beacon block down to an execution block in its past, from a beacon node.

The summaries come with their branch from routes of Nimbus and Lodestar, else out of the whole state; the roots that a
summary is of from the headers of its 8,192 slots, those of the state's own period out of the whole state alone; the
execution block's place from the beacon block that it stands in. Nothing is believed here: `chains.beacon.past` walks
the record.

Sources: https://github.com/ethereum/beacon-APIs (`headers`, `blocks`); nimbus-eth2, pull request 6675, and Lodestar,
pull request 7245 (`historical_summaries`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.chains.beacon.finality import DENEB
from scanner.chains.beacon.header import BeaconHeader
from scanner.chains.beacon.node.answers import bytes_field, header_of
from scanner.chains.beacon.node.blocks import carried_block
from scanner.chains.beacon.node.states import StateSource
from scanner.chains.beacon.past import FIRST_PERIOD, MOST_SUMMARIES, SUMMARIES, past_record, slot_at
from scanner.chains.beacon.ssz import ROOT, levels, merkle_root, number_leaf, root_of_branch, siblings, split
from scanner.chains.beacon.ssz_types import with_length
from scanner.chains.beacon.sync_committee import NETWORKS, PERIOD, SLOTS_PER_EPOCH, Network
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import decode
from scanner.clients.rest import NotFound, Rest
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

_ROUTES: Final = (
    "/nimbus/v1/debug/beacon/states/{}/historical_summaries",
    "/eth/v1/lodestar/states/{}/historical_summaries",
)
_SUMMARIES_LIMIT: Final = 4 * 2**20  # bytes: some 200 for each period of 27 hours
_AT_ONCE: Final = 256  # slots that are asked for together; how many requests are under way is the client's matter
_MISSED: Final = 64  # slots in a row without a block before a node is said not to keep its blocks
_LIST_DEPTH: Final = MOST_SUMMARIES.bit_length() - 1


@dataclass(frozen=True, slots=True)
class _Summaries:
    """Of the state after a block."""

    each: bytes  # 64 bytes of each: the root over roots of blocks, and that over roots of states
    branch: list[bytes]  # from the list to the state

    def above(self, at: int) -> list[bytes]:
        """The siblings from the first half of a summary up to the list, the lowest first."""
        second = self.each[2 * ROOT * at + ROOT : 2 * ROOT * (at + 1)]
        in_list = siblings(levels(_pairs(self.each), _LIST_DEPTH), at)
        return [second, *in_list, number_leaf(len(self.each) // (2 * ROOT))]


class PastSource:
    """`chains.interface.ServesPast` of one node."""

    def __init__(self, chain: Chain, rest: Rest, states: StateSource | None) -> None:
        """`states`: of the same node; None where their shapes are not known here."""
        self._states = states
        self._network = NETWORKS.get(chain.reference)
        self._chain = chain
        self._rest = rest
        self._newest: tuple[str, BeaconHeader] | None = None  # the last one that a block of the EVM chain named
        self._summaries: tuple[BeaconHeader, _Summaries] | None = None  # the last ones
        self._period: tuple[int, list[bytes]] | None = None  # the last one, and its roots

    async def reaches(self, newer: Snapshot, older: Snapshot) -> None:
        """Whether the state that the newer block names leads to the older one. Raises NodeError where it does not, or
        where the node does not give it."""
        network, slot = self._slot(older)
        if slot // PERIOD < FIRST_PERIOD:
            raise NodeError(Why.UNSUPPORTED, f"block {older.height} is older than Capella, as far as summaries lead")
        if self._slot(newer)[1] // SLOTS_PER_EPOCH < DENEB:
            raise NodeError(Why.UNSUPPORTED, f"block {newer.height} is older than Dencun, and names no beacon block")
        header = await self._named(newer)
        if slot >= header.slot:
            raise NodeError(Why.UNSUPPORTED, f"block {older.height} is not in the past of slot {header.slot}")
        if slot // PERIOD == header.slot // PERIOD:
            await self._field(header, "block_roots")
        else:
            await self._summaries_of(network, header)

    async def past_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The record that leads from the beacon block that the newer one names to the older one. Raises NodeError."""
        await self.reaches(newer, older)
        network, slot = self._slot(older)
        header = await self._named(newer)
        if slot // PERIOD == header.slot // PERIOD:
            data, to_state = await self._field(header, "block_roots")
            roots, above = split(data), []
        else:
            found = await self._summaries_of(network, header)
            period = slot // PERIOD
            roots = await self._roots(period, found.each[2 * ROOT * (period - FIRST_PERIOD) :][:ROOT])
            above, to_state = found.above(period - FIRST_PERIOD), found.branch
        carrying = await self._header(_hex(roots[slot % PERIOD]))
        if carrying is None:
            raise NodeError(Why.NO_STATE, f"the node does not have the beacon block {_hex(roots[slot % PERIOD])}")
        block, inside = await carried_block(self._rest, network, carrying)
        below = siblings(levels(b"".join(roots), PERIOD.bit_length() - 1), slot % PERIOD)
        return [past_record(header, block, [*inside, *below, *above, *to_state])]

    def _slot(self, block: Snapshot) -> tuple[Network, int]:
        if self._network is None:
            raise NodeError(Why.UNSUPPORTED, f"the forks of {self._chain} are not known here")
        try:
            return self._network, slot_at(self._network, int(block.time.timestamp()))
        except ValueError as error:
            raise NodeError(Why.UNSUPPORTED, f"block {block.height}: {error}") from None

    async def _named(self, newer: Snapshot) -> BeaconHeader:
        """The header of the beacon block that a block names: of the one before the one that carries it."""
        if self._newest is None or self._newest[0] != newer.hash:
            carrying = await self._header(str(self._slot(newer)[1]))
            if carrying is None:
                raise NodeError(Why.NO_STATE, f"the node has no beacon block of the time of block {newer.height}")
            header = await self._header(_hex(carrying.parent_root))
            if header is None:
                raise NodeError(Why.NO_STATE, f"the node does not have the beacon block {_hex(carrying.parent_root)}")
            self._newest = newer.hash, header
        return self._newest[1]

    async def _summaries_of(self, network: Network, header: BeaconHeader) -> _Summaries:
        if self._summaries is None or self._summaries[0] != header:
            found = await self._listed(network, header)
            if found is None:
                each, branch = await self._field(header, "historical_summaries")
                found = _Summaries(each, branch)
            self._summaries = header, found
        return self._summaries[1]

    async def _listed(self, network: Network, header: BeaconHeader) -> _Summaries | None:
        """By one of the routes; None where the node has none of them."""
        for route in _ROUTES:
            for state in (_hex(header.state_root), str(header.slot)):
                try:
                    body = await self._rest.get(route.format(state), limit=_SUMMARIES_LIMIT)
                except NodeError as error:
                    if not isinstance(error, NotFound) and error.why is not Why.REFUSED:
                        raise
                    continue
                return _read_summaries(body, header, 6 if header.slot // SLOTS_PER_EPOCH >= network.electra else 5)
        return None

    async def _field(self, header: BeaconHeader, name: str) -> tuple[bytes, list[bytes]]:
        try:
            if self._states is not None:
                return await self._states.field(header, name)
            error = NodeError(Why.UNSUPPORTED, "the shapes of its states are not known here")
        except NodeError as failure:
            error = failure
        raise NodeError(
            error.why,
            f"the node gives no {name} of the state of slot {header.slot}: {error.detail}. Historical summaries alone"
            " are given by Nimbus and Lodestar, whole states by all, where their debug routes are switched on",
        )

    async def _roots(self, period: int, summary: bytes) -> list[bytes]:
        """The block roots of a period's slots, as its summary has them."""
        if self._period is None or self._period[0] != period:
            self._period = period, await self._roots_from(period * PERIOD)
        roots = self._period[1]
        if merkle_root(roots, PERIOD) != summary:
            self._period = None
            raise NodeError(
                Why.FORGED, f"the headers of the slots from {period * PERIOD} on are not those of the summary"
            )
        return roots

    async def _roots_from(self, first: int) -> list[bytes]:
        """The same from headers, as a state keeps them: that of the one before, where a slot has none."""
        found: list[bytes | None] = []
        for start in range(first, first + PERIOD, _AT_ONCE):
            async with asyncio.TaskGroup() as group:
                slots = range(start, start + _AT_ONCE)
                tasks = [group.create_task(self._header(str(slot), slot)) for slot in slots]
            found += [None if header is None else header.root for header in (task.result() for task in tasks)]
        last = found[0] or await self._newest_before(first)
        roots = []
        for each in found:
            last = each or last
            roots.append(last)
        return roots

    async def _newest_before(self, slot: int) -> bytes:
        for earlier in range(slot - 1, slot - 1 - _MISSED, -1):
            header = await self._header(str(earlier), earlier)
            if header is not None:
                return header.root
        raise NodeError(Why.NO_STATE, f"the node has no block in the {_MISSED} slots before {slot}")

    async def _header(self, block: str, slot: int | None = None) -> BeaconHeader | None:
        """The header of the block with this root, or at this slot; None where there is none."""
        try:
            header = header_of(await self._rest.get(f"/eth/v1/beacon/headers/{block}"))
        except NotFound:
            return None
        if slot is not None and header.slot != slot:
            raise malformed(f"asked for the block at slot {slot}, the node gave the one at {header.slot}")
        return header


def _read_summaries(body: bytes, header: BeaconHeader, depth: int) -> _Summaries:
    """Raises NodeError, FORGED for such as do not lead to the header's state."""
    data = field(decode(body), "data", dict)
    listed, proof = field(data, "historical_summaries", list), field(data, "proof", list)
    if len(listed) > MOST_SUMMARIES or len(proof) != depth:
        raise malformed(f"summaries whose branch has not {depth} roots")
    each = b"".join(bytes_field(one, f"{of}_summary_root", ROOT) for one in listed for of in ("block", "state"))
    branch = [bytes_field({"root": one}, "root", ROOT) for one in proof]
    root = with_length(levels(_pairs(each), _LIST_DEPTH)[-1], len(listed))
    if root_of_branch(root, branch, (1 << depth) + SUMMARIES) != header.state_root:
        raise NodeError(Why.FORGED, f"the historical summaries are not those of the state of slot {header.slot}")
    return _Summaries(each, branch)


def _pairs(summaries: bytes) -> bytes:
    """The roots of summaries of 64 bytes."""
    starts = range(0, len(summaries), 2 * ROOT)
    return b"".join(sha256(summaries[start : start + 2 * ROOT]).digest() for start in starts)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"

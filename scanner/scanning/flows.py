"""Flows: a claim's accounts read at three moments, and the transfers to and from them in between, as nodes list them.

The balances are read as a scan reads them. Then each operator is asked for the transfers of each asset, a piece of the
time and of the accounts after another; what they list is believed where enough list the same, in every piece the same
operators. A piece on which they do not agree makes the whole asset a gap: a list that lacks a part would look like
less. Nothing of the lists is kept in the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from scanner.chains.backends import open_node
from scanner.chains.interface import Node
from scanner.core.amounts import MOST_ATOMS
from scanner.core.evidence import Gap
from scanner.core.evidence_part import parts_of
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.core.transfers import MOST_TRANSFERS, Transfer
from scanner.errors import Why
from scanner.scanning.clock import Clock, require_past, system_clock
from scanner.scanning.events import Observer, SeriesPoint, ignore
from scanner.scanning.journal import Journal
from scanner.scanning.movements import MovementAsker
from scanner.scanning.node_group import NodeGroup, opened
from scanner.scanning.pin import unserved
from scanner.scanning.run import ClaimRun, Scan, configured, controls_of, plan
from scanner.scanning.series import Keep
from scanner.weighing.claim import Claim
from scanner.weighing.flows import Flows, check_window, moments
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, agree
from scanner.weighing.transfer_lists import AgreedList, FlowPoint, NamedBlocks, can_be_listed

_BLOCKS: Final = 10_000  # in a piece
_ACCOUNTS: Final = 5_000
_ASSETS_AT_ONCE: Final = 4  # of one chain
_TOO_MANY: Final = f"more than {MOST_TRANSFERS:,} transfers"


async def read_flows(
    claim: Claim,
    instrument: Instrument,
    window: timedelta,
    keep: Keep,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
    journal: Journal | None = None,
    clock: Clock = system_clock,
) -> Flows:
    """Read the claim's accounts at its moment and a window before and after it, and what moved in between.

    The arguments are those of `run.scan`; `keep` is as in `series.read_series`. Raises InputError as those do, and for
    a window that ends in the future; ValueError for one that is none (`weighing.flows.check_window`).
    """
    check_window(window)
    looked_at = moments(claim, window)
    require_past(looked_at[-1], clock())
    if journal is not None:
        journal.begin(_plan(claim, instrument, window), configured(instrument), observe)
    gaps, points, scans = False, list[FlowPoint](), list[Scan]()
    async with opened(claim, instrument, observe=observe, connect=connect) as groups:
        movements = MovementAsker(groups, instrument.policy, clock, observe)
        run = ClaimRun(instrument, groups, await controls_of(claim, observe), journal, observe, clock, movements)
        for number, moment in enumerate(looked_at, 1):
            observe(SeriesPoint(number, len(looked_at), moment))
            moved = claim.sampled_at(moment)
            found = await run.weighed(moved, await run.blocks(moved))
            gaps = gaps or found.gaps > 0
            points.append(FlowPoint.of(found.finding, parts_of(found.rows), keep(found)))
            scans.append(found)
        if journal is not None and gaps:
            journal.end_round()
        listed = await _listed(claim, groups, points, points[1].policy)
    transfers = sorted(each for lists in listed.values() for each in lists.transfers)
    return Flows(
        claim=claim,
        window=window,
        points=tuple(points),
        listings={asset: each.listing for asset, each in listed.items()},
        transfers=tuple(transfers),
        operators=scans[1].operators,
        own=scans[1].own,
    )


@dataclass(slots=True)
class _Lists:
    """What is believed of one asset's transfers, so far."""

    listing: AgreedList | Gap
    transfers: list[Transfer] = field(default_factory=list)

    @classmethod
    def without(cls, why: Why, detail: str) -> _Lists:
        return cls(Gap(why, detail))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of what is asked: some accounts, in the blocks from `first` to `last`."""

    asset: AssetId
    accounts: Sequence[bytes]
    first: int
    last: int

    async def asked(self, node: Node) -> tuple[Transfer, ...] | Gap:
        transfers = node.capabilities.transfers
        if transfers is None:
            return Gap(Why.UNSUPPORTED, "such a node does not list transfers")
        found = await transfers.transfers(self.asset, self.accounts, self.first, self.last)
        named = frozenset(self.accounts)
        if not all(self._has(each, named) for each in found):
            return Gap(Why.MALFORMED, "a transfer that was not asked for")
        return tuple(sorted(found))

    def _has(self, each: Transfer, named: frozenset[bytes]) -> bool:
        """Whether it is one of those that are asked for: a backend may be anyone's."""
        return (
            each.asset == self.asset
            and self.first <= each.height <= self.last
            and 0 < each.atoms <= MOST_ATOMS
            and (each.source in named or each.target in named)
        )


async def _listed(
    claim: Claim, groups: Sequence[NodeGroup], points: Sequence[FlowPoint], policy: Policy
) -> dict[AssetId, _Lists]:
    """The transfers of each asset of the claim: all chains, and a few assets of each, side by side."""
    by_chain = {group.chain: (group, asyncio.Semaphore(_ASSETS_AT_ONCE)) for group in groups}

    async def one(asset: AssetId) -> _Lists:
        if asset.chain not in by_chain:
            return _Lists.without(Why.UNSUPPORTED, "the claim has no account of it")
        group, at_once = by_chain[asset.chain]
        async with at_once:
            return await _of_asset(asset, group, points, policy)

    assets = sorted(claim.assets, key=str)
    return _together(dict(zip(assets, await asyncio.gather(*map(one, assets)), strict=True)))


def _together(found: dict[AssetId, _Lists]) -> dict[AssetId, _Lists]:
    """The same, as far as the lists of all assets can stand beside each other: one that contradicts another one, or has
    no room beside it, is none."""
    room = MOST_TRANSFERS
    blocks = NamedBlocks()
    places: set[tuple[Chain, int, int]] = set()
    for asset, lists in found.items():
        chain = asset.chain
        here = {(chain, each.height, each.index) for each in lists.transfers}
        if len(lists.transfers) > room:
            found[asset] = _Lists.without(Why.UNSUPPORTED, f"with those of other assets, {_TOO_MANY}")
        elif not all(map(blocks.fit, lists.transfers)):
            found[asset] = _Lists.without(Why.WRONG_BLOCK, "another block than another asset's transfers are in")
        elif len(here) < len(lists.transfers) or not places.isdisjoint(here):
            found[asset] = _Lists.without(Why.MALFORMED, "a transfer in the place of another one")
        else:
            for each in lists.transfers:
                blocks.add(each)
            places |= here
            room -= len(lists.transfers)
    return found


async def _of_asset(asset: AssetId, group: NodeGroup, points: Sequence[FlowPoint], policy: Policy) -> _Lists:
    """What is believed of the asset's transfers in the blocks between the first point's and the last one's."""
    if (gap := unserved(group)) is not None:
        return _Lists(gap)
    accounts = sorted(points[1].balances.get(asset, ()))
    if not accounts:
        return _Lists.without(Why.UNSUPPORTED, "the claim has no account of it that counts")
    if not can_be_listed(points, asset.chain):
        return _Lists.without(Why.NOT_FINAL, "the blocks of the moments are not all known, in their order")
    first, last = points[0].snapshots[asset.chain].height + 1, points[2].snapshots[asset.chain].height
    lists = _Lists(AgreedList(tuple(sorted(operator.name for operator in group.nodes))))
    seen: dict[tuple[int, int], Transfer] = {}
    for piece in _pieces(asset, accounts, first, last):
        agreed = agree(await group.ask(piece.asked), policy)
        if isinstance(agreed, Gap):
            return _Lists(Gap(agreed.why, agreed.detail))
        for each in agreed.value:
            if seen.setdefault((each.height, each.index), each) != each:
                return _Lists.without(Why.MALFORMED, f"two transfers are number {each.index} of block {each.height}")
        if len(seen) > MOST_TRANSFERS:
            return _Lists.without(Why.UNSUPPORTED, _TOO_MANY)
        lists.listing = _in_all(lists.listing, agreed)
    return _believed(lists.listing, seen.values(), points, group, policy)


def _in_all(listing: AgreedList | Gap, agreed: Agreement[tuple[Transfer, ...]]) -> AgreedList | Gap:
    """Who listed the same so far, and in one piece more."""
    if isinstance(listing, Gap):
        return listing
    dissent = {*listing.dissent, *(name for name, _ in agreed.dissent)}
    return AgreedList(tuple(sorted({*listing.operators} & {*agreed.operators} - dissent)), tuple(sorted(dissent)))


def _believed(
    listing: AgreedList | Gap,
    transfers: Collection[Transfer],
    points: Sequence[FlowPoint],
    group: NodeGroup,
    policy: Policy,
) -> _Lists:
    """The list of all pieces, if enough operators stand behind every one of them, and it is of the points' blocks."""
    own = {operator.name for operator in group.nodes if operator.own}
    if isinstance(listing, AgreedList) and listing.basis(policy, own) is None:
        return _Lists.without(
            Why.NO_QUORUM,
            f"{len(listing.operators)} operators listed the same in every part of the time; {policy.quorum} are needed",
        )
    blocks = NamedBlocks.of(points)
    for each in transfers:
        if not blocks.fit(each):
            return _Lists.without(
                Why.WRONG_BLOCK, f"transfers of two blocks at height {each.height}, or of one at two heights"
            )
        blocks.add(each)
    return _Lists(listing, sorted(transfers))


def _pieces(asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> Iterator[_Piece]:
    for start in range(first, last + 1, _BLOCKS):
        for at in range(0, len(accounts), _ACCOUNTS):
            yield _Piece(asset, accounts[at : at + _ACCOUNTS], start, min(last, start + _BLOCKS - 1))


def _plan(claim: Claim, instrument: Instrument, window: timedelta) -> dict[str, Any]:
    """What the batches of one such run have in common; those of a scan are no part of it."""
    return {**plan(claim, instrument), "flows": window // timedelta(seconds=1)}

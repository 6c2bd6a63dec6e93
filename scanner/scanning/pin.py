"""One block per chain, by hash, before anything is read there.

The claim may name the height; otherwise it is the last block at or before the claim's moment. Either way each operator
must have it among its final blocks, the operators must agree on the block itself, and a chain on which they do not is a
Gap, of which nothing is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scanner.chains.backends import unread_because
from scanner.chains.interface import Node
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import NodeError, Why
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.moments import duration
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.quorum import Agreement, agree

# Headers' times need not rise from block to block. Bitcoin demands that each is above the median of the eleven before
# it (BIP-113), so once that median has passed a moment, no later block is timed at or before it.
_MEDIAN_SPAN = 11
_SOON = timedelta(minutes=1)
_WALK_LIMIT = 2_000  # blocks that may be walked past the moment, before the node's times are called nonsense


def unserved(group: NodeGroup) -> Gap | None:
    """Why nothing can be asked of the chain, where no node of it is configured, or could be."""
    if group.nodes or group.silent:
        return None
    return Gap(Why.UNSUPPORTED, unread_because(group.chain) or "no node of this chain is configured")


async def pin(group: NodeGroup, height: int | None, as_of: datetime, policy: Policy) -> Agreement[Snapshot] | Gap:
    """The block at `height`, or without one the last at or before `as_of`, as the operators agree on it; or why not."""
    if (gap := unserved(group)) is not None:
        return gap

    async def question(node: Node) -> Snapshot:
        return await (last_block_by(node, as_of) if height is None else block_of(node, height))

    return agree(await group.ask(question), policy)


def no_past(height: int | None, as_of: datetime, now: datetime, policy: Policy) -> Gap | None:
    """Why a chain that can be read only as it is `now` cannot be read for a claim of this height, or of this moment;
    None if it can."""
    if height is not None:
        return Gap(Why.NO_PAST, f"the claim names block {height}, and such a chain can be read only as it is now")
    away = abs(now - as_of)
    if away <= policy.max_skew:
        return None
    tip_only = f"such a chain can be read only as it is now, {duration(away)} from the claim's moment"
    return Gap(Why.NO_PAST, f"{tip_only}; at most {duration(policy.max_skew)} are allowed")


async def newest_block(
    group: NodeGroup, as_of: datetime, height: int | None, policy: Policy
) -> Agreement[Snapshot] | Gap:
    """The newest block that a quorum, or the auditor's own node, calls final, of a chain that can be read only as it is
    now: near to which it will be read."""
    if (gap := unserved(group)) is not None:
        return gap
    found = await newest_final(group, policy)
    if isinstance(found, Gap):
        return found
    return no_past(height, as_of, found.value.time, policy) or found


async def still_pinned(snapshot: Snapshot, group: NodeGroup, policy: Policy) -> Gap | None:
    """None if the operators still agree on the snapshot after the reading; else why nothing read there counts.

    A chain that replaced the block in the meantime may have answered from either side of the fork.
    """
    now = agree(await group.ask(lambda node: node.block_at(snapshot.height)), policy)
    if isinstance(now, Gap):
        return now
    if now.value != snapshot:
        return Gap(Why.WRONG_BLOCK, f"{snapshot} was replaced by {now.value.hash} during the scan")
    return None


async def later_final_block(group: NodeGroup, snapshot: Snapshot, policy: Policy) -> Snapshot | None:
    """The newest block that a quorum, or the auditor's own node, calls final: for the seed of a sample.

    None where they cannot name one and the same, or none later than `snapshot`. One who dissents does not spoil it:
    without a seed everything is drawn, which may be more than anybody can wait for.
    """

    block = await newest_final(group, policy, snapshot.height)
    return None if isinstance(block, Gap) else block.value


async def newest_final(group: NodeGroup, policy: Policy, above: int = 0) -> Agreement[Snapshot] | Gap:
    """The newest block above a height that a quorum, or the auditor's own node, calls final."""
    if (gap := unserved(group)) is not None:
        return gap

    async def question(node: Node) -> int:
        return await node.final_height()

    said = await group.ask(question)
    heights = [(operator, height) for operator, height in said if not isinstance(height, Gap)]
    believed = sorted((height for _, height in heights), reverse=True)[policy.quorum - 1 : policy.quorum]
    believed += [height for operator, height in heights if operator.own]
    if not believed:
        agreed = agree(said, policy)
        return agreed if isinstance(agreed, Gap) else Gap(Why.NO_QUORUM, "too few operators name a final block")
    if max(believed) <= above:
        return Gap(Why.NOT_FINAL, f"no block above {above} is final")
    height = max(believed)
    recorded = replace(policy, dissent=Dissent.RECORD)
    return agree(await group.ask(lambda node: block_of(node, height)), recorded)


async def block_of(node: Node, height: int) -> Snapshot:
    """The block at a height that the claim names.

    Raises NodeError NOT_FINAL where it may still be replaced; WRONG_BLOCK where the chain has none there.
    """
    final = await node.final_height()
    snapshot = await node.block_at(height)
    if height > final:
        away = snapshot.time - (await node.block_at(final)).time
        raise NodeError(
            Why.NOT_FINAL,
            f"block {height} may still be replaced, since the newest final one is {final}; come again in"
            f" {duration(max(away, _SOON))} or more",
        )
    if snapshot.height != height:
        raise NodeError(Why.WRONG_BLOCK, f"there is no block at {height}, the one before it is at {snapshot.height}")
    return snapshot


async def last_block_by(node: Node, moment: datetime) -> Snapshot:
    """The highest block that is timed at or before `moment`, found among the node's final blocks.

    Raises NodeError NOT_FINAL where the chain's final blocks do not reach past the moment yet, so that a later block
    may still belong before it; NO_STATE where the node's blocks begin too late; MALFORMED where its times or heights
    make no sense; and whatever `block_at` raises.

    It is looked for from the newest back, in steps that double, so that no block is asked for that is twice as far back
    or more: many nodes have let go of their oldest (EIP-4444).
    """
    oldest, final = await node.oldest_height(), await node.final_height()
    if oldest > final:
        raise NodeError(Why.MALFORMED, f"the node's oldest block, {oldest}, is above its newest final one, {final}")
    first = oldest + _MEDIAN_SPAN - 1 if oldest else 0  # whose median can be known
    high, low, step = final, max(min(first, final), final - 1), 1
    while low < first or (await node.block_at(low)).time > moment:
        if low <= first:
            raise _begins_after(oldest, moment)
        step *= 2
        high, low = low, max(first, low - step)
    while high - low > 1:
        middle = (low + high) // 2
        if (await node.block_at(middle)).time <= moment:
            low = middle
        else:
            high = middle
    return await _walk_up(node, low, final, moment)


def _begins_after(oldest: int, moment: datetime) -> NodeError:
    if not oldest:
        return NodeError(Why.WRONG_BLOCK, f"the chain begins after {moment:%Y-%m-%dT%H:%M:%SZ}")
    oldest_block = f"the node's oldest block is {oldest}, which is too late to find the last one by"
    return NodeError(Why.NO_STATE, f"{oldest_block} {moment:%Y-%m-%dT%H:%M:%SZ}")


async def _walk_up(node: Node, start: int, final: int, moment: datetime) -> Snapshot:
    """From a block known to be early enough, past every block that may be later in height and yet early enough."""
    blocks = [await node.block_at(height) for height in range(max(0, start - _MEDIAN_SPAN + 1), start + 1)]
    best = blocks[-1]
    for height in range(start + 1, min(final, start + _WALK_LIMIT) + 1):
        if _median_time(blocks) > moment:
            return best
        blocks.append(await node.block_at(height))
        if blocks[-1].time <= moment:
            best = blocks[-1]
    if _median_time(blocks) > moment:
        return best
    if final > start + _WALK_LIMIT:
        raise NodeError(Why.MALFORMED, f"block times do not settle within {_WALK_LIMIT} blocks of the moment")
    # What is final moves on as the chain does: by as much as it now lies before the moment, and some blocks more.
    away = max(moment - blocks[-1].time, _SOON)
    raise NodeError(
        Why.NOT_FINAL,
        f"too few final blocks after {moment:%Y-%m-%dT%H:%M:%SZ} yet; come again in {duration(away)} or more",
    )


def _median_time(blocks: Sequence[Snapshot]) -> datetime:
    """As BIP-113 counts it: of the last eleven blocks, or of all where there are fewer."""
    times = sorted(block.time for block in blocks[-_MEDIAN_SPAN:])
    return times[len(times) // 2]

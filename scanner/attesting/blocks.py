"""Step 7 of a verification: the stated blocks' form, that they can lie on one chain, and that rows were read at them.

Whether a block is on its chain no file shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.attesting.counted import Fault
from scanner.attesting.formats.interface import Stated
from scanner.chains.block_hash import is_block_hash
from scanner.chains.history import reads_only_tip
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.matched import Matched
from scanner.weighing.moments import CLOCK_TOLERANCE, dated_ahead

LONGEST_SCAN: Final = timedelta(days=1)
"""From the moment at which a scan between two reports weighs to its end."""


def at_stated_moment(claim: Claim, stated: Stated) -> Claim:
    """The claim as it is weighed at the moment that is stated. Raises ValueError for one that is neither the claim's
    nor that of the scan."""
    if stated.as_of == claim.as_of:
        return claim
    length = stated.run.scanned_at - stated.as_of
    if not -CLOCK_TOLERANCE <= length <= LONGEST_SCAN:
        raise ValueError(
            f"it judges the claim as of {_utc(stated.as_of)}, which is neither the claim's moment, {_utc(claim.as_of)},"
            f" nor that of the scan, {_utc(stated.run.scanned_at)}"
        )
    return claim.at(stated.as_of)


def check_blocks(stated: Mapping[ChainHeight, Snapshot], claim: Claim) -> None:
    """That each block is where the claim has something read, none after its moment but by name, none named that no node
    could have been asked for, and that those of one chain do not contradict each other. Raises ValueError."""
    used = claim.by_place().keys() | claim.compared_elsewhere().keys()
    for place, snapshot in stated.items():
        if place not in used:
            raise ValueError(f"block {snapshot.height} of {snapshot.chain}, where the claim has nothing read")
        tip_only = reads_only_tip(snapshot.chain)
        if place[1] is not None and tip_only:
            raise ValueError(f"{snapshot.chain} can be read only as it is now, not at block {snapshot.height}")
        if place[1] is None and snapshot.time > claim.as_of and not (claim.newest or tip_only):
            raise ValueError(f"block {snapshot.height} of {snapshot.chain} is later than the claim's moment")
        check_block(snapshot)
    by_chain: dict[Chain, list[Snapshot]] = {}
    for snapshot in stated.values():
        by_chain.setdefault(snapshot.chain, []).append(snapshot)
    for chain, snapshots in by_chain.items():
        check_one_chain(chain, sorted(snapshots, key=lambda snapshot: snapshot.height))


def check_seed_block(block: Snapshot, read: Snapshot, stated: Iterable[Snapshot], scanned_at: datetime) -> None:
    """That a sample's seed can be made of this block: a later one of the chain than rows were `read` at, not later than
    the scan as far as clocks agree, and not in contradiction to what else is `stated`. Raises ValueError."""
    check_block(block)
    chain = block.chain
    if block.height <= read.height or block.time < read.time:
        raise ValueError(f"the seed of {chain} is made of a block that is not later than what was read")
    if block.time - scanned_at > dated_ahead(chain):
        raise ValueError(f"the seed of {chain} is made of a block that is later than the scan")
    of_chain = [each for each in stated if each.chain == chain]
    check_one_chain(chain, sorted([*of_chain, block], key=lambda snapshot: snapshot.height))


def block_fault(rows: Matched, claim: Claim, hashes: Mapping[ChainHeight, str]) -> Fault | None:
    """The first row that was not read, or its amount not compared, where the claim has it; None if all were. `hashes`
    are those of the stated blocks; where there is none nothing can have been read."""
    held, part = rows.held, rows.part
    chain, height = claim.weighed_at(held.asset.chain)
    block = hashes.get((chain, height), "")
    if part.block != block:
        return 0, f"was read at block {part.block or '(none)'}, where the statement names {block or 'none'}"
    if not part.elsewhere and not held.heights.distinct.keys() - {None, height}:
        return None
    for at, (at_height, claimed) in enumerate(zip(held.heights, held.claimed, strict=True)):
        compared = claimed is not None and at_height not in (None, height)
        there = hashes.get((chain, at_height), "") if compared else None
        stated = part.elsewhere[at].block if at in part.elsewhere else None
        if stated != there:
            return at, f"was compared at block {stated or '(none)'}, where claim and statement have {there or 'none'}"
    return None


def check_dates(scanned_at: datetime, stated: Mapping[ChainHeight, Snapshot], claim: Claim) -> None:
    """That the scan ended after the claim's moment and after every block that it read, as far as clocks agree: the
    statement would contradict itself. Raises ValueError."""
    if claim.as_of - scanned_at > CLOCK_TOLERANCE:
        raise ValueError(f"the scan is dated {_utc(scanned_at)}, before the claim's moment {_utc(claim.as_of)}")
    for snapshot in stated.values():
        if snapshot.time - scanned_at > dated_ahead(snapshot.chain):
            block = f"block {snapshot.height} of {snapshot.chain} of {_utc(snapshot.time)}"
            raise ValueError(f"the scan is dated {_utc(scanned_at)}, before {block}, which it read")


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def check_block(snapshot: Snapshot) -> None:
    """That its hashes have the form of the chain's. Raises ValueError."""
    for what, text in (("hash", snapshot.hash), ("parent", snapshot.parent)):
        if not is_block_hash(snapshot.chain, text):
            raise ValueError(f"{text[:80]!a} is stated as a {what} on {snapshot.chain}, and is no block hash there")


def check_one_chain(chain: Chain, ascending: Iterable[Snapshot]) -> None:
    """One height has one block, one block one height, and a block names the one before it as its parent."""
    heights: dict[str, int] = {}
    before: Snapshot | None = None
    for snapshot in ascending:
        if heights.setdefault(snapshot.hash, snapshot.height) != snapshot.height:
            raise ValueError(f"the block {snapshot.hash} of {chain} is stated at two heights")
        if snapshot.hash == snapshot.parent:
            raise ValueError(f"the block {snapshot.hash} of {chain} is stated as its own parent")
        if before is not None and before.height == snapshot.height and _facts(before) != _facts(snapshot):
            raise ValueError(f"two blocks of {chain} are stated at height {snapshot.height}")
        if before is not None and before.height + 1 == snapshot.height and before.hash != snapshot.parent:
            raise ValueError(f"block {snapshot.height} of {chain} has another parent than block {before.height}")
        before = snapshot


def _facts(snapshot: Snapshot) -> tuple[str, str, datetime]:
    return snapshot.hash, snapshot.parent, snapshot.time

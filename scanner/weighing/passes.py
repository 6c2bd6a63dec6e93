"""Chains that were read in two passes: between which blocks, and how many of the balances had changed in between.

What one such balance counts is `core.two_passes`' part. Nothing here judges, and nothing here asks a node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.core.evidence import Snapshot
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import Chain
from scanner.core.two_passes import Between
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.moments import Weighed


def blocks_of(
    claim: Claim, snapshots: Mapping[ChainHeight, Snapshot], between: Mapping[Chain, Between], chain: Chain
) -> tuple[Weighed, ...]:
    """The block at which a chain is weighed; where it was read in two passes with the first and the last block before
    and after it; none where none could be pinned. They do whether or not anything could be read there: losing balances
    must not bring a verdict."""
    place = claim.weighed_at(chain)
    if place not in snapshots:
        return ()
    ends, turn = between.get(chain), snapshots[place]
    blocks = [turn] if ends is None else [ends.earliest, turn, ends.latest]
    return tuple(Weighed.at(block, place[1], of_scan=claim.newest) for block in blocks)


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """A chain whose accounts were read in two passes, one after the other."""

    chain: Chain
    balances: int  # that were established in both
    moved: int  # of these: how many differ, so that the lower one counts as a lower bound
    earliest: Snapshot  # of the blocks that were read at
    latest: Snapshot


class CountedPasses:
    """Counts while rows go by."""

    def __init__(self) -> None:
        self._balances: Counter[Chain] = Counter()
        self._moved: Counter[Chain] = Counter()

    def add(self, part: EvidencePart) -> None:
        """Rows of the evidence."""
        if part.passes:
            self._balances[part.asset.chain] += len(part.passes)
            self._moved[part.asset.chain] += sum(each.moved for each in part.passes.values())

    def listed(self, between: Mapping[Chain, Between]) -> tuple[ReadTwice, ...]:
        """What the rows come to, of these chains."""
        return tuple(
            ReadTwice(chain, self._balances[chain], self._moved[chain], ends.earliest, ends.latest)
            for chain, ends in sorted(between.items())
        )

"""Anchors whose old blocks hang under the newest one, by the past that the consensus layer keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from scanner.attesting.anchored import AnchoredBlock, Standing, anchored
from scanner.chains.ancestry import Way
from scanner.chains.beacon.node.past import PastSource
from scanner.chains.interface import Capabilities
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.anchoring import Unanchored, extend
from scanner.scanning.growing_anchor import GrowingAnchor
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.simulated.ancestors import ETHEREUM, block, kept, records_of
from tests.support.simulated.beacon_past import Past
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import ScriptedChain, ScriptedNode

BEACON = Chain("beacon", "1")
RECENT = block(22_999_000)  # which the newest block keeps the hash of


@cache
def past() -> Past:
    return Past(words={**kept(RECENT), b"\xff" * 32: 1})


def spoilt(part: str) -> Past:
    """A node that has nothing at such paths."""
    other = replace(past(), asked=[])
    other.spoil = lambda path, answer: None if part in path else answer
    return other


class Ethereum(ScriptedNode):
    """Has three blocks, and headers of nothing in between."""

    blocks: Sequence[BuiltState] = ()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(ancestors=self)

    async def final_height(self) -> int:
        return self.blocks[-1].height

    async def block_at(self, height: int) -> Snapshot:
        found = [each.snapshot for each in self.blocks if each.height == height]
        if not found:
            raise NodeError(Why.NO_STATE, f"the node does not keep the state of block {height}")
        return found[0]

    async def block_named(self, name: str) -> Snapshot:
        return next(each.snapshot for each in self.blocks if each.snapshot.hash == name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        return [each.header for each in self.blocks if each.snapshot == block]

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:  # noqa: ARG002
        return records_of(*(each for each in self.blocks if each.snapshot == newer))


class Consensus(ScriptedNode):
    """Gives what leads into the past."""

    past: Past
    source: type[PastSource] = PastSource

    @property
    def capabilities(self) -> Capabilities:
        rest: Any = self.past
        return Capabilities(past=self.source(BEACON, rest, None))


def made(growing: GrowingAnchor, *consensus: Past, source: type[PastSource] = PastSource) -> list[Unanchored]:
    nodes = [NodeSettings("evm", "http://127.0.0.1:1", "one", ETHEREUM)]
    nodes += [NodeSettings("beacon", f"http://127.0.0.1:{2 + at}", f"b{at}", BEACON) for at in range(len(consensus))]

    def connect(settings: NodeSettings) -> ScriptedNode:
        node: Ethereum | Consensus
        if settings.chain == ETHEREUM:
            node = Ethereum(settings, ScriptedChain(ETHEREUM))
            node.blocks = [past().older, RECENT, past().newer]
        else:
            node = Consensus(settings, ScriptedChain(BEACON))
            node.past, node.source = consensus[int(settings.operator[1:])], source
        return node

    instrument = Instrument(Policy(quorum=1), tuple(nodes))
    return asyncio.run(extend(growing, [past().older.snapshot, RECENT.snapshot], instrument, connect=connect))


def shown(growing: GrowingAnchor, trusted: BuiltState) -> list[AnchoredBlock]:
    blocks = [past().older.snapshot, RECENT.snapshot]
    return anchored(blocks, growing.anchor, {ETHEREUM: [trusted.snapshot.hash]})


def test_an_old_block_hangs_under_the_newest_beside_one_that_its_state_keeps() -> None:
    growing = GrowingAnchor()
    assert made(growing, past()) == []
    old, recent = shown(growing, past().newer)
    assert (old.standing, old.links, old.ways) == (Standing.ANCHORED, 1, (Way.SUMMARIES,))
    assert (recent.standing, recent.links, recent.ways) == (Standing.ANCHORED, 1, (Way.HISTORY,))


def test_who_trusts_a_block_below_the_one_that_it_hangs_under_is_told_which_one_leads_there() -> None:
    growing = GrowingAnchor()
    made(growing, past())
    old, recent = shown(growing, RECENT)
    assert (old.standing, recent.standing) == (Standing.NOT_ANCHORED, Standing.ANCHORED)
    assert f"only down from block 23000000, {past().newer.snapshot.hash}" in old.reason


def test_without_a_beacon_node_it_is_said_what_one_would_do() -> None:
    growing = GrowingAnchor()
    (lacking,) = made(growing)
    assert "beacon:1: no node of this chain is configured" in lacking.gap.detail
    assert "at most 20,000 links of 1 are made" in lacking.gap.detail
    (lacking,) = made(growing, spoilt("historical_summaries"))
    assert "Nimbus and Lodestar" in lacking.gap.detail


def test_what_one_beacon_node_lacks_another_gives() -> None:
    for part in ("historical_summaries", "blocks/", f"headers/{past().slot}"):
        growing = GrowingAnchor()
        assert made(growing, spoilt(part), past()) == []
        assert shown(growing, past().newer)[0].standing is Standing.ANCHORED


def test_a_beacon_node_that_fails_on_the_way_leaves_what_there_is() -> None:
    growing = GrowingAnchor()
    (lacking,) = made(growing, spoilt("blocks/"))
    assert (lacking.gap.why, "does not have the beacon block" in lacking.gap.detail) == (Why.NO_STATE, True)
    assert growing.anchor.paths[ETHEREUM][0].hash == past().older.snapshot.hash


def test_a_beacon_node_that_meets_a_bug_costs_its_own_word_alone() -> None:
    other = spoilt("nothing")

    def fall(path: str, answer: Any) -> Any:
        if "headers/86" in path:
            raise KeyError(path)
        return answer

    other.spoil = fall
    growing = GrowingAnchor()
    (lacking,) = made(growing, other)
    assert lacking.gap.why is Why.MALFORMED
    assert made(GrowingAnchor(), other, past()) == []


class Elsewhere(PastSource):
    """Gives a record that does not hold."""

    async def past_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        (record,) = await super().past_records(newer, older)
        return [record[:-1] + bytes([record[-1] ^ 1])]


def test_records_that_do_not_hold_are_refused_with_the_reason() -> None:
    (lacking,) = made(GrowingAnchor(), past(), source=Elsewhere)
    assert (lacking.gap.why, "leads to another block" in lacking.gap.detail) == (Why.FORGED, True)


def test_a_run_that_was_interrupted_asks_for_no_record_that_is_there() -> None:
    growing = GrowingAnchor()
    made(growing, past())
    again = GrowingAnchor(replace(growing.anchor, paths={}))
    assert made(again, spoilt("headers/8")) == []  # nothing of the old block's period
    assert shown(again, past().newer)[0].standing is Standing.ANCHORED


def test_an_anchor_that_leads_there_is_not_made_anew() -> None:
    growing = GrowingAnchor()
    made(growing, past())
    again = GrowingAnchor(growing.anchor)
    assert made(again) == []  # no beacon node is there to be asked
    assert not again.changed


def test_a_path_whose_stem_is_not_there_yet_is_written_as_far_as_it_leads() -> None:
    growing = GrowingAnchor()
    older, recent, newer = (each.snapshot for each in (past().older, RECENT, past().newer))
    growing.begin(ETHEREUM, older)
    growing.hang(older, newer)
    growing.put(recent)
    assert [each.hash for each in growing.anchor.paths[ETHEREUM]] == [older.hash]
    growing.put(newer)
    path = growing.anchor.paths[ETHEREUM]
    assert [(each.hash, each.under) for each in path] == [
        (newer.hash, None),
        (recent.hash, None),
        (older.hash, newer.hash),
    ]

"""Nodes that say how far they are are told of; whatever they say, and whatever they fail at, decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from scanner.chains.interface import Capabilities
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Reading
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.events import Event, NodeProgress, ignore
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.watch import watched
from tests.support.simulated.scripted_node import Nodes, ScriptedChain, ScriptedNode

CHAIN = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")


class TellingScriptedNode(ScriptedNode):
    """Says 10, 20, 20, 30 percent, and then what the test wants."""

    def __init__(self, settings: NodeSettings, script: ScriptedChain, at_last: NodeError | None) -> None:
        super().__init__(settings, script)
        self.at_last = at_last
        self.percents: Iterator[int | None] = iter([10, 20, 20, None, 30])
        self.asked = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(progress=self)

    async def progress(self) -> int | None:
        self.asked += 1
        for percent in self.percents:
            return percent
        if self.at_last is not None:
            raise self.at_last
        return None


def watch(at_last: NodeError | None, *, silent: bool = False) -> tuple[list[Event], TellingScriptedNode]:
    """What is told while a body runs that ends when the node was asked eight times, or will not be again."""
    events: list[Event] = []
    made: list[TellingScriptedNode] = []
    nodes = Nodes()
    nodes.add(ScriptedChain(CHAIN), "alpha")

    def connect(settings: NodeSettings) -> TellingScriptedNode:
        made.append(TellingScriptedNode(settings, nodes.scripts[settings.url], at_last))
        return made[-1]

    async def run() -> None:
        panel = await NodeGroup.open(CHAIN, nodes.settings, connect, ignore)
        async with watched(panel, ignore if silent else events.append, pause=0):
            for _ in range(40):
                await asyncio.sleep(0)
        asked = made[0].asked
        await asyncio.sleep(0)
        assert made[0].asked == asked, "the watching went on after the body"

    asyncio.run(run())
    return events, made[0]


def test_each_new_figure_is_told_once() -> None:
    events, _ = watch(None)
    assert events == [NodeProgress(CHAIN, "alpha", percent) for percent in (10, 20, 30)]


def test_a_node_that_fails_to_tell_is_left_in_peace() -> None:
    events, node = watch(NodeError(Why.REFUSED, "no"))
    assert len(events) == 3
    assert node.asked == 6


def test_nobody_is_asked_where_nobody_watches() -> None:
    events, node = watch(None, silent=True)
    assert (events, node.asked) == ([], 0)


def test_a_node_that_cannot_tell_is_not_asked() -> None:
    nodes = Nodes()
    nodes.add(ScriptedChain(CHAIN), "alpha")
    events: list[Event] = []

    async def run() -> Reading:
        panel = await NodeGroup.open(CHAIN, nodes.settings, nodes.connect, ignore)
        async with watched(panel, events.append, pause=0):
            await asyncio.sleep(0)
            asset = parse_asset(f"{CHAIN}/slip44:1")
            return (await panel.read(Batch(nodes.made[0].script.block(7), asset, (b"\x51",))))[0].reading

    assert len(asyncio.run(run())) == 1
    assert events == []

"""How nodes are told of while a run goes on: in which ways each answers, and how much it takes."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest

from scanner.chains.interface import Capabilities, ObservedLimits
from scanner.chains.names import parse_asset, parse_chain
from scanner.cli.progress import observer
from scanner.core.evidence import Batch
from scanner.core.node_settings import NodeSettings
from scanner.scanning.events import Event, LimitsObserved, NodeOpened, OperatorOutpaced, ProofMissing, ignore
from scanner.scanning.limit_reports import LimitReports, differs
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.proving import Cause
from scanner.weighing.quorum import Operator
from tests.support.simulated.scripted_node import Nodes, ScriptedChain, ScriptedNode
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:1")
ETH = parse_asset("eip155:1/slip44:60")
WAYS = ("override", "init_code", "batch")


def written(style: str, event: Event) -> str:
    stream = io.StringIO()
    observer(style, stream)(event)
    return stream.getvalue()


def fields(event: Event) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(written("json", event))
    del told["time"]
    return told


def test_a_node_that_opens_tells_in_which_ways_it_answers() -> None:
    event = NodeOpened(CHAIN, "alpha", WAYS)
    assert written("text", event) == "eip155:1  alpha answers, by override, init code, batch\n"
    assert fields(event) == {"event": "node_opened", "chain": "eip155:1", "operator": "alpha", "ways": list(WAYS)}


def test_a_node_of_another_kind_tells_nothing_of_ways() -> None:
    event = NodeOpened(CHAIN, "alpha")
    assert written("text", event) == "eip155:1  alpha answers\n"
    assert fields(event) == {"event": "node_opened", "chain": "eip155:1", "operator": "alpha"}


@pytest.mark.parametrize(("rate", "words", "number"), [(None, "", None), (12.34567, ", 12.3 calls a second", 12.346)])
def test_what_a_node_takes_is_told(rate: float | None, words: str, number: float | None) -> None:
    event = LimitsObserved(CHAIN, "alpha", 2, ObservedLimits(3, rate, (("override", 20_000), ("batch", 100))))
    assert written("text", event) == (
        "eip155:1  alpha, node 2, takes 20,000 accounts by override, 100 accounts by batch, 3 requests at once"
        f"{words}\n"
    )
    assert fields(event) == {
        "event": "node_learnt",
        "chain": "eip155:1",
        "operator": "alpha",
        "node": 2,
        "at_once": 3,
        "rate": number,
        "accounts": {"override": 20_000, "batch": 100},
    }


def test_an_operator_that_is_no_longer_waited_for_is_told_of() -> None:
    event = OperatorOutpaced(CHAIN, "alpha")
    assert written("text", event) == "eip155:1  alpha is no longer waited for where enough others have answered\n"
    assert fields(event) == {"event": "operator_outpaced", "chain": "eip155:1", "operator": "alpha"}


class LearningScriptedNode(ScriptedNode):
    """Says of itself what the test wants."""

    ways = WAYS
    learnt = ObservedLimits(4, None, ())

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(limits=self)


def learning() -> LearningScriptedNode:
    return LearningScriptedNode(NodeSettings("scripted", "scripted://0", "alpha", CHAIN), ScriptedChain(CHAIN))


def test_why_an_operator_gives_no_proof_is_reported_by_name_and_in_the_node_s_own_words() -> None:
    event = ProofMissing(CHAIN, "alpha", Cause.NO_STATE, "distance to target block exceeds maximum proof window")
    text = "distance to target block exceeds maximum proof window"
    assert written("text", event) == f"eip155:1  what alpha gives proves nothing: NO_PROOF, NO_STATE, {text}\n"
    assert fields(event) == {
        "event": "proof_missing",
        "chain": "eip155:1",
        "operator": "alpha",
        "why": "NO_PROOF",
        "cause": "NO_STATE",
        "detail": text,
    }


@each_of(
    ("before", "now", "far"),
    [
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(4, None, (("override", 199),)), False),
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(4, None, (("override", 200),)), True),
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(4, None, (("override", 50),)), True),
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(4, None, (("override", 51),)), False),
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(3, None, (("override", 100),)), False),
        (ObservedLimits(4, None, (("override", 100),)), ObservedLimits(2, None, (("override", 100),)), True),
        (ObservedLimits(4, None, ()), ObservedLimits(4, 5.0, ()), True),
        (ObservedLimits(4, 5.0, ()), ObservedLimits(4, None, ()), True),
        (ObservedLimits(4, 5.0, ()), ObservedLimits(4, 6.0, ()), False),
        (ObservedLimits(4, None, ()), ObservedLimits(4, None, (("override", 100),)), True),
    ],
)
def test_a_change_is_far_where_a_figure_halves_or_doubles_or_comes_or_goes(
    before: ObservedLimits, now: ObservedLimits, far: bool
) -> None:
    assert differs(before, now) == far


def test_only_what_changed_much_is_told_until_the_end() -> None:
    node, events = learning(), list[Event]()
    lessons = LimitReports(CHAIN, {Operator("alpha"): [node]}, events.append)
    sizes = [(), (("override", 100),), (("override", 110),), (("override", 220),), (("override", 230),)]
    for accounts in sizes:
        node.learnt = ObservedLimits(4, None, accounts)
        lessons.tell()
    assert [event.learnt.accounts for event in events if isinstance(event, LimitsObserved)] == [sizes[1], sizes[3]]
    lessons.tell(all_of_it=True)
    lessons.tell(all_of_it=True)
    assert [event.learnt.accounts for event in events if isinstance(event, LimitsObserved)][2:] == [sizes[4]]


def test_a_run_tells_what_its_nodes_taught_once_they_were_asked() -> None:
    nodes, events = Nodes(), list[Event]()
    nodes.add(ScriptedChain(CHAIN), "alpha")
    nodes.add(ScriptedChain(CHAIN), "beta")
    taught = learning()

    def connect(settings: NodeSettings) -> ScriptedNode:
        return taught if settings.operator == "alpha" else nodes.connect(settings)

    async def run() -> None:
        panel = await NodeGroup.open(CHAIN, nodes.settings, connect, events.append)
        assert events == [NodeOpened(CHAIN, "alpha", WAYS), NodeOpened(CHAIN, "beta")]
        taught.learnt = ObservedLimits(4, None, (("override", 4_000),))
        await panel.read(Batch(ScriptedChain(CHAIN).block(50), ETH, (bytes(20),)))
        assert events[2:] == [LimitsObserved(CHAIN, "alpha", 1, taught.learnt)]
        taught.learnt = ObservedLimits(4, None, (("override", 5_000),))
        await panel.close()
        assert events[3:] == [LimitsObserved(CHAIN, "alpha", 1, taught.learnt)]

    asyncio.run(run())


def test_nobody_is_told_where_nobody_watches() -> None:
    LimitReports(CHAIN, {Operator("alpha"): [learning()]}, ignore).tell(all_of_it=True)

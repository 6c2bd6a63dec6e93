"""Whatever a backend raises at a node's answer is that node's failure; what is ours, and being cancelled, passes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.chains.boundary import Bug, UnexpectedAnswer, guarded
from scanner.chains.interface import Capabilities, Node, ObservedLimits
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import OF_A_NODE, InputError, NodeError, Why
from scanner.scanning.remote_questions import METHODS
from tests.support.simulated.scripted_node import ProvingScriptedNode, ScriptedChain, ScriptedNode
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:1")
ETH = parse_asset("eip155:1/slip44:60")
SETTINGS = NodeSettings("scripted", "scripted://0", "alpha", CHAIN)
BLOCK = ScriptedChain(CHAIN).block(50)
BATCH = Batch(BLOCK, ETH, (b"\x01" * 20, b"\x02" * 20))


def raising(error: BaseException) -> ScriptedNode:
    """A node at whose every answer its backend raises this."""

    class Raising(ScriptedNode):
        learnt = ObservedLimits(1, None, ())
        ways = ("override",)

        @property
        def capabilities(self) -> Capabilities:
            node: Any = self
            return Capabilities(now=node, proofs=node, owners=node, withdrawals=node, progress=node, limits=node)

    async def answer(*_: Any) -> Any:
        raise error

    for name in METHODS:
        setattr(Raising, name, answer)
    for name in ("open", "close"):
        setattr(Raising, name, answer)
    return Raising(SETTINGS, ScriptedChain(CHAIN))


def asked(node: Node, *, tell: Callable[[Bug], object] = id) -> Callable[..., Any]:
    guard = guarded(node, tell)
    return lambda name, *arguments: asyncio.run(_method(guard, name)(*arguments))


def _method(node: Node, name: str) -> Any:
    return METHODS[name].of(node) if name in METHODS else getattr(node, name)


UNEXPECTED = [
    OverflowError("date value out of range"),
    ValueError("https://user:secret@node.example"),
    MemoryError(),
    RecursionError(),
    KeyError("x"),
    ZeroDivisionError(),
    ExceptionGroup("unhandled", [ExceptionGroup("inner", [TypeError("x")]), NodeError(Why.REFUSED, "no")]),
]


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
def test_an_unexpected_exception_is_that_nodes_malformed_answer_and_told_as_a_bug(error: Exception) -> None:
    told: list[Bug] = []
    ask = asked(raising(error), tell=told.append)
    raised: list[list[Any]] = [["open"], ["block_at", 5], ["oldest_height"], ["final_height"], ["progress"]]
    raised += [
        ["read_now", ETH, []],
        ["header", BLOCK],
        ["proof_records", BLOCK, []],
        ["contract_owners", BLOCK, b"c" * 20],
    ]
    for name, *arguments in raised:
        with pytest.raises(UnexpectedAnswer) as caught:
            ask(name, *arguments)
        assert caught.value.why is Why.MALFORMED
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
    gap = ask("decimals", ETH, BLOCK)
    assert isinstance(gap, Gap)
    assert dict(ask("read", BATCH).gaps) == {0: gap, 1: gap}
    assert ask("withdrawal_addresses", BATCH) == [gap, gap]
    assert ask("close") is None
    assert len(told) == len(raised) + 4
    assert not any("secret" in str(bug) for bug in told)


def test_the_place_of_a_bug_is_the_innermost_one_in_this_package() -> None:
    class Shifting(ScriptedNode):
        async def final_height(self) -> int:
            return len(parse_asset(None))  # type: ignore[arg-type]

    told: list[Bug] = []
    with pytest.raises(UnexpectedAnswer):
        asked(Shifting(SETTINGS, ScriptedChain(CHAIN)), tell=told.append)("final_height")
    assert told[0].kind in {"TypeError", "AttributeError"}
    assert told[0].place.startswith("chains/names.py:")


def test_a_nodes_own_failure_passes_as_it_is_also_out_of_a_group() -> None:
    refused = NodeError(Why.REFUSED, "no")
    for error in (refused, ExceptionGroup("tasks", [refused, refused])):
        told: list[Bug] = []
        with pytest.raises(NodeError) as caught:
            asked(raising(error), tell=told.append)("block_at", 5)
        assert caught.value is refused
        assert not told


def test_errors_of_our_inputs_pass_everywhere_also_beside_others() -> None:
    ours = InputError.at("cluster", "is lost")
    for error in (ours, ExceptionGroup("tasks", [KeyError("x"), ours])):
        for name, arguments in (("open", ()), ("read", (BATCH,)), ("close", ())):
            with pytest.raises(InputError):
                asked(raising(error))(name, *arguments)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(3)])
def test_cancelling_and_interrupting_pass(error: BaseException) -> None:
    guard = guarded(raising(error), id)

    async def read() -> None:
        await guard.read(BATCH)

    coroutine = read()
    with pytest.raises(type(error)):
        coroutine.send(None)


@pytest.mark.parametrize("capability", [each.name for each in fields(Capabilities)])
def test_a_guarded_node_can_do_what_its_node_can_and_nothing_else(capability: str) -> None:
    nodes = [ScriptedNode(SETTINGS, ScriptedChain(CHAIN)), raising(KeyError())]
    nodes.append(ProvingScriptedNode(SETTINGS, ScriptedChain(CHAIN)))
    for node in nodes:
        there, here = (getattr(each.capabilities, capability) for each in (guarded(node, id), node))
        assert (there is None) == (here is None)
        assert guarded(node, id).settings is SETTINGS


def test_what_a_node_learns_later_is_seen_through_its_guard() -> None:
    node: Any = raising(KeyError())
    guard = guarded(node, id)
    node.learnt = learnt = ObservedLimits(7, None, ())
    assert guard.capabilities.limits is not None
    assert guard.capabilities.limits.learnt is learnt


@each_of("why", sorted(set(Why) - OF_A_NODE))
def test_a_reason_that_no_node_can_have_is_malformed_wherever_it_stands(why: Why) -> None:
    class Presuming(ScriptedNode):
        async def decimals(self, *_: Any) -> Gap:
            return Gap(why, "x")

        async def read(self, *_: Any) -> Reading:
            return Reading.of([7, Gap(why, "x")])

        async def withdrawal_addresses(self, *_: Any) -> list[bytes | Gap]:
            return [b"a" * 20, Gap(why, "x")]

        async def final_height(self) -> int:
            raise NodeError(why, "x")

        @property
        def capabilities(self) -> Capabilities:
            return Capabilities(withdrawals=self, now=self)

        async def read_now(self, *_: Any) -> tuple[Snapshot, Reading]:
            return BLOCK, Reading.of([7, Gap(why, "x")])

    ask = asked(Presuming(SETTINGS, ScriptedChain(CHAIN)))
    assert ask("decimals", ETH, BLOCK).why is Why.MALFORMED
    reading = ask("read", BATCH)
    assert reading[0] == 7
    assert reading[1] == Gap(Why.MALFORMED, f"{why} is no reason that a node can have")
    assert ask("read_now", ETH, [b"a", b"b"]) == (BLOCK, reading)
    assert [getattr(each, "why", each) for each in ask("withdrawal_addresses", BATCH)] == [b"a" * 20, Why.MALFORMED]
    with pytest.raises(NodeError, match="MALFORMED"):
        ask("final_height")


def test_every_reason_that_backends_give_is_one_that_a_node_can_have() -> None:
    root = Path(scanner.__file__).parent
    modules = [*(root / "clients").rglob("*.py"), *(root / "chains").glob("*/node/*.py")]
    given = {name for path in modules for name in re.findall(r"\bWhy\.([A-Z_]+)", path.read_text())}
    assert len(given) > 5
    assert given <= {why.name for why in OF_A_NODE}


def test_a_lower_bound_is_no_answer_where_a_chains_state_can_be_proven() -> None:
    class Bounding(ScriptedNode):
        async def read(self, batch: Batch) -> Reading:  # noqa: ARG002
            return Reading.of([AtLeast(7), 8])

    reading = asked(Bounding(SETTINGS, ScriptedChain(CHAIN)))("read", BATCH)
    assert [getattr(reading[0], "why", None), reading[1]] == [Why.MALFORMED, 8]
    elsewhere = parse_asset("starknet:SN_MAIN/slip44:9004")
    batch = Batch(ScriptedChain(elsewhere.chain).block(50), elsewhere, (b"\x01" * 32, b"\x02" * 32))
    settings = NodeSettings("scripted", "scripted://1", "alpha", elsewhere.chain)
    assert asked(Bounding(settings, ScriptedChain(elsewhere.chain)))("read", batch)[0] == AtLeast(7)

"""Several nodes of one operator share his batches, fill in for each other, and stay one voice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.interface import Node
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.failover import FailoverGroup
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Operator, settle
from tests.support.simulated.scripted_node import ScriptedChain, ScriptedNode
from tests.support.strength import examples
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:1")
ETH = parse_asset("eip155:1/slip44:60")
SNAPSHOT = Snapshot(CHAIN, 100, "0x" + "aa" * 32, "0x" + "bb" * 32, datetime(2023, 11, 22, tzinfo=UTC))
DOWN = Gap(Why.UNREACHABLE, "connection refused")
REVERTED = Gap(Why.NO_TOKEN, "the contract's balanceOf reverted")


def account(number: int) -> bytes:
    return number.to_bytes(20)


def batch_of(*numbers: int) -> Batch:
    return Batch(SNAPSHOT, ETH, tuple(map(account, numbers)))


@dataclass
class Answering(ScriptedNode):
    """A node that says of each account its number, or what `gaps` says; `asked`: the batches that it was given."""

    name: str = "node"
    gaps: dict[int, Gap] = field(default_factory=dict)
    down: Gap | None = None
    before: Callable[[Batch], Awaitable[object]] | None = None
    asked: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(NodeSettings("scripted", f"scripted://{self.name}", "o", CHAIN), ScriptedChain(CHAIN))

    async def read(self, batch: Batch) -> Reading:
        numbers = [int.from_bytes(each) for each in batch.accounts]
        self.asked.append(numbers)
        if self.before is not None:
            await self.before(batch)
        if self.down is not None:
            return Reading.missing(len(numbers), self.down)
        return Reading.of(self.gaps.get(number, number) for number in numbers)


def read(share: FailoverGroup, batch: Batch) -> list[Word | Gap]:
    reading = asyncio.run(share.read(batch))
    return [reading[position] for position in range(len(reading))]


def test_batches_under_way_together_go_to_different_nodes() -> None:
    async def run() -> None:
        all_begun = asyncio.Barrier(4)

        async def begun(_batch: Batch) -> None:
            async with asyncio.timeout(10):
                await all_begun.wait()

        nodes = [Answering(name=str(number), before=begun) for number in range(2)]
        share = FailoverGroup(nodes)
        await asyncio.gather(*(share.read(batch_of(number)) for number in range(4)))
        assert [node.asked for node in nodes] == [[[0], [2]], [[1], [3]]]

    asyncio.run(run())


def test_the_node_with_the_fewest_accounts_under_way_is_asked() -> None:
    async def run() -> None:
        all_begun = asyncio.Barrier(3)

        async def begun(_batch: Batch) -> None:
            async with asyncio.timeout(10):
                await all_begun.wait()

        nodes = [Answering(name=str(number), before=begun) for number in range(2)]
        share = FailoverGroup(nodes)
        await asyncio.gather(share.read(batch_of(*range(50))), share.read(batch_of(50)), share.read(batch_of(51)))
        assert [node.asked for node in nodes] == [[list(range(50))], [[50], [51]]]

    asyncio.run(run())


def test_one_batch_after_the_other_goes_to_the_first_node() -> None:
    nodes = [Answering(name="a"), Answering(name="b")]
    share = FailoverGroup(nodes)
    for number in range(3):
        assert read(share, batch_of(number)) == [number]
    assert [len(node.asked) for node in nodes] == [3, 0]


def test_that_a_contract_tells_callers_apart_stands_whatever_another_node_says() -> None:
    told = Gap(Why.CALLER_DEPENDENT, "the contract says 9 to one caller and 2 to another")
    nodes = [Answering(name="a", gaps={2: told, 5: DOWN, 6: DOWN}), Answering(name="b", gaps={6: told, 5: DOWN})]
    assert read(FailoverGroup(nodes), batch_of(*range(8))) == [0, 1, told, 3, 4, DOWN, told, 7]
    assert nodes[1].asked == [[5, 6]]


def test_a_node_whose_whole_batch_is_told_apart_is_not_to_blame_and_does_not_sit_out() -> None:
    told = Gap(Why.CALLER_DEPENDENT, "the contract says 9 to one caller and 2 to another")
    nodes = [Answering(name="a", gaps={0: told}), Answering(name="b")]
    share = FailoverGroup(nodes)
    assert read(share, batch_of(0)) == [told]
    assert read(share, batch_of(1)) == [1]
    assert nodes[0].asked == [[0], [1]]


def test_the_others_are_asked_for_the_gaps_alone_each_once() -> None:
    nodes = [
        Answering(name="a", gaps={2: DOWN, 5: REVERTED, 7: DOWN}),
        Answering(name="b", gaps={5: REVERTED, 7: DOWN}),
        Answering(name="c", gaps={5: REVERTED}),
        Answering(name="d", gaps={5: REVERTED}),
    ]
    found = read(FailoverGroup(nodes), batch_of(*range(10)))
    assert found == [0, 1, 2, 3, 4, REVERTED, 6, 7, 8, 9]
    assert [node.asked for node in nodes] == [[list(range(10))], [[2, 5, 7]], [[5, 7]], [[5]]]


def test_a_node_that_fails_sits_out_twice_as_many_batches_each_time() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="b")]
    share = FailoverGroup(nodes)
    asked = []
    for number in range(40):
        before = len(nodes[0].asked)
        assert read(share, batch_of(number)) == [number]
        if len(nodes[0].asked) > before:
            asked.append(number)
    assert asked == [0, 2, 6, 14, 30]


def test_however_often_a_node_failed_it_is_tried_again_after_64_batches() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="b")]
    share, asked = FailoverGroup(nodes), []
    for number in range(260):
        before = len(nodes[0].asked)
        read(share, batch_of(number))
        asked += [number] if len(nodes[0].asked) > before else []
    assert asked == [0, 2, 6, 14, 30, 62, 126, 190, 254]


@pytest.mark.parametrize("why", [Why.NO_TOKEN, Why.UNSUPPORTED])
def test_a_gap_that_is_the_assets_own_makes_no_node_sit_out(why: Why) -> None:
    nodes = [Answering(name="a", gaps={0: Gap(why, "of the asset")}), Answering(name="b")]
    share = FailoverGroup(nodes)
    assert read(share, batch_of(0)) == [0]
    assert read(share, batch_of(1)) == [1]
    assert nodes[0].asked == [[0], [1]]


@each_of("why", sorted(set(Why) - {Why.NO_TOKEN, Why.UNSUPPORTED, Why.WRONG_CHAIN, Why.CALLER_DEPENDENT}))
def test_any_other_gap_of_a_whole_batch_makes_the_node_sit_out(why: Why) -> None:
    nodes = [Answering(name="a", gaps={0: Gap(why, "of the node"), 1: REVERTED}), Answering(name="b")]
    share = FailoverGroup(nodes)
    assert read(share, batch_of(0, 1)) == [0, 1]
    assert read(share, batch_of(2)) == [2]
    assert nodes[0].asked == [[0, 1]]


def test_a_node_that_serves_another_chain_is_asked_no_more_and_told_of_once() -> None:
    wrong, told = Gap(Why.WRONG_CHAIN, "it serves chain id 5"), list[Gap]()
    nodes = [Answering(name="a", gaps={0: wrong, 1: wrong}), Answering(name="b", gaps={2: DOWN})]
    share = FailoverGroup(nodes, told.append)
    assert read(share, batch_of(0, 1, 3)) == [0, 1, 3]
    assert read(share, batch_of(1, 2)) == [1, DOWN]
    assert [len(node.asked) for node in nodes] == [1, 2]
    assert told == [wrong]


def test_where_no_node_is_left_what_is_told_is_why_not() -> None:
    wrong = Gap(Why.WRONG_CHAIN, "it serves chain id 5")
    share = FailoverGroup([Answering(name="a", gaps={0: wrong})])
    assert read(share, batch_of(0)) == read(share, batch_of(1)) == [wrong]

    async def height(node: Node) -> Word | Gap:
        return await node.final_height()

    assert asyncio.run(share.answer(height)) == wrong


def test_a_question_that_shows_another_chain_leaves_the_node_out_too() -> None:
    nodes = [Answering(name="a"), Answering(name="b")]
    share = FailoverGroup(nodes)

    async def question(node: Node) -> str | Gap:
        if node is nodes[0]:
            raise NodeError(Why.WRONG_CHAIN, "it serves chain id 5")
        return "b"

    assert asyncio.run(share.answer(question)) == "b"
    assert read(share, batch_of(1)) == [1]
    assert nodes[0].asked == []


def test_a_node_that_answers_again_takes_its_part_again() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="b")]
    share = FailoverGroup(nodes)
    read(share, batch_of(0))
    nodes[0].down = None
    for number in range(1, 10):
        assert read(share, batch_of(number)) == [number]
    assert nodes[0].asked == [[0], *([number] for number in range(2, 10))]


def test_an_answer_makes_up_for_all_failures_before() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="b")]
    share, asked = FailoverGroup(nodes), []
    for number in range(9):
        nodes[0].down = None if number == 2 else DOWN
        before = len(nodes[0].asked)
        read(share, batch_of(number))
        asked += [number] if len(nodes[0].asked) > before else []
    assert asked == [0, 2, 3, 5]


def test_a_node_that_sits_out_is_still_asked_for_what_nobody_else_knows() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="b")]
    share = FailoverGroup(nodes)
    read(share, batch_of(0))
    nodes[0].down, nodes[1].down = None, DOWN
    assert read(share, batch_of(1)) == [1]
    assert nodes[1].asked[-1] == nodes[0].asked[-1] == [1]


def test_a_token_that_nobody_can_read_makes_no_node_sit_out() -> None:
    nodes = [Answering(name="a", gaps={0: REVERTED, 1: REVERTED}), Answering(name="b", gaps={0: REVERTED, 1: REVERTED})]
    share = FailoverGroup(nodes)
    for number in range(2):
        assert read(share, batch_of(number)) == [REVERTED]
    read(share, batch_of(2))
    assert nodes[0].asked[-1] == [2]


def test_of_several_gaps_the_one_of_the_first_node_in_the_settings_is_told_whoever_was_asked_first() -> None:
    early, late = Gap(Why.REFUSED, "early"), Gap(Why.REFUSED, "late")
    nodes = [Answering(name="a", gaps={1: early}, down=DOWN), Answering(name="b", gaps={1: late})]
    share = FailoverGroup(nodes)
    assert read(share, batch_of(1, 2)) == [DOWN, 2]
    nodes[0].down = None
    assert read(share, batch_of(1, 2)) == [early, 2]  # though the second node was asked before, as the first sits out
    assert [node.asked for node in nodes] == [[[1, 2], [1]], [[1, 2], [1, 2]]]


def test_a_reading_that_is_cancelled_leaves_no_work_behind() -> None:
    async def run() -> None:
        async def for_ever(_batch: Batch) -> None:
            await asyncio.Event().wait()

        nodes = [Answering(name="a", before=for_ever), Answering(name="b")]
        share = FailoverGroup(nodes)
        task = asyncio.create_task(share.read(batch_of(1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        nodes[0].before = None
        await share.read(batch_of(2))
        assert nodes[0].asked == [[1], [2]]

    asyncio.run(run())


@settings(max_examples=examples(50), deadline=None)
@given(
    gaps=st.lists(st.dictionaries(st.integers(0, 11), st.sampled_from([DOWN, REVERTED])), min_size=1, max_size=4),
    orders=st.lists(st.permutations(range(12)), min_size=1, max_size=3),
)
def test_whatever_is_missing_where_each_account_has_what_any_node_knows(
    gaps: list[dict[int, Gap]], orders: list[list[int]]
) -> None:
    nodes = [Answering(name=str(place), gaps=of_node) for place, of_node in enumerate(gaps)]
    share = FailoverGroup(nodes)
    for order in orders:
        for number, outcome in zip(order, read(share, batch_of(*order)), strict=True):
            known = [of_node.get(number) for of_node in gaps]
            assert outcome == (number if None in known else known[0])
    for node in nodes:
        assert not [number for asked in node.asked for number, times in Counter(asked).items() if times > 1]
        assert len(node.asked) <= len(orders)


def test_a_question_is_answered_by_the_first_node_that_can() -> None:
    async def height(node: object) -> Word | Gap:
        assert isinstance(node, Answering)
        if node.down is not None:
            raise NodeError(node.down.why, node.down.detail)
        return len(node.name)

    nodes = [Answering(name="a", down=DOWN), Answering(name="bb"), Answering(name="ccc")]
    assert asyncio.run(FailoverGroup(nodes).answer(height)) == 2
    assert asyncio.run(FailoverGroup(nodes[:1]).answer(height)) == DOWN


def test_a_node_that_sits_out_is_asked_a_question_last() -> None:
    nodes = [Answering(name="a", down=DOWN), Answering(name="bb")]
    share = FailoverGroup(nodes)
    read(share, batch_of(0))
    nodes[0].down = None

    async def length(node: Node) -> Word | Gap:
        assert isinstance(node, Answering)
        return len(node.name)

    assert asyncio.run(share.answer(length)) == 2
    for number in range(1, 3):
        read(share, batch_of(number))
    assert asyncio.run(share.answer(length)) == 1


def test_operators_are_read_side_by_side() -> None:
    async def run() -> None:
        both_begun = asyncio.Barrier(2)

        async def begun(_batch: Batch) -> None:
            async with asyncio.timeout(10):  # reached only where one is read after the other
                await both_begun.wait()

        nodes = {Operator(name): (Answering(name=name, before=begun),) for name in ("alpha", "beta")}
        votes = await NodeGroup(CHAIN, nodes, ()).read(batch_of(1, 2))
        assert [vote.operator.name for vote in votes] == ["alpha", "beta"]
        assert all(list(vote.reading.amounts()) == [1, 2] for vote in votes)

    asyncio.run(run())


@pytest.mark.parametrize("count", [1, 2, 5])
def test_several_nodes_of_an_operator_are_one_voice(count: int) -> None:
    nodes = {Operator("alpha"): tuple(Answering(name=str(number)) for number in range(count))}
    votes = asyncio.run(NodeGroup(CHAIN, nodes, ()).read(batch_of(1)))
    assert len(votes) == 1
    (outcome,) = settle(votes, 1, Policy(quorum=2))
    assert isinstance(outcome, Gap)

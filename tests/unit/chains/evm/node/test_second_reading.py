"""A token's balances are read twice, by callers that differ in all that a contract can see; what differs is a gap."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.balance_call import READER
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.evm.node.second_reading import SecondReader
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.jsonrpc import JsonText, RpcError
from scanner.core.evidence import Batch, Gap
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.simulated.evm import Called, SimEvm, SimToken
from tests.support.simulated.server import SimError
from tests.support.strength import examples
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:59144")
TOKEN = parse_asset(f"{CHAIN}/erc20:0x{'c1' * 20}")
MULTICALL = bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11")
HEIGHT = 45
LIE = 10**12

Tells = Callable[[bytes, Called], int | None]


def account(number: int) -> bytes:
    return number.to_bytes(20)


def truth(number: int) -> int:
    return 1_000 + number


class SimRpc:
    """What a transport does, with no network: the chain's answers, and how many requests it took."""

    def __init__(self, chain: SimEvm) -> None:
        self._chain = chain
        self.pace = SimpleNamespace(at_once=2)
        self.asked = Counter[str]()
        self.requests = 0
        self.failing: Callable[[str, list[Any]], NodeError | None] = lambda _method, _params: None

    def _answer(self, method: str, params: Any) -> Any:
        import json

        self.asked[method] += 1
        given = json.loads(params) if isinstance(params, JsonText) else list(params)
        failure = self.failing(method, given)
        if failure is not None:
            return failure
        try:
            return self._chain.answer(method, given)
        except SimError as error:
            return RpcError(Why.REFUSED, error.message, error.code, error.data)

    async def call(self, method: str, params: Any = ()) -> Any:
        self.requests += 1
        answer = self._answer(method, params)
        if isinstance(answer, NodeError):
            raise answer
        return answer

    async def batch(self, calls: Sequence[Any]) -> list[Any]:
        self.requests += 1
        return [self._answer(*call) for call in calls]

    async def open(self) -> None:
        pass


def world(count: int, tells: Tells = lambda _holder, _called: None) -> SimEvm:
    chain = SimEvm(int(CHAIN.reference), 42)
    chain.multicall = MULTICALL
    balances = {account(number): truth(number) for number in range(1, count + 1)}
    chain.tokens[TOKEN.contract] = SimToken(balances, by_caller=tells)
    for _ in range(10):
        chain.mine()
    return chain


def found(
    chain: SimEvm, count: int, *kinds: StrategyKind, rpc: SimRpc | None = None, batches: int = 1
) -> list[list[Word | Gap]]:
    """What one node says of the first `count` accounts, read so many times."""

    async def run() -> list[list[Word | Gap]]:
        settings, allowed = NodeSettings("evm", "http://sim", "o", CHAIN), kinds or tuple(StrategyKind)
        node = EvmNode(settings, rpc or SimRpc(chain), allowed)  # type: ignore[arg-type]
        await node.open()
        batch = Batch(await node.block_at(HEIGHT), TOKEN, [account(number) for number in range(1, count + 1)])
        readings = [await node.read(batch) for _ in range(batches)]
        return [[reading[at] for at in range(count)] for reading in readings]

    return asyncio.run(run())


def whys(outcomes: Sequence[Word | Gap]) -> set[Why | None]:
    return {outcome.why if isinstance(outcome, Gap) else None for outcome in outcomes}


def lie_where(condition: Callable[[Called], bool], only: Callable[[int], bool] = lambda _: True) -> Tells:
    def tells(holder: bytes, called: Called) -> int | None:
        number = int.from_bytes(holder)
        return truth(number) + LIE if only(number) and condition(called) else None

    return tells


CONDITIONS: dict[str, Callable[[Called], bool]] = {
    "origin": lambda called: called.origin == bytes(20),
    "caller": lambda called: called.caller in (bytes(20), READER, MULTICALL),
    "price": lambda called: called.price == 0,
    "gas": lambda called: called.gas > 4_000_000,
    "code": lambda called: called.caller_has_code,
    "no code": lambda called: not called.caller_has_code,
    "depth": lambda called: called.caller != called.origin,
}


@pytest.mark.parametrize("kind", StrategyKind, ids=lambda kind: kind.name.lower())
def test_a_token_that_treats_all_callers_alike_is_read_as_it_is(kind: StrategyKind) -> None:
    assert found(world(40), 40, kind) == [[truth(number) for number in range(1, 41)]]


@each_of("kind", StrategyKind, ids=lambda kind: kind.name.lower())
@each_of("name", CONDITIONS)
def test_one_that_lies_to_the_reader_is_never_believed(name: str, kind: StrategyKind) -> None:
    (outcomes,) = found(world(40, lie_where(CONDITIONS[name])), 40, kind)
    for number, outcome in enumerate(outcomes, 1):
        told_apart = isinstance(outcome, Gap) and outcome.why is Why.CALLER_DEPENDENT
        assert told_apart or outcome == truth(number)


@pytest.mark.parametrize("name", CONDITIONS)
def test_where_the_node_takes_all_ways_each_lie_is_noticed_by_itself(name: str) -> None:
    tells = lie_where(CONDITIONS[name], lambda number: number == 37)
    for number, outcome in enumerate(found(world(40, tells), 40)[0], 1):
        if number == 37:
            assert isinstance(outcome, Gap)
            assert outcome.why is Why.CALLER_DEPENDENT
        else:
            assert outcome == truth(number) or name == "depth"  # which only the sample shows: then all are gaps


def test_both_amounts_are_told_and_whose_they_are_is_left_to_the_reader() -> None:
    (outcomes,) = found(world(3, lie_where(CONDITIONS["origin"])), 3)
    assert isinstance(outcomes[0], Gap)
    assert outcomes[0].detail == f"the contract says {truth(1) + LIE} to one caller and {truth(1)} to another"


def test_a_token_that_answers_only_the_first_reading_is_told_apart() -> None:
    tells: Tells = lambda _holder, called: None if called.origin == bytes(20) else -1  # noqa: E731
    assert whys(found(world(50, tells), 50)[0]) == {Why.CALLER_DEPENDENT}


def test_a_holder_that_is_a_gap_already_is_not_asked_for_again() -> None:
    chain = world(5)
    chain.tokens[TOKEN.contract].reverts = {account(2)}
    chain = reminded(chain)
    (outcomes,) = found(chain, 5)
    assert [whys([each]) for each in outcomes] == [{None}, {Why.NO_TOKEN}, {None}, {None}, {None}]


def reminded(chain: SimEvm) -> SimEvm:
    """The chain with what was assigned in every block."""
    chain.reorganise(1)
    return chain


def test_a_sample_that_shows_a_lie_makes_gaps_of_everything_also_of_later_batches() -> None:
    chain = world(60, lie_where(CONDITIONS["depth"], lambda number: number == 50))
    first, second = found(chain, 60, batches=2)
    assert whys(first) == whys(second) == {Why.CALLER_DEPENDENT}
    assert isinstance(first[0], Gap)
    assert f"0x{account(50).hex()}" in first[0].detail


def test_after_that_nothing_more_is_asked_of_the_second_way() -> None:
    chain = world(60, lie_where(CONDITIONS["depth"]))
    once, twice = SimRpc(chain), SimRpc(chain)
    found(chain, 60, rpc=once)
    found(chain, 60, rpc=twice, batches=2)
    assert twice.requests == once.requests + 1


@each_of("refused", [{"gasPrice"}, {"gas", "gasPrice"}], ids=["a price", "a price and gas"])
@each_of("kind", StrategyKind, ids=lambda kind: kind.name.lower())
def test_what_the_node_refuses_is_left_out_and_the_rest_still_differs(refused: set[str], kind: StrategyKind) -> None:
    for tells, expected in (
        (lie_where(CONDITIONS["origin"]), {Why.CALLER_DEPENDENT}),
        (lie_where(lambda _: False), {None}),
    ):
        chain = world(40, tells)
        chain.refuses = refused
        assert whys(found(chain, 40, kind)[0]) == expected


def test_a_node_that_takes_a_call_from_nobody_alone_is_believed_of_no_token() -> None:
    chain = world(40)
    chain.refuses = {"from"}
    assert whys(found(chain, 40)[0]) == {Why.REFUSED}


def test_a_second_reading_that_fails_is_a_gap_with_its_own_reason() -> None:
    chain = world(40)
    rpc = SimRpc(chain)
    rpc.failing = lambda method, params: (
        NodeError(Why.UNREACHABLE, "timed out") if method == "eth_call" and "from" in params[0] else None
    )
    (outcomes,) = found(chain, 40, rpc=rpc)
    assert whys(outcomes) == {Why.UNREACHABLE}
    assert isinstance(outcomes[0], Gap)
    assert outcomes[0].detail == "not read in a second way: timed out"


def test_one_row_of_the_sample_that_is_not_got_makes_gaps_of_all() -> None:
    chain = world(60)
    chain.tokens[TOKEN.contract].balances[account(60)] = 10**9  # so that it is drawn for certain
    rpc = SimRpc(reminded(chain))
    rpc.failing = lambda _method, params: (
        NodeError(Why.UNREACHABLE, "timed out")
        if params and isinstance(params[0], dict) and params[0].get("data", "").endswith("0" * 24 + account(60).hex())
        else None
    )
    assert whys(found(chain, 60, StrategyKind.OVERRIDE, rpc=rpc)[0]) == {Why.UNREACHABLE}


def test_the_second_way_costs_as_many_bulk_calls_and_two_batches() -> None:
    rpc = SimRpc(world(100))

    async def run() -> tuple[int, int]:
        node = EvmNode(NodeSettings("evm", "http://sim", "o", CHAIN), rpc)  # type: ignore[arg-type]
        await node.open()
        batch = Batch(await node.block_at(HEIGHT), TOKEN, [account(number) for number in range(1, 101)])
        await node.read(batch)  # which finds out what the node takes
        before = rpc.requests
        await node.read(batch)
        return rpc.requests - before, rpc.asked["eth_getBlockByHash"]

    requests, _ = asyncio.run(run())
    assert requests == 3  # the first reading, the second, the sample


def test_no_two_readers_draw_or_call_alike_and_one_secret_draws_alike() -> None:
    seen: list[set[bytes]] = []
    for secret in (None, None, b"s" * 32, b"s" * 32):
        callers = set[bytes]()

        def note(_holder: bytes, called: Called, into: set[bytes] = callers) -> None:
            into.add(called.origin)

        chain = world(5, note)

        async def run(chain: SimEvm = chain, secret: bytes | None = secret, callers: set[bytes] = callers) -> None:
            node = EvmNode(NodeSettings("evm", "http://sim", "o", CHAIN), SimRpc(chain))  # type: ignore[arg-type]
            await node.open()
            batch = Batch(await node.block_at(HEIGHT), TOKEN, [account(number) for number in range(1, 6)])
            reading = await node.read(batch)
            rpc: Any = SimRpc(chain)
            second = SecondReader(rpc, node._ways_of_chain, node.kinds, secret)
            callers.clear()
            await second.confirmed(batch, reading)

        asyncio.run(run())
        seen.append(callers)
    assert all(len(callers) == 1 and bytes(20) not in callers for callers in seen)
    assert seen[0] != seen[1]
    assert seen[2] == seen[3]


@settings(max_examples=examples(25), deadline=None)
@given(
    count=st.integers(1, 45),
    names=st.lists(st.sampled_from([*CONDITIONS]), min_size=1, max_size=3),
    kinds=st.sets(st.sampled_from([*StrategyKind]), min_size=1),
    share=st.integers(1, 3),
)
def test_no_lie_worth_more_than_the_truth_is_ever_believed(
    count: int, names: list[str], kinds: set[StrategyKind], share: int
) -> None:
    """Whatever gives a reader away, and whichever ways a node answers: but where it lies to everybody alike."""
    conditions = [CONDITIONS[name] for name in names]
    tells = lie_where(lambda called: all(each(called) for each in conditions), lambda number: number % share == 0)
    for number, outcome in enumerate(found(world(count, tells), count, *kinds)[0], 1):
        assert isinstance(outcome, Gap) or outcome == truth(number)

"""ONE table of misbehaviours. Whatever a node does, each balance is right, or a gap whose reason names the cause.

Each row is met after the node was opened in good faith, and in every way of asking that it concerns. What one node
alone cannot be caught at, a plain lie, is the quorum's to catch: the second table.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.core.evidence import Batch, Gap, Reading
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word
from scanner.errors import NodeError, Why
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Operator, Vote, settle
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.evm_worlds import NATIVE, TOKEN, SimWorld, World, make_plan, on_anvil, opened, read
from tests.support.simulated.server import Raw, SimError, SimServer

Spoil = Callable[[SimServer, SimEvm, int], None]  # the last is the snapshot's height

CODE = (StrategyKind.OVERRIDE, StrategyKind.INIT_CODE, StrategyKind.MULTICALL)  # answers that show their block
ROWS = (StrategyKind.BATCH, StrategyKind.SINGLE)
COUNT = 12


@dataclass(frozen=True)
class Misbehaviour:
    """`whys`: the reasons a gap may give; none: every balance must be right all the same."""

    name: str
    spoil: Spoil
    whys: frozenset[Why]
    kinds: tuple[StrategyKind, ...] = tuple(StrategyKind)
    assets: tuple[AssetId, ...] = (NATIVE, TOKEN)
    timeout: float = 30  # short where a timeout is what the row is about


def server_with(**assigned: Any) -> Spoil:
    def spoil(server: SimServer, _sim: SimEvm, _height: int) -> None:
        for name, value in assigned.items():
            assert hasattr(server, name)
            setattr(server, name, value)

    return spoil


def node_with(**assigned: Any) -> Spoil:
    def spoil(_server: SimServer, sim: SimEvm, _height: int) -> None:
        for name, value in assigned.items():
            assert hasattr(sim, name)
            setattr(sim, name, value)

    return spoil


def answering(value: Any) -> Spoil:
    """This in place of each balance and each call's result."""

    def spoiled(method: str, _params: list[Any], result: Any) -> Any:
        return value if method in {"eth_call", "eth_getBalance"} else result

    return server_with(spoil_result=spoiled)


def erring(code: int, message: str, data: Any = None) -> Spoil:
    """This error in place of each balance and each call's result."""

    def spoiled(method: str, _params: list[Any], result: Any) -> Any:
        if method in {"eth_call", "eth_getBalance"}:
            raise SimError(code, message, data)
        return result

    return server_with(spoil_result=spoiled)


def each(change: Callable[[dict[str, Any]], Any]) -> Spoil:
    return server_with(spoil_answers=lambda answers: [change(answer) for answer in answers])


def without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda answer: {name: value for name, value in answer.items() if name != key}


def longer_by(count: int) -> Spoil:
    def spoiled(method: str, _params: list[Any], result: Any) -> Any:
        return result + "00" * count if method == "eth_call" else result

    return server_with(spoil_result=spoiled)


def shorter_by(count: int) -> Spoil:
    def spoiled(method: str, _params: list[Any], result: Any) -> Any:
        return result[: -2 * count] if method == "eth_call" else result

    return server_with(spoil_result=spoiled)


def answering_at(distance: int) -> Spoil:
    """The state of another block, so many above the snapshot."""
    return lambda _server, sim, height: setattr(sim, "answer_at", height + distance)


def lying_about(accounts: tuple[bytes, ...], balance: int) -> Spoil:
    return lambda _server, sim, _height: sim.lie_about.update(dict.fromkeys(accounts, balance))


def with_header_failing(method: str, _params: list[Any], result: Any) -> Any:
    """Multicall3's answer, its second call (the block's number) marked as failed."""
    if method != "eth_call":
        return result
    answer = bytearray.fromhex(result[2:])
    place = int.from_bytes(answer[96:128])  # of the second result, counted from behind the array's length
    answer[64 + place + 31] = 0
    return "0x" + answer.hex()


def gaps(name: str, spoil: Spoil, *whys: Why, **limits: Any) -> Misbehaviour:
    return Misbehaviour(name, spoil, frozenset(whys), **limits)


def harmless(name: str, spoil: Spoil, **limits: Any) -> Misbehaviour:
    return Misbehaviour(name, spoil, frozenset(), **limits)


BOMB = gzip.compress(bytes(2**25))
GZIP = {"Content-Encoding": "gzip"}
MALFORMED, REFUSED, UNREACHABLE, NO_STATE = Why.MALFORMED, Why.REFUSED, Why.UNREACHABLE, Why.NO_STATE
WRONG_BLOCK, RATE_LIMITED, NO_TOKEN, WRONG_CHAIN = Why.WRONG_BLOCK, Why.RATE_LIMITED, Why.NO_TOKEN, Why.WRONG_CHAIN

WIRE = [
    # HTTP
    *[gaps(f"HTTP {status}", server_with(status=status), REFUSED) for status in (400, 404, 405, 413, 418)],
    *[gaps(f"HTTP {status}", server_with(status=status), Why.UNAUTHORIZED) for status in (401, 403)],
    *[gaps(f"HTTP {status}", server_with(status=status), UNREACHABLE) for status in (408, 500, 502, 503, 504, 524)],
    gaps("HTTP 429 for ever", server_with(status=429), RATE_LIMITED),
    gaps("HTTP 429 with Retry-After", server_with(status=429, headers={"Retry-After": "7"}), RATE_LIMITED),
    gaps("HTTP 429, Retry-After a century", server_with(status=429, headers={"Retry-After": "9" * 40}), RATE_LIMITED),
    gaps("HTTP 429, Retry-After nonsense", server_with(status=429, headers={"Retry-After": "soon"}), RATE_LIMITED),
    harmless("HTTP 429 twice", server_with(status=429, times=2)),
    harmless("HTTP 503 twice", server_with(status=503, times=2)),
    gaps("a redirect", server_with(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}), REFUSED),
    gaps("a redirect to itself", server_with(status=307, headers={"Location": "/v3/secret-key"}), REFUSED),
    # bodies
    gaps("HTML with status 200", server_with(body=b"<html>Just a moment...</html>"), MALFORMED),
    gaps("an empty body", server_with(body=b""), MALFORMED),
    gaps("no JSON", server_with(body=b"rate limit? no, nonsense"), MALFORMED),
    gaps("JSON cut short", server_with(spoil_body=lambda body: body[: len(body) // 2]), MALFORMED),
    gaps("two JSON texts", server_with(spoil_body=lambda body: body + body), MALFORMED),
    gaps("no UTF-8", server_with(body=b'{"jsonrpc":"2.0","id":1,"result":"\xff"}'), MALFORMED),
    gaps("JSON without end of depth", server_with(body=b"[" * 100_000), MALFORMED),
    gaps("NaN", server_with(body=b'{"jsonrpc":"2.0","id":1,"result":NaN}'), MALFORMED),
    gaps("Infinity", server_with(body=b'{"jsonrpc":"2.0","id":1,"result":-Infinity}'), MALFORMED),
    gaps("a number of 10,000 digits", server_with(body=b'{"id":1,"result":' + b"9" * 10_000 + b"}"), MALFORMED),
    gaps("a number with a huge exponent", server_with(body=b'{"id":1,"result":1e999999}'), MALFORMED),
    gaps("a body dropped half way", server_with(close_at=40), UNREACHABLE),
    gaps("a body dropped before it began", server_with(close_at=0), UNREACHABLE),
    harmless("a body dropped once", server_with(close_at=40, times=1)),
    gaps("a stalled body", server_with(stall_at=40), UNREACHABLE, timeout=1.0),
    gaps("a body without end", server_with(endless=True), MALFORMED),
    gaps("a gzip bomb", server_with(body=BOMB, headers=GZIP), MALFORMED),
    gaps("gzip cut short", server_with(body=BOMB[:100], headers=GZIP), MALFORMED),
    gaps("no gzip after all", server_with(body=b"{}", headers=GZIP), MALFORMED),
    gaps("gzip with more behind it", server_with(spoil_body=lambda b: gzip.compress(b) + b, headers=GZIP), MALFORMED),
    gaps("another compression", server_with(headers={"Content-Encoding": "br"}), MALFORMED),
    harmless("honest gzip", server_with(spoil_body=gzip.compress, headers=GZIP)),
    # JSON-RPC
    gaps("an answer without id", each(without("id")), MALFORMED),
    gaps("an id of null", each(lambda answer: {**answer, "id": None}), MALFORMED),
    gaps("an id as text", each(lambda answer: {**answer, "id": str(answer["id"])}), MALFORMED),
    gaps("an id with a fraction", each(lambda answer: {**answer, "id": Raw(f"{answer['id']}.0")}), MALFORMED),
    gaps("ids of another request", each(lambda answer: {**answer, "id": answer["id"] + 10**6}), MALFORMED),
    gaps("ids of the request before", each(lambda answer: {**answer, "id": answer["id"] - 10**3}), MALFORMED),
    gaps("neither result nor error", each(without("result")), MALFORMED),
    gaps("result and error", each(lambda answer: {**answer, "error": {"code": 1, "message": "no"}}), MALFORMED),
    gaps("an error without code", each(lambda answer: {"id": answer["id"], "error": {"message": "no"}}), MALFORMED),
    gaps("an error that is text", each(lambda answer: {"id": answer["id"], "error": "no"}), MALFORMED),
    gaps("answers that are no objects", each(lambda _answer: "0x5"), MALFORMED),
    gaps("an object for a batch", server_with(spoil_answers=lambda a: a[0]), MALFORMED, kinds=(StrategyKind.BATCH,)),
    gaps("no answers", server_with(spoil_answers=lambda _answers: []), MALFORMED),
    harmless("answers in another order", server_with(spoil_answers=lambda answers: answers[::-1])),
    gaps(
        "the last of a batch dropped",
        server_with(spoil_answers=lambda a: a[:-1]),
        MALFORMED,
        kinds=(StrategyKind.BATCH,),
    ),
    gaps(
        "one of a batch dropped",
        server_with(spoil_answers=lambda a: a[:9] + a[10:]),
        MALFORMED,
        kinds=(StrategyKind.BATCH,),
    ),
    gaps(
        "one of a batch doubled",
        server_with(spoil_answers=lambda a: a + a[9:10]),
        MALFORMED,
        kinds=(StrategyKind.BATCH,),
    ),
    gaps(
        "one of a batch doubled in place of another",
        server_with(spoil_answers=lambda a: [*a[:9], a[8], *a[10:]] if len(a) > 9 else a),
        MALFORMED,
        kinds=(StrategyKind.BATCH,),
    ),
    harmless(
        "a foreign answer beside the right ones",
        server_with(spoil_answers=lambda a: [*a, {"id": -5, "result": "0x5"}]),
        kinds=(StrategyKind.BATCH,),
    ),
]

MEANING = [
    # results
    gaps("a result of None", answering(None), MALFORMED, WRONG_BLOCK),  # as Besu says that it does not know the block
    *[
        gaps(f"a result of {value!r}", answering(value), MALFORMED)
        for value in (True, 5, -5, Raw("1.5"), Raw("1e18"), [], ["0x5"], {"balance": "0x5"}, "", "0", "5")
    ],
    *[
        gaps(f"a result of {value!r}", answering(value), MALFORMED, NO_TOKEN)
        for value in ("0x", "0x05", "-0x5", "0x-5", "0x 5", "0xzz", "0x٣", "0x1_0", "0X5", "0x5.0", " 0x5", "0x5\n")
    ],
    gaps("a number of 300 bits", answering("0x" + "f" * 75), MALFORMED),
    gaps("an answer one byte too long", longer_by(1), MALFORMED, kinds=CODE[:2]),
    gaps("an answer one balance too long", longer_by(32), MALFORMED, kinds=CODE[:2]),
    gaps("an answer one byte too short", shorter_by(1), MALFORMED, kinds=CODE),
    gaps("an answer one balance too short", shorter_by(32), MALFORMED, kinds=CODE),
    gaps("an answer of a header alone", shorter_by(32 * (COUNT + 3)), MALFORMED, kinds=CODE[:2]),
    gaps("an answer of half a header", answering("0x" + "00" * 40), MALFORMED, kinds=CODE),
    gaps(
        "a Multicall3 that cannot tell its block",
        server_with(spoil_result=with_header_failing),
        MALFORMED,
        kinds=(StrategyKind.MULTICALL,),
    ),
    gaps("a token that answers 31 bytes", shorter_by(1), NO_TOKEN, kinds=ROWS, assets=(TOKEN,)),
    # errors
    gaps("-32005", erring(-32005, "limit exceeded"), RATE_LIMITED),
    gaps("a rate limit in words", erring(-32000, "Too many requests, slow down"), RATE_LIMITED),
    gaps("compute units", erring(429, "Your app has exceeded its compute units per second capacity"), RATE_LIMITED),
    gaps("Geth without the state", erring(-32000, "missing trie node 1a (path ) state 0x9 is not available"), NO_STATE),
    gaps("Geth's path scheme", erring(-32000, "historical state 0x9 is not available"), NO_STATE),
    gaps("Erigon without the state", erring(-32000, "old data not available due to pruning"), NO_STATE),
    gaps("Reth without the state", erring(-32000, "state at block #5 is pruned"), NO_STATE),
    gaps("Nethermind without the state", erring(-32002, "No state available for block 5 (0x9)"), NO_STATE),
    gaps("Nethermind's trie", erring(-32603, "Internal error", "Nethermind.Trie.MissingTrieNodeException"), NO_STATE),
    gaps("Besu without the state", erring(-32000, "World state unavailable"), NO_STATE),
    gaps("X Layer without the state", erring(4444, "pruned history unavailable"), NO_STATE),
    gaps("Geth without the block", erring(-32000, "header not found"), WRONG_BLOCK),
    gaps("Geth's other branch", erring(-32000, "hash is not currently canonical"), WRONG_BLOCK),
    gaps("Reth without the block", erring(-32001, "block not found: hash 0x9"), WRONG_BLOCK),
    gaps("Nethermind without the block", erring(-32001, "0x9 could not be found"), WRONG_BLOCK),
    gaps("Besu without the block", erring(-32000, "Block not found"), WRONG_BLOCK),
    gaps("anvil without the block", erring(-32001, "Resource not found"), WRONG_BLOCK),
    gaps("coreth before finality", erring(-32000, "cannot query unfinalized data"), Why.NOT_FINAL),
    gaps("an internal error", erring(-32603, "Internal error"), REFUSED),
    gaps("an unknown error", erring(-1, "computer says no"), REFUSED),
    gaps("a method taken away", erring(-32601, "the method eth_call does not exist"), Why.UNSUPPORTED),
    gaps("always too much", erring(-32000, "out of gas"), REFUSED),
    gaps("always too slow", erring(-32000, "execution aborted (timeout = 5s)"), REFUSED),
    gaps("everything reverts", erring(3, "execution reverted"), NO_TOKEN),
    gaps("everything reverts at a position", erring(3, "execution reverted", "0x" + "00" * 31 + "02"), NO_TOKEN),
    gaps("everything reverts beyond the end", erring(3, "execution reverted", "0x" + "00" * 28 + "ff" * 4), NO_TOKEN),
    gaps("an error that names its own data badly", erring(3, "execution reverted", {"a": 1}), NO_TOKEN),
]

CHAIN = [
    gaps("another chain", node_with(chain_id=5), WRONG_CHAIN),
    gaps("a reorganisation before the read", lambda _server, sim, height: sim.reorganise(height), WRONG_BLOCK),
    gaps("a reorganisation below the block", lambda _server, sim, height: sim.reorganise(height - 5), WRONG_BLOCK),
    gaps("the answer of the next block", answering_at(+1), WRONG_BLOCK, kinds=CODE),
    gaps("the answer of the block before", answering_at(-1), WRONG_BLOCK, kinds=CODE, assets=(NATIVE,)),
    gaps("block hashes ignored from now on", node_with(ignore_block_hash=True), WRONG_BLOCK, kinds=CODE),
    gaps("the state pruned from now on", node_with(pruned_below=50), NO_STATE),
    gaps("another number inside the code", node_with(number_shown=10), WRONG_BLOCK, kinds=CODE),
    harmless("overrides refused from now on", node_with(overrides=False)),
    harmless("overrides ignored from now on", node_with(overrides_ignored=True)),
    harmless("init code refused from now on", node_with(init_code=False)),
    harmless("a small gas cap", node_with(gas_cap=60_000)),
    harmless("a tiny gas cap", node_with(gas_cap=22_000)),
    harmless("small batches", server_with(most_calls=5)),
    harmless("small answers", server_with(most_answers=6), kinds=(StrategyKind.BATCH,)),
    gaps("answers too small for any question", server_with(most_answers=1), REFUSED, kinds=(StrategyKind.BATCH,)),
    harmless("small requests", server_with(most_bytes=1_000)),
]  # fmt: skip


TABLE = [*(replace(row, assets=(NATIVE,)) for row in WIRE), *MEANING, *CHAIN]  # the wire knows no assets


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_balance_is_right_or_a_gap_that_names_the_cause(row: Misbehaviour) -> None:
    async def every_way() -> None:
        ways = [(rung, asset) for rung in row.kinds for asset in row.assets]
        await asyncio.gather(*(check(row, rung, asset) for rung, asset in ways))

    asyncio.run(every_way())


async def check(row: Misbehaviour, rung: StrategyKind, asset: AssetId) -> None:
    world = SimWorld(make_plan(COUNT))
    found = await reading_under(row.spoil, world, rung, asset, row.timeout)
    judge(row, rung, found, world.plan.truth(asset))


@pytest.fixture(scope="module")
def anvil() -> Iterator[World]:
    with on_anvil(make_plan(COUNT)) as world:
        yield world


@pytest.mark.parametrize("row", [*WIRE, *MEANING], ids=lambda row: row.name)
def test_the_same_holds_with_a_real_node_behind_the_misbehaviour(row: Misbehaviour, anvil: World) -> None:
    async def run(rung: StrategyKind) -> list[Word | Gap]:
        async with (
            SimServer(anvil.answer) as server,
            opened(server.url, (rung, StrategyKind.BATCH), timeout=row.timeout) as node,
        ):
            snapshot = await anvil.snapshot(node)
            row.spoil(server, SimEvm(), anvil.height)
            return await read(node, snapshot, TOKEN, anvil.plan.accounts)

    for rung in {StrategyKind.OVERRIDE, StrategyKind.MULTICALL, StrategyKind.BATCH} & set(row.kinds):
        if TOKEN in row.assets:
            judge(row, rung, asyncio.run(run(rung)), anvil.plan.truth(TOKEN))


def judge(row: Misbehaviour, rung: StrategyKind, found: list[Word | Gap], truth: list[int]) -> None:
    for outcome, right in zip(found, truth, strict=True):
        assert isinstance(outcome, Gap) or outcome == right, f"a wrong balance by {rung.name}"
    missing = [outcome for outcome in found if isinstance(outcome, Gap)]
    assert {gap.why for gap in missing} <= row.whys, f"{rung.name}: {missing[0]}"
    assert bool(missing) == bool(row.whys), f"no gap by {rung.name}"
    for gap in missing:
        assert "secret" not in gap.detail
        assert "127.0.0.1" not in gap.detail
        assert len(gap.detail) <= 300
        assert gap.detail.isprintable()


async def reading_under(
    spoil: Spoil,
    world: SimWorld,
    rung: StrategyKind,
    asset: AssetId,
    timeout: float = 30,  # noqa: ASYNC109 - the node's
) -> list[Word | Gap]:
    allowed = (rung,) if rung is StrategyKind.SINGLE else (rung, StrategyKind.BATCH)
    async with SimServer(world.chain.answer) as server, opened(server.url, allowed, timeout=timeout) as node:
        assert node.kinds[0] is rung
        snapshot = await node.block_at(world.height)
        before = len(server.requests)
        spoil(server, world.chain, world.height)
        found = await read(node, snapshot, asset, world.plan.accounts)
        assert len(server.requests) - before < 40 * COUNT, "a hostile node must not be asked without end"
        return found


def shuffled_ids(answers: list[Any]) -> list[Any]:
    """The balances of a batch under each other's ids. What guards it, at the front, stays."""
    ids = [answer["id"] for answer in answers]
    return [
        {**answer, "id": ids[2:][(at + 1) % len(ids[2:])]} if at >= 0 else answer
        for at, answer in enumerate(answers, -2)
    ]


ACCOUNTS = make_plan(COUNT).accounts
LIES: list[tuple[str, Spoil, tuple[StrategyKind, ...]]] = [
    ("one balance too high", lying_about(ACCOUNTS[4:5], 10**30), tuple(StrategyKind)),
    ("one balance zero", lying_about(ACCOUNTS[4:5], 0), tuple(StrategyKind)),
    ("every balance one", lying_about(ACCOUNTS, 1), tuple(StrategyKind)),
    ("every balance the same word", answering("0x" + "0" * 63 + "1"), (StrategyKind.BATCH,)),
    ("balances under each other's ids", server_with(spoil_answers=shuffled_ids), (StrategyKind.BATCH,)),
    ("balances of the next block", answering_at(+1), ROWS),
    ("balances of the tip", node_with(ignore_block_hash=True), ROWS),
]


@pytest.mark.parametrize(("name", "lie", "kinds"), LIES, ids=[name for name, _, _ in LIES])
def test_a_liar_beside_honest_operators_makes_gaps_and_no_wrong_balance(
    name: str, lie: Spoil, kinds: tuple[StrategyKind, ...]
) -> None:
    async def all_three(rung: StrategyKind, asset: AssetId) -> list[list[Word | Gap]]:
        spoils: list[Spoil] = [lie, lambda *_: None, lambda *_: None]
        asked = [reading_under(spoil, SimWorld(make_plan(COUNT)), rung, asset) for spoil in spoils]
        return await asyncio.gather(*asked)

    for rung in kinds:
        for asset in (TOKEN,) if name == "every balance the same word" else (NATIVE, TOKEN):
            said = asyncio.run(all_three(rung, asset))
            votes = [Vote(Operator(f"operator {at}"), Reading.of(outcomes)) for at, outcomes in enumerate(said)]
            truth = make_plan(COUNT).truth(asset)
            assert said[0] != truth, "the lie must reach us, or this shows nothing"
            for outcome, lied, right in zip(settle(votes, len(truth), Policy(quorum=2)), said[0], truth, strict=True):
                if isinstance(outcome, Gap):
                    assert outcome.why in {
                        Why.DISAGREEMENT,
                        Why.CALLER_DEPENDENT,
                    }  # read twice, it may differ from itself
                    assert lied != right
                else:
                    assert outcome.atoms == right


def test_no_node_is_opened_that_ignores_block_hashes() -> None:
    refuse(Why.UNSUPPORTED, node_with(ignore_block_hash=True))


def test_no_node_is_opened_that_serves_another_chain() -> None:
    refuse(Why.WRONG_CHAIN, node_with(chain_id=1))


def test_no_node_is_opened_whose_credentials_are_refused() -> None:
    refuse(Why.UNAUTHORIZED, server_with(status=401))


def test_no_node_is_opened_that_never_answers() -> None:
    refuse(Why.UNREACHABLE, server_with(stall_at=0))


def refuse(why: Why, spoil: Spoil) -> None:
    async def run() -> None:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server:
            spoil(server, world.chain, world.height)
            async with opened(server.url, timeout=0.15):
                pass

    with pytest.raises(NodeError) as caught:
        asyncio.run(run())
    assert caught.value.why is why
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "best"),
    [
        (node_with(overrides=False), StrategyKind.INIT_CODE),
        (node_with(overrides_ignored=True), StrategyKind.INIT_CODE),
        (node_with(overrides=False, init_code=False), StrategyKind.MULTICALL),
        (node_with(overrides=False, init_code=False, multicall=None), StrategyKind.BATCH),
        (node_with(number_shown=3), StrategyKind.BATCH),
    ],
)
def test_a_node_that_lacks_a_way_is_asked_in_the_next(spoil: Spoil, best: StrategyKind) -> None:
    async def run() -> tuple[StrategyKind, ...]:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server:
            spoil(server, world.chain, world.height)
            async with opened(server.url) as node:
                assert await read(
                    node, await node.block_at(world.height), NATIVE, world.plan.accounts
                ) == world.plan.truth(NATIVE)
                return node.kinds

    assert asyncio.run(run())[0] is best


def test_a_node_without_batches_is_asked_singly() -> None:
    async def run() -> tuple[StrategyKind, ...]:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server:
            server.batches = False
            async with opened(server.url, (StrategyKind.BATCH,)) as node:
                assert await read(
                    node, await node.block_at(world.height), TOKEN, world.plan.accounts
                ) == world.plan.truth(TOKEN)
                return node.kinds

    assert asyncio.run(run()) == (StrategyKind.SINGLE,)


def test_the_reading_of_a_hostile_node_has_one_outcome_for_each_account() -> None:
    async def run() -> int:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server, opened(server.url) as node:
            snapshot = await node.block_at(world.height)
            server.status = 500
            return len(await node.read(Batch(snapshot, NATIVE, world.plan.accounts)))

    assert asyncio.run(run()) == 6

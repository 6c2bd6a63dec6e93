"""What every Bitcoin Core node, real or simulated, is to a scan; and that no misbehaviour makes a wrong balance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from localnet.errors import RpcError
from scanner.chains.bitcoin_core import BitcoinCoreNode
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import NodeSettings
from scanner.errors import NodeError, Why
from tests.bitcoin_nodes import BITCOIN, REGTEST, read_at, start_bitcoind, unspent_at
from tests.nodes.bitcoin_history import History, wallet
from tests.sim_bitcoin import RpcServer, SimBitcoin, Spoiler, behind

MAINNET = Chain.parse("bip122:000000000019d6689c085ae165831e93")
DEPTH = 8  # blocks between the snapshot and the tip


@dataclass(frozen=True)
class World:
    """A node with a history, and the truth about it."""

    server: RpcServer
    scripts: list[bytes]
    tip: int
    truth: Callable[[int], list[int]]  # balances of `scripts` at a height

    @property
    def settings(self) -> NodeSettings:
        return NodeSettings("bitcoind", self.server.url, "o", REGTEST, timeout=20)

    def node(self) -> BitcoinCoreNode:
        return BitcoinCoreNode(self.settings, sleep=_no_sleep)


async def _no_sleep(_seconds: float) -> None:
    await asyncio.sleep(0)


@contextmanager
def simulated() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimBitcoin(Random(5), scripts, blocks=40)
    with RpcServer(chain.answer) as server:
        yield World(
            server, scripts, 40, lambda height: [chain.balances_at(height).get(each.hex(), 0) for each in scripts]
        )


@contextmanager
def real() -> Iterator[World]:
    random = Random(5)
    with start_bitcoind() as node:
        history = History(node, random, wallets=40)
        history.start(10)
        for _ in range(30):
            history.block(random.randint(1, 4))
        with RpcServer(behind(node)) as server:
            scripts = history.scripts
            yield World(server, scripts, node.tip().height, lambda height: unspent_at(node, height, scripts))


@pytest.fixture(scope="module", params=[simulated, real], ids=["simulated", "real"])
def shared_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with request.param() as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The shared world, behaving well again after each test."""
    shared_world.server.calls.clear()
    yield shared_world
    shared_world.server.spoil = lambda _method, _params, result: result


@pytest.fixture
def height(world: World) -> int:
    return world.tip - DEPTH


def test_balances_at_past_blocks_are_right(world: World) -> None:
    for height in (world.tip, world.tip - 1, world.tip - DEPTH, world.tip // 2, 1):
        assert read_at(world.node(), height, world.scripts) == world.truth(height)


def test_outcomes_keep_the_order_of_the_accounts_and_unknown_scripts_hold_nothing(world: World, height: int) -> None:
    order = [*reversed(world.scripts), bytes(wallet(10**6).script)]
    assert read_at(world.node(), height, order) == [*reversed(world.truth(height)), 0]


def test_a_script_that_can_never_be_spent_holds_nothing_and_is_not_asked_for(world: World, height: int) -> None:
    assert read_at(world.node(), height, [b"\x6a\x04data"]) == [0]
    assert "scantxoutset" not in world.server.calls


def test_all_scripts_of_a_batch_are_read_by_one_scan(world: World, height: int) -> None:
    read_at(world.node(), height, world.scripts)
    assert world.server.calls.count("scantxoutset") == 1


def test_a_block_is_told_by_its_hash_parent_and_time(world: World) -> None:
    async def look() -> tuple[Snapshot, Snapshot]:
        node = world.node()
        try:
            await node.open()
            return await node.block_at(world.tip - 1), await node.block_at(world.tip)
        finally:
            await node.close()

    before, tip = asyncio.run(look())
    assert (before.height, tip.height, tip.parent) == (world.tip - 1, world.tip, before.hash)
    assert (len(tip.hash), tip.chain, tip.time.tzinfo is not None) == (64, REGTEST, True)


def failure_of(world: World, question: Callable[[BitcoinCoreNode], Any], settings: NodeSettings | None = None) -> Why:
    """Why the question to an opened node raises NodeError."""

    async def ask() -> Why:
        node = BitcoinCoreNode(settings or world.settings, sleep=_no_sleep)
        try:
            await node.open()
            await question(node)
        except NodeError as error:
            return error.why
        finally:
            await node.close()
        raise AssertionError("nothing was wrong")

    return asyncio.run(ask())


def test_a_block_above_the_tip_is_not_final(world: World) -> None:
    assert failure_of(world, lambda node: node.block_at(world.tip + 1)) is Why.NOT_FINAL


def test_the_final_block_has_six_others_on_top(world: World) -> None:
    async def look() -> int:
        node = world.node()
        try:
            await node.open()
            return await node.final_height()
        finally:
            await node.close()

    assert asyncio.run(look()) == world.tip - 6


def test_a_node_of_another_chain_is_refused(world: World) -> None:
    assert failure_of(world, _nothing, replace(world.settings, chain=MAINNET)) is Why.WRONG_CHAIN
    litecoin = Chain.parse("bip122:12a765e31ffd4059bada1e25190f6e98")
    assert failure_of(world, _nothing, replace(world.settings, chain=litecoin)) is Why.UNSUPPORTED


async def _nothing(_node: object) -> None:
    pass


def reading_at(world: World, change: Callable[[Snapshot], Snapshot], asset: AssetId = BITCOIN) -> list[int | Gap]:
    async def read() -> list[int | Gap]:
        node = world.node()
        try:
            await node.open()
            snapshot = change(await node.block_at(world.tip - DEPTH))
            reading = await node.read(Batch(snapshot, asset, tuple(world.scripts)))
        finally:
            await node.close()
        return [reading[position] for position in range(len(world.scripts))]

    return asyncio.run(read())


def whys(outcomes: Sequence[int | Gap]) -> set[Why | None]:
    return {outcome.why if isinstance(outcome, Gap) else None for outcome in outcomes}


def test_a_snapshot_that_is_not_on_the_nodes_chain_is_a_gap(world: World) -> None:
    assert whys(reading_at(world, lambda block: replace(block, hash="0" * 64))) == {Why.WRONG_BLOCK}
    assert whys(reading_at(world, lambda block: replace(block, height=world.tip + 1))) == {Why.NOT_FINAL}


def test_another_asset_or_chain_is_a_gap(world: World) -> None:
    token = AssetId.parse("eip155:1/erc20:0x" + "11" * 20)
    assert whys(reading_at(world, lambda block: block, token)) == {Why.UNSUPPORTED}
    assert whys(reading_at(world, lambda block: replace(block, chain=MAINNET))) == {Why.UNSUPPORTED}


def reasons(world: World, height: int) -> set[Why | None]:
    """Why a reading fails, at whatever step; None for a balance."""
    try:
        return whys(read_at(world.node(), height, world.scripts))
    except NodeError as error:
        return {error.why}


# Misbehaviour: what a node does wrong, and which gaps may come of it. None: the balance is right all the same.


def on(wanted: str, change: Callable[[Any], Any]) -> Spoiler:
    """Spoils the results of one method; `change` gets the result and may alter it in place."""

    def spoil(method: str, params: list[Any], result: Any) -> Any:
        if method != wanted or params[:1] == ["status"]:
            return result
        changed = change(result)
        return result if changed is None else changed

    return spoil


def failing(wanted: str, code: int, message: str) -> Spoiler:
    def spoil(method: str, _params: list[Any], result: Any) -> Any:
        if method == wanted:
            raise RpcError(method, code, message)
        return result

    return spoil


def on_first_unspent(change: Callable[[dict[str, Any]], None]) -> Spoiler:
    """Spoils one unspent output, and keeps the total right, so that not only the sum gives it away."""

    def spoil(result: Any) -> None:
        change(result["unspents"][0])
        with suppress(TypeError):  # of amounts that are no numbers
            result["total_amount"] = sum((entry["amount"] for entry in result["unspents"]), Decimal(0))

    return on("scantxoutset", spoil)


def setting(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry.update(fields)


def _cut_unspent_since(result: Any) -> None:
    newest = max(result["unspents"], key=lambda entry: entry["height"])
    result["unspents"].remove(newest)
    result["total_amount"] -= newest["amount"]


def _double_unspent(result: Any) -> None:
    result["unspents"].append(result["unspents"][0])
    result["total_amount"] += result["unspents"][0]["amount"]


def _cut_received(result: Any) -> None:
    unspent_later = {(e["prevout_txid"], e["prevout_vout"]) for e in result["activity"] if e["type"] == "spend"}
    result["activity"] = [
        entry
        for entry in result["activity"]
        if entry["type"] == "spend" or (entry["txid"], entry["vout"]) in unspent_later
    ]


def _double_activity(result: Any) -> None:
    result["activity"] *= 2


def _each_activity(**fields: Any) -> Callable[[Any], None]:
    def spoil(result: Any) -> None:
        for entry in result["activity"]:
            entry.update(fields)

    return spoil


def _other_header(result: str) -> str:
    return result[:-2] + ("00" if result[-2:] != "00" else "01")


MALFORMED, FORGED = {Why.MALFORMED}, {Why.FORGED}

MISBEHAVIOURS: dict[str, tuple[Spoiler, set[Why]]] = {
    "a short genesis hash": (on("getblockhash", lambda result: result[:32]), MALFORMED),
    "a hash in upper case": (on("getblockhash", lambda result: result.upper()), MALFORMED),
    "a hash that is a number": (on("getblockhash", lambda _: 7), MALFORMED),
    "another genesis block": (on("getblockhash", lambda _: "ab" * 32), {Why.WRONG_CHAIN}),
    "a header with another nonce": (on("getblockheader", _other_header), FORGED),
    "a header cut short": (on("getblockheader", lambda result: result[:-2]), MALFORMED),
    "a header that is null": (on("getblockheader", lambda _: {}), MALFORMED),
    "a scan of no object": (on("scantxoutset", lambda _: [1]), MALFORMED),
    "a scan that ended early": (on("scantxoutset", lambda _: {"success": False}), {Why.REFUSED}),
    "a scan without success": (on("scantxoutset", lambda result: result.pop("success") and None), MALFORMED),
    "a scan with success 1": (on("scantxoutset", setting(success=1)), MALFORMED),
    "a scan of another best block": (on("scantxoutset", setting(bestblock="ab" * 32)), {Why.NOT_FINAL}),
    "a scan with a short best block": (on("scantxoutset", setting(bestblock="ab" * 31)), MALFORMED),
    "a scan of a tip below the snapshot": (
        on("scantxoutset", setting(height=2, unspents=[], total_amount=0)),
        {Why.NOT_FINAL},
    ),
    "a scan at a negative height": (on("scantxoutset", setting(height=-1)), MALFORMED),
    "a scan at half a height": (on("scantxoutset", setting(height=Decimal("7.5"))), MALFORMED),
    "a scan without outputs": (on("scantxoutset", lambda result: result.pop("unspents") and None), MALFORMED),
    "a scan with another total": (on("scantxoutset", setting(total_amount=Decimal(1))), MALFORMED),
    "a negative amount": (on_first_unspent(setting(amount=Decimal("-0.5"))), MALFORMED),
    "an amount of 9 decimals": (on_first_unspent(setting(amount=Decimal("0.123456789"))), MALFORMED),
    "an amount above 21 million": (on_first_unspent(setting(amount=Decimal("21000000.00000001"))), MALFORMED),
    "an amount in a string": (on_first_unspent(setting(amount="1.0")), MALFORMED),
    "an amount that is true": (on_first_unspent(setting(amount=True)), MALFORMED),
    "an amount that is null": (on_first_unspent(setting(amount=None)), MALFORMED),
    "an output of a script not asked for": (on_first_unspent(setting(scriptPubKey="51")), MALFORMED),
    "a script of half a byte": (on_first_unspent(setting(scriptPubKey="5")), MALFORMED),
    "an output of no height": (on_first_unspent(setting(height=None)), MALFORMED),
    "an output of the genesis block": (on_first_unspent(setting(height=0)), MALFORMED),
    "an output from the future": (on_first_unspent(setting(height=10**6)), MALFORMED),
    "an output of a short transaction id": (on_first_unspent(setting(txid="ab")), MALFORMED),
    "an output of a negative number": (on_first_unspent(setting(vout=-1)), MALFORMED),
    "an output twice": (on("scantxoutset", _double_unspent), MALFORMED),
    "a list that is cut, with its total": (on("scantxoutset", _cut_unspent_since), MALFORMED),
    "a list that is cut, without": (on("scantxoutset", lambda result: result["unspents"].pop() and None), MALFORMED),
    "filters of other blocks": (on("scanblocks", setting(from_height=0)), MALFORMED),
    "filters that end early": (on("scanblocks", setting(to_height=7)), MALFORMED),
    "filters aborted": (on("scanblocks", setting(completed=False)), {Why.REFUSED}),
    "filters that name a foreign block": (on("scanblocks", setting(relevant_blocks=["ab" * 32])), {Why.NOT_FINAL}),
    "filters that find nothing": (on("scanblocks", setting(relevant_blocks=[])), MALFORMED),
    "activity left out": (on("getdescriptoractivity", setting(activity=[])), MALFORMED),
    "receives left out": (on("getdescriptoractivity", _cut_received), MALFORMED),
    "activity doubled": (on("getdescriptoractivity", _double_activity), MALFORMED),
    "activity in another block": (on("getdescriptoractivity", _each_activity(blockhash="ab" * 32)), MALFORMED),
    "activity at another height": (on("getdescriptoractivity", _each_activity(height=3)), MALFORMED),
    "activity in the mempool": (on("getdescriptoractivity", _each_activity(blockhash=None)), MALFORMED),
    "activity of no kind": (on("getdescriptoractivity", _each_activity(type="gift")), MALFORMED),
    "activity of a script not asked for": (
        on("getdescriptoractivity", _each_activity(output_spk={"hex": "51"}, prevout_spk={"hex": "51"})),
        MALFORMED,
    ),
    "activity of negative amounts": (on("getdescriptoractivity", _each_activity(amount=Decimal(-1))), MALFORMED),
    "an index that says nothing of itself": (on("getindexinfo", lambda _: {"basic block filter index": {}}), MALFORMED),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaving_node_makes_a_gap_and_never_a_balance(world: World, height: int, name: str) -> None:
    spoil, allowed = MISBEHAVIOURS[name]
    world.server.spoil = spoil
    assert reasons(world, height) <= allowed

"""What every Bitcoin Core node, real or simulated, is to a scan; and that no misbehaviour makes a wrong balance.

What it does at random to its answers is in `test_hostile_families.py`. Never met: `dogecoind` and `dashd`, which are in
no registry that tests may use. Dash's node is simulated here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest

from localnet.bitcoind import Bitcoind
from localnet.errors import RpcError
from localnet.process import wait_for
from scanner.chains.bitcoin.header import double_sha256
from scanner.chains.bitcoin.node.block import facts_of
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.bitcoin.node.moves import OTHERS_SCAN_PAUSE, SCANS_LOST
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.proving import ancestry
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.pin import block_of
from tests.nodes.bitcoin_history import History, wallet
from tests.support.bitcoin_behaviour import *  # noqa: F403 - the tests that every backend has to pass
from tests.support.bitcoin_behaviour import leads_to_ancestors, names_blocks, whys
from tests.support.real.bitcoin_nodes import BITCOIN, REGTEST, read_at, start_bitcoind, unspent_at
from tests.support.simulated.bitcoin import GENESIS, RpcServer, SimBitcoin, Spoiler, behind, mined
from tests.support.simulated.kin_of_bitcoin import SimDash

MAINNET = parse_chain("bip122:000000000019d6689c085ae165831e93")
DASH = parse_chain("bip122:00000ffd590b1485b3caadc19b22e637")
DEPTH = 8  # blocks between the snapshot and the tip


@dataclass(frozen=True)
class World:
    """A node with a history, and the truth about it."""

    server: RpcServer
    scripts: list[bytes]
    tip: int
    truth: Callable[[int], list[int]]  # balances of `scripts` at a height
    mine: Callable[[], None]
    reorganise: Callable[[int], None]  # the last blocks, so many, are replaced by one more than that
    chain: Chain = REGTEST

    @property
    def settings(self) -> NodeSettings:
        return NodeSettings(facts_of(self.chain).program, self.server.url, "o", self.chain, timeout=20)

    @property
    def final(self) -> int:
        return self.tip - facts_of(self.chain).final_depth

    @property
    def asset(self) -> AssetId:
        return parse_asset(f"{self.chain}/slip44:{5 if self.chain == DASH else 1}")

    def read(self, height: int, scripts: Sequence[bytes] | None = None) -> list[Word | Gap]:
        return read_at(self.node(), height, self.scripts if scripts is None else scripts, self.asset)

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
            server,
            scripts,
            40,
            lambda height: [chain.balances_at(height).get(each.hex(), 0) for each in scripts],
            chain.mine,
            chain.reorganise,
        )


@contextmanager
def simulated_dash() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimDash(Random(5), scripts, blocks=40)
    with RpcServer(chain.answer) as server:
        yield World(
            server,
            scripts,
            40,
            lambda height: [chain.balances_at(height).get(each.hex(), 0) for each in scripts],
            chain.mine,
            chain.reorganise,
            DASH,
        )


INDEX_SECONDS = 30


def _indexed(node: Bitcoind) -> bool | None:
    """Whether the node's index of transactions has its highest block: it follows by itself, a little later."""
    index = node.rpc("getindexinfo").get("txindex")
    return index is None or (index["synced"] and index["best_block_height"] == node.tip().height) or None


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

            numbers = count(10**5)

            def reorganise(depth: int) -> None:
                node.rpc("invalidateblock", node.rpc("getblockhash", node.tip().height - depth + 1))
                fresh = wallet(8 * next(numbers)).script  # else the same blocks come out again, known as invalid
                node.rpc("generatetodescriptor", depth + 1, f"raw({fresh.hex()})")
                wait_for("the index of transactions to follow", lambda: _indexed(node), INDEX_SECONDS)

            yield World(
                server,
                scripts,
                node.tip().height,
                lambda height: unspent_at(node, height, scripts),
                lambda: node.rpc("generatetodescriptor", 1, f"raw({scripts[1].hex()})"),
                reorganise,
            )


@pytest.fixture(scope="module", params=[simulated, simulated_dash, real], ids=lambda world: world.__name__)
def shared_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with request.param() as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The shared world, behaving well again after each test."""
    shared_world.server.calls.clear()
    yield shared_world
    shared_world.server.spoil = lambda _method, _params, result: result
    shared_world.server.status = lambda _request, _size: 200


@pytest.fixture
def height(world: World) -> int:
    return world.tip - DEPTH


def test_headers_lead_from_a_block_to_its_ancestors_where_blocks_can_be_named_here(world: World) -> None:
    if world.chain == DASH:
        assert ancestry(DASH) is None
    else:
        leads_to_ancestors(world)


def test_a_block_is_found_by_its_hash(world: World) -> None:
    names_blocks(world)


def test_a_script_that_can_never_be_spent_holds_nothing_and_is_not_asked_for(world: World, height: int) -> None:
    assert world.read(height, [b"\x6a\x04data"]) == [0]
    assert "scantxoutset" not in world.server.calls


def test_all_scripts_of_a_batch_are_read_by_one_scan(world: World, height: int) -> None:
    world.read(height)
    assert world.server.calls.count("scantxoutset") == 1


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


def test_a_named_block_is_final_under_as_many_others_as_its_chain_asks_for_and_under_one_less_it_is_not(
    world: World,
) -> None:
    depth = facts_of(world.chain).final_depth
    assert failure_of(world, lambda node: block_of(node, world.tip - depth + 1)) is Why.NOT_FINAL

    async def look() -> int:
        node = world.node()
        try:
            await node.open()
            return (await block_of(node, world.tip - depth)).height
        finally:
            await node.close()

    assert asyncio.run(look()) == world.tip - depth


def test_a_node_of_another_chain_is_refused(world: World) -> None:
    assert failure_of(world, _nothing, replace(world.settings, chain=MAINNET)) is Why.WRONG_CHAIN
    litecoin = parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")
    assert failure_of(world, _nothing, replace(world.settings, chain=litecoin)) is Why.WRONG_CHAIN
    dogecoin = parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")
    assert failure_of(world, _nothing, replace(world.settings, chain=dogecoin)) is Why.WRONG_CHAIN
    cash = parse_chain("bip122:000000000000000000651ef99cb9fcbe")
    assert failure_of(world, _nothing, replace(world.settings, chain=cash)) is Why.UNSUPPORTED


async def _nothing(_node: object) -> None:
    pass


def reading_at(world: World, change: Callable[[Snapshot], Snapshot]) -> list[Word | Gap]:
    async def read() -> list[Word | Gap]:
        node = world.node()
        try:
            await node.open()
            snapshot = change(await node.block_at(world.tip - DEPTH))
            reading = await node.read(Batch(snapshot, world.asset, tuple(world.scripts)))
        finally:
            await node.close()
        return [reading[position] for position in range(len(world.scripts))]

    return asyncio.run(read())


def test_a_snapshot_above_the_nodes_tip_is_a_gap(world: World) -> None:
    assert whys(reading_at(world, lambda block: replace(block, height=world.tip + 1))) == {Why.NOT_FINAL}


def test_another_chain_is_a_gap(world: World) -> None:
    assert whys(reading_at(world, lambda block: replace(block, chain=MAINNET))) == {Why.UNSUPPORTED}


def reasons(world: World, height: int) -> set[Why | None]:
    """Why a reading fails, at whatever step; None for a balance."""
    try:
        return whys(world.read(height))
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


def _cut_unspent(result: Any) -> None:
    result["unspents"].remove(max(result["unspents"], key=lambda entry: entry["amount"]))


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
    "another block's header": (on("getblockheader", lambda _: GENESIS.hex()), FORGED),
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
    "a list that is cut, without": (on("scantxoutset", _cut_unspent), MALFORMED),
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
    found = reasons(world, height)
    if world.chain == DASH and name == "a header with another nonce":  # its hash is not known, so it is the same block
        assert world.read(height) == world.truth(height)
    else:
        assert found <= allowed


# A chain that goes on, and nodes that can do less.


@pytest.fixture(scope="module", params=[simulated, real], ids=["simulated", "real"])
def moving_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world whose chain the tests may change above the snapshot."""
    with request.param() as world:
        yield world


def after(wanted: str, times: int, happening: Callable[[], None]) -> Spoiler:
    """Lets something happen on the chain between the node's answer to `wanted` and the next call, so many times."""
    left = times

    def spoil(method: str, _params: list[Any], result: Any) -> Any:
        nonlocal left
        if method == wanted and left:
            left -= 1
            happening()
        return result

    return spoil


@pytest.mark.parametrize("moment", ["scantxoutset", "getblockheader", "scanblocks", "getdescriptoractivity"])
def test_blocks_that_arrive_while_a_node_is_read_change_nothing(moving_world: World, moment: str) -> None:
    height = moving_world.tip - DEPTH
    moving_world.server.spoil = after(moment, 3, moving_world.mine)
    assert read_at(moving_world.node(), height, moving_world.scripts) == moving_world.truth(height)


@pytest.mark.parametrize("moment", ["scantxoutset", "scanblocks", "getdescriptoractivity"])
def test_a_reorganisation_while_a_node_is_read_makes_it_read_again(moving_world: World, moment: str) -> None:
    height = moving_world.tip - DEPTH
    moving_world.server.spoil = after(moment, 2, lambda: moving_world.reorganise(2))
    assert read_at(moving_world.node(), height, moving_world.scripts) == moving_world.truth(height)


@pytest.mark.parametrize("moment", ["scantxoutset", "scanblocks", "getdescriptoractivity"])
def test_a_chain_that_never_comes_to_rest_is_a_gap(moving_world: World, moment: str) -> None:
    moving_world.server.spoil = after(moment, 99, lambda: moving_world.reorganise(2))
    assert reasons(moving_world, moving_world.tip - DEPTH) == {Why.NOT_FINAL}


OLDER_NODES = {
    "Bitcoin Core 28, without getdescriptoractivity": ["getdescriptoractivity"],
    "Bitcoin Core 24, without scanblocks": ["getdescriptoractivity", "scanblocks"],
    "Bitcoin Core 0.20, without getindexinfo": ["getdescriptoractivity", "scanblocks", "getindexinfo"],
}


def lacking(methods: list[str], then: Spoiler = lambda _method, _params, result: result) -> Spoiler:
    def spoil(method: str, params: list[Any], result: Any) -> Any:
        if method in methods:
            raise RpcError(method, -32601, "Method not found")
        return then(method, params, result)

    return spoil


@pytest.mark.parametrize("name", OLDER_NODES)
def test_an_older_node_is_read_block_by_block(world: World, height: int, name: str) -> None:
    world.server.spoil = lacking(OLDER_NODES[name])
    assert world.read(height) == world.truth(height)
    assert "getblock" in world.server.calls


@pytest.mark.parametrize("code", [-32601, -8])
def test_a_node_that_cannot_scan_is_a_gap(world: World, height: int, code: int) -> None:
    world.server.spoil = failing("scantxoutset", code, "whatever it says")
    assert reasons(world, height) == {Why.UNSUPPORTED if code == -32601 else Why.REFUSED}


def _without_prevouts(result: Any) -> None:
    for tx in result["tx"]:
        for entry in tx["vin"]:
            entry.pop("prevout", None)


def _first_spend(change: Callable[[Any], None]) -> Callable[[Any], None]:
    def spoil(result: Any) -> None:
        for tx in result["tx"][1:]:
            change(tx["vin"][0])

    return spoil


def _each_output(change: Callable[[Any], None]) -> Callable[[Any], None]:
    def spoil(result: Any) -> None:
        for tx in result["tx"]:
            change(tx["vout"][0])

    return spoil


BLOCK_MISBEHAVIOURS: dict[str, tuple[Callable[[Any], Any], set[Why]]] = {
    "another block": (setting(hash="ab" * 32), MALFORMED),
    "no transactions": (setting(tx=[]), MALFORMED),
    "a transaction left out": (lambda result: result["tx"].pop() and None, MALFORMED),
    "a transaction of another id": (lambda result: result["tx"][0].update(txid="ab" * 32), MALFORMED),
    "transactions that are no list": (setting(tx={}), MALFORMED),
    "a spend of no amount": (_first_spend(lambda entry: entry["prevout"].pop("value")), MALFORMED),
    "a spend of no script": (_first_spend(lambda entry: entry["prevout"].pop("scriptPubKey")), MALFORMED),
    "an output without a number": (_each_output(lambda entry: entry.pop("n")), MALFORMED),
    "an output of another amount": (_each_output(setting(value=Decimal(3))), MALFORMED),
    "an output whose script is no hex": (_each_output(setting(scriptPubKey={"hex": "xy"})), MALFORMED),
}


@pytest.mark.parametrize("name", BLOCK_MISBEHAVIOURS)
def test_whole_blocks_that_are_not_what_they_should_be_make_a_gap(world: World, height: int, name: str) -> None:
    change, allowed = BLOCK_MISBEHAVIOURS[name]
    world.server.spoil = lacking(["getdescriptoractivity"], on("getblock", change))
    assert reasons(world, height) == allowed


def both(first: Spoiler, second: Spoiler) -> Spoiler:
    return lambda method, params, result: second(method, params, first(method, params, result))


UNTOLD = lacking(["scanblocks", "getdescriptoractivity"], on("getblock", _without_prevouts))


def test_what_blocks_spent_is_asked_for_where_the_blocks_do_not_say_it(world: World, height: int) -> None:
    world.server.spoil = UNTOLD
    assert world.read(height) == world.truth(height)
    assert "getrawtransaction" in world.server.calls


def test_a_node_without_undo_data_and_without_an_index_of_transactions_is_a_gap_that_says_so(
    world: World, height: int
) -> None:
    message = "No such mempool transaction. Use -txindex or provide a block hash"
    world.server.spoil = both(UNTOLD, failing("getrawtransaction", -5, message))
    assert "txindex=1" in detail_at(world, height, Why.NO_STATE)


TRANSACTION_MISBEHAVIOURS: dict[str, tuple[Callable[[Any], Any], set[Why]]] = {
    "another transaction": (lambda raw: raw[:8] + raw[8:].replace("ffffffff", "feffffff", 1), {Why.FORGED}),
    "half of one": (lambda raw: raw[: len(raw) // 4 * 2], MALFORMED),
    "no hex": (lambda _: "xy", MALFORMED),
    "an object": (lambda _: {"hex": "00"}, MALFORMED),
    "nothing": (lambda _: None, MALFORMED),
}


@pytest.mark.parametrize("name", TRANSACTION_MISBEHAVIOURS)
def test_transactions_that_are_not_those_asked_for_make_a_gap(world: World, height: int, name: str) -> None:
    change, allowed = TRANSACTION_MISBEHAVIOURS[name]
    world.server.spoil = both(UNTOLD, lambda method, _, raw: change(raw) if method == "getrawtransaction" else raw)
    assert reasons(world, height) == allowed


@pytest.fixture(params=[simulated, real], ids=["simulated", "real"])
def fresh_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One of its own, whose chain no other test has reorganised: an index may keep what was lost."""
    with request.param() as world:
        yield world


def test_a_chain_reorganised_while_transactions_are_asked_for_is_read_again(fresh_world: World) -> None:
    moving_world, height = fresh_world, fresh_world.tip - DEPTH
    left = 1

    def lost(method: str, _params: list[Any], result: Any) -> Any:
        nonlocal left
        if method == "getrawtransaction" and left:
            left -= 1
            moving_world.reorganise(DEPTH)  # every block above the one that is read, the one that is asked about too
            raise RpcError(method, -5, "No such mempool or blockchain transaction")
        return result

    moving_world.server.spoil = both(UNTOLD, lost)
    assert read_at(moving_world.node(), height, moving_world.scripts) == moving_world.truth(height)
    assert not left


def test_a_spent_output_that_its_transaction_does_not_have_makes_a_gap(world: World, height: int) -> None:
    def far(result: Any) -> None:
        _without_prevouts(result)
        _first_spend(setting(vout=2**31))(result)

    world.server.spoil = lacking(["scanblocks", "getdescriptoractivity"], on("getblock", far))
    assert reasons(world, height) == MALFORMED


def detail_at(world: World, height: int, why: Why) -> str:
    """What the gap says that every holding gets for the same reason."""
    outcomes = world.read(height)
    assert whys(outcomes) == {why}
    (detail,) = {outcome.detail for outcome in outcomes if isinstance(outcome, Gap)}
    return detail


def test_a_pruned_node_is_told_which_setting_it_needs(world: World, height: int) -> None:
    world.server.spoil = failing("getdescriptoractivity", -1, "Block not available (pruned data)")
    assert "prune=0" in detail_at(world, height, Why.NO_STATE)


def test_a_node_that_is_still_building_its_filters_is_a_gap_that_says_so(world: World, height: int) -> None:
    index = {"basic block filter index": {"synced": False, "best_block_height": 7}}
    world.server.spoil = on("getindexinfo", lambda _: index)
    detail = detail_at(world, height, Why.NO_STATE)
    assert "still building" in detail
    assert "blockfilterindex=1" in detail


def test_a_chain_that_is_shorter_when_its_filters_are_searched_is_read_again(world: World, height: int) -> None:
    left = 1

    def shorter(method: str, _params: list[Any], result: Any) -> Any:
        nonlocal left
        if method == "scanblocks" and left:
            left -= 1
            raise RpcError(method, -1, "Invalid stop_height")
        return result

    world.server.spoil = shorter
    assert world.read(height) == world.truth(height)


def test_filters_that_are_a_few_blocks_behind_are_waited_for(world: World, height: int) -> None:
    reached = world.tip - 5

    def catch_up(_result: Any) -> Any:
        nonlocal reached
        reached += 1
        return {"basic block filter index": {"synced": True, "best_block_height": reached}}

    world.server.spoil = on("getindexinfo", catch_up)
    assert world.read(height) == world.truth(height)
    assert reached == world.tip


def test_filters_that_stay_behind_are_a_gap(world: World, height: int) -> None:
    index = {"basic block filter index": {"synced": True, "best_block_height": world.tip - 1}}
    world.server.spoil = on("getindexinfo", lambda _: index)
    assert "blockfilterindex=1" in detail_at(world, height, Why.NO_STATE)


def test_another_clients_scan_is_waited_for_and_never_aborted(world: World, height: int) -> None:
    left = 5

    def busy(method: str, params: list[Any], result: Any) -> Any:
        nonlocal left
        assert "abort" not in params
        if method in {"scantxoutset", "scanblocks"} and left:
            left -= 1
            raise RpcError(method, -8, 'Scan already in progress, use action "abort" or "status"')
        return result

    world.server.spoil = busy
    assert world.read(height) == world.truth(height)
    assert left == 0


def test_another_clients_scan_that_never_ends_is_a_gap(world: World, height: int) -> None:
    world.server.spoil = failing("scantxoutset", -8, 'Scan already in progress, use action "abort" or "status"')
    assert "another client" in detail_at(world, height, Why.REFUSED)


def test_a_syncing_node_has_no_final_block(world: World) -> None:
    world.server.spoil = on("getblockchaininfo", lambda result: result.update(headers=result["blocks"] + 25))
    assert failure_of(world, lambda node: node.final_height()) is Why.NOT_FINAL


def test_a_node_that_is_starting_is_unreachable(world: World) -> None:
    world.server.spoil = failing("getblockhash", -28, "Loading block index")
    assert failure_of(world, _nothing) is Why.UNREACHABLE


def padded_above(most: int) -> Spoiler:
    """Makes the answer to a scan for more than `most` scripts very large."""

    def spoil(method: str, params: list[Any], result: Any) -> Any:
        return result | {"padding": "x" * 10**6} if method == "scantxoutset" and len(params[1]) > most else result

    return spoil


def test_an_answer_too_large_is_asked_for_in_pieces(world: World, height: int) -> None:
    world.server.spoil = padded_above(3)
    node = BitcoinCoreNode(world.settings, sleep=_no_sleep, scan_limit=10**6)
    assert read_at(node, height, world.scripts) == world.truth(height)
    assert world.server.calls.count("scantxoutset") > 1


def test_a_script_whose_outputs_are_more_than_can_be_taken_in_is_a_gap(world: World, height: int) -> None:
    world.server.spoil = padded_above(0)
    node = BitcoinCoreNode(world.settings, sleep=_no_sleep, scan_limit=10**6)
    assert whys(read_at(node, height, world.scripts[:5])) == {Why.MALFORMED}


# A scan is one request of minutes: what stands between may drop it, and pieces may fail alone.


def on_scans(status: Callable[[int], int]) -> Callable[[Any, int], int]:
    """The HTTP status of scans, from the bytes of the request; 200 for all else."""

    def answer(request: Any, size: int) -> int:
        return status(size) if isinstance(request, dict) and request["method"] == "scantxoutset" else 200

    return answer


@dataclass
class Pauses:
    """Stands for the clock."""

    taken: list[float]

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0)


def test_a_scan_whose_connection_is_lost_is_asked_for_again_after_a_pause(world: World, height: int) -> None:
    lost = iter([0, 503, 200])
    world.server.status = on_scans(lambda _: next(lost))
    pauses = Pauses([])
    assert read_at(BitcoinCoreNode(world.settings, sleep=pauses), height, world.scripts) == world.truth(height)
    assert pauses.taken == [OTHERS_SCAN_PAUSE] * 2


def test_a_scan_whose_connection_is_lost_again_and_again_is_a_gap_that_tells_why(world: World, height: int) -> None:
    world.server.status = on_scans(lambda _: 0)
    detail = detail_at(world, height, Why.UNREACHABLE)
    assert f"{SCANS_LOST} times" in detail
    assert "takes minutes" in detail


def test_a_gateway_that_does_not_wait_for_a_scan_is_a_gap_that_tells_why(world: World, height: int) -> None:
    asked = count()
    world.server.status = on_scans(lambda _: next(asked) or 504)
    assert "takes minutes" in detail_at(world, height, Why.UNREACHABLE)
    assert next(asked) == 1  # the node goes on scanning for nobody; it is not asked to do so again


def test_a_scan_may_take_longer_than_the_timeout_of_other_requests(world: World, height: int) -> None:
    settings = replace(world.settings, timeout=1)
    scanning, released = threading.Event(), threading.Event()

    def held(method: str, params: list[Any], result: Any) -> Any:
        if method == "scantxoutset":
            scanning.set()
        if method in {"scantxoutset", "getblockchaininfo"}:
            released.wait(60)
        return result

    async def read_while_another_request_times_out() -> tuple[list[Word | Gap], Why | None]:
        node, other = BitcoinCoreNode(settings, sleep=_no_sleep), BitcoinCoreNode(settings, sleep=_no_sleep)
        await asyncio.gather(node.open(), other.open())
        try:
            batch = Batch(await node.block_at(height), world.asset, tuple(world.scripts))
            reading = asyncio.ensure_future(node.read(batch))
            await asyncio.to_thread(scanning.wait, 60)
            why = None
            try:
                await other.final_height()
            except NodeError as error:
                why = error.why
            assert not reading.done()
            released.set()
            found = await reading
            return [found[position] for position in range(len(found))], why
        finally:
            released.set()
            await asyncio.gather(node.close(), other.close())

    world.server.spoil = held
    balances, why = asyncio.run(read_while_another_request_times_out())
    assert why is Why.UNREACHABLE  # asked later than the scan, and given up before its end
    assert balances == world.truth(height)


def test_a_request_larger_than_what_stands_between_takes_is_cut_and_the_next_one_is_cut_at_once(
    world: World, height: int
) -> None:
    many = [*world.scripts, *(bytes(wallet(8 * number).script) for number in range(10**6, 10**6 + 4000))]
    expected = [*world.truth(height), *[0] * 4000]
    refused: list[int] = []

    def body_limit(size: int) -> int:
        if size > 50_000:
            refused.append(size)
        return 413 if size > 50_000 else 200

    world.server.status = on_scans(body_limit)

    async def read_twice() -> tuple[list[Word | Gap], int, list[Word | Gap]]:
        node = world.node()
        await node.open()
        try:
            batch = Batch(await node.block_at(height), world.asset, tuple(many))
            first = await node.read(batch)
            seen = len(refused)
            second = await node.read(batch)
        finally:
            await node.close()
        return [first[at] for at in range(len(many))], seen, [second[at] for at in range(len(many))]

    first, seen, second = asyncio.run(read_twice())
    assert first == second == expected
    assert seen
    assert len(refused) == seen


def in_pieces(world: World) -> BitcoinCoreNode:
    """A node that is asked for a few scripts at a time."""
    return BitcoinCoreNode(world.settings, sleep=_no_sleep, request_limit=100)


def test_a_piece_that_contradicts_itself_is_a_gap_and_the_others_are_balances(world: World, height: int) -> None:
    (first, *_) = (script for script, atoms in zip(world.scripts, world.truth(world.tip), strict=True) if atoms)
    asked: list[set[bytes]] = []

    def doubled(method: str, params: list[Any], result: Any) -> Any:
        if method == "scantxoutset":
            asked.append({bytes.fromhex(text[4:-1]) for text in params[1]})
            if first in asked[-1]:
                result["unspents"].append(result["unspents"][0])
        return result

    world.server.spoil = doubled
    found = read_at(in_pieces(world), height, world.scripts)
    assert len(asked) > 2
    (spoilt,) = (piece for piece in asked if first in piece)
    for script, outcome, truth in zip(world.scripts, found, world.truth(height), strict=True):
        assert (isinstance(outcome, Gap) and outcome.why is Why.MALFORMED) if script in spoilt else outcome == truth


def test_what_was_read_before_a_node_failed_stays_and_the_rest_is_not_asked_for(world: World, height: int) -> None:
    asked: list[set[bytes]] = []

    def second_fails(method: str, params: list[Any], result: Any) -> Any:
        if method == "scantxoutset":
            asked.append({bytes.fromhex(text[4:-1]) for text in params[1]})
            if len(asked) == 2:
                raise RpcError(method, -1, "the disk is damaged")
        return result

    world.server.spoil = second_fails
    found = read_at(in_pieces(world), height, world.scripts)
    assert len(asked) == 2
    for script, outcome, truth in zip(world.scripts, found, world.truth(height), strict=True):
        if script in asked[0] or script[:1] == b"\x6a":
            assert outcome == truth
        else:
            assert isinstance(outcome, Gap)
            assert outcome.why is Why.REFUSED


def test_the_empty_script_is_a_gap_of_its_own(world: World, height: int) -> None:
    found = read_at(world.node(), height, [b"", *world.scripts])
    assert isinstance(found[0], Gap)
    assert found[1:] == world.truth(height)


def test_activity_too_large_is_asked_for_block_by_block_and_beyond_that_is_a_gap(world: World, height: int) -> None:
    for most, expected in ((1, {None}), (0, {Why.MALFORMED})):

        def padded(method: str, params: list[Any], result: Any, most: int = most) -> Any:
            large = method == "getdescriptoractivity" and len(params[0]) > most
            return result | {"padding": "x" * 10**6} if large else result

        world.server.spoil = padded
        rpc = JsonRpc(world.settings, sleep=_no_sleep, answer_limit=10**6)
        node = BitcoinCoreNode(world.settings, rpc=rpc, sleep=_no_sleep)
        outcomes = read_at(node, height, world.scripts)
        assert whys(outcomes) == expected
        assert most == 0 or outcomes == world.truth(height)


@pytest.mark.parametrize(("blocks", "missing"), [(2017, []), (145, ["getdescriptoractivity"])])
def test_a_snapshot_far_back_needs_block_filters_and_the_gap_names_the_setting(blocks: int, missing: list[str]) -> None:
    scripts = [bytes(wallet(number).script) for number in range(0, 160, 8)]
    script = scripts[0]
    chain = SimBitcoin(Random(1), scripts, blocks)
    with RpcServer(chain.answer) as server:
        server.spoil = lacking(["scanblocks", *missing], on("getindexinfo", lambda _: {}))
        node = BitcoinCoreNode(NodeSettings("bitcoind", server.url, "o", REGTEST))
        (gap,) = read_at(node, 0, [script])
        assert isinstance(gap, Gap)
        assert gap.why is Why.NO_STATE
        assert "blockfilterindex=1" in gap.detail
        assert read_at(node, 1, [script]) == [chain.balances_at(1).get(script.hex(), 0)]


def test_a_scan_whose_height_cannot_be_reached_is_a_gap(world: World, height: int) -> None:
    world.server.spoil = on("scantxoutset", setting(height=10**6))
    assert reasons(world, height) == {Why.UNSUPPORTED}
    world.server.spoil = on("scantxoutset", setting(height=height - 1))
    assert "below the snapshot" in detail_at(world, height, Why.NOT_FINAL)


def test_a_young_chain_has_no_final_block() -> None:
    with RpcServer(SimBitcoin(Random(1), [b"\x51"], 5).answer) as server:
        young = World(server, [], 5, lambda _: [], lambda: None, lambda _: None)
        assert failure_of(young, lambda node: node.final_height()) is Why.NOT_FINAL


def test_a_block_that_leaves_the_chain_while_headers_are_read_is_read_again(world: World, height: int) -> None:
    left = 2

    def gone(method: str, params: list[Any], result: Any) -> Any:
        nonlocal left
        if method == "getblockheader" and left and world.server.calls.count("scantxoutset") and params[0] != result:
            left -= 1
            raise RpcError(method, -5, "Block not found")
        return result

    world.server.spoil = gone
    assert world.read(height) == world.truth(height)


def test_an_error_of_the_node_among_the_headers_is_a_gap(world: World, height: int) -> None:
    def broken(method: str, _params: list[Any], result: Any) -> Any:
        if method == "getblockheader" and world.server.calls.count("scantxoutset"):
            raise RpcError(method, -32603, "internal error")
        return result

    world.server.spoil = broken
    assert reasons(world, height) == {Why.REFUSED}


# Headers that nobody mined.


def workless(header: bytes) -> bytes:
    """The same header with a nonce for which no work was done."""
    candidates = (header[:76] + nonce.to_bytes(4, "little") for nonce in range(2**32))
    return next(each for each in candidates if int.from_bytes(double_sha256(each), "little") > 0x7FFFFF << 232)


def forge(chain: SimBitcoin, first: int, header: Callable[[bytes], bytes]) -> None:
    """Replace the block at `first` by one with a header made up from its own, and mine the same blocks again on top."""
    for height in range(first, len(chain.blocks)):
        block = chain.blocks[height]
        raw = block.header[:4] + double_sha256(chain.blocks[height - 1].header) + block.header[36:]
        chain.replace(height, header(raw) if height == first else mined(raw))


def forged_world(first: int, header: Callable[[bytes], bytes]) -> tuple[SimBitcoin, list[bytes]]:
    scripts = [bytes(wallet(number).script) for number in range(0, 40, 8)]
    chain = SimBitcoin(Random(2), scripts, blocks=20)
    forge(chain, first, header)
    return chain, scripts


def forged_reasons(chain: SimBitcoin, scripts: list[bytes], height: int) -> set[Why | None]:
    with RpcServer(chain.answer) as server:
        return reasons(World(server, scripts, 20, lambda _: [], chain.mine, chain.reorganise), height)


def easier(header: bytes) -> bytes:
    """A header that asks for less work than regtest's least, and has done what it asks."""
    return header[:72] + (0x2100FFFF).to_bytes(4, "little") + header[76:]


@pytest.mark.parametrize("header", [workless, easier])
@pytest.mark.parametrize("height", [12, 10])
def test_a_header_without_its_work_is_forged_at_the_snapshot_and_above_it(
    header: Callable[[bytes], bytes], height: int
) -> None:
    chain, scripts = forged_world(12, header)
    assert forged_reasons(chain, scripts, height) == {Why.FORGED}


def test_the_same_blocks_with_their_work_done_are_read() -> None:
    chain, scripts = forged_world(12, mined)
    assert forged_reasons(chain, scripts, 10) == {None}


def test_a_header_that_does_not_follow_the_one_before_is_forged() -> None:
    scripts = [bytes(wallet(number).script) for number in range(0, 40, 8)]
    chain = SimBitcoin(Random(2), scripts, blocks=20)
    header = chain.blocks[15].header
    chain.replace(15, mined(header[:4] + bytes(32) + header[36:]))
    assert forged_reasons(chain, scripts, 10) == {Why.FORGED}


def test_headers_that_descend_from_another_block_than_the_pinned_one_are_forged() -> None:
    """The node names the pinned hash, and shows a chain on top of another block at that height."""
    scripts = [bytes(wallet(number).script) for number in range(0, 40, 8)]
    chain = SimBitcoin(Random(2), scripts, blocks=20)
    pinned = "ab" * 32

    def lie(method: str, params: list[Any], result: Any) -> Any:
        return pinned if method == "getblockhash" and params == [10] else result

    def answer(method: str, params: list[Any]) -> Any:
        if method == "getblockheader" and params[0] == pinned:
            return chain.blocks[10].header.hex()
        return chain.answer(method, params)

    async def read() -> Word | Gap:
        node = BitcoinCoreNode(NodeSettings("bitcoind", server.url, "o", REGTEST))
        try:
            await node.open()
            block = Snapshot(REGTEST, 10, pinned, "cd" * 32, datetime(2024, 1, 1, tzinfo=UTC))
            return (await node.read(Batch(block, BITCOIN, (scripts[0],))))[0]
        finally:
            await node.close()

    with RpcServer(answer) as server:
        server.spoil = lie
        outcome = asyncio.run(read())
    assert isinstance(outcome, Gap)
    assert outcome.why is Why.FORGED

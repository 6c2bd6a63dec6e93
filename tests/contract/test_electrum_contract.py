"""What every Electrum server, real or simulated, is to a scan; and that no misbehaviour makes a wrong balance.

Never met: an Electrum server of Dogecoin or Dash. Neither `dogecoind` nor `dashd` is in Debian or another registry that
tests may use, so those chains are simulated here; real headers of both are in tests/unit/chains/bitcoin.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from localnet.errors import RpcError
from scanner.chains.bitcoin.header import double_sha256
from scanner.chains.bitcoin.node.block import facts_of
from scanner.chains.bitcoin.node.electrum import ElectrumNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.proving import ancestry
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.nodes.bitcoin_history import History, wallet
from tests.support.bitcoin_behaviour import *  # noqa: F403 - the tests that every backend has to pass
from tests.support.bitcoin_behaviour import leads_to_ancestors
from tests.support.hostile_answers import TABLE
from tests.support.real.bitcoin_nodes import REGTEST, read_at, start_bitcoind, start_electrum, unspent_at
from tests.support.simulated.bitcoin import SimBitcoin, Spoiler
from tests.support.simulated.electrum import LineServer, SimElectrum
from tests.support.simulated.kin_of_bitcoin import SimDash, SimDogecoin, unworked
from tests.support.strength import cases

MAINNET = parse_chain("bip122:000000000019d6689c085ae165831e93")
DOGECOIN = parse_chain("bip122:3d2160a3b5dc4a9d62e7e66a295f7031")
DASH = parse_chain("bip122:00000ffd590b1485b3caadc19b22e637")
DEPTH = 8
HISTORY, TRANSACTION, MERKLE = (
    "blockchain.scripthash.get_history",
    "blockchain.transaction.get",
    "blockchain.transaction.get_merkle",
)
HEADER, HEADERS, TIP = "blockchain.block.header", "blockchain.block.headers", "blockchain.headers.subscribe"


@dataclass(frozen=True)
class World:
    server: LineServer
    scripts: list[bytes]
    tip: int  # the highest block that can be named
    truth: Callable[[int], list[int]]
    chain: Chain = REGTEST
    top: int = 0  # blocks above `tip`
    workless: Callable[[str], str] | None = None  # makes a header for which no work was done

    @property
    def final(self) -> int:
        return self.tip + self.top - facts_of(self.chain).final_depth

    @property
    def asset(self) -> AssetId:
        return parse_asset(f"{self.chain}/slip44:1") if self.chain != DASH else parse_asset(f"{DASH}/slip44:5")

    def read(self, height: int, scripts: list[bytes] | None = None, **changes: Any) -> list[Word | Gap]:
        return read_at(self.node(**changes), height, self.scripts if scripts is None else scripts, self.asset)

    def node(self, **changes: Any) -> ElectrumNode:
        settings = NodeSettings("electrum", self.server.url, "o", self.chain, timeout=10)
        return ElectrumNode(replace(settings, **changes), sleep=_no_sleep)


async def _no_sleep(_seconds: float) -> None:
    await asyncio.sleep(0)


@contextmanager
def simulated() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimBitcoin(Random(9), scripts, blocks=40)
    with LineServer(SimElectrum(chain).answer) as server:
        yield World(
            server,
            scripts,
            40,
            lambda height: [chain.balances_at(height).get(s.hex(), 0) for s in scripts],
            workless=_workless,
        )


@contextmanager
def simulated_dogecoin() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimDogecoin(Random(9), scripts, blocks=91)
    with LineServer(SimElectrum(chain).answer) as server:
        yield World(
            server,
            scripts,
            91,
            lambda height: [chain.balances_at(height).get(s.hex(), 0) for s in scripts],
            DOGECOIN,
            workless=unworked,
        )


@contextmanager
def simulated_dash() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimDash(Random(9), scripts, blocks=41)
    with LineServer(SimElectrum(chain).answer) as server:
        yield World(
            server,
            scripts,
            40,
            lambda height: [chain.balances_at(height).get(s.hex(), 0) for s in scripts],
            DASH,
            top=1,
        )


def _workless(header: str) -> str:
    candidates = (header[:152] + nonce.to_bytes(4, "little").hex() for nonce in range(2**16))
    hashes = ((each, double_sha256(bytes.fromhex(each))[::-1]) for each in candidates)
    return next(each for each, found in hashes if found[0] > 0x7F)


@contextmanager
def real() -> Iterator[World]:
    random = Random(9)
    with start_bitcoind() as bitcoind:
        history = History(bitcoind, random, wallets=16)
        history.start(6)
        for _ in range(20):
            history.block(random.randint(1, 3))
        with start_electrum(bitcoind) as electrum, LineServer(electrum) as server:
            scripts = history.scripts
            yield World(
                server,
                scripts,
                bitcoind.tip().height,
                lambda height: unspent_at(bitcoind, height, scripts),
                workless=_workless,
            )


WORLDS = [simulated, simulated_dogecoin, simulated_dash, real]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: world.__name__)
def shared_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with request.param() as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The shared world, behaving well again after each test."""
    shared_world.server.behave()
    yield shared_world
    shared_world.server.behave()


@pytest.fixture
def height(world: World) -> int:
    return world.tip - DEPTH


def reasons(world: World, height: int, **changes: Any) -> set[Why]:
    """Why readings fail, at whatever step. What is read all the same must be right."""
    try:
        outcomes = world.read(height, **changes)
    except NodeError as error:
        return {error.why}
    truth = world.truth(height)
    assert all(isinstance(said, Gap) or said == right for said, right in zip(outcomes, truth, strict=True))
    return {outcome.why for outcome in outcomes if isinstance(outcome, Gap)}


def test_headers_lead_from_a_block_to_its_ancestors_where_blocks_can_be_named_here(world: World) -> None:
    if world.chain == DASH:
        assert ancestry(DASH) is None
    else:
        leads_to_ancestors(world)


def test_headers_come_with_or_without_the_proofs_of_merge_mining_behind_them() -> None:
    scripts = [bytes(wallet(number).script) for number in range(0, 80, 8)]
    chain = SimDogecoin(Random(9), scripts, blocks=91)
    for truncates in (True, False):
        with LineServer(SimElectrum(chain, truncates=truncates).answer) as server:
            world = World(server, scripts, 91, lambda _: [], DOGECOIN)
            balances = chain.balances_at(80)
            assert world.read(80) == [balances.get(script.hex(), 0) for script in scripts]


def test_a_server_of_another_chain_is_refused(world: World, height: int) -> None:
    assert reasons(world, height, chain=MAINNET) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:000000000000000000651ef99cb9fcbe")) == {Why.UNSUPPORTED}


def reading(world: World, change: Callable[[Snapshot], Snapshot]) -> set[Why]:
    async def read() -> set[Why]:
        node = world.node()
        try:
            await node.open()
            snapshot = change(await node.block_at(world.tip - DEPTH))
            found = await node.read(Batch(snapshot, world.asset, tuple(world.scripts)))
        finally:
            await node.close()
        return {outcome.why for outcome in map(found.__getitem__, range(len(found))) if isinstance(outcome, Gap)}

    return asyncio.run(read())


def test_a_snapshot_of_another_height_is_a_gap(world: World) -> None:
    assert reading(world, lambda block: replace(block, height=block.height - 1)) == {Why.WRONG_BLOCK}


def test_requests_are_pipelined_over_one_connection(world: World, height: int) -> None:
    before = world.server.connections
    world.read(height)
    assert world.server.connections == before + 1


# Misbehaviour.


def on(wanted: str, change: Callable[[Any], Any]) -> Spoiler:
    """Spoils the results of one method; `change` may alter the result in place, or return another."""

    def spoil(method: str, _params: list[Any], result: Any) -> Any:
        changed = change(result) if method == wanted else None
        return result if changed is None else changed

    return spoil


def failing(wanted: str, code: int, message: str) -> Spoiler:
    def spoil(method: str, _params: list[Any], result: Any) -> Any:
        if method == wanted:
            raise RpcError(method, code, message)
        return result

    return spoil


def setting(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry.update(fields)


def each_entry(change: Callable[[dict[str, Any]], None]) -> Callable[[Any], None]:
    def spoil(history: Any) -> None:
        for entry in history:
            change(entry)

    return spoil


def _flipped(text: str, position: int) -> str:
    return text[:position] + f"{int(text[position], 16) ^ 1:x}" + text[position + 1 :]


def _doubled(history: Any) -> Any:
    return [*history, *({**entry, "height": entry["height"] + 1} for entry in history)]


MALFORMED, FORGED = {Why.MALFORMED}, {Why.FORGED}

MISBEHAVIOURS: dict[str, tuple[Spoiler, set[Why]]] = {
    "a version that is a number": (on("server.version", lambda _: 1.4), MALFORMED),
    "another version of the protocol alone": (
        failing("server.version", 1, "unsupported protocol version"),
        {Why.REFUSED},
    ),
    "a genesis block of another chain": (on(HEADER, lambda result: _flipped(result, 71)), {Why.WRONG_CHAIN}),
    "a header cut short": (on(HEADER, lambda result: result[:-2]), MALFORMED),
    "a header in an object": (on(HEADER, lambda result: {"hex": result}), MALFORMED),
    "a tip without a height": (on(TIP, lambda _: {}), MALFORMED),
    "a tip at a negative height": (on(TIP, setting(height=-1)), MALFORMED),
    "a tip below the snapshot": (on(TIP, setting(height=3)), {Why.NOT_FINAL}),
    "headers with a bit changed": (
        on(HEADERS, lambda r: r.update(hex=_flipped(r["hex"], 81))),
        {Why.WRONG_BLOCK, Why.FORGED},
    ),
    "headers cut short": (on(HEADERS, lambda r: r.update(hex=r["hex"][:-160], count=r["count"] - 1)), MALFORMED),
    "headers fewer than counted": (on(HEADERS, lambda r: r.update(hex=r["hex"][:-160])), MALFORMED),
    "headers that are no hex": (on(HEADERS, lambda r: r.update(hex="zz" + r["hex"][2:])), MALFORMED),
    "headers that are none": (on(HEADERS, lambda _: []), MALFORMED),
    "a history that is an object": (on(HISTORY, lambda _: {}), MALFORMED),
    "a history of numbers": (on(HISTORY, lambda _: [7]), MALFORMED),
    "a history of short ids": (on(HISTORY, each_entry(setting(tx_hash="ab"))), MALFORMED),
    "a history without heights": (on(HISTORY, each_entry(lambda entry: entry.pop("height"))), MALFORMED),
    "a history with fractions for heights": (on(HISTORY, each_entry(setting(height=1.5))), MALFORMED),
    "a history at another height": (
        on(HISTORY, each_entry(setting(height=1))),
        {Why.MALFORMED, Why.FORGED, Why.REFUSED},
    ),
    "a history with everything twice": (on(HISTORY, _doubled), MALFORMED),
    "a history too long": (failing(HISTORY, 1, "history too large"), {Why.REFUSED}),
    "no headers": (failing(HEADERS, 1, "cannot"), {Why.REFUSED}),
    "no tip": (failing(TIP, 1, "cannot"), {Why.REFUSED}),
    "no such transaction": (failing(TRANSACTION, 2, "daemon error: no such transaction"), {Why.REFUSED}),
    "a transaction with a bit changed": (on(TRANSACTION, lambda raw: _flipped(raw, len(raw) - 1)), FORGED),
    "a transaction cut short": (on(TRANSACTION, lambda raw: raw[:-2]), MALFORMED),
    "a transaction with more after its end": (on(TRANSACTION, lambda raw: raw + "00"), MALFORMED),
    "a transaction that is no hex": (on(TRANSACTION, lambda _: "hello"), MALFORMED),
    "a transaction in an object": (on(TRANSACTION, lambda raw: {"hex": raw}), MALFORMED),
    "a branch at another height": (on(MERKLE, setting(block_height=1)), MALFORMED),
    "a branch too long": (on(MERKLE, lambda r: r["merkle"].append("ab" * 32)), FORGED),
    "a branch of short hashes": (on(MERKLE, setting(merkle=["ab"])), MALFORMED),
    "a branch that is no list": (on(MERKLE, setting(merkle="ab")), MALFORMED),
    "a branch at a negative position": (on(MERKLE, setting(pos=-1)), FORGED),
    "a branch at no position": (on(MERKLE, setting(pos=None)), MALFORMED),
    "a branch for everybody": (on(MERKLE, setting(merkle=["ab" * 32] * 3, pos=1)), FORGED),
    "no branch": (failing(MERKLE, 1, "not in block"), {Why.REFUSED}),
    "a server that wants less": (failing(HISTORY, -101, "excessive resource usage"), {Why.RATE_LIMITED}),
    "a server that is busy": (failing(TRANSACTION, -102, "server busy - request timed out"), {Why.RATE_LIMITED}),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaving_server_makes_a_gap_and_never_a_balance(world: World, height: int, name: str) -> None:
    world.server.spoil, allowed = MISBEHAVIOURS[name]
    found = reasons(world, height)
    assert found
    assert found <= allowed


def test_a_hole_in_a_history_is_a_gap_where_what_was_in_it_is_spent(world: World, height: int) -> None:
    """Elsewhere it is not to be seen, which is why a balance needs a quorum all the same."""
    world.server.spoil = on(HISTORY, lambda history: history[len(history) // 2 :])
    outcomes = world.read(height)
    assert {outcome.why for outcome in outcomes if isinstance(outcome, Gap)} == MALFORMED


def _mutating(random: Random) -> Spoiler:
    """Leaves most answers alone; others it changes in a digit, takes from another question of the kind, or refuses.

    That a history is whole is the server's word, so nothing is taken out of one, and none is another script's.
    """
    before: dict[str, list[Any]] = {}

    def spoil(method: str, params: list[Any], result: Any) -> Any:
        earlier = before.setdefault(method, [])
        earlier.append(json.loads(json.dumps(result)))
        if random.random() > 0.02:
            return result
        kind = random.randrange(5)
        if kind == 0:
            raise RpcError(method, random.choice([1, 2, -32600]), "cannot")
        if method == HISTORY:
            if kind == 1 or not result:
                return random.choice([None, {}, [7], "7"])
            entry = random.choice(result)
            if kind == 2 and entry["height"] > 1:  # a later one may be above the block, as if it were taken out
                entry["height"] -= 1
            else:
                entry["tx_hash"] = _flipped(entry["tx_hash"], 9)
            return result
        if kind == 1:
            return random.choice(earlier)
        if kind == 2:
            return random.choice([None, {}, [], 7, "ab", {"hex": ""}])
        if isinstance(result, str):
            return _flipped(result, random.randrange(len(result)))
        if isinstance(result, dict) and result.get("hex"):
            return {**result, "hex": _flipped(result["hex"], random.randrange(len(result["hex"])))}
        if isinstance(result, dict) and result.get("merkle"):
            return {**result, "merkle": [_flipped(result["merkle"][0], random.randrange(64)), *result["merkle"][1:]]}
        return result

    return spoil


def _breaking(random: Random) -> Callable[[str, bytes], bytes | None]:
    """A line in a hundred is cut, another thing, there twice, or never comes as the server hangs up."""

    def line(_method: str, line: bytes) -> bytes | None:
        if random.random() > 0.01:
            return line
        kind = random.randrange(4)
        if kind == 0:
            return line[: random.randrange(len(line))] + b"\n"
        if kind == 1:
            return line + line
        return None if kind == 2 else random.choice([b"<html>\n", b"{}\n", b"[]\n", b"null\n", b"7\n"])

    return line


@pytest.mark.parametrize("make", [SimBitcoin, SimDogecoin, SimDash])
def test_whatever_a_server_does_to_its_answers_no_wrong_balance_is_read(make: type[SimBitcoin]) -> None:
    """Forty scripts a case, 10,000 over the three chains at full strength."""
    scripts = [bytes(wallet(number).script) for number in range(0, 320, 8)]
    chain = make(Random(4), scripts, blocks=30)
    height, right, wrong = 22, 0, 0
    truth = [chain.balances_at(height).get(script.hex(), 0) for script in scripts]
    known = {SimBitcoin: REGTEST, SimDogecoin: DOGECOIN, SimDash: DASH}[make]
    with LineServer(SimElectrum(chain).answer) as server:
        world = World(server, scripts, 30, lambda _: truth, known)
        for seed in range(cases(84)):
            server.behave()
            server.spoil, server.line = _mutating(Random(seed)), _breaking(Random(seed))
            try:
                found = world.read(height)
            except NodeError:
                continue
            right += sum(said == true for said, true in zip(found, truth, strict=True))
            wrong += sum(not isinstance(said, Gap) and said != true for said, true in zip(found, truth, strict=True))
    assert (wrong, right > cases(84) * 4) == (0, True)


def _with_id(line: bytes, change: Callable[[int], Any]) -> bytes:
    answer = json.loads(line)
    return json.dumps(answer | {"id": change(answer["id"])}).encode() + b"\n"


LINES: dict[str, tuple[Callable[[bytes], bytes | None], set[Why]]] = {
    "no JSON": (lambda _: b"hello\n", MALFORMED),
    "HTML": (lambda _: b"<html>\n", MALFORMED),
    "half a line, then nothing": (lambda line: line[: len(line) // 2], {Why.UNREACHABLE, Why.MALFORMED}),
    "a number": (lambda _: b"7\n", MALFORMED),
    "another request's id": (lambda line: _with_id(line, lambda number: number + 1000), MALFORMED),
    "an id in a string": (lambda line: _with_id(line, str), MALFORMED),
    "no result": (lambda line: line.replace(b'"result"', b'"resul"'), MALFORMED),
    "a hang-up": (lambda _: None, {Why.UNREACHABLE}),
    "a line without end": (lambda _: b"x" * (11 * 2**20), MALFORMED),
    "nothing at all": (lambda _: b"", {Why.UNREACHABLE}),
    "words that need no answer": (
        lambda _: b'{"method": "blockchain.headers.subscribe", "params": []}\n',
        {Why.UNREACHABLE},
    ),
}


def test_whatever_stands_in_place_of_a_line_each_account_is_a_gap_with_its_reason(world: World, height: int) -> None:
    """What the backends that are asked over HTTP are given in place of an answer, as far as it is no status of HTTP."""
    wrong = {}
    for what, (change, whys) in TABLE.items():
        if change((200, {}, b"{}"))[0] != 200:
            continue
        world.server.line = lambda method, line, change=change: (  # type: ignore[misc]
            change((200, {}, line.rstrip()))[2] + b"\n" if method == HISTORY else line
        )
        given = reasons(world, height)
        if not given or not given <= whys:
            wrong[what] = given
    assert wrong == {}


@pytest.mark.parametrize("name", LINES)
def test_a_broken_connection_is_a_gap(world: World, height: int, name: str) -> None:
    change, allowed = LINES[name]
    world.server.line = lambda method, line: change(line) if method == HISTORY else line
    found = reasons(world, height, timeout=20 if allowed == MALFORMED else 0.2)
    assert found
    assert found <= allowed


def test_a_connection_that_drops_now_and_then_loses_nothing(world: World, height: int) -> None:
    countdown = 15

    def line(_method: str, line: bytes) -> bytes | None:
        nonlocal countdown
        countdown -= 1
        if countdown:
            return line
        countdown = 60
        return None

    world.server.line = line
    before = world.server.connections
    assert world.read(height) == world.truth(height)
    assert world.server.connections > before + 1


def test_a_server_that_cannot_be_reached_is_a_gap() -> None:
    settings = NodeSettings("electrum", "tcp://127.0.0.1:1", "o", REGTEST)
    with pytest.raises(NodeError) as error:
        read_at(ElectrumNode(settings, sleep=_no_sleep), 1, [b"\x51"])
    assert error.value.why is Why.UNREACHABLE


def test_a_server_whose_certificate_nobody_vouches_for_is_refused(world: World) -> None:
    with pytest.raises(NodeError) as error:
        read_at(world.node(url=world.server.url.replace("tcp:", "ssl:")), 1, [b"\x51"])
    assert error.value.why is Why.UNREACHABLE


def test_a_header_that_is_refused_is_a_refusal(world: World, height: int) -> None:
    def after_the_genesis_block(method: str, params: list[Any], result: Any) -> Any:
        if method == HEADER and params != [0]:
            raise RpcError(method, 1, "cannot")
        return result

    world.server.spoil = after_the_genesis_block
    assert reasons(world, height) == {Why.REFUSED}
    world.server.spoil = failing(HEADER, 1, "cannot")
    assert reasons(world, height) == {Why.REFUSED}


def test_a_young_chain_has_no_final_block(world: World) -> None:
    async def look() -> int:
        node = world.node()
        try:
            await node.open()
            return await node.final_height()
        finally:
            await node.close()

    world.server.spoil = on(TIP, setting(height=5))
    with pytest.raises(NodeError) as error:
        asyncio.run(look())
    assert error.value.why is Why.NOT_FINAL


def test_a_history_beyond_all_bounds_is_a_gap(world: World, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.chains.bitcoin.node.electrum.LONGEST_HISTORY", 1)
    assert reasons(world, height) == {Why.UNSUPPORTED}


def test_a_snapshot_whose_header_nobody_mined_is_forged(world: World, height: int) -> None:
    """Where a header's hash is not known (Dash), none of it can be seen."""
    workless = world.workless
    if workless is None:
        return
    genesis = True

    def spoil(header: str) -> str | None:
        nonlocal genesis
        if genesis:
            genesis = False
            return None
        return workless(header)

    world.server.spoil = on(HEADER, spoil)
    assert reasons(world, height) == {Why.FORGED}

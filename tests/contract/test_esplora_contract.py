"""What an Esplora server is to a scan; and that no misbehaviour makes a wrong balance.

The server is a stand-in that gives the documented answers (`tests.support.simulated.esplora`), over a simulated and a
real bitcoind. What it does at random to its answers is in `test_hostile_families.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import pytest

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.node import esplora
from scanner.chains.bitcoin.node.esplora import EsploraNode, ScriptTransaction, balance_at, entry_of
from scanner.chains.bitcoin.node.rewind import Contradiction
from scanner.chains.interface import Node
from scanner.chains.names import parse_chain
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.nodes.bitcoin_history import History, wallet
from tests.support.bitcoin_behaviour import *  # noqa: F403 - the tests that every backend has to pass
from tests.support.bitcoin_behaviour import asked, leads_to_ancestors, names_blocks
from tests.support.real.bitcoin_nodes import BITCOIN, REGTEST, read_at, start_bitcoind, unspent_at
from tests.support.simulated.bitcoin import SimBitcoin, behind
from tests.support.simulated.esplora import EsploraServer, Spoiler

MAINNET = parse_chain("bip122:000000000019d6689c085ae165831e93")
DEPTH = 8


@dataclass(frozen=True)
class World:
    server: EsploraServer
    scripts: list[bytes]
    truth: Callable[[int], list[int]]

    def node(self, **changes: Any) -> EsploraNode:
        settings = NodeSettings("esplora", self.server.url, "o", REGTEST, timeout=10, max_in_flight=4)
        return EsploraNode(replace(settings, **changes))

    @property
    def tip(self) -> int:
        return self.server.tip

    @property
    def final(self) -> int:
        return self.tip - BITCOIN_CHAINS[REGTEST.reference].final_depth

    @property
    def chain(self) -> Chain:
        return REGTEST

    @property
    def asset(self) -> AssetId:
        return BITCOIN


@contextmanager
def simulated() -> Iterator[World]:
    scripts = [bytes(wallet(number).script) for number in range(0, 40, 8)]
    chain = SimBitcoin(Random(3), scripts, blocks=120)
    with EsploraServer(chain.answer) as server:
        yield World(server, scripts, lambda height: [chain.balances_at(height).get(each.hex(), 0) for each in scripts])


@contextmanager
def real() -> Iterator[World]:
    random = Random(3)
    with start_bitcoind() as node:
        history = History(node, random, wallets=24)
        history.start(10)
        for _ in range(30):
            history.block(random.randint(1, 6))
        with EsploraServer(behind(node)) as server:
            yield World(server, history.scripts, lambda height: unspent_at(node, height, history.scripts))


@pytest.fixture(scope="module", params=[simulated, real], ids=["simulated", "real"])
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
        outcomes = read_at(world.node(**changes), height, world.scripts)
    except NodeError as error:
        return {error.why}
    truth = world.truth(height)
    assert all(isinstance(said, Gap) or said == right for said, right in zip(outcomes, truth, strict=True))
    return {outcome.why for outcome in outcomes if isinstance(outcome, Gap)}


def test_a_history_of_several_pages_is_read_to_its_end(world: World) -> None:
    assert read_at(world.node(), world.tip, world.scripts) == world.truth(world.tip)
    last = max(path.count("/") for path in world.server.paths)
    assert last == len(["", "api", "scripthash", ":hash", "txs", "chain", ":last"]) - 1


def test_a_server_of_another_chain_is_refused(world: World, height: int) -> None:
    assert reasons(world, height, chain=MAINNET) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")) == {Why.WRONG_CHAIN}
    assert reasons(world, height, chain=parse_chain("bip122:000000000000000000651ef99cb9fcbe")) == {Why.UNSUPPORTED}


def test_headers_lead_from_a_block_to_its_ancestors(world: World) -> None:
    leads_to_ancestors(world)


def test_a_block_is_found_by_its_hash(world: World) -> None:
    names_blocks(world)


def test_headers_come_by_pages_of_ten_and_fields_that_servers_add_are_left_alone(world: World) -> None:
    world.server.spoil = on("/blocks/", lambda page: [block | {"extras": "x" * 4_000} for block in page])
    leads_to_ancestors(world)
    asked_for = [int(path.rsplit("/", 1)[-1]) for path in world.server.paths if "/blocks/" in path]
    assert max(map(asked_for.count, asked_for)) <= 3
    assert len(set(asked_for)) == -(-(world.tip - 3) // 10) + 1


# Misbehaviour.


def on(part: str, change: Callable[[Any], Any]) -> Spoiler:
    """Spoils the answers at paths that hold `part`; `change` may alter the answer in place, or return another."""

    def spoil(path: str, answer: Any) -> Any:
        changed = change(answer) if part in path else None
        return answer if changed is None else changed

    return spoil


def each(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], None]:
    def spoil(page: Any) -> None:
        for transaction in page:
            change(transaction)

    return spoil


def setting(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry.update(fields)


def outputs(**fields: Any) -> Callable[[Any], None]:
    return each(lambda transaction: [output.update(fields) for output in transaction["vout"]])


def _stats_on(change: Callable[[dict[str, Any]], Any]) -> Spoiler:
    def spoil(path: str, answer: Any) -> Any:
        if isinstance(answer, dict):
            change(answer)
        return answer

    return spoil


def _spends_of_others(transaction: dict[str, Any]) -> None:
    for entry in transaction["vin"]:
        entry["txid"] = "ab" * 32


def _spends_of_less(transaction: dict[str, Any]) -> None:
    for entry in transaction["vin"]:
        if entry["prevout"]:
            entry["prevout"]["value"] = max(entry["prevout"]["value"] - 1, 0)


def _earlier(transaction: dict[str, Any]) -> None:
    if not transaction["vin"][0]["is_coinbase"]:
        transaction["status"]["block_height"] = 1


MALFORMED = {Why.MALFORMED}
TXS = "/txs/chain"

MISBEHAVIOURS: dict[str, tuple[Spoiler, set[Why]]] = {
    "a short hash": (on("/block-height/", lambda text: text[:-1]), MALFORMED),
    "a hash in JSON": (on("/block-height/", lambda text: f'"{text}"'), MALFORMED),
    "another block at the height": (on("/block-height/0", lambda _: "ab" * 32), {Why.WRONG_CHAIN}),
    "HTML for a hash": (on("/block-height/", lambda _: "<html>"), MALFORMED),
    "another block's header": (on("/header", lambda text: text[:-1] + ("1" if text[-1] == "0" else "0")), {Why.FORGED}),
    "a header cut short": (on("/header", lambda text: text[:-2]), MALFORMED),
    "statistics of another script": (_stats_on(setting(scripthash="ab" * 32)), MALFORMED),
    "statistics of no script": (_stats_on(lambda answer: answer.pop("scripthash", None)), MALFORMED),
    "no statistics": (_stats_on(lambda answer: answer.pop("chain_stats")), MALFORMED),
    "statistics without a count": (_stats_on(lambda answer: answer["chain_stats"].clear()), MALFORMED),
    "a count that is true": (_stats_on(setting(chain_stats={"tx_count": True})), MALFORMED),
    "a count too small": (_stats_on(lambda answer: answer["chain_stats"].update(tx_count=1)), MALFORMED),
    "a count too large": (
        _stats_on(lambda answer: answer["chain_stats"].update(tx_count=answer["chain_stats"]["tx_count"] + 1)),
        MALFORMED,
    ),
    "a history beyond all bounds": (_stats_on(setting(chain_stats={"tx_count": 10**9})), {Why.UNSUPPORTED}),
    "an object for a page": (on(TXS, lambda _: {}), MALFORMED),
    "numbers for a page": (on(TXS, lambda _: [1]), MALFORMED),
    "a number for a page": (on(TXS, lambda _: b"1"), MALFORMED),
    "the same page for ever": (on(TXS + "/", lambda _: b"[]"), MALFORMED),
    "a page cut short": (on(TXS, lambda page: page[:-1]), MALFORMED),
    "a page that stands there twice": (on(TXS, lambda page: page * 2), MALFORMED),
    "half a JSON text": (on(TXS, lambda _: b'[{"txid": '), MALFORMED),
    "HTML": (on(TXS, lambda _: b"<html>"), MALFORMED),
    "a short transaction id": (on(TXS, each(setting(txid="ab"))), MALFORMED),
    "an unconfirmed transaction": (on(TXS, each(lambda tx: tx["status"].update(confirmed=False))), MALFORMED),
    "no status": (on(TXS, each(lambda tx: tx.pop("status"))), MALFORMED),
    "no height": (on(TXS, each(lambda tx: tx["status"].pop("block_height"))), MALFORMED),
    "a height in a string": (on(TXS, each(lambda tx: tx["status"].update(block_height="5"))), MALFORMED),
    "no outputs": (on(TXS, each(lambda tx: tx.pop("vout"))), MALFORMED),
    "amounts with a fraction": (on(TXS, outputs(value=1.5)), MALFORMED),
    "amounts below zero": (on(TXS, outputs(value=-1)), MALFORMED),
    "amounts above 21 million": (on(TXS, outputs(value=21 * 10**14 + 1)), MALFORMED),
    "amounts in strings": (on(TXS, outputs(value="1")), MALFORMED),
    "amounts that are null": (on(TXS, outputs(value=None)), MALFORMED),
    "transactions of other scripts": (on(TXS, outputs(scriptpubkey="00")), MALFORMED),
    "scripts that are no text": (on(TXS, outputs(scriptpubkey=7)), MALFORMED),
    "spends of what was never there": (on(TXS, each(_spends_of_others)), MALFORMED),
    "spends of other amounts": (on(TXS, each(_spends_of_less)), MALFORMED),
    "no inputs": (on(TXS, each(lambda tx: tx.pop("vin"))), MALFORMED),
    "a refusal": (on(TXS, lambda _: 400), {Why.REFUSED}),
    "a page that is gone": (on(TXS, lambda _: 404), {Why.REFUSED}),
    "a redirect": (on(TXS, lambda _: 302), {Why.REFUSED}),
    "a gateway that gives up": (on(TXS, lambda _: 504), {Why.UNREACHABLE}),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaving_server_makes_a_gap_and_never_a_balance(world: World, height: int, name: str) -> None:
    world.server.spoil, allowed = MISBEHAVIOURS[name]
    found = reasons(world, height)
    assert found
    assert found <= allowed


def _of_blocks(change: Callable[[Any], Any]) -> Spoiler:
    return lambda path, answer: change(answer) if "/blocks/" in path else answer


def _altered(**fields: Callable[[Any], Any]) -> Spoiler:
    """The fields of the last block of each page, as these make of them."""

    def changed(page: Any) -> Any:
        return [*page[:-1], page[-1] | {name: change(page[-1][name]) for name, change in fields.items()}]

    return _of_blocks(changed)


def _lacking(name: str) -> Spoiler:
    return _of_blocks(lambda page: [{key: value for key, value in block.items() if key != name} for block in page])


FORGED = {Why.FORGED}
FIELDS = ("id", "height", "version", "timestamp", "bits", "nonce", "merkle_root", "previousblockhash")
MISSPELT_PAGES: dict[str, tuple[Spoiler, set[Why]]] = {
    **{f"no {name}": (_lacking(name), MALFORMED) for name in FIELDS},
    **{
        f"another {name}": (_altered(**{name: lambda value: value ^ 1}), FORGED)
        for name in ("version", "timestamp", "bits", "nonce")
    },
    **{
        f"a {name} of more than 32 bits": (_altered(**{name: lambda value: value + 2**32}), MALFORMED)
        for name in ("version", "timestamp", "bits", "nonce")
    },
    **{
        f"another {name}": (_altered(**{name: lambda _: "ab" * 32}), FORGED)
        for name in ("id", "merkle_root", "previousblockhash")
    },
    **{
        f"a short {name}": (_altered(**{name: lambda text: text[:-1]}), MALFORMED)
        for name in ("id", "merkle_root", "previousblockhash")
    },
    "a number in a string": (_altered(nonce=str), MALFORMED),
    "another height": (_altered(height=lambda height: height + 1), MALFORMED),
    "the oldest first": (_of_blocks(lambda page: page[::-1]), MALFORMED),
    "a page cut short": (_of_blocks(lambda page: page[:-1]), MALFORMED),
    "no page": (_of_blocks(lambda _: {}), MALFORMED),
    "numbers for blocks": (_of_blocks(lambda page: [7 for _ in page]), MALFORMED),
    "HTML for a page": (_of_blocks(lambda _: b"<html>"), MALFORMED),
    "a page beyond all bounds": (_of_blocks(lambda page: [block | {"x": "x" * 2**16} for block in page]), MALFORMED),
    "a page that is gone": (_of_blocks(lambda _: 404), {Why.NOT_FINAL}),
}


def test_a_page_of_blocks_that_says_something_else_leads_nowhere(world: World) -> None:
    async def whys_of_links(node: Node) -> set[Why]:
        newer, older = await node.block_at(32), await node.block_at(3)
        source = node.capabilities.ancestors
        assert source is not None
        try:
            await source.link_records(newer, older)
        except NodeError as error:
            return {error.why}
        return set()

    found = {}
    for name, (world.server.spoil, _) in MISSPELT_PAGES.items():
        found[name] = asked(world, whys_of_links)
    assert found == {name: allowed for name, (_, allowed) in MISSPELT_PAGES.items()}


def test_a_version_may_be_written_with_its_sign(world: World) -> None:
    def with_sign(page: Any) -> Any:
        return [block | {"version": (block["version"] ^ 2**31) - 2**31} for block in page]

    world.server.spoil = _of_blocks(with_sign)
    leads_to_ancestors(world)


def test_a_server_that_gives_another_block_than_the_one_named_is_not_believed(world: World) -> None:
    async def named(node: Node) -> Why:
        source = node.capabilities.ancestors
        assert source is not None
        with pytest.raises(NodeError) as raised:
            await source.block_named((await node.block_at(5)).hash)
        return raised.value.why

    other = asked(world, lambda node: node.block_at(6)).hash
    spoilers: list[tuple[Callable[[Any], Any], Why]] = [
        (lambda answer: answer | {"id": other}, Why.MALFORMED),
        (lambda answer: answer | {"height": 6}, Why.WRONG_BLOCK),
        (lambda answer: answer | {"height": -1}, Why.MALFORMED),
        (lambda _: [], Why.MALFORMED),
    ]
    for change, why in spoilers:
        world.server.spoil = partial(_block_is, change)
        assert asked(world, named) is why


def _block_is(change: Callable[[Any], Any], path: str, answer: Any) -> Any:
    return change(answer) if "/block/" in path and not path.endswith("/header") else answer


def test_a_spend_before_its_output_is_a_gap(world: World, height: int) -> None:
    """Heights that contradict nothing cannot be seen to be wrong: hence the quorum."""
    world.server.spoil = on(TXS, each(_earlier))
    outcomes = read_at(world.node(), height, world.scripts)
    assert {outcome.why for outcome in outcomes if isinstance(outcome, Gap)} == MALFORMED


def test_the_tip_must_be_a_number_and_deep_enough(world: World) -> None:
    async def look() -> int:
        node = world.node()
        try:
            await node.open()
            return await node.final_height()
        finally:
            await node.close()

    for text, why in ((b"5", Why.NOT_FINAL), (b"-7", Why.MALFORMED), (b"9" * 20, Why.MALFORMED), (b"", Why.MALFORMED)):
        world.server.spoil = partial(_tip_is, text)
        with pytest.raises(NodeError) as error:
            asyncio.run(look())
        assert error.value.why is why


def _tip_is(text: bytes, path: str, answer: Any) -> Any:
    return text if "/tip/" in path else answer


def test_pages_beyond_all_bounds_are_a_gap(world: World, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esplora, "LONGEST_HISTORY", 1)
    world.server.spoil = _stats_on(setting(chain_stats={"tx_count": 1}))
    assert Why.UNSUPPORTED in reasons(world, height)


@pytest.mark.parametrize("atoms", [-1, 21 * 10**14 + 1, True, 1.0, "1", None])
def test_an_amount_that_cannot_be_is_refused(atoms: Any) -> None:
    answer: dict[str, Any] = {
        "txid": "ab" * 32,
        "status": {"confirmed": True, "block_height": 5},
        "vin": [{"is_coinbase": True}],
        "vout": [{"scriptpubkey": "51", "value": 7}],
    }
    assert list(entry_of(answer, b"\x51", BITCOIN_CHAINS[REGTEST.reference]).paid.values()) == [7]
    answer["vout"] = [{"scriptpubkey": "51", "value": atoms}]
    with pytest.raises(NodeError):
        entry_of(answer, b"\x51", BITCOIN_CHAINS[REGTEST.reference])


def test_a_transaction_that_does_not_concern_the_script_is_refused() -> None:
    with pytest.raises(Contradiction, match="neither"):
        balance_at(5, [ScriptTransaction("ab" * 32, 3, {}, {})])


def test_a_page_is_as_long_as_documented() -> None:
    assert esplora.PAGE == 25

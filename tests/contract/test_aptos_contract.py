"""Aptos' backend: right at every block that a node keeps, and a Gap where the node misbehaves.

No node of Aptos can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.aptos` stands in, written from the API's description. What is real are a block that GetBlock's
documentation prints, and the address of one primary store that a transaction made. That a node heeds `ledger_version`
in calls to view functions and for resources is the description's word.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

import scanner
from scanner.chains.aptos.node.answers import block_of
from scanner.chains.aptos.node.client import FullNode
from scanner.chains.aptos.node.node import AptosNode
from scanner.chains.aptos.stores import primary_store
from scanner.chains.backends import open_node
from scanner.chains.facts_revision import REVISION
from scanner.chains.names import parse_asset
from scanner.chains.registry import family
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain, IdError
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.pin import last_block_by
from tests.support.simulated.aptos import APT as APT_METADATA
from tests.support.simulated.aptos import SECONDS, TIME, VERSIONS, Ledger, SimAptos, Spoiler, State
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.strength import cases

CHAIN = Chain("aptos", "1")
APT = parse_asset("aptos:1/slip44:637")
METADATA = "0x357b0b74bc833e95a115ad22604854d6b0fca151cecd94111770e5d6ffc9dc2b"
USDT = parse_asset(f"aptos:1/token:{METADATA}")
KEYS = [bytes([number]) * 32 for number in range(1, 7)]
OWNERS = ["0x" + key.hex() for key in KEYS]
NEWEST = 12
HEIGHT = 7
COIN_BALANCE, ASSET_BALANCE = "0x1::coin::balance", "0x1::primary_fungible_store::balance"

_T = TypeVar("_T")


def state(height: int) -> State:
    """One account has coins that grow, one coins and a store, one a store alone, one a store that is used at once by
    many, one came with the eighth block, and one never was."""
    made = State(
        coins={OWNERS[0]: 10**12 + height, OWNERS[1]: 5, OWNERS[3]: 0},
        stores={(OWNERS[1], APT_METADATA): 7 + height, (OWNERS[2], APT_METADATA): 2**63, (OWNERS[0], METADATA): height},
        concurrent={(OWNERS[3], APT_METADATA): 11, (OWNERS[2], METADATA): 10**9},
    )
    if height >= 8:
        made.coins[OWNERS[4]] = 3
    return made


def held(height: int, asset: AssetId = APT) -> list[int]:
    metadata = APT_METADATA if asset.native else METADATA
    return [state(height).of(owner, metadata) for owner in OWNERS]


def ledger(newest: int = NEWEST) -> Ledger:
    return Ledger([state(height) for height in range(newest + 1)])


Opened = AbstractAsyncContextManager[tuple[SimAptos, AptosNode]]


def opened(**changes: Any) -> Opened:
    """A simulated node with these attributes, and the backend opened on it."""

    def backend(server: SimAptos) -> AptosNode:
        node_settings = NodeSettings("aptos", f"{server.url}/v1?key=k", "o", CHAIN)
        return AptosNode(node_settings, FullNode(node_settings, sleep=at_once))

    server = SimAptos(ledger())
    server.metadata[METADATA] = 6
    return opened_on(server, backend, **changes)


def asking(question: Callable[[SimAptos, AptosNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read_at(
    node: AptosNode, snapshot: Snapshot, asset: AssetId = APT, keys: Sequence[bytes] = tuple(KEYS)
) -> list[Any]:
    reading = await node.read(Batch(snapshot, asset, tuple(keys)))
    return [reading[position] for position in range(len(reading))]


def spoiled(spoil: Spoiler, asset: AssetId = APT, **changes: Any) -> set[Any]:
    """Why readings fail, or what is read, where the node spoils answers after the block was pinned."""

    async def ask(server: SimAptos, node: AptosNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil = spoil
        for name, value in changes.items():
            setattr(server, name, value)
        return await read_at(node, snapshot, asset)

    return {each.why if isinstance(each, Gap) else each for each in asking(ask)}


def failing(question: Callable[[AptosNode], Awaitable[Any]], **changes: Any) -> Why:
    async def ask(_: SimAptos, node: AptosNode) -> Why:
        return await why_of(question(node))

    return asking(ask, **changes)


# What is right


@pytest.mark.parametrize("asset", [APT, USDT], ids=["APT", "USDT"])
def test_balances_at_every_block_are_those_of_that_block_as_lower_bounds(asset: AssetId) -> None:
    async def ask(_: SimAptos, node: AptosNode) -> None:
        for height in range(NEWEST):
            found = await read_at(node, await node.block_at(height), asset)
            assert found == [AtLeast(atoms) for atoms in held(height, asset)]

    asking(ask)


def test_a_block_is_told_by_its_hash_its_parents_and_its_time_to_the_microsecond() -> None:
    snapshot = asking(lambda _, node: node.block_at(HEIGHT))
    made = ledger()
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=TIME, seconds=SECONDS * HEIGHT)
    assert snapshot == Snapshot(CHAIN, HEIGHT, made.hash(HEIGHT), made.hash(HEIGHT - 1), time)
    assert asking(lambda _, node: node.block_at(0)).parent == "0x" + "00" * 32


def test_the_last_block_but_one_is_final_and_the_last_before_a_moment_is_found() -> None:
    moment = datetime.fromtimestamp(TIME // 10**6 + 2 * HEIGHT + 1, UTC)

    async def ask(_: SimAptos, node: AptosNode) -> tuple[int, int]:
        return await node.final_height(), (await last_block_by(node, moment)).height

    assert asking(ask, ledger=ledger(60), headers=headers(60)) == (59, HEIGHT)


def headers(newest: int, **changes: str) -> dict[str, str]:
    """What stands beside answers of a node that has versions up to those of this block."""
    told = {"X-Aptos-Chain-Id": "1", "X-Aptos-Ledger-Oldest-Version": "0"}
    return told | {"X-Aptos-Ledger-Version": str(VERSIONS * newest + 2)} | changes


def test_decimals_are_the_metadatas_own_and_an_assets_that_does_not_exist_a_gap() -> None:
    async def ask(_: SimAptos, node: AptosNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        unknown = parse_asset("aptos:1/token:0x77")
        return [
            await node.decimals(asset, snapshot) for asset in (APT, USDT, unknown, parse_asset("eip155:1/slip44:60"))
        ]

    apt, usdt, unknown, foreign = asking(ask)
    assert (apt, usdt) == (8, 6)
    assert [unknown.why, foreign.why] == [Why.NO_TOKEN, Why.UNSUPPORTED]


def test_blocks_and_versions_that_are_gone_and_blocks_that_are_not_there_yet_are_told_apart() -> None:
    assert failing(lambda node: node.block_at(NEWEST + 1)) is Why.NOT_FINAL
    assert failing(lambda node: node.block_at(3), keeps_from=12) is Why.NO_STATE
    assert asking(lambda _, node: node.oldest_height(), keeps_from=12) == 5
    assert asking(lambda _, node: node.oldest_height()) == 0
    assert spoiled(lambda _, answer: answer, keeps_from=VERSIONS * HEIGHT + 3) == {Why.NO_STATE}


def test_an_asset_that_is_none_is_a_gap_that_says_so() -> None:
    async def ask(_: SimAptos, node: AptosNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        return await read_at(node, snapshot, parse_asset("aptos:1/token:0x77"), KEYS[:1])

    assert [each.why for each in asking(ask)] == [Why.NO_TOKEN]


def test_an_account_is_asked_for_once_and_only_a_zero_is_looked_for_in_the_stores() -> None:
    async def ask(server: SimAptos, node: AptosNode) -> list[str]:
        snapshot = await node.block_at(HEIGHT)
        server.asked.clear()
        await read_at(node, snapshot, APT, KEYS[:3])
        before = list(server.asked)
        server.asked.clear()
        await read_at(node, snapshot, APT, KEYS[5:])
        return [each.split(" ")[0] for each in [*before, *server.asked] if "balance" in each or "resource" in each]

    asked = asking(ask)
    assert asked.count("0x1::coin::balance") == 4
    assert len([each for each in asked if "resource" in each]) == 3


def test_every_question_for_state_names_the_last_version_of_the_block() -> None:
    async def ask(server: SimAptos, node: AptosNode) -> list[str]:
        snapshot = await node.block_at(HEIGHT)
        server.asked.clear()
        await read_at(node, snapshot)
        return [each for each in server.asked if not each.startswith("/blocks")]

    assert {each.split(" ")[1] for each in asking(ask)} == {str(VERSIONS * HEIGHT + 2)}


def test_the_registry_opens_this_backend_and_two_spellings_of_an_asset_are_one() -> None:
    assert isinstance(open_node(NodeSettings("aptos", "http://127.0.0.1:1", "o", CHAIN)), AptosNode)
    assert parse_asset(f"aptos:1/token:0x{METADATA[2:].upper()}") == USDT
    apt = parse_asset("aptos:1/token:0xa")
    assert apt.reference == APT_METADATA
    assert family(CHAIN).shows_native_again(apt, REVISION)
    assert not family(CHAIN).shows_native_again(USDT, REVISION)
    for text in ("aptos:1/token:0x", "aptos:1/token:0x1%3A%3Aaptos_coin%3A%3AAptosCoin", "aptos:main/slip44:637"):
        with pytest.raises(IdError):
            parse_asset(text)


# Where the node misbehaves


def on(part: str, change: Callable[[Any], Any]) -> Spoiler:
    return lambda path, answer: change(answer) if part in path else answer


def resource(**data: Any) -> Callable[[Any], Any]:
    return lambda answer: {**answer, "data": {**answer["data"], **data}}


def with_headers(**changes: str | None) -> dict[str, Any]:
    told = {**headers(NEWEST), **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {"headers": {name: value for name, value in told.items() if value is not None}}


MALFORMED = {Why.MALFORMED}
MISBEHAVIOUR: dict[str, tuple[Spoiler, set[Any]]] = {
    "a number for a balance": (on(COIN_BALANCE, lambda _: [7]), MALFORMED),
    "a negative balance": (on(COIN_BALANCE, lambda _: ["-1"]), MALFORMED),
    "a balance beyond 64 bits": (on(COIN_BALANCE, lambda _: [str(2**64)]), MALFORMED),
    "a balance in hex": (on(COIN_BALANCE, lambda _: ["0x7"]), MALFORMED),
    "no balance": (on(COIN_BALANCE, lambda _: []), MALFORMED),
    "two balances": (on(COIN_BALANCE, lambda answer: answer * 2), MALFORMED),
    "an object": (on(COIN_BALANCE, lambda _: {"balance": "7"}), MALFORMED),
    "an error with HTTP 200": (on(COIN_BALANCE, lambda _: {"message": "m", "error_code": "vm_error"}), MALFORMED),
    "null": (on(COIN_BALANCE, lambda _: None), MALFORMED),
    "HTML": (on(COIN_BALANCE, lambda _: b"<html>"), MALFORMED),
    "nothing": (on(COIN_BALANCE, lambda _: b""), MALFORMED),
    "half an answer": (on(COIN_BALANCE, lambda _: b'["1'), MALFORMED),
    "HTTP 500": (on(COIN_BALANCE, lambda _: 500), {Why.UNREACHABLE}),
    "HTTP 503": (on(COIN_BALANCE, lambda _: 503), {Why.UNREACHABLE}),
    "HTTP 429": (on(COIN_BALANCE, lambda _: 429), {Why.RATE_LIMITED}),
    "HTTP 401": (on(COIN_BALANCE, lambda _: 401), {Why.UNAUTHORIZED}),
    "HTTP 403": (on(COIN_BALANCE, lambda _: 403), {Why.UNAUTHORIZED}),
    "HTTP 404 without a reason": (on(COIN_BALANCE, lambda _: 404), {Why.REFUSED}),
    "HTTP 410 without a reason": (on(COIN_BALANCE, lambda _: 410), {Why.REFUSED}),
    "another height": (on("current_block_height", lambda _: [str(HEIGHT + 1)]), {Why.WRONG_BLOCK}),
    "another time": (on("now_microseconds", lambda _: [str(TIME)]), {Why.WRONG_BLOCK}),
    "no height": (on("current_block_height", lambda _: [None]), MALFORMED),
    "another block's hash": (on("/blocks/", lambda each: {**each, "block_hash": "0x" + "ab" * 32}), {Why.WRONG_BLOCK}),
    "another block's time": (on("/blocks/", lambda each: {**each, "block_timestamp": "7"}), {Why.WRONG_BLOCK}),
    "another block": (on("/blocks/", lambda each: {**each, "block_height": "3"}), MALFORMED),
    "a hash that is none": (on("/blocks/", lambda each: {**each, "block_hash": "0xab"}), MALFORMED),
    "versions as numbers": (on("/blocks/", lambda each: {**each, "last_version": 23}), MALFORMED),
    "versions that are none": (on("/blocks/", lambda each: {**each, "last_version": "0"}), MALFORMED),
    "versions above the node's own": (on("/blocks/", lambda each: {**each, "last_version": "99"}), {Why.NOT_FINAL}),
    "a time that cannot be": (on("/blocks/", lambda each: {**each, "block_timestamp": str(2**64 - 1)}), MALFORMED),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_node_that_misbehaves_gives_gaps_with_their_reason_and_no_balance(name: str) -> None:
    spoil, expected = MISBEHAVIOUR[name]
    assert spoiled(spoil) == expected


HEADERS: dict[str, tuple[dict[str, Any], set[Any]]] = {
    "another chain": (with_headers(X_Aptos_Chain_Id="2"), {Why.WRONG_CHAIN}),
    "no chain": (with_headers(X_Aptos_Chain_Id=None), MALFORMED),
    "a chain that is none": (with_headers(X_Aptos_Chain_Id="main"), MALFORMED),
    "no version": (with_headers(X_Aptos_Ledger_Version=None), MALFORMED),
    "an older node": (with_headers(X_Aptos_Ledger_Version=str(VERSIONS * HEIGHT + 1)), {Why.WRONG_BLOCK}),
    "a younger node": (with_headers(X_Aptos_Ledger_Oldest_Version=str(VERSIONS * HEIGHT + 3)), {Why.WRONG_BLOCK}),
    "no oldest version": (with_headers(X_Aptos_Ledger_Oldest_Version=None), MALFORMED),
}


@pytest.mark.parametrize("name", HEADERS)
def test_an_answer_whose_headers_do_not_allow_for_the_version_is_not_taken(name: str) -> None:
    changes, expected = HEADERS[name]
    assert spoiled(lambda _, answer: answer, **changes) == expected


def test_a_node_that_does_not_heed_the_version_is_found_out_before_a_balance_is_read() -> None:
    assert spoiled(lambda _, answer: answer, heeds_version=False) == {Why.WRONG_BLOCK}


def test_a_node_of_another_chain_is_refused() -> None:
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), **with_headers(X_Aptos_Chain_Id="2"))
    assert caught.value.why is Why.WRONG_CHAIN


ZEROS: dict[str, Spoiler] = {
    "the coins of it": on("/resource/0x1::coin::CoinStore", resource(coin={"value": "7"})),
    "the store": on("/resource/0x1::fungible_asset::FungibleStore", resource(balance="7")),
    "another asset's store": on("/resource/0x1::fungible_asset::FungibleStore", resource(metadata={"inner": "0xb"})),
    "another resource": on("/resource/", lambda answer: {**answer, "type": "0x1::account::Account"}),
    "no amount": on("/resource/0x1::coin", resource(coin={})),
    "HTTP 404 without a reason": on("/resource/", lambda _: 404),
    "HTML": on("/resource/", lambda _: b"<html>"),
}


@pytest.mark.parametrize("name", ZEROS)
def test_a_zero_that_the_stores_do_not_bear_out_is_a_gap(name: str) -> None:
    """The account has a CoinStore and a primary store, both of them empty."""
    empty = State(coins={OWNERS[0]: 0}, stores={(OWNERS[0], APT_METADATA): 0})

    async def ask(server: SimAptos, node: AptosNode) -> list[Any]:
        snapshot = await node.block_at(2)
        right = await read_at(node, snapshot, APT, KEYS[:1])
        server.spoil = ZEROS[name]
        return [*right, *await read_at(node, snapshot, APT, KEYS[:1])]

    right, found = asking(ask, ledger=Ledger([empty] * 4), headers=headers(3))
    assert right == AtLeast(0)
    assert isinstance(found, Gap)
    assert found.why in {Why.MALFORMED, Why.REFUSED}


def test_blocks_whose_versions_do_not_follow_on_each_other_are_refused() -> None:
    def gap(path: str, answer: Any) -> Any:
        return {**answer, "last_version": str(VERSIONS * HEIGHT - 2)} if path.endswith(f"/{HEIGHT - 1}") else answer

    def later(path: str, answer: Any) -> Any:
        return {**answer, "block_timestamp": str(2 * TIME)} if path.endswith(f"/{HEIGHT - 1}") else answer

    for spoil in (gap, later):
        assert failing(lambda node: node.block_at(HEIGHT), spoil=spoil) is Why.MALFORMED


@pytest.mark.parametrize("index", [{}, {"oldest_block_height": "9", "block_height": "3"}, [], b"<html>", 404])
def test_an_index_that_is_none_opens_no_node(index: Any) -> None:
    with pytest.raises(NodeError):
        asking(lambda _, node: node.final_height(), spoil=on("", lambda _: index))


def test_a_node_with_one_block_alone_has_none_that_is_final() -> None:
    assert failing(lambda node: node.final_height(), ledger=ledger(0), headers=headers(0)) is Why.NOT_FINAL


@pytest.mark.parametrize("asset", ["aptos:2/slip44:637", "aptos:1/coin:0x1", "eip155:1/slip44:60"])
def test_what_is_not_of_the_chain_is_a_gap(asset: str) -> None:
    async def ask(_: SimAptos, node: AptosNode) -> set[Why]:
        return {each.why for each in await read_at(node, await node.block_at(HEIGHT), parse_asset(asset))}

    assert asking(ask) == {Why.UNSUPPORTED}


def test_a_snapshot_of_another_chain_and_an_account_of_another_size_are_gaps() -> None:
    async def ask(_: SimAptos, node: AptosNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        other = await read_at(node, replace(snapshot, chain=Chain("aptos", "2")), APT, KEYS[:1])
        return [*other, *await read_at(node, snapshot, APT, [b"\1" * 20, KEYS[0]])]

    wrong, short, right = asking(ask)
    assert (wrong.why, short.why, right) == (Why.WRONG_CHAIN, Why.UNSUPPORTED, AtLeast(held(HEIGHT)[0]))


class Unwired(FullNode):
    """The client without a network: what it sends goes straight to the simulated node."""

    server: SimAptos

    async def fetch(self, method: str, url: str, body: bytes | None = None, **_: Any) -> tuple[int, Any, bytes]:
        path = urlsplit(url)
        status, answer = self.server._answer_to(method, f"{path.path}?{path.query}", body or b"")
        return status, self.server.headers, answer


ODD: list[Any] = [None, True, -1, 7, 2**64, "", "-7", "0x7", "1e3", [], ["7"], {}, str(2**64)]


def spoiling(random: Random) -> Spoiler:
    """Leaves each answer alone, cuts it, changes a field of it, or puts an error in its place."""

    def spoil(path: str, answer: Any) -> Any:
        kind = random.randrange(8)
        if kind == 0:
            whole = json.dumps(answer).encode()
            return whole[: random.randrange(len(whole))]
        if kind == 1:
            return random.choice([400, 401, 404, 410, 413, 429, 500, 502, 503])
        if kind == 2 and isinstance(answer, dict):
            return {**answer, random.choice(sorted(answer)): random.choice(ODD)}
        if kind == 2 and "balance" not in path:
            return random.choice(ODD)  # what it says of an amount is its word: that is what a quorum is for
        if kind == 3 and isinstance(answer, dict) and "data" in answer:
            return {**answer, "data": {**answer["data"], random.choice(sorted(answer["data"])): random.choice(ODD)}}
        return answer

    return spoil


def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read() -> None:
    """Six accounts a case, 10,000 in all at full strength. One case in four is of another block from the beginning."""
    node_settings = NodeSettings("aptos", "http://127.0.0.1:1/v1", "o", CHAIN)
    wrong, right = 0, 0

    async def one(random: Random) -> None:
        nonlocal wrong, right
        server = SimAptos(ledger())
        server.metadata[METADATA] = 6
        client = Unwired(node_settings, sleep=at_once)
        client.server = server
        node, asset = AptosNode(node_settings, client), random.choice([APT, USDT])
        snapshot = await node.block_at(HEIGHT)
        server.heeds_version = random.random() > 0.25
        server.spoil = spoiling(random)
        for found, atoms in zip(await read_at(node, snapshot, asset), held(HEIGHT, asset), strict=True):
            right += found == AtLeast(atoms)
            wrong += not isinstance(found, Gap) and found != AtLeast(atoms)

    async def every() -> None:
        for seed in range(cases(1_700)):
            await one(Random(seed))

    asyncio.run(every())
    assert (wrong, right > cases(1_700) // 2) == (0, True)


CLAIM = f"""version: 1
exchange: Example
as_of: {datetime.fromtimestamp(TIME // 10**6 + 2 * HEIGHT + 1, UTC):%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  APT: {{id: "aptos:1/slip44:637", backs: APT, decimals: 8}}
  USDT: {{id: "{USDT}", backs: USDT, decimals: 6}}
liabilities:
  APT: "OWED"
  USDT: "1000"
holdings:
  - {{asset: APT, accounts: ["{OWNERS[0]}", "{OWNERS[5]}"]}}
  - {{asset: USDT, accounts: ["{OWNERS[2]}"]}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("10000.00000007", "COVERED"), ("10000.00000008", "UNKNOWN")])
def test_a_scan_of_two_nodes_shows_what_is_covered_and_never_that_something_is_short(
    tmp_path: Path, owed: str, verdict: str
) -> None:
    """Held: 10**12 octas and one a block, and 1000 USDT."""

    async def ask() -> scanner.Scan:
        async with SimAptos(ledger(60)) as one, SimAptos(ledger(60)) as other:
            for server in (one, other):
                server.metadata[METADATA] = 6
            urls = [server.url.replace("http://", "aptos+http://") + "/v1" for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            (tmp_path / "claim.yaml").write_text(CLAIM.replace("OWED", owed))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    apt, usdt = finding.reserves
    (snapshot,) = finding.snapshots.values()
    assert snapshot.height == HEIGHT
    assert (apt.verdict, apt.held) == (verdict, Fraction(10**12 + HEIGHT, 10**8))
    assert (usdt.verdict, usdt.held) == ("COVERED", Fraction(1000))


# What was recorded of real networks


def test_a_block_of_the_main_network_is_read_to_the_microsecond() -> None:
    """As GetBlock's documentation of `/v1/blocks/by_version` prints it."""
    block = block_of(
        {
            "block_height": "456015808",
            "block_hash": "0xdbe2cbd48ec3b897fa5f6b1ff51bd8eef280e300e12b6ff153b3959a7440a268",
            "block_timestamp": "1760341227055115",
            "first_version": "3556737303",
            "last_version": "3556737309",
            "transactions": [],
        },
        456_015_808,
    )
    assert block.time == datetime(2025, 10, 13, 7, 40, 27, 55_115, tzinfo=UTC)
    assert (block.first, block.last) == (3_556_737_303, 3_556_737_309)


def test_a_primary_store_is_where_a_transaction_put_one() -> None:
    """Of an account and an asset on a network that ran the real program (econia-labs/emojicoin-dot-fun, a test)."""
    owner = bytes.fromhex("5048c88ba0ab78f78f4da8d2c3c3a35078315a79e28f8e223c1522761d0eec64")
    metadata = bytes.fromhex("f4c801d6592ecf9c24bfe60b505913576ff8e7b12937adb41b0e37e1b4a11a8d")
    store = "c6e60ab1124a56340889861289be47b1cf6f62f5ce0e4ba6871d8400ef0b712e"
    assert primary_store(owner, metadata).hex() == store


# Keys that an account obeys


def test_an_account_obeys_its_authentication_key_which_may_be_another_than_its_address() -> None:
    async def ask(server: SimAptos, node: AptosNode) -> list[ContractOwners]:
        snapshot = await node.block_at(HEIGHT)
        server.rotated[OWNERS[1]] = "0x" + "cd" * 32
        return [await node.contract_owners(snapshot, bytes.fromhex(owner[2:])) for owner in OWNERS[:2]]

    own = bytes.fromhex(OWNERS[0][2:])
    assert asking(ask) == [ContractOwners(owner=own), ContractOwners(owner=b"\xcd" * 32)]


def test_a_key_that_is_none_and_an_account_without_a_record_are_failures() -> None:
    async def ask(server: SimAptos, node: AptosNode) -> None:
        snapshot = await node.block_at(HEIGHT)
        with pytest.raises(NodeError):
            await node.contract_owners(snapshot, b"\x99" * 32)
        for wrong in ("0x12", "", 7, None):
            server.rotated[OWNERS[0]] = wrong  # type: ignore[assignment]
            with pytest.raises(NodeError):
                await node.contract_owners(snapshot, bytes.fromhex(OWNERS[0][2:]))

    asking(ask)

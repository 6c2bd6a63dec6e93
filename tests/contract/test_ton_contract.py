"""TON's backend: right at every masterchain block, and a Gap where the server misbehaves.

No server of TON can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.toncenter` stands in, written from the API's description. What is real is one recorded answer,
read from the shared reference where it is at hand; accounts of TON's own engine are in
tests/unit/chains/ton/test_proofs.py. That a server takes `seqno` for an account's state is the description's word.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner.chains.accounts import account_text
from scanner.chains.backends import open_node
from scanner.chains.names import parse_asset
from scanner.chains.ton.node.answers import balance_of, block_of
from scanner.chains.ton.node.client import Toncenter
from scanner.chains.ton.node.node import ToncenterNode
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.pin import last_block_by
from tests.support.places import SHARED as _SHARED
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.simulated.ton_cells import Cell, bag, usdt_wallet
from tests.support.simulated.toncenter import FIRST, TIME, Blocks, SimToncenter, Spoiler
from tests.support.strength import cases

SHARED = _SHARED / "data" / "chains" / "ton"
CHAIN = Chain("tvm", "-239")
TON = parse_asset("tvm:-239/slip44:607")
USDT = parse_asset("tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe")
KEYS = [b"\0" + bytes([number]) * 32 for number in range(1, 5)] + [b"\xff" + b"\x05" * 32]
RAW = [f"{'-1' if key[0] else '0'}:{key[1:].hex()}" for key in KEYS]
HEIGHT = FIRST + 4

_T = TypeVar("_T")


def held(seqno: int) -> dict[str, int]:
    """One account grows by a nanoton a block, one is empty, one came with the third block, one is a validator's."""
    accounts = {RAW[0]: 10**15 + seqno, RAW[1]: 0, RAW[2]: 5 * 10**18, RAW[4]: 7}
    return accounts | ({RAW[3]: 20 * 10**9} if seqno >= FIRST + 3 else {})


def blocks(count: int = 9) -> Blocks:
    made = Blocks()
    for seqno in range(FIRST, FIRST + count):
        made.add(held(seqno))
    return made


Opened = AbstractAsyncContextManager[tuple[SimToncenter, ToncenterNode]]


def opened(made: Blocks | None = None, **changes: Any) -> Opened:
    """A simulated server with these attributes, and the backend opened on it."""

    def backend(server: SimToncenter) -> ToncenterNode:
        node_settings = NodeSettings("toncenter", f"{server.url}api/v2?api_key=k", "o", CHAIN)
        return ToncenterNode(node_settings, Toncenter(node_settings, sleep=at_once))

    return opened_on(SimToncenter(made or blocks()), backend, **changes)


def asking(question: Callable[[SimToncenter, ToncenterNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: ToncenterNode, height: int = HEIGHT, keys: Sequence[bytes] = tuple(KEYS)) -> list[Any]:
    reading = await node.read(Batch(await node.block_at(height), TON, tuple(keys)))
    return [reading[position] for position in range(len(reading))]


def spoiled(spoil: Spoiler, at: str = "getAddressInformation") -> set[Any]:
    """What is read of all accounts where the server spoils one method after the block is pinned."""

    async def ask(server: SimToncenter, node: ToncenterNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil = lambda method, result: spoil(method, result) if method == at else result
        reading = await node.read(Batch(snapshot, TON, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    return {each.why if isinstance(each, Gap) else int(each) for each in asking(ask)}


def failing(height: int, **changes: Any) -> Why:
    """Why the block of this number is not had from a server with these attributes."""

    async def ask(_: SimToncenter, node: ToncenterNode) -> Why:
        return await why_of(node.block_at(height))

    return asking(ask, **changes)


# What is right


def test_balances_at_every_block_are_those_of_that_block() -> None:
    async def ask(_server: SimToncenter, node: ToncenterNode) -> None:
        for height in range(FIRST, FIRST + 9):
            assert [int(each) for each in await read(node, height)] == [held(height).get(text, 0) for text in RAW]

    asking(ask)


def test_a_block_is_named_by_its_root_hash_and_dated_by_its_header() -> None:
    made = blocks()
    snapshot = asking(lambda _, node: node.block_at(HEIGHT), made=made)
    root, parent = (block_of(made.named(seqno)).root.hex() for seqno in (HEIGHT, HEIGHT - 1))
    assert snapshot == Snapshot(CHAIN, HEIGHT, root, parent, datetime.fromtimestamp(TIME + 20, UTC))


def test_the_newest_block_is_final_and_the_last_one_before_a_moment_is_found() -> None:
    async def ask(_: SimToncenter, node: ToncenterNode) -> tuple[int, Snapshot]:
        return await node.final_height(), await last_block_by(node, datetime.fromtimestamp(TIME + 102, UTC))

    final, found = asking(ask, made=blocks(40))
    assert (final, found.height) == (FIRST + 39, FIRST + 20)


def test_a_block_that_is_not_there_yet_is_told_apart_from_one_that_is_gone() -> None:
    assert failing(FIRST + 9) is Why.NOT_FINAL
    assert failing(FIRST, keeps=range(FIRST + 3, FIRST + 9)) is Why.NO_STATE


def test_the_registry_opens_this_backend() -> None:
    assert isinstance(open_node(NodeSettings("toncenter", "http://127.0.0.1:1", "o", CHAIN)), ToncenterNode)


def test_every_read_names_the_block_and_carries_the_address_own_query() -> None:
    async def ask(server: SimToncenter, node: ToncenterNode) -> list[dict[str, str]]:
        await read(node)
        return [asked for method, asked in server.asked if method == "getAddressInformation"]

    asked = asking(ask)
    assert [each["address"] for each in asked] == RAW
    assert {(each["seqno"], each["api_key"]) for each in asked} == {(str(HEIGHT), "k")}


# Where the server misbehaves

MISBEHAVIOUR: dict[str, tuple[Spoiler, set[Any]]] = {
    "another block": (
        lambda _, result: {**result, "block_id": blocks().named(HEIGHT - 1)},
        {Why.WRONG_BLOCK},
    ),
    "another block's root": (
        lambda _, result: {
            **result,
            "block_id": {**result["block_id"], "root_hash": blocks().named(HEIGHT - 1)["root_hash"]},
        },
        {Why.WRONG_BLOCK},
    ),
    "a block of a shard": (
        lambda _, result: {**result, "block_id": {**result["block_id"], "workchain": 0}},
        {Why.MALFORMED},
    ),
    "no block": (
        lambda _, result: {name: each for name, each in result.items() if name != "block_id"},
        {Why.MALFORMED},
    ),
    "no state": (lambda _, result: {**result, "state": None}, {Why.MALFORMED}),
    "a state that is none": (lambda _, result: {**result, "state": "odd"}, {Why.MALFORMED}),
    "no balance": (lambda _, result: {**result, "balance": None}, {Why.MALFORMED}),
    "missing, though it has transactions": (
        lambda _, result: {
            **result,
            "balance": 0,
            "state": "uninitialized",
            "last_transaction_id": {"lt": "7", "hash": result["last_transaction_id"]["hash"]},
        },
        {Why.MALFORMED},
    ),
    "missing, though it is active": (lambda _, result: {**result, "balance": 0, "state": "active"}, {Why.MALFORMED}),
    "a list": (lambda *_: [], {Why.MALFORMED}),
    "HTML": (lambda *_: b"<html>", {Why.MALFORMED}),
    "nothing": (lambda *_: b"", {Why.MALFORMED}),
    "neither result nor error": (lambda *_: b'{"ok": 1}', {Why.MALFORMED}),
    "no result": (lambda *_: b'{"ok": true}', {Why.MALFORMED}),
    "the block gone": (lambda *_: b'{"ok": false, "error": "seqno not in db", "code": 500}', {Why.NO_STATE}),
    "an error nobody knows": (lambda *_: b'{"ok": false, "error": "odd", "code": 500}', {Why.UNREACHABLE}),
    "HTTP 500": (lambda *_: 500, {Why.UNREACHABLE}),
    "HTTP 429": (lambda *_: 429, {Why.RATE_LIMITED}),
    "HTTP 401": (lambda *_: 401, {Why.UNAUTHORIZED}),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_server_that_misbehaves_gives_gaps_with_their_reason_and_no_balance(name: str) -> None:
    spoil, expected = MISBEHAVIOUR[name]
    assert spoiled(spoil) == expected


@pytest.mark.parametrize("balance", ["-1", "1.5", "1e3", "007", "", None, 1.0, True, 7, "1" * 40, str(10**20 + 1)])
def test_a_balance_in_no_documented_form_is_none(balance: object) -> None:
    assert spoiled(lambda _, result: {**result, "balance": balance}) == {Why.MALFORMED}


@pytest.mark.parametrize("at", ["lookupBlock", "getBlockHeader"])
@pytest.mark.parametrize("seqno", [HEIGHT - 1, HEIGHT + 1])
def test_a_block_of_another_number_is_not_taken_for_the_one_that_was_asked_for(at: str, seqno: int) -> None:
    def spoil(method: str, result: Any) -> Any:
        if method != at:
            return result
        other = blocks().named(seqno)
        return {**result, "id": other} if "id" in result else other

    assert failing(HEIGHT, spoil=spoil) in (Why.MALFORMED, Why.WRONG_BLOCK)


@pytest.mark.parametrize("parents", [[], [HEIGHT - 2], [HEIGHT - 1, HEIGHT - 1], [HEIGHT]])
def test_a_header_whose_parent_is_not_the_block_before_is_refused(parents: list[int]) -> None:
    def spoil(_: str, result: Any) -> Any:
        return {**result, "prev_blocks": [blocks().named(each) for each in parents]} if "id" in result else result

    assert failing(HEIGHT, spoil=spoil) is Why.MALFORMED


def test_a_server_that_took_another_block_meanwhile_is_not_read() -> None:
    async def ask(server: SimToncenter, node: ToncenterNode) -> set[Any]:
        snapshot = replace(await node.block_at(HEIGHT), hash="ab" * 32)
        reading = await node.read(Batch(snapshot, TON, tuple(KEYS)))
        return {each.why for each in map(reading.__getitem__, range(len(reading))) if isinstance(each, Gap)}

    assert asking(ask) == {Why.WRONG_BLOCK}


def test_a_server_of_another_network_is_refused() -> None:
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), zero_state="A" * 43 + "=")
    assert caught.value.why is Why.WRONG_CHAIN


@pytest.mark.parametrize("asset", ["tvm:-3/slip44:607", "eip155:1/slip44:60"])
def test_what_is_not_the_networks_own_coin_is_a_gap(asset: str) -> None:
    async def ask(_: SimToncenter, node: ToncenterNode) -> set[Why]:
        reading = await node.read(Batch(await node.block_at(HEIGHT), parse_asset(asset), tuple(KEYS)))
        return {each.why for each in map(reading.__getitem__, range(len(reading))) if isinstance(each, Gap)}

    assert asking(ask) == {Why.UNSUPPORTED}


# Jettons


def with_wallets(*, code: Cell | None = None, owner: bytes | None = None) -> Blocks:
    """USDT of the first two accounts: the first holds some, the second's wallet is a contract that was never made."""
    made = blocks()
    for key, amount in ((KEYS[0], 12_345_678), (KEYS[2], 0)):
        address, account = usdt_wallet(key, amount)
        raw = f"0:{address[1:].hex()}"
        _, other = usdt_wallet(owner or key, amount)
        made.contracts[raw] = (in_base64(code or account.below[0]), in_base64(other.below[1]))
        for held_then in made.balances.values():
            held_then[raw] = 10**7
    return made


def in_base64(cell: Cell) -> str:
    return base64.b64encode(bag([cell])).decode()


def read_usdt(made: Blocks, spoil: Spoiler = lambda _, result: result) -> list[Any]:
    async def ask(server: SimToncenter, node: ToncenterNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil = spoil
        reading = await node.read(Batch(snapshot, USDT, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    return asking(ask, made=made)


def test_jettons_of_an_owner_are_read_from_the_wallet_that_follows_from_it() -> None:
    assert [int(each) for each in read_usdt(with_wallets())] == [12_345_678, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (with_wallets(code=Cell("1")), Why.UNSUPPORTED),
        (with_wallets(owner=KEYS[1]), Why.MALFORMED),
    ],
)
def test_a_wallet_of_other_code_or_of_another_owner_is_a_gap(made: Blocks, why: Why) -> None:
    found = read_usdt(made)
    assert [each.why for each in found if isinstance(each, Gap)] == [why, why]
    assert [int(each) for each in found if not isinstance(each, Gap)] == [0, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"data": ""},
        {"data": "!"},
        {"data": None},
        {"data": in_base64(Cell("1"))},
        {"code": "AA=="},
        {"state": "frozen"},
        {"state": "sleeping"},
        {"block_id": {}},
    ],
)
def test_a_wallet_that_is_not_told_whole_is_a_gap_and_no_zero(change: dict[str, Any]) -> None:
    def spoil(method: str, result: Any) -> Any:
        return result | change if method == "getAddressInformation" and result["state"] == "active" else result

    found = read_usdt(with_wallets(), spoil)
    assert isinstance(found[0], Gap)
    assert isinstance(found[2], Gap)


@settings(max_examples=cases(60), deadline=None)
@given(st.data())
def test_whatever_a_server_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """Each answer to an account is left alone, or another block's, cut, or spoiled in a field."""
    true = [held(HEIGHT).get(text, 0) for text in RAW]
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=2))

    async def ask(server: SimToncenter, node: ToncenterNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        others = [
            server.answer("getAddressInformation", {"address": text, "seqno": str(HEIGHT - 2)})[1]["result"]
            for text in RAW
        ]

        def spoil(method: str, result: Any) -> Any:
            kind = data.draw(st.integers(0, 4))
            if method != "getAddressInformation" or kind == 0:
                return result
            if kind == 1:
                return data.draw(st.sampled_from(others))
            if kind == 2:
                whole = json.dumps({"ok": True, "result": result}).encode()
                return whole[: data.draw(st.integers(0, len(whole) - 1))]
            name = data.draw(st.sampled_from(sorted(result)))
            if kind == 3:
                return {key: value for key, value in result.items() if key != name}
            # Its balance apart: a server's word for what an account holds is what a quorum is for.
            return result if name == "balance" else {**result, name: data.draw(odd)}

        server.spoil = spoil
        reading = await node.read(Batch(snapshot, TON, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    for found, right in zip(asking(ask), true, strict=True):
        assert isinstance(found, Gap) or int(found) == right


CLAIM = f"""version: 1
exchange: Example
as_of: {datetime.fromtimestamp(TIME + 100, UTC):%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  TON: {{id: "tvm:-239/slip44:607", backs: TON, decimals: 9}}
liabilities:
  TON: {{amount: "OWED"}}
holdings:
  - {{asset: TON, account: {account_text(CHAIN, KEYS[0])}}}
  - {{asset: TON, account: {account_text(CHAIN, KEYS[3])}}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("1000020.00005002", "COVERED"), ("1000020.000050021", "SHORT")])
def test_a_scan_of_two_servers_weighs_ton_to_the_nanoton(tmp_path: Path, owed: str, verdict: str) -> None:
    """Held: 10**15 nanotons and the number of the block that was the last then, and 20 TON."""

    async def ask() -> scanner.Scan:
        async with SimToncenter(blocks(40)) as one, SimToncenter(blocks(40)) as other:
            urls = [server.url.replace("http://", "toncenter+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            (tmp_path / "claim.yaml").write_text(CLAIM.replace("OWED", owed))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    (snapshot,) = finding.snapshots.values()
    assert snapshot.height == FIRST + 20
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(10**15 + FIRST + 20 + 20 * 10**9, 10**9))


# What was recorded of the real network


def test_a_recorded_answer_for_an_account_that_does_not_exist_is_a_zero_at_its_block_alone() -> None:
    path = SHARED / "toncenter-v2-answers.json"
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    (call,) = json.loads(path.read_text())["calls"]
    result = call["answer"]["result"]
    block = block_of(result["block_id"])
    assert (block.seqno, balance_of(result, block)) == (199_473, 0)
    with pytest.raises(NodeError) as caught:
        balance_of(result, replace(block, seqno=199_474))
    assert caught.value.why is Why.WRONG_BLOCK

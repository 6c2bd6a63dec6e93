"""Tron's backend: right at the block that the answer names, and a NodeError or a Gap where the node misbehaves.

No Tron node can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.tron` stands in, written from the API's description, with the code that is sent to it run by
`tests.support.simulated.mini_evm`. What is real are answers recorded by the Tron project, read from the shared
reference where it is at hand.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
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
from scanner.chains.tron.node import stake
from scanner.chains.tron.node.answers import header_of, output_of
from scanner.chains.tron.node.node import TronNode
from scanner.clients.rest import Rest
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.places import SHARED as _SHARED
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.simulated.tron import BEGINS, CHAIN_ID, SECONDS, SimTron, Spoiler, TronChain
from tests.support.strength import cases

SHARED = _SHARED / "data" / "chains" / "tron"
CHAIN = Chain("tron", str(CHAIN_ID))
TRX = parse_asset(f"{CHAIN}/slip44:195")
USDT = parse_asset(f"{CHAIN}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
CONTRACT = bytes.fromhex("a614f803b6fd780986a42c78ec9c7f77e6ded13c")
KEYS = [bytes([number]) * 20 for number in range(1, 7)]
LAST = 40

_T = TypeVar("_T")


def coins(number: int) -> dict[bytes, int]:
    return {KEYS[0]: 10**12 + number, KEYS[1]: 0, KEYS[2]: 7}


def tokens(number: int) -> dict[bytes, int]:
    return {KEYS[0]: 5 * 10**12 + number, KEYS[3]: 2**64}


def chain(last: int = LAST, begins: int = BEGINS) -> TronChain:
    made = TronChain(begins=begins)
    for number in range(last + 1):
        made.add(coins(number), {CONTRACT: tokens(number)})
    return made


Opened = AbstractAsyncContextManager[tuple[SimTron, TronNode]]


def opened(**changes: Any) -> Opened:
    def backend(server: SimTron) -> TronNode:
        node_settings = NodeSettings("tron", server.url, "o", CHAIN)
        return TronNode(node_settings, Rest(node_settings, sleep=at_once))

    return opened_on(SimTron(chain()), backend, **changes)


def asking(question: Callable[[SimTron, TronNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: TronNode, asset: Any = USDT, keys: tuple[bytes, ...] = tuple(KEYS)) -> tuple[Snapshot, list[Any]]:
    snapshot, reading = await node.read_now(asset, keys)
    return snapshot, [reading[position] for position in range(len(reading))]


def failing(spoil: Spoiler, at: str = "triggerconstantcontract") -> Why:
    async def ask(server: SimTron, node: TronNode) -> Why:
        server.spoil = lambda name, answer: spoil(name, answer) if name == at else answer
        return await why_of(read(node))

    return asking(ask)


def test_tokens_are_read_exactly_at_the_block_that_the_answer_names() -> None:
    snapshot, found = asking(lambda _, node: read(node))
    assert found == [tokens(LAST).get(key, 0) for key in KEYS]
    header = chain().headers[LAST]
    assert (snapshot.height, snapshot.hash) == (LAST, header["blockID"])
    assert snapshot.parent == chain().headers[LAST - 1]["blockID"]
    assert snapshot.time == datetime.fromtimestamp(BEGINS + SECONDS * LAST, UTC)


ENERGY = {
    "result": {"result": True, "message": b"Not enough energy for 'SLOAD' operation executing: ...".hex()},
    "constant_result": [""],
    "transaction": {"ret": [{"ret": "FAILED"}]},
}


@pytest.mark.parametrize("energy", [False, True])
@pytest.mark.parametrize("most", [1, 2, 4, 6])
def test_a_node_without_time_for_so_many_accounts_is_asked_for_fewer_in_several_calls(most: int, energy: bool) -> None:
    async def ask(server: SimTron, node: TronNode) -> tuple[list[Any], list[Any], int]:
        server.most = most
        if energy:
            server.out_of = lambda: ENERGY
        first = (await read(node))[1]
        before = server.calls.count("triggerconstantcontract")
        return first, (await read(node, TRX))[1], server.calls.count("triggerconstantcontract") - before

    found, coins_found, calls = asking(ask)
    assert found == [tokens(LAST).get(key, 0) for key in KEYS]
    assert coins_found == [coins(LAST).get(key, 0) for key in KEYS]
    assert calls == {1: 6, 2: 6, 4: 2, 6: 1}[most]  # halved: 6, 3, 1


def test_calls_that_ran_in_two_blocks_are_no_reading_and_a_node_without_time_for_one_account_says_so() -> None:
    async def ask(server: SimTron, node: TronNode) -> list[Why]:
        server.most = 3
        await read(node)
        whys = []
        asked = 0

        def moved(name: str, answer: Any) -> Any:
            nonlocal asked
            asked += name == "triggerconstantcontract"
            server.behind = asked % 2
            return answer

        server.spoil = moved
        with pytest.raises(NodeError) as caught:
            await read(node)
        whys.append(caught.value.why)
        server.spoil, server.most = lambda _, answer: answer, 0
        with pytest.raises(NodeError) as caught:
            await read(node)
        return [*whys, caught.value.why]

    assert asking(ask) == [Why.WRONG_BLOCK, Why.REFUSED]


# What an account has staked: each part another power of ten, so that a sum says which of them are in it

PARTS: dict[str, tuple[int, dict[str, Any]]] = {
    "for bandwidth, in the older way": (10**7, {"frozen": [{"frozen_balance": 10**7, "expire_time": 1}]}),
    "for energy, in the older way": (
        10**8, {"account_resource": {"frozen_balance_for_energy": {"frozen_balance": 10**8, "expire_time": 1}}}
    ),
    "delegated for bandwidth, in the older way": (10**9, {"delegated_frozen_balance_for_bandwidth": 10**9}),
    "delegated for energy, in the older way": (
        10**10, {"account_resource": {"delegated_frozen_balance_for_energy": 10**10}}
    ),
    "for bandwidth and energy": (
        3 * 10**11, {"frozenV2": [{"amount": 10**11}, {"type": "ENERGY", "amount": 2 * 10**11}, {"type": "TRON_POWER"}]}
    ),
    "delegated": (
        3 * 10**12,
        {
            "delegated_frozenV2_balance_for_bandwidth": 10**12,
            "account_resource": {"delegated_frozenV2_balance_for_energy": 2 * 10**12},
        },
    ),
    "unstaking, over and not yet": (
        3 * 10**13,
        {
            "unfrozenV2": [
                {"unfreeze_amount": 10**13, "unfreeze_expire_time": 1},
                {"type": "ENERGY", "unfreeze_amount": 2 * 10**13, "unfreeze_expire_time": 9 * 10**12},
            ]
        },
    ),
    "less than a vote": (999_999, {"frozenV2": [{"amount": 999_999}]}),
    "of others, delegated to the account": (
        0,
        {
            "acquired_delegated_frozen_balance_for_bandwidth": 7,
            "acquired_delegated_frozenV2_balance_for_bandwidth": 70,
            "account_resource": {
                "acquired_delegated_frozen_balance_for_energy": 700,
                "acquired_delegated_frozenV2_balance_for_energy": 7_000,
            },
        },
    ),
    "rewards that were not claimed": (0, {"allowance": 5}),
}  # fmt: skip


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, dict):
                value = {**whole.get(name, {}), **value}  # noqa: PLW2901
            elif isinstance(value, list):
                value = [*whole.get(name, []), *value]  # noqa: PLW2901
            whole[name] = value
    return whole


EVERYTHING = merged([account for _, account in PARTS.values()])
STAKED = sum(amount for amount, _ in PARTS.values())


def staking(account: dict[str, Any], **changes: Any) -> Any:
    """What is read of an account with 7 sun liquid."""

    async def ask(server: SimTron, node: TronNode) -> Any:
        server.chain.stakes[LAST] = {KEYS[2]: account}
        return (await read(node, TRX))[1][2]

    return asking(ask, **changes)


def test_trx_is_what_an_account_has_liquid_and_staked_exactly() -> None:
    _, found = asking(lambda _, node: read(node, TRX))
    assert found == [coins(LAST).get(key, 0) for key in KEYS]
    for amount, account in PARTS.values():
        assert staking(account) == 7 + amount
    assert staking(EVERYTHING) == 7 + STAKED


def test_what_is_delegated_counts_where_it_comes_from_and_not_where_it_goes_to() -> None:
    async def ask(server: SimTron, node: TronNode) -> Any:
        server.chain.stakes[LAST] = {
            KEYS[0]: {"delegated_frozenV2_balance_for_bandwidth": 10**9},
            KEYS[1]: {"acquired_delegated_frozenV2_balance_for_bandwidth": 10**9, "frozenV2": [{"amount": 3 * 10**6}]},
        }
        return (await read(node, TRX))[1]

    assert asking(ask)[:2] == [coins(LAST)[KEYS[0]] + 10**9, 3 * 10**6]


def test_a_stake_that_no_contract_tells_makes_a_lower_bound() -> None:
    """Staked for votes alone in the older way: the votes are more than what is seen, or fewer."""
    untold = {"tron_power": {"frozen_balance": 5 * 10**6}}
    for_votes = {"frozenV2": [{"type": "TRON_POWER", "amount": 4 * 10**6}]}
    assert staking(untold, votes_apart=True) == AtLeast(7)
    assert staking(merged([untold, for_votes]), votes_apart=True) == AtLeast(7 + 4 * 10**6)
    assert staking(for_votes, votes_apart=True) == 7 + 4 * 10**6
    assert staking({"frozenV2": [{"amount": 10**6}]}, votes_apart=True) == AtLeast(7 + 10**6)


@pytest.mark.parametrize("untold", [stake.TOTAL_VOTE_COUNT, stake.UNFREEZABLE_BALANCE, stake.EXPIRE_UNFREEZE_BALANCE,
                                    stake.TOTAL_RESOURCE, stake.TOTAL_DELEGATED, stake.TOTAL_ACQUIRED])  # fmt: skip
def test_a_node_that_does_not_tell_a_staked_part_gives_a_lower_bound(untold: int) -> None:
    """A contract that is not there answers nothing, and that is no zero."""
    assert staking(EVERYTHING, untold={untold}) == AtLeast(7)


def test_amounts_of_trx_that_no_account_can_have_are_refused() -> None:
    parts = {"liquid": 1, "staked": 2 * stake.SUN, "unstaking": 3, "votes": 2}
    for at, name in enumerate(parts):
        words = [2**63 if other == name else amount for other, amount in parts.items()]
        with pytest.raises(NodeError) as caught:
            stake.parts_of(sum(amount << 64 * place for place, amount in enumerate(words)))
        assert caught.value.why is Why.MALFORMED
        words[at] = 2**63 - 1
        stake.parts_of(sum(amount << 64 * place for place, amount in enumerate(words)))
    assert stake.parts_of(sum(amount << 64 * place for place, amount in enumerate(parts.values()))) == stake.Parts(
        **parts
    )


def test_a_node_that_is_behind_names_its_own_block() -> None:
    snapshot, found = asking(lambda _, node: read(node), behind=3)
    assert snapshot.height == LAST - 3
    assert found[0] == tokens(LAST - 3)[KEYS[0]]


def test_accounts_to_which_the_token_refuses_a_balance_are_gaps_and_the_others_are_read() -> None:
    async def ask(server: SimTron, node: TronNode) -> list[Any]:
        server.chain.refuses = {KEYS[1], KEYS[4]}
        return (await read(node))[1]

    found = asking(ask)
    assert [isinstance(each, Gap) and each.why for each in found] == [
        False,
        Why.NO_TOKEN,
        False,
        False,
        Why.NO_TOKEN,
        False,
    ]
    assert [each for each in found if not isinstance(each, Gap)] == [
        tokens(LAST).get(KEYS[at], 0) for at in (0, 2, 3, 5)
    ]


def test_a_token_that_refuses_all_is_given_up_and_an_account_of_another_size_is_a_gap() -> None:
    async def ask(server: SimTron, node: TronNode) -> tuple[Why, list[Any]]:
        server.chain.refuses = {bytes([0, number]) * 10 for number in range(20)}
        with pytest.raises(NodeError) as caught:
            await read(node, keys=tuple(sorted(server.chain.refuses)))
        return caught.value.why, (await read(node, keys=(b"\x01" * 21, KEYS[0])))[1]

    why, found = asking(ask)
    assert why is Why.NO_TOKEN
    assert (found[0].why, found[1]) == (Why.UNSUPPORTED, tokens(LAST)[KEYS[0]])


@pytest.mark.parametrize("output", ["", "00" * 32, f"{6:064x}", f"{2**256 - 1:x}", "08c379a0"])
def test_a_call_that_gives_up_at_none_of_its_accounts_is_no_refusal_of_a_token(output: str) -> None:
    """A refusal weighs against what other operators say: no code that was sent gives up over TRX, or elsewhere."""

    async def ask(server: SimTron, node: TronNode) -> list[Why]:
        gave_up = {
            "result": {"result": True, "message": b"REVERT opcode executed".hex()},
            "constant_result": [output],
            "transaction": {"ret": [{"ret": "FAILED"}]},
        }
        server.spoil = lambda name, answer: gave_up if name == "triggerconstantcontract" else answer
        whys = []
        for question in ((TRX, KEYS), (USDT, KEYS)):
            with pytest.raises(NodeError) as caught:
                await node.read_now(*question)
            whys.append(caught.value.why)
        with pytest.raises(NodeError) as caught:
            await node.open()
        return [*whys, caught.value.why]

    assert asking(ask) == [Why.MALFORMED] * 3


def test_decimals_are_the_contracts_own_and_of_trx_six() -> None:
    async def ask(_: SimTron, node: TronNode) -> list[Any]:
        block = await node.block_at(LAST)
        nowhere = parse_asset(f"{CHAIN}/trc20:{account_text(CHAIN, KEYS[5])}")
        return [await node.decimals(asset, block) for asset in (USDT, TRX, nowhere)]

    token, coin, nowhere = asking(ask)
    assert (token, coin) == (6, 6)
    assert isinstance(nowhere, Gap)


def test_a_block_that_is_named_beforehand_is_not_read_at() -> None:
    async def ask(_: SimTron, node: TronNode) -> set[Why]:
        reading = await node.read(Batch(await node.block_at(3), USDT, tuple(KEYS)))
        return {each.why for each in map(reading.__getitem__, range(6)) if isinstance(each, Gap)}

    assert asking(ask) == {Why.NO_STATE}


def test_the_registry_opens_this_backend_and_a_contract_has_one_spelling() -> None:
    assert isinstance(open_node(NodeSettings("tron", "http://127.0.0.1:1", "o", CHAIN)), TronNode)
    assert parse_asset(f"{CHAIN}/trc20:41{CONTRACT.hex()}") == USDT


def test_another_network_and_a_node_that_runs_no_code_are_refused() -> None:
    for changes, why in (({"chain_id": 5}, Why.WRONG_CHAIN), ({"runs_code": False}, Why.UNSUPPORTED)):
        with pytest.raises(NodeError) as caught:
            asking(lambda _, node: node.final_height(), **changes)
        assert caught.value.why is why


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _, answer: {**answer, "constant_result": [answer["constant_result"][0][:-2]]}, Why.MALFORMED),
        (lambda _, answer: {**answer, "constant_result": []}, Why.MALFORMED),
        (lambda _, answer: {**answer, "constant_result": ["zz"]}, Why.MALFORMED),
        (lambda _, answer: {**answer, "result": {"result": False}}, Why.REFUSED),
        (lambda _, answer: {**answer, "result": {"result": True, "code": "OTHER_ERROR"}}, Why.REFUSED),
        (lambda _, answer: {**answer, "transaction": {"ret": [{"ret": "OUT_OF_TIME"}]}}, Why.REFUSED),
        (lambda _, answer: {**answer, "transaction": {}}, Why.MALFORMED),
        (lambda _, answer: {**answer, "result": {"result": True, "message": "xx"}}, Why.REFUSED),
        (lambda *_: {"Error": "class java.lang.Exception : odd"}, Why.REFUSED),
        (lambda *_: {}, Why.MALFORMED),
        (lambda *_: [], Why.MALFORMED),
        (lambda *_: b"<html>", Why.MALFORMED),
        (lambda *_: 403, Why.UNAUTHORIZED),
        (lambda *_: 500, Why.UNREACHABLE),
    ],
)  # fmt: skip
def test_a_call_that_did_not_go_well_gives_no_balance(spoil: Spoiler, why: Why) -> None:
    assert failing(spoil) is why


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda *_: {}, Why.NOT_FINAL),
        (lambda _, answer: {**answer, "blockID": "ab" * 32}, Why.FORGED),
        (lambda *_: chain().headers[LAST - 1], Why.MALFORMED),
        (lambda *_: {"blockID": "ab" * 32}, Why.MALFORMED),
    ],
)
def test_balances_whose_block_cannot_be_named_are_none(spoil: Spoiler, why: Why) -> None:
    assert failing(spoil, "getblockbynum") is why


@pytest.mark.parametrize(
    "name", ["timestamp", "txTrieRoot", "parentHash", "witness_address", "version", "accountStateRoot"]
)
def test_a_header_that_was_changed_does_not_hash_to_its_id(name: str) -> None:
    def spoil(_: str, answer: Any) -> Any:
        raw = answer["block_header"]["raw_data"]
        raw[name] = raw[name] + 1000 if isinstance(raw.get(name), int) else "cd" * 32
        return answer

    assert failing(spoil, "getblockbynum") in (Why.FORGED, Why.MALFORMED)


def test_code_that_saw_another_parent_is_of_another_block() -> None:
    def spoil(_: str, answer: Any) -> Any:
        text = answer["constant_result"][0]
        return {**answer, "constant_result": [text[:128] + "ab" * 32 + text[192:]]}

    assert failing(spoil) is Why.WRONG_BLOCK


@settings(max_examples=cases(60), deadline=None)
@given(st.data())
def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """An answer is left alone, cut, odd in a part, or another block's; balances apart, which a quorum is for."""
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}))

    async def ask(server: SimTron, node: TronNode) -> list[Any] | None:
        def spoil(name: str, answer: Any) -> Any:
            kind = data.draw(st.integers(0, 4))
            if kind == 1:
                whole = json.dumps(answer).encode()
                return whole[: data.draw(st.integers(0, len(whole) - 1))]
            if kind == 2 and answer:
                return {**answer, data.draw(st.sampled_from(sorted(answer))): data.draw(odd)}
            if kind == 3 and "constant_result" in answer:
                text = answer["constant_result"][0]
                cut = data.draw(st.integers(0, 191))
                return {**answer, "constant_result": [text[:cut] + "0" + text[cut + 1 :]]}
            if kind == 4 and name == "getblockbynum":
                return server.chain.headers[data.draw(st.integers(0, LAST))]
            return answer

        server.chain.stakes[LAST] = {KEYS[0]: EVERYTHING}
        server.spoil = spoil
        try:
            snapshot, found = await read(node, asset)
        except NodeError:
            return None
        assert snapshot.height == LAST
        return found

    asset = data.draw(st.sampled_from([USDT, TRX]))
    found = asking(ask)
    right = tokens(LAST) if asset == USDT else {**coins(LAST), KEYS[0]: coins(LAST)[KEYS[0]] + STAKED}
    assert found is None or found == [right.get(key, 0) for key in KEYS]


def recorded(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    return json.loads(path.read_text())["calls"]


def test_a_recorded_block_hashes_to_its_id_and_a_recorded_call_gives_its_balance() -> None:
    calls = recorded("nile-answers.json")
    (block,) = calls["block-and-tx-query/getnowblock"]["answers"]
    header = header_of(block)
    assert header is not None
    assert header.number == 66_987_627
    (call,) = calls["smart-contract/triggerconstantcontract"]["answers"]
    assert int.from_bytes(output_of(call)) == 1_087_360_000


CLAIM = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  USDT: {{id: "{asset}", backs: USDT, decimals: 6}}
liabilities:
  USDT: {{amount: "{owed}"}}
holdings:
  - {{asset: USDT, account: {account}}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("5000000.000039", "COVERED"), ("5000000.00004", "SHORT")])
def test_a_scan_meets_the_operators_at_one_block(tmp_path: Path, owed: str, verdict: str) -> None:
    """At the block that both name; how operators meet that are apart is `tests.unit` of `scanning.meeting`."""

    begins = int(datetime.now(UTC).timestamp()) - SECONDS * LAST  # such a chain serves a claim of now alone

    async def ask() -> scanner.Scan:
        async with SimTron(chain(begins=begins)) as one, SimTron(chain(begins=begins)) as other:
            one.behind = other.behind = 1
            urls = [server.url.replace("http://", "tron+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            as_of = datetime.fromtimestamp(begins + SECONDS * LAST, UTC)
            text = CLAIM.format(as_of=as_of, asset=USDT, owed=owed, account=account_text(CHAIN, KEYS[0]))
            (tmp_path / "claim.yaml").write_text(text)
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    (snapshot,) = finding.snapshots.values()
    assert snapshot.height == LAST - 1
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(5 * 10**12 + LAST - 1, 10**6))


# Keys that an account obeys


def test_an_account_obeys_its_own_key_or_those_that_its_owner_permission_names() -> None:
    other, third = b"\x01" * 20, b"\x02" * 20
    keys = [{"address": f"41{third.hex()}", "weight": 2}, {"address": f"41{other.hex()}", "weight": 1}]
    permission = {"permission_name": "owner", "threshold": 3, "keys": keys}

    async def ask(server: SimTron, node: TronNode) -> list[ContractOwners]:
        snapshot = await node.block_at(await node.final_height())
        server.chain.permissions[KEYS[1]] = permission
        return [await node.contract_owners(snapshot, account) for account in KEYS[:2]]

    expected = [ContractOwners(owner=KEYS[0]), ContractOwners((other, third), 3, weights=(1, 2))]
    assert asking(ask) == expected


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"address": "41" + "ab" * 20},
        {"Error": "class java.lang.NullPointerException : null"},
        {"owner_permission": {"threshold": 2, "keys": [{"address": "41" + "01" * 20, "weight": 1}]}},
        {"owner_permission": {"threshold": 0, "keys": [{"address": "41" + "01" * 20, "weight": 1}]}},
        {"owner_permission": {"threshold": 1, "keys": []}},
        {"owner_permission": {"threshold": 1, "keys": [{"address": "41" + "01" * 20, "weight": 1}] * 2}},
        {"owner_permission": {"threshold": 1, "keys": [{"address": "42" + "01" * 20, "weight": 1}]}},
        {"owner_permission": {"threshold": 1, "keys": [{"address": "41" + "01" * 20, "weight": True}]}},
        {"owner_permission": {"threshold": 1, "keys": [{"address": "41" + "01" * 20, "weight": 2**63}]}},
        {"owner_permission": 7},
    ],
)
def test_a_permission_that_cannot_be_names_no_keys(answer: Any) -> None:
    async def ask(server: SimTron, node: TronNode) -> None:
        snapshot = await node.block_at(await node.final_height())
        whole = {"address": f"41{KEYS[0].hex()}"} | answer if "owner_permission" in answer else answer
        server.spoil = lambda name, given: whole if name == "getaccount" else given
        with pytest.raises(NodeError):
            await node.contract_owners(snapshot, KEYS[0])

    asking(ask)

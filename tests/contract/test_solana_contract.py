"""Solana's backend: right at the slot that the answer names, and a NodeError or a Gap where the node misbehaves.

No Solana node can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.solana` stands in, written from the RPC's description. What is real: answers of public nodes,
read from the shared reference where it is at hand (two servers behind one URL among them), and bytes of token accounts
that the token programs themselves made (`tests/unit/chains/solana/test_tokens.py`). What was never met: a node's pace
and limits, how often two operators finalize the same slot at one time, and a getTokenAccountsByOwner that is cut.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import pytest
from Crypto.PublicKey import ECC

import scanner
from scanner.chains.backends import open_node
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.solana.node.answers import accounts_of, block_of
from scanner.chains.solana.node.node import MOST_ACCOUNTS, MOST_OWNERS, SolanaNode
from scanner.chains.solana.tokens import TOKEN, TOKEN_2022, associated, mint_of, token_account_of
from scanner.clients.transport import JsonRpc
from scanner.core import base58
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.places import ROOT
from tests.support.places import SHARED as _SHARED
from tests.support.simulated import solana as sim
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.simulated.server import SimError
from tests.support.simulated.solana import BEGINS, Held, SimSolana, SolanaChain, Spoiler
from tests.support.strength import cases

SHARED = _SHARED / "data" / "chains" / "solana"
CHAIN = Chain("solana", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
SOL = parse_asset(f"{CHAIN}/slip44:501")
MINT, MINT_2022 = (base58.encode(bytes([number]) * 32) for number in (200, 201))
USDT, PYUSD = (parse_asset(f"{CHAIN}/token:{mint}") for mint in (MINT, MINT_2022))
KEYS = [bytes([number]) * 32 for number in range(1, 8)]
TEXTS = [base58.encode(key) for key in KEYS]
MINE = base58.encode(b"\x77" * 32)  # a token account of KEYS[0] at an address of its own
FIRST, LAST = 300, 340
STAKE = "Stake11111111111111111111111111111111111111"
FEES = b"\x02\x00\x08\x00" + (10**9).to_bytes(8, "little")  # TransferFeeAmount: so much is withheld

_T = TypeVar("_T")


def usual(at: int, mint: str = MINT, program: bytes = TOKEN) -> str:
    return base58.encode(associated(KEYS[at], base58.decode(mint), program))


def held(slot: int) -> dict[str, Held]:
    """One account grows by a lamport a slot, one is a stake account, one a program, one a token account."""
    return {
        TEXTS[0]: Held(10**15 + slot),
        TEXTS[2]: Held(2_282_880 + 10**12, STAKE, bytes(200)),
        TEXTS[3]: Held(10**6, "BPFLoader2111111111111111111111111111111111", b"\x7fELF", executable=True),
        TEXTS[4]: Held(2_039_280, sim.TOKEN, sim.token_data(MINT, TEXTS[0], 10**9)),
        MINT: Held(10**9, sim.TOKEN, sim.mint_data(6)),
        MINT_2022: Held(10**9, sim.TOKEN_2022, sim.mint_data(9, b"\x01\x00\x6c\x00" + bytes(108))),
        usual(0): Held(2_039_280, sim.TOKEN, sim.token_data(MINT, TEXTS[0], 5 * 10**12 + slot)),
        MINE: Held(2_039_280, sim.TOKEN, sim.token_data(MINT, TEXTS[0], 7, state=2)),
        usual(1): Held(2_039_280, sim.TOKEN, sim.token_data(MINT, TEXTS[1], 0)),
        usual(2): Held(2_039_280, sim.TOKEN, sim.token_data(MINT, TEXTS[0], 10**9)),  # given away, with its owner
        usual(0, MINT_2022, TOKEN_2022): Held(
            2_157_600, sim.TOKEN_2022, sim.token_data(MINT_2022, TEXTS[0], 3 * 10**9, extensions=FEES)
        ),
    }


def tokens(slot: int) -> list[Any]:
    """Of USDT: KEYS[4] is itself a token account, and what it holds is KEYS[0]'s, as is what KEYS[2] gave away."""
    return [
        AtLeast(5 * 10**12 + slot + 7 + 2 * 10**9),
        *map(AtLeast, (0, 0, 0)),
        Why.UNSUPPORTED,
        *map(AtLeast, (0, 0)),
    ]


def coins(slot: int) -> list[Any]:
    return [10**15 + slot, 0, 2_282_880 + 10**12, Why.UNSUPPORTED, Why.UNSUPPORTED, 0, 0]


def chain(begins: int = BEGINS) -> SolanaChain:
    """Every fifth slot was skipped."""
    return SolanaChain({slot: held(slot) for slot in range(FIRST, LAST + 1) if slot % 5 != 1}, begins)


Opened = AbstractAsyncContextManager[tuple[SimSolana, SolanaNode]]


def opened(**changes: Any) -> Opened:
    def backend(server: SimSolana) -> SolanaNode:
        node_settings = NodeSettings("solana", server.url, "o", CHAIN)
        return SolanaNode(node_settings, JsonRpc(node_settings, sleep=at_once))

    return opened_on(SimSolana(chain()), backend, **changes)


def asking(question: Callable[[SimSolana, SolanaNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: SolanaNode, asset: Any = SOL, keys: tuple[bytes, ...] = tuple(KEYS)) -> tuple[Snapshot, list[Any]]:
    snapshot, reading = await node.read_now(asset, keys)
    return snapshot, [
        each.why if isinstance(each, Gap) else each for each in map(reading.__getitem__, range(len(reading)))
    ]


def failing(spoil: Spoiler, at: str = "getMultipleAccounts", asset: Any = SOL) -> Why:
    async def ask(server: SimSolana, node: SolanaNode) -> Why:
        server.spoil = lambda name, result: spoil(name, result) if name == at else result
        return await why_of(read(node, asset))

    return asking(ask)


# What is right


def test_sol_is_read_exactly_at_the_slot_that_the_answer_names_and_no_account_is_a_zero_there() -> None:
    snapshot, found = asking(lambda _, node: read(node))
    assert found == coins(LAST)
    block = chain().block(LAST)
    assert (snapshot.height, snapshot.hash, snapshot.parent) == (LAST, block["blockhash"], block["previousBlockhash"])
    assert snapshot.time == datetime.fromtimestamp(BEGINS + LAST * 2 // 5, UTC)


OWNER, STAKED = KEYS[0], [bytes([number]) * 32 for number in (101, 102)]


def with_stakes(count: int = 2) -> SolanaChain:
    """Stake accounts from which the first account may withdraw, and one that it delegates for another."""
    made = chain()
    stakes = {base58.encode(key): Held(10**12, STAKE, sim.stake_data(TEXTS[0])) for key in STAKED[:count]}
    others = {base58.encode(b"\x67" * 32): Held(10**13, STAKE, sim.stake_data(TEXTS[5], staker=TEXTS[0]))}
    return SolanaChain({slot: {**accounts, **stakes, **others} for slot, accounts in made.slots.items()})


def of_owner(*keys: bytes, **changes: Any) -> list[Any]:
    return asking(lambda _, node: read(node, keys=(OWNER, *keys)), **changes)[1]


def test_an_owner_of_stakes_that_are_not_read_beside_it_holds_at_least_its_own_lamports() -> None:
    exact, stake = 10**15 + LAST, 10**12
    assert of_owner(chain=with_stakes()) == [AtLeast(exact)]
    assert of_owner(STAKED[0], chain=with_stakes()) == [AtLeast(exact), stake]
    assert of_owner(*STAKED, chain=with_stakes()) == [exact, stake, stake]
    assert of_owner(chain=with_stakes(0)) == [exact]
    assert of_owner(KEYS[5], chain=with_stakes(0)) == [exact, AtLeast(0)]


def test_where_stakes_are_not_listed_every_owner_has_a_lower_bound_and_the_node_is_asked_no_more() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> tuple[list[Any], int]:
        await read(node)
        found = (await read(node))[1]
        return found, [name for name, _ in server.asked].count("getProgramAccounts")

    bound = [each if each == Why.UNSUPPORTED or at == 2 else AtLeast(each) for at, each in enumerate(coins(LAST))]
    assert asking(ask, lists_stakes=False) == (bound, 1)
    assert asking(ask, spoil=lambda name, result: 504 if name == "getProgramAccounts" else result) == (bound, 1)


def test_each_owner_is_looked_up_once_and_stakes_programs_and_token_accounts_are_not() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> list[str]:
        await read(node)
        await read(node)
        asked = [parameters for name, parameters in server.asked if name == "getProgramAccounts"]
        return [options["filters"][1]["memcmp"]["bytes"] for _, options in asked]

    assert sorted(asking(ask)) == sorted(TEXTS[at] for at in (0, 1, 5, 6))


def test_a_list_of_stakes_longer_than_is_taken_is_a_lower_bound() -> None:
    def spoil(name: str, result: Any) -> Any:
        return {**result, "value": result["value"] * 10_000} if name == "getProgramAccounts" else result

    assert of_owner(chain=with_stakes(), spoil=spoil) == [AtLeast(10**15 + LAST)]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda result: result["value"],
        lambda result: {**result, "value": None},
        lambda result: {**result, "value": [7]},
        lambda result: {**result, "value": [{"pubkey": MINE}]},
        lambda result: {**result, "value": [{**result["value"][0], "pubkey": "1"}]},
        lambda result: of_stake(result, owner=sim.SYSTEM),
        lambda result: of_stake(result, data=["", "base64"]),
        lambda result: of_stake(result, data=[base64.b64encode(KEYS[1]).decode(), "base64"]),
    ],
)
def test_a_list_of_stakes_that_is_none_is_that_nodes_failure(change: Callable[[Any], Any]) -> None:
    with pytest.raises(NodeError) as raised:
        of_owner(
            chain=with_stakes(),
            spoil=lambda name, result: change(result) if name == "getProgramAccounts" else result,
        )
    assert raised.value.why is Why.MALFORMED


def of_stake(result: Any, **changes: Any) -> Any:
    first, *others = result["value"]
    return {**result, "value": [{**first, "account": {**first["account"], **changes}}, *others]}


def test_a_node_that_is_behind_names_its_own_slot() -> None:
    snapshot, found = asking(lambda _, node: read(node), behind=3)
    assert (snapshot.height, found) == (LAST - 3, coins(LAST - 3))


def test_tokens_are_what_the_owners_token_accounts_hold_as_a_lower_bound() -> None:
    """Frozen ones among them; none that was given away, and none under its own name as well."""
    assert asking(lambda _, node: read(node, USDT))[1] == tokens(LAST)


def test_a_node_that_lists_no_token_accounts_knows_of_the_associated_one_alone() -> None:
    _, found = asking(lambda _, node: read(node, USDT), lists_tokens=False)
    assert found == [AtLeast(tokens(LAST)[0].atoms - 7), *tokens(LAST)[1:]]  # what others in the question show counts


def test_of_token_2022_the_amount_counts_and_what_is_withheld_does_not() -> None:
    _, found = asking(lambda _, node: read(node, PYUSD))
    assert found == [AtLeast(3 * 10**9), *map(AtLeast, (0, 0, 0)), Why.UNSUPPORTED, AtLeast(0), AtLeast(0)]


def test_token_accounts_are_looked_for_once_and_all_are_read_in_one_answer() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> list[str]:
        await read(node, USDT)
        server.asked.clear()
        await read(node, USDT)
        assert [len(parameters[0]) for _, parameters in server.asked] == [1 + 7 + 7 + 2 - 1 + 1]
        return [name for name, _ in server.asked]

    assert asking(ask) == ["getMultipleAccounts"]


def test_of_many_token_accounts_the_largest_are_read_and_as_many_as_fit() -> None:
    def many() -> SolanaChain:
        made = chain()
        for number in range(200):
            address = base58.encode(b"\x99" + bytes(30) + bytes([number]))
            made.slots[LAST][address] = Held(1, sim.TOKEN, sim.token_data(MINT, TEXTS[5], 10**6 + number))
        return made

    async def ask(server: SimSolana, node: SolanaNode) -> list[Any]:
        server.chain = many()
        keys = [*KEYS, *(b"\x55" * 31 + bytes([number]) for number in range(MOST_OWNERS - len(KEYS)))]
        _, found = await read(node, USDT, tuple(keys))
        assert [len(parameters[0]) for name, parameters in server.asked if name == "getMultipleAccounts"][-1] == 100
        return found

    found = asking(ask)
    assert found[0] == tokens(LAST)[0]
    assert found[5] == AtLeast(sum(10**6 + 199 - rank for rank in range(100 - 2 - 60 - 1)))


def test_no_more_is_asked_for_than_one_answer_holds() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> None:
        keys = tuple(b"\x55" * 31 + bytes([number]) for number in range(MOST_ACCOUNTS + 1))
        assert (await read(node, SOL, keys[:-1]))[1] == [0] * MOST_ACCOUNTS
        for asset, most in ((SOL, MOST_ACCOUNTS), (USDT, MOST_OWNERS)):
            with pytest.raises(NodeError) as caught:
                await read(node, asset, keys[: most + 1])
            assert caught.value.why is Why.UNSUPPORTED

    asking(ask)


def test_decimals_are_the_mints_own_and_of_sol_nine() -> None:
    async def ask(_: SimSolana, node: SolanaNode) -> list[Any]:
        block = await node.block_at(LAST)
        odd = [parse_asset(f"{CHAIN}/token:{text}") for text in (TEXTS[5], TEXTS[4], TEXTS[0])]
        return [
            await node.decimals(asset, block)
            for asset in (SOL, USDT, PYUSD, *odd, parse_asset("tron:728126428/slip44:195"))
        ]

    *known, nowhere, account, wallet, foreign = asking(ask)
    assert known == [9, 6, 9]
    assert [each.why for each in (nowhere, account, wallet, foreign)] == [Why.NO_TOKEN] * 3 + [Why.UNSUPPORTED]


def test_a_slot_that_was_skipped_is_the_one_below_and_one_that_is_gone_or_to_come_is_told() -> None:
    async def ask(_: SimSolana, node: SolanaNode) -> None:
        assert (await node.block_at(331)).height == 330
        assert (await node.oldest_height(), await node.final_height()) == (FIRST, LAST)
        for slot, why in ((FIRST - 1, Why.NO_STATE), (LAST + 1, Why.NOT_FINAL)):
            with pytest.raises(NodeError) as caught:
                await node.block_at(slot)
            assert caught.value.why is why

    asking(ask)


def test_a_slot_that_is_named_beforehand_is_not_read_at() -> None:
    async def ask(_: SimSolana, node: SolanaNode) -> set[Why]:
        reading = await node.read(Batch(await node.block_at(330), SOL, tuple(KEYS)))
        return {each.why for each in map(reading.__getitem__, range(7)) if isinstance(each, Gap)}

    assert asking(ask) == {Why.NO_STATE}


def test_the_registry_opens_this_backend_and_a_mint_has_one_spelling() -> None:
    assert isinstance(open_node(NodeSettings("solana", "http://127.0.0.1:1", "o", CHAIN)), SolanaNode)
    with pytest.raises(ValueError, match="mint"):
        parse_asset(f"{CHAIN}/token:{MINT[:-3]}")


@pytest.mark.parametrize("reference", [CHAIN.reference[:-1], CHAIN.reference[:1], CHAIN.reference[:-1] + "0"])
def test_a_network_has_one_name_and_the_beginning_of_it_is_none(reference: str) -> None:
    """Else one account's coins could be claimed under several."""
    with pytest.raises(ValueError, match="32 characters"):
        parse_chain(f"solana:{reference}")

    async def ask(server: SimSolana, _node: SolanaNode) -> None:
        other = SolanaNode(NodeSettings("solana", server.url, "o", Chain("solana", reference)))
        try:
            await other.open()
        finally:
            await other.close()

    with pytest.raises(NodeError) as caught:
        asking(ask)
    assert caught.value.why is Why.WRONG_CHAIN


# What is wrong


def test_another_network_is_refused() -> None:
    for genesis, why in (("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG", Why.WRONG_CHAIN), (5, Why.MALFORMED)):
        with pytest.raises(NodeError) as caught:
            asking(lambda _, node: node.final_height(), genesis=genesis)
        assert caught.value.why is why


def values(change: Callable[[list[Any]], Any]) -> Spoiler:
    return lambda _, answer: {**answer, "value": change(answer["value"])}


def first(**changes: Any) -> Spoiler:
    return values(lambda accounts: [{**accounts[0], **changes}, *accounts[1:]])


MISBEHAVIOURS: dict[str, tuple[Spoiler, Why]] = {
    "an account is missing": (values(lambda accounts: accounts[1:]), Why.MALFORMED),
    "the last one is missing": (values(lambda accounts: accounts[:-1]), Why.MALFORMED),
    "one more": (values(lambda accounts: [None, *accounts]), Why.MALFORMED),
    "the other way round": (values(lambda accounts: accounts[::-1]), Why.MALFORMED),
    "no list": (values(lambda _: None), Why.MALFORMED),
    "nothing at all": (values(lambda accounts: [None] * len(accounts)), Why.MALFORMED),
    "another slot": (lambda _, answer: {**answer, "context": {"slot": LAST - 1}}, Why.WRONG_BLOCK),
    "no slot": (lambda _, answer: {**answer, "context": {}}, Why.MALFORMED),
    "no context": (lambda _, answer: {"value": answer["value"]}, Why.MALFORMED),
    "a slot in a text": (lambda _, answer: {**answer, "context": {"slot": str(LAST)}}, Why.MALFORMED),
    "lamports in a text": (first(lamports="5"), Why.MALFORMED),
    "no lamports": (first(lamports=None), Why.MALFORMED),
    "fewer than no lamports": (first(lamports=-1), Why.MALFORMED),
    "more lamports than there can be": (first(lamports=2**64), Why.MALFORMED),
    "true as lamports": (first(lamports=True), Why.MALFORMED),
    "a part of a lamport": (first(lamports=1.5), Why.MALFORMED),
    "data of another encoding": (first(data=["", "base58"]), Why.MALFORMED),
    "data that were parsed": (first(data={"parsed": {}}), Why.MALFORMED),
    "data that are none": (first(data=["*", "base64"]), Why.MALFORMED),
    "a program of no key": (first(owner="1"), Why.MALFORMED),
    "an account that is a number": (values(lambda accounts: [5, *accounts[1:]]), Why.MALFORMED),
    "null": (lambda *_: None, Why.MALFORMED),
    "a list": (lambda *_: [], Why.MALFORMED),
    "HTML": (lambda *_: b"<html>", Why.MALFORMED),
    "an empty body": (lambda *_: b"", Why.MALFORMED),
    "HTTP 403": (lambda *_: 403, Why.UNAUTHORIZED),
    "HTTP 429": (lambda *_: 429, Why.RATE_LIMITED),
    "HTTP 500": (lambda *_: 500, Why.UNREACHABLE),
    "too many requests": (lambda *_: SimError(429, "Too many requests for a specific RPC call"), Why.RATE_LIMITED),
    "behind": (lambda *_: SimError(-32005, "Node is behind by 42 slots"), Why.UNREACHABLE),
    "unhealthy": (lambda *_: SimError(-32005, "Node is unhealthy"), Why.UNREACHABLE),
    "not there yet": (lambda *_: SimError(-32016, "Minimum context slot has not been reached"), Why.UNREACHABLE),
    "an error": (lambda *_: SimError(-32602, "Invalid param: WrongSize"), Why.REFUSED),
    "a method that is not served": (lambda *_: SimError(-32601, "Method not found"), Why.REFUSED),
}  # fmt: skip


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_node_that_misbehaves_gives_no_balance(name: str) -> None:
    spoil, why = MISBEHAVIOURS[name]
    assert failing(spoil) is why


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda *_: None, Why.NOT_FINAL),
        (lambda *_: SimError(-32004, f"Block not available for slot {LAST}"), Why.UNREACHABLE),
        (lambda *_: SimError(-32014, f"Block status not yet available for slot {LAST}"), Why.UNREACHABLE),
        (lambda *_: SimError(-32007, f"Slot {LAST} was skipped, or missing due to ledger jump"), Why.REFUSED),
        (lambda *_: SimError(-32009, f"Slot {LAST} was skipped, or missing in long-term storage"), Why.REFUSED),
        (lambda *_: SimError(-32015, "Transaction version (0) is not supported by the requesting client"), Why.REFUSED),
        (lambda _, answer: {**answer, "blockhash": "0" * 44}, Why.MALFORMED),
        (lambda _, answer: {**answer, "previousBlockhash": None}, Why.MALFORMED),
        (lambda _, answer: {**answer, "parentSlot": LAST}, Why.MALFORMED),
        (lambda _, answer: {**answer, "blockTime": None}, Why.MALFORMED),
        (lambda _, answer: {**answer, "blockTime": 10**18}, Why.MALFORMED),
    ],
)
def test_balances_whose_block_cannot_be_named_are_none(spoil: Spoiler, why: Why) -> None:
    assert failing(spoil, "getBlock") is why


def test_a_block_that_a_moment_later_is_there_is_waited_for() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> list[Any]:
        says = iter([SimError(-32004, f"Block not available for slot {LAST}")] * 2)
        server.spoil = lambda name, answer: next(says, answer) if name == "getBlock" else answer
        return (await read(node))[1]

    assert asking(ask) == coins(LAST)


def test_a_server_an_hour_behind_the_others_of_its_url_is_not_listened_to() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> Why:
        server.chain.slots[LAST + 9_000] = held(LAST)
        await read(node)
        del server.chain.slots[LAST + 9_000]
        return await why_of(read(node))

    assert asking(ask) is Why.UNREACHABLE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (Held(1, sim.SYSTEM, sim.mint_data(6)), Why.NO_TOKEN),
        (Held(1, sim.TOKEN, sim.mint_data(6)[:-1]), Why.NO_TOKEN),
        (Held(1, sim.TOKEN, sim.mint_data(6, b"\x19\x00\x38\x00" + bytes(56))), Why.NO_TOKEN),
        (Held(1, sim.TOKEN_2022, sim.mint_data(6, b"\x19\x00\x38\x00" + bytes(56))), Why.NO_TOKEN),
        (Held(1, sim.TOKEN_2022, sim.mint_data(6, FEES + b"\x0a\x00\x34\x00" + bytes(52))), Why.NO_TOKEN),
        (Held(1, sim.TOKEN, sim.token_data(MINT, TEXTS[0], 5)), Why.NO_TOKEN),
        (Held(1, sim.TOKEN, sim.mint_data(6).replace(b"\x06\x01", b"\x06\x00")), Why.NO_TOKEN),
    ],
)
def test_of_a_token_without_a_mint_or_with_amounts_that_are_rescaled_nothing_is_read(data: Held, why: Why) -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> tuple[Why, Any]:
        server.chain.slots[LAST][MINT] = data
        with pytest.raises(NodeError) as caught:
            await read(node, USDT)
        decimals = await node.decimals(USDT, await node.block_at(LAST))
        return caught.value.why, decimals

    found, decimals = asking(ask)
    assert (found, decimals.why) == (why, why)


OWN = {
    "of another mint": sim.token_data(MINT_2022, TEXTS[0], 10**9),
    "of another owner": sim.token_data(MINT, TEXTS[1], 10**9),
    "that was not made": sim.token_data(MINT, TEXTS[0], 10**9, state=0),
    "of an unknown state": sim.token_data(MINT, TEXTS[0], 10**9, state=3),
    "that is cut": sim.token_data(MINT, TEXTS[0], 10**9)[:-1],
    "with extensions that its program does not know": sim.token_data(MINT, TEXTS[0], 10**9, extensions=FEES),
    "that is a mint": sim.mint_data(6),
}


@pytest.mark.parametrize("name", [*OWN, "of another program"])
def test_a_token_account_that_is_not_the_owners_of_this_mint_adds_nothing(name: str) -> None:
    program = sim.SYSTEM if name == "of another program" else sim.TOKEN
    data = OWN.get(name, sim.token_data(MINT, TEXTS[0], 10**9))

    async def ask(server: SimSolana, node: SolanaNode) -> list[Any]:
        server.chain.slots[LAST][usual(0)] = Held(1, program, data)
        return (await read(node, USDT))[1]

    given = AtLeast(10**9 if name == "of another owner" else 0)
    assert asking(ask) == [AtLeast(7 + 2 * 10**9), given, *tokens(LAST)[2:]]


def test_a_token_account_that_a_node_lists_twice_or_for_another_owner_counts_once_for_its_own() -> None:
    async def ask(server: SimSolana, node: SolanaNode) -> list[Any]:
        mine = server._result(
            "getTokenAccountsByOwner", [TEXTS[0], {"mint": MINT}, {"dataSlice": {"offset": 64, "length": 8}}]
        )
        twice = {**mine, "value": mine["value"] * 2}
        server.spoil = lambda name, answer: twice if name == "getTokenAccountsByOwner" else answer
        return (await read(node, USDT))[1]

    assert asking(ask) == tokens(LAST)


@pytest.mark.parametrize(
    "spoil",
    [
        values(lambda _: [{"pubkey": MINE}]),
        values(lambda listed: [{**listed[0], "pubkey": MINE[:-4]}]),
        values(lambda listed: [{**listed[0], "account": {**listed[0]["account"], "owner": sim.SYSTEM}}]),
        values(lambda listed: [{**listed[0], "account": {**listed[0]["account"], "data": ["AAAA", "base64"]}}]),
    ],
)
def test_a_list_of_token_accounts_that_is_none_is_that_nodes_failure(spoil: Spoiler) -> None:
    keys = KEYS[:1]

    async def ask(server: SimSolana, node: SolanaNode) -> Why:
        server.spoil = lambda name, result: spoil(name, result) if name == "getTokenAccountsByOwner" else result
        with pytest.raises(NodeError) as caught:
            await read(node, USDT, tuple(keys))
        return caught.value.why

    assert asking(ask) is Why.MALFORMED


class InProcess(JsonRpc):
    """Asks the simulated node without a connection, which takes more time than all else."""

    server: SimSolana

    async def fetch(self, method: str, url: str, body: bytes | None = None, **_: Any) -> tuple[int, Any, bytes]:
        status, answer = self.server._answer_to(method, url, body or b"")
        return status, {}, answer


def misbehaving(luck: random.Random, server: SimSolana) -> Spoiler:
    """Now and then an answer is cut, odd in a part, of another slot or of another method; balances apart, and their
    order, which a quorum is for."""
    odd: list[Any] = [None, True, -1, 2**64, 5, "", "x", [], {}]

    def spoil(name: str, answer: Any) -> Any:
        kind = luck.randrange(24)
        if kind == 1:
            whole = json.dumps(answer).encode()
            return whole[: luck.randrange(len(whole))]
        if kind == 2 and isinstance(answer, dict):
            return {**answer, luck.choice(sorted(answer)): luck.choice(odd)}
        if kind == 3 and "value" in answer and answer["value"]:
            parts, place = list(answer["value"]), luck.randrange(len(answer["value"]))
            parts[place : place + 1] = luck.choice([[], [parts[place]] * 2, [luck.choice(odd[1:])]])
            return {**answer, "value": parts}
        if kind == 4 and name == "getMultipleAccounts":
            return {**answer, "context": {"slot": luck.randrange(LAST)}}
        if kind == 5:
            return server.chain.block(LAST - 1) if name != "getBlock" else {"context": {"slot": LAST}, "value": []}
        if kind == 6 and name == "getMultipleAccounts":
            place = luck.randrange(len(answer["value"]))
            held = answer["value"][place]
            part = luck.choice(["lamports", "owner", "data", "executable"])
            changed = (
                None
                if held is None
                else {**held, part: luck.choice([each for each in odd if each is not True and each != 5])}
            )
            return (
                {**answer, "value": [*answer["value"][:place], changed, *answer["value"][place + 1 :]]}
                if held
                else answer
            )
        return answer

    return spoil


def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read() -> None:
    luck = random.Random(15)
    server = SimSolana(chain())
    right = {SOL: coins(LAST), USDT: tokens(LAST)}
    node_settings = NodeSettings("solana", "http://127.0.0.1:1", "o", CHAIN)

    async def ask() -> int:
        read_well = 0
        for _ in range(cases(10_000)):
            rpc = InProcess(node_settings, sleep=at_once)
            rpc.server, server.spoil = server, misbehaving(luck, server)
            asset = luck.choice([SOL, USDT])
            try:
                snapshot, found = await read(SolanaNode(node_settings, rpc), asset)
            except NodeError:
                continue
            assert snapshot.height == LAST
            for each, true in zip(found, right[asset], strict=True):
                assert each == true or (isinstance(each, AtLeast) and each.atoms <= true.atoms)
            read_well += 1
        return read_well

    assert asyncio.run(ask()) > cases(10_000) // 4


# Real answers


def recorded() -> Any:
    path = SHARED / "recorded.json"
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    return json.loads(path.read_text())["calls"]


def test_answers_of_public_nodes_are_read_as_what_they_say() -> None:
    """A vote account of 273,233,441 lamports, and a token account of 4,000,000 on another server of the same URL."""
    calls = {(each["method"], json.dumps(each["params"])[:60]): each["result"] for each in recorded()}
    answers = [answer for (method, _), answer in calls.items() if method == "getMultipleAccounts"]
    (vote,) = answers
    clock = {"lamports": 1, "owner": "Sysvar1111111111111111111111111111111111111", "executable": False}
    clock["data"] = [base64.b64encode((431593310).to_bytes(8, "little") + bytes(32)).decode(), "base64"]
    found = accounts_of({**vote, "value": [*vote["value"], clock]}, 1)
    assert (found.slot, found.found[0] and found.found[0].lamports) == (431593310, 273_233_441)
    with pytest.raises(NodeError):
        accounts_of(vote, 1)  # without the clock nothing shows when it was

    lists = [each["result"] for each in recorded() if each["method"] == "getTokenAccountsByOwner"]
    (listed,) = [each for each in lists if each["value"]]
    assert [each["value"] for each in lists if each is not listed] == [[]] * (len(lists) - 1)
    (entry,) = listed["value"]
    account = token_account_of(TOKEN_2022, base64.b64decode(entry["account"]["data"][0]))
    assert base58.encode(account.owner) == "8GbwASqdpw4dVcwbWUxbHXMrjyQx2aKkoBR5H1GJF8iD"
    assert base58.encode(account.mint) == "C4y2eQvG98sLVS8sSTwFBheKUKRqYUTE6PVTJF5pump"
    assert account.amount == 4_000_000
    assert entry["pubkey"] == base58.encode(associated(account.owner, account.mint, TOKEN_2022))
    (minted,) = [each["result"]["value"] for each in recorded() if each["method"] == "getAccountInfo"]
    assert mint_of(TOKEN_2022, base64.b64decode(minted["data"][0])[:1024]).decimals == 6

    (block,) = [each["result"] for each in recorded() if each["method"] == "getBlock"]
    assert block_of(block, CHAIN, 0).time == datetime.fromtimestamp(1584368940, UTC)


def test_recorded_answers_of_another_form_are_no_balances() -> None:
    path = SHARED / "rpc-answers.json"
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    answers = json.loads(path.read_text())["answers"]
    for name in ("get_multiple_accounts_maybe_json", "get_account_info", "get_balance"):
        with pytest.raises(NodeError):
            accounts_of(answers[name]["result"], 1)
    base64_answer = answers["get_multiple_accounts_base64"]["result"]
    with pytest.raises(NodeError):  # the last account is not the clock
        accounts_of(base64_answer, 1)
    entry = answers["get_token_accounts_by_owner_base64"]["result"]["value"][0]
    account = token_account_of(TOKEN, base64.b64decode(entry["account"]["data"][0]))
    assert entry["pubkey"] == base58.encode(associated(account.owner, account.mint, TOKEN))


# A whole scan

CLAIM = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  SOL: {{id: "{asset}", backs: SOL, decimals: 9}}
liabilities:
  SOL: {{amount: "{owed}"}}
holdings:
  - {{asset: SOL, account: {account}}}
  - {{asset: SOL, account: {stake}}}
"""
HELD = 10**15 + LAST - 1 + 2_282_880 + 10**12


@pytest.mark.parametrize(("owed", "verdict"), [(HELD, "COVERED"), (HELD + 1, "SHORT")])
def test_a_scan_weighs_sol_to_the_lamport_at_the_slot_at_which_operators_meet(
    tmp_path: Path, owed: int, verdict: str
) -> None:
    begins = int(datetime.now(UTC).timestamp()) - LAST * 2 // 5  # such a chain serves a claim of now alone

    async def ask() -> scanner.Scan:
        async with SimSolana(chain(begins)) as one, SimSolana(chain(begins)) as other:
            one.behind = other.behind = 1
            urls = [server.url.replace("http://", "solana+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            as_of = datetime.fromtimestamp(begins + LAST * 2 // 5, UTC)
            text = CLAIM.format(
                as_of=as_of, asset=SOL, owed=f"{owed // 10**9}.{owed % 10**9:09}", account=TEXTS[0], stake=TEXTS[2]
            )
            (tmp_path / "claim.yaml").write_text(text)
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    (snapshot,) = finding.snapshots.values()
    assert snapshot.height == LAST - 1
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(HELD, 10**9))


def test_the_command_scans_a_months_old_claim_as_it_is_now_and_anyone_verifies_it(tmp_path: Path) -> None:
    """`scan --at now`, twice into one folder, and `verify` with nothing but the claim's file and the key."""
    begins = int(datetime.now(UTC).timestamp()) - LAST * 2 // 5
    text = CLAIM.format(
        as_of=datetime.fromtimestamp(begins, UTC) - timedelta(days=40),
        asset=SOL,
        owed=f"{HELD // 10**9}.{HELD % 10**9:09}",
        account=TEXTS[0],
        stake=TEXTS[2],
    )
    (tmp_path / "claim.yaml").write_text(text)
    key = ECC.generate(curve="ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pub").write_text(key.public_key().export_key(format="PEM"))

    async def run(*arguments: str) -> tuple[int, str]:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scanner", *arguments), cwd=tmp_path, stdout=PIPE, stderr=STDOUT, env=environment()
        )
        told, _ = await started.communicate()
        return started.returncode or 0, told.decode()

    async def ask() -> None:
        async with SimSolana(chain(begins)) as one, SimSolana(chain(begins)) as other:
            one.behind = other.behind = 1
            urls = [server.url.replace("http://", "solana+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            scan = "scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem"
            code, told = await run(*scan)
            assert "NO_PAST" in told
            assert code != 0
            written = set()  # both scans within one second are of one moment, and make the same attestation
            for _ in range(2):
                code, told = await run(*scan, "--at", "now", "--history", "history.sqlite")
                assert (code, "what is owed was stated as of" in told) == (0, True), told
                written.add((tmp_path / SIGNED).read_bytes())
            code, told = await run("verify", SIGNED, "--claim", "claim.yaml", "--key", "key.pub")
            assert (code, "COVERED" in told) == (0, True), told
            code, told = await run("log", "--history", "history.sqlite")
            assert f"0 reports and {len(written)} between reports" in " ".join(told.split()), told

    asyncio.run(ask())


SIGNED = "out/attestation.dsse.json"


def environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT)}

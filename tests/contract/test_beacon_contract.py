"""The beacon node's backend: right at every slot, and a Gap where the node misbehaves.

No beacon node can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.beacon` stands in, written from the Beacon API's description. What is real is the header of
mainnet's genesis block, and the networks' genesis values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from scanner.chains.backends import open_node
from scanner.chains.beacon.node.node import _GENESIS, DECIMALS, MOST_MISSED, BeaconNode
from scanner.chains.names import parse_asset
from scanner.clients.http_client import ATTEMPTS
from scanner.clients.rest import Rest
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.pin import block_of, last_block_by
from tests.support.simulated.beacon import (
    CHAIN_ID,
    GENESIS_TIME,
    SECONDS_PER_SLOT,
    SLOTS_PER_EPOCH,
    BeaconChain,
    Entry,
    SimBeacon,
    Spoiler,
    entry,
    key_of,
)
from tests.support.simulated.opened import asked, at_once, opened_on

CHAIN = Chain("beacon", str(CHAIN_ID))
ETHER = parse_asset(f"{CHAIN}/slip44:60")
ACCOUNT = bytes(range(1, 21))
TO_ADDRESS = b"\x01" + bytes(11) + ACCOUNT
COMPOUNDING = b"\x02" + bytes(11) + ACCOUNT
BLS = b"\x00" + b"\x77" * 31
MISSED = {5, 13, 14, 15, 16, 40}
LAST = 64
SLOT = 30
ALL = [key_of(number) for number in range(6)]

_T = TypeVar("_T")


def registry(slot: int) -> list[Entry]:
    """One validator of each status, growing by a gwei a slot; the third was deposited at slot 10."""
    entries = [
        entry(0, 32_000_000_000 + slot, TO_ADDRESS),
        entry(1, 32_000_000_000, BLS, "pending_queued"),
        entry(2, 2_048_000_000_000 + slot, COMPOUNDING, "active_exiting"),
        entry(3, 15_500_000_000, TO_ADDRESS, "exited_slashed"),
        entry(4, 31_999_999_999, TO_ADDRESS, "withdrawal_possible"),
        entry(5, 0, TO_ADDRESS, "withdrawal_done"),
    ]
    return entries if slot >= 10 else entries[:2]


def truth(slot: int) -> list[int]:
    return [int(each["balance"]) for each in registry(slot)]


def chain(last: int = LAST) -> BeaconChain:
    made = BeaconChain()
    for slot in range(last + 1):
        if slot not in MISSED:
            made.add(slot, registry(slot))
    return made


Opened = AbstractAsyncContextManager[tuple[SimBeacon, BeaconNode]]


def opened(blocks: BeaconChain | None = None, **changes: Any) -> Opened:
    """A simulated node with these attributes, and the backend opened on it."""
    of_settings = {name: changes.pop(name) for name in ("chain", "timeout") if name in changes}

    def backend(server: SimBeacon) -> BeaconNode:
        settings = replace(NodeSettings("beacon", server.url, "o", CHAIN), **of_settings)
        return BeaconNode(settings, Rest(settings, sleep=at_once, answer_limit=2**20))

    return opened_on(SimBeacon(blocks or chain()), backend, **{"finalized_epoch": 6, **changes})


def asking(question: Callable[[SimBeacon, BeaconNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


def outcomes(reading: Reading) -> list[Word | Gap]:
    return [reading[position] for position in range(len(reading))]


async def read(node: BeaconNode, slot: int = SLOT, keys: Sequence[bytes] = tuple(ALL)) -> list[Word | Gap]:
    return outcomes(await node.read(Batch(await node.block_at(slot), ETHER, tuple(keys))))


def reasons(**changes: Any) -> set[Why]:
    """Why readings fail, at whatever step. What is read all the same must be right."""
    try:
        found = asking(lambda _, node: read(node), **changes)
    except NodeError as error:
        return {error.why}
    right = truth(SLOT)
    assert all(isinstance(said, Gap) or said == so for said, so in zip(found, right, strict=True))
    return {each.why for each in found if isinstance(each, Gap)}


# --- What is read


def test_every_validator_counts_with_its_balance_in_gwei_whatever_its_status() -> None:
    assert asking(lambda _, node: read(node)) == truth(SLOT)


def test_a_withdrawn_validator_is_a_zero_and_an_unknown_one_a_gap() -> None:
    withdrawn, unknown = asking(lambda _, node: read(node, SLOT, [key_of(5), key_of(99)]))
    assert withdrawn == 0
    assert isinstance(unknown, Gap)
    assert unknown.why is Why.NO_TOKEN


def test_a_validator_is_unknown_before_its_deposit_was_taken_up() -> None:
    found = asking(lambda _, node: read(node, 9))
    assert found[:2] == truth(9)
    assert [each.why for each in found if isinstance(each, Gap)] == [Why.NO_TOKEN] * 4


def test_outcomes_keep_the_order_of_the_accounts_and_repetitions() -> None:
    order = [key_of(4), key_of(0), key_of(4), key_of(2)]
    right = truth(SLOT)
    assert asking(lambda _, node: read(node, SLOT, order)) == [right[4], right[0], right[4], right[2]]


def test_a_key_of_another_length_is_a_gap_and_is_never_sent() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> list[Word | Gap]:
        found = await read(node, SLOT, [bytes(20), key_of(0)])
        assert [path.split()[-1] for path in server.paths if "validators" in path] == ["1"]
        return found

    short, known = asking(look)
    assert isinstance(short, Gap)
    assert (short.why, known) == (Why.UNSUPPORTED, truth(SLOT)[0])


@pytest.mark.parametrize("keys", [[], [b"short"]])
def test_an_empty_question_which_would_mean_all_validators_is_never_asked(keys: list[bytes]) -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> int:
        found = await read(node, SLOT, keys)
        assert not any("validators" in path for path in server.paths)
        return len(found)

    assert asking(look) == len(keys)


@pytest.mark.parametrize("changes", [{}, {"posts": False}, {"most_ids": 7}, {"posts": False, "most_ids": 7}])
def test_many_validators_are_asked_for_in_pieces_as_small_as_the_node_needs(changes: dict[str, Any]) -> None:
    numbers = range(1_250)
    many = BeaconChain()
    many.add(0, [entry(number, number, TO_ADDRESS) for number in numbers])
    keys = [key_of(number) for number in reversed(numbers)]
    assert asking(lambda _, node: read(node, 0, keys), blocks=many, **changes) == list(reversed(numbers))


def test_one_validator_that_is_too_much_is_a_gap() -> None:
    assert reasons(most_ids=0) == {Why.REFUSED}


def test_a_node_without_posts_is_asked_by_query_from_then_on() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> list[str]:
        assert await read(node) == truth(SLOT)
        server.paths.clear()
        assert await read(node) == truth(SLOT)
        return [path.split()[0] for path in server.paths if "/validators" in path]

    assert asking(look, posts=False) == ["GET"]


def test_the_state_is_asked_for_by_the_root_that_the_header_commits_to() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> None:
        await read(node)
        root = server.chain.headers[SLOT]["state_root"]
        assert [path for path in server.paths if "/validators" in path] == [
            f"POST /eth/v1/beacon/states/{root}/validators {len(ALL)}"
        ]

    asking(look)


def test_a_node_that_finds_states_by_slot_alone_is_asked_so_with_the_root_compared() -> None:
    assert asking(lambda _, node: read(node), keeps_roots=False) == truth(SLOT)

    def at_that_slot(path: str, answer: Any) -> Any:
        return {"data": {"root": "0x" + "ab" * 32}} if path.endswith(f"states/{SLOT}/root") else answer

    assert reasons(keeps_roots=False, spoil=at_that_slot) == {Why.WRONG_BLOCK}


def test_a_state_replaced_during_the_reading_makes_gaps() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> set[Why]:
        batch = Batch(await node.block_at(SLOT), ETHER, tuple(ALL))

        def replaced(path: str, answer: Any) -> Any:
            asked = any("/validators" in each for each in server.paths)
            return {"data": {"root": "0x" + "ab" * 32}} if path.endswith("/root") and asked else answer

        server.spoil = replaced
        return {each.why for each in outcomes(await node.read(batch)) if isinstance(each, Gap)}

    assert asking(look, keeps_roots=False) == {Why.WRONG_BLOCK}


def test_a_node_that_has_pruned_the_state_gives_gaps() -> None:
    assert reasons(keeps_states=False) == {Why.NO_STATE}


def test_other_assets_and_snapshots_are_gaps() -> None:
    async def look(_: SimBeacon, node: BeaconNode) -> list[Why]:
        block = await node.block_at(SLOT)
        batches = [
            Batch(block, AssetId(CHAIN, "slip44", "61"), (ALL[0],)),
            Batch(block, AssetId(Chain("beacon", "1"), "slip44", "60"), (ALL[0],)),
            Batch(block, AssetId(CHAIN, "erc20", "0x" + "11" * 20), (ALL[0],)),
            Batch(replace(block, chain=Chain("beacon", "1")), ETHER, (ALL[0],)),
            Batch(replace(block, hash="0x" + "00" * 32), ETHER, (ALL[0],)),
            Batch(replace(block, hash=(await node.block_at(SLOT + 1)).hash), ETHER, (ALL[0],)),
            Batch(replace(block, height=SLOT + 1), ETHER, (ALL[0],)),
            Batch(replace(block, time=block.time + timedelta(seconds=1)), ETHER, (ALL[0],)),
        ]
        found = [(await node.read(batch))[0] for batch in batches]
        return [each.why for each in found if isinstance(each, Gap)]

    assert asking(look) == [Why.UNSUPPORTED] * 3 + [Why.WRONG_CHAIN] + [Why.WRONG_BLOCK] * 4


def test_decimals_are_nine_and_of_ether_alone() -> None:
    async def look(_: SimBeacon, node: BeaconNode) -> tuple[Word | Gap, Word | Gap]:
        block = await node.block_at(SLOT)
        return await node.decimals(ETHER, block), await node.decimals(AssetId(CHAIN, "slip44", "61"), block)

    ether, other = asking(look)
    assert ether == DECIMALS == 9
    assert isinstance(other, Gap)


def test_the_backend_is_registered() -> None:
    node = open_node(NodeSettings("beacon", "http://127.0.0.1:1", "o", CHAIN))
    assert isinstance(node, BeaconNode)
    assert node.capabilities.withdrawals is node


# --- Where a validator pays out to


def test_withdrawal_addresses_are_those_of_plain_and_compounding_credentials_and_gaps_else() -> None:
    async def look(_: SimBeacon, node: BeaconNode) -> list[bytes | Gap]:
        keys = [key_of(1), key_of(0), key_of(2), key_of(99)]
        return await node.withdrawal_addresses(Batch(await node.block_at(SLOT), ETHER, tuple(keys)))

    bls, plain, compounding, unknown = asking(look)
    assert (plain, compounding) == (ACCOUNT, ACCOUNT)
    assert isinstance(bls, Gap)
    assert isinstance(unknown, Gap)
    assert (bls.why, unknown.why) == (Why.UNSUPPORTED, Why.NO_TOKEN)


def test_withdrawal_addresses_of_a_node_that_fails_are_gaps() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> list[bytes | Gap]:
        batch = Batch(await node.block_at(SLOT), ETHER, tuple(ALL))
        server.status = 400
        return await node.withdrawal_addresses(batch)

    found = asking(look)
    assert [each.why for each in found if isinstance(each, Gap)] == [Why.REFUSED] * len(ALL)


# --- Blocks


def at(slot: int) -> datetime:
    return datetime.fromtimestamp(GENESIS_TIME + slot * SECONDS_PER_SLOT, UTC)


def test_a_block_is_told_by_its_slot_root_parent_and_time() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> None:
        block = await node.block_at(SLOT)
        roots = server.chain.roots
        assert block == Snapshot(CHAIN, SLOT, roots[SLOT], roots[SLOT - 1], at(SLOT))
        assert (await node.block_at(17)).parent == roots[12]
        assert (await node.block_at(0)).height == 0

    asking(look)


def test_a_missed_slot_is_the_newest_block_before_it_under_its_own_slot() -> None:
    async def look(_: SimBeacon, node: BeaconNode) -> None:
        for slot, found in ((5, 4), (13, 12), (16, 12), (17, 17)):
            block = await node.block_at(slot)
            assert (block.height, block.time) == (found, at(found))
            assert await node.block_at(found) == block

    asking(look)


def test_a_slot_that_the_claim_names_must_have_a_block() -> None:
    async def look(_: SimBeacon, node: BeaconNode) -> None:
        assert (await block_of(node, 12)).height == 12
        with pytest.raises(NodeError) as caught:
            await block_of(node, 13)
        assert caught.value.why is Why.WRONG_BLOCK
        assert "12" in caught.value.detail

    asking(look)


@pytest.mark.parametrize("slot", [12, 13, 16, 17, 5, 39, 40])
def test_a_search_by_time_finds_the_newest_block_across_missed_slots(slot: int) -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> None:
        newest = max(each for each in server.chain.roots if each <= slot)
        for moment in (at(slot), at(slot) + timedelta(seconds=SECONDS_PER_SLOT - 1)):
            assert (await last_block_by(node, moment)).height == newest

    asking(look, finalized_epoch=LAST // SLOTS_PER_EPOCH)


def test_a_slot_above_the_head_is_not_final() -> None:
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.block_at(LAST + 1))
    assert caught.value.why is Why.NOT_FINAL


def test_a_node_that_keeps_no_old_blocks_says_so_and_is_not_asked_for_ever() -> None:
    late = BeaconChain()
    late.add(1_000, registry(1_000))

    async def look(server: SimBeacon, node: BeaconNode) -> int:
        with pytest.raises(NodeError) as caught:
            await node.block_at(900)
        assert caught.value.why is Why.NO_STATE
        return sum("/headers/" in path for path in server.paths)

    assert asking(look, blocks=late) == MOST_MISSED + 1


def test_the_final_height_is_the_first_slot_of_the_finalized_epoch() -> None:
    assert asking(lambda _, node: node.final_height(), finalized_epoch=2) == 2 * SLOTS_PER_EPOCH


def test_the_first_slot_of_the_finalized_epoch_may_be_named_and_the_one_after_it_may_not() -> None:
    first = 3 * SLOTS_PER_EPOCH
    assert asking(lambda _, node: block_of(node, first), finalized_epoch=3).height == first
    with pytest.raises(NodeError, match=f"block {first + 1} may still be replaced") as caught:
        asking(lambda _, node: block_of(node, first + 1), finalized_epoch=3)
    assert caught.value.why is Why.NOT_FINAL


def test_nothing_is_final_before_anything_was_finalized() -> None:
    def none(path: str, answer: Any) -> Any:
        if path.endswith("finality_checkpoints"):
            answer["data"]["finalized"] = {"epoch": "0", "root": "0x" + "00" * 32}
        return answer

    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), spoil=none)
    assert caught.value.why is Why.NOT_FINAL


# --- Which chain


def config(**changes: Any) -> Spoiler:
    """Another configuration; None takes a value away."""

    def spoil(path: str, answer: Any) -> Any:
        if path.endswith("/config/spec"):
            data = {**answer["data"], **changes}
            answer["data"] = {name: value for name, value in data.items() if value is not None}
        return answer

    return spoil


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (config(DEPOSIT_CHAIN_ID="1"), Why.WRONG_CHAIN),
        (config(DEPOSIT_CHAIN_ID=None), Why.MALFORMED),
        (config(DEPOSIT_CHAIN_ID=CHAIN_ID), Why.MALFORMED),
        (config(DEPOSIT_CHAIN_ID="0x539"), Why.MALFORMED),
        (config(PRESET_BASE="gnosis"), Why.UNSUPPORTED),
        (config(SLOT_DURATION_SCHEDULE=[{"EPOCH": "9", "SLOT_DURATION_MS": "6000"}]), Why.UNSUPPORTED),
        (config(SECONDS_PER_SLOT="0"), Why.MALFORMED),
        (config(SECONDS_PER_SLOT=None), Why.MALFORMED),
        (config(SECONDS_PER_SLOT=None, SLOT_DURATION_MS="1500"), Why.MALFORMED),
        (config(SLOTS_PER_EPOCH="0"), Why.MALFORMED),
    ],
)
def test_a_node_of_another_chain_or_of_other_units_is_not_opened(spoil: Spoiler, why: Why) -> None:
    assert reasons(spoil=spoil) == {why}


def test_the_length_of_a_slot_may_be_told_in_milliseconds() -> None:
    told = config(SECONDS_PER_SLOT=None, SLOT_DURATION_MS="12000")
    assert asking(lambda _, node: node.block_at(SLOT), spoil=told).time == at(SLOT)


@pytest.mark.parametrize("chain_id", _GENESIS)
def test_a_copy_of_a_known_network_with_another_genesis_is_refused(chain_id: str) -> None:
    chain = Chain("beacon", chain_id)
    right = _GENESIS[chain_id]

    def genesis(**changes: str) -> Spoiler:
        told = {"genesis_time": str(right.time), "genesis_validators_root": right.validators_root, **changes}

        def spoil(path: str, answer: Any) -> Any:
            answer = config(DEPOSIT_CHAIN_ID=chain_id)(path, answer)
            return {"data": told} if path.endswith("/genesis") else answer

        return spoil

    assert asking(lambda _, node: node.block_at(0), chain=chain, spoil=genesis()).chain == chain
    for wrong in ({"genesis_time": str(right.time + 1)}, {"genesis_validators_root": "0x" + "ab" * 32}):
        assert reasons(chain=chain, spoil=genesis(**wrong)) == {Why.WRONG_CHAIN}


# --- Misbehaviour


def on(part: str, change: Callable[[Any], Any]) -> Spoiler:
    """Spoils the answers at paths that hold `part`; `change` may alter the answer in place, or return another."""

    def spoil(path: str, answer: Any) -> Any:
        changed = change(answer) if part in path else None
        return answer if changed is None else changed

    return spoil


def header(**fields: Any) -> Spoiler:
    return on("/headers/", lambda answer: answer["data"]["header"]["message"].update(fields))


def first(**fields: Any) -> Spoiler:
    """The first validator of each answer."""
    return on(LIST, lambda answer: answer["data"][0].update(fields))


def record(**fields: Any) -> Spoiler:
    return on(LIST, lambda answer: answer["data"][0]["validator"].update(fields))


def repeated(answer: Any) -> None:
    answer["data"].append(answer["data"][0])


LIST = "/validators"
OPTIMISTIC = {"execution_optimistic": True}

MISBEHAVIOURS: dict[str, tuple[Spoiler, Why]] = {
    "syncing": (on("/syncing", lambda answer: answer["data"].update(is_syncing=True)), Why.NOT_FINAL),
    "following optimistically": (
        on("/syncing", lambda answer: answer["data"].update(is_optimistic=True)),
        Why.NOT_FINAL,
    ),
    "no word on syncing": (on("/syncing", lambda answer: answer["data"].clear()), Why.MALFORMED),
    "no word on its genesis": (on("/genesis", lambda answer: answer["data"].clear()), Why.MALFORMED),
    "a genesis beyond all calendars": (
        on("/genesis", lambda answer: answer["data"].update(genesis_time=str(2**63))),
        Why.MALFORMED,
    ),
    "a slot beyond all that a statement can name": (
        on("/headers/", lambda answer: answer["data"]["header"]["message"].update(slot=str(2**63))),
        Why.FORGED,
    ),
    "no configuration": (on("/spec", lambda _: {}), Why.MALFORMED),
    "an optimistic header": (on("/headers/", lambda answer: answer.update(OPTIMISTIC)), Why.NOT_FINAL),
    "an optimistic root": (on("/root", lambda answer: answer.update(OPTIMISTIC)), Why.NOT_FINAL),
    "optimistic validators": (on(LIST, lambda answer: answer.update(OPTIMISTIC)), Why.NOT_FINAL),
    "validators of which nobody knows": (
        on(LIST, lambda answer: answer.update(execution_optimistic=None)),
        Why.NOT_FINAL,
    ),
    "a block off the best chain": (
        on("/headers/", lambda answer: answer["data"].update(canonical=False)),
        Why.WRONG_BLOCK,
    ),
    "no word on the best chain": (
        on("/headers/", lambda answer: answer["data"].pop("canonical") and None),
        Why.MALFORMED,
    ),
    "another root": (on("/headers/", lambda answer: answer["data"].update(root="0x" + "ab" * 32)), Why.FORGED),
    "a short root": (on("/headers/", lambda answer: answer["data"].update(root="0xab")), Why.MALFORMED),
    "another state's root in the header": (header(state_root="0x" + "ab" * 32), Why.FORGED),
    "another parent": (header(parent_root="0x" + "ab" * 32), Why.FORGED),
    "another body": (header(body_root="0x" + "ab" * 32), Why.FORGED),
    "another proposer": (header(proposer_index="99"), Why.FORGED),
    "another slot": (header(slot="29"), Why.FORGED),
    "a slot that is no text": (header(slot=30), Why.MALFORMED),
    "a slot beyond 64 bits": (header(slot=str(2**64)), Why.MALFORMED),
    "a root without 0x": (header(state_root="ab" * 33), Why.MALFORMED),
    "no header": (on("/headers/", lambda answer: answer["data"].pop("header") and None), Why.MALFORMED),
    "another state": (on("/root", lambda answer: answer["data"].update(root="0x" + "ab" * 32)), Why.WRONG_BLOCK),
    "a state's root of 31 bytes": (
        on("/root", lambda answer: answer["data"].update(root="0x" + "ab" * 31)),
        Why.MALFORMED,
    ),
    "a number for a balance": (first(balance=32_000_000_000), Why.MALFORMED),
    "a balance below zero": (first(balance="-1"), Why.MALFORMED),
    "a balance with a fraction": (first(balance="32.5"), Why.MALFORMED),
    "a balance with an exponent": (first(balance="32e9"), Why.MALFORMED),
    "a balance in digits of another script": (first(balance="٣٢"), Why.MALFORMED),
    "a balance beyond 64 bits": (first(balance=str(2**64)), Why.MALFORMED),
    "no balance": (first(balance=None), Why.MALFORMED),
    "no record": (first(validator=None), Why.MALFORMED),
    "another validator": (record(pubkey="0x" + key_of(77).hex()), Why.MALFORMED),
    "a short key": (record(pubkey="0x" + "ab" * 47), Why.MALFORMED),
    "short credentials": (record(withdrawal_credentials="0x01"), Why.MALFORMED),
    "a validator that stands there twice": (on(LIST, repeated), Why.MALFORMED),
    "a validator left out": (on(LIST, lambda answer: answer["data"].pop() and None), Why.NO_TOKEN),
    "no validators at all": (on(LIST, lambda answer: answer["data"].clear()), Why.NO_TOKEN),
    "an object for the validators": (on(LIST, lambda answer: answer.update(data={})), Why.MALFORMED),
    "a list for an answer": (on(LIST, lambda answer: answer["data"]), Why.MALFORMED),
    "half a JSON text": (on(LIST, lambda _: b'{"data": ['), Why.MALFORMED),
    "HTML": (on(LIST, lambda _: b"<html>"), Why.MALFORMED),
    "more than can be": (on(LIST, lambda _: b" " * (2**20 + 1)), Why.MALFORMED),
    "a refusal": (on(LIST, lambda _: 400), Why.REFUSED),
    "a wrong key": (on(LIST, lambda _: 401), Why.UNAUTHORIZED),
    "a redirect": (on(LIST, lambda _: 302), Why.REFUSED),
    "validators that are gone": (on(LIST, lambda _: 410), Why.NO_STATE),
    "a failure": (on(LIST, lambda _: 500), Why.UNREACHABLE),
    "a node that is always busy": (on(LIST, lambda _: 429), Why.RATE_LIMITED),
    "a gateway that gives up": (on(LIST, lambda _: 504), Why.UNREACHABLE),
    "a refusal at the start": (on("/spec", lambda _: 403), Why.UNAUTHORIZED),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaving_node_makes_a_gap_and_never_a_balance(name: str) -> None:
    spoil, why = MISBEHAVIOURS[name]
    assert reasons(spoil=spoil) == {why}


def test_a_block_of_another_slot_is_not_taken_for_the_one_asked_for() -> None:
    blocks = chain()

    def elsewhere(path: str, answer: Any) -> Any:
        if path.endswith(f"/headers/{SLOT}"):
            answer["data"].update(root=blocks.roots[29], header={"message": blocks.headers[29]})
        return answer

    assert reasons(blocks=blocks, spoil=elsewhere) == {Why.MALFORMED}


def test_a_failure_of_one_piece_leaves_the_others() -> None:
    many = BeaconChain()
    many.add(0, [entry(number, 7, TO_ADDRESS) for number in range(1_001)])

    def busy(path: str, answer: Any) -> Any:
        return 400 if "/validators" in path and len(answer["data"]) == 1 else answer

    found = asking(lambda _, node: read(node, 0, [key_of(number) for number in range(1_001)]), blocks=many, spoil=busy)
    assert found[:1_000] == [7] * 1_000
    assert isinstance(found[1_000], Gap)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"close_at": 10}, Why.UNREACHABLE), ({"endless": True}, Why.MALFORMED), ({"body": b""}, Why.MALFORMED)],
)
def test_an_answer_that_breaks_off_or_never_ends_is_an_error(changes: dict[str, Any], why: Why) -> None:
    assert reasons(**changes) == {why}


def test_an_answer_that_never_comes_is_waited_for_no_longer_than_the_timeout() -> None:
    assert reasons(stall_at=5, timeout=0.2) == {Why.UNREACHABLE}


def test_what_may_pass_is_tried_again() -> None:
    async def look(server: SimBeacon, node: BeaconNode) -> list[Word | Gap]:
        batch = Batch(await node.block_at(SLOT), ETHER, tuple(ALL))
        server.status, server.times = 503, ATTEMPTS - 1
        return outcomes(await node.read(batch))

    assert asking(look) == truth(SLOT)


def test_no_error_quotes_the_url_or_what_the_node_says() -> None:
    def echo(path: str, answer: Any) -> Any:
        return 400 if "/validators" in path else answer

    for found in asking(lambda _, node: read(node), spoil=echo):
        assert isinstance(found, Gap)
        assert not any(part in found.detail for part in ("secret-key", "127.0.0.1", "as told", "http:"))


def test_a_key_in_the_urls_query_is_sent_behind_our_own() -> None:
    async def look() -> list[Word | Gap]:
        async with SimBeacon(chain()) as server:
            server.posts = False
            node = BeaconNode(NodeSettings("beacon", f"{server.url}?apikey=sesame", "o", CHAIN))
            try:
                await node.open()
                return await read(node)
            finally:
                await node.close()

    assert asyncio.run(look()) == truth(SLOT)


def test_a_node_that_was_not_opened_reads_nothing() -> None:
    async def look() -> Gap | Word:
        block = Snapshot(CHAIN, 1, "0x" + "11" * 32, "0x" + "22" * 32, at(1))
        node = BeaconNode(NodeSettings("beacon", "http://127.0.0.1:1", "o", CHAIN))
        return (await node.read(Batch(block, ETHER, (ALL[0],))))[0]

    found = asyncio.run(look())
    assert isinstance(found, Gap)
    assert found.why is Why.UNREACHABLE

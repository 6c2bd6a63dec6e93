"""An ERC-20's transfers by `eth_getLogs`: all that were asked for, each once, whatever a node's limits; and every log
held against the question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.node.transfer_logs import MOST_TOPICS, TransferLogs
from scanner.core.ids import AssetId
from scanner.core.transfers import Transfer
from scanner.errors import NodeError, Why
from tests.support.simulated.evm_logs import CHAIN, TOKEN, Log, LogServer, account
from tests.support.strength import examples
from tests.support.tables import each_of

OWN, OTHER, STRANGER = account(1), account(2), account(3)
LOGS = (Log(5, 0, OTHER, OWN, 10), Log(5, 3, OWN, STRANGER, 4), Log(9, 1, OTHER, STRANGER, 7), Log(20, 0, OWN, OWN, 1))


def listed(server: LogServer, *accounts: bytes, first: int = 1, last: int = 30) -> tuple[Transfer, ...]:
    return asyncio.run(TransferLogs(server.rpc()).transfers(TOKEN, accounts, first, last))


def test_transfers_to_the_accounts_and_from_them_are_listed_each_once() -> None:
    assert listed(LogServer(LOGS), OWN) == tuple(LOGS[at].transfer for at in (0, 1, 3))
    assert listed(LogServer(LOGS), OTHER, OWN) == tuple(log.transfer for log in LOGS)
    assert listed(LogServer(LOGS), OWN, first=6, last=19) == ()


def test_a_transfer_of_nothing_is_left_out() -> None:
    assert listed(LogServer([Log(5, 0, OTHER, OWN, 0)]), OWN) == ()


@settings(max_examples=examples(60), deadline=None)
@given(
    logs=st.lists(
        st.builds(
            Log,
            height=st.integers(1, 25),
            index=st.integers(0, 3),
            source=st.sampled_from([account(number) for number in range(1, 6)]),
            target=st.sampled_from([account(number) for number in range(1, 6)]),
            atoms=st.integers(1, 9),
        ),
        max_size=25,
        unique_by=lambda log: (log.height, log.index),
    ),
    most_blocks=st.integers(1, 30),
    most_accounts=st.integers(1, 4),
    most_logs=st.integers(4, 30),  # as many as are in one block
)
def test_whatever_a_node_takes_at_once_the_list_is_the_same(
    logs: list[Log], most_blocks: int, most_accounts: int, most_logs: int
) -> None:
    own = [account(number) for number in (1, 2, 3)]
    limited = LogServer(logs, most_blocks, most_accounts, most_logs)
    assert listed(limited, *own, last=25) == listed(LogServer(logs), *own, last=25)
    expected = sorted(log.transfer for log in logs if log.source in own or log.target in own)
    assert list(listed(limited, *own, last=25)) == expected


def test_many_accounts_are_asked_for_a_part_at_a_time() -> None:
    server = LogServer(LOGS)
    listed(server, *map(account, range(1, MOST_TOPICS + 2)))
    asked = [len(topic) for each in server.asked for topic in each["topics"][1:] if topic is not None]
    assert sorted(asked) == [1, 1, MOST_TOPICS, MOST_TOPICS]


@each_of(
    ("code", "text"),
    [
        (-32602, "range 1000000 exceeds limit of 10000"),
        (-32005, "query returned more than 10000 results"),
        (-32000, "exceed max topics"),
        (-32602, "eth_getLogs is limited to 0 - 50 blocks range"),
        (-32614, "eth_getLogs is limited to a 10 blocks range"),
        (-32062, "Block range is too large"),
        (-32000, "log response size exceeded"),
        (-32002, "request timed out"),
    ],
)
def test_a_refusal_of_a_node_or_a_provider_is_answered_with_a_smaller_question(code: int, text: str) -> None:
    server = LogServer(LOGS, most_blocks=4, code=code, refusal=text)
    assert listed(server, OWN) == tuple(LOGS[at].transfer for at in (0, 1, 3))


def test_what_is_refused_for_one_block_and_one_account_is_a_failure_with_its_reason() -> None:
    with pytest.raises(NodeError, match="too large") as error:
        listed(LogServer(LOGS, most_blocks=0), OWN, OTHER)
    assert error.value.why is Why.UNSUPPORTED
    server = LogServer(LOGS, most_blocks=0, code=-32601, refusal="the method eth_getLogs does not exist")
    with pytest.raises(NodeError) as error:
        listed(server, OWN)
    assert (error.value.why, len(server.asked)) == (Why.UNSUPPORTED, 1)


def changed(**fields: Any) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda logs: [{**log, **fields} for log in logs]


WORD = "0x" + "ab" * 32
TOPICS = LOGS[0].as_json["topics"]


@each_of(
    ("spoil", "why", "told"),
    [
        (lambda _: None, Why.MALFORMED, "no list"),
        (lambda _: ["log"], Why.MALFORMED, "no object"),
        (changed(address="0x" + "71" * 20), Why.MALFORMED, "another contract"),
        (changed(removed=True), Why.WRONG_BLOCK, "replaced"),
        (changed(blockNumber="0x1f"), Why.WRONG_BLOCK, "was not asked for"),
        (changed(blockNumber=5), Why.MALFORMED, "blockNumber"),
        (changed(blockNumber=None), Why.MALFORMED, "blockNumber"),
        (changed(logIndex="0x100000000"), Why.MALFORMED, "beyond all blocks"),
        (changed(blockHash="0xab"), Why.MALFORMED, "has 1 bytes"),
        (changed(transactionHash=None), Why.MALFORMED, "transactionHash"),
        (changed(topics=[]), Why.MALFORMED, "another event"),
        (changed(topics=[WORD, *TOPICS[1:]]), Why.MALFORMED, "another event"),
        (changed(topics=TOPICS[:2]), Why.NO_TOKEN, "not those of an ERC-20"),
        (changed(topics=[*TOPICS, WORD]), Why.NO_TOKEN, "not those of an ERC-20"),
        (changed(topics=[TOPICS[0], WORD, WORD]), Why.NO_TOKEN, "name no accounts"),
        (changed(topics=[TOPICS[0], *2 * [f"0x{'cd' * 20:0>64}"]]), Why.MALFORMED, "were not asked for"),
        (changed(data="0x"), Why.NO_TOKEN, "not those of an ERC-20"),
        (changed(logIndex="0x0"), Why.MALFORMED, "two logs are number 0 of block"),
        (lambda logs: [*logs, *changed(data=WORD)(logs)], Why.MALFORMED, "two logs"),
        (
            lambda logs: [*logs, *changed(blockHash=WORD, logIndex="0x9")(logs)],
            Why.WRONG_BLOCK,
            "logs of two blocks at height",
        ),
    ],
)
def test_a_log_that_was_not_asked_for_or_is_none_is_that_nodes_failure(
    spoil: Callable[[list[dict[str, Any]]], Any], why: Why, told: str
) -> None:
    logs = [LOGS[0], Log(5, 1, OTHER, OWN, 2)]
    with pytest.raises(NodeError, match=told) as error:
        listed(LogServer(logs, spoil=spoil), OWN)
    assert error.value.why is why


def test_a_log_that_an_answer_has_twice_is_one_transfer() -> None:
    assert listed(LogServer(LOGS[:1], spoil=lambda logs: logs * 2), OWN) == (LOGS[0].transfer,)


def test_a_chains_own_coin_moves_without_a_log() -> None:
    coin = AssetId(CHAIN, "slip44", "60")
    server = LogServer()
    with pytest.raises(NodeError, match="without a log") as error:
        asyncio.run(TransferLogs(server.rpc()).transfers(coin, [OWN], 1, 2))
    assert (error.value.why, server.asked) == (Why.UNSUPPORTED, [])
    with pytest.raises(NodeError, match="20 bytes"):
        listed(server, b"short")

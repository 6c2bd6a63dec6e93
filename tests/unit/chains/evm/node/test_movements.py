"""What shows a transaction in its block, from what a node states of the block: for every type, or refused."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast

import pytest

from scanner.chains.evm.node.movements import MovementSource
from scanner.clients.jsonrpc import Call, RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from tests.support.simulated.moved_evm import ETHER, HEIGHT, TIME, MovedBlock, Sent, transfer
from tests.support.tables import each_of

SENT: Final = (
    *(Sent(value=at, kind=at, nonce=at) for at in range(5)),
    Sent(kind=0, chain_id=None, value=5),
    Sent(to=b"", data=b"\x60", value=6),
    replace(transfer(7), status=0, nonce=9),
    transfer(8),
)
BLOCK: Final = MovedBlock(SENT)
SNAPSHOT: Final = Snapshot(ETHER.chain, HEIGHT, BLOCK.hash, "0x" + "77" * 32, datetime.fromtimestamp(TIME, UTC))
NO_METHOD: Final = RpcError(Why.REFUSED, "the method eth_getBlockReceipts does not exist", -32601)


class ScriptedRpc:
    """A node that states this block, and its receipts together or one by one."""

    def __init__(self, block: Any, receipts: Any, *, together: bool = True) -> None:
        self._block = block
        self._receipts = receipts
        self._together = together

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_getBlockByHash":
            assert tuple(params) == (BLOCK.hash, True)
            return self._block
        assert (method, tuple(params)) == ("eth_getBlockReceipts", (BLOCK.hash,))
        if not self._together:
            raise NO_METHOD
        return self._receipts

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        assert calls == [("eth_getTransactionReceipt", (each.hash,)) for each in SENT]
        return list(self._receipts)


def record(index: int, *, block: Any = None, receipts: Any = None, together: bool = True) -> bytes:
    stated = [each.stated_receipt for each in SENT] if receipts is None else receipts
    rpc = ScriptedRpc(BLOCK.stated if block is None else block, stated, together=together)
    return asyncio.run(MovementSource(cast(JsonRpc, rpc)).movement_record(SNAPSHOT, SENT[index].hash))


@each_of("together", [True, False])
@each_of("index", range(len(SENT)))
def test_a_transaction_of_every_type_is_shown_in_its_block(index: int, together: bool) -> None:
    assert record(index, together=together) == BLOCK.record(index)


def test_a_block_that_is_not_there_or_does_not_have_the_transaction_is_another() -> None:
    for block in (False, {**BLOCK.stated, "transactions": BLOCK.stated["transactions"][1:]}):
        with pytest.raises(NodeError) as caught:
            record(0, block=block)
        assert caught.value.why is Why.WRONG_BLOCK


def spoilt(change: Callable[[dict[str, Any], list[dict[str, Any]]], object]) -> dict[str, Any]:
    block, receipts = copy.deepcopy(BLOCK.stated), copy.deepcopy([each.stated_receipt for each in SENT])
    change(block, receipts)
    return {"block": block, "receipts": receipts}


LIES: Final[dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], object]]] = {
    "another amount": lambda block, _: block["transactions"][1].update(value="0x2"),
    "another sender's signature": lambda block, _: block["transactions"][1].update(r="0x1"),
    "another name": lambda block, _: block["transactions"][1].update(hash="0x" + "11" * 32),
    "a transaction too many": lambda block, _: block["transactions"].append(SENT[0].stated),
    "a transaction too few": lambda block, _: block["transactions"].pop(),
    "in another order": lambda block, _: block["transactions"].reverse(),
    "another root": lambda block, _: block.update(transactionsRoot="0x" + "11" * 32),
    "another time": lambda block, _: block.update(timestamp="0x1"),
    "a receipt that succeeded": lambda _, receipts: receipts[7].update(status="0x1"),
    "another log": lambda _, receipts: receipts[8]["logs"][0].update(data="0x" + "00" * 32),
    "a receipt too few": lambda _, receipts: receipts.pop(),
}


@each_of("lie", LIES.values(), ids=LIES)
def test_what_is_stated_otherwise_than_the_header_commits_to_is_refused(
    lie: Callable[[dict[str, Any], list[dict[str, Any]]], object],
) -> None:
    with pytest.raises(NodeError) as caught:
        record(0, **spoilt(lie))
    assert caught.value.why is Why.FORGED


def test_no_trie_is_built_of_a_block_with_a_type_that_is_not_known() -> None:
    with pytest.raises(NodeError, match="type 0x7e") as caught:
        record(0, **spoilt(lambda block, _: block["transactions"][1].update(type="0x7e")))
    assert caught.value.why is Why.UNSUPPORTED


@each_of("value", [None, 7, "x", [], {}, "-0x1", "0x" + "f" * 65, True])
@each_of("name", ("hash", "type", "nonce", "to", "value", "input", "r", "yParity", "accessList", "chainId", "gas"))
def test_a_field_that_is_none_is_refused_as_a_nodes_fault(name: str, value: object) -> None:
    def change(block: dict[str, Any], _: list[dict[str, Any]]) -> None:
        block["transactions"][2][name] = value

    with pytest.raises(NodeError) as caught:
        record(0, **spoilt(change))
    assert caught.value.why in {Why.MALFORMED, Why.FORGED, Why.UNSUPPORTED}


@each_of("value", [None, 7, "x", [None], {}, [[]], "0x"])
@each_of("name", ["status", "cumulativeGasUsed", "logsBloom", "logs", "type"])
def test_so_is_a_field_of_a_receipt(name: str, value: object) -> None:
    def change(_: dict[str, Any], receipts: list[dict[str, Any]]) -> None:
        receipts[8][name] = value

    with pytest.raises(NodeError) as caught:
        record(0, **spoilt(change))
    assert caught.value.why in {Why.MALFORMED, Why.FORGED, Why.UNSUPPORTED}


def test_lists_that_are_none_are_refused() -> None:
    lists: tuple[dict[str, Any], ...] = (
        {"receipts": {}},
        {"receipts": [None]},
        {"block": {**BLOCK.stated, "transactions": None}},
    )
    for stated in lists:
        with pytest.raises(NodeError) as caught:
            record(0, **stated)
        assert caught.value.why is Why.MALFORMED

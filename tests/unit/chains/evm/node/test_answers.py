"""Values, headers, errors and chains: what of a node's words is taken, and for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.facts import EVM_CHAINS, EvmChain, evm_chain
from scanner.chains.evm.node.errors import NotThisWay, Reverted, TooMuch, meaning
from scanner.chains.evm.node.values import at, check_header, data, hex_data, quantity, snapshot_of
from scanner.chains.names import parse_chain
from scanner.clients.jsonrpc import MessageTooLarge, RpcError, TimedOut
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from tests.support.strength import examples
from tests.support.tables import each_of

ETHEREUM = parse_chain("eip155:1")
SNAPSHOT = Snapshot(ETHEREUM, 100, "0x" + "aa" * 32, "0x" + "bb" * 32, datetime(2023, 11, 22, 16, tzinfo=UTC))
BLOCK = {"number": "0x64", "hash": "0x" + "aA" * 32, "parentHash": "0x" + "bb" * 32, "timestamp": "0x655e2580"}


def header(chain_id: int = 1, number: int = 100, parent: bytes = b"\xbb" * 32) -> bytes:
    return chain_id.to_bytes(32) + number.to_bytes(32) + parent


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(0, 2**256 - 1))
def test_a_quantity_of_up_to_256_bits_is_read_exactly(value: int) -> None:
    assert quantity(hex(value), "it") == value


@each_of(
    "value", [None, True, 5, 5.0, "", "0x", "5", "0x00", "0x05", "-0x5", "0x-5", "0X5", "0x1_0", " 0x5", "0x5\n", "0x٣"]
)
def test_any_other_spelling_is_no_quantity(value: object) -> None:
    with pytest.raises(NodeError, match="the balance is no hexadecimal quantity") as caught:
        quantity(value, "the balance")
    assert caught.value.why is Why.MALFORMED


def test_257_bits_are_no_quantity() -> None:
    with pytest.raises(NodeError):
        quantity(hex(2**256), "it")


@settings(max_examples=examples(50), deadline=None)
@given(st.binary(max_size=100))
def test_data_survives_its_spelling(content: bytes) -> None:
    assert data(hex_data(content), "it") == content


@each_of("value", [None, 5, "", "00", "0x0", "0xzz", "0x 00", "0x00 ", "0x00\n", "0X00", "0x٣٣", b"0x00"])
def test_any_other_spelling_is_no_data(value: object) -> None:
    with pytest.raises(NodeError) as caught:
        data(value, "it")
    assert caught.value.why is Why.MALFORMED


def test_a_block_becomes_a_snapshot_in_lower_case() -> None:
    assert snapshot_of(BLOCK, ETHEREUM) == SNAPSHOT


@each_of(
    "change",
    [
        *({"hash": value} for value in (None, "0x", "0x" + "aa" * 31, "0x" + "aa" * 33, "aa" * 32, 5)),
        *({"parentHash": value} for value in (None, "0x", "0x" + "zz" * 32)),
        *(
            {"number": value}
            for value in (None, 100, "100", "0x064", "pending", hex(2**53), hex(10**30), hex(2**256 - 1))
        ),
        *({"timestamp": value} for value in (None, 1, "0x", hex(1_700_671_600_000), hex(2**200))),
    ],
    ids=str,
)
def test_a_block_with_a_field_that_is_not_as_documented_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(NodeError) as caught:
        snapshot_of({**BLOCK, **change}, ETHEREUM)
    assert caught.value.why is Why.MALFORMED


@pytest.mark.parametrize("field", list(BLOCK))
def test_a_block_without_a_field_is_malformed(field: str) -> None:
    with pytest.raises(NodeError):
        snapshot_of({name: value for name, value in BLOCK.items() if name != field}, ETHEREUM)


@pytest.mark.parametrize("block", [None, [], "0x", 5])
def test_what_is_no_object_is_no_block(block: object) -> None:
    with pytest.raises(NodeError):
        snapshot_of(block, ETHEREUM)


def test_a_block_is_asked_for_by_hash_and_only_if_it_is_canonical() -> None:
    assert at(SNAPSHOT) == {"blockHash": SNAPSHOT.hash, "requireCanonical": True}


def test_the_header_of_the_snapshot_passes() -> None:
    check_header(header(), SNAPSHOT, EvmChain("Ethereum", "ETH"))


@each_of(
    ("shown", "why"),
    [
        (header(chain_id=5), Why.WRONG_CHAIN),
        (header(chain_id=2**200 + 1), Why.WRONG_CHAIN),
        (header(number=99), Why.WRONG_BLOCK),
        (header(number=101), Why.WRONG_BLOCK),
        (header(parent=b"\xbc" * 32), Why.WRONG_BLOCK),
        (header(parent=bytes(32)), Why.WRONG_BLOCK),
        (header()[:-1], Why.MALFORMED),
        (b"", Why.MALFORMED),
    ],
)
def test_a_header_of_another_chain_block_or_branch_does_not(shown: bytes, why: Why) -> None:
    with pytest.raises(NodeError) as caught:
        check_header(shown, SNAPSHOT, EvmChain("Ethereum", "ETH"))
    assert caught.value.why is why


def test_a_parent_is_not_asked_of_a_chain_whose_instructions_cannot_show_it() -> None:
    oktc = replace(SNAPSHOT, chain=parse_chain("eip155:66"))
    check_header(header(66, parent=bytes(32)), oktc, evm_chain(oktc.chain))
    with pytest.raises(NodeError):
        check_header(header(66, number=99, parent=bytes(32)), oktc, evm_chain(oktc.chain))
    with pytest.raises(NodeError):
        check_header(header(1, parent=bytes(32)), oktc, evm_chain(oktc.chain))


def test_scroll_s_block_hashes_count_since_they_are_block_hashes() -> None:
    scroll = parse_chain("eip155:534352")
    before = replace(SNAPSHOT, chain=scroll)
    after = replace(before, time=datetime(2026, 1, 1, tzinfo=UTC))
    check_header(header(534352, parent=bytes(32)), before, evm_chain(scroll))
    with pytest.raises(NodeError):
        check_header(header(534352, number=99), before, evm_chain(scroll))
    with pytest.raises(NodeError):
        check_header(header(534352, parent=bytes(32)), after, evm_chain(scroll))


def test_an_unlisted_chain_has_ethereum_s_ways_and_no_multicall() -> None:
    ways = evm_chain(parse_chain("eip155:31337"))
    assert ways == EvmChain("eip155:31337", "", multicall3=None)
    assert ways.final_depth is None


def test_the_chains_of_okx_s_report_are_listed() -> None:
    assert {1, 10, 56, 61, 66, 137, 196, 324, 8453, 42161, 43114, 59144, 534352} <= EVM_CHAINS.keys()


def rpc_error(message: str, code: int = -32000, payload: object = None) -> RpcError:
    return RpcError(Why.REFUSED, message, code, payload)


@each_of(
    ("error", "kind", "why"),
    [
        (rpc_error("execution reverted", 3, "0x"), Reverted, Why.NO_TOKEN),
        (rpc_error("no words that are known", 3, "0x08c379a0"), Reverted, Why.NO_TOKEN),
        (rpc_error("no words that are known", 3), RpcError, Why.REFUSED),  # a gateway's number for anything
        (rpc_error("no words that are known", 3, "a text"), RpcError, Why.REFUSED),
        (rpc_error("execution reverted: missing trie node"), Reverted, Why.NO_TOKEN),  # the contract's own words
        (rpc_error("VM execution error.", -32015), Reverted, Why.NO_TOKEN),
        (rpc_error("EVM error InvalidFEOpcode", -32603), Reverted, Why.NO_TOKEN),
        (rpc_error("missing trie node 12 (path )"), NodeError, Why.NO_STATE),
        (rpc_error("required historical state unavailable (reexec=128)"), NodeError, Why.NO_STATE),
        (rpc_error("state 0x12 is not available, not found"), NodeError, Why.NO_STATE),
        (rpc_error("not supported because your node is running with state pruning"), NodeError, Why.NO_STATE),
        (rpc_error("Archive requests require a paid plan"), NodeError, Why.NO_STATE),
        (rpc_error("unknown block"), NodeError, Why.WRONG_BLOCK),
        (rpc_error("header for hash not found"), NodeError, Why.WRONG_BLOCK),
        (rpc_error("anything", -32001), NodeError, Why.WRONG_BLOCK),
        (rpc_error("cannot query unfinalized data"), NodeError, Why.NOT_FINAL),
        (rpc_error("too many arguments, want at most 2", -32602), NotThisWay, Why.UNSUPPORTED),
        (rpc_error("the method eth_call does not exist", -32601), NotThisWay, Why.UNSUPPORTED),
        (rpc_error("Batched requests are not supported by this server", -32005), NotThisWay, Why.UNSUPPORTED),
        (rpc_error("out of gas"), TooMuch, Why.REFUSED),
        (rpc_error("EVM error OutOfGas", -32603), TooMuch, Why.REFUSED),
        (rpc_error("intrinsic gas too high -- CallGasCostMoreThanGasLimit"), TooMuch, Why.REFUSED),
        (rpc_error("execution aborted (timeout = 5s)"), TooMuch, Why.REFUSED),
        (rpc_error("Request is too big", -32007), TooMuch, Why.REFUSED),
        (rpc_error("batch too large", -32600), TooMuch, Why.REFUSED),
        (rpc_error("response too large", -32003), TooMuch, Why.REFUSED),
        (rpc_error("max code size exceeded"), TooMuch, Why.REFUSED),
        (rpc_error("something else"), RpcError, Why.REFUSED),
        (RpcError(Why.RATE_LIMITED, "limit exceeded", -32005), RpcError, Why.RATE_LIMITED),
        (MessageTooLarge(Why.REFUSED, "HTTP 413"), TooMuch, Why.REFUSED),
        (TimedOut(Why.UNREACHABLE, "no answer"), TooMuch, Why.UNREACHABLE),
        (NodeError(Why.MALFORMED, "no JSON"), NodeError, Why.MALFORMED),
    ],
    ids=lambda value: getattr(value, "detail", None),
)  # fmt: skip
def test_each_error_has_its_meaning(error: NodeError, kind: type[NodeError], why: Why) -> None:
    found = meaning(error)
    assert type(found) is kind
    assert found.why is why
    assert found.detail == error.detail


@each_of(
    ("payload", "position"),
    [
        ("0x" + "00" * 31 + "05", 5),
        ("0x" + "00" * 32, 0),
        ("0x" + "00" * 27 + "01" + "00" * 4, None),
        ("0x" + "00" * 31, None),
        ("0x", None),
        ("0x08c379a0" + "00" * 32, None),
        (None, None),
        ({"a": 1}, None),
        (5, None),
    ],
)
def test_a_revert_tells_a_position_only_as_our_code_does(payload: object, position: int | None) -> None:
    found = meaning(rpc_error("execution reverted", 3, payload))
    assert isinstance(found, Reverted)
    assert found.position == position

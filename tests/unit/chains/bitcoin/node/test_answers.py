"""Amounts and fields in Bitcoin Core's answers: exact, or refused."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import parse_header
from scanner.chains.bitcoin.node.answers import add_block, height_field, satoshis
from scanner.chains.bitcoin.node.electrum import history_of
from scanner.chains.bitcoin.node.moves import json_params
from scanner.chains.bitcoin.node.rewind import Moves
from scanner.clients.fields import field
from scanner.clients.jsonrpc import decode
from scanner.errors import NodeError, Why
from tests.support.simulated.bitcoin import SimBitcoin
from tests.support.tables import each_of

BITCOIN = BITCOIN_CHAINS["000000000019d6689c085ae165831e93"]


@given(st.integers(0, 21 * 10**14))
def test_every_amount_that_can_be_is_read_exactly(atoms: int) -> None:
    text = f"{atoms // 10**8}.{atoms % 10**8:08d}"
    assert satoshis(decode(text.encode()), BITCOIN) == atoms


def test_amounts_are_read_whatever_way_json_may_write_them() -> None:
    for text, atoms in ((b"0", 0), (b"1", 10**8), (b"1e-8", 1), (b"2.1E7", 21 * 10**14), (b"0.10", 10**7)):
        assert satoshis(decode(text), BITCOIN) == atoms


@each_of(
    "amount",
    [
        Decimal("0.000000001"),
        Decimal("1.100000000"),
        Decimal("0." + "1" * 40),
        Decimal("-0.00000001"),
        Decimal("21000000.00000001"),
        21_000_001,
        -1,
        Decimal("NaN"),
        Decimal("Infinity"),
        0.5,
        True,
        "1",
        None,
        [1],
    ],
)
def test_an_amount_that_cannot_be_is_refused(amount: Any) -> None:
    with pytest.raises(NodeError) as error:
        satoshis(amount, BITCOIN)
    assert error.value.why is Why.MALFORMED


@each_of("answer", [None, 7, [], {}, {"height": None}, {"height": True}, {"height": "7"}, {"height": Decimal(7)}])
def test_a_field_that_is_missing_or_of_another_kind_is_refused(answer: Any) -> None:
    with pytest.raises(NodeError):
        field(answer, "height", int)


@pytest.mark.parametrize("height", [-1, 2**31])
def test_a_height_that_cannot_be_is_refused(height: int) -> None:
    with pytest.raises(NodeError):
        height_field({"height": height})


@given(st.lists(st.binary(max_size=40), max_size=20), st.text(), st.integers())
def test_parameters_are_the_json_of_descriptors_between_what_goes_before_and_after(
    scripts: list[bytes], before: str, after: int
) -> None:
    expected = [before, [f"raw({script.hex()})" for script in scripts], after, False]
    assert json.loads(json_params(before, scripts, after, False)) == expected


def test_a_block_with_a_transaction_left_out_is_not_the_one_its_header_commits_to() -> None:
    chain = SimBitcoin(Random(1), [b"\x51"], 20)
    height = next(at for at, block in enumerate(chain.blocks) if len(block.transactions) > 2)
    block = chain.blocks[height]
    answer = chain.answer("getblock", [block.hash, 3])
    add_block(Moves(), answer, (height, parse_header(block.header)), {b"\x51"}, BITCOIN)
    del answer["tx"][1]
    with pytest.raises(NodeError, match="commits"):
        add_block(Moves(), answer, (height, parse_header(block.header)), {b"\x51"}, BITCOIN)


def test_the_mempool_and_what_came_after_the_snapshot_are_no_part_of_a_history() -> None:
    history = [{"tx_hash": f"{height % 256:02x}" * 32, "height": height} for height in (-1, 0, 1, 5, 6)]
    assert [entry.height for entry in history_of(history, 5)] == [1, 5]

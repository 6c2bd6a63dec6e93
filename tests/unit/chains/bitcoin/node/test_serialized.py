"""Transactions of Dash, with payloads and without inputs, and headers that are named by the next one."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import double_sha256
from scanner.chains.bitcoin.node.block import header_from_hex, snapshot_of
from scanner.chains.bitcoin.node.history import parse_transaction
from scanner.chains.names import parse_chain
from tests.support.places import SHARED, VECTORS
from tests.support.simulated.kin_of_bitcoin import SimDash

DASH = parse_chain("bip122:00000ffd590b1485b3caadc19b22e637")
FACTS = BITCOIN_CHAINS[DASH.reference]
KNOWN = json.loads((VECTORS / "merge_mined_and_x11_headers.json").read_text())["dash"]
SIMULATED = SimDash(Random(3), [b"\x51", b"\x52"], blocks=12)
TRANSACTIONS = [each for block in SIMULATED.blocks for each in block.transactions]
RECORDED = SHARED / "data" / "chains" / "utxo"


def test_a_header_of_dash_has_the_name_that_it_is_asked_by_since_its_hash_is_not_known() -> None:
    header = header_from_hex(KNOWN["header"], DASH, KNOWN["hash"])
    assert header.hash == KNOWN["hash"] != double_sha256(bytes.fromhex(KNOWN["header"]))[::-1].hex()
    snapshot = snapshot_of(DASH, KNOWN["height"], header, KNOWN["hash"])
    assert snapshot.parent == "0000000000000028b3f68bcdfca0ce5fbc475c209438e6451e3424258f3ddcc4"
    assert int(snapshot.time.timestamp()) == 1522372979


def test_a_transaction_of_dash_is_read_with_its_payload_and_without_inputs() -> None:
    kinds = set()
    for each in TRANSACTIONS:
        found = parse_transaction(each.raw, FACTS)
        assert found.txid == each.txid
        assert found.outputs == tuple((output.script, output.atoms) for output in each.outputs)
        assert len(found.inputs) == len(each.spends)
        kinds.add(int.from_bytes(each.raw[:4], "little") >> 16)
    assert kinds == {0, 1, 5, 9}


@given(st.sampled_from(TRANSACTIONS), st.integers(0, 500), st.binary(max_size=4))
def test_a_transaction_of_dash_cut_short_or_with_more_behind_it_is_none(each: object, cut: int, more: bytes) -> None:
    raw: bytes = each.raw  # type: ignore[attr-defined]
    for spoiled in (raw[: len(raw) - 1 - cut % len(raw)], raw + more + b"\0"):
        with pytest.raises(ValueError, match="no transaction"):
            parse_transaction(spoiled, FACTS)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_transaction_or_refused(raw: bytes) -> None:
    with suppress(ValueError):
        assert parse_transaction(raw, FACTS).txid == double_sha256(raw)[::-1].hex()


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded transactions are not here")
@pytest.mark.parametrize(
    ("name", "reference"), [("dash", DASH.reference), ("dogecoin", "1a91e3dace36e2be3bf030a65679fe82")]
)
def test_recorded_transactions_are_read_to_the_atom(name: str, reference: str) -> None:
    told = json.loads((RECORDED / f"{name}-transaction.json").read_text(), parse_float=str)
    ((txid, one),) = told["one"].items()
    found = parse_transaction(bytes.fromhex(one["hex"]), BITCOIN_CHAINS[reference])
    assert found.txid == txid
    coins = [f"{atoms // 10**8}.{atoms % 10**8:08}".rstrip("0").rstrip(".") for _, atoms in found.outputs]
    assert coins == [str(each["value"]).rstrip("0").rstrip(".") for each in one["vout"]]
    assert [script.hex() for script, _ in found.outputs] == [each["scriptPubKey"]["hex"] for each in one["vout"]]

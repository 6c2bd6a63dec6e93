"""Beacon blocks, written by another hand: their roots, and where they have their execution block's hash."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.beacon.bodies import CAPELLA, FULU, block_hash_branch, body, payload, payload_header
from scanner.chains.beacon.past import hash_place
from scanner.chains.beacon.ssz import levels, root_of_branch
from scanner.chains.evm import rlp
from tests.support.places import SHARED
from tests.support.simulated import beacon_types as types
from tests.support.simulated.ssz import some
from tests.support.strength import examples
from tests.support.tables import each_of

RECORDED = SHARED / "data" / "anchor" / "history"
SLOTS = {3: 194_048 * 32 + 7, 4: 269_568 * 32 + 7, 5: 364_032 * 32 + 7, 6: 411_392 * 32 + 7}


@each_of("fork", SLOTS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=examples(50))
def test_a_block_leads_to_its_execution_blocks_hash(fork: int, seed: int) -> None:
    block: dict[str, Any] = some(types.block(fork), Random(seed))
    message = block["message"]
    header, found, branch = block_hash_branch(types.block(fork).write(block), fork)
    body_root = types.body(fork).hash(message["body"])
    assert (header.body_root, header.slot) == (body_root, message["slot"])
    assert found == message["body"]["execution_payload"]["block_hash"]
    assert root_of_branch(found, branch, hash_place(SLOTS[fork])) == header.root
    whole = {name: message[name] for name in ("slot", "proposer_index", "parent_root", "state_root")}
    assert types.HEADER.hash(whole | {"body_root": body_root}) == header.root


@each_of("fork", SLOTS)
def test_a_payloads_header_has_the_payloads_shape(fork: int) -> None:
    value = some(types.payload(fork, header=True), Random(3))
    type_ = types.payload(fork, header=True)
    assert payload_header(fork).root(type_.write(value)) == type_.hash(value)
    assert payload(fork).depth == payload_header(fork).depth


@given(data=st.data(), fork=st.sampled_from([*SLOTS]))
@settings(max_examples=examples(200))
def test_a_block_that_was_changed_is_another_block_or_none(data: st.DataObject, fork: int) -> None:
    written = types.block(fork).write(some(types.block(fork), Random(5)))
    honest, _, _ = block_hash_branch(written, fork)
    at = data.draw(st.integers(100, len(written) - 1))
    try:
        header, _, _ = block_hash_branch(written[:at] + bytes([written[at] ^ 16]) + written[at + 1 :], fork)
    except ValueError:
        return
    assert header.root != honest.root


@given(data=st.binary(max_size=1000))
@settings(max_examples=examples(100))
def test_bytes_that_are_no_block_are_refused(data: bytes) -> None:
    for each in (data, (100).to_bytes(4, "little") + bytes(176) + (84).to_bytes(4, "little") + data):
        with pytest.raises(ValueError, match=r"\w"):
            block_hash_branch(each, FULU)


def test_bodies_of_other_forks_are_not_known() -> None:
    for fork in (CAPELLA - 1, FULU + 1):
        with pytest.raises(ValueError, match="not known here"):
            body(fork)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded blocks are not here")
@pytest.mark.parametrize(("number", "fork"), [(17034870, 3), (17062257, 3), (22162263, 5)])
def test_the_fields_of_recorded_headers_are_those_beside_the_hash(number: int, fork: int) -> None:
    """Of a payload's fields all but two stand in the block's header: their hashes are on the recorded branch."""
    said = json.loads((RECORDED / f"{number}.json").read_text())
    items = rlp.decode(bytes.fromhex(said["header_rlp"][2:]))
    assert isinstance(items, list)
    text = [each if isinstance(each, bytes) else b"" for each in items]
    parent, _, coinbase, state, _, receipts, bloom, _, height, limit, used, time, extra, randao, _, fee = text[:16]
    little = [int.from_bytes(each).to_bytes(8, "little") for each in (height, limit, used, time)]
    values = [
        parent,
        coinbase,
        state,
        receipts,
        bloom,
        randao,
        *little,
        extra,
        int.from_bytes(fee).to_bytes(32, "little"),
    ]
    kinds = [kind for _, kind in payload(fork).fields[:12]]
    leaves = [kind.root(value) for kind, value in zip(kinds, values, strict=True)]
    branch = [bytes.fromhex(each[2:]) for each in said["execution_branch"]]
    assert levels(b"".join(leaves[8:12]), 2)[-1] == branch[2]
    assert levels(b"".join(leaves[:8]), 3)[-1] == branch[3]

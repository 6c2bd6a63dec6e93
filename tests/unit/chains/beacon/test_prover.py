"""Validators' balances, proven from a beacon block's root, out of states of a thousand validators that are built here.

No real node's state was read: what a state is stands in two hands, and both follow the specification alone.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.beacon.header import header_bytes
from scanner.chains.beacon.node.hashed_state import HashedState
from scanner.chains.beacon.prover import BeaconStateProofs, balance_place, key_place, place_record
from scanner.chains.beacon.state_types import VALIDATOR, state
from scanner.chains.beacon.sync_committee import NETWORKS
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated import beacon_types as types
from tests.support.simulated.beacon import key_of
from tests.support.simulated.beacon_states import BEACON, SLOTS, BuiltBeacon
from tests.support.simulated.ssz import some
from tests.support.strength import examples
from tests.support.tables import each_of

ETHER = AssetId(BEACON, "slip44", "60")
COUNT = 1000
AMOUNTS = {key_of(number): 31 * 10**9 + number * 1_000_003 for number in range(COUNT)}
CHOSEN = [key_of(number) for number in (0, 1, 511, 512, 998, 999)]


@cache
def built(fork: int) -> BuiltBeacon:
    return BuiltBeacon(fork, AMOUNTS)


@cache
def hashed(fork: int) -> HashedState:
    written = built(fork).written
    return HashedState(io.BytesIO(written), len(written), state(fork))


@cache
def stated(fork: int) -> bytes:
    return types.HEADER.write(built(fork).header)


def records(fork: int, *keys: bytes) -> list[bytes]:
    return [stated(fork), *hashed(fork).records(keys)]


def shown(fork: int, key: bytes, found: list[bytes], reached: set[bytes] | None = None) -> int:
    names: set[bytes] = set() if reached is None else reached
    return BeaconStateProofs().state(built(fork).snapshot, Witness(found), names).balance(ETHER, key, None)


@each_of("fork", SLOTS)
def test_every_balance_is_proven_from_the_blocks_root(fork: int) -> None:
    snapshot = built(fork).snapshot
    witness = Witness(hashed(fork).records(AMOUNTS))
    for record in BeaconStateProofs().header(snapshot, stated(fork)):
        witness.add(record)
    reached: set[bytes] = set()
    proven = BeaconStateProofs().state(snapshot, witness, reached)
    assert {key: proven.balance(ETHER, key, None) for key in AMOUNTS} == AMOUNTS
    assert reached == set(witness)


@each_of("fork", SLOTS)
def test_a_balance_rests_on_exactly_the_records_that_lead_to_it(fork: int) -> None:
    for key in CHOSEN:
        found = records(fork, key)
        reached: set[bytes] = set()
        assert shown(fork, key, found, reached) == AMOUNTS[key]
        assert reached == {keccak256(record) for record in found}
        assert sum(map(len, found)) < 7000


def test_no_record_can_be_left_out() -> None:
    key = CHOSEN[2]
    found = records(6, key)
    for at in range(len(found)):
        with pytest.raises(ProofError) as error:
            shown(6, key, [*found[:at], *found[at + 1 :]])
        assert error.value.flaw is Flaw.INCOMPLETE


@given(data=st.data())
@settings(max_examples=examples(300))
def test_no_byte_of_a_record_can_be_changed(data: st.DataObject) -> None:
    fork, key = data.draw(st.sampled_from([*SLOTS])), data.draw(st.sampled_from(CHOSEN))
    found = records(fork, key)
    which = data.draw(st.integers(0, len(found) - 1))
    record = found[which]
    at, bit = data.draw(st.integers(0, len(record) - 1)), data.draw(st.integers(0, 7))
    found[which] = record[:at] + bytes([record[at] ^ 1 << bit]) + record[at + 1 :]
    with pytest.raises(ProofError):
        shown(fork, key, found)


def test_a_key_stands_for_no_other_validators_balance() -> None:
    key, other = CHOSEN[0], CHOSEN[3]
    found = [record for record in records(5, key, other) if record[:48] not in {key, other}]
    for index in (512, 1, 1000, 2**40 - 1, 2**40, 2**64 - 1):
        with pytest.raises(ProofError):
            shown(5, key, [*found, place_record(key, index)])
    assert shown(5, key, [*found, place_record(key, 512), place_record(key, 0)]) == AMOUNTS[key]


def test_a_key_that_the_state_does_not_have_is_not_proven_to_hold_nothing() -> None:
    found = records(5, key_of(COUNT), CHOSEN[0])
    with pytest.raises(ProofError, match="which validator it is"):
        shown(5, key_of(COUNT), found)
    assert hashed(5).records([key_of(COUNT)]) == []


@each_of(
    ("asset", "key", "flaw"),
    [
        (AssetId(BEACON, "slip44", "61"), CHOSEN[0], Flaw.INCOMPLETE),
        (AssetId(BEACON, "erc20", "0x" + "ab" * 20), CHOSEN[0], Flaw.INCOMPLETE),
        (ETHER, CHOSEN[0][:20], Flaw.MALFORMED),
        (ETHER, b"", Flaw.MALFORMED),
    ],
)
def test_what_validators_do_not_hold_is_not_proven(asset: AssetId, key: bytes, flaw: Flaw) -> None:
    proven = BeaconStateProofs().state(built(5).snapshot, Witness(records(5, CHOSEN[0])), set())
    with pytest.raises(ProofError) as error:
        proven.balance(asset, key, None)
    assert error.value.flaw is flaw


def said_otherwise() -> list[Snapshot]:
    block = built(5).snapshot
    return [
        replace(block, height=block.height + 1),
        replace(block, parent="0x" + "71" * 32),
        replace(block, time=block.time + timedelta(seconds=12)),
        replace(block, hash="0x" + "72" * 32),
        replace(block, chain=Chain("beacon", "17000")),
    ]


@pytest.mark.parametrize("block", said_otherwise())
def test_a_header_has_to_say_of_the_block_what_the_snapshot_says(block: Snapshot) -> None:
    with pytest.raises(ProofError):
        BeaconStateProofs().header(block, stated(5))
    with pytest.raises(ProofError):
        BeaconStateProofs().state(block, Witness(records(5, CHOSEN[0])), set())


@given(data=st.binary(max_size=200))
@settings(max_examples=examples(50))
def test_bytes_that_are_no_header_are_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        BeaconStateProofs().header(built(5).snapshot, data)


def test_generalized_indices_follow_from_the_specification() -> None:
    mainnet = NETWORKS["1"]
    assert key_place(mainnet, SLOTS[4], 7) == ((32 + 11) * 2**41 + 7) * 8
    assert key_place(mainnet, SLOTS[5], 7) == ((64 + 11) * 2**41 + 7) * 8
    assert balance_place(mainnet, SLOTS[5], 7) == (64 + 12) * 2**39 + 1


# A state as a node writes it


@each_of("fork", SLOTS)
def test_a_states_root_is_the_one_that_its_header_commits_to(fork: int) -> None:
    assert hashed(fork).root == built(fork).header["state_root"]
    blank = types.state(fork).blank()
    written = types.state(fork).write(blank)
    assert HashedState(io.BytesIO(written), len(written), state(fork)).root == types.state(fork).hash(blank)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=examples(30))
def test_validators_have_the_roots_of_their_shape(seed: int) -> None:
    value = some(types.VALIDATOR, Random(seed))
    assert VALIDATOR.root(types.VALIDATOR.write(value)) == types.VALIDATOR.hash(value)


@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_a_state_that_was_changed_has_another_root_or_none(data: st.DataObject) -> None:
    written = built(6).written
    head = state(6).fixed
    at = data.draw(
        st.one_of(st.integers(0, 500), st.integers(head - 3000, head + 600), st.integers(0, len(written) - 1))
    )
    changed = written[:at] + bytes([written[at] ^ 4]) + written[at + 1 :]
    try:
        found = HashedState(io.BytesIO(changed), len(changed), state(6)).root
    except ValueError:
        return
    assert found != built(6).header["state_root"]


@each_of("cut", [0, 1, 100, -1, -121, -5000])
def test_a_state_that_is_cut_short_is_none(cut: int) -> None:
    written = built(6).written[:cut]
    try:
        found = HashedState(io.BytesIO(written), len(written), state(6)).root
    except ValueError:
        return
    assert found != built(6).header["state_root"]


def test_a_header_written_by_either_hand_is_the_same() -> None:
    from scanner.chains.beacon.header import header_from_bytes

    assert header_bytes(header_from_bytes(stated(5))) == stated(5)

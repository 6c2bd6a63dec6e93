"""Finality by sync committees: from a beacon block that a reader trusts to an execution block, across forks.

Committees here are made by the test, with real signatures; those of mainnet in August 2023 are read where the recorded
files are. No real beacon node was asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting.anchored import Standing, anchored
from scanner.chains.ancestry import Finalized
from scanner.chains.anchor import Anchor
from scanner.chains.beacon import aggregate
from scanner.chains.beacon.finality import SyncCommittees
from scanner.chains.beacon.node.light_client import FinalitySource
from scanner.chains.beacon.sync_committee import COMMITTEE
from scanner.clients.rest import NotFound
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED
from tests.support.simulated.beacon_past import Past
from tests.support.simulated.light_client import CAPELLA, DENEB, ELECTRA, PERIOD, Beacon, hexed
from tests.support.tables import each_of

BEACON = Chain("beacon", "1")
RECORDED = SHARED / "data" / "anchor" / "lightclient"


class Answers:
    """What a node's REST interface answers, without one."""

    def __init__(self, bootstrap: Any, updates: Sequence[Any], final: Any) -> None:
        self._bootstrap, self._updates, self._final = bootstrap, updates, final

    async def get(self, path: str, _query: str = "", **_limits: int) -> bytes:
        match path.split("/")[5:]:
            case ["bootstrap", _]:
                answer = {"data": self._bootstrap}
            case ["updates"]:
                return json.dumps([{"data": each} for each in self._updates]).encode()
            case _:
                answer = {"data": self._final}
        return json.dumps(answer).encode()


def records_of(bootstrap: Any, updates: Sequence[Any], final: Any) -> list[bytes]:
    source = FinalitySource(BEACON, Answers(bootstrap, updates, final))  # type: ignore[arg-type]
    step = source.finality_records("0x")
    try:
        while True:
            step.send(None)
    except StopIteration as done:
        found: list[bytes] = done.value
        return found


def walked(records: Sequence[bytes], checkpoint: bytes) -> Finalized:
    witness = Witness()
    names = [witness.add(record) for record in records]
    return SyncCommittees().walk(BEACON, hexed(checkpoint), names, witness)


@cache
def era(epoch: int) -> tuple[Beacon, tuple[bytes, ...]]:
    """A checkpoint in the first period that is wholly in an era, and what leads two periods on from it."""
    first = -(-epoch * 32 // PERIOD) * PERIOD
    start = Beacon(first + 64)
    updates = [
        Beacon(first + at * PERIOD + 300, finalized=Beacon(first + at * PERIOD + 200)).update(absent=at)
        for at in range(2)
    ]
    last = Beacon(first + 2 * PERIOD + 300, finalized=Beacon(first + 2 * PERIOD + 200, b"\xab" * 32))
    return start, tuple(records_of(start.bootstrap, updates, last.finality_update(absent=7)))


@pytest.mark.parametrize("epoch", [CAPELLA, DENEB, ELECTRA])
def test_committees_lead_from_a_checkpoint_to_a_final_block_two_periods_on(epoch: int) -> None:
    start, records = era(epoch)
    assert walked(records, start.root) == Finalized("0x" + "ab" * 32, 3, 505, 512)


def test_a_checkpoint_that_is_another_block_leads_nowhere() -> None:
    _, records = era(DENEB)
    with pytest.raises(ProofError, match="begins at the beacon block"):
        walked(records, b"\x00" * 32)


def test_a_committee_that_was_left_out_is_not_known() -> None:
    start, (first, _, second, *rest) = era(DENEB)
    with pytest.raises(ProofError, match="is not known"):
        walked([first, second, *rest], start.root)


def test_fewer_than_two_thirds_decide_nothing() -> None:
    start, (first, *_, last) = era(DENEB)
    block = Beacon(start.slot + 100, finalized=Beacon(start.slot + 64, b"\xab" * 32))
    enough, too_few = (records_of(start.bootstrap, [], block.finality_update(absent=absent)) for absent in (170, 171))
    assert walked(enough, start.root).signers == 342
    with pytest.raises(ProofError, match="341 of 512 signed"):
        walked(too_few, start.root)
    assert first != last


def test_what_another_committee_signed_or_at_another_fork_is_not_signed() -> None:
    start, _ = era(DENEB)
    block = Beacon(start.slot + 100, finalized=Beacon(start.slot + 64, b"\xab" * 32))
    honest = block.finality_update()
    other = Beacon(start.slot + 101, finalized=block.finalized).finality_update()
    for said in (
        honest | {"sync_aggregate": other["sync_aggregate"]},
        honest | {"signature_slot": str(ELECTRA * 32 + 1)},
        honest | {"signature_slot": str(block.slot)},
        replace(block, slot=block.slot + PERIOD).finality_update(),
    ):
        with pytest.raises(ProofError):
            walked(records_of(start.bootstrap, [], said), start.root)


def test_a_next_committee_is_taken_only_from_what_is_final_in_its_period() -> None:
    """Signed at the period's start, with the last finalized block still in the one before."""
    start, _ = era(DENEB)
    early = Beacon(start.slot + PERIOD, finalized=Beacon(start.slot + 200))
    records = records_of(
        start.bootstrap, [Beacon(start.slot + 90, finalized=Beacon(start.slot)).update()], early.update()
    )
    assert walked(records, start.root).updates == 2
    assert len(records[2]) < COMMITTEE


def test_headers_that_lead_no_further_are_not_followed_however_many_there_are() -> None:
    """Each costs a signature: seconds, where the fast library is not installed."""
    start, (first, update, *rest) = era(DENEB)
    assert walked([first, update, update, *rest], start.root).updates == 4
    with pytest.raises(ProofError, match="more than 2 signed headers that name no new committee"):
        walked([first, update, update, update, *rest], start.root)
    with pytest.raises(ProofError, match="more than 2 signed headers that name no new committee"):
        walked([first, update, *rest[:-1], rest[-2], rest[-2], rest[-1]], start.root)


def test_a_node_whose_updates_never_end_is_not_asked_forever() -> None:
    start, _ = era(DENEB)
    with pytest.raises(NodeError, match="more than 2000 periods"):
        records_of(start.bootstrap, [{}] * 16, {})


@pytest.mark.parametrize("which", range(5))
def test_no_byte_of_a_record_can_be_changed(which: int) -> None:
    """Those of keys and of signatures cost a pairing each, so of each part a few are tried."""
    start, records = era(DENEB)
    size = len(records[which])
    for at in {*range(0, size, max(1, size // 7)), size - 1}:
        edited = records[which][:at] + bytes([records[which][at] ^ 0x40]) + records[which][at + 1 :]
        with pytest.raises(ProofError):
            walked([*records[:which], edited, *records[which + 1 :]], start.root)
    for changed in (records[which][:-1], records[which] + b"\0" * 32, b""):
        with pytest.raises(ProofError):
            walked([*records[:which], changed, *records[which + 1 :]], start.root)


@given(data=st.binary(max_size=600))
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    start, records = era(DENEB)
    with pytest.raises(ProofError):
        walked([records[0], data, records[-1]], start.root)


def test_both_libraries_say_the_same_of_a_signature() -> None:
    pytest.importorskip("py_arkworks_bls12381")
    start, _ = era(DENEB)
    committee = start.bootstrap["current_sync_committee"]
    total = bytes.fromhex(committee["aggregate_pubkey"][2:])
    absent = [bytes.fromhex(committee["pubkeys"][0][2:])]
    from py_ecc.bls.ciphersuites import G2ProofOfPossession

    message = b"\x21" * 32
    secrets = 256 * (start.period + 2) + 256 * (start.period + 3) - (start.period + 2)
    signature = bytes(G2ProofOfPossession.Sign(secrets, message))
    for key, missing, signed, right in (
        (total, absent, signature, True),
        (total, [], signature, False),
        (total, [*absent, *absent], signature, False),
        (absent[0], absent, signature, False),  # which leaves no key
        (b"\xc0" + bytes(47), [], b"\xc0" + bytes(95), False),  # the identity, which any signature is by
        (total, absent, bytes(96), False),
        (total, absent, b"\xff" * 96, False),
        (b"\xff" * 48, absent, signature, False),
        (total, [b"\x80" + bytes(47)], signature, False),
        (total, absent, signature[:-1], False),
    ):
        assert aggregate.by_arkworks(key, missing, message, signed) is right
        assert aggregate.in_python(key, missing, message, signed) is right


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded light client's answers are not here")
def test_mainnets_committees_of_august_2023_lead_to_the_block_that_was_final() -> None:
    bootstrap = json.loads((RECORDED / "bootstrap.json").read_text())["data"]
    updates = [each["data"] for each in json.loads((RECORDED / "updates-862-864.json").read_text())]
    right = json.loads((RECORDED.parent / "right.json").read_text())["lightclient"]
    final = {name: value for name, value in updates[-1].items() if not name.startswith("next")}
    records = records_of(
        bootstrap, updates, final
    )  # the first is older than the bootstrap, and names the next committee
    checkpoint = bytes.fromhex(right["bootstrap"]["header_root"][2:])
    assert walked(records, checkpoint) == Finalized(right["updates"][-1]["finalized_execution_hash"], 4, 511, 512)
    for left_out in (1, 2):
        with pytest.raises(ProofError, match="is not known"):
            walked([*records[:left_out], *records[left_out + 1 :]], checkpoint)


# The trusted block itself, without any signature


class Blocks(Answers):
    """A node that gives light clients no start, and beacon blocks."""

    def __init__(self, past: Past) -> None:
        super().__init__(None, [], None)
        self.past = past

    async def get(self, path: str, _query: str = "", **_limits: Any) -> bytes:
        if "light_client" in path:
            raise NotFound(Why.REFUSED, "HTTP 404: the node knows no such thing")
        return await self.past.get(path, _query, **_limits)


def carried(past: Past, checkpoint: bytes) -> list[bytes]:
    source = FinalitySource(BEACON, Blocks(past))  # type: ignore[arg-type]
    return asyncio.run(source.finality_records(hexed(checkpoint)))


@each_of("fork", [3, 4, 5, 6])
def test_a_trusted_block_names_the_execution_block_that_it_carries(fork: int) -> None:
    past = Past(fork, fork)
    root = past.roots[past.at]
    (record,) = carried(past, root)
    assert walked([record], root) == Finalized(past.older.snapshot.hash, 0, 0, 512)
    for at in range(0, len(record), 16):
        edited = record[:at] + bytes([record[at] ^ 2]) + record[at + 1 :]
        with pytest.raises(ProofError):
            walked([edited], root)
    for changed in (record[:-32], record + bytes(32), record[:112], b""):
        with pytest.raises(ProofError):
            walked([changed], root)
    with pytest.raises(ProofError, match="begins at the beacon block"):
        walked([record], b"\x77" * 32)


def test_a_block_that_is_shown_final_is_anchored_only_as_its_header_says() -> None:
    past = Past()
    root, block = past.roots[past.at], past.older
    (record,) = carried(past, root)
    finality = {BEACON: (keccak256(record),)}

    def shown(stated: Snapshot, *records: bytes) -> Standing:
        found = Anchor(finality=finality, witness=Witness([record, *records]))
        (one,) = anchored([stated], found, {}, {BEACON: [hexed(root)]})
        return one.standing

    stated = block.snapshot
    assert shown(stated, block.header) is Standing.ANCHORED
    assert shown(stated) is Standing.NOT_ANCHORED
    for other in (replace(stated, height=stated.height - 1), replace(stated, time=stated.time - timedelta(days=1))):
        assert shown(other, block.header) is Standing.NOT_ANCHORED


def test_a_node_without_the_trusted_block_says_so() -> None:
    with pytest.raises(NodeError, match="no light client a start at this block") as error:
        carried(Past(), b"\x77" * 32)
    assert error.value.why is Why.NO_STATE


def test_no_records_decide_nothing() -> None:
    with pytest.raises(ProofError, match="expected 1 to"):
        walked([], b"\x77" * 32)

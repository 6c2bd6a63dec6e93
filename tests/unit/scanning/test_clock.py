"""What a wrong clock, or a moment to come, does to a scan, an examination and a verification: it ends them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scanner.core.evidence import Gap
from scanner.errors import AttestationInvalid, InputError, Why
from scanner.scanning.examine import examine
from scanner.scanning.run import Scan, scan
from scanner.sources.addresses import read_claim
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.moments import CLOCK_TOLERANCE, dated_ahead
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import AS_OF, SNAPSHOTS, Seal, a_claim, attest
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ScriptedChain
from tests.support.small_scans import ALICE, ETH, EVM, claim, two_agreeing

SECOND = timedelta(seconds=1)
HEIGHT = 50
BLOCK_TIME = GENESIS_TIME + timedelta(minutes=HEIGHT)


def scanned(claimed: Claim, now: datetime) -> Scan:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})
    instrument = Instrument(Policy(), tuple(nodes.settings))
    return asyncio.run(scan(claimed, instrument, connect=nodes.connect, clock=lambda: now))


def examined(claimed: Claim, now: datetime) -> None:
    nodes = two_agreeing({})
    instrument = Instrument(Policy(), tuple(nodes.settings))
    asyncio.run(examine(claimed, instrument, connect=nodes.connect, clock=lambda: now))


def test_a_moment_to_come_is_not_scanned_for_and_one_that_clocks_may_differ_by_is() -> None:
    claimed = claim((ETH, ALICE), as_of=BLOCK_TIME + CLOCK_TOLERANCE)
    scanned(claimed, BLOCK_TIME)
    for run in (scanned, examined):
        with pytest.raises(InputError, match="is still to come: this machine's clock says 2020-01-01T00:49:59Z"):
            run(claimed, BLOCK_TIME - SECOND)


def test_a_clock_behind_a_block_that_was_pinned_ends_the_run() -> None:
    claimed = claim((ETH, ALICE), as_of=GENESIS_TIME)
    scanned(claimed, BLOCK_TIME - CLOCK_TOLERANCE)
    for run in (scanned, examined):
        with pytest.raises(InputError, match="block 50 of eip155:1 is of 2020-01-01T00:50:00Z; set the clock right"):
            run(claimed, BLOCK_TIME - CLOCK_TOLERANCE - SECOND)


def test_a_claims_file_of_a_moment_to_come_is_a_mistake_with_its_line(tmp_path: object) -> None:
    from pathlib import Path

    text = (
        b"version: 1\nexchange: X\nas_of: 2099-12-31T00:00:00Z\n"
        b'assets: {ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}\nliabilities: {ETH: "1"}\n'
        b'holdings: [{asset: ETH, account: "0x1111111111111111111111111111111111111101"}]\n'
    )
    path = Path(str(tmp_path)) / "claim.yaml"
    assert read_claim(path, text).claim.as_of.year == 2099
    with pytest.raises(InputError) as refused:
        read_claim(path, text, to_come=lambda _: "is still to come")
    (mistake,) = refused.value.mistakes
    assert str(mistake).endswith("claim.yaml:3: as_of: is still to come")


SEAL = (Seal(b"secret"),)


def test_a_scan_may_be_dated_as_long_before_its_moment_as_clocks_may_differ_and_no_second_longer() -> None:
    attest(signers=SEAL, scanned_at=AS_OF - CLOCK_TOLERANCE).verify()
    with pytest.raises(AttestationInvalid, match="before the claim's moment 2023-11-22T16:00:00Z") as refused:
        attest(signers=SEAL, scanned_at=AS_OF - CLOCK_TOLERANCE - SECOND).verify()
    assert refused.value.step == 7


@pytest.mark.parametrize("position", range(len(SNAPSHOTS)))
def test_a_scan_dated_before_a_block_that_it_read_is_refused(position: int) -> None:
    chain = SNAPSHOTS[position].chain
    scanned_at = AS_OF + timedelta(hours=4)
    claimed = a_claim(snapshots={each.chain: each.height for each in SNAPSHOTS})
    policy = Policy(max_skew=timedelta(days=1))

    def at(time: datetime) -> None:
        blocks = [replace(each, time=time) if each.chain == chain else each for each in SNAPSHOTS]
        attest(claim=claimed, policy=policy, signers=SEAL, snapshots=blocks, scanned_at=scanned_at).verify()

    at(scanned_at + dated_ahead(chain))
    with pytest.raises(AttestationInvalid, match=f"before block {SNAPSHOTS[position].height} of") as refused:
        at(scanned_at + dated_ahead(chain) + SECOND)
    assert refused.value.step == 7


def test_an_honest_attestation_dated_again_to_2001_is_refused_though_the_signer_stands_by_it() -> None:
    def date(statement: dict[str, dict[str, dict[str, str]]]) -> None:
        statement["predicate"]["run"]["scannedAt"] = "2001-01-01T00:00:00Z"

    with pytest.raises(AttestationInvalid, match="the scan is dated 2001-01-01T00:00:00Z"):
        attest(signers=SEAL).with_statement(date, sign=True).verify()


# --- a named block has to be final


def pinned(nodes: Nodes, height: int | None, as_of: datetime | None = None) -> int | Gap:
    claimed = claim((ETH, ALICE), heights={} if height is None else {EVM: height}, as_of=as_of)
    instrument = Instrument(Policy(), tuple(nodes.settings))
    (found,) = asyncio.run(
        examine(claimed, instrument, connect=nodes.connect, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    )
    return found.pinned if isinstance(found.pinned, Gap) else found.pinned.value.height


def with_final_depths(*depths: int) -> Nodes:
    nodes = Nodes()
    for depth, operator in zip(depths, ("alpha", "beta", "gamma"), strict=False):
        nodes.add(ScriptedChain(EVM, final_depth=depth), operator)
    return nodes


def test_the_newest_final_block_may_be_named_and_the_one_after_it_may_not() -> None:
    assert pinned(with_final_depths(12, 12), 88) == 88
    gap = pinned(with_final_depths(12, 12), 90)
    assert isinstance(gap, Gap)
    assert gap.why is Why.NOT_FINAL
    assert "block 90 may still be replaced, since the newest final one is 88; come again in 2 min" in gap.detail


def test_a_named_block_above_the_tip_is_not_final_either() -> None:
    gap = pinned(with_final_depths(0, 0), 101)
    assert isinstance(gap, Gap)
    assert gap.why is Why.NOT_FINAL


def test_a_block_that_is_final_for_one_operator_alone_makes_no_quorum() -> None:
    gap = pinned(with_final_depths(0, 12), 90)
    assert isinstance(gap, Gap)
    assert gap.why is Why.NOT_FINAL
    assert "1 of 2 operators answered" in gap.detail
    assert pinned(with_final_depths(0, 0, 12), 90) == 90


def test_what_is_read_at_a_block_that_is_not_final_is_a_gap_and_no_cover() -> None:
    nodes = with_final_depths(12, 12)
    for script in nodes.scripts.values():
        script.balances[ETH.id, ALICE] = 10**18
    instrument = Instrument(Policy(), tuple(nodes.settings))
    found = asyncio.run(scan(claim((ETH, ALICE), heights={EVM: 90}), instrument, connect=nodes.connect)).finding
    assert (found.gap_counts, found.snapshots, found.verdict) == ({Why.NOT_FINAL: 1}, {}, "UNKNOWN")


def test_without_a_height_it_is_told_too_when_to_come_again() -> None:
    gap = pinned(with_final_depths(12, 12), None, GENESIS_TIME + timedelta(minutes=95))
    assert isinstance(gap, Gap)
    assert gap.why is Why.NOT_FINAL
    assert "come again in 7 min" in gap.detail

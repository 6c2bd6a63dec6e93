"""`scan --at now`: reserves watched between two reports, against what was owed at the last one."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

import scanner
from scanner.attesting.onchain import NotRepresentable, typed_data
from scanner.chains.registry import FAMILIES, family
from scanner.core.evidence import Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import AttestationInvalid, Why
from scanner.report.below import below_owed
from scanner.report.page import document
from scanner.report.table import render
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability, StatedRatio
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.lasting import is_lasting
from scanner.weighing.policy import Policy
from scanner.weighing.withheld import Withheld
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyChain, ToyNode, toy

ACCOUNTS = (b"anna", b"bert")
CLAIMED = FIRST + timedelta(seconds=40)
NOW = FIRST + timedelta(days=30, seconds=100)
START = FIRST + timedelta(days=30)  # of the blocks that are read: a month after the claim
HEIGHT = 95


def held_at(height: int) -> Mapping[bytes, int]:
    return {b"anna": 500 + height, b"bert": 700}


HELD = sum(held_at(HEIGHT).values())


def a_claim(owed: int = 1, **changes: Any) -> Claim:
    ratio = StatedRatio("103%", Fraction(103, 100), Fraction(1, 100))
    claim = Claim(
        exchange="X",
        as_of=CLAIMED,
        assets={COIN: Asset("TOY", COIN, "TOY", 2)},
        liabilities={"TOY": Liability("TOY", Fraction(owed, 100), ratio)},
        holdings=Holdings.of(Holding(COIN, account, claimed=7, tolerance=1) for account in ACCOUNTS),
        digest="00" * 32,
    )
    return replace(claim, **changes)


def scanned(claim: Claim, policy: Policy | None = None, *, start: datetime = START, now: datetime = NOW) -> Scan:
    chains = {name: ToyChain(HEIGHT, held_at, step=0, start=start) for name in ("alpha", "beta")}
    settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN) for name in chains)

    def connect(settings: NodeSettings) -> ToyNode:
        return ToyNode(settings, chains[settings.operator], family(CHAIN))

    instrument = Instrument(policy or Policy(), settings, 0)
    return asyncio.run(scan(claim, instrument, connect=connect, clock=lambda: now))


def attested(result: Scan, at: datetime = NOW) -> scanner.Attestation:
    return scanner.attest(result, [Seal(b"x")], scanned_at=at)


def verified(result: Scan, claim: Claim, at: datetime = NOW) -> scanner.Verified:
    """By somebody who has the claim's file, and knows nothing of the moment."""
    made = attested(result, at)
    return scanner.verify(made.document, claim, [Seal(b"x")], io.BytesIO(made.evidence))


@pytest.fixture(params=[True, False], ids=["read at its tip", "with a past"])
def toys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A chain of either kind; whether it is read at its tip alone."""
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=request.param))
    return bool(request.param)


@pytest.mark.usefixtures("toys")
def test_reserves_are_weighed_at_the_newest_final_block_against_what_was_owed_at_the_claims_moment() -> None:
    claim = a_claim(HELD)
    result = scanned(claim.at(NOW))
    (reserve,) = result.finding.reserves
    (snapshot,) = result.finding.snapshots.values()
    assert (reserve.verdict, reserve.held, snapshot.height) == (Verdict.COVERED, Fraction(HELD, 100), HEIGHT)
    checked = verified(result, claim)
    assert checked.finding == result.finding
    finding = checked.predicate["finding"]
    assert (finding["asOf"], finding["owedAsOf"]) == ("2026-01-31T00:01:40Z", "2026-01-01T00:00:40Z")


def test_the_claim_of_a_month_ago_is_no_past_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))
    result = scanned(a_claim())
    assert {row.outcome.why for row in result.rows if isinstance(row.outcome, Gap)} == {Why.NO_PAST}
    assert result.finding.claim.owed_as_of is None
    finding = verified(result, a_claim()).predicate["finding"]
    assert finding["asOf"] == finding["owedAsOf"]


@pytest.mark.usefixtures("toys")
def test_less_than_was_owed_then_is_never_short_since_customers_may_have_left_since() -> None:
    claim = a_claim(HELD + 1)
    result = scanned(claim.at(NOW))
    (reserve,) = result.finding.reserves
    assert (reserve.gaps, reserve.at_least, reserve.withheld, reserve.complete) == (0, 0, {}, True)
    assert reserve.verdict is Verdict.UNKNOWN
    assert not is_lasting(reserve)  # the next one is of another moment
    assert verified(result, claim).verdict is Verdict.UNKNOWN


@pytest.mark.usefixtures("toys")
def test_less_than_was_owed_then_is_said_with_both_amounts_and_dates() -> None:
    made = attested(scanned(a_claim(1400).at(NOW)))
    predicate = json.loads(made.statement)["predicate"]
    assert below_owed(predicate["finding"]) == ["TOY"]
    assert (
        "TOY: 12.95 held as of 2026-01-31 00:01:40 UTC, less than the 14 owed as of 2026-01-01 00:00:40 UTC."
        in " ".join(render(predicate).split())
    )


@pytest.mark.usefixtures("toys")
def test_what_the_claim_says_of_its_own_moment_is_left_out() -> None:
    holdings = Holdings.of(Holding(COIN, account, claimed=7, tolerance=1, height=20) for account in ACCOUNTS)
    claim = a_claim(holdings=holdings, snapshots={CHAIN: 30}, heights={CHAIN: 20})
    result = scanned(claim.at(NOW))
    assert [(row.claimed, row.tolerance, row.height, row.elsewhere) for row in result.rows] == [
        (None, 0, None, None)
    ] * 2
    (reserve,) = result.finding.reserves
    assert (reserve.claimed, reserve.stated, reserve.stated_agrees) == (None, None, None)
    assert result.finding.differences == ()
    assert verified(result, claim).finding == result.finding


def test_blocks_that_are_older_than_the_policy_allows_give_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy())
    claim = a_claim()
    result = scanned(claim.at(NOW), Policy(max_skew=timedelta(minutes=10)), start=START - timedelta(hours=1))
    (reserve,) = result.finding.reserves
    assert reserve.withheld.keys() == {Withheld.MOMENTS_APART}
    assert verified(result, claim).verdict is Verdict.UNKNOWN


def test_a_claim_is_weighed_at_a_later_moment_than_its_own_and_at_one() -> None:
    for moment in (CLAIMED, CLAIMED - timedelta(days=1)):
        with pytest.raises(ValueError, match="not after"):
            a_claim().at(moment)
    with pytest.raises(ValueError, match="not after"):
        a_claim().at(NOW).at(NOW + timedelta(days=1))


def test_what_a_claim_says_of_its_own_moment_alone_is_said_of_no_other() -> None:
    claim = a_claim(share_of_all_owed=StatedRatio("16.5%", Fraction(165, 1000), Fraction(1, 1000)))
    assert claim.share_of_all_owed is not None
    assert claim.at(NOW).share_of_all_owed is None
    assert claim.sampled_at(CLAIMED - timedelta(days=1)).share_of_all_owed is None
    assert claim.sampled_at(CLAIMED).share_of_all_owed == claim.share_of_all_owed


@pytest.mark.usefixtures("toys")
def test_a_moment_that_is_not_the_scans_is_refused() -> None:
    """Nobody chooses a moment between two reports afterwards."""
    result = scanned(a_claim().at(NOW))
    assert verified(result, a_claim(), NOW + timedelta(hours=20)).finding == result.finding
    for at in (NOW + timedelta(days=2), NOW - timedelta(minutes=6)):
        with pytest.raises(AttestationInvalid, match=r"step 4: .*nor that of the scan"):
            verified(result, a_claim(), at)
    later = a_claim(as_of=NOW + timedelta(minutes=1))
    with pytest.raises(AttestationInvalid, match=r"step 4: .*not after the claim's moment"):
        verified(result, later)


@pytest.mark.usefixtures("toys")
def test_another_date_of_what_is_owed_is_refused() -> None:
    result = scanned(a_claim(HELD + 1).at(NOW))
    for owed_as_of in (NOW, CLAIMED + timedelta(days=1), None):
        claim = replace(result.finding.claim, owed_as_of=owed_as_of)
        with pytest.raises(AttestationInvalid, match="owedAsOf"):
            verified(replace(result, finding=replace(result.finding, claim=claim)), a_claim(HELD + 1))


@pytest.mark.usefixtures("toys")
def test_a_block_after_the_moment_may_be_read_only_where_the_moment_is_the_scans() -> None:
    claim = a_claim()
    later = scanned(claim.at(NOW), start=START + timedelta(seconds=10))
    assert verified(later, claim).finding == later.finding


@pytest.mark.usefixtures("toys")
def test_table_and_page_say_of_when_either_is_and_contracts_are_told_nothing() -> None:
    made = attested(scanned(a_claim().at(NOW)))
    predicate = json.loads(made.statement)["predicate"]
    told = " ".join(render(predicate).split())
    assert "as of 2026-01-31 00:01:40 UTC" in told
    assert "what is owed was stated as of 2026-01-01 00:00:40 UTC" in told
    assert "less than the" not in told
    page = document.render(predicate, made.document, keyids=[]).decode()
    assert "when it was scanned between two reports" in page
    with pytest.raises(NotRepresentable, match="one moment"):
        typed_data(made.statement)

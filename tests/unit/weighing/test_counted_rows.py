"""Each row as it counts: what is listed row by row is what a finding counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.weighing.claim import Claim
from scanner.weighing.counted_rows import CountedRow, counted_rows
from scanner.weighing.finding import Finding
from scanner.weighing.matched import matched
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.ratio import weigh
from tests.support.any_outcomes import outcomes
from tests.support.attestations.attested import ALICE, ETH, ETHEREUM, USDT, a_claim, agreed, held, placed
from tests.support.strength import examples


def of(
    found: Mapping[Any, Outcome],
    policy: Policy | None = None,
    *,
    claim: Claim | None = None,
    controls: Mapping[Any, Control] | None = None,
) -> tuple[Finding, list[CountedRow]]:
    claim = claim or a_claim()
    pinned = placed(claim)
    rows = [
        EvidenceRow(
            each.asset,
            each.account,
            pinned[claim.place_of(each)].hash,
            found[each.asset, each.account],
            each.claimed,
            (controls or {}).get((each.asset, each.account), Control.ABSENT),
            tolerance=each.tolerance,
            height=each.height,
        )
        for each in claim.holdings
    ]
    finding = weigh(claim, pinned, rows, policy or Policy())
    return finding, list(counted_rows(finding, matched(claim.holdings, parts_of(rows))))


POLICIES = st.sampled_from(
    [
        Policy(),
        Policy(dissent=Dissent.RECORD),
        Policy(require={"BTC": Basis.PROVEN, "ETH": Basis.QUORUM}),
        Policy(require_ownership=Control.SHOWN),
        Policy(require_ownership=Control.REPLAYABLE, require={"USDT": Basis.PROVEN}),
    ]
)


@settings(max_examples=examples(100))
@given(
    found=st.lists(outcomes, min_size=7, max_size=7),
    controls=st.lists(st.sampled_from(Control), min_size=7, max_size=7),
    policy=POLICIES,
)
def test_what_is_listed_is_what_the_finding_counts(
    found: list[Outcome], controls: list[Control], policy: Policy
) -> None:
    keys = list(held())
    finding, rows = of(dict(zip(keys, found, strict=True)), policy, controls=dict(zip(keys, controls, strict=True)))
    gaps = Counter(row.outcome.why for row in rows if isinstance(row.outcome, Gap))
    assert dict(gaps) == dict(finding.gap_counts)
    named = [(row.row.asset, row.row.account) for row in rows if isinstance(row.outcome, Gap)]
    assert named == [(row.asset, row.account) for row in finding.gaps]
    assert [row.row for row in rows if row.disputed] == list(finding.dissents)
    for coverage in finding.coverage:
        differing = sum(row.disagrees for row in rows if row.asset == coverage.asset)
        assert differing == coverage.disagreeing
    assert [row.number for row in rows] == list(range(1, 8))


def test_a_balance_that_the_policy_does_not_count_is_a_gap_and_its_row_still_has_it() -> None:
    _, rows = of(held(), Policy(require={"ETH": Basis.PROVEN}))
    row = next(row for row in rows if (row.asset, row.row.account) == (ETH, ALICE))
    assert isinstance(row.outcome, Gap)
    assert row.outcome.why is Why.WEAK_BASIS
    assert row.row.outcome == agreed(1)


def test_every_balance_of_an_asset_that_shows_another_one_s_again_is_a_gap() -> None:
    claim = a_claim()
    again = replace(
        USDT, label="AGAIN", id=type(USDT.id)(ETHEREUM, "erc20", "0x" + "77" * 20), decimals=18, backs="ETH"
    )
    others = [each for each in claim.holdings if each.asset != USDT.id]
    mine = [replace(each, asset=again.id, claimed=None) for each in claim.holdings if each.asset == ETH.id]
    assets = {asset.id: asset for asset in claim.assets.values() if asset != USDT} | {again.id: again}
    liabilities = {unit: each for unit, each in claim.liabilities.items() if unit != "USDT"}
    claim = a_claim(holdings=sorted([*others, *mine], key=lambda e: (str(e.asset), e.account)), assets=assets)
    claim = replace(claim, liabilities=liabilities)
    both = {"eth_alice": agreed(1_234_567_890_123), "eth_bob": agreed(9_876_543_219_876)}
    found = {key: each for key, each in held(**both).items() if key[0] != USDT.id}
    found |= {(again.id, account): each for (asset, account), each in found.items() if asset == ETH.id}
    finding, rows = of(found, Policy(contracts=frozenset({again.id})), claim=claim)
    assert finding.gap_counts == {Why.ALIAS: 2}
    outcomes = [row.outcome for row in rows if row.asset == again]
    assert outcomes == [Gap(Why.ALIAS, f"the same coins as {ETH.id}")] * 2
    assert all(isinstance(row.row.outcome, Balance) for row in rows)

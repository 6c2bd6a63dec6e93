"""How much of what was claimed was read, and what is a difference: to the atom."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.weighing.claim import Asset
from scanner.weighing.coverage import LISTED, Coverage, Difference, largest
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support.attestations.attested import ALICE, BOB, BTC, ETH, USDT, a_claim
from tests.support.strength import examples

LOST = Gap(Why.UNREACHABLE, "timed out")
COIN = 10**18


def added(*rows: tuple[int | None, int | Gap, int], asset: Asset = ETH) -> tuple[Coverage, list[Difference | None]]:
    """What becomes of holdings of which are given: the claimed atoms, what was found, and the tolerance."""
    coverage, together = Coverage(asset), Coverage(asset)
    told, evidence, founds = [], [], []
    for number, (claimed, found, tolerance) in enumerate(rows):
        account = number.to_bytes(20)
        outcome = found if isinstance(found, Gap) else Balance(found, Basis.QUORUM, ("a", "b"))
        evidence.append(EvidenceRow(asset.id, account, "0xab", outcome, claimed))
        founds.append(None if isinstance(found, Gap) else found)
        told.append(next(iter(coverage.add(EvidencePart.of(evidence[-1:]), [tolerance], founds[-1:])), None))
    if evidence:
        differences = together.add(EvidencePart.of(evidence), [tolerance for _, _, tolerance in rows], founds)
        assert (together, differences) == (coverage, [each for each in told if each is not None])
    return coverage, told


@pytest.mark.parametrize("tolerance", [0, 1, 500])
@pytest.mark.parametrize("sign", [-1, 1])
def test_what_the_claims_writing_cannot_tell_apart_agrees_and_one_atom_more_does_not(sign: int, tolerance: int) -> None:
    claimed = 10_000
    within, (none,) = added((claimed, claimed + sign * tolerance, tolerance))
    assert (none, within.disagreeing, within.difference) == (None, 0, sign * tolerance)
    beyond, (difference,) = added((claimed, claimed + sign * (tolerance + 1), tolerance))
    assert difference == Difference(ETH, bytes(20), claimed, claimed + sign * (tolerance + 1))
    assert (beyond.disagreeing, beyond.difference) == (1, sign * (tolerance + 1))


def test_a_gap_is_claimed_and_not_verified_and_never_a_difference() -> None:
    coverage, told = added((10**30, LOST, 0), (0, LOST, 0), (None, LOST, 0))
    assert told == [None] * 3
    assert coverage == Coverage(ETH, holdings=3, read=0, claimed=10**30, claimed_read=0, unstated=1)


def test_a_holding_that_states_no_amount_is_verified_and_nothing_is_held_against_it() -> None:
    coverage, told = added((None, 5, 0))
    assert told == [None]
    assert coverage == Coverage(ETH, holdings=1, read=1, unstated=1)


def test_nothing_claimed_is_an_amount_too() -> None:
    coverage, (difference,) = added((0, 5, 0))
    assert difference == Difference(ETH, bytes(20), 0, 5)
    assert (coverage.unstated, coverage.difference) == (0, 5)


def test_differences_of_opposite_signs_stay_two_differences() -> None:
    """Their sum is nothing; what disagrees is two accounts."""
    coverage, told = added((100, 50, 0), (100, 150, 0))
    assert (coverage.difference, coverage.disagreeing) == (0, 2)
    assert all(told)


def test_a_difference_is_measured_in_whole_coins() -> None:
    assert Difference(USDT, ALICE, 1_500_000, 0).size == Difference(USDT, ALICE, 0, 1_500_000).size == Fraction(3, 2)


def test_the_largest_come_first_whatever_the_assets_decimals() -> None:
    small = Difference(ETH, ALICE, 0, COIN)  # one coin, of the most atoms
    middle = Difference(USDT, ALICE, 2_000_000, 0)
    large = Difference(BTC, b"\x51", 0, 3_00000000)
    assert largest([small, large, middle]) == (large, middle, small)


def test_equal_ones_come_in_the_order_of_the_evidence_however_they_came() -> None:
    equal = [Difference(asset, account, 1, 1 + 10**asset.decimals) for asset in (ETH, USDT) for account in (ALICE, BOB)]
    rng = random.Random(7)
    orders = set()
    for _ in range(30):
        rng.shuffle(equal)
        orders.add(largest(equal))
    (order,) = orders
    assert [(each.asset, each.account) for each in order] == [(USDT, ALICE), (USDT, BOB), (ETH, ALICE), (ETH, BOB)]


def test_so_many_are_listed_and_no_more() -> None:
    many = [Difference(ETH, number.to_bytes(20), 0, number) for number in range(1, 3 * LISTED)]
    assert [each.found for each in largest(many)] == list(range(3 * LISTED - 1, 2 * LISTED - 1, -1))


amounts = st.one_of(st.integers(0, 5), st.integers(0, 2**256 - 1))
holdings = st.lists(
    st.tuples(st.none() | amounts, amounts | st.just(LOST), st.integers(0, 3)),
    max_size=12,
)


@settings(max_examples=examples(100), deadline=None)
@given(holdings)
def test_what_is_claimed_is_what_was_verified_and_what_was_not(rows: list[tuple[int | None, int | Gap, int]]) -> None:
    coverage, told = added(*rows)
    stated = [(claimed, found, tolerance) for claimed, found, tolerance in rows if claimed is not None]
    lost = sum(claimed for claimed, found, _ in stated if isinstance(found, Gap))
    read = [(claimed, found) for claimed, found, _ in stated if not isinstance(found, Gap)]
    assert coverage.claimed == coverage.claimed_read + lost
    assert coverage.claimed_read + coverage.difference == sum(found for _, found in read)
    assert coverage.holdings == len(rows) == coverage.unstated + len(stated)
    assert coverage.read == sum(not isinstance(found, Gap) for _, found, _ in rows)
    assert coverage.disagreeing == sum(each is not None for each in told)
    assert [each is not None for each in told] == [
        claimed is not None and not isinstance(found, Gap) and not claimed - allowed <= found <= claimed + allowed
        for claimed, found, allowed in rows
    ]


# --- in a finding


def weighed(claimed: Sequence[int | None], found: Sequence[int | Gap]) -> list[Coverage]:
    """Of ether, in one claim."""
    accounts = [number.to_bytes(20) for number in range(len(claimed))]
    claim = a_claim(
        holdings=tuple(Holding(ETH.id, account, amount) for account, amount in zip(accounts, claimed, strict=True))
    )
    rows = [
        EvidenceRow(
            ETH.id, account, "0xab", each if isinstance(each, Gap) else Balance(each, Basis.OWN, ("a",)), amount
        )
        for account, amount, each in zip(accounts, claimed, found, strict=True)
    ]
    return list(weigh(claim, {}, rows, Policy()).coverage)


def test_a_finding_covers_every_asset_with_holdings_and_no_other() -> None:
    (coverage,) = weighed([1, None, 3], [1, 2, LOST])
    assert coverage.asset == ETH
    assert (coverage.holdings, coverage.read, coverage.claimed, coverage.claimed_read) == (3, 2, 4, 1)
    assert weighed([], []) == []


def test_a_finding_keeps_the_largest_of_many_differences_wherever_they_stand() -> None:
    """More of them than are kept at a time while rows go by."""
    count = 1000
    order = random.Random(5).sample(range(1, count + 1), count)
    claim = a_claim(holdings=tuple(Holding(ETH.id, number.to_bytes(20), 0) for number in range(count)))
    rows = [
        EvidenceRow(each.asset, each.account, "0xab", Balance(size, Basis.OWN, ("a",)), 0)
        for each, size in zip(claim.holdings, order, strict=True)
    ]
    finding = weigh(claim, {}, rows, Policy())
    assert [each.found for each in finding.differences] == list(range(count, count - LISTED, -1))
    assert finding.coverage[0].disagreeing == count


def test_a_balance_that_a_policy_does_not_count_was_verified_all_the_same() -> None:
    """Coverage tells what was read; whether it counts is the reserve's part."""
    claim = a_claim(holdings=(Holding(ETH.id, ALICE, 5),))
    row = EvidenceRow(ETH.id, ALICE, "0xab", Balance(4, Basis.OWN, ("a",)), 5)
    for policy in (Policy(), Policy(require={"ETH": Basis.PROVEN})):
        finding = weigh(claim, {}, [row], policy)
        assert (finding.coverage[0].read, finding.coverage[0].difference) == (1, -1)
        assert [each.found for each in finding.differences] == [4]


def test_the_tolerance_is_the_holdings_own() -> None:
    claim = a_claim(holdings=(Holding(ETH.id, ALICE, 5, tolerance=1), Holding(ETH.id, BOB, 5)))
    rows = [EvidenceRow(ETH.id, each, "0xab", Balance(4, Basis.OWN, ("a",)), 5) for each in (ALICE, BOB)]
    assert [each.account for each in weigh(claim, {}, rows, Policy()).differences] == [BOB]
    exact = replace(claim, holdings=Holdings.of(replace(each, tolerance=0) for each in claim.holdings))
    assert len(weigh(exact, {}, rows, Policy()).differences) == 2

"""Rows that name heights of their own: their amounts are compared there, and nothing that is found there counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import ceil
from typing import Any

import pytest

from scanner.attesting.evidence_csv import EvidenceError, decode, encode
from scanner.core.evidence import Balance, Batch, Gap, Reading, Snapshot
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.errors import AttestationInvalid, Why
from scanner.scanning.run import scan
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support import virtual_loop
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    ETH,
    ETHEREUM,
    SNAPSHOTS,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
)
from tests.support.simulated.scripted_node import Nodes, ScriptedNode
from tests.support.small_scans import EVM, claim, run_scan, two_agreeing
from tests.support.tables import each_of

EARLIER = replace(SNAPSHOTS[1], height=18_500_000, hash="0x" + "0f" * 32, parent="0x" + "0e" * 32)
COIN = 10**18
CLAIMED = 7 * COIN  # by Bob, in a_claim


def a_claim_of_heights() -> Claim:
    holdings = [
        replace(each, height=EARLIER.height) if (each.asset, each.account) == (ETH.id, BOB) else each
        for each in a_claim().holdings
    ]
    return a_claim(holdings=tuple(holdings))


def attested(found: int | None = CLAIMED, *, pinned: bool = True) -> Attested:
    blocks = (*SNAPSHOTS, EARLIER) if pinned else SNAPSHOTS
    there = {} if found is None else {(ETH.id, BOB): found}
    return attest(claim=a_claim_of_heights(), snapshots=blocks, found=there, signers=(Seal(b"secret"),))


TRUE = attested()


def refused(spoiled: Attested, step: int) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        spoiled.verify()
    assert caught.value.step == step, caught.value
    return str(caught.value)


def test_what_is_found_at_a_rows_own_block_is_compared_and_what_is_held_comes_from_the_chains() -> None:
    finding = TRUE.verify().finding
    ether = next(each for each in finding.reserves if each.unit == "ETH")
    assert ether.held * COIN == 7_730_000_000_000_000_000 + 1
    assert [each for each in finding.differences if each.asset == ETH] == []  # 7 claimed and 7 found, at that block
    coverage = next(each for each in finding.coverage if each.asset == ETH)
    assert (coverage.read, coverage.claimed_read, coverage.difference) == (2, CLAIMED, 0)
    named = [(each["height"], each["named"], each["weighed"]) for each in snapshots(TRUE)]
    assert named == [(817_900, True, True), (18_600_000, False, True), (EARLIER.height, True, False)]


def snapshots(of: Attested) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = of.statement["predicate"]["finding"]["snapshots"]
    return listed


def test_a_difference_is_one_at_the_rows_own_block() -> None:
    (difference,) = [each for each in attested(5).verify().finding.differences if each.asset == ETH]
    assert (difference.claimed, difference.found) == (CLAIMED, 5)


@pytest.mark.parametrize("pinned", [True, False])
def test_where_nothing_was_established_nothing_is_compared(pinned: bool) -> None:
    finding = attested(None, pinned=pinned).verify().finding
    coverage = next(each for each in finding.coverage if each.asset == ETH)
    assert (coverage.read, coverage.claimed, coverage.claimed_read) == (2, CLAIMED, 0)
    assert not [each for each in finding.differences if each.asset == ETH]
    assert finding.verdict is Verdict.COVERED


@each_of(
    ("stated", "step"),
    [
        (f"{CLAIMED}", 7),  # the block is kept back
        (f"{CLAIMED}@none", 7),
        (f"{CLAIMED}@{SNAPSHOTS[1].hash}={CLAIMED}", 7),  # that of the chain
        (f"{CLAIMED}@{EARLIER.hash}=5", 9),
        (f"{CLAIMED}@{EARLIER.hash}", 9),
        (f"{CLAIMED}@none={CLAIMED}", 6),
        (f"@{EARLIER.hash}={CLAIMED}", 6),
        (f"{CLAIMED}@{EARLIER.hash}=07", 6),
    ],
)
def test_a_comparison_that_is_changed_is_refused_though_it_is_signed(stated: str, step: int) -> None:
    true = f",{CLAIMED}@{EARLIER.hash}={CLAIMED},".encode()
    lines = [line.replace(true, f",{stated},".encode()) for line in TRUE.lines]
    assert lines != TRUE.lines
    refused(TRUE.with_lines(lines, sign=True), step)


def test_a_comparison_where_the_claim_names_no_height_is_refused() -> None:
    lines = [line.replace(b",,6000000000,,", f",,6000000000@{SNAPSHOTS[0].hash}=1,,".encode()) for line in TRUE.lines]
    assert lines != TRUE.lines
    refused(TRUE.with_lines(lines, sign=True), 7)


def test_a_block_for_comparison_cannot_be_passed_off_as_the_chains() -> None:
    def weigh_there(statement: dict[str, Any]) -> None:
        for each in statement["predicate"]["finding"]["snapshots"][1:]:
            each["weighed"] = not each["weighed"]

    refused(TRUE.with_statement(weigh_there, sign=True), 9)


def test_evidence_with_a_comparison_reads_as_it_was_written() -> None:
    balance = agreed(5)
    rows = [
        EvidenceRow(ETH.id, ALICE, SNAPSHOTS[1].hash, balance, 3, elsewhere=Elsewhere(EARLIER.hash, 2)),
        EvidenceRow(ETH.id, BOB, SNAPSHOTS[1].hash, balance, 3, elsewhere=Elsewhere()),
    ]
    assert list(decode(list(encode(rows)))) == rows
    for wrong in (Elsewhere("", 2), Elsewhere("0xab", 2)):
        with pytest.raises(EvidenceError):
            list(encode([replace(rows[0], elsewhere=wrong)]))
    with pytest.raises(EvidenceError):
        list(encode([replace(rows[0], claimed=None)]))


# --- in a run


def two_heights(nodes: Nodes, later: int = 40) -> tuple[Any, Claim]:
    """Ether of Alice claimed at the chain's height, and of Bob at another."""
    claimed = claim((ETH, ALICE), (ETH, BOB))
    holdings = Holdings.of(
        replace(each, claimed=3, height=later if each.account == BOB else None) for each in claimed.holdings
    )
    return nodes, replace(claimed, holdings=holdings)


def test_a_run_reads_a_row_a_second_time_at_its_own_height() -> None:
    nodes, claimed = two_heights(two_agreeing({(ETH.id, ALICE): 3, (ETH.id, BOB): 3}))
    asked: list[tuple[int, tuple[bytes, ...]]] = []
    nodes.scripts["scripted://0"].on_read = lambda batch: asked.append((batch.snapshot.height, tuple(batch.accounts)))
    result = run_scan(claimed, nodes)
    assert asked == [(50, (ALICE, BOB)), (40, (BOB,))]
    block = nodes.made[0].script.block
    assert [row.elsewhere for row in result.rows] == [None, Elsewhere(block(40).hash, 3)]
    assert {place[1] for place in result.finding.snapshots} == {40, 50}
    (reserve,) = result.finding.reserves
    assert reserve.held * COIN == 6
    assert reserve.holdings == 2


class Slow(ScriptedNode):
    """Takes a second to answer anything, and counts what it is asked to read at once."""

    reads, most = 0, 0

    async def block_at(self, height: int) -> Snapshot:
        await asyncio.sleep(1)
        return await super().block_at(height)

    async def read(self, batch: Batch) -> Reading:
        Slow.reads += 1
        Slow.most = max(Slow.most, Slow.reads)
        await asyncio.sleep(1)
        Slow.reads -= 1
        return await super().read(batch)


def test_the_heights_of_a_chain_are_read_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slow, "most", 0)
    accounts = [bytes([number]) * 20 for number in range(1, 41)]
    claimed = claim(*((ETH, account) for account in accounts))
    rows = [replace(each, claimed=3, height=number) for number, each in enumerate(claimed.holdings)]
    claimed = replace(claimed, holdings=Holdings.of(rows))
    nodes = two_agreeing(dict.fromkeys([(ETH.id, account) for account in accounts], 3))
    instrument = Instrument(Policy(), tuple(nodes.settings))
    result, seconds = virtual_loop.run(
        scan(claimed, instrument, connect=lambda settings: Slow(settings, nodes.scripts[settings.url]))
    )
    block = nodes.scripts["scripted://0"].block
    assert [row.elsewhere for row in result.rows] == [Elsewhere(block(height).hash, 3) for height in range(40)]
    assert {place[1] for place in result.finding.snapshots} == {50, *range(40)}
    assert Slow.most == 4 * len(instrument.nodes)
    assert seconds == 3 * ceil(41 / 4), "three round trips a height, four of 41 heights at once"


def test_a_height_where_nothing_can_be_compared_costs_no_balance() -> None:
    nodes, claimed = two_heights(two_agreeing({(ETH.id, ALICE): 3, (ETH.id, BOB): 3}), later=101)
    result = run_scan(claimed, nodes)
    assert all(isinstance(row.outcome, Balance) for row in result.rows)
    assert [row.elsewhere for row in result.rows] == [None, Elsewhere()]
    assert (result.gaps, result.finding.gap_counts) == (0, {})


def test_a_row_that_is_lost_at_its_own_height_alone_is_no_gap() -> None:
    nodes, claimed = two_heights(two_agreeing({(ETH.id, ALICE): 3, (ETH.id, BOB): 3}))

    def lose(batch: Any) -> None:
        at = nodes.scripts["scripted://1"].balances
        at[ETH.id, BOB] = Gap(Why.NO_STATE, "pruned") if batch.snapshot.height == 40 else 3

    nodes.scripts["scripted://1"].on_read = lose
    result = run_scan(claimed, nodes, Policy())
    assert (result.gaps, result.rows and next(iter(result.rows)).elsewhere) == (0, None)
    assert list(result.rows)[1].elsewhere == Elsewhere(nodes.made[0].script.block(40).hash)
    assert EVM in {place[0] for place in result.finding.snapshots}
    assert ETHEREUM == EVM

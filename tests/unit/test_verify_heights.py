"""Claims whose holdings name heights of their own: every row at its own block, and nothing exchanged between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.core.claim import Claim
from scanner.core.evidence import Balance
from scanner.core.ratio import Verdict
from scanner.errors import AttestationInvalid
from tests.unit.attested import (
    ALICE,
    BOB,
    BTC,
    ETH,
    ETHEREUM,
    SCRIPT,
    SNAPSHOTS,
    TIMED_OUT,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
    held,
)

LATER = replace(  # after the claim's moment: a height that is named may be
    SNAPSHOTS[1],
    height=18_600_100,
    hash="0x" + "2f" * 32,
    parent="0x" + "2e" * 32,
    time=SNAPSHOTS[1].time + timedelta(hours=9),
)
EARLIER = replace(SNAPSHOTS[1], height=18_500_000, hash="0x" + "0f" * 32, parent="0x" + "0e" * 32)
HEIGHTS = {(ETH.id, BOB): LATER.height, (USDT.id, BOB): LATER.height, (USDT.id, ALICE): EARLIER.height}
BLOCKS = (*SNAPSHOTS, EARLIER, LATER)


def a_claim_of_heights(**changes: Any) -> Claim:
    holdings = [replace(each, height=HEIGHTS.get((each.asset, each.account))) for each in a_claim().holdings]
    return a_claim(**{"holdings": tuple(holdings), **changes})


def attest_heights(**more: Any) -> Attested:
    return attest(**{"claim": a_claim_of_heights(), "snapshots": BLOCKS, "signers": (Seal(b"secret"),), **more})


TRUE = attest_heights()


def refused(attested: Attested, step: int) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        attested.verify()
    assert caught.value.step == step, caught.value
    return str(caught.value)


def test_each_row_is_read_at_its_own_block() -> None:
    assert TRUE.verify().verdict is Verdict.COVERED
    blocks = {(row.asset, row.account): row.block for row in TRUE.rows}
    assert blocks[ETH.id, ALICE] == SNAPSHOTS[1].hash
    assert blocks[ETH.id, BOB] == blocks[USDT.id, BOB] == LATER.hash
    assert blocks[USDT.id, ALICE] == EARLIER.hash
    named = [(each["height"], each["named"]) for each in TRUE.statement["predicate"]["finding"]["snapshots"]]
    assert named == [(817_900, True), (18_600_000, False), (EARLIER.height, True), (LATER.height, True)]


@pytest.mark.parametrize("other", [SNAPSHOTS[1], EARLIER, replace(LATER, hash=LATER.parent)])
def test_a_row_at_the_block_of_another_height_is_refused(other: Any) -> None:
    lines = list(TRUE.lines)
    place = next(n for n, line in enumerate(lines) if b"slip44:60" in line and BOB.hex().encode() in line)
    lines[place] = lines[place].replace(LATER.hash.encode(), other.hash.encode())
    refused(TRUE.with_lines(lines, sign=False), 5)
    assert "was read at block" in refused(TRUE.with_lines(lines, sign=True), 7)


def test_two_heights_whose_blocks_are_exchanged_are_refused_however_consistently() -> None:
    """The statement then names each block at the other's height, where the claim has other rows read."""

    def exchange(statement: dict[str, Any]) -> None:
        earlier, later = statement["predicate"]["finding"]["snapshots"][2:]
        earlier["hash"], later["hash"] = later["hash"], earlier["hash"]

    changed = TRUE.with_statement(exchange, sign=True)
    assert "was read at block" in refused(changed, 7)
    swapped = {EARLIER.hash: LATER.hash, LATER.hash: EARLIER.hash}
    lines = [
        next((line.replace(a.encode(), b.encode()) for a, b in swapped.items() if a.encode() in line), line)
        for line in TRUE.lines
    ]
    # Exchanged in the evidence too, it is a lie about blocks' hashes, which any node or explorer shows.
    consistent = TRUE.with_lines(lines, sign=True).with_statement(exchange, sign=True)
    assert canonical.encode(consistent.statement) != canonical.encode(TRUE.statement)
    assert consistent.verify().verdict is Verdict.COVERED


@pytest.mark.parametrize("position", range(4))
def test_a_block_said_to_be_named_or_not_against_the_claim_is_refused(position: int) -> None:
    def flip(statement: dict[str, Any]) -> None:
        snapshot = statement["predicate"]["finding"]["snapshots"][position]
        snapshot["named"] = not snapshot["named"]

    refused(TRUE.with_statement(flip, sign=False), 2)
    # Of two blocks that are both said to be the moment's, the statement itself says too much.
    refused(TRUE.with_statement(flip, sign=True), 3 if position > 1 else 7)


@pytest.mark.parametrize("position", range(4))
def test_a_block_left_out_leaves_its_rows_without_one(position: int) -> None:
    def drop(statement: dict[str, Any]) -> None:
        del statement["predicate"]["finding"]["snapshots"][position]

    assert "where the statement names none" in refused(TRUE.with_statement(drop, sign=True), 7)


def test_a_block_at_a_height_that_no_holding_names_is_refused() -> None:
    stray = {**TRUE.statement["predicate"]["finding"]["snapshots"][3], "height": 18_600_101}

    def add(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["snapshots"].append(stray)

    assert "18600101 of eip155:1, where the claim has nothing read" in refused(TRUE.with_statement(add, sign=True), 7)


def test_blocks_in_another_order_are_refused() -> None:
    def turn(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["snapshots"].reverse()

    refused(TRUE.with_statement(turn, sign=True), 9)


def test_a_verifiers_claim_with_other_heights_is_not_shown() -> None:
    moved = [replace(each, height=each.height and each.height + 1) for each in a_claim_of_heights().holdings]
    refused(replace(TRUE, claim=a_claim_of_heights(holdings=tuple(moved))), 7)
    without = [replace(each, height=None) for each in a_claim_of_heights().holdings]
    refused(replace(TRUE, claim=a_claim_of_heights(holdings=tuple(without))), 7)


def test_a_block_of_a_named_height_may_be_later_than_the_moment_and_no_other_may() -> None:
    late = replace(SNAPSHOTS[1], time=LATER.time)
    assert "later than the claim's moment" in refused(attest_heights(snapshots=(SNAPSHOTS[0], late, EARLIER, LATER)), 7)


def test_one_height_lost_leaves_the_others() -> None:
    at_later = [place for place, height in HEIGHTS.items() if height == LATER.height]
    lost = attest_heights(outcomes=held() | dict.fromkeys(at_later, TIMED_OUT), snapshots=BLOCKS[:3])
    finding = lost.verify().finding
    assert sum(finding.gap_counts.values()) == 2
    assert (ETHEREUM, LATER.height) not in finding.snapshots
    believed = {(row.asset, row.account) for row in lost.rows if isinstance(row.outcome, Balance)}
    assert believed == set(held()) - set(at_later)


# --- coverage and differences


def changed(key: str, position: int, name: str, value: Any) -> Attested:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"][key][position][name] = value

    return CLAIMED.with_statement(change, sign=True)


CLAIMED = attest(signers=(Seal(b"secret"),))  # 60 BTC claimed and found, 7 ETH claimed and 7.73 found


@pytest.mark.parametrize(
    ("position", "name", "value"),
    [
        (0, "holdings", 3),
        (0, "verified", 1),
        (0, "unstated", 0),
        (0, "claimed", "61"),
        (0, "claimedVerified", "0"),
        (0, "difference", "1"),
        (0, "disagreeing", 1),
        (0, "label", "XBT"),
        (0, "unit", "ETH"),
        (2, "difference", "0"),
        (2, "difference", "-0.73"),
        (2, "disagreeing", 0),
    ],
)
def test_coverage_follows_from_the_evidence(position: int, name: str, value: Any) -> None:
    before = CLAIMED.statement["predicate"]["finding"]["coverage"][position][name]
    assert before != value
    refused(changed("coverage", position, name, value), 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("claimed", "7730000000000000000"),
        ("found", "7000000000000000000"),
        ("account", "0x" + ALICE.hex()),
        ("asset", str(USDT.id)),
    ],
)
def test_a_difference_cannot_be_softened(name: str, value: str) -> None:
    assert CLAIMED.statement["predicate"]["finding"]["differences"][0][name] != value
    refused(changed("differences", 0, name, value), 9)


def test_no_difference_can_be_left_out_or_put_in() -> None:
    for key in ("differences", "coverage"):

        def empty(statement: dict[str, Any], key: str = key) -> None:
            statement["predicate"]["finding"][key] = []

        def double(statement: dict[str, Any], key: str = key) -> None:
            statement["predicate"]["finding"][key] *= 2

        refused(CLAIMED.with_statement(empty, sign=True), 9)
        refused(CLAIMED.with_statement(double, sign=True), 9)


def test_what_is_a_difference_follows_from_the_verifiers_own_claim() -> None:
    """Not from a tolerance that the statement's author chose."""
    holdings = [
        replace(each, tolerance=10**18) if (each.asset, each.account) == (ETH.id, BOB) else each
        for each in CLAIMED.claim.holdings
    ]
    tolerant = a_claim(holdings=tuple(holdings))
    assert attest(claim=tolerant).verify().finding.differences == ()
    refused(replace(attest(claim=tolerant), claim=a_claim()), 9)
    refused(replace(CLAIMED, claim=tolerant), 9)


def test_an_amount_claimed_and_not_found_stays_a_difference_though_the_unit_is_covered() -> None:
    emptied = attest(held(btc=agreed(0), btc_other=agreed(10**12)))
    assert emptied.verify().verdict is Verdict.COVERED
    (difference, _) = emptied.verify().finding.differences
    assert (difference.account, difference.claimed, difference.found) == (SCRIPT, 60_00000000, 0)
    assert difference.asset == BTC

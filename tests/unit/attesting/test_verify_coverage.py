"""How much of what is claimed was found, and what differs, as it follows from the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scanner.errors import AttestationInvalid
from scanner.weighing.finding import Verdict
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    BTC,
    ETH,
    SCRIPT,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
    held,
)
from tests.support.tables import each_of


def refused(attested: Attested, step: int) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        attested.verify()
    assert caught.value.step == step, caught.value
    return str(caught.value)


def changed(key: str, position: int, name: str, value: Any) -> Attested:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"][key][position][name] = value

    return CLAIMED.with_statement(change, sign=True)


CLAIMED = attest(signers=(Seal(b"secret"),))  # 60 BTC claimed and found, 7 ETH claimed and 7.73 found


@each_of(
    ("position", "name", "value"),
    [
        (0, "holdings", 3),
        (0, "read", 1),
        (0, "atLeast", 1),
        (0, "unstated", 0),
        (0, "claimed", "61"),
        (0, "claimedRead", "0"),
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
    refused(replace(attest(claim=tolerant), claim=a_claim()), 6)
    refused(replace(CLAIMED, claim=tolerant), 6)


def test_an_amount_claimed_and_not_found_stays_a_difference_though_the_unit_is_covered() -> None:
    emptied = attest(held(btc=agreed(0), btc_other=agreed(10**12)))
    assert emptied.verify().verdict is Verdict.COVERED
    (difference, _) = emptied.verify().finding.differences
    assert (difference.account, difference.claimed, difference.found) == (SCRIPT, 60_00000000, 0)
    assert difference.asset == BTC

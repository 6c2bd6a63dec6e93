"""A claim whose accounts were instructed to move an amount: which transaction each names, and every mistake in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.proofs.control import NamedTransaction
from scanner.sources.addresses import read_claim
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.holdings import Ownership
from tests.support.tables import each_of

HASH = "0x" + "ab" * 32
WINDOW = "movements: {issued: 2023-11-22T16:00:00Z, deadline: 2023-11-23T16:00:00Z}"
MOVED = f'{{scheme: movement, transaction: "{HASH}", height: 18700000}}'


def claim(ownership: str = MOVED, window: str = WINDOW, challenge: str = "challenge: a", several: str = "") -> Claim:
    text = f"""\
version: 1
exchange: Example
as_of: 2023-11-22T16:00:00Z
{challenge}
{window}
assets: {{ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}}}
liabilities: {{ETH: "1"}}
holdings:
  - {{asset: ETH, {several or 'account: "0x03aE1A796DFE0400439211133D065BDA774B9D3e"'}, ownership: {ownership}}}
"""
    return read_claim(Path("claim.yaml"), text.encode()).claim


def test_the_transaction_and_the_times_are_read() -> None:
    read = claim()
    assert read.movements == MovementWindow(
        datetime(2023, 11, 22, 16, tzinfo=UTC), datetime(2023, 11, 23, 16, tzinfo=UTC)
    )
    (held,) = read.holdings
    assert held.ownership == Ownership("movement", "", (), moved=NamedTransaction(HASH, 18_700_000))


@each_of(
    ("ownership", "expected"),
    [
        ("{scheme: movement, height: 7}", "9: ownership: transaction missing"),
        (f'{{scheme: movement, transaction: "{HASH}"}}', "9: ownership: height missing"),
        (f'{{transaction: "{HASH}", height: 7}}', "9: ownership: scheme missing"),
        (MOVED.replace("movement", "bip137"), "9: scheme: expected movement where a transaction is named"),
        (MOVED.replace("0xab", "0XAB"), "9: transaction: expected a transaction's hash"),
        (MOVED.replace("0xab", "0x"), "9: transaction: expected a transaction's hash"),
        (MOVED.replace("18700000", '"7"'), "9: height: "),
        (MOVED.replace("18700000", "-7"), "9: height: "),
        (MOVED.replace("}", ", signatures: [s]}"), "9: ownership: unknown key 'signatures'"),
        ("{scheme: movement}", "9: ownership: signatures missing"),
    ],
)
def test_a_transaction_that_is_not_named_as_it_should_be_is_a_mistake(ownership: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        claim(ownership)
    assert f"claim.yaml:{expected}" in str(caught.value)


@each_of(
    ("window", "challenge", "expected"),
    [
        ("", "challenge: a", "1: claim: movements missing"),
        (WINDOW, "", "5: movements: challenge missing"),
        (WINDOW.replace("11-23T", "11-22T"), "challenge: a", "5: deadline: expected a time after that"),
        (WINDOW.replace("11-23T", "11-21T"), "challenge: a", "5: deadline: expected a time after that"),
        ("movements: {issued: 2023-11-22T16:00:00Z}", "challenge: a", "5: movements: deadline missing"),
        ("movements: soon", "challenge: a", "5: movements: expected a mapping"),
        (WINDOW.replace("Z,", ","), "challenge: a", "5: issued: expected a time in UTC"),
    ],
)
def test_so_are_times_that_do_not_fit(window: str, challenge: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        claim(window=window, challenge=challenge)
    assert f"claim.yaml:{expected}" in str(caught.value)


def test_a_transaction_belongs_to_one_account() -> None:
    accounts = 'accounts: ["0x03aE1A796DFE0400439211133D065BDA774B9D3e"]'
    with pytest.raises(InputError, match="a proof of control belongs to one account"):
        claim(several=accounts)

"""What `scanner check --movements` lists: for each account of the claim, once, what it has to move, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from scanner.chains.accounts import account_text
from scanner.cli.movement_amounts import as_json, lines, to_move
from scanner.errors import InputError
from scanner.report.cells import Paint
from scanner.weighing.claim import MovementWindow
from scanner.weighing.control.movements import amount_to_move
from tests.support.attestations.attested import ALICE, AS_OF, BITCOIN, BOB, CAROL, ETHEREUM, SCRIPT, a_claim

CLAIM: Final = a_claim(challenge="sign or move", movements=MovementWindow(AS_OF, AS_OF + timedelta(days=2)))


def test_each_account_stands_once_whatever_assets_it_has() -> None:
    listed = as_json(to_move(CLAIM))
    accounts = [each["account"] for each in listed]
    assert sorted(accounts) == sorted(set(accounts))
    assert {account_text(ETHEREUM, each) for each in (ALICE, BOB, CAROL)} | {account_text(BITCOIN, SCRIPT)} < {
        *accounts
    }
    for each in listed:
        chain = BITCOIN if each["chain"] == str(BITCOIN) else ETHEREUM
        assert each["after"] == ("2023-11-22T18:00:00Z" if chain is BITCOIN else "2023-11-22T16:00:00Z")
        assert each["by"] == "2023-11-24T16:00:00Z"
    alice = next(each for each in listed if each["account"] == account_text(ETHEREUM, ALICE))
    assert alice["atoms"] == str(amount_to_move(CLAIM.exchange, "sign or move", ETHEREUM, ALICE))
    script = next(each for each in listed if each["account"] == account_text(BITCOIN, SCRIPT))
    assert float(script["coins"]) == pytest.approx(int(script["atoms"]) / 10**8)


def test_people_read_it_chain_by_chain() -> None:
    text = "\n".join(lines(to_move(CLAIM), 100, Paint(colour=False)))
    assert f"what accounts have to move on Ethereum ({ETHEREUM})" in text
    assert f"what accounts have to move on Bitcoin ({BITCOIN})" in text
    assert "in a block dated from 2023-11-22T18:00:00Z to 2023-11-24T16:00:00Z, to another account" in text
    amount = amount_to_move(CLAIM.exchange, "sign or move", ETHEREUM, ALICE)
    assert f"{account_text(ETHEREUM, ALICE)}  {amount:,} atoms, 0.000000" in text


def test_a_claim_that_asks_for_none_is_a_mistake() -> None:
    for claim in (replace(CLAIM, movements=None), replace(CLAIM, challenge=None)):
        with pytest.raises(InputError, match="the claim has no movements"):
            list(to_move(claim))

"""Which exchanges' claims declare an account, of a history: verified ones alone, on that chain alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.errors import HistoryInvalid
from scanner.history.declarers import declarers
from scanner.history.log import HistoryLog, keep_unverified, open_history
from tests.support.attestations.attested import BITCOIN, BTC, ETH, ETHEREUM, SCRIPT
from tests.support.history_behaviour import DECEMBER, NOW, added, of_accounts
from tests.support.strength import cases


def account(number: int) -> bytes:
    return b"\xa0" + number.to_bytes(19)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[HistoryLog]:
    with open_history(str(tmp_path / "h.sqlite"), create=True) as opened:
        yield opened


def test_each_exchange_that_declares_an_account_at_any_time_is_named(history: HistoryLog) -> None:
    added(history, of_accounts({ETH.id: [account(1), account(2)], BTC.id: [SCRIPT]}, "A"))
    added(history, of_accounts({ETH.id: [account(3)]}, "A", DECEMBER + timedelta(days=30)))
    added(history, of_accounts({ETH.id: [account(2), account(9)]}, "B"))
    asked = {ETHEREUM: [account(number) for number in range(1, 10)], BITCOIN: [SCRIPT, b"\x51"]}
    assert declarers(history, asked) == {
        (ETHEREUM, account(1)): ("A",),
        (ETHEREUM, account(2)): ("A", "B"),
        (ETHEREUM, account(3)): ("A",),
        (ETHEREUM, account(9)): ("B",),
        (BITCOIN, SCRIPT): ("A",),
    }
    assert declarers(history, {BITCOIN: [account(1)]}) == {}
    assert declarers(history, {}) == {}


def test_a_claim_that_was_not_verified_declares_nothing(history: HistoryLog) -> None:
    keep_unverified(history, of_accounts({ETH.id: [account(1)]}).envelope, at=NOW)
    assert declarers(history, {ETHEREUM: [account(1)]}) == {}


def test_many_accounts_are_looked_up_a_part_at_a_time(history: HistoryLog) -> None:
    many = [account(number) for number in range(2 * cases(6_000))]
    added(history, of_accounts({ETH.id: many[::2]}))
    assert set(declarers(history, {ETHEREUM: many})) == {(ETHEREUM, each) for each in many[::2]}


def test_a_history_whose_rows_are_not_as_its_envelopes_say_names_no_one(tmp_path: Path) -> None:
    location = tmp_path / "h.sqlite"
    with open_history(str(location), create=True) as history:
        added(history, of_accounts({ETH.id: [account(1)]}))
    with closing(sqlite3.connect(location)) as behind, behind:
        behind.execute("INSERT INTO account (number, chain, key) VALUES (2, 1, ?)", (b"\0" + account(2),))
        behind.execute("INSERT INTO span (claim, first, last) VALUES (1, 2, 2)")
    behind.close()
    with open_history(str(location)) as history, pytest.raises(HistoryInvalid, match="are not the 1 that"):
        declarers(history, {ETHEREUM: [account(2)]})

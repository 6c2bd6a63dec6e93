"""What is taken out of an envelope for a score: each figure, and no unit of which nothing is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from scanner.core.control import Control
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.history.entry import Entry, read_summary
from scanner.history.score.evidence import AttestedFinding, read_attested
from tests.support.attestations.attested import (
    BTC,
    OTHER_SCRIPT,
    SCRIPT,
    TIMED_OUT,
    Seal,
    a_claim,
    attest,
    blocks_by,
    held,
    stated,
)
from tests.support.history_behaviour import SEAL
from tests.support.history_entries import VERIFIED


def read(auditors: tuple[Any, ...] = (), **how: Any) -> AttestedFinding:
    envelope = attest(signers=(SEAL,), **how).envelope
    return read_attested(
        Entry(1, "ab" * 32, "2024-12-01T00:00:00Z", read_summary(envelope), VERIFIED), envelope, auditors
    )


def test_every_figure_of_a_unit_is_the_one_that_was_signed() -> None:
    proven = OwedBasis(Shows.TOTAL_PROVEN, "bitmex", Fraction(100), "ab", 7, ("complete",), ("hash-64",), "XBT")
    liabilities = dict(a_claim().liabilities)
    liabilities["BTC"] = replace(liabilities["BTC"], basis=proven)
    found = read(
        claim=a_claim(liabilities=liabilities, complete=False),
        outcomes=held(eth_alice=TIMED_OUT),
        controls={(BTC.id, SCRIPT): Control.SHOWN, (BTC.id, OTHER_SCRIPT): Control.REPLAYABLE},
    ).finding
    bitcoin, ether, _ = found.units
    assert (found.complete, found.operators, len(found.blocks)) == (False, 2, 2)
    assert (bitcoin.unit, bitcoin.held, bitcoin.owed, bitcoin.custody) == (
        "BTC",
        Fraction("103.12345678"),
        Fraction(100),
        Fraction("5.25"),
    )
    assert (bitcoin.holdings, bitcoin.gaps, bitcoin.at_least, bitcoin.apart) == (2, 0, 0, False)
    assert (bitcoin.proven, bitcoin.quorum, bitcoin.own) == (Fraction(0), bitcoin.held, Fraction(0))
    assert bitcoin.control == {Control.SHOWN: 60, Control.REPLAYABLE: Fraction("43.12345678")}
    assert bitcoin.owed_basis == proven
    assert (ether.holdings, ether.gaps) == (2, 1)


def test_the_share_of_all_that_is_owed_is_the_one_that_the_claim_states() -> None:
    assert read().finding.share_of_all_owed is None
    assert read(claim=a_claim(share_of_all_owed=stated("16.5%"))).finding.share_of_all_owed == Fraction(165, 1000)


def test_a_unit_of_which_nothing_is_owed_is_left_out_and_one_of_which_it_is_not_known_stays() -> None:
    liabilities = dict(a_claim().liabilities)
    liabilities["BTC"] = replace(liabilities["BTC"], owed=Fraction(0), stated_ratio=None)
    liabilities["ETH"] = replace(liabilities["ETH"], owed=None)
    units = read(claim=a_claim(liabilities=liabilities)).finding.units
    assert [(unit.unit, unit.owed) for unit in units] == [("ETH", None), ("USDT", 1_000_000)]


def test_blocks_of_no_one_moment_are_noticed() -> None:
    early = [replace(block, time=block.time - timedelta(hours=3)) for block in blocks_by(a_claim().as_of)]
    units = read(claim=a_claim(), snapshots=[early[0], blocks_by(a_claim().as_of)[1]]).finding.units
    assert {unit.unit: unit.apart for unit in units} == {"BTC": True, "ETH": False, "USDT": False}


def test_only_a_listed_key_that_signed_is_an_auditor() -> None:
    stranger = Seal(b"of a stranger")
    assert read().auditors == frozenset()
    assert read((SEAL, stranger, SEAL)).auditors == {SEAL.keyid}

"""What the sources of a claim declare is counted once each: by account, and custody by who holds it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scanner.chains.names import parse_asset, parse_chain
from scanner.sources.counting import AssetHoldings, CountedHoldings, InCustody, RepeatedHolding
from scanner.sources.published import RowRefusal
from scanner.weighing.claim import Custody
from scanner.weighing.holdings import Holding, Ownership
from tests.support.tables import each_of

ETH = parse_asset("eip155:1/slip44:60")
BTC = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
ALICE, BOB = b"\x01" * 20, b"\x02" * 20
CHALLENGE = "for this engagement"
ASKED = Ownership("eip191", CHALLENGE, ("0x01",))
ANY = Ownership("eip191", "for everybody", ("0x02",))
DUPLICATE = RepeatedHolding(RowRefusal.DUPLICATE, "stands already in one.csv")
CONFLICT = RepeatedHolding(RowRefusal.CONFLICT, "stands already in one.csv, otherwise")


def eth(challenge: str | None = CHALLENGE) -> AssetHoldings:
    return AssetHoldings(ETH, challenge)


def only(held: AssetHoldings) -> Holding:
    held.close()
    ordered = held.in_order()
    assert len(ordered) == 1
    return ordered[0]


@pytest.mark.parametrize(
    ("first", "later"),
    [(5, 5), (None, None), (5, None), (None, 5), (0, None), (0, 0)],
)
def test_a_repeat_that_says_no_other_amount_is_a_duplicate(first: int | None, later: int | None) -> None:
    held = eth()
    assert held.add("one.csv", ALICE, first, 1) is None
    assert held.add("two.csv", ALICE, later, 2) == DUPLICATE
    holding = only(held)
    assert holding.claimed == (later if first is None else first)
    assert holding.tolerance == (2 if first is None else 1)


@pytest.mark.parametrize(("first", "later"), [(5, 6), (0, 1), (1, 0)])
def test_another_amount_is_a_conflict_and_neither_is_believed_whatever_comes_later(first: int, later: int) -> None:
    held = eth()
    held.add("one.csv", ALICE, first, 3)
    assert held.add("two.csv", ALICE, later, 3) == CONFLICT
    assert held.add("three.csv", ALICE, first, 3) == DUPLICATE
    assert held.add("four.csv", ALICE, None) == DUPLICATE
    holding = only(held)
    assert (holding.claimed, holding.tolerance) == (None, 0)


def test_a_conflict_is_told_each_time_against_what_was_said_first() -> None:
    held = eth()
    held.add("one.csv", ALICE, 5)
    assert [held.add("x", ALICE, claimed) for claimed in (6, 5, 6, 7)] == [CONFLICT, DUPLICATE, CONFLICT, CONFLICT]


def test_another_height_is_a_conflict_only_where_both_are_stated() -> None:
    held = eth()
    held.add("one.csv", ALICE, 5, height=7)
    assert held.add("two.csv", ALICE, 5, height=7) == DUPLICATE
    assert held.add("three.csv", ALICE, 5) == DUPLICATE
    assert held.add("four.csv", ALICE, 5, height=8) == CONFLICT
    unsaid = eth()
    unsaid.add("one.csv", ALICE, None)
    assert unsaid.add("two.csv", ALICE, 5, height=8) == DUPLICATE
    assert only(unsaid).height == 8


@each_of(
    ("challenge", "first", "later", "kept"),
    [
        (CHALLENGE, None, ANY, ANY),
        (CHALLENGE, ANY, None, ANY),
        (CHALLENGE, ANY, ASKED, ASKED),
        (CHALLENGE, ASKED, ANY, ASKED),
        (CHALLENGE, ASKED, Ownership("eip191", CHALLENGE, ("0x03",)), ASKED),
        (CHALLENGE, ANY, Ownership("eip191", "of somebody else", ("0x03",)), ANY),
        (None, ANY, ASKED, ANY),
        (None, None, ASKED, ASKED),
    ],
)
def test_a_signature_of_this_engagements_message_goes_before_any_other(
    challenge: str | None, first: Ownership | None, later: Ownership | None, kept: Ownership
) -> None:
    held = eth(challenge)
    held.add("one.csv", ALICE, 5, ownership=first)
    assert held.add("two.csv", ALICE, 5, ownership=later) == DUPLICATE
    assert only(held).ownership == kept


def test_what_a_third_party_holds_and_the_exchange_too_is_believed_of_neither() -> None:
    held = eth()
    assert held.add("one.csv", ALICE, 5, 1) is None
    own = held.add_in_custody(ALICE, InCustody("ETH", "C", Fraction(5), "two.csv"))
    assert own == RepeatedHolding(RowRefusal.CONFLICT, "stands already in one.csv, held by the exchange itself")
    assert held.in_custody == {}
    assert held.add_in_custody(BOB, InCustody("ETH", "C", Fraction(5), "two.csv")) is None
    theirs = held.add("three.csv", BOB, 5)
    assert theirs == RepeatedHolding(RowRefusal.CONFLICT, "stands already in two.csv, held by 'C'")
    assert held.in_custody[BOB].coins is None
    alone = only(held)
    assert (alone.claimed, alone.tolerance) == (None, 0)


@pytest.mark.parametrize(
    ("later", "reason", "believed"),
    [
        (InCustody("ETH", "C", Fraction(5), "two.csv"), RowRefusal.DUPLICATE, Fraction(5)),
        (InCustody("ETH", "C", Fraction(6), "two.csv"), RowRefusal.CONFLICT, None),
        (InCustody("ETH", "D", Fraction(5), "two.csv"), RowRefusal.CONFLICT, None),
        (InCustody("WETH", "C", Fraction(5), "two.csv"), RowRefusal.CONFLICT, None),
        (InCustody("ETH", "C", None, "two.csv"), RowRefusal.CONFLICT, None),
    ],
)
def test_an_account_in_custody_twice_counts_once_or_not_at_all(
    later: InCustody, reason: RowRefusal, believed: Fraction | None
) -> None:
    counted = CountedHoldings(None)
    held = counted.of(ETH)
    assert held.add_in_custody(ALICE, InCustody("ETH", "C", Fraction(5), "one.csv")) is None
    repeat = held.add_in_custody(ALICE, later)
    assert repeat is not None
    assert repeat.reason is reason
    assert counted.custody() == {("ETH", "C"): Custody("ETH", believed or Fraction(0), "C")}


def test_custody_without_accounts_is_summed_and_a_second_source_that_says_the_same_is_not_counted() -> None:
    counted = CountedHoldings(None)
    entries = [("ETH", "C", 5, "one.csv"), ("ETH", "C", 5, "one.csv"), ("ETH", "C", 6, "two.csv"), ("BTC", "C", 1, "x")]
    for unit, custodian, coins, source in entries:
        assert counted.add_unplaced(InCustody(unit, custodian, Fraction(coins), source)) is None
    again = counted.add_unplaced(InCustody("ETH", "C", Fraction(5), "two.csv"))
    assert again == RepeatedHolding(RowRefusal.DUPLICATE, "stands already in one.csv")
    assert counted.add_unplaced(InCustody("ETH", "D", None, "one.csv")) is None
    for other in (InCustody("SOL", "C", Fraction(5), "two.csv"), InCustody("ETH", "E", Fraction(5), "two.csv")):
        assert (
            counted.add_unplaced(other) is None
        )  # of another unit, or of another custodian, the same sum says nothing
    counted.of(ETH).add_in_custody(ALICE, InCustody("ETH", "C", Fraction(100), "three.csv"))
    counted.of(ETH).add_in_custody(BOB, InCustody("ETH", "C", None, "three.csv"))
    assert counted.custody() == {
        ("ETH", "C"): Custody("ETH", Fraction(116), "C"),
        ("BTC", "C"): Custody("BTC", Fraction(1), "C"),
        ("ETH", "D"): Custody("ETH", Fraction(0), "D"),
        ("SOL", "C"): Custody("SOL", Fraction(5), "C"),
        ("ETH", "E"): Custody("ETH", Fraction(5), "E"),
    }


def test_a_chains_height_is_the_one_that_all_rows_name() -> None:
    counted = CountedHoldings(None)
    counted.of(ETH).heights |= {7}
    counted.of(BTC).heights |= {8}
    token = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
    assert counted.heights() == {ETH.chain: 7, BTC.chain: 8}
    counted.of(token).heights |= {7}
    assert counted.heights() == {ETH.chain: 7, BTC.chain: 8}
    counted.of(token).heights |= {None}
    assert counted.heights() == {BTC.chain: 8}
    counted.of(BTC).heights |= {9}
    assert counted.heights() == {}
    counted.of(parse_asset("eip155:10/slip44:60")).heights |= {None}
    assert parse_chain("eip155:10") not in counted.heights()


def test_assets_are_one_each_and_all_holdings_come_in_their_order() -> None:
    counted = CountedHoldings(None)
    assert counted.of(ETH) is counted.of(ETH)
    counted.of(ETH).add("one.csv", BOB, 2)
    counted.of(ETH).append("one.csv", Holding(ETH, ALICE, 1, 1, 7, ANY))
    counted.of(BTC).add("one.csv", b"\x00\x14" + bytes(20), 3)
    holdings = list(counted.holdings())
    assert [(each.asset, each.account, each.claimed) for each in holdings] == [
        (BTC, b"\x00\x14" + bytes(20), 3),
        (ETH, ALICE, 1),
        (ETH, BOB, 2),
    ]
    assert holdings[1] == Holding(ETH, ALICE, 1, 1, 7, ANY)
    assert holdings[2].tolerance == 0

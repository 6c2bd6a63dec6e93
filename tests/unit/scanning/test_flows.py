"""Flows read from nodes: what operators list alike is believed, and a piece on which they do not agree is a gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scanner.chains.registry import FAMILIES
from scanner.core.evidence import Gap
from scanner.core.transfers import Transfer
from scanner.errors import InputError, NodeError, Why
from scanner.scanning import flows as scanning
from scanner.weighing.flows import AssetFlow, Completeness, Incomplete
from scanner.weighing.holdings import Holdings
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.transfer_lists import AgreedList
from tests.support.simulated.toy_family import COIN, toy
from tests.support.tables import each_of
from tests.support.toy_flows import ANNA, CARA, DORA, END, LENT, START, Lists, Made, a_chain, made
from tests.support.toy_series import AS_OF, NOW, a_claim

FEWER = frozenset({0})


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


def the_flow(of: Made) -> AssetFlow:
    (flow,) = of.flows.assets
    return flow


def test_what_both_operators_list_is_held_against_the_balances() -> None:
    lists = {"alpha": Lists(), "beta": Lists()}
    found = made(lists)
    flow = the_flow(found)
    assert flow.listing == AgreedList(("alpha", "beta"))
    assert (flow.shows, flow.lacking, flow.held) == (Completeness.COMPLETE, (), 11_300)
    assert (flow.before.moved.came, flow.before.moved.went, flow.before.change) == (1_300, 0, 1_300)
    assert (flow.after.moved.came, flow.after.moved.went, flow.after.change) == (0, 1_045, -1_045)
    assert (flow.before.among, flow.before.transfers) == (40, 3)
    assert [(each.account, each.round_trip) for each in flow.counterparts] == [(CARA, True), (DORA, False)]
    assert found.verified().flows == found.flows
    assert lists["alpha"].asked == [(2, START + 1, END)]


def test_a_list_that_is_asked_for_in_pieces_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made()
    monkeypatch.setattr(scanning, "_BLOCKS", 7)
    monkeypatch.setattr(scanning, "_ACCOUNTS", 1)
    lists = {"alpha": Lists(), "beta": Lists()}
    assert made(lists).flows == whole.flows
    assert len(lists["beta"].asked) == 2 * -(-(END - START) // 7)
    assert {count for count, _, _ in lists["beta"].asked} == {1}


UNABLE = NodeError(Why.REFUSED, "no logs here")
GAPS: Mapping[str, tuple[Mapping[str, Lists], Policy, Why]] = {
    "one lists fewer": ({"alpha": Lists(), "beta": Lists(omits=FEWER)}, Policy(), Why.DISAGREEMENT),
    "one of three does": (
        {"alpha": Lists(), "beta": Lists(), "gamma": Lists(omits=FEWER)},
        Policy(),
        Why.DISAGREEMENT,
    ),
    "one fails": ({"alpha": Lists(), "beta": Lists(failure=UNABLE)}, Policy(), Why.REFUSED),
    "all fail": ({"alpha": Lists(failure=UNABLE), "beta": Lists(failure=UNABLE)}, Policy(), Why.REFUSED),
    "one cannot list": ({"alpha": Lists(), "beta": Lists(able=False)}, Policy(), Why.UNSUPPORTED),
    "of another block": (
        {name: Lists(spoil=lambda each: replace(each, block="ab" * 32)) for name in ("alpha", "beta")},
        Policy(),
        Why.WRONG_BLOCK,
    ),
}


@pytest.mark.parametrize("case", GAPS)
def test_a_list_that_is_not_believed_is_a_gap_with_its_reason(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lists, policy, why = GAPS[case]
    if why is Why.WRONG_BLOCK:  # that of a point: the others' hashes are not known
        sent = ((END, CARA, ANNA, 1),)
        lists = {name: replace(each, sent=sent) for name, each in lists.items()}
    found = made(lists, policy=policy)
    flow = the_flow(found)
    assert isinstance(flow.listing, Gap)
    assert flow.listing.why is why
    assert (flow.shows, flow.lacking) == (Completeness.NOT_LISTED, (Incomplete.TRANSFERS,))
    assert found.flows.transfers == ()
    assert flow.before.change == 1_300  # which is known all the same
    assert found.verified().flows == found.flows


@each_of(
    "fields",
    [
        {"asset": replace(COIN, reference="7778")},
        {"height": END + 1},
        {"atoms": 0},
        {"atoms": 2**256},
        {"source": CARA, "target": DORA},
    ],
)
def test_a_transfer_that_was_not_asked_for_is_its_nodes_failure_whoever_made_the_backend(
    fields: dict[str, Any],
) -> None:
    lists = {name: Lists(spoil=lambda each: replace(each, **fields)) for name in ("alpha", "beta")}
    flow = the_flow(made(lists))
    assert isinstance(flow.listing, Gap)
    assert flow.listing.why is Why.MALFORMED


@pytest.mark.parametrize(("fields", "why"), [({"block": "cd" * 32}, Why.WRONG_BLOCK), ({"block": None}, Why.MALFORMED)])
def test_lists_of_two_assets_that_contradict_each_other_are_not_both_believed(fields: dict[str, Any], why: Why) -> None:
    """The same places in the same blocks, or other blocks at the same heights; the node says so of both alike."""
    other = replace(COIN, reference="7778")
    claim = a_claim()
    holdings = [*claim.holdings, *(replace(each, asset=other) for each in claim.holdings)]
    assets = {**claim.assets, other: replace(claim.assets[COIN], id=other)}
    chain = a_chain()

    def spoil(each: Transfer) -> Transfer:
        if each.asset == COIN:
            return each
        return replace(each, block=fields["block"] or each.block, index=each.index + (100 if fields["block"] else 0))

    lists = {name: Lists(spoil=spoil) for name in ("alpha", "beta")}
    found = made(lists, chain=chain, claim=replace(claim, assets=assets, holdings=Holdings.of(holdings)))
    first, second = found.flows.assets
    assert isinstance(first.listing, AgreedList)
    assert isinstance(second.listing, Gap)
    assert second.listing.why is why


def test_a_dissenter_is_recorded_where_the_policy_says_so() -> None:
    lists = {"alpha": Lists(), "beta": Lists(), "gamma": Lists(omits=FEWER)}
    flow = the_flow(made(lists, policy=Policy(dissent=Dissent.RECORD)))
    assert flow.listing == AgreedList(("alpha", "beta"), ("gamma",))
    assert flow.shows is Completeness.COMPLETE


def test_a_quorum_stands_behind_every_piece_and_it_is_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of three leaves out another transfer, in another piece: in each, two agree, and no two in all."""
    monkeypatch.setattr(scanning, "_BLOCKS", 100)
    lists = {name: Lists(omits=frozenset({at})) for name, at in (("alpha", 0), ("beta", 1), ("gamma", 3))}
    found = made(lists, policy=Policy(dissent=Dissent.RECORD))
    listing = the_flow(found).listing
    assert isinstance(listing, Gap)
    assert listing.why is Why.NO_QUORUM
    assert found.verified().flows == found.flows


def test_the_auditors_own_node_is_enough() -> None:
    found = made({"alpha": Lists()}, own=frozenset({"alpha"}))
    assert the_flow(found).shows is Completeness.COMPLETE
    assert found.verified().predicate["flows"]["assets"][0]["basis"] == "OWN"


def test_a_list_that_all_cut_short_does_not_come_to_the_balances() -> None:
    lists = {name: Lists(omits=FEWER) for name in ("alpha", "beta")}
    flow = the_flow(made(lists))
    assert (flow.shows, flow.lacking) == (Completeness.INCOMPLETE, (Incomplete.DIFFERENCE,))
    assert (flow.before.differing, flow.after.differing) == (1, 0)
    assert (flow.before.moved.came, flow.before.change) == (300, 1_300)
    assert flow.round_trips == 0


def test_a_moment_without_a_block_has_no_list() -> None:
    """The chain begins after the window does."""
    found = made(window=timedelta(minutes=20), now=NOW + timedelta(hours=2), chain=a_chain())
    flow = the_flow(found)
    assert isinstance(flow.listing, Gap)
    assert flow.listing.why is Why.NOT_FINAL
    assert flow.before.change is None
    assert flow.lacking == (Incomplete.TRANSFERS, Incomplete.BALANCES)
    assert found.verified().flows == found.flows


def test_a_window_that_ends_in_the_future_is_refused_at_once() -> None:
    with pytest.raises(InputError):
        made(now=AS_OF + timedelta(minutes=1))
    for window in (timedelta(seconds=90), timedelta(0), timedelta(days=31)):
        with pytest.raises(ValueError, match="whole minutes"):
            made(window=window)


def test_an_asset_without_an_account_has_nothing_to_list() -> None:
    other = replace(COIN, reference="7778")
    claim = a_claim()
    assets = {**claim.assets, other: replace(claim.assets[COIN], id=other)}
    found = made(claim=replace(claim, assets=assets))
    coin, without = found.flows.assets
    assert coin.shows is Completeness.COMPLETE
    assert (without.shows, without.listing) == (
        Completeness.NOT_LISTED,
        Gap(Why.UNSUPPORTED, "the claim has no account of it that counts"),
    )
    assert len(LENT) == len(found.flows.transfers)

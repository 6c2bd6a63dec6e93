"""A run from claim to finding, over nodes whose every answer is written down."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import scanner
from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis, Batch, Gap
from scanner.errors import InputError, NodeError, Why
from scanner.scanning import block
from scanner.scanning.events import ChainLost, ChainPinned, Event, NodeMetBug, NodeOpened, NodeRefused, Progress
from scanner.scanning.examine import examine
from scanner.scanning.run import scan
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holdings
from scanner.weighing.instrument import Instrument, SharedHost
from scanner.weighing.policy import Policy
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ScriptedChain
from tests.support.small_scans import ALICE, BITCOIN, BOB, ETH, EVM, claim, run_scan, two_agreeing

USDT = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
BTC = Asset("BTC", parse_asset(f"{BITCOIN}/slip44:1"), "BTC", 8)
UNREACHABLE = NodeError(Why.UNREACHABLE, "connection refused")


def test_every_holding_of_the_claim_has_one_row_in_the_claims_order() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18, (ETH.id, BOB): 5, (USDT.id, ALICE): 7})
    claimed = claim((ETH, ALICE), (ETH, BOB), (USDT, ALICE), (USDT, BOB))
    result = run_scan(claimed, nodes)
    assert [(row.asset, row.account) for row in result.rows] == [
        (each.asset, each.account) for each in claimed.holdings
    ]
    amounts = {(row.asset, row.account): row.outcome.atoms for row in result.rows if isinstance(row.outcome, Balance)}
    assert amounts == {(ETH.id, ALICE): 10**18, (ETH.id, BOB): 5, (USDT.id, ALICE): 7, (USDT.id, BOB): 0}
    assert {row.block for row in result.rows} == {nodes.made[0].script.block(50).hash}


def test_a_claim_on_two_chains_is_read_on_both() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(BITCOIN, balances={(BTC.id, b"\x51"): 10**8}), operator)
    result = run_scan(claim((ETH, ALICE), (BTC, b"\x51"), heights={EVM: 50, BITCOIN: 7}), nodes)
    assert result.finding.verdict is Verdict.COVERED
    assert {place: snapshot.height for place, snapshot in result.finding.snapshots.items()} == {
        (BITCOIN, 7): 7,
        (EVM, 50): 50,
    }


def test_large_claims_are_read_in_batches_that_keep_every_row_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "batch_size", lambda _: 3)
    accounts = [b"\xaa" + number.to_bytes(19) for number in range(20)]
    nodes = two_agreeing({(ETH.id, account): number for number, account in enumerate(accounts)})
    sizes: list[int] = []
    nodes.scripts["scripted://0"].on_read = lambda batch: sizes.append(len(batch.accounts))
    result = run_scan(claim(*((ETH, account) for account in accounts)), nodes)
    assert [row.outcome.atoms for row in result.rows if isinstance(row.outcome, Balance)] == list(range(20))
    assert sizes == [3, 3, 3, 3, 3, 3, 2]


def test_what_can_count_for_nothing_is_a_gap_whatever_the_nodes_say() -> None:
    nobodys = bytes(20)
    nodes = two_agreeing({(ETH.id, ALICE): 10**18, (ETH.id, nobodys): 10**20, (USDT.id, USDT.id.contract): 10**9})
    result = run_scan(claim((ETH, ALICE), (ETH, nobodys), (USDT, USDT.id.contract)), nodes)
    found = {(row.asset, row.account): row.outcome for row in result.rows}
    assert found[ETH.id, nobodys] == Gap(Why.NO_KEY, "the zero address")
    assert found[USDT.id, USDT.id.contract] == Gap(Why.OWN_CONTRACT, f"the contract of {USDT.label} itself")
    assert isinstance(found[ETH.id, ALICE], Balance)
    assert {reserve.unit: reserve.held for reserve in result.finding.reserves} == {"ETH": 1, "USDT": 0}


def test_operators_that_see_different_blocks_lose_the_chain_and_nothing_of_it_is_read() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})
    nodes.scripts["scripted://1"].fork = "b"
    reads: list[object] = []
    nodes.scripts["scripted://0"].on_read = reads.append
    result = run_scan(claim((ETH, ALICE)), nodes)
    (row,) = result.rows
    assert isinstance(row.outcome, Gap)
    assert row.outcome.why is Why.DISAGREEMENT
    assert (row.block, result.finding.snapshots, reads) == ("", {}, [])


def test_a_block_replaced_while_it_was_read_makes_all_its_rows_gaps() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})

    def reorganise(_: object) -> None:
        for script in nodes.scripts.values():
            script.fork = "b"

    nodes.scripts["scripted://1"].on_read = reorganise
    (row,) = run_scan(claim((ETH, ALICE)), nodes).rows
    assert isinstance(row.outcome, Gap)
    assert row.outcome.why is Why.WRONG_BLOCK
    assert row.block == ""


def test_a_node_that_does_not_open_leaves_the_quorum_to_the_others() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})
    nodes.add(ScriptedChain(EVM, refuses=UNREACHABLE), "gamma")
    events: list[Event] = []
    result = run_scan(claim((ETH, ALICE)), nodes, events=events)
    assert result.finding.verdict is Verdict.COVERED
    assert result.operators == {EVM: ("alpha", "beta")}
    assert NodeRefused(EVM, "gamma", Gap(Why.UNREACHABLE, "connection refused")) in events


def test_a_second_node_of_an_operator_stands_in_for_the_first_and_adds_no_voice() -> None:
    nodes = Nodes()
    for refuses in (UNREACHABLE, None, None):
        nodes.add(ScriptedChain(EVM, balances={(ETH.id, ALICE): 10**18}, refuses=refuses), "alpha")
    (row,) = run_scan(claim((ETH, ALICE)), nodes, Policy(quorum=1)).rows
    assert row.outcome == Balance(10**18, Basis.QUORUM, ("alpha",))
    (row,) = run_scan(claim((ETH, ALICE)), nodes, Policy(quorum=2)).rows
    assert isinstance(row.outcome, Gap)
    assert row.outcome.why is Why.NO_QUORUM


def test_a_second_node_fills_only_the_gaps_of_the_first() -> None:
    nodes = Nodes()
    timeout = Gap(Why.UNREACHABLE, "timeout")
    nodes.add(ScriptedChain(EVM, balances={(ETH.id, ALICE): timeout, (ETH.id, BOB): 1}), "alpha")
    nodes.add(ScriptedChain(EVM, balances={(ETH.id, ALICE): 2, (ETH.id, BOB): 99}), "alpha")
    rows = run_scan(claim((ETH, ALICE), (ETH, BOB)), nodes, Policy(quorum=1)).rows
    assert [row.outcome for row in rows] == [Balance(2, Basis.QUORUM, ("alpha",)), Balance(1, Basis.QUORUM, ("alpha",))]


def wrong_chain() -> NodeError:
    return NodeError(Why.WRONG_CHAIN, "serves eip155:10")


def test_a_node_of_another_chain_is_left_out_where_others_serve_the_chain() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 5})
    nodes.add(ScriptedChain(EVM, refuses=wrong_chain()), "gamma")
    events: list[Event] = []
    result = run_scan(claim((ETH, ALICE)), nodes, events=events)
    assert [row.outcome for row in result.rows] == [Balance(5, Basis.QUORUM, ("alpha", "beta"))]
    assert NodeRefused(EVM, "gamma", Gap(Why.WRONG_CHAIN, "serves eip155:10")) in events
    assert result.operators == {EVM: ("alpha", "beta")}


def test_where_no_other_node_serves_the_chain_a_node_of_another_one_ends_the_run_before_anything_is_read() -> None:
    nodes = Nodes()
    nodes.add(ScriptedChain(EVM, refuses=wrong_chain()), "alpha")
    nodes.add(ScriptedChain(EVM, refuses=NodeError(Why.UNREACHABLE, "cannot connect")), "beta")
    with pytest.raises(InputError, match="node of alpha for eip155:1: serves eip155:10"):
        run_scan(claim((ETH, ALICE)), nodes)
    assert [node.open_connections for node in nodes.made] == [0, 0]


def test_what_the_instrument_says_of_its_nodes_stands_in_the_attestation() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 5})
    instrument = Instrument(Policy(), tuple(nodes.settings), shared=(SharedHost(EVM, ("alpha", "beta")),))
    result = asyncio.run(scan(claim((ETH, ALICE)), instrument, connect=nodes.connect))
    (note,) = result.notes
    assert note.startswith("For eip155:1, alpha and beta were asked at one host")
    predicate = json.loads(scanner.attest(result).statement)["predicate"]
    assert predicate["run"]["notes"] == [note]


def test_a_node_that_turns_to_another_chain_later_is_asked_no_more() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 5})
    turned = nodes.add(ScriptedChain(EVM), "gamma")
    asked: list[Batch] = []

    def turn(batch: Batch) -> None:
        asked.append(batch)
        raise wrong_chain()

    turned.on_read = turn
    events: list[Event] = []
    result = run_scan(claim((ETH, ALICE), (USDT, ALICE)), nodes, events=events)
    assert [row.outcome for row in result.rows] == [Balance(atoms, Basis.QUORUM, ("alpha", "beta")) for atoms in (0, 5)]
    assert [event for event in events if isinstance(event, NodeRefused)] == [
        NodeRefused(EVM, "gamma", Gap(Why.WRONG_CHAIN, "serves eip155:10"))
    ]
    assert len(asked) <= 2  # those that were under way together


def test_a_bug_that_a_node_s_answer_meets_costs_that_node_and_is_told_with_its_place() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 5})
    broken = nodes.add(ScriptedChain(EVM), "gamma")
    broken.on_read = lambda _batch: 1 << -1
    events: list[Event] = []
    result = run_scan(claim((ETH, ALICE), (ETH, BOB)), nodes, events=events)
    assert [row.outcome for row in result.rows] == [Balance(atoms, Basis.QUORUM, ("alpha", "beta")) for atoms in (5, 0)]
    (met,) = [event for event in events if isinstance(event, NodeMetBug)]
    assert (met.operator, met.bug.kind) == ("gamma", "ValueError")


def test_an_asset_whose_contract_has_other_decimals_than_the_claim_says_is_not_read() -> None:
    nodes = two_agreeing({(USDT.id, ALICE): 10**6})
    for script in nodes.scripts.values():
        script.decimals = {USDT.id: 18}
    (row,) = run_scan(claim((USDT, ALICE)), nodes).rows
    assert row.outcome == Gap(Why.WRONG_DECIMALS, "the contract has 18 decimals, the claim says 6")
    for script in nodes.scripts.values():
        script.decimals = {USDT.id: 6}
    assert run_scan(claim((USDT, ALICE)), nodes).finding.verdict is Verdict.COVERED


def test_a_chain_without_a_node_is_unsupported_and_its_holdings_are_gaps() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 10**18})
    result = run_scan(claim((ETH, ALICE), (BTC, b"\x51")), nodes)
    gap = next(iter(result.rows)).outcome
    assert isinstance(gap, Gap)
    assert (gap.why, result.finding.verdict) == (Why.UNSUPPORTED, Verdict.UNKNOWN)


def test_a_height_the_nodes_have_not_reached_is_not_final() -> None:
    (row,) = run_scan(claim((ETH, ALICE), heights={EVM: 101}), two_agreeing({})).rows
    assert isinstance(row.outcome, Gap)
    assert row.outcome.why is Why.NOT_FINAL


def test_connections_are_closed_after_a_run() -> None:
    nodes = two_agreeing({})
    run_scan(claim((ETH, ALICE)), nodes)
    assert [node.open_connections for node in nodes.made] == [0, 0]


def test_a_run_tells_of_nodes_pins_and_progress() -> None:
    events: list[Event] = []
    nodes = two_agreeing({(ETH.id, ALICE): Gap(Why.REFUSED)})
    run_scan(claim((ETH, ALICE)), nodes, events=events)
    assert events == [
        NodeOpened(EVM, "alpha"),
        NodeOpened(EVM, "beta"),
        ChainPinned(nodes.made[0].script.block(50), ("alpha", "beta")),
        Progress(EVM, 1, 1, 1),
    ]
    run_scan(claim((ETH, ALICE), heights={EVM: 999}), nodes, events=events)
    assert isinstance(events[-1], ChainLost)


# Holdings that name heights of their own.


def at_heights(**heights: int | None) -> Claim:
    """Ether of Alice and of Bob, and a token of Alice's, each at a height; None is the claim's own."""
    named = {"eth_alice": (ETH, ALICE), "eth_bob": (ETH, BOB), "usdt_alice": (USDT, ALICE)}
    by_place = {(asset.id, account): heights.get(name) for name, (asset, account) in named.items()}
    claimed = claim(*named.values())
    return replace(
        claimed,
        holdings=Holdings.of(replace(each, height=by_place[each.asset, each.account]) for each in claimed.holdings),
    )


def test_all_holdings_of_a_chain_are_weighed_at_one_block_whatever_heights_their_rows_name() -> None:
    nodes = two_agreeing({(ETH.id, ALICE): 1, (ETH.id, BOB): 2, (USDT.id, ALICE): 3})
    result = run_scan(at_heights(eth_bob=60, usdt_alice=40), nodes)
    block = nodes.made[0].script.block
    assert {(row.asset, row.account): (row.block, row.outcome) for row in result.rows} == {
        (ETH.id, ALICE): (block(50).hash, Balance(1, Basis.QUORUM, ("alpha", "beta"))),
        (ETH.id, BOB): (block(50).hash, Balance(2, Basis.QUORUM, ("alpha", "beta"))),
        (USDT.id, ALICE): (block(50).hash, Balance(3, Basis.QUORUM, ("alpha", "beta"))),
    }
    assert result.finding.snapshots[EVM, 50] == block(50)


# Pinning by time: no height in the claim.


def pinned_height(nodes: Nodes, as_of: datetime) -> int | Why:
    (found,) = asyncio.run(
        examine(
            claim((ETH, ALICE), heights={}, as_of=as_of),
            Instrument(Policy(), tuple(nodes.settings)),
            connect=nodes.connect,
        )
    )
    return found.pinned.why if isinstance(found.pinned, Gap) else found.pinned.value.height


@pytest.mark.parametrize(("minutes", "height"), [(0, 0), (1, 1), (1.5, 1), (50, 50), (50.99, 50), (93, 93)])
def test_without_a_height_the_last_block_at_or_before_the_moment_is_read(minutes: float, height: int) -> None:
    assert pinned_height(two_agreeing({}), GENESIS_TIME + timedelta(minutes=minutes)) == height


def test_the_search_takes_a_few_headers_not_all() -> None:
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, height=1_000_000), operator)
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=654_321)) == 654_321
    assert nodes.made[0].blocks_asked < 60


def test_a_node_that_let_go_of_its_oldest_blocks_finds_one_that_is_nearer_to_its_newest() -> None:
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, height=1_000_000, lowest=600_000), operator)
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=900_000)) == 900_000
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=500_000)) is Why.REFUSED


def two_from(oldest: int, **chain: Any) -> Nodes:
    """Nodes that have no block below their oldest, and say so."""
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, height=1_000_000, lowest=oldest, oldest=oldest, **chain), operator)
    return nodes


@pytest.mark.parametrize("oldest", [1, 7, 32_570, 600_000, 999_900])
def test_no_block_is_asked_for_that_is_older_than_the_oldest_a_node_has(oldest: int) -> None:
    for height in (oldest + 10, oldest + 11, oldest + 60, (oldest + 1_000_000) // 2, 999_990):
        assert pinned_height(two_from(oldest), GENESIS_TIME + timedelta(minutes=height)) == height
    for height in (oldest + 9, oldest, oldest // 2):
        assert pinned_height(two_from(oldest), GENESIS_TIME + timedelta(minutes=height)) is Why.NO_STATE


def test_the_first_blocks_a_node_has_settle_nothing_while_their_median_is_not_known() -> None:
    """Block 1003 is dated long before its neighbours: of eleven, as many as the median is of, it changes nothing."""
    times = {1003: GENESIS_TIME + timedelta(minutes=1012.5), 1013: GENESIS_TIME + timedelta(minutes=1010)}
    moment = GENESIS_TIME + timedelta(minutes=1010.5)
    assert pinned_height(two_from(1000, times=times), moment) == 1013
    assert pinned_height(two_from(0, times=times), moment) == 1013


def test_a_node_whose_oldest_block_lies_above_its_newest_final_one_is_malformed() -> None:
    assert pinned_height(two_from(1_000_001), GENESIS_TIME + timedelta(minutes=5)) is Why.MALFORMED


@pytest.mark.parametrize("behind", [0, 3, 9])
def test_a_node_that_has_fewer_final_blocks_than_a_median_is_of_settles_nothing(behind: int) -> None:
    for minutes in (0, 999_995, 1_000_000 - behind, 1_000_005):
        found = pinned_height(two_from(1_000_000 - behind), GENESIS_TIME + timedelta(minutes=minutes))
        assert found in {Why.NO_STATE, Why.NOT_FINAL}


def test_a_block_whose_time_runs_backwards_is_still_found_if_it_is_the_last_before_the_moment() -> None:
    times = {54: GENESIS_TIME + timedelta(minutes=49)}
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, times=times), operator)
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=50)) == 54


def test_several_blocks_at_the_moment_itself_give_the_last_of_them() -> None:
    moment = GENESIS_TIME + timedelta(minutes=50)
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, times=dict.fromkeys(range(50, 63), moment)), operator)
    assert pinned_height(nodes, moment) == 62


def test_a_moment_the_final_blocks_have_not_passed_is_not_final() -> None:
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, final_depth=40), operator)
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=61)) is Why.NOT_FINAL
    assert pinned_height(nodes, GENESIS_TIME + timedelta(minutes=50)) == 50


def test_a_moment_before_the_chain_began_has_no_block() -> None:
    assert pinned_height(two_agreeing({}), datetime(2019, 1, 1, tzinfo=UTC)) is Why.WRONG_BLOCK

"""In how many decimals an asset counts is said by its contract or a table, never by the claim alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from scanner.chains.known_assets import TABLE
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.natives import native_decimals
from scanner.core.evidence import Balance, Gap
from scanner.core.ids import AssetId
from scanner.errors import Why
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ScriptedChain
from tests.support.tables import each_of

EVM = parse_chain("eip155:1")
TETHER = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
MADE_UP = Asset("NEW", parse_asset("eip155:1/erc20:0x" + "77" * 20), "NEW", 6)
ETHER = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
ALICE, BOB = b"\x01" * 20, b"\x02" * 20


def outcome(asset: Asset, *said: Mapping[AssetId, int], balance: int | Gap = 10**6) -> Balance | Gap:
    """What is established of Alice's balance, where each operator's contract says so many decimals."""
    nodes = Nodes()
    for number, decimals in enumerate(said or ({}, {})):
        script = ScriptedChain(asset.id.chain, balances={(asset.id, ALICE): balance}, decimals=dict(decimals))
        nodes.add(script, f"operator{number}")
    (row,) = run(asset, nodes).rows
    return row.outcome


def run(asset: Asset, nodes: Nodes) -> Scan:
    claim = Claim(
        exchange="X",
        as_of=GENESIS_TIME + timedelta(minutes=50),
        assets={asset.id: asset},
        liabilities={asset.backs: Liability(asset.backs, Fraction(1))},
        holdings=Holdings.of([Holding(asset.id, ALICE)]),
        digest="00" * 32,
        snapshots={asset.id.chain: 50},
    )
    policy = Policy(contracts=frozenset({asset.id}))
    return asyncio.run(scan(claim, Instrument(policy, tuple(nodes.settings)), connect=nodes.connect))


def why(asset: Asset, *said: Mapping[AssetId, int]) -> Why | None:
    found = outcome(asset, *said)
    return found.why if isinstance(found, Gap) else None


def test_a_contract_that_says_the_claims_decimals_is_believed() -> None:
    assert why(MADE_UP, {MADE_UP.id: 6}, {MADE_UP.id: 6}) is None


def test_decimals_that_only_the_claim_says_make_a_gap_even_where_the_contract_is_vouched_for() -> None:
    found = outcome(MADE_UP)
    assert found == Gap(
        Why.UNCONFIRMED_DECIMALS,
        "only the claim says that it has 6 decimals; its contract: UNSUPPORTED, 0 of 2 operators answered;"
        " operator0: UNSUPPORTED, the contract does not say; operator1: UNSUPPORTED, the contract does not say",
    )


def test_a_contract_that_does_not_say_is_confirmed_by_the_table_of_contracts() -> None:
    assert why(TETHER) is None
    assert why(replace(TETHER, decimals=18)) is Why.WRONG_DECIMALS
    assert outcome(replace(TETHER, decimals=18)) == Gap(
        Why.WRONG_DECIMALS, "it is known to have 6 decimals, the claim says 18"
    )


def test_what_the_contract_says_goes_before_the_table() -> None:
    assert why(TETHER, {TETHER.id: 8}, {TETHER.id: 8}) is Why.WRONG_DECIMALS
    eight = replace(TETHER, decimals=8)
    assert why(eight, {TETHER.id: 8}, {TETHER.id: 8}) is None


def test_operators_who_differ_about_decimals_confirm_nothing() -> None:
    assert why(MADE_UP, {MADE_UP.id: 6}, {MADE_UP.id: 18}) is Why.UNCONFIRMED_DECIMALS
    assert why(MADE_UP, {MADE_UP.id: 6}, {}) is Why.UNCONFIRMED_DECIMALS


def test_a_gap_of_another_reason_keeps_it() -> None:
    found = outcome(MADE_UP, balance=Gap(Why.NO_TOKEN, "no contract there"))
    assert isinstance(found, Gap)
    assert found.why is not Why.UNCONFIRMED_DECIMALS


@each_of(
    ("chain", "decimals"),
    [
        ("eip155:1", 18),
        ("eip155:42220", 18),  # all EVM chains, those unknown among them
        ("eip155:728126428", 6),  # Tron's Ethereum-like interface tells sun
        ("beacon:1", 9),
        ("bip122:000000000019d6689c085ae165831e93", 8),
        ("bip122:0000000000000000000000000000abcd", None),
        ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", 9),
        ("cosmos:cosmoshub-4", None),
    ],
)
def test_a_chains_coin_has_the_decimals_of_one_table(chain: str, decimals: int | None) -> None:
    assert native_decimals(parse_chain(chain)) == decimals


def test_both_tables_say_the_same_of_chains_coins() -> None:
    for known in TABLE:
        asset = parse_asset(known.id)
        if asset.native:
            assert native_decimals(asset.chain) == known.decimals, known.id


def test_a_coin_whose_decimals_no_table_knows_is_not_counted() -> None:
    chain = parse_chain("bip122:0000000000000000000000000000abcd")
    coin = Asset("COIN", AssetId(chain, "slip44", "1"), "COIN", 8)
    assert outcome(coin, {}, {}) == Gap(
        Why.UNCONFIRMED_DECIMALS, f"only the claim says that the coin of {chain} has 8 decimals"
    )

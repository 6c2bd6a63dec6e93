"""Tokens that are known to show their chain's own coin a second time are no assets of a claim."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from docs.generate import tables
from scanner.chains.evm.facts import EVM_CHAINS
from scanner.chains.evm.shown_again import TABLE
from scanner.chains.names import parse_asset, shows_native_again
from tests.support.tables import each_of

LEGACY = "0xDeadDeAddeAddEAddeadDEaDDEAdDeaDDeAD0000"


@each_of(
    "token",
    [
        "eip155:42220/erc20:0x471EcE3750Da237f93B8E339c536989b8978a438",  # Celo
        f"eip155:1088/erc20:{LEGACY}",  # Metis
        f"eip155:5000/erc20:{LEGACY}",  # Mantle
        f"eip155:288/erc20:{LEGACY}",  # Boba
        f"eip155:8453/erc20:{LEGACY}",  # Base, and any other chain of its kind
        f"eip155:130/erc20:{LEGACY}",
        "eip155:1284/erc20:0x0000000000000000000000000000000000000802",  # Moonbeam
        "eip155:1285/erc20:0x0000000000000000000000000000000000000802",  # Moonriver
        "eip155:137/erc20:0x0000000000000000000000000000000000001010",  # Polygon
        "eip155:324/erc20:0x000000000000000000000000000000000000800A",  # zkSync Era, and any other ZK stack chain
        "eip155:2741/erc20:0x000000000000000000000000000000000000800A",
        "eip155:5042/erc20:0x3600000000000000000000000000000000000000",  # Arc: six decimals of eighteen
        "eip155:988/erc20:0x779Ded0c9e1022225f8E0630b35a9b54bE713736",  # Stable
        "eip155:3338/erc20:0x0000000000000000000000000000000000000809",  # peaq
        "eip155:9001/erc20:0xD4949664cD82660AaE99bEdc034a0deA8A0bd517",  # Evmos
        "eip155:262144/erc20:0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE",  # a Cosmos EVM chain
    ],
)
def test_a_token_that_shows_its_chains_coin_again_is_told_in_any_spelling(token: str) -> None:
    assert shows_native_again(parse_asset(token))
    assert shows_native_again(parse_asset(token.lower()))


def test_every_op_stack_chain_of_our_tables_is_covered() -> None:
    for chain in EVM_CHAINS:
        assert shows_native_again(parse_asset(f"eip155:{chain}/erc20:{LEGACY}"))


@pytest.mark.parametrize(
    "token",
    [
        "eip155:1/erc20:0x0000000000000000000000000000000000000802",
        "eip155:196/erc20:0x779Ded0c9e1022225f8E0630b35a9b54bE713736",  # USDT0 where it is no chain's coin
        "eip155:1/erc20:0x471EcE3750Da237f93B8E339c536989b8978a438",
        "eip155:42220/slip44:52752",
    ],
)
def test_the_same_address_elsewhere_is_another_contract(token: str) -> None:
    assert not shows_native_again(parse_asset(token))


def test_the_published_table_has_every_entry() -> None:
    rows = {(row["chain"], row["contract"]) for row in csv.DictReader(StringIO(tables()["shown_again.csv"]))}
    assert rows == {(row.chain or "*", row.contract) for row in TABLE}
    for chain, contract in rows:
        assert parse_asset(f"{'eip155:1' if chain == '*' else chain}/erc20:{contract}").reference == contract

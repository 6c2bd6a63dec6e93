"""Bitcoin-like chains: a row each, from which everything follows that is known of one."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.chains.backends import open_node
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, PROGRAMS, BitcoinChain, Unchecked, Unread, WorkRules
from scanner.chains.bitcoin.header import parse_header, target_of
from scanner.chains.bitcoin.node.answers import satoshis, scan_of
from scanner.chains.bitcoin.node.block import final_height_of, header_from_hex, snapshot_of, work_rules
from scanner.chains.names import parse_chain
from scanner.chains.natives import native_decimals
from scanner.chains.registry import family
from scanner.cli.diagnosis import points
from scanner.cli.row_account import unserved
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.sources.addresses import read_claim
from tests.support.places import VECTORS as _VECTORS

VECTORS = _VECTORS
GENESIS = bytes.fromhex(  # Bitcoin's
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3"
    "888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)

EASIEST = {  # nBits of each network's powLimit
    "Bitcoin": 0x1D00FFFF,
    "Bitcoin testnet3": 0x1D00FFFF,
    "Bitcoin testnet4": 0x1D00FFFF,
    "Bitcoin signet": 0x1E0377AE,
    "Bitcoin regtest": 0x207FFFFF,
    "Litecoin": 0x1E0FFFFF,
    "Litecoin regtest": 0x207FFFFF,
    "Dogecoin": 0x1E0FFFFF,
    "Dogecoin regtest": 0x207FFFFF,
}
ALL = {Chain("bip122", name): known for name, known in BITCOIN_CHAINS.items()}
UNREAD = {chain: known for chain, known in ALL.items() if isinstance(known.work, Unread)}
READ = {chain: known for chain, known in ALL.items() if chain not in UNREAD}
WORDS = {chain: known for chain, known in ALL.items() if isinstance(known.work, Unchecked)}


def named(name: str) -> tuple[Chain, BitcoinChain]:
    return next((Chain("bip122", key), known) for key, known in BITCOIN_CHAINS.items() if known.name == name)


def test_the_easiest_targets_are_those_of_each_networks_own_program() -> None:
    assert {known.name: known.work.easiest for known in READ.values() if isinstance(known.work, WorkRules)} == {
        name: target_of(bits) for name, bits in EASIEST.items()
    }


def test_coins_are_numbered_and_divided_as_the_row_says() -> None:
    for reference, known in BITCOIN_CHAINS.items():
        chain = Chain("bip122", reference)
        coin = family(chain).coin(chain)
        assert native_decimals(chain) == known.decimals == 8
        assert coin is not None
        assert coin.slip44 == known.slip44
    assert {known.name for known in BITCOIN_CHAINS.values() if known.slip44 is None} >= {
        "Bitcoin testnet3",
        "Bitcoin regtest",
    }


def test_an_amount_may_be_as_large_as_all_coins_of_its_own_chain_and_no_larger() -> None:
    for known in BITCOIN_CHAINS.values():
        assert satoshis(known.most_coins, known) == known.most_atoms
        assert known.unbounded == (known.most_coins_in_all > known.most_coins)
        with pytest.raises(NodeError, match=f"from 0 to {known.most_coins:,}"):
            satoshis(known.most_coins + 1, known)


def test_a_block_is_final_as_deep_as_the_row_says() -> None:
    for chain, known in READ.items():
        assert final_height_of(chain, known.final_depth + 7) == 7
        with pytest.raises(NodeError, match=f"no block has {known.final_depth} others") as caught:
            final_height_of(chain, known.final_depth - 1)
        assert caught.value.why is Why.NOT_FINAL


def test_a_chain_whose_work_cannot_be_checked_is_refused_with_the_reason_before_its_node_is_asked() -> None:
    for chain, known in UNREAD.items():
        assert isinstance(known.work, Unread)
        for kind, url in (("bitcoind", "http://127.0.0.1:1"), ("electrum", "tcp://127.0.0.1:1")):
            node = open_node(NodeSettings(kind, url, "alpha", chain))
            with pytest.raises(NodeError) as caught:
                asyncio.run(node.open())
            assert (caught.value.why, caught.value.detail) == (
                Why.UNSUPPORTED,
                f"{known.name} cannot be read: {known.work.why}",
            )
    with pytest.raises(NodeError, match="is not known"):
        work_rules(parse_chain("bip122:" + "ab" * 16))


def test_only_a_chain_that_split_off_is_not_read_and_only_an_x11_chain_on_its_nodes_word() -> None:
    assert [known.name for known in UNREAD.values()] == ["Bitcoin Cash"]
    assert [known.name for known in WORDS.values()] == ["Dash"]
    assert [work_rules(chain) for chain in WORDS] == [None]


def test_all_coins_of_dogecoin_may_be_more_than_fit_one_output() -> None:
    _, dogecoin = named("Dogecoin")
    one = {"success": True, "unspents": [], "height": 1, "bestblock": "ab" * 32}
    assert scan_of(one | {"total_amount": 30_000_000_000}, dogecoin).atoms == 30_000_000_000 * 10**8
    for most, known in ((92_233_720_369, dogecoin), (84_000_001, named("Litecoin")[1])):
        with pytest.raises(NodeError, match="from 0 to"):
            scan_of(one | {"total_amount": most}, known)


def test_a_full_node_is_named_by_its_program_and_serves_its_main_network_unless_told_otherwise() -> None:
    assert BITCOIN_CHAINS[PROGRAMS["bitcoind"]].name == "Bitcoin"
    assert all(known.program in PROGRAMS for known in READ.values())
    assert BITCOIN_CHAINS[PROGRAMS["litecoind"]].name == "Litecoin"
    assert BITCOIN_CHAINS[PROGRAMS["dogecoind"]].name == "Dogecoin"
    assert BITCOIN_CHAINS[PROGRAMS["dashd"]].name == "Dash"


def test_a_block_of_litecoin_counts_by_its_own_work_alone() -> None:
    chain, _ = named("Litecoin")
    known = json.loads((VECTORS / "litecoin_headers.json").read_text())["headers"][2]
    header = header_from_hex(known["header"], chain)
    snapshot = snapshot_of(chain, 2_265_985, header, known["hash"])
    assert (snapshot.hash, snapshot.time) == (known["hash"], datetime(2022, 5, 20, 5, 5, 16, tzinfo=UTC))
    unworked = parse_header(header.raw[:-4] + bytes(4))
    for expected in (known["hash"], unworked.hash):
        with pytest.raises(NodeError) as caught:
            snapshot_of(chain, 2_265_985, unworked, expected)
        assert caught.value.why is Why.FORGED
    bitcoins = parse_header(GENESIS)
    with pytest.raises(NodeError, match="no work was done"):
        snapshot_of(chain, 0, bitcoins, bitcoins.hash)


def test_holdings_on_a_chain_that_cannot_be_read_are_told_with_the_reason() -> None:
    cash, _ = named("Bitcoin Cash")
    text = f"""
version: 1
exchange: Example Exchange
as_of: 2026-01-01T00:00:00Z
assets:
  BCH: {{id: "{cash}/slip44:145", backs: BCH, decimals: 8}}
  BTC: {{id: "{named("Bitcoin")[0]}/slip44:0", backs: BTC, decimals: 8}}
liabilities: {{BCH: "1", BTC: "1"}}
holdings:
  - {{asset: BCH, accounts: ["1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"]}}
  - {{asset: BTC, accounts: ["1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK"]}}
"""
    read = read_claim(Path("claim.yaml"), text.encode())
    assert unserved(read.claim) == {cash: 1}
    (told,) = [each for each in points(read, None, {}, []) if each.about == str(cash)]
    assert told.what.startswith("Bitcoin Cash cannot be read: its nodes begin with")

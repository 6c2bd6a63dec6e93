"""Litecoin from a real litecoind and a real Electrum server over it, against all of its blocks played forwards.

Coins go into MWEB and come out again, to accounts that are read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from Crypto.PublicKey import ECC

from localnet.electrum import ElectrumServer
from localnet.litecoind import MWEB_SINCE, Litecoind
from scanner.chains.accounts import account_text
from scanner.chains.backends import open_node
from scanner.chains.bitcoin.node.rewind import is_unspendable
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.nodes.bitcoin_history import History, wallet
from tests.support.real.bitcoin_nodes import read_at, settings_of, start_electrum, start_litecoind, unspent_at
from tests.support.real.scanner_runs import run_scanner

CHAIN = parse_chain("bip122:530827f38f93b43ed12af0b3ad25a288")
COIN = parse_asset(f"{CHAIN}/slip44:1")
PAID_OUT = 123_456_789


@dataclass(frozen=True)
class World:
    litecoind: Litecoind
    server: ElectrumServer
    scripts: list[bytes]
    paid_out: bytes  # one of them, paid from MWEB at `paid_out_at` alone
    paid_out_at: int

    def settings(self, kind: str) -> NodeSettings:
        if kind == "electrum":
            return NodeSettings("electrum", self.server.url, "o", CHAIN)
        return settings_of(self.litecoind, kind="litecoind", chain=CHAIN)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    random = Random(11)
    with start_litecoind() as node:
        history = History(node, random, wallets=200)
        history.start(10)
        for _ in range(40):
            history.block(random.randint(0, 8))
        node.reach_mweb()
        node.pay_into_mweb(7 * 10**8)
        paid_out = bytes(wallet(5000 + 5).script)
        node.mine(7)
        node.pay_out_of_mweb(account_text(CHAIN, paid_out), PAID_OUT)
        paid_out_at = node.tip().height
        node.pay_into_mweb(3 * 10**8)
        node.pay_out_of_mweb(account_text(CHAIN, history.scripts[1]), 10**7)
        node.mine(24)  # final is what has so many on top
        with start_electrum(node, COIN="Litecoin") as server:
            yield World(node, server, [*history.scripts, paid_out], paid_out, paid_out_at)


@pytest.fixture(params=["litecoind", "electrum"])
def settings(world: World, request: pytest.FixtureRequest) -> NodeSettings:
    return world.settings(request.param)


def test_every_balance_around_mweb_is_the_one_its_blocks_make(world: World, settings: NodeSettings) -> None:
    tip, paid = world.litecoind.tip().height, world.paid_out_at
    assert paid > MWEB_SINCE
    for height in (tip, paid, paid - 1, MWEB_SINCE, MWEB_SINCE - 1, 140):
        found = read_at(open_node(settings), height, world.scripts, COIN)
        assert found == unspent_at(world.litecoind, height, world.scripts)
        assert any(found)
        assert found[-1] == (PAID_OUT if height >= paid else 0)


def test_the_final_block_is_an_hour_deep(world: World, settings: NodeSettings) -> None:
    async def look() -> int:
        node = open_node(settings)
        try:
            await node.open()
            return await node.final_height()
        finally:
            await node.close()

    assert asyncio.run(look()) == world.litecoind.tip().height - 24


def test_a_node_of_litecoins_is_none_of_bitcoins(world: World, settings: NodeSettings) -> None:
    async def look() -> None:
        node = open_node(replace(settings, chain=parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")))
        try:
            await node.open()
        finally:
            await node.close()

    with pytest.raises(NodeError) as caught:
        asyncio.run(look())
    assert caught.value.why is Why.WRONG_CHAIN


def test_what_the_node_calls_its_addresses_is_what_we_call_them(world: World) -> None:
    for script in world.scripts:
        told = world.litecoind.rpc("decodescript", script.hex())
        text = account_text(CHAIN, script)
        if "addresses" in told and told["type"] not in {"pubkey", "multisig"}:
            assert told["addresses"] == [text]
        else:
            assert text.startswith("raw(")


def test_a_claim_on_litecoin_is_found_fit_scanned_and_verified(world: World, tmp_path: Path) -> None:
    height, scripts = world.paid_out_at, [each for each in world.scripts if not is_unspendable(each)]
    held = sum(unspent_at(world.litecoind, height, scripts))
    header = world.litecoind.rpc("getblockheader", world.litecoind.rpc("getblockhash", height))
    accounts = [account_text(CHAIN, script) for script in scripts]
    claim = {
        "version": 1,
        "exchange": "Never Seen Ltd",
        "as_of": f"{datetime.fromtimestamp(header['time'], UTC):%Y-%m-%dT%H:%M:%SZ}",
        "snapshots": {str(CHAIN): height},
        "assets": {"LTC": {"id": str(COIN), "backs": "LTC", "decimals": 8}},
        "liabilities": {"LTC": f"{held // 10**8}.{held % 10**8:08d}"},
        "holdings": [{"asset": "LTC", "accounts": accounts}],
    }
    node = world.litecoind
    nodes = [
        {"url": f"litecoind+http://{node.user}:${{PASSWORD}}@127.0.0.1:{node.port}", "operator": "alpha"},
        {"url": f"electrum+{world.server.url}", "operator": "beta"},
    ]
    instrument = {
        "policy": {"quorum": 2, "threshold": "1"},
        "nodes": [each | {"chain": str(CHAIN)} for each in nodes],
    }
    (tmp_path / "claim.yaml").write_text(json.dumps(claim))
    (tmp_path / "nodes.yaml").write_text(json.dumps(instrument))
    key = ECC.generate(curve="Ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    for command in (
        "check claim.yaml",
        "scan claim.yaml --out out --key key.pem",
        "verify out/attestation.dsse.json --claim claim.yaml --key pub.pem",
    ):
        done = run_scanner(tmp_path, command, {"PASSWORD": node.password})
        assert done.returncode == 0, done.stdout + done.stderr
        assert "COVERED" in done.stdout or command.startswith("check")


def test_a_full_node_reads_its_last_day_and_names_who_reads_what_is_older(world: World) -> None:
    world.litecoind.mine(24 * 24 + 2 - world.litecoind.tip().height)
    world.server.wait_for_height(world.litecoind.tip().height)
    for height in (2, 1):
        truth = unspent_at(world.litecoind, height, world.scripts)
        assert any(truth)
        assert read_at(open_node(world.settings("electrum")), height, world.scripts, COIN) == truth
        found = read_at(open_node(world.settings("litecoind")), height, world.scripts, COIN)
        if height == 2:
            assert found == truth
        else:
            assert {(gap.why, "Electrum" in gap.detail) for gap in found if isinstance(gap, Gap)} == {
                (Why.NO_STATE, True)
            }

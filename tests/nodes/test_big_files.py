"""The nodes that hold what a large file says: asked row by row, by other means than the scanner's, and then scanned."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from bench import big_nodes
from bench.big_files import SHAPES, balance, rows, told
from localnet.anvil import Anvil
from localnet.errors import RpcError
from scanner.chains.evm.balance_call import balance_of
from scanner.chains.evm.node.code import DECIMALS
from scanner.scanning.run import scan
from scanner.sources.addresses import load_claim
from scanner.sources.nodes import load_instrument
from scanner.weighing.finding import Verdict
from tests.support.proof_signing import REGTEST

TOKEN = "0x" + "70" * 20
COUNT = 1_000


@pytest.fixture(scope="module", params=SHAPES)
def network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, node_programs: None
) -> Iterator[big_nodes.Network]:
    folder = tmp_path_factory.mktemp(request.param)
    with big_nodes.running(SHAPES[request.param], COUNT, folder) as network:
        yield network


def test_a_computed_token_answers_its_decimals_and_a_balance_for_every_account(anvil: Anvil) -> None:
    for decimals, step in ((6, 1), (18, 10**10), (18, 2**64 - 1)):
        anvil.rpc("anvil_setCode", TOKEN, big_nodes.computed_token(decimals, step))

        def asked(data: bytes) -> int:
            return int(anvil.rpc("eth_call", {"to": TOKEN, "data": "0x" + data.hex()}, "latest"), 16)

        assert asked(DECIMALS) == decimals
        for account in (bytes(20), b"\xff" * 20, bytes(range(20)), bytes(4) + b"\x01\x02\x03" + bytes(13)):
            assert asked(balance_of(account)) == (int.from_bytes(account[4:7]) + 1) * step


def test_a_computed_token_reverts_whatever_else_it_is_asked(anvil: Anvil) -> None:
    anvil.rpc("anvil_setCode", TOKEN, big_nodes.computed_token(6, 1))
    for data in ("0x", "0x70a08232", "0x18160ddd"):  # nothing; a bit more than balanceOf; totalSupply()
        with pytest.raises(RpcError, match="revert"):
            anvil.rpc("eth_call", {"to": TOKEN, "data": data}, "latest")


def test_every_account_holds_what_its_row_says_at_the_block_that_the_row_names(network: big_nodes.Network) -> None:
    shape = next(shape for shape in SHAPES.values() if shape.member == network.file.name)
    unspent = network.bitcoin.dump_utxos(network.blocks[REGTEST].height)
    sums: dict[tuple[str, str], int] = {}
    for row in rows(shape.readable, shape.name, COUNT):
        line = row.line
        chain = line.asset.chain
        if chain.namespace == "bip122":
            found = unspent.get(row.account.hex(), 0)
        elif line.native:
            found = int(network.evm[chain].rpc("eth_getBalance", "0x" + row.account.hex(), hex(line.height)), 16)
        else:
            call = {"to": line.asset.reference, "data": "0x" + balance_of(row.account).hex()}
            found = int(network.evm[chain].rpc("eth_call", call, hex(line.height)), 16)
        assert found == row.atoms == balance(line.network, line.label, row.account)
        key = line.label, network.site.network(line)
        sums[key] = sums.get(key, 0) + found
    assert sums == {key: total.atoms for key, total in network.totals.items()}
    assert all(sums.values())


def test_every_balance_is_another_one_at_the_latest_block(network: big_nodes.Network) -> None:
    shape = next(shape for shape in SHAPES.values() if shape.member == network.file.name)
    unspent = network.bitcoin.dump_utxos(network.bitcoin.tip().height)
    for row in rows(shape.readable, shape.name, COUNT):
        if not row.atoms:
            continue
        chain = row.line.asset.chain
        if chain.namespace == "bip122":
            found = unspent[row.account.hex()]
        elif row.line.native:
            found = int(network.evm[chain].rpc("eth_getBalance", "0x" + row.account.hex(), "latest"), 16)
        else:
            call = {"to": row.line.asset.reference, "data": "0x" + balance_of(row.account).hex()}
            found = int(network.evm[chain].rpc("eth_call", call, "latest"), 16)
        assert found != row.atoms


def test_a_scan_of_the_file_is_complete_and_exact(network: big_nodes.Network) -> None:
    folder = network.file.parent
    shape = next(shape for shape in SHAPES.values() if shape.member == network.file.name)
    big_nodes.write_nodes(folder / "nodes.yaml", network)
    big_nodes.write_claim(folder / "claim.yaml", shape, network)
    claim = load_claim(folder / "claim.yaml")
    finding = asyncio.run(scan(claim, load_instrument(folder / "nodes.yaml", {}))).finding
    assert claim.complete
    assert len(claim.holdings) == COUNT
    assert not finding.gaps
    units = {"BTC", "ETH", "USDC", "USDT"}
    assert {reserve.unit: (reserve.verdict, reserve.ratio) for reserve in finding.reserves} == dict.fromkeys(
        units, (Verdict.COVERED, Fraction(1))
    )
    held = sum(reserve.held for reserve in finding.reserves)
    assert held == sum(total.claimed for total in network.totals.values())


def test_the_totals_told_are_the_files(network: big_nodes.Network) -> None:
    with network.file.open(newline="") as file:
        lines = [line for line in csv.reader(file) if len(line) > 3][1:]
    assert len(lines) == sum(total["rows"] for total in told(network.totals)) == COUNT  # type: ignore[misc]


def test_the_instrument_is_readable_by_its_owner_alone(network: big_nodes.Network, tmp_path: Path) -> None:
    big_nodes.write_nodes(tmp_path / "nodes.yaml", network)
    assert (tmp_path / "nodes.yaml").stat().st_mode & 0o077 == 0

"""The large files that are measured with: what they say of themselves is so, and they are always the same."""

from __future__ import annotations

import csv
import subprocess
import sys
import zipfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from bench.big_files import FUNDED_ONE_IN, MESSAGE, SHAPES, Line, Shape, Site, balance, rows, spelled, write
from scanner.proofs.control import Shown
from scanner.sources.published import LabelTable, read_published
from scanner.weighing.control.recognise import verdicts_of
from scanner.weighing.holdings import Holding, Ownership
from tests.support.proof_signing import REGTEST

COUNT = 1_000
EACH_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def table(path: Path) -> list[dict[str, str]]:
    """The rows by column, read by the standard library."""
    with path.open(newline="") as file:
        lines = [line for line in file if line.count(",") > 2]
    return list(csv.DictReader(lines))


@EACH_SHAPE
def test_the_same_file_comes_of_the_same_number_of_rows(shape: Shape, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    assert write(shape, COUNT, one) == write(shape, COUNT, two)
    assert one.read_bytes() == two.read_bytes()


@EACH_SHAPE
def test_a_row_follows_from_its_number_alone(shape: Shape) -> None:
    few, more = (list(rows(shape.readable, shape.name, count)) for count in (50, 100))
    assert more[:50] == few


@EACH_SHAPE
def test_no_account_stands_twice(shape: Shape) -> None:
    assert len({row.account for row in rows(shape.readable, shape.name, COUNT)}) == COUNT


@EACH_SHAPE
def test_the_totals_are_those_of_the_amounts_written(shape: Shape, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    totals = write(shape, COUNT, path)
    written: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for row in table(path):
        network = row.get("Network") or row["network"]
        written[row["coin"], network].append(Fraction(row.get("amount") or row["balance"]))
    assert {key: (total.rows, total.funded, total.claimed) for key, total in totals.items()} == {
        key: (len(amounts), sum(amount > 0 for amount in amounts), sum(amounts)) for key, amounts in written.items()
    }


@EACH_SHAPE
def test_the_scanner_reads_every_row_and_comes_to_the_same_totals(shape: Shape, tmp_path: Path) -> None:
    path = tmp_path / shape.member
    totals = write(shape, COUNT, path)
    published = read_published(path, shape.name)
    assert (published.account.read, published.account.accepted) == (COUNT, COUNT)
    assert {(listed.label, listed.network): total.claimed for (listed, _), total in published.account.totals.items()}
    assert {
        (listed.label, listed.network): (total.rows, total.claimed)
        for (listed, _), total in published.account.totals.items()
    } == {key: (total.rows, total.claimed) for key, total in totals.items()}
    made = rows(shape.readable, shape.name, COUNT)
    for row, of in zip(published, made, strict=True):
        assert (row.asset, row.account) == (of.line.asset, of.account)
        assert row.atoms(of.line.decimals) == of.atoms == balance(row.network, row.label, row.account)


@EACH_SHAPE
def test_every_label_is_one_that_the_table_maps_to_the_asset_meant(shape: Shape) -> None:
    labels = LabelTable()
    for line in shape.readable:
        listed = labels.find(line.label, line.network)
        assert listed.known is not None
        assert (listed.asset, listed.known.decimals) == (line.asset, line.decimals)


@EACH_SHAPE
def test_all_kinds_of_account_are_in_it_in_their_shares(shape: Shape) -> None:
    seen = [0] * len(shape.readable)
    numbers = {id(line): number for number, line in enumerate(shape.readable)}
    for row in rows(shape.readable, shape.name, 2_000):
        seen[numbers[id(row.line)]] += 1
    shares = [line.share for line in shape.readable]
    for count, share in zip(seen, shares, strict=True):
        assert count > 0
        assert abs(count / 2_000 - share / sum(shares)) < 0.03


def test_every_signature_of_okxs_rows_holds(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    write(SHAPES["okx"], 400, path)
    holdings = []
    for row in read_published(path):
        assert row.ownership is not None
        assert row.ownership.message == MESSAGE
        proof = Ownership("", MESSAGE, row.ownership.signatures, row.ownership.key)
        holdings.append(Holding(row.asset, row.account, ownership=proof))
    assert all(isinstance(verdict, Shown) for verdict in verdicts_of(holdings, MESSAGE))


def test_tokens_have_a_balance_for_everybody_and_coins_for_one_in_sixteen() -> None:
    for number in range(256):
        account = bytes(7) + bytes([number]) + bytes(12)
        assert balance("ETH", "USDT", account) == 1
        assert bool(balance("ETH", "ETH", account)) == (number % FUNDED_ONE_IN == 0)
    assert balance("ETH", "USDT", bytes(4) + b"\xff" * 3 + bytes(13)) == 2**24
    with pytest.raises(KeyError):
        balance("ETH", "NEWCOIN", bytes(20))


def test_for_nodes_of_ours_bitcoin_is_spelled_as_on_regtest_and_heights_are_theirs(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    totals = write(SHAPES["binance"], COUNT, path, Site(REGTEST, {"BTC": 7, "BSC": 9}))
    assert ("BTC", "REGTEST") in totals
    assert ("BTC", "BTC") not in totals
    heights = {(row["network"], row["Height"]) for row in table(path)}
    assert {("REGTEST", "7"), ("BSC", "9"), ("ETH", "25218797")} <= heights
    texts = [row["address"] for row in table(path) if row["network"] == "REGTEST"]
    assert {text[:1] for text in texts} <= {"b", "2", "m", "n"}


@EACH_SHAPE
def test_with_rows_that_nobody_serves_every_account_is_still_one_of_its_chain(shape: Shape, tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    write(shape, COUNT, path, everywhere=True)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [shape.member]
    account = read_published(path).account
    assert account.accepted == COUNT
    assert {listed.network for listed, _ in account.totals} > {line.network for line in shape.readable}


def test_an_account_is_spelled_as_its_chain_spells_it() -> None:
    def form(network: str) -> Line:
        lines = (line for shape in SHAPES.values() for line in (*shape.readable, *shape.elsewhere))
        return next(line for line in lines if line.network == network)

    assert spelled(form("ETH"), b"\xab" * 20) == "0x" + "ab" * 20
    assert spelled(form("TRX"), bytes.fromhex("a614f803b6fd780986a42c78ec9c7f77e6ded13c")) == (
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    )
    assert len(spelled(form("ALGO"), bytes(32))) == 58


def test_the_command_writes_what_the_module_writes(tmp_path: Path) -> None:
    path, other = tmp_path / "command.csv", tmp_path / "module.csv"
    argv = ["--shape", "binance", "--rows", "100", "--out", str(path), "--regtest", "--height", "BTC=7"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.big_files", *argv], capture_output=True, text=True, check=True, timeout=60
    )
    write(SHAPES["binance"], 100, other, Site(REGTEST, {"BTC": 7}))
    assert path.read_bytes() == other.read_bytes()
    assert '"rows": 100' in done.stdout

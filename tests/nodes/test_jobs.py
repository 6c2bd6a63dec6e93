"""`scanner scan` as a periodic job on a real node: again, several claims at once, and what it leaves for machines."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from tests.interrupted_runs import CHAIN, Scans, SeeingProxy

COUNT = 60
TOKEN = "0x" + "c0" * 20
OWED = {"ETH": 60, "TOKEN": 60}


@pytest.fixture(scope="module")
def planted(node_programs: None) -> Iterator[tuple[Anvil, list[str], int]]:
    rng = random.Random(6)
    accounts = [f"0x{rng.randbytes(20).hex()}" for _ in range(COUNT)]
    with Anvil.start(chain_id=int(CHAIN.partition(":")[2])) as anvil:
        anvil.set_balances(dict.fromkeys(accounts, 10**18))
        anvil.deploy_token(TOKEN, 0, "TOKEN")
        anvil.mint(TOKEN, dict.fromkeys(accounts, 1))
        yield anvil, accounts, anvil.seal().height


class Desk:
    """An auditor's folder, and how often the node behind his claims was asked for balances."""

    def __init__(self, scans: Scans, proxy: SeeingProxy) -> None:
        self.folder, self.scans, self.proxy = scans.folder, scans, proxy
        scans.write(proxy.url, OWED)
        for name in ("key", "other"):
            key = ECC.generate(curve="Ed25519")
            path = self.folder / f"{name}.pem"
            path.write_text(key.export_key(format="PEM"))
            path.chmod(0o600)
            (self.folder / f"{name}.pub").write_text(key.public_key().export_key(format="PEM"))

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "scanner", *command.split()]
        return subprocess.run(argv, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120)

    def written(self, out: str = "out") -> dict[str, tuple[bytes, int]]:
        """Every file's bytes, and when they were written."""
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (self.folder / out).iterdir()}

    def json(self, name: str = "summary.json") -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture
def desk(planted: tuple[Anvil, list[str], int], tmp_path: Path) -> Iterator[Desk]:
    anvil, accounts, height = planted
    with SeeingProxy(anvil.port) as proxy:
        yield Desk(Scans(tmp_path, anvil, accounts, height, TOKEN), proxy)


SCAN = "scan claim.yaml --out out --key key.pem --summary summary.json"


@pytest.mark.parametrize(("owed", "code"), [("60", 0), ("61", 1), (None, 3)])
def test_the_same_scan_again_asks_nothing_changes_no_byte_and_exits_alike(
    desk: Desk, owed: str | None, code: int
) -> None:
    claim = (desk.folder / "claim.yaml").read_text()
    stated = "null" if owed is None else f"'{owed}'"
    (desk.folder / "claim.yaml").write_text(claim.replace("TOKEN: '60'", f"TOKEN: {stated}"))
    first = desk.run(SCAN)
    assert first.returncode == code, first.stderr
    before, asked = desk.written(), desk.proxy.requests
    assert asked > 0
    assert not desk.json()["claims"][0]["standing"]
    again = desk.run(SCAN)
    assert again.returncode == code
    assert "stands" in again.stderr
    assert again.stdout == first.stdout
    assert desk.proxy.requests == asked
    assert desk.written() == before
    (told,) = desk.json()["claims"]
    assert told["standing"]
    assert told["exitCode"] == code
    assert {Path(file["path"]).name for file in told["files"]} == set(before)


def test_a_node_that_is_gone_is_not_missed_where_the_attestation_stands(desk: Desk) -> None:
    assert desk.run(SCAN).returncode == 0
    nodes = (desk.folder / "nodes.yaml").read_text()
    (desk.folder / "nodes.yaml").write_text(nodes.replace(desk.proxy.url, "http://127.0.0.1:9"))
    assert desk.run(SCAN).returncode == 0
    assert desk.run(f"{SCAN} --again").returncode == 3


def test_again_scans_anew(desk: Desk) -> None:
    desk.run(SCAN)
    asked = desk.proxy.requests
    assert desk.run(f"{SCAN} --again").returncode == 0
    assert desk.proxy.requests == 2 * asked


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("evidence", "step 5"),
        ("attestation", "step"),
        ("no evidence", "evidence.csv.gz cannot be read"),
        ("claim", "step 4"),
        ("policy", "another policy"),
        ("prove", "to be proven"),
        ("key", "step 2"),
        ("second key", "step 2"),
        ("no key", "no --key"),
    ],
)
def test_an_attestation_that_is_not_this_very_scans_is_not_believed(desk: Desk, change: str, why: str) -> None:
    assert desk.run(SCAN).returncode == 0
    asked, command, out = desk.proxy.requests, SCAN, desk.folder / "out"
    match change:
        case "evidence":
            spoil(out / "evidence.csv.gz")
        case "attestation":
            spoil(out / "attestation.dsse.json")
        case "no evidence":
            (out / "evidence.csv.gz").unlink()
        case "claim":
            with (desk.folder / "claim.yaml").open("a") as claim:
                claim.write("# one byte more is another claim\n")
        case "policy":
            nodes = (desk.folder / "nodes.yaml").read_text()
            (desk.folder / "nodes.yaml").write_text(nodes.replace("threshold: '1'", "threshold: '0.9'"))
        case "prove":
            command += " --prove 3"
        case "key":
            command = command.replace("key.pem", "other.pem")
        case "second key":
            command += " --key other.pem"
        case "no key":
            command = command.replace("--key key.pem", "")
    done = desk.run(command)
    assert done.returncode == 0, done.stderr
    assert "does not stand" in done.stderr
    assert why in done.stderr
    assert desk.proxy.requests > asked
    if change != "no key":
        key = "other.pub" if change == "key" else "key.pub"
        assert desk.run(f"verify out/attestation.dsse.json --claim claim.yaml --key {key}").returncode == 0


def test_an_unsigned_statement_is_never_believed(desk: Desk) -> None:
    unsigned = "scan claim.yaml --out out"
    assert desk.run(unsigned).returncode == 0
    asked = desk.proxy.requests
    assert desk.run(unsigned).returncode == 0
    assert desk.proxy.requests == 2 * asked


def test_a_finding_with_gaps_is_scanned_again_and_stands_once_they_are_filled(desk: Desk) -> None:
    nodes = (desk.folder / "nodes.yaml").read_text()
    (desk.folder / "nodes.yaml").write_text(nodes.replace(desk.proxy.url, "http://127.0.0.1:9"))
    assert desk.run(SCAN).returncode == 3
    (desk.folder / "nodes.yaml").write_text(nodes)
    filled = desk.run(SCAN)
    assert filled.returncode == 0
    assert "holdings are gaps" in filled.stderr
    assert desk.run(SCAN).returncode == 0
    assert {"attestation.dsse.json", "evidence.csv.gz"} == set(desk.written())


def test_a_second_job_into_one_folder_is_refused_and_says_so_in_its_summary(desk: Desk) -> None:
    refused: list[subprocess.CompletedProcess[str]] = []
    command = "scan claim.yaml --out out --key key.pem --summary second.json"
    desk.proxy.before = lambda number: refused.append(desk.run(command)) if number == 1 else None
    assert desk.run(SCAN).returncode == 0
    assert [done.returncode for done in refused] == [2]
    assert "another scan is writing here" in desk.json("second.json")["claims"][0]["errors"][0]


def test_several_claims_have_a_folder_each_and_one_that_is_wrong_does_not_stop_the_others(desk: Desk) -> None:
    claim = (desk.folder / "claim.yaml").read_text()
    (desk.folder / "alpha.yaml").write_text(claim)
    (desk.folder / "beta.yaml").write_text(claim.replace("ETH: '60'", "ETH: 60"))
    (desk.folder / "gamma.yaml").write_text(claim.replace("TOKEN: '60'", "TOKEN: '61'"))
    files = "--summary summary.json --junit junit.xml"
    done = desk.run(f"scan alpha.yaml beta.yaml gamma.yaml --out out --key key.pem --json {files}")
    assert done.returncode == 1, done.stderr
    assert "beta.yaml:" in done.stderr
    shown = json.loads(done.stdout)
    assert {name: found and found["finding"]["verdict"] for name, found in shown.items()} == {
        "alpha": "COVERED",
        "beta": None,
        "gamma": "SHORT",
    }
    assert sorted(path.name for path in (desk.folder / "out").iterdir()) == ["alpha", "gamma"]
    for name in ("alpha", "gamma"):
        verify = f"verify out/{name}/attestation.dsse.json --claim {name}.yaml --key key.pub"
        assert desk.run(verify).returncode == 0
    told = desk.json()
    assert [(each["name"], each["exitCode"]) for each in told["claims"]] == [("alpha", 0), ("beta", 2), ("gamma", 1)]
    assert told["exitCode"] == 1
    junit = (desk.folder / "junit.xml").read_text()
    assert junit.count("<failure ") == 1
    assert junit.count("<error ") == 1


def test_an_interrupted_job_exits_130_and_its_summary_names_what_was_not_scanned(desk: Desk) -> None:
    shutil.copy(desk.folder / "claim.yaml", desk.folder / "second.yaml")
    argv = [sys.executable, "-m", "scanner", "scan", "claim.yaml", "second.yaml", "--out", "out"]
    process = subprocess.Popen(
        [*argv, "--summary", "summary.json"], cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    desk.proxy.before = lambda number: process.terminate() if number == 1 else None
    process.communicate(timeout=60)
    assert process.returncode == 130
    if (desk.folder / "summary.json").exists():  # not where the run had to be ended before it could let go
        assert [claim["exitCode"] for claim in desk.json()["claims"]] == [130, 130]


def test_metrics_are_served_while_a_scan_goes_on_and_left_in_a_file(desk: Desk) -> None:
    argv = [sys.executable, "-m", "scanner", *SCAN.split(), "--metrics", "reserves.prom", "--metrics-port", "0"]
    process = subprocess.Popen(argv, cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    scraped: list[str] = []
    assert process.stderr is not None
    url = process.stderr.readline().split()[-1]

    def scrape(number: int) -> None:
        if number == 1:
            with urlopen(url, timeout=30) as answer:  # noqa: S310 - of this machine
                scraped.append(answer.read().decode())

    desk.proxy.before = scrape
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert url.startswith("http://127.0.0.1:")
    assert f'reserve_scanner_requests_total{{chain="{CHAIN}",operator="self"}}' in scraped[0]
    left = (desk.folder / "reserves.prom").read_text()
    labels = 'claim="claim",exchange="Killed"'
    assert f'reserve_scanner_ratio{{{labels},unit="ETH"}} 1.0\n' in left
    assert f'reserve_scanner_verdict{{{labels},verdict="COVERED"}} 1.0\n' in left
    assert 'reserve_scanner_exit_code{claim="claim"} 0.0\n' in left
    assert f'reserve_scanner_holdings_done{{chain="{CHAIN}",claim="claim"}} {2 * COUNT}.0\n' in left


def test_metrics_of_an_attestation_that_stands_are_its_own_and_those_of_a_claim_gone_wrong_stay(desk: Desk) -> None:
    assert desk.run(f"{SCAN} --metrics reserves.prom").returncode == 0

    def figures() -> set[str]:
        text = (desk.folder / "reserves.prom").read_text()
        return {line for line in text.splitlines() if 'exchange="Killed"' in line}

    before = figures()
    assert before
    assert desk.run(f"{SCAN} --metrics reserves.prom").returncode == 0
    assert figures() == before
    (desk.folder / "claim.yaml").write_text("version: 1")
    assert desk.run(f"{SCAN} --metrics reserves.prom").returncode == 2
    assert figures() == before


def test_a_port_that_is_taken_is_told_before_anything_is_asked(desk: Desk) -> None:
    port = desk.proxy.url.rpartition(":")[2]
    done = desk.run(f"{SCAN} --metrics-port {port}")
    assert done.returncode == 2
    assert f"cannot listen at 127.0.0.1, port {port}" in done.stderr
    assert desk.proxy.requests == 0

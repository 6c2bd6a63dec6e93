"""`scanner scan` as a periodic job on a real node: again, several claims at once, and what it leaves for machines."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from scanner.cli import scanning
from scanner.cli.arguments import parser
from scanner.report.webhook import IDEMPOTENCY, SIGNATURE, holds
from tests.support.real.interrupted_runs import CHAIN, Scans, SeeingProxy
from tests.support.real.scanner_runs import run_scanner
from tests.support.real.webhook_receiver import Receiver, receiving

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

    def start(self, command: str, **environment: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "scanner", *command.split()]
        return subprocess.Popen(
            argv,
            cwd=self.folder,
            env=os.environ | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run_scanner(self.folder, command, environment)

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


@pytest.mark.parametrize(("owed", "code"), [("60", 0), ("61", 1), (None, 5)])
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


TRX = "tron:728126428/slip44:195"


def with_a_chain_that_no_node_serves(desk: Desk) -> None:
    claim = (desk.folder / "claim.yaml").read_text()
    claim = claim.replace("assets:\n", f"assets:\n  TRX: {{id: '{TRX}', backs: TRX, decimals: 6}}\n")
    claim = claim.replace("liabilities: {", "liabilities: {TRX: '1', ")
    claim += "  - {asset: TRX, accounts: [TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t]}\n"
    (desk.folder / "claim.yaml").write_text(claim)


def test_an_unknown_that_no_run_can_change_stands_with_a_code_of_its_own(desk: Desk) -> None:
    with_a_chain_that_no_node_serves(desk)
    assert desk.run(SCAN).returncode == 5
    (unit,) = (each for each in desk.json()["claims"][0]["units"] if each["unit"] == "TRX")
    assert (unit["gaps"], unit["lastingGaps"], unit["lasting"]) == (1, 1, True)
    asked = desk.proxy.requests
    again = desk.run(SCAN)
    assert (again.returncode, desk.proxy.requests) == (5, asked)
    assert "stands" in again.stderr


def test_it_stands_no_longer_once_nodes_of_that_chain_are_configured(desk: Desk) -> None:
    with_a_chain_that_no_node_serves(desk)
    desk.run(SCAN)
    nodes = desk.folder / "nodes.yaml"
    nodes.write_text(nodes.read_text() + "  - {url: 'tron+http://127.0.0.1:9', operator: gamma}\n")
    assert "nodes of tron:728126428 are configured" in desk.run(SCAN).stderr


def test_an_accepted_unknown_fails_no_job_and_stays_unknown(desk: Desk) -> None:
    with_a_chain_that_no_node_serves(desk)
    nodes = desk.folder / "nodes.yaml"
    nodes.write_text(nodes.read_text().replace("policy: {", "policy: {accept: [TRX], "))
    done = desk.run(f"{SCAN} --junit junit.xml")
    assert done.returncode == 0, done.stderr
    assert "TRX may be UNKNOWN" in done.stdout
    assert desk.json()["claims"][0]["verdict"] == "UNKNOWN"
    assert "<error" not in (desk.folder / "junit.xml").read_text()


def test_again_scans_anew(desk: Desk) -> None:
    desk.run(SCAN)
    asked = desk.proxy.requests
    assert desk.run(f"{SCAN} --again").returncode == 0
    assert desk.proxy.requests == 2 * asked


def test_a_scan_keeps_its_attestation_in_the_history_and_one_that_stands_is_there_once(desk: Desk) -> None:
    assert desk.run(f"{SCAN} --history h.sqlite").returncode == 0
    assert desk.run(f"{SCAN} --history h.sqlite").returncode == 0
    (exchange,) = json.loads(desk.run("log --history h.sqlite --json").stdout)["exchanges"]
    (kept,) = exchange["attestations"]
    assert kept["verified"]
    assert kept["attestation"] == hashlib.sha256(desk.written()["attestation.dsse.json"][0]).hexdigest()


def test_a_history_that_cannot_be_written_to_hides_no_attestation(desk: Desk) -> None:
    (desk.folder / "notes.txt").write_text("notes of somebody's\n" * 100)
    done = desk.run(f"{SCAN} --history notes.txt")
    assert done.returncode == 2
    assert "notes.txt" in done.stderr
    assert (desk.folder / "notes.txt").read_text() == "notes of somebody's\n" * 100
    (told,) = desk.json()["claims"]
    assert {Path(file["path"]).name for file in told["files"]} == {"attestation.dsse.json", "evidence.csv.gz"}


def test_a_history_that_is_the_claim_is_refused_before_anything_is_asked(desk: Desk) -> None:
    claim = (desk.folder / "claim.yaml").read_bytes()
    done = desk.run(f"{SCAN} --history claim.yaml")
    assert done.returncode == 2
    assert "--history" in done.stderr
    assert "claim.yaml" in done.stderr
    assert desk.proxy.requests == 0
    assert (desk.folder / "claim.yaml").read_bytes() == claim


def test_a_history_is_for_what_is_signed(desk: Desk) -> None:
    assert desk.run("scan claim.yaml --out out --history h.sqlite").returncode == 2
    assert not (desk.folder / "h.sqlite").exists()


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("evidence", "step 5"),
        ("attestation", "step"),
        ("no evidence", "evidence.csv.gz: cannot be read"),
        ("claim", "step 4"),
        ("policy", "another policy"),
        ("prove", "to be proven"),
        ("key", "step 2"),
        ("second key", "step 2"),
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
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    done = desk.run(command)
    assert done.returncode == 0, done.stderr
    assert "does not stand" in done.stderr
    assert why in done.stderr
    assert desk.proxy.requests > asked
    key = "other.pub" if change == "key" else "key.pub"
    assert desk.run(f"verify out/attestation.dsse.json --claim claim.yaml --key {key}").returncode == 0
    if change in ("evidence", "no evidence", "second key"):  # the same finding again, by the same key
        assert not (out / "earlier").exists()
    else:
        (kept,) = (out / "earlier").iterdir()
        assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


@pytest.mark.parametrize("keys", ["", " --again", " --prove none --again"])
def test_a_scan_that_nobody_signs_takes_the_place_of_no_signature(desk: Desk, keys: str) -> None:
    assert desk.run(SCAN).returncode == 0
    asked, before = desk.proxy.requests, desk.written()
    done = desk.run(f"scan claim.yaml --out out{keys}")
    assert done.returncode == 2
    assert "attestation.dsse.json: is signed, and no --key is given" in done.stderr
    assert desk.proxy.requests == asked
    assert desk.written() == before


def test_an_attestation_that_is_better_than_what_came_of_scanning_again_is_kept(desk: Desk) -> None:
    assert desk.run(SCAN).returncode == 0
    before = desk.written()
    nodes = (desk.folder / "nodes.yaml").read_text()
    (desk.folder / "nodes.yaml").write_text(nodes.replace(desk.proxy.url, "http://127.0.0.1:9"))
    done = desk.run(f"{SCAN} --again")
    assert done.returncode == 3
    (kept,) = (desk.folder / "out" / "earlier").iterdir()
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in kept.iterdir()} == before
    assert f"is kept in out/earlier/{kept.name}" in done.stderr
    assert desk.run(f"verify {kept}/attestation.dsse.json --claim claim.yaml --key key.pub").returncode == 0


@pytest.mark.parametrize("name", ["scan.journal", "statement.json", "evidence.csv.gz", "witness.bin"])
def test_a_file_that_no_scan_wrote_is_left_as_it_is(desk: Desk, name: str) -> None:
    (desk.folder / "out").mkdir()
    (desk.folder / "out" / name).write_text("notes of somebody's")
    before = desk.written()
    done = desk.run(SCAN)
    assert done.returncode == 2
    assert f"{name}: is there already" in done.stderr
    assert desk.written() == before
    assert desk.proxy.requests == 0


def test_the_on_chain_form_must_hold_too_where_it_is_asked_for(desk: Desk) -> None:
    keys = {"ETH_A": "11" * 32, "ETH_B": "22" * 32}
    first = f"{SCAN} --eth-key env:ETH_A"
    form = desk.folder / "out" / "attestation.eip712.json"

    def stands(command: str) -> bool:
        asked = desk.proxy.requests
        assert desk.run(command, **keys).returncode == 0
        return desk.proxy.requests == asked

    assert not stands(SCAN)
    assert not stands(first)
    assert stands(first)
    assert stands(SCAN)
    assert form.exists()
    assert not stands(f"{first} --eth-key env:ETH_B")
    assert stands(f"{SCAN} --eth-key env:ETH_B")
    spoil(form)
    assert not stands(first)
    form.unlink()
    assert not stands(first)
    assert stands(first)


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


def test_a_fault_in_showing_a_result_is_a_bug_that_hides_neither_the_verdict_nor_the_reports(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk.folder)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    assert scanning.scan(parser().parse_args(SCAN.split()), broken) == 0  # what was found, as the job's reports say
    assert "this is a bug" in capsys.readouterr().err
    told = desk.json()
    assert (told["exitCode"], told["errors"]) == (0, ["a bug: ZeroDivisionError"])
    assert [(claim["exitCode"], claim["verdict"]) for claim in told["claims"]] == [(0, "COVERED")]


def test_a_reader_who_has_seen_enough_does_not_change_the_exit_code(desk: Desk) -> None:
    claim = (desk.folder / "claim.yaml").read_text()
    (desk.folder / "claim.yaml").write_text(claim.replace("TOKEN: '60'", "TOKEN: '61'"))
    process = desk.start(SCAN)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (1, "")


def test_an_interrupted_job_exits_130_and_its_summary_names_what_was_not_scanned(desk: Desk) -> None:
    shutil.copy(desk.folder / "claim.yaml", desk.folder / "second.yaml")
    process = desk.start("scan claim.yaml second.yaml --out out --summary summary.json")
    desk.proxy.before = lambda number: process.terminate() if number == 1 else None
    process.communicate(timeout=60)
    assert process.returncode == 130
    if (desk.folder / "summary.json").exists():  # not where the run had to be ended before it could let go
        assert [claim["exitCode"] for claim in desk.json()["claims"]] == [130, 130]


def test_metrics_are_served_while_a_scan_goes_on_and_left_in_a_file(desk: Desk) -> None:
    process = desk.start(f"{SCAN} --metrics reserves.prom --metrics-port 0")
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


# The webhook.

KEY = "a-key-that-must-not-leak"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving([(204, {})]) as receiver:
        yield receiver


@dataclass
class Told:
    """Scans whose changes of verdict a receiver is told of, and everything they print."""

    desk: Desk
    receiver: Receiver
    printed: str = ""

    def scan(self, more: str = "") -> int:
        hook = {"HOOK": self.receiver.url, "SCANNER_WEBHOOK_KEY": KEY}
        done = self.desk.run(f"{SCAN} --webhook ${{HOOK}} {more}", **hook)
        self.printed += done.stdout + done.stderr + (self.desk.folder / "summary.json").read_text()
        return done.returncode

    def owed(self, tokens: int) -> None:
        claim = (self.desk.folder / "claim.yaml").read_text()
        (self.desk.folder / "claim.yaml").write_text(re.sub(r"TOKEN: '\d+'", f"TOKEN: '{tokens}'", claim))

    @property
    def verdicts(self) -> list[tuple[str | None, str]]:
        """Before and after, as the receiver was told, each message once."""
        told = {headers[IDEMPOTENCY]: json.loads(body)["verdict"] for _, headers, body in self.receiver.got}
        return [(verdict["before"], verdict["after"]) for verdict in told.values()]

    @property
    def waiting(self) -> int:
        (claim,) = self.desk.json()["claims"]
        return int(claim["undelivered"])


@pytest.fixture
def told(desk: Desk, receiver: Receiver) -> Iterator[Told]:
    told = Told(desk, receiver)
    yield told
    for secret in (KEY, receiver.url):
        assert secret not in told.printed + (desk.folder / "out" / "webhook.json").read_text()


def test_each_change_of_verdict_is_told_once_signed_and_nothing_else_is(told: Told) -> None:
    assert told.scan() == 0
    assert told.scan() == 0
    assert told.scan("--again") == 0
    assert told.verdicts == [(None, "COVERED")]
    told.owed(61)
    assert told.scan() == 1
    assert told.scan() == 1
    told.owed(59)
    assert told.scan() == 0
    assert told.verdicts == [(None, "COVERED"), ("COVERED", "SHORT"), ("SHORT", "COVERED")]
    assert len(told.receiver.got) == 3
    for _, headers, body in told.receiver.got:
        assert holds(body, headers[SIGNATURE], KEY.encode(), int(time.time()))
    (unit,) = json.loads(told.receiver.got[1][2])["units"]
    assert (unit["unit"], unit["held"], unit["owed"]) == ("TOKEN", "60", "61")


def test_what_is_not_taken_waits_and_is_sent_by_a_later_run_in_order(told: Told) -> None:
    told.receiver.answers[:] = [(400, {})]
    assert told.scan() == 0
    assert told.waiting == 1
    told.owed(61)
    assert told.scan() == 1
    assert told.waiting == 2
    assert "HTTP 400" in told.printed
    told.receiver.answers[:] = [(200, {})]
    told.receiver.got.clear()
    assert told.scan() == 1
    assert told.waiting == 0
    assert told.verdicts == [(None, "COVERED"), ("COVERED", "SHORT")]


def test_a_run_that_is_killed_when_its_message_was_taken_sends_the_same_again_and_no_other(told: Told) -> None:
    hook = {"HOOK": told.receiver.url, "SCANNER_WEBHOOK_KEY": KEY}
    process = told.desk.start(f"{SCAN} --webhook ${{HOOK}}", **hook)
    told.receiver.before = process.kill
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    told.receiver.before = lambda: None
    asked = told.desk.proxy.requests
    assert told.scan() == 0
    assert told.desk.proxy.requests == asked  # the attestation stood before anybody was told of it
    assert told.scan() == 0
    first, again = told.receiver.got
    assert first[2] == again[2]
    assert first[1][IDEMPOTENCY] == again[1][IDEMPOTENCY]
    assert not (told.desk.folder / "out" / "scan.journal").exists()


def test_a_state_that_was_spoiled_is_told_and_the_verdict_is_told_as_a_first_one(told: Told) -> None:
    assert told.scan() == 0
    (told.desk.folder / "out" / "webhook.json").write_text("{}")
    assert told.scan() == 0
    assert "begun anew" in told.printed
    (kept,) = (told.desk.folder / "out").glob("webhook.json.kept-*")
    assert kept.read_text() == "{}"
    assert [after for _, after in told.verdicts] == ["COVERED"]


def test_a_state_that_cannot_be_written_does_not_hide_the_verdict(told: Told) -> None:
    told.owed(61)
    assert told.scan() == 1
    state = told.desk.folder / "out" / "webhook.json"
    state.unlink()
    state.mkdir()
    assert told.scan() == 1
    assert "webhook.json: is no file, but a folder" in told.printed
    state.rmdir()
    state.write_text("{}")

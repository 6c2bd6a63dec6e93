"""Closed, full and left streams: a command ends with the code that it has, and writes what it was asked to write."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from tests.support.attestations import small as small_attestation

CLAIM = """\
version: 1
exchange: "Börse 取引所"
as_of: 2026-01-01T00:00:00Z
assets: {ETC: {id: "eip155:61/slip44:61", backs: ETC, decimals: 18}}
liabilities: {ETC: "1"}
holdings: [{asset: ETC, account: "0x0000000000000000000000000000000000000001"}]
"""
NODES = 'nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}\n'  # of no chain of the claim

SCAN = "scan claim.yaml --out out --key k.pem --summary summary.json --log none"
COMMANDS = {  # and the code that each has
    SCAN: 5,
    "scan claim.yaml --json --log text": 5,
    "check claim.yaml --offline --nodes nodes.yaml": 5,
    "check claim.yaml --offline --nodes nodes.yaml --json": 5,
    "check small/claim.yaml --offline": 0,
    "verify small/attestation.dsse.json --claim small/claim.yaml --key small/auditor.pub": 0,
    "verify small/attestation.dsse.json --claim small/claim.yaml --key small/auditor.pub --json": 0,
    "verify small/evidence.csv.gz --claim small/claim.yaml --key small/auditor.pub": 4,
    "show small/attestation.dsse.json": 0,
    "show small/attestation.dsse.json --html page.html": 0,
    "log --history h.db": 0,
    "log check --history h.db": 0,
    "site --history h.db --out site": 0,
    "schema claim": 0,
    "completion bash": 0,
    "--help": 0,
    "scan --no-such-option": 2,
}
WRITTEN = {
    SCAN: ["out/attestation.dsse.json", "out/evidence.csv.gz", "summary.json"],
    "show small/attestation.dsse.json --html page.html": ["page.html"],
    "site --history h.db --out site": ["site/index.html"],
}
STREAMS: dict[str, Iterable[str]] = {  # and what is run with them
    ">&- 2>&- <&-": COMMANDS,
    "> /dev/full 2>&1": COMMANDS,
    "| head -c 1": COMMANDS,
    ">&-": WRITTEN,
    "2>&-": WRITTEN,
    "> /dev/full": WRITTEN,
    "2> /dev/full": WRITTEN,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small").mkdir()
    small_attestation.write(tmp_path / "small")
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "k.pem").write_text(ECC.generate(curve="ed25519").export_key(format="PEM"))
    (tmp_path / "k.pem").chmod(0o600)
    run(tmp_path, "log add small/attestation.dsse.json --claim small/claim.yaml --key small/auditor.pub --history h.db")
    return tmp_path


def run(folder: Path, command: str, redirected: str = "", **environment: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command, its streams as a shell redirects them."""
    line = f"{shlex.quote(sys.executable)} -m scanner {command} {redirected}"
    if redirected.startswith("|"):
        line = f"set -o pipefail; {line}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.mark.parametrize("redirected", STREAMS)
def test_every_command_ends_as_it_would_and_writes_all_whatever_its_streams_are(folder: Path, redirected: str) -> None:
    for command in STREAMS[redirected]:
        code = COMMANDS[command]
        for name in WRITTEN.get(command, ()):
            (folder / name).unlink(missing_ok=True)
        found, _, told = run(folder, command, redirected)
        assert found == code, (command, told)
        assert "bug" not in told
        assert "Exception ignored" not in told
        for name in WRITTEN.get(command, ()):
            assert (folder / name).stat().st_size > 0, (command, name)


def test_that_output_could_not_be_written_is_told(folder: Path) -> None:
    code, _, told = run(folder, "schema claim", "> /dev/full")
    assert (code, told) == (0, "scanner: standard output cannot be written: No space left on device\n")
    assert run(folder, "schema claim", "| head -c 1")[2] == ""


def test_a_file_opened_without_streams_is_not_what_is_printed_to(folder: Path) -> None:
    """Without any stream open, the first file that is opened would be standard output's number."""
    assert run(folder, SCAN, ">&- 2>&- <&-")[0] == 5
    code, _, told = run(folder, "verify out/attestation.dsse.json --claim claim.yaml --key k.pub")
    assert code == 2, told  # no such key; but the attestation is whole:
    assert json.loads((folder / "out/attestation.dsse.json").read_text())["signatures"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_that_lacks_characters_costs_no_command_and_json_stays_json(folder: Path, encoding: str) -> None:
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    code, shown, _ = run(folder, "scan claim.yaml --log text", **environment)
    assert code == 5
    assert "53d6" in shown
    code, shown, events = run(folder, "scan claim.yaml --json --log json", **environment)
    assert code == 5
    assert json.loads(shown)["finding"]["exchange"] == "Börse 取引所"
    for line in events.splitlines():
        json.loads(line)


def test_a_report_may_go_to_standard_output_by_its_name(folder: Path) -> None:
    code, shown, _ = run(folder, "scan claim.yaml --log none --summary /dev/stdout", "| cat")
    assert code == 5
    _, brace, document = shown.partition("\n{")
    assert json.loads(brace + document)["claims"]
    assert Path("/dev/stdout").is_symlink()

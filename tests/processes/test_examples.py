"""The examples, run as they stand against a small attestation: what they print is true, what is wrong they see."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.attestations import small as small_attestation
from tests.support.attestations.attested import agreed
from tests.support.places import ROOT

EXAMPLES = ROOT / "examples"
COVERED = (*small_attestation.OUTCOMES[:3], agreed(0), agreed(2), small_attestation.OUTCOMES[5])


def run(script: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    return subprocess.run(argv, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    small_attestation.write(tmp_path)
    return tmp_path


def test_the_auditor_s_paper_tells_what_holds_what_is_missing_and_where_the_coins_lie(folder: Path) -> None:
    done = run("auditor.py", folder)
    assert done.returncode == 0, done.stderr
    assert "Example Exchange, as of 2023-11-22 16:00 UTC: SHORT" in done.stdout
    assert "BTC    COVERED  ratio 103.12 %, 0 of 2 holdings are gaps" in done.stdout
    assert "ETH    SHORT    ratio 99.99 %" in done.stdout
    assert "the sums of 6 rows are those of the finding" in done.stdout
    assert "UNREACHABLE, 1 of 2 operators answered" in done.stdout
    assert "7499999999999999999 atoms, 99.9 % of what is held" in done.stdout


def test_the_auditor_s_paper_stops_at_an_attestation_that_does_not_hold(folder: Path) -> None:
    evidence = folder / "evidence.csv.gz"
    evidence.write_bytes(evidence.read_bytes() + b"\0")
    done = run("auditor.py", folder)
    assert done.returncode != 0
    assert "AttestationInvalid" in done.stderr
    assert done.stdout == ""


def criteria(folder: Path) -> str:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    argv = [sys.executable, "-m", "pytest", *options, str(EXAMPLES / "test_reserves.py")]
    environment = os.environ | {"ATTESTATION": str(folder)}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout


def test_the_criteria_pass_where_all_is_covered_and_complete(tmp_path: Path) -> None:
    small_attestation.write(tmp_path, COVERED)
    assert "5 passed" in criteria(tmp_path)


def test_the_criteria_name_the_unit_that_fails_them(folder: Path) -> None:
    told = criteria(folder)
    assert "2 failed, 3 passed" in told
    assert "FAILED" in told
    assert "'ETH': Fraction(7500000000000000000, 7500000000000000001)" in told
    assert "{'USDT': 1}" in told


def test_duckdb_sums_atoms_exactly_however_many_digits_they_have(tmp_path: Path) -> None:
    large = 2**200 + 1
    small_attestation.write(tmp_path, (*small_attestation.OUTCOMES[:4], agreed(large), agreed(2)))
    done = run("evidence_duckdb.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"ETH          2 holdings, 0 gaps, {large + 2} atoms, 0 of them proven" in done.stdout
    assert "USDT-ERC20   2 holdings, 1 gaps, 1020000000000 atoms" in done.stdout
    assert [line.split(maxsplit=1) for line in done.stdout.splitlines()[-3:]] == [
        [unit, "as stated"] for unit in ("BTC", "ETH", "USDT")
    ]


def test_duckdb_notices_a_row_that_was_changed(folder: Path) -> None:
    evidence = folder / "evidence.csv.gz"
    text = gzip.decompress(evidence.read_bytes()).decode()
    evidence.write_bytes(gzip.compress(text.replace("7499999999999999999", "7499999999999999998").encode()))
    assert "ETH          -1/1000000000000000000 more than stated" in run("evidence_duckdb.py", folder).stdout


def test_every_example_is_described_and_tested() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".sql")}
    readme = (EXAMPLES / "README.md").read_text()
    assert {name for name in names if f"({name})" not in readme} == set()

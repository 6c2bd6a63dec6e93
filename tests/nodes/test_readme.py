"""What the README says to type and to write, done as it stands, on the demo's nodes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import chains, earlier, files
from scanner.sources.addresses import load_claim
from tests.support.places import ROOT

README = (ROOT / "README.md").read_text()
UNITS = ("BTC", "ETH", "USDC", "USDT")


@pytest.fixture(scope="module")
def folder(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An auditor's folder as the README assumes it, with nodes that answer for the time of the tests."""
    folder = tmp_path_factory.mktemp("readme")
    published = load_claim(ROOT / "config" / "addresses.yaml")
    with chains.running(published, short=False, folder=folder) as running:
        (folder / "config").mkdir()
        files.write_claim(folder / "config" / "addresses.yaml", published, running)
        files.write_instrument(folder / "config" / "nodes.yaml", running)
        shutil.copy(folder / "config" / "addresses.yaml", folder / "claim.yaml")
        shutil.copy(folder / "config" / "nodes.yaml", folder / "nodes.yaml")
        files.write_keys(folder / "auditor.pem", folder / "auditor.pub")
        (folder / "environment").write_text("\n".join(f"{k}={v}" for k, v in files.environment(running).items()))
        yield folder


def run(argv: list[str], folder: Path, within: Path | None = None) -> subprocess.CompletedProcess[str]:
    passwords = dict(line.split("=", 1) for line in (folder / "environment").read_text().splitlines())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        argv,
        cwd=within or folder,
        env=os.environ | passwords | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def block(language: str, marker: str) -> str:
    """The README's code block of this language that contains `marker`."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    (found,) = [each for each in blocks if marker in each]
    return found


def real_claim() -> list[str]:
    """The README's lines from a published file to a page, comments left out: the key pair first."""
    return [line.partition("#")[0].strip() for line in block("sh", "scanner scan").splitlines()]


def test_the_commands_for_a_real_claim_do_what_they_say(folder: Path) -> None:
    _, _, _, check, scan, verify, show = (line.split() for line in real_claim())
    assert run(check, folder).returncode == 5
    assert run(scan, folder).returncode == 5  # USDC's liability was not published
    done = run(verify, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert run(show, folder).returncode == 0
    assert "OKX (demo)" in (folder / "page.html").read_text("utf-8")


def test_a_published_file_becomes_a_claim_and_a_nodes_file_to_begin_with(folder: Path) -> None:
    elsewhere = folder / "imported"
    elsewhere.mkdir()
    shutil.copy(ROOT / "tests" / "vectors" / "published" / "okx_12.csv", elsewhere / "okx_por.csv")
    _, imported, init, *_ = (line.split() for line in real_claim())
    for argv in (imported, init):
        done = run(argv, folder, elsewhere)
        assert done.returncode == 0, done.stderr
    assert (elsewhere / "nodes.yaml").is_file()
    assert "OKX" in (elsewhere / "claim.yaml").read_text()


def test_what_was_scanned_goes_into_a_history_and_onto_a_site(folder: Path) -> None:
    assert (
        run(["scanner", "scan", "config/addresses.yaml", "--out", "out", "--key", "auditor.pem"], folder).returncode
        == 5
    )
    lines = [line.partition("#")[0].split() for line in block("sh", "scanner log add").splitlines()]
    done = [run(line, folder) for line in lines]
    assert {(each.returncode, each.stderr) for each in done} == {(0, "")}
    assert "1 in a row since" in done[1].stdout
    assert (folder / "site" / "index.html").is_file()


def test_the_key_pair_that_the_readme_makes_signs_and_verifies(folder: Path) -> None:
    made = run(["sh", "-c", real_claim()[0].replace("auditor", "fresh")], folder)
    assert made.returncode == 0, made.stderr
    run(["scanner", "scan", "claim.yaml", "--out", "fresh", "--key", "fresh.pem"], folder)
    done = run(
        ["scanner", "verify", "fresh/attestation.dsse.json", "--claim", "claim.yaml", "--key", "fresh.pub"], folder
    )
    assert done.returncode == 0, done.stderr


def test_the_pipeline_in_ten_lines_runs_and_what_it_wrote_verifies(folder: Path) -> None:
    pipeline = block("python", "import scanner")
    assert len([line for line in pipeline.splitlines() if line.strip()]) <= 12
    done = run([sys.executable, "-c", pipeline], folder)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["BTC", "ETH", "USDC", "USDT"]
    done = run(["scanner", "verify", "attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub"], folder)
    assert done.returncode == 0, done.stderr
    done = run(["sh", "-c", block("sh", "openssl pkeyutl -verify")], folder)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")


@pytest.mark.parametrize("short", [False, True])
def test_the_demo_goes_as_it_should(node_programs: None, short: bool) -> None:
    # What an earlier run left, a journal under the key of its day among it, is in nobody's way.
    left = ROOT / "out" / "demo" / "scan.journal"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("left by an earlier run")
    argv = [sys.executable, "-m", "demo", *(["--short"] if short else [])]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"[exit code {1 if short else 5}]" in done.stdout
    eth = next(line for line in done.stdout.splitlines() if line.strip().startswith("ETH "))
    assert ("SHORT" in eth, "98.19%" in eth) == (short, short)
    assert "not established" not in done.stdout
    assert ("SHORTFALL: 1" in done.stdout) == short
    assert "Report of factual findings" in (ROOT / "out" / "demo" / "findings.html").read_text()
    assert done.stdout.count("\nanchored  ") == 2
    tables = [line.split() for line in done.stdout.splitlines() if "%" in line and line.split()[0] in UNITS]
    assert {(line[0], line[-2], line[-1]) for line in tables} == {
        ("BTC", "quorum", "-"),
        *((unit, "proven", "-") for unit in UNITS[1:]),
    }
    if not short:
        site = subprocess.run(
            [sys.executable, "-m", "demo.site"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert site.returncode == 0, site.stdout + site.stderr
        assert site.stdout.count("14 in a row since") == 3
        for folder in ("attestation", "check"):
            pages = (ROOT / "out" / "site" / folder).glob("*.html")
            made_up = [path for path in pages if earlier.NOTE in path.read_text()]
            assert len(made_up) == 13 + 12
        assert "at least 100 of the 1,030 at the moment was not there" in site.stdout
        assert "ETH, jointly SHORT" in site.stdout
        for folder in ("statement", "check"):
            texts = [each.read_text() for each in (ROOT / "out" / "site" / folder).glob("*.html")]
            for words in ("Harbour (generated)", "Pier (demo)", "jointly"):
                assert any(words in text for text in texts), (folder, words)
    for figures in (("BTC", "143.492", "139.199", "103.08%"), ("USDT", "101.85%"), ("USDC", "UNKNOWN")):
        assert any(all(figure in line for figure in figures) for line in done.stdout.splitlines()), figures

"""docs/tutorial.md, command by command as it is printed: on OKX's own sample files, and on the file that it shows.

The two nodes are played by a server of the tests' own.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.cli import commands
from scanner.cli.finding_code import LASTING
from tests.support.places import ROOT, SHARED
from tests.support.simulated.endpoints import Endpoints

PAGE = (ROOT / "docs" / "tutorial.md").read_text()
OKX = SHARED / "data" / "okx"
AS_OF = datetime(2022, 11, 19, 16, 0, 0, tzinfo=UTC)


def blocks(language: str) -> list[str]:
    """The page's code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


ROWS, OWED = blocks("csv")
SIX, SHOW, TREE = blocks("sh")
COMMANDS = SIX.splitlines()


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoints]:
    endpoints = Endpoints()
    monkeypatch.setenv("ETHEREUM", f"{endpoints.address}/1/own")
    monkeypatch.setenv("OPTIMISM", f"{endpoints.address}/10/own")
    yield endpoints
    endpoints.close()


Run = Callable[[str], tuple[int, str]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a line of the page, in the reader's folder, at a terminal at which no one answers a question. Gives the exit
    code, and what is printed."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> tuple[int, str]:
        if not line.startswith("scanner "):
            subprocess.run(line, shell=True, check=True, capture_output=True)  # noqa: S602 - what the page prints
            return 0, ""
        said = Terminal()
        with monkeypatch.context() as at:
            at.setattr("sys.stdin", Terminal())
            at.setattr("sys.stderr", said)
            code = commands.main(shlex.split(line)[1:])
        return code, said.getvalue() + capsys.readouterr().out

    return run


@pytest.fixture(params=["the page's own file", "okx_por_2022.csv"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An auditor's folder as the page has it: the exchange's list, and what is owed."""
    (tmp_path / "okx_por.csv").write_text(ROWS)
    (tmp_path / "owed.csv").write_text(OWED)
    if request.param.endswith(".csv"):
        if not OKX.is_dir():
            pytest.skip("the exchange's own files are not at hand")
        shutil.copyfile(OKX / request.param, tmp_path / "okx_por.csv")
    return tmp_path


def test_there_are_at_most_six_commands_and_the_last_one_verifies() -> None:
    assert len(COMMANDS) <= 6
    assert COMMANDS[-1].startswith("scanner verify ")


def test_the_commands_as_printed_lead_from_the_published_file_to_a_verified_attestation(
    folder: Path, run: Run, endpoints: Endpoints
) -> None:
    openssl, imported, init, check, scan, verify = COMMANDS
    run(openssl)
    code, told = run(imported)
    assert (code, told.rstrip().endswith("wrote claim.yaml")) == (0, True), told
    assert run(init)[0] == 0
    assert "drpc" not in re.sub("(?m)^ *#.*", "", (folder / "nodes.yaml").read_text())
    endpoints.play(folder / "claim.yaml", AS_OF)
    code, told = run(check)
    assert code == LASTING, told
    code, told = run(scan)
    assert code == LASTING, told
    assert verify in told.replace("  ", " ")  # the next command, as the page has it
    code, told = run(verify)
    assert (code, "The attestation holds" in told) == (0, True), told
    finding = json.loads(run(f"{verify} --json")[1])["finding"]
    assert {each["unit"]: each["verdict"] for each in finding["reserves"]} == {
        "BTC": "UNKNOWN",
        "ETH": "COVERED",
        "USDT": "COVERED",
    }
    code, told = run(SHOW.strip())
    assert code == 0, told
    assert (folder / "page.html").stat().st_size > 0


def test_the_exchanges_own_tree_takes_the_place_of_the_table(folder: Path, run: Run) -> None:
    tree = OKX / "full-liabilities-merkle-tree.txt"
    if not tree.exists():
        pytest.skip("the exchange's own files are not at hand")
    shutil.copyfile(tree, folder / tree.name)
    code, told = run(TREE.strip())
    assert (code, "TOTAL-PROVEN" in told) == (0, True), told
    by_tree = dict(re.findall(r'(?m)^  ([A-Z]+): \{amount: "([0-9.]+)"', (folder / "claim.yaml").read_text()))
    assert by_tree == dict(line.split(",") for line in OWED.splitlines()[1:])  # as the page says of its table

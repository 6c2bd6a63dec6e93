"""`scanner import --owed`: what was published of what is owed is judged, and its totals stand in the written claim."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.cli import commands
from scanner.core.shows import Shows
from scanner.sources.addresses import load_claim
from tests.support.liabilities.liability_trees import bitmex_tree, mexc_paths, okx_paths, okx_tree, records, strip

LINES, _ = okx_tree(records(5))
TREE = "\n".join(LINES) + "\n"
ROWS = f"chain,address,asset,amount\nETH,0x{1:040x},ETH,1.5\nTRON,TXc9BQ1rFr7TeZ4USruaGmuna4cbaC9JLa,TRX,3\n"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """An import of rows of ETH and TRX with these files beside them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(ROWS)

    def run(*argv: str, **files: str) -> tuple[int, str]:
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        usual = ("--out", "claim.yaml", "--exchange", "X", "--as-of", "2026-01-01T00:00:00Z", "--force")
        code = commands.main(["import", "a.csv", *usual, *argv])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_the_amounts_that_a_proof_comes_to_are_filled_in_and_refer_to_it(run: Run) -> None:
    code, told = run("--owed", "tree", tree=TREE)
    assert code == 0, told
    assert "owed: okx-merkle-v2, 10 records, TOTAL-PROVEN" in told
    assert "no asset of the file backs it: BTC, USDT" in told
    assert "fill in what is owed of TRX" in told
    liabilities = load_claim(Path("claim.yaml")).liabilities
    assert liabilities["ETH"].owed == sum((Fraction(each["ETH"]) for each in records(5)), Fraction(0))
    assert liabilities["ETH"].basis.shows is Shows.TOTAL_PROVEN
    assert liabilities["TRX"].owed is None


def test_several_files_of_one_proof_go_together(run: Run) -> None:
    users = okx_paths(records(3))
    code, told = run("--owed", "one", "--owed", "two", one=json.dumps(users[0]), two=json.dumps(users[1]))
    assert code == 0, told
    basis = load_claim(Path("claim.yaml")).liabilities["ETH"].basis
    assert (basis.scheme, basis.shows, basis.entries) == ("okx-merkle-v1", Shows.INCLUDED, 2)


def test_the_scheme_is_found_by_the_file(run: Run) -> None:
    code, told = run("--owed", "file", file=json.dumps(mexc_paths(records(3))[0]))
    assert code == 0, told
    assert "owed: mexc, 1 record, " in told


def test_of_many_coins_that_no_asset_backs_the_rest_is_counted(run: Run) -> None:
    held = [{**each, **{f"C{number:02}": each["BTC"] for number in range(25)}} for each in records(3)]
    code, told = run("--owed", "file", file=json.dumps(mexc_paths(held)[0]))
    assert code == 0, told
    (others,) = (line for line in told.splitlines() if "no asset of the file backs it" in line)
    named = others.partition(": ")[2]
    assert named.startswith("BTC, C00, C01, ")
    assert named.count(", ") == 19
    assert re.search(r" and \d more$", named)


def test_a_proof_of_other_coins_than_the_imported_ones_is_told(run: Run) -> None:
    code, told = run("--owed", "file", file="\n".join(bitmex_tree([500, 0, 2**40, 7])[0]))
    assert code == 2
    assert "says what is owed of BTC, and no asset of the imported file backs it" in told


@pytest.mark.parametrize(
    ("argv", "content", "message"),
    [
        (["--owed", "file"], "a letter", "is of no known scheme, or does not hold"),
        (["--owed", "file"], TREE[:-9], "okx-merkle-v2: file: "),
        (["--owed", "file", "--owed-scheme", "bitmex"], TREE, "bitmex: 0 files of a tree"),
        (["--owed", "file", "--owed-scheme", "bitmix"], TREE, "no scheme is called so; known are"),
        (["--owed-scheme", "bitmex"], TREE, "name them too"),
        (["--owed", "../file"], TREE, "is not in the folder of claim.yaml or below"),
        (["--owed", "missing"], TREE, "cannot be read"),
    ],
)
def test_what_cannot_be_filled_in_is_told_and_nothing_is_written(
    run: Run, argv: list[str], content: str, message: str
) -> None:
    code, told = run(*argv, file=content)
    assert code == 2
    assert message in told
    assert not Path("claim.yaml").exists()


def test_a_file_of_what_is_owed_is_not_written_over(run: Run) -> None:
    Path("claim.yaml").write_text(TREE)
    code, told = run("--owed", "claim.yaml")
    assert (code, "is the file to import" in told) == (2, True)
    assert Path("claim.yaml").read_text() == TREE


def test_amounts_are_written_exactly(run: Run) -> None:
    held = records(5)
    total = strip(sum((each["ETH"] for each in held), start=held[0]["ETH"] * 0))
    run("--owed", "tree", tree=TREE)
    assert (
        f'ETH: {{amount: "{total}", proof: {{scheme: okx-merkle-v2, file: "tree", sha256: '
        in Path("claim.yaml").read_text()
    )

"""`scanner import --owed`: what was published of what is owed is judged, and its totals stand in the written claim."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
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


def test_amounts_given_as_options_stand_in_the_claim_with_where_they_are_from(run: Run) -> None:
    code, told = run("--owed", "ETH=1.50", "--owed", "TRX=3")
    assert code == 0, told
    assert "fill in" not in told
    assert '  ETH: "1.5"  # --owed\n  TRX: "3"  # --owed\n' in Path("claim.yaml").read_text()
    assert load_claim(Path("claim.yaml")).liabilities["ETH"].owed == Fraction(3, 2)


def test_amounts_and_ratios_of_a_table_stand_in_the_claim_with_its_line_and_digest(run: Run) -> None:
    code, told = run("--liabilities", "owed.csv", **{"owed.csv": "unit,amount,stated_ratio\nTRX,,\nETH,1.5,103%\n"})
    assert code == 0, told
    assert "fill in what is owed of TRX" in told
    written = Path("claim.yaml").read_text()
    assert '  ETH: {amount: "1.5", stated_ratio: 103%}  # owed.csv:3\n  TRX: null  # owed.csv:2\n' in written
    assert f"# owed.csv has the sha256 {sha256(Path('owed.csv').read_bytes()).hexdigest()}.\n" in written
    assert load_claim(Path("claim.yaml")).liabilities["ETH"].stated_ratio is not None


def test_all_mistakes_of_options_and_table_are_told_at_once_and_nothing_is_written(run: Run) -> None:
    code, told = run(
        *("--owed", "ETH=1,5", "--owed", "TRX=1", "--owed", "TRX=2", "--owed", "ETHH=1", "--as-of", "yesterday"),
        *("--liabilities", "owed.csv", "--exchange", "\x1b", "--report-url", "ftp://x"),
        **{"owed.csv": "unit,amount\nETH,x\nDOGE,y\n"},
    )
    assert code == 2
    assert [line.removeprefix("scanner: ").partition(" ")[0] for line in told.splitlines()] == [
        *("--as-of:", "--exchange:", "--report-url:", "--owed:", "--owed:", "owed.csv:2:", "owed.csv:3:", "--owed:"),
    ]
    assert "--owed: no asset of the imported file backs ETHH; did you mean ETH?" in told
    assert not Path("claim.yaml").exists()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--owed", "ETH=1", "--liabilities", "owed.csv"), "--owed: ETH stands in owed.csv:2 too"),
        (("--owed", "ETH=1", "--owed", "tree"), "--owed: what is owed of ETH stands in the published proof"),
        (("--liabilities", "nowhere.csv"), "nowhere.csv: cannot be read"),
        (("--owed", "./ETH=1"), "ETH=1: cannot be read"),
    ],
)
def test_one_amount_has_one_source(run: Run, argv: tuple[str, ...], told: str) -> None:
    code, said = run(*argv, **{"owed.csv": "unit,amount\nETH,1\n", "tree": TREE})
    assert (code, told in said) == (2, True), said
    assert not Path("claim.yaml").exists()


def test_amounts_of_some_units_stand_beside_a_proof_of_others(run: Run) -> None:
    code, told = run("--owed", "tree", "--owed", "TRX=3", tree=TREE)
    assert code == 0, told
    liabilities = load_claim(Path("claim.yaml")).liabilities
    assert (liabilities["TRX"].owed, liabilities["ETH"].basis.shows) == (Fraction(3), Shows.TOTAL_PROVEN)


def test_a_table_is_not_written_over(run: Run) -> None:
    Path("claim.yaml").write_text("unit,amount\nETH,1\n")
    assert run("--liabilities", "claim.yaml")[0] == 2
    assert Path("claim.yaml").read_text() == "unit,amount\nETH,1\n"


def test_a_unit_that_only_a_labels_name_says_may_be_owed(run: Run) -> None:
    Path("a.csv").write_text(f"{ROWS}FOO,x,BAR,2\n")
    code, told = run("--owed", "BAR=2")
    assert code == 0, told
    assert load_claim(Path("claim.yaml")).liabilities["BAR"].owed == 2


def test_where_the_report_can_be_read_stands_in_the_claim(run: Run) -> None:
    assert run("--report-url", "https://example.org/por?x=#1")[0] == 0
    assert load_claim(Path("claim.yaml")).report.url == "https://example.org/por?x=#1"

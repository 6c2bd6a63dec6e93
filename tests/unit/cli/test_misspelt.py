"""Misspelt commands, options and values: what was meant is asked, and nothing is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli import commands
from scanner.cli.arguments import parser


def refused(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        commands.main(line.split())
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("scna claim.yaml", "there is no 'scna'; did you mean scan?"),
        ("Verify x", "there is no 'Verify'; did you mean verify?"),
        ("frobnicate", "there is no 'frobnicate'; choose from import, init, check, scan"),
        ("scan claim.yaml --nods n.yaml", "there is no '--nods'; did you mean --nodes?"),
        ("scan claim.yaml --nods=n.yaml", "there is no '--nods'; did you mean --nodes?"),
        ("scan claim.yaml --quorum 3", "there is no '--quorum'"),
        ("check claim.yaml --ofline --josn", "--offline?; there is no '--josn'; did you mean --json?"),
        ("verify a.json --cliam c --key k", "required: --claim; there is no '--cliam'; did you mean --claim?"),
        ("import f.csv --uot claim.yaml", "required: --out; there is no '--uot'; did you mean --out?"),
        ("scan claim.yaml --log jsn", "argument --log: there is no 'jsn'; did you mean json?"),
        ("scan claim.yaml --prove al", "argument --prove: expected all, none or a number of holdings, not 'al'"),
        ("site --out s --at 2023", "expected a time such as 2023-11-22T16:00:00Z, 2023-11-22 16:00+08:00 or"),
        ("site --out s --at 2023-02-30T00:00:00Z", "there is no time '2023-02-30T00:00:00Z'"),
        ("schema clam", "there is no 'clam'; did you mean claim?"),
        ("check a b", "unexpected: 'b'"),
    ],
)  # fmt: skip
def test_what_was_meant_is_asked(line: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = refused(line, capsys)
    assert told in shown.splitlines()[-1]
    assert shown.startswith("usage: scanner")


def test_a_misspelt_layout_is_asked_about_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        commands.main(["import", str(tmp_path / "a.csv"), "--layout", "binanse", "--out", str(tmp_path / "c.yaml")])
        == 2
    )
    assert "no layout is called 'binanse'; did you mean binance?" in capsys.readouterr().err


def test_a_command_complains_under_its_own_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert "usage: scanner scan " in refused("scan claim.yaml --nods n.yaml", capsys)


def test_what_is_right_is_taken_as_before() -> None:
    parsed = parser().parse_args(["scan", "claim.yaml", "--out", "out", "--prove", "3"])
    assert (parsed.command, str(parsed.out), parsed.prove.holdings) == ("scan", "out", 3)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_no_command_line_is_anything_but_understood_or_refused(words: list[str]) -> None:
    for argv in (words, ["scan", *words], ["verify", *words]):
        try:
            parser().parse_args(argv)
        except SystemExit as ended:
            assert ended.code in (0, 2)  # noqa: PT017

"""The attestation that README has its reader verify."""

from __future__ import annotations

import re
import shlex

import pytest

import scanner
from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import read_statement
from scanner.cli import commands
from tests.support.attestations.golden import GOLDEN
from tests.support.golden_attestations import EXAMPLE, EXAMPLE_OF, FOLDER
from tests.support.places import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_it_is_one_of_the_golden_attestations() -> None:
    version, name = EXAMPLE_OF
    assert name in GOLDEN[version]
    golden = FOLDER / version / name
    assert {path.name for path in EXAMPLE.iterdir()} == {path.name for path in golden.iterdir()}
    assert all(path.read_bytes() == (golden / path.name).read_bytes() for path in EXAMPLE.iterdir())


def test_no_attestation_here_names_a_version_of_the_scanner_that_is_yet_to_come() -> None:
    def numbers(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"[0-9]+", version)]

    envelopes = [EXAMPLE / ATTESTATION, *(FOLDER / "v1" / name / ATTESTATION for name in GOLDEN["v1"])]
    for path in envelopes:
        run = read_statement(read_envelope(path.read_bytes()).payload).predicate["run"]
        assert numbers(run["scanner"]) <= numbers(scanner.__version__)


def test_the_command_of_the_readme_prints_what_stands_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(
        r"```sh\n(scanner verify examples/[^\n]*)\n```\n\n<!--[^>]*-->\n```text\n(.*?)```", README, re.DOTALL
    )
    assert found is not None
    monkeypatch.chdir(ROOT)
    assert commands.main(shlex.split(found[1])[1:]) == 0
    assert found[2].count("\n") >= 5
    assert capsys.readouterr().out.startswith(found[2])

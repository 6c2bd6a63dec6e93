"""docs/operations.md and deploy/ as a whole: commands that the scanner takes, codes and fields that there are."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from scanner.cli.scanning import WORST_FIRST
from scanner.report.summary import as_json
from tests.support import jobs
from tests.support.deployed import DEPLOY, taken
from tests.support.places import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_every_command_of_the_operators_page_is_one_that_the_scanner_takes() -> None:
    commands = re.findall(r"^(scanner .*)$", OPERATIONS, re.MULTILINE)
    assert commands
    for command in commands:
        taken(shlex.split(command)[1:])


def test_every_exit_code_of_a_scan_and_every_field_of_the_summary_is_on_the_operators_page() -> None:
    told = set(map(int, re.findall(r"^\| (\d+) \|", OPERATIONS, re.MULTILINE)))
    assert told == set(WORST_FIRST)
    assert ", ".join(map(str, WORST_FIRST)) in OPERATIONS
    for name in fields(as_json(jobs.a_job())):
        assert f"`{name}`" in OPERATIONS or f"`{name}[]`" in OPERATIONS, name


def fields(value: object) -> set[str]:
    """Every key of JSON values, but those of `gapCounts`, which are reasons."""
    if isinstance(value, dict):
        return set(value) | {each for key, part in value.items() if key != "gapCounts" for each in fields(part)}
    return {each for part in value for each in fields(part)} if isinstance(value, list) else set()


def test_nothing_in_the_examples_is_a_secret_or_of_one_machine() -> None:
    for path in (path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        text = path.read_text()
        assert "PRIVATE KEY" not in text
        assert str(Path(sys.prefix)) not in text

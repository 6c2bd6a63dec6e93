"""docs/findings.md: its engagement can be read, and it names every procedure with all of its exceptions."""

from __future__ import annotations

import re
from pathlib import Path

from scanner.report.findings.document import COLUMNS
from scanner.report.findings.exceptions import ExceptionClass, Procedure
from scanner.sources.engagement import KEYS, load_engagement
from tests.support.findings_reports import exceptions
from tests.support.golden_attestations import FOLDER
from tests.support.places import ROOT

DOC = (ROOT / "docs" / "findings.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([0-9]+) \|.*\| (.*) \|$", DOC, re.MULTILINE)


def test_the_engagement_in_the_document_can_be_read_and_has_every_key(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
    (tmp_path / "engagement.yaml").write_text(block)
    found = load_engagement(tmp_path / "engagement.yaml")
    assert found.texts.keys() == set(KEYS)
    assert found.left_out == ("Example Exchange (Europe)",)


def test_each_procedure_stands_in_the_document_with_the_exceptions_that_it_can_have() -> None:
    assert [int(number) for number, _ in ROWS] == [int(procedure) for procedure in Procedure]
    named = {int(number): set(re.findall(r"`([A-Z-]+)`", classes)) for number, classes in ROWS}
    assert set().union(*named.values()) == {str(each) for each in ExceptionClass}
    for folder in (FOLDER / "v1").iterdir():
        for each in exceptions(folder.name):
            assert str(each.of) in named[int(each.procedure)], each.id


def test_each_column_stands_in_the_document() -> None:
    table = DOC.partition("## The exceptions")[2]
    assert re.findall(r"`([a-z]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))) == list(COLUMNS)

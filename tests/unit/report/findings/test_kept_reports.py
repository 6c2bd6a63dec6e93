"""The reports in tests/vectors/findings: the same on every run, with every exception, in words that claim no more."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import Final

import pytest

from scanner.report.findings.document import COLUMNS
from scanner.report.findings.exceptions import ExceptionClass, Procedure
from scanner.report.findings.text import CLASSES, DONE
from tests.support import findings_reports
from tests.support.findings_reports import KEPT, READ_BY_PEOPLE, exceptions, written

NAMES: Final = sorted(path.stem for path in KEPT.glob("*.csv"))
AVOIDED: Final = re.compile(
    r"\b(audit\w*|assur\w*|verified|solven\w*|safe|confirm\w*|opinion\w*|fair\w*|material\w*)\b", re.IGNORECASE
)


def test_each_kept_report_is_made_again_byte_for_byte() -> None:
    made = findings_reports.kept()
    assert set(KEPT.iterdir()) == made.keys()
    assert [path.name for path, data in made.items() if path.read_bytes() != data] == []


@pytest.mark.parametrize("form", ["md", "html", "csv", "xlsx"])
def test_two_runs_give_the_same_bytes(form: str) -> None:
    assert written(form, "sampled")[0] == written(form, "sampled")[0]


def test_no_two_exceptions_of_a_report_have_one_id() -> None:
    for name in NAMES:
        ids = Counter(each.id for each in exceptions(name))
        assert [each for each, count in ids.items() if count > 1] == [], name


def test_the_csv_has_each_exception_once_and_all_forms_count_the_same() -> None:
    for name in NAMES:
        listed = exceptions(name)
        data, heard = written("csv", name)
        header, *lines = csv.reader(data.decode().splitlines())
        assert tuple(header) == COLUMNS
        assert [line[0] for line in lines] == [each.id for each in listed]
        assert heard.classes == Counter(each.of for each in listed)
        assert {line[-1] for line in lines} <= {""}  # the exchange's answers


def test_each_procedure_and_each_class_has_its_words() -> None:
    assert DONE.keys() == set(Procedure)
    assert CLASSES.keys() == set(ExceptionClass)


def test_words_that_stand_for_a_conclusion_are_not_in_a_report() -> None:
    for name, form in READ_BY_PEOPLE:
        text = (KEPT / f"{name}.{form}").read_text("utf-8")
        assert AVOIDED.findall(text) == [], name
    fixed = [*DONE.values(), *CLASSES.values()]
    assert [text for text in fixed if AVOIDED.search(text)] == []


@pytest.mark.parametrize("word", ["Audited", "no assurance", "solvency", "verified", "confirmed", "safe"])
def test_such_a_word_is_found(word: str) -> None:
    assert AVOIDED.search(f"it is {word} here")


def test_a_report_says_every_procedure_and_that_those_without_input_were_not_carried_out() -> None:
    text = written("md", "plain")[0].decode()
    for procedure in Procedure:
        assert f"\n| {int(procedure)} | {DONE[procedure]}" in text
    assert text.count("| not carried out |") == 4


def test_what_the_engagements_file_says_stands_in_the_report_and_what_it_leaves_out_is_a_blank_line() -> None:
    text = (KEPT / "files.md").read_text("utf-8")
    assert "- Addressee: The customers of Example Exchange\n" in text
    assert "- Example Exchange (Europe), which publishes a claim of its own\n" in text
    assert f"- Quality management: {'.' * 24}\n" in text

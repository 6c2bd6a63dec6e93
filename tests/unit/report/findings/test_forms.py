"""Each form of a report: whatever stands in a claim, it stays text, and is seen."""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO, StringIO
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.report.findings import comma_separated, markdown, page, workbook
from scanner.report.findings.document import COLUMNS, row_of
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.findings.parts import (
    BulletList,
    CommandLine,
    FactList,
    Paragraph,
    ReportSection,
    TextTable,
    shown,
)
from tests.support.findings_reports import written
from tests.support.strength import examples
from tests.support.tables import each_of

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\uff1d1+1",
    "\t=1+1",
    "a | b",
    "<script>alert(1)</script>",
    "[a](https://evil.example)",
    "https://evil.example",
    "www.evil.example",
    "`code` *bold* _under_ ~gone~ $x$",
    "a\nb\r\nc",
    "\u202eevil\u2066",
    "\x00\x1b[31m",
    "\ud800",
    "&amp; &#61;",
    "# title",
    "1. first",
    "---",
    "",
)
MADE = datetime(2023, 11, 23, 9, 30, 1, tzinfo=UTC)


def exception(text: str, number: int = 1) -> ReportedException:
    return ReportedException(ExceptionClass.GAP, str(number), Procedure.BALANCES, text, text, text, text, text, text)


def sections(text: str) -> list[ReportSection]:
    table = TextTable(text, (text, "b"), ((text, text), (text, "1")), frozenset({1}))
    parts = Paragraph(text), BulletList((text,)), FactList(((text, text), ("blank", ""))), CommandLine(text), table
    return [ReportSection("Title", parts), ReportSection(text, (Paragraph(text),))]


@each_of(
    ("text", "seen"),
    [
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\x00b", "a\\x00b"),
        ("a\ud800b", "a\\ud800b"),
        (" a \n\t b ", "a b"),
        ("Grüße, 株式会社", "Grüße, 株式会社"),
    ],
)
def test_what_cannot_be_seen_is_written_by_its_number(text: str, seen: str) -> None:
    assert shown(text) == seen


@settings(max_examples=examples(200))
@given(st.text())
def test_whatever_is_shown_is_one_line_that_can_be_seen_and_written(text: str) -> None:
    found = shown(text)
    assert found.isprintable()
    assert found.encode("utf-8").decode() == found
    assert shown(found) == found


# --- CSV


def cells_of(exceptions: Iterable[ReportedException]) -> list[list[str]]:
    file = BytesIO()
    comma_separated.write(file, exceptions)
    return list(csv.reader(StringIO(file.getvalue().decode(), newline="")))


@settings(max_examples=examples(200))
@given(st.lists(st.one_of(st.text(), st.sampled_from(HOSTILE)), max_size=5))
def test_each_exception_is_one_line_and_no_cell_is_a_formula(texts: list[str]) -> None:
    made = [exception(text, number) for number, text in enumerate(texts)]
    header, *rows = cells_of(made)
    assert tuple(header) == COLUMNS
    assert [[each.removeprefix("'") for each in row] for row in rows] == [
        [shown(cell).removeprefix("'") for cell in row_of(each)] for each in made
    ]
    assert not [cell for row in rows for cell in row if cell.startswith(comma_separated.FORMULA)]


def test_lines_are_written_while_exceptions_go_by() -> None:
    file, seen = BytesIO(), list[int]()

    def many() -> Iterable[ReportedException]:
        for number in range(2_000):
            seen.append(len(file.getvalue()))
            yield exception("x", number)

    comma_separated.write(file, many())
    assert 0 < seen[1_000] < seen[-1] < len(file.getvalue())


def test_a_cell_that_begins_as_a_formula_gets_an_apostrophe() -> None:
    for text in HOSTILE[:6]:
        assert cells_of([exception(text)])[1][3] == f"'{text.strip()}"


# --- Markdown


def as_markdown(text: str) -> str:
    file = BytesIO()
    markdown.write(file, sections(text))
    return file.getvalue().decode()


@each_of(
    ("text", "written"),
    [
        ("a | b", r"a \| b"),
        ("<b>", r"\<b\>"),
        ("[a](https://x)", r"\[a\](https\://x)"),
        ("www.x", r"www\.x"),
        ("*_`~$&", r"\*\_\`\~\$\&"),
        ("# a", r"\# a"),
        ("1. a", r"1\. a"),
        ("1) a", r"1\) a"),
        ("- a", r"\- a"),
        ("---", r"\---"),
        ("1.5", "1.5"),
        ("2023-11-22", "2023-11-22"),
        ("a\\b", r"a\\b"),
    ],
)
def test_markup_from_outside_is_escaped(text: str, written: str) -> None:
    assert markdown.escaped(text) == written


@settings(max_examples=examples(200))
@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_no_text_adds_a_line_or_a_cell_or_an_element(text: str) -> None:
    plain, hostile = as_markdown("x").splitlines(), as_markdown(text).splitlines()
    assert len(plain) == len(hostile)
    unescaped = re.compile(r"(?<!\\)(?:\\\\)*[|<>]")
    for one, other in zip(plain, hostile, strict=True):
        if one.startswith("| "):
            assert len(unescaped.findall(one)) == len(unescaped.findall(other))
        elif not one.startswith("    "):
            assert not unescaped.search(other)


# --- HTML


def as_page(text: str) -> str:
    file = BytesIO()
    page.write(file, sections(text))
    return file.getvalue().decode()


@settings(max_examples=examples(100))
@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_no_text_becomes_an_element_of_the_page(text: str) -> None:
    def names(source: str) -> list[str]:
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(source)
        return [element.tag for element in tree.iter()]

    assert names(as_page(text or "x")) == names(as_page("x"))


def test_the_page_is_whole_by_itself_and_lets_nothing_in() -> None:
    text = written("html", "gaps")[0].decode()
    assert "default-src 'none'; style-src 'sha256-" in text
    assert not re.findall(r"(?:src|href)=", text)
    assert "<script" not in text


def test_the_page_prints_on_a4_and_repeats_the_heads_of_tables() -> None:
    text = written("html", "gaps")[0].decode()
    assert "size: A4 landscape" in text
    assert "display: table-header-group" in text
    assert text.count("<thead>") == text.count("<table>") > 3


def test_blank_fields_are_lines_for_people() -> None:
    assert '<dd aria-label="to be filled in" class="blank"></dd>' in as_page("x")


# --- XLSX

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def as_workbook(text: str, exceptions: Iterable[ReportedException] | None = None, **limits: int) -> zipfile.ZipFile:
    file = BytesIO()
    made = [exception(text)] if exceptions is None else exceptions
    workbook.write(file, made, lambda: sections(text), MADE, **limits)
    return zipfile.ZipFile(file)


def sheet(book: zipfile.ZipFile, number: int) -> list[list[str]]:
    root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [["".join(each.itertext()) for each in row.iter(f"{_MAIN}c")] for row in root.iter(f"{_MAIN}row")]


def test_every_cell_of_the_workbook_is_text() -> None:
    for text in HOSTILE:
        book = as_workbook(text)
        assert sheet(book, 2)[0] == list(COLUMNS)
        assert sheet(book, 2)[1][3] == shown(text)
        for number in (1, 2):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            cells = list(root.iter(f"{_MAIN}c"))
            assert cells
            assert {cell.get("t") for cell in cells} <= {"inlineStr", None}
            assert not list(root.iter(f"{_MAIN}f"))
            assert not list(root.iter(f"{_MAIN}v"))
            assert not list(root.iter(f"{_MAIN}hyperlink"))


def test_the_workbook_has_no_time_but_the_one_given_and_is_not_compressed() -> None:
    book = as_workbook("x")
    assert {each.date_time for each in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {each.compress_type for each in book.infolist()} == {zipfile.ZIP_STORED}
    assert set(re.findall(rb"20[0-9]{2}-[0-9T:-]+Z", book.read("docProps/core.xml"))) == {b"2023-11-23T09:30:01Z"}


def test_more_exceptions_than_a_sheet_holds_go_to_further_sheets() -> None:
    made = [exception("x", number) for number in range(7)]
    book = as_workbook("x", made, most_rows=3)
    found = [[row[0] for row in sheet(book, number)[1:]] for number in (2, 3, 4)]
    assert found == [["GAP-0", "GAP-1", "GAP-2"], ["GAP-3", "GAP-4", "GAP-5"], ["GAP-6"]]
    assert b'"Exceptions 3"' in book.read("xl/workbook.xml")


def test_a_cell_that_is_longer_than_a_spreadsheet_takes_says_that_it_was_cut() -> None:
    cell = sheet(as_workbook("y" * 40_000), 2)[1][3]
    assert len(cell) == 16_000
    assert cell.endswith("y ... (cut here; the csv has all of it)")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter.workbook", None)
    with pytest.raises(InputError, match=r"pip install 'reserve-scanner\[xlsx\]'"):
        as_workbook("x")

"""The report as a workbook for spreadsheets (XLSX): the report's sections on the first sheet, every exception on the
next, with a column for the exchange's answers.

Every cell is text: figures have more digits than spreadsheets keep, and no cell is computed. The same report gives the
same bytes, by whichever build of zlib: the file's parts are not compressed, and have no time of their own.

Source: ECMA-376, Office Open XML; XlsxWriter's documentation, "Working with Memory and Performance".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from scanner.errors import InputError
from scanner.report.findings.comma_separated import FORMULA
from scanner.report.findings.document import COLUMNS, row_of
from scanner.report.findings.exceptions import ReportedException
from scanner.report.findings.parts import (
    BulletList,
    CommandLine,
    FactList,
    Paragraph,
    ReportSection,
    SectionPart,
    TextTable,
    shown,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS: Final = 1_000_000  # on one sheet, which has room for 2**20
_LONGEST: Final = 16_000  # characters of one cell: it has room for 32,767 units of UTF-16
_CUT: Final = " ... (cut here; the csv has all of it)"
_WIDTHS: Final = (18, 16, 10, 40, 48, 24, 24, 60, 26, 40)
_A4: Final = 9  # as ECMA-376 numbers paper


def write(
    file: BinaryIO,
    exceptions: Iterable[ReportedException],
    sections: Callable[[], Sequence[ReportSection]],
    made: datetime,
    most_rows: int = MOST_ROWS,
) -> None:
    """The workbook. `sections` are asked for once all `exceptions` have gone by; `made` is the time that its properties
    say, aware. Raises InputError where the library that writes workbooks is not installed."""
    with TemporaryFile() as written:
        book = _opened(cast(BinaryIO, written), made)
        sheets = _Sheets(book)
        front = sheets.add("Report")
        _write_exceptions(sheets, exceptions, most_rows)
        _write_sections(sheets, front, sections())
        book.close()
        _without_traces(cast(BinaryIO, written), file)


def _opened(file: BinaryIO, made: datetime) -> Workbook:
    try:
        from xlsxwriter.workbook import Workbook
    except ImportError:
        raise InputError.at("--format", "xlsx needs a library: pip install 'reserve-scanner[xlsx]'") from None
    book = Workbook(
        file,
        {
            "constant_memory": True,  # a row at a time: cells of a sheet are written from the top
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": "Report of factual findings", "created": made.astimezone(UTC).replace(tzinfo=None)})
    return book


class _Sheets:
    """The sheets, and how cells look."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        text = {"text_wrap": True, "valign": "top", "num_format": "@"}
        self.text = book.add_format(text)
        self.quoted = book.add_format({**text, "quote_prefix": True})  # stays text where it is edited
        self.head = book.add_format({**text, "bold": True, "bg_color": "#F0F0F0", "border": 1})
        self.title = book.add_format({"bold": True, "font_size": 14, "num_format": "@"})
        self.blank = book.add_format({"bottom": 1, "num_format": "@"})

    def add(self, name: str) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
        """One cell, which is text whatever stands in it."""
        text = shown(text)
        text = text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)] + _CUT
        plain = self.quoted if text.startswith(FORMULA) else self.text
        sheet.write_string(row, column, text, look or plain)


def _write_exceptions(sheets: _Sheets, exceptions: Iterable[ReportedException], most_rows: int) -> None:
    sheet, row = _exceptions_sheet(sheets, 1), 0
    count = 1
    for exception in exceptions:
        if row == most_rows:
            count, row = count + 1, 0
            sheet = _exceptions_sheet(sheets, count)
        row += 1
        for column, text in enumerate(row_of(exception)):
            sheets.put(sheet, row, column, text)


def _exceptions_sheet(sheets: _Sheets, number: int) -> Worksheet:
    sheet = sheets.add("Exceptions" if number == 1 else f"Exceptions {number}")
    for column, (heading, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheets.put(sheet, 0, column, heading, sheets.head)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    return sheet


def _write_sections(sheets: _Sheets, sheet: Worksheet, sections: Sequence[ReportSection]) -> None:
    sheet.set_column(0, 9, 24)
    row = 0
    for section in sections:
        sheets.put(sheet, row, 0, section.title, sheets.title)
        row += 1
        for part in section.parts:
            row = _put_part(sheets, sheet, row, part) + 1
        row += 1


def _put_part(sheets: _Sheets, sheet: Worksheet, row: int, part: SectionPart) -> int:
    """The row after the part."""
    match part:
        case Paragraph(text) | CommandLine(text):
            sheets.put(sheet, row, 0, text)
            return row + 1
        case BulletList(texts):
            for at, text in enumerate(texts):
                sheets.put(sheet, row + at, 0, text)
            return row + len(texts)
        case FactList(facts):
            for at, (name, text) in enumerate(facts):
                sheets.put(sheet, row + at, 0, name)
                sheets.put(sheet, row + at, 1, text, None if text else sheets.blank)
            return row + len(facts)
        case TextTable():
            return _put_table(sheets, sheet, row, part)


def _put_table(sheets: _Sheets, sheet: Worksheet, row: int, table: TextTable) -> int:
    sheets.put(sheet, row, 0, table.caption)
    for column, heading in enumerate(table.columns):
        sheets.put(sheet, row + 1, column, heading, sheets.head)
    for at, cells in enumerate(table.rows, row + 2):
        for column, text in enumerate(cells):
            sheets.put(sheet, at, column, text)
    return row + 2 + len(table.rows)


def _without_traces(written: BinaryIO, file: BinaryIO) -> None:
    """The same parts in the same order, without times, compression, or the system that wrote them."""
    with ZipFile(written) as parts, ZipFile(file, "w", ZIP_STORED) as archive:
        for part in parts.infolist():
            entry = ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.file_size = 3, 0o600 << 16, part.file_size
            with parts.open(part) as source, archive.open(entry, "w") as target:
                copyfileobj(source, target)

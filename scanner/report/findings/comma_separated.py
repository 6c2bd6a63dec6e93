"""The exceptions as a table for programs and spreadsheets: one line each, all of them, as they go by.

No cell is a formula to a spreadsheet: one that begins as formulas do gets an apostrophe before it (CWE-1236).

Source: RFC 4180.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import TextIOWrapper
from typing import BinaryIO, Final

from scanner.report.findings.document import COLUMNS, row_of
from scanner.report.findings.exceptions import ReportedException
from scanner.report.findings.parts import shown

FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin, in spreadsheets of the East too."""


def write(file: BinaryIO, exceptions: Iterable[ReportedException]) -> None:
    """The heading, and a line for each."""
    text = TextIOWrapper(file, "utf-8", newline="", write_through=False)
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerows([cell(each) for each in row_of(exception)] for exception in exceptions)
    text.detach()


def cell(text: str) -> str:
    """Text that stays text."""
    text = shown(text)
    return f"'{text}" if text.startswith(FORMULA) else text

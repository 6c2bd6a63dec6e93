"""A report of factual findings as people read it: on paper, on screens, and whatever stands in a claim."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import pytest
from playwright.sync_api import Page

from scanner.report.findings import page
from scanner.report.findings.document import exceptions_table
from scanner.report.findings.exceptions import ExceptionClass
from scanner.report.findings.parts import BulletList, CommandLine, FactList, Paragraph, ReportSection, TextTable
from tests.browser.conftest import Reader
from tests.support.findings_reports import KEPT

GAPS: Final = (KEPT / "gaps.html").read_bytes()
PAPER: Final = 1032  # CSS pixels between the margins of a turned A4
WORD: Final = "W" * 3000


def extreme() -> bytes:
    """Words that no line has room for, in every place."""
    headings = exceptions_table(ExceptionClass.GAP, ()).columns
    table = TextTable(WORD, headings, ((WORD,) * len(headings),), frozenset({4, 5}), frozenset({2, 3}))
    parts = Paragraph(WORD), BulletList((WORD,)), FactList(((WORD, WORD),)), CommandLine(WORD), table
    file = BytesIO()
    page.write(file, [ReportSection(WORD, parts), ReportSection(WORD, ())])
    return file.getvalue()


def read(reader: Reader, document: bytes, width: int, *, printed: bool = False) -> Page:
    reader.tab.emulate_media(media="print" if printed else "screen")
    reader.tab.set_viewport_size({"width": width, "height": 900})
    return reader.opens(document, settled=False)


def test_it_prints_on_a4_and_repeats_the_heads_of_tables(reader: Reader) -> None:
    tab = read(reader, GAPS, PAPER, printed=True)
    heads = tab.evaluate("[...document.querySelectorAll('thead')].map((each) => getComputedStyle(each).display)")
    assert len(heads) > 3
    assert set(heads) == {"table-header-group"}
    paper = tab.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") in range(2, 12)
    assert b"/MediaBox [0 0 841.91998 594.95996]" in paper or b"/MediaBox [0 0 841" in paper


@pytest.mark.parametrize(("width", "printed"), [(PAPER, True), (1280, False), (390, False)])
@pytest.mark.parametrize("document", [GAPS, extreme()], ids=["gaps", "extreme"])
def test_nothing_is_wider_than_the_paper_or_the_screen(
    reader: Reader, document: bytes, width: int, printed: bool
) -> None:
    tab = read(reader, document, width, printed=printed)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width

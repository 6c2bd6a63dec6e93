"""What is written is what a strict parser takes, whatever the text."""

from __future__ import annotations

from typing import Final

import html5lib

from scanner.report.element import el, escaped

NONCHARACTERS: Final = (
    *range(0xFDD0, 0xFDF0),
    *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
)
"""Unicode, section 23.7: 66 code points that are no characters and never will be."""


def test_no_noncharacter_gets_into_a_document_and_its_neighbours_do() -> None:
    assert len(NONCHARACTERS) == 66
    assert {escaped(chr(each)) for each in NONCHARACTERS} == {"\ufffd"}
    neighbours = "".join(chr(each) for each in (0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0x1FFFD, 0x20000, 0x10FFFD))
    assert escaped(neighbours) == neighbours
    text = neighbours + "".join(map(chr, NONCHARACTERS))
    page = f"<!DOCTYPE html>{el('html', el('head', el('title', text)), el('body', el('p', text, title=text)))}"
    parsed = html5lib.HTMLParser(strict=True).parse(page)
    (paragraph,) = parsed.iter("{http://www.w3.org/1999/xhtml}p")
    assert paragraph.text == paragraph.get("title") == neighbours + "\ufffd" * 66

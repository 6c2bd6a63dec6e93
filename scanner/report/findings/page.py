"""The report as one HTML file, made to be printed on A4: no script, nothing from anywhere, heads of tables repeated.

Text from outside is escaped where elements are written (`report.element`).

Source: CSS Paged Media Level 3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import BinaryIO

from scanner.report.element import Element, el
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


def write(file: BinaryIO, sections: Sequence[ReportSection]) -> None:
    """All sections, the first of which is the document's title."""
    for line in _lines(sections):
        file.write(f"{line}\n".encode())


def _lines(sections: Sequence[ReportSection]) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield el("meta", charset="utf-8")
    yield el("meta", http_equiv="Content-Security-Policy", content=_policy())
    yield el("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield el("meta", name="referrer", content="no-referrer")
    yield el("title", sections[0].title)
    yield f"<style>{_style()}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"
    for number, section in enumerate(sections):
        named = f"part-{number + 1}"
        heading = el("h2" if number else "h1", section.title, id=named)
        yield el("section", heading, *map(_part, section.parts), aria_labelledby=named)
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _part(part: SectionPart) -> Element:
    match part:
        case Paragraph(text):
            return el("p", shown(text))
        case BulletList(texts):
            return el("ul", *(el("li", shown(text)) for text in texts))
        case FactList(facts):
            return el("dl", *(el("div", el("dt", shown(name)), _fact(text)) for name, text in facts))
        case CommandLine(text):
            return el("p", el("code", shown(text)), class_="command")
        case TextTable():
            return _table(part)


def _fact(text: str) -> Element:
    return el("dd", shown(text)) if text else el("dd", class_="blank", aria_label="to be filled in")


def _table(table: TextTable) -> Element:
    def kind(at: int) -> str | None:
        return "figure" if at in table.figures else "code" if at in table.codes else None

    heads = [el("th", heading, scope="col", class_=kind(at)) for at, heading in enumerate(table.columns)]
    rows = [el("tr", *(el("td", shown(cell), class_=kind(at)) for at, cell in enumerate(row))) for row in table.rows]
    return el("table", el("caption", table.caption), el("thead", el("tr", *heads)), el("tbody", *rows))


def _policy() -> str:
    """The Content-Security-Policy: the one style sheet, by its digest, and nothing else from anywhere."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return files(__package__).joinpath("style.css").read_text("utf-8")

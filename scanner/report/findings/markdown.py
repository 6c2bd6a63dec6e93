"""The report as Markdown (CommonMark, with the tables of GitHub Flavored Markdown).

Text from outside never becomes markup: what would is written with a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

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

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>#|~&!$^]|:(?=//)|(?<=[Ww]{3})\.|@")
_BEGINS_BLOCK: Final = re.compile(r"([0-9]{1,9})[.)](?:\s|$)|[-+](?:\s|$)|[-=]+$")
_BLANK: Final = "." * 24


def write(file: BinaryIO, sections: Sequence[ReportSection]) -> None:
    """All sections, the first of which is the document's title."""
    for number, section in enumerate(sections):
        parts = [f"{'##' if number else '#'} {escaped(section.title)}", *map(_part, section.parts)]
        file.write(("\n" * bool(number) + "\n\n".join(parts) + "\n").encode())


def escaped(text: str) -> str:
    """Text that stands for itself, wherever in a line or a table it is put."""
    text = _MARKUP.sub(lambda found: f"\\{found[0]}", shown(text))
    begins = _BEGINS_BLOCK.match(text)
    if begins is None:
        return text
    number = begins[1] or ""
    return f"{number}\\{text[len(number) :]}"


def _part(part: SectionPart) -> str:
    match part:
        case Paragraph(text):
            return escaped(text)
        case BulletList(texts):
            return "\n".join(f"- {escaped(text)}" for text in texts)
        case FactList(facts):
            return "\n".join(f"- {escaped(name)}: {escaped(text) if text else _BLANK}" for name, text in facts)
        case CommandLine(text):
            return f"    {shown(text)}"
        case TextTable():
            return "\n".join(_table(part))


def _table(table: TextTable) -> Iterator[str]:
    yield f"**{escaped(table.caption)}**\n"
    yield _row(table.columns)
    yield _raw(["--:" if at in table.figures else "---" for at in range(len(table.columns))])
    yield from map(_row, table.rows)


def _row(cells: Iterable[str]) -> str:
    return _raw(map(escaped, cells))


def _raw(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

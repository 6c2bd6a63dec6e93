"""What a report consists of, whatever its form: sections with paragraphs, lists, facts, commands and tables.

Texts are as they came, from outside too: each form makes them harmless in its own way, after `shown`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class BulletList:
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactList:
    """Names with what stands for each; an empty text is a line that a person fills in."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CommandLine:
    text: str


@dataclass(frozen=True, slots=True)
class TextTable:
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()  # columns of numbers
    codes: frozenset[int] = frozenset()  # columns of accounts, digests and the like, which may be broken anywhere


SectionPart = Paragraph | BulletList | FactList | CommandLine | TextTable


@dataclass(frozen=True, slots=True)
class ReportSection:
    title: str
    parts: tuple[SectionPart, ...]


def shown(text: str) -> str:
    """Text from outside in one line, in which nothing is unseen: what has no shape of its own, such as controls and
    marks that turn the direction of writing, is written by its number (`\\u202e`)."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode("ascii")
        for each in text
    )

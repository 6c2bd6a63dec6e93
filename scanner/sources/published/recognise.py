"""Which texts of a file a layout fits, and what the others are. No row is read here.

In an archive of several texts one that cannot be recognised costs the others nothing: it is reported, with what it is.
A file of which nothing is recognised is an error that says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from scanner.errors import InputError
from scanner.sources.published import digests, document, table
from scanner.sources.published.archive import Archive, ArchiveTooLarge, shown
from scanner.sources.published.foreign import what_bytes_are, what_text_is
from scanner.sources.published.layout import DocumentLayout, Layout, TableLayout, is_named, snapshot_day
from scanner.sources.published.lines import read_lines

_SHOWN_OTHERS: Final = 3
_NO_LAYOUT: Final = "fits no layout"


@dataclass(frozen=True, slots=True)
class Part:
    """One text of the file, and how it is read."""

    member: str  # its name within an archive; empty where the file is none
    form: table.Table | document.Document
    day: str | None  # of the snapshot, as the file's or the member's name gives it
    exchange: str | None  # whose it is, where something stands there that only that exchange writes

    @property
    def layout(self) -> str:
        return self.form.layout.name


def recognise(
    archive: Archive, layouts: Sequence[Layout], *, named: bool
) -> tuple[tuple[Part, ...], Mapping[str, str]]:
    """The texts that a layout fits; and of every other, by its name, what it is instead, for people.

    `named` says that these are the layouts that somebody asked for by name. Raises InputError if it fits none.
    """
    parts, others = [], dict(archive.others)
    for member in archive.members:
        try:
            found = _part(archive, member, layouts, named=named)
        except ArchiveTooLarge:
            raise
        except InputError as error:
            if not archive.is_archive:
                raise
            found = "; ".join(mistake.what for mistake in error.mistakes)
        if isinstance(found, Part):
            parts.append(found)
        else:
            others[member] = found
    if parts:
        for name, holds in digests.judged(archive, [name for name, what in others.items() if what == _NO_LAYOUT]):
            if holds:
                del others[name]
            else:
                others[name] = "states a sha256 that no file of that name here has"
        return tuple(parts), others
    if not archive.is_archive:
        if others[""] == _NO_LAYOUT:
            raise InputError.at(archive.where(""), f"no layout fits: {_looks(archive, '', layouts)}")
        raise InputError.at(archive.where(""), others[""])
    listing = "; ".join(f"{shown(name)} {what}" for name, what in list(others.items())[:_SHOWN_OTHERS])
    more = f"; and {len(others) - _SHOWN_OTHERS} more" if len(others) > _SHOWN_OTHERS else ""
    raise InputError.at(str(archive.path), f"holds no table that can be read: {listing}{more}")


def _part(archive: Archive, member: str, layouts: Sequence[Layout], *, named: bool) -> Part | str:
    """The text as it is read, or what it is instead. Raises InputError for a header that is unclear."""
    where, start = archive.where(member), archive.start(member)
    kind = what_bytes_are(start)
    if kind is not None:
        return f"is {kind}"
    name = member.rpartition("/")[2] or archive.path.name
    names = name, archive.path.name
    tables = [
        layout
        for layout in layouts
        if isinstance(layout, TableLayout) and (named or not layout.only_named or is_named(layout.named, *names))
    ]
    found = table.recognise(read_lines(archive.pieces(member), where), tables, where)
    if found is not None:
        exchange = found.layout.exchange_of(found.columns, *names)
        return Part(member, found, snapshot_day(found.layout.dated, name), exchange)
    for layout in layouts:
        if isinstance(layout, DocumentLayout):
            known = document.recognise(read_lines(archive.pieces(member), where), layout, where)
            if known is not None:
                exchange = layout.exchange if is_named(layout.named, *names) else None
                return Part(member, known, snapshot_day(layout.dated, name), exchange)
    kind = what_text_is(start.decode("utf-8", "replace"))
    if kind is not None:
        return f"is {kind}"
    return _NO_LAYOUT


def _looks(archive: Archive, member: str, layouts: Sequence[Layout]) -> str:
    """How a text starts that no layout fits, and which layout nearly does or which there are, for people."""
    lines = list(islice(read_lines(archive.pieces(member), archive.where(member)), table.NEAREST_IN))
    nearest = table.nearest(lines, [layout for layout in layouts if isinstance(layout, TableLayout)])
    known = ", ".join(layout.name for layout in layouts)
    return f"it starts with {table.first_lines(lines)}; {nearest or f'known are {known}'}"

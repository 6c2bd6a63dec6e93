"""What exchanges publish of their reserves, read whole: every row accepted, or refused with its reason.

`read_published` is the way in. A layout is data, one file for each exchange; labels become assets through a table that
claims can add to. Nothing here asks a node or judges a signature.
"""

from __future__ import annotations

from scanner.sources.published.labels import Label, LabelTable
from scanner.sources.published.layouts import AUTO, LAYOUTS, is_layout, layout_names
from scanner.sources.published.reader import Published, read_published
from scanner.sources.published.recognise import Part
from scanner.sources.published.row import Kind, Listed, Ownership, PublishedRow
from scanner.sources.published.rows import Refusal, RefusedRow, RowAccount, RowPlace, Total, Unread, UnreadCell

__all__ = [
    "AUTO",
    "LAYOUTS",
    "Kind",
    "Label",
    "LabelTable",
    "Listed",
    "Ownership",
    "Part",
    "Published",
    "PublishedRow",
    "Refusal",
    "RefusedRow",
    "RowAccount",
    "RowPlace",
    "Total",
    "Unread",
    "UnreadCell",
    "is_layout",
    "layout_names",
    "read_published",
]

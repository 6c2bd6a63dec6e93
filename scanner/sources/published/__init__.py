"""What exchanges publish of their reserves, read whole: every row accepted, or refused with its reason.

`read_published` is the way in. A layout is data, one file for each exchange; labels become assets through a table that
claims can add to. Nothing here asks a node or judges a signature.
"""

from __future__ import annotations

from scanner.sources.published.labels import Label, LabelTable
from scanner.sources.published.layouts import AUTO, LAYOUTS, is_layout, layout_names
from scanner.sources.published.reader import PublishedFile, read_published
from scanner.sources.published.recognise import Part
from scanner.sources.published.row import Kind, Listed, PublishedOwnership, PublishedRow
from scanner.sources.published.rows import (
    AcceptedTotal,
    RefusedRow,
    RowAccount,
    RowPlace,
    RowRefusal,
    UnreadCell,
    UnreadKind,
)

__all__ = [
    "AUTO",
    "LAYOUTS",
    "AcceptedTotal",
    "Kind",
    "Label",
    "LabelTable",
    "Listed",
    "Part",
    "PublishedFile",
    "PublishedOwnership",
    "PublishedRow",
    "RefusedRow",
    "RowAccount",
    "RowPlace",
    "RowRefusal",
    "UnreadCell",
    "UnreadKind",
    "is_layout",
    "layout_names",
    "read_published",
]

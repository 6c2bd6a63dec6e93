"""Every layout that is known, by what a claim calls it: a further one is a file of this folder, and a line here.

Packages of others offer layouts by the entry point group `ENTRY_POINTS` (`core.offered`). They are used only where a
claim or a command names them, and never take part in `auto`: what a file is read as must not depend on what happens to
be installed.
"""

from __future__ import annotations

from typing import Final

from scanner.core.offered import load, not_usable, offered
from scanner.sources.published import auditor, binance, bitmex, okx, plain
from scanner.sources.published.layout import DocumentLayout, Layout, TableLayout

AUTO: Final = "auto"

ENTRY_POINTS: Final = "reserve_scanner.layouts"

LAYOUTS: Final[dict[str, tuple[Layout, ...]]] = {
    "okx": okx.LAYOUTS,
    "binance": binance.LAYOUTS,
    "bitmex": bitmex.LAYOUTS,
    "auditor": auditor.LAYOUTS,
    "plain": plain.LAYOUTS,
}
"""Ours: one family of layouts for each exchange."""


def layout_names() -> list[str]:
    """What a claim may name: `auto`, ours in their order, and what packages offer."""
    return [AUTO, *LAYOUTS, *offered(ENTRY_POINTS, {AUTO, *LAYOUTS})]


def is_layout(name: str) -> bool:
    """Whether `name` is one of `layout_names`. What packages offer is looked up only for a name that is none of ours:
    to go through all installed packages takes longer than to read a small file."""
    return name == AUTO or name in LAYOUTS or name in layout_names()


def layouts_of(name: str) -> tuple[Layout, ...]:
    """The layouts of that name; all of ours for `auto`. Raises KeyError where there are none of the name, InputError
    where a package offers them and fails, or what it offers is no tuple of layouts."""
    if name == AUTO:
        return tuple(layout for family in LAYOUTS.values() for layout in family)
    if name in LAYOUTS:
        return LAYOUTS[name]
    point = offered(ENTRY_POINTS, LAYOUTS)[name]
    layouts = load(point)
    if (
        not isinstance(layouts, tuple)
        or not layouts
        or not all(isinstance(one, TableLayout | DocumentLayout) for one in layouts)
    ):
        raise not_usable(point, "expected a tuple of layouts (scanner.sources.published.layout)")
    return layouts

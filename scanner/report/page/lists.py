"""Lists and tables on the page: a list's first entries are in sight, all other signed ones are folded away."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.report.element import Content, Element, el
from scanner.report.lists import SHOWN


def listed(items: Sequence[Element], total: int) -> tuple[Content, ...]:
    """`items` as lists, of which the attestation has signed these, out of `total` in the evidence."""
    first, rest = items[:SHOWN], items[SHOWN:]
    folded = el("details", el("summary", f"{len(rest):,} more"), el("ul", *rest)) if rest else None
    elsewhere = total - len(items)
    remark = el("p", f"{elsewhere:,} more stand in the evidence.", class_="remark") if elsewhere > 0 else None
    return el("ul", *first, class_="listed"), folded, remark


def nothing_in(title: str, name: str, why: str) -> Element:
    """A section that has nothing to show, folded to one line; `name` is its heading's id, `why` what was looked for."""
    return el(
        "section",
        el("details", el("summary", el("h2", title, id=name), " nothing to show"), el("p", why), class_="empty"),
        aria_labelledby=name,
    )


def table(caption: str, columns: Sequence[tuple[str, str]], rows: Sequence[Element]) -> Element:
    """A plain table that may be wider than the screen, and then scrolls, its caption staying in sight.

    Columns are (heading, kind of cell).
    """
    heads = [el("th", heading, scope="col", class_=kind) for heading, kind in columns]
    return el(
        "div",
        el("table", el("caption", el("span", caption)), el("thead", el("tr", *heads)), el("tbody", *rows)),
        class_="wide",
        role="region",
        tabindex="0",
        aria_label=caption,
    )


def cell(*content: Content, kind: str = "word") -> Element:
    """One of its cells: `figure` for what is set right, `asset` for a label above its id, `word` for the rest."""
    return el("td", *content, class_=kind)

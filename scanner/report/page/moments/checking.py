"""The part of these pages in which their reader checks them: what was checked, a key to paste, the moments' folder.

Only the frame stands here; `main.js` fills it. Without JavaScript it says that nothing was checked.
"""

from __future__ import annotations

from typing import Final

from scanner.report.element import Element, el
from scanner.report.page.checking import check_line, key_part
from scanner.report.page.links import Links

_CHECKS: Final = (
    ("signature", "Signature"),
    ("statement", "Statement"),
    ("sums", "What follows"),
    ("display", "This page"),
    ("evidence", "Each moment"),
)


def checking(links: Links) -> Element:
    """One line for each check, and the reader's own means."""
    return el(
        "section",
        el("h2", "Checked in your browser", id="checking"),
        el("ul", *(check_line(*check) for check in _CHECKS), class_="checks", id="checks"),
        el("div", key_part(links, "statement"), _moments(), class_="sides means", id="means", hidden=True),
        aria_labelledby="checking",
    )


def _moments() -> Element:
    return el(
        "div",
        el("h3", "The moments' files"),
        el("label", "The folder points, which lies beside the statement", for_="points"),
        el("input", id="points", type="file", webkitdirectory=True, multiple=True),
        el("p", "Statements and evidence of each moment are read in this browser and sent nowhere."),
        el("p", id="progress", role="status", class_="remark"),
    )

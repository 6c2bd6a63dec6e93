"""Places within pages that keep their names, so that a link to one stays what it is: a unit, a report, a score.

Each is named by what it is of, never by its number on a page, so that nothing which is added to a history changes it.
Not here: the names of files (`shell`), which stay as well.
"""

from __future__ import annotations

from scanner.report.element import Content, Element, el
from scanner.report.site.shell import moment_part, readable


def unit_id(unit: str) -> str:
    """Of a unit, on a page where it stands once."""
    return f"unit-{readable(unit)}"


def report_id(as_of: str) -> str:
    """Of the report of a moment, on its exchange's page."""
    return f"report-{moment_part(as_of)}"


def score_id(claim: str) -> str:
    """Of a claim's score, on its exchange's page."""
    return f"score-{claim.removeprefix('sha256:')}"


def to_itself(place: str, *content: Content) -> Element:
    """What stands at a place, as a link to it, which its reader can copy."""
    return el("a", *content, href=f"#{place}", class_="permanent")

"""Claims of several exchanges together on the site: what was held jointly at the moment of each.

The words and figures are those of the terminal's table (`report.together_table`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report.cells import NOTHING, UNPUBLISHED, amount, moment
from scanner.report.element import Content, Element, el
from scanner.report.site import shell
from scanner.report.site.permanent import unit_id
from scanner.report.site.shell import Site
from scanner.report.together_table import CAVEAT, jointly, moment_of, of_days, rows_of, shared
from scanner.report.wording import held_at

_HEADINGS = ("Of", "Coin", "Held", "Owed", "In two claims", "Gaps", "Verdict")


def together_section(site: Site, exchange: str) -> Content:
    """What is stated of the exchange's claims together with others'; None where nothing is."""
    found = shell.together_of(site, exchange)
    if not found:
        return None
    return el(
        "section",
        el("h2", "Together with other exchanges", id="together"),
        el("p", "All accounts of all claims at the same moments, an account in two of them once.", class_="soft"),
        el("ul", *map(_listed, found), class_="changes"),
        aria_labelledby="together",
    )


def together_parts(together: Mapping[str, Any]) -> Iterator[Content]:
    """All that is stated of claims together."""
    claims = [f"{shell.name(each['exchange'])}, as of {moment(each['asOf'])}" for each in together["claims"]]
    yield el("ul", *(el("li", each) for each in claims))
    yield from (el("p", *joint_verdict(unit), class_="lead", id=unit_id(unit["unit"])) for unit in together["units"])
    for point in together["points"]:
        rows = [
            (
                of,
                shell.name(unit["unit"]),
                held_at(unit),
                UNPUBLISHED if unit["owed"] is None else amount(unit["owed"]),
                amount(unit["countedTwice"]) if unit.get("countedTwice") else NOTHING,
                f"{unit['gaps']:,}" if unit["gaps"] else NOTHING,
                shell.verdict(unit["verdict"]) if unit["verdict"] else NOTHING,
            )
            for of, unit in rows_of(point, together)
        ]
        yield shell.table(f"{moment_of(point, together)}, in whole coins", _HEADINGS, rows, range(2, 6))
    yield from (el("p", text) for text in shared(together))
    yield el("p", of_days(together))
    yield el("p", CAVEAT, class_="soft")


def _listed(each: Mapping[str, Any]) -> Element:
    names = " and ".join(map(shell.name, each["exchanges"]))
    link = el("a", names, href=f"../{shell.statement_file(each['statement'])}")
    return el("li", link, *(el("p", *joint_verdict(unit)) for unit in each["together"]["units"]))


def joint_verdict(unit: Mapping[str, Any]) -> tuple[Content, ...]:
    """The sentence of the terminal, its verdict as pages show one."""
    before, word, after = jointly(unit).partition(f", jointly {unit['verdict']}")
    return f"{before}, jointly ", shell.verdict(unit["verdict"]), after if word else None

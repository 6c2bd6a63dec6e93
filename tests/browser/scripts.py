"""The page's scripts without a page around them: one function of theirs, called with values from a test."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

from scanner.report.page.customers.checkers import CHECKED_HERE, scripts_of
from scanner.report.page.document import SCRIPTS
from scanner.report.page.moments import document as moments


def _together(names: Iterable[str]) -> str:
    return "\n".join(files("scanner.report.page").joinpath(name).read_text("utf-8") for name in names)


_SOURCES = _together((*SCRIPTS, *scripts_of(CHECKED_HERE)))
_OF_MOMENTS = _together(moments.SCRIPTS)


def call(tab: Page, function: str, argument: Any, *, of_moments: bool = False) -> Any:
    """What a JavaScript function, which may use all that the scripts declare, makes of a value. `of_moments`: by the
    scripts of pages of several moments."""
    sources = _OF_MOMENTS if of_moments else _SOURCES
    return tab.evaluate(
        f'async (argument) => {{ "use strict";\n{sources}\nreturn await ({function})(argument); }}', argument
    )


EVIDENCE = """async ({bytes, said}) => {
    try {
        const file = new Blob([Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))]);
        const {faults} = await weighEvidence(file, said, () => {});
        return faults;
    } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return [error.message];
    }
}"""
"""Function for `call`: what is wrong with evidence, by the finding and the run of a statement."""

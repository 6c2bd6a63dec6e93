"""Before which time an attestation existed, by time stamps over it: checked where the page was made, and so marked."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.attesting.dated import Dated
from scanner.attesting.times import written_time
from scanner.report.cells import moment, plain
from scanner.report.element import Element, el


def dated_section(stamps: Sequence[Dated]) -> Element:
    """A line for each stamp, with the root that it was checked by."""
    return el(  # the class: the page's script then does not say that nothing was
        "section",
        el("h2", "When it existed", id="dated"),
        *(_line(each) for each in stamps),
        el(
            "p",
            "The stamps were checked when the page was made, and are not checked in your browser. scanner verify"
            " --tsa-roots checks them, as openssl ts -verify does, with the files of the attestation and the stamps.",
            class_="remark",
        ),
        aria_labelledby="dated",
        class_="added",
    )


def _line(stamp: Dated) -> Element:
    """Raises ValueError for a stamp that shows nothing."""
    if stamp.before is None or stamp.authority is None:
        raise ValueError("a stamp that shows nothing is put into no page")
    by = stamp.authority
    before = f"It existed before {moment(written_time(stamp.before))}"
    named = f": by the authority {plain(by.name, 200)}, under the root {plain(by.root, 200)}"
    return el(
        "p", el("strong", before), f"{named}, whose certificate has the SHA-256 ", el("code", by.root_digest), "."
    )

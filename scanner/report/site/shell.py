"""What all pages of a site have in common: the policy that lets nothing in, the style, the frame, and names of files.

A page may be opened from a folder as well as from a server, so all links are relative and name a file.

Sources: Content Security Policy Level 3; HTML Living Standard.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from scanner.report.cells import plain
from scanner.report.element import Content, Element, el

INDEX: Final = "index.html"
JSON_FEED: Final = "feed.json"
RSS: Final = "feed.xml"
COMPARE: Final = "compare.html"

SYMBOLS: Final[Mapping[str, str]] = {"COVERED": "✓", "SHORT": "✗", "UNKNOWN": "?"}
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)
_LONGEST_NAME: Final = 80
_LIMITS: Final = (
    "No audit, and no opinion on solvency. Each report compares what accounts held at one block of each chain with what"
    " the exchange states that it owes. It does not show that every liability was stated, or that what was held was not"
    " borrowed, pledged, or gone a block later. Figures are cut, never rounded up."
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site as a whole."""

    title: str
    summary: Mapping[str, Any]  # the history as JSON values
    notice: str | None = None  # a line on top of every page
    url: str | None = None  # where it will stand, ending in a slash; feeds link there
    key_url: str | None = None  # where its maker says that the signers publish their keys
    scores: Mapping[str, Any] | None = None  # of its reports, as `scanner score --json` prints them


def name(text: str) -> str:
    """A name from outside: one line, and not endless."""
    return plain(text, _LONGEST_NAME)


def readable(text: str) -> str:
    """A name from outside as a part of an address: readable, and not that of another one, however alike they are.

    Of the digest there are 128 bits: an exchange chooses its name, and one that shares 32 bits with another's is found
    in minutes."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:40].strip("-")
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{words}-{digest}" if words else digest


def exchange_file(exchange: str) -> str:
    """The page of an exchange."""
    return f"exchange/{readable(exchange)}.html"


def moment_part(as_of: str) -> str:
    """A moment as a part of an address."""
    return "".join(filter(str.isalnum, as_of))


def compare_file(as_of: str) -> str:
    """The page of several exchanges at a moment."""
    return f"compare/{moment_part(as_of)}.html"


def attestation_file(digest: str) -> str:
    """The page of an attestation, named by the sha256 of its envelope."""
    return f"attestation/{digest}.html"


def checking_file(digest: str) -> str:
    """The page that checks the attestation in its reader's browser."""
    return f"check/{digest}.html"


def envelope_file(digest: str) -> str:
    """The envelope itself."""
    return f"attestation/{digest}.dsse.json"


def statement_file(digest: str) -> str:
    """The page of a series, or of claims together, named by the sha256 of its envelope."""
    return f"statement/{digest}.html"


def statement_envelope_file(digest: str) -> str:
    """That envelope itself."""
    return f"statement/{digest}.dsse.json"


def series_of(site: Site, exchange: str) -> list[Mapping[str, Any]]:
    """The series of an exchange, by the moment of their claim, and the last one added first."""
    found = [each for each in site.summary["several"] if each["of"] == "series" and each["exchanges"] == [exchange]]
    return sorted(found, key=lambda each: (each["series"]["asOf"], each["entry"]), reverse=True)


def together_of(site: Site, exchange: str) -> list[Mapping[str, Any]]:
    """The statements of claims together of which one is the exchange's, the last one added first."""
    return [
        each for each in reversed(site.summary["several"]) if each["of"] == "together" and exchange in each["exchanges"]
    ]


def page(site: Site, path: str, title: str, *main: Content, trail: Sequence[tuple[str, str]] = ()) -> bytes:
    """A whole page at `path`. `trail` are the pages above it, as (title, path)."""
    up = "../" * path.count("/")
    head = (
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy()),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("link", rel="alternate", type="application/feed+json", title=site.title, href=f"{up}{JSON_FEED}"),
        el("link", rel="alternate", type="application/rss+xml", title=site.title, href=f"{up}{RSS}"),
    )
    body = (
        el("a", "Skip to the content", href="#content", class_="skip"),
        el("p", site.notice, class_="notice", role="note") if site.notice else None,
        _trail(trail, up),
        el("main", *main, id="content"),
        el(
            "footer",
            el("p", _LIMITS),
            el(
                "p",
                "Made by reserve-scanner from signed attestations. Follow it by ",
                el("a", "JSON Feed", href=f"{up}{JSON_FEED}"),
                " or ",
                el("a", "RSS", href=f"{up}{RSS}"),
                ".",
            ),
        ),
    )
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        *map(str, head),
        f"<style>{style()}</style>",
        "</head>",
        "<body>",
        *(str(part) for part in body if part is not None),
        "</body>",
        "</html>",
    ]
    return ("\n".join(lines) + "\n").encode()


@cache
def policy() -> str:
    """The Content-Security-Policy: the one style sheet, by its digest, and nothing else from anywhere."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def style() -> str:
    """The style sheet."""
    return files(__package__).joinpath("style.css").read_text("utf-8")


def verdict(word: str) -> Element:
    """A verdict, shown by a word and a sign, not by colour alone."""
    sign = el("span", SYMBOLS[word], aria_hidden="true", class_="sign")
    return el("span", sign, f" {word}", class_=f"verdict {word.lower()}")


def verdict_of(attestation: Mapping[str, Any]) -> Element:
    """The verdict of an entry; one that was not checked is shown as what it is: its signer's word."""
    word = attestation["verdict"]
    return verdict(word) if attestation["verified"] else el("span", f"stated: {word}", class_="soft")


def day(moment: str) -> Element:
    """A day, which no line breaks."""
    return el("time", moment[:10], datetime=moment)


def missing(exchange: Mapping[str, Any]) -> list[str]:
    """The moments by which reports of an exchange were due that there are not."""
    return [each["end"] for each in exchange["cadence"]["missing"]] if exchange["cadence"] else []


def prose(text: str) -> list[Content]:
    """A sentence in which no day is broken."""
    return [day(part) if _DAY.fullmatch(part) else part for part in _DAY.split(text)]


def table(
    caption: str,
    headings: Sequence[Content],
    rows: Sequence[Sequence[Content]],
    figures: Sequence[int],
    places: Sequence[str | None] | None = None,
) -> Element:
    """A table whose rows become cards on narrow screens, so that nothing is out of sight: there each cell says what it
    is, which those who have it read aloud know from the column. `figures`: columns that hold numbers; `places`: of each
    row the id by which links lead to it, or None."""

    def cell(kind: str, number: int, content: Content, **more: str) -> Element:
        label = el("span", headings[number], class_="label", aria_hidden="true") if kind == "td" else None
        return el(kind, label, content, class_="figure" if number in figures else None, **more)

    return el(
        "div",
        el(
            "table",
            el("caption", caption),
            el(
                "thead",
                el(
                    "tr",
                    *(cell("th", n, content, scope="col", role="columnheader") for n, content in enumerate(headings)),
                    role="row",
                ),
                role="rowgroup",
            ),
            el(
                "tbody",
                *(
                    el(
                        "tr",
                        cell("th", 0, row[0], scope="row", role="rowheader"),
                        *(cell("td", n, content, role="cell") for n, content in enumerate(row[1:], start=1)),
                        role="row",
                        id=place,
                    )
                    for row, place in zip(rows, places or [None] * len(rows), strict=True)
                ),
                role="rowgroup",
            ),
            class_="rows",
            role="table",
        ),
        class_="wide",
        role="region",
        aria_label=caption,
        tabindex="0",
    )


def _trail(trail: Sequence[tuple[str, str]], up: str) -> Element | None:
    if not trail:
        return None
    links = [el("li", el("a", title, href=f"{up}{path}")) for title, path in trail]
    return el("nav", el("ol", *links), aria_label="Breadcrumb", class_="trail")

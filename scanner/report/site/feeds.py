"""The latest of a history as JSON Feed 1.1 and as RSS 2.0: attestations, and statements of several moments. Both say
the same.

An item's id and its link are by the SHA-256 of the envelope that it tells of: what is added later changes neither, as
readers of feeds know by them what they have seen. Of each unit there is a link to it in that report. A score stands in
the item of the attestation that has it, beside that of the report before: it is no item of its own, since it may become
another one when auditors or the moment now are others.

Readers want absolute links; without the site's URL they are relative to the feed.

Sources: JSON Feed Version 1.1; RSS 2.0 Specification; RFC 822 for RSS's times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import chain, groupby
from typing import Any, Final

from scanner.report.cells import moment
from scanner.report.element import el
from scanner.report.log_table import doubts, ratio_of, remarks
from scanner.report.score_words import points_of
from scanner.report.series_table import sentences
from scanner.report.site import shell
from scanner.report.site.permanent import score_id, unit_id
from scanner.report.site.shell import Site
from scanner.report.together_table import jointly

_LATEST: Final = 50
_VERSION: Final = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True)
class Item:
    """One of a feed's. `order`: what is later is greater."""

    order: tuple[str, str, int]
    digest: str  # sha256 of the envelope, hex
    page: str  # the file it leads to, in the site
    title: str
    text: str
    more: Sequence[tuple[str, str]]  # each a text, and where in the site it leads
    time: str
    tags: Sequence[str]

    @property
    def id(self) -> str:
        """By which readers know it again."""
        return f"sha256:{self.digest}"

    def markup(self, up: str) -> str:
        """The text and the links, for readers that show markup. It is no Element: in a feed it stands as text."""
        links = [el("li", el("a", text, href=f"{up}{place}")) for text, place in self.more]
        return str(el("div", el("p", self.text), el("ul", *links) if links else None))


def json_feed(site: Site) -> bytes:
    """JSON Feed."""
    up = site.url or ""
    feed = {
        "version": _VERSION,
        "title": site.title,
        "home_page_url": f"{up}{shell.INDEX}",
        **({"feed_url": f"{up}{shell.JSON_FEED}"} if site.url else {}),
        "items": [
            {
                "id": item.id,
                "url": f"{up}{item.page}",
                "title": item.title,
                "content_text": item.text,
                "content_html": item.markup(up),
                "date_published": item.time,
                "tags": list(item.tags),
            }
            for item in _latest(site)
        ],
    }
    return (json.dumps(feed, ensure_ascii=True, indent=1) + "\n").encode()


def rss(site: Site) -> bytes:
    """RSS. Its descriptions are markup, which stands in the document as text."""
    up = site.url or ""
    items = [
        el(
            "item",
            el("title", item.title),
            el("link", f"{up}{item.page}"),
            el("guid", item.id, isPermaLink="false"),
            el("pubDate", _rfc_822(item.time)),
            el("category", item.tags[0]),
            el("description", item.markup(up)),
        )
        for item in _latest(site)
    ]
    channel = el(
        "channel",
        el("title", site.title),
        el("link", f"{up}{shell.INDEX}"),
        el("description", "What exchanges held of what they owed, report by report, before and after, and together."),
        *items,
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n{el("rss", channel, version="2.0")}\n'.encode()


def _latest(site: Site) -> list[Item]:
    return sorted([*_attestations(site), *map(_several, site.summary["several"])], key=_order, reverse=True)[:_LATEST]


def _order(item: Item) -> tuple[str, str, int]:
    return item.order


def _attestations(site: Site) -> Iterator[Item]:
    for exchange in site.summary["exchanges"]:
        shown = _scores(site, exchange["exchange"])
        for each in exchange["attestations"]:
            yield _attestation(exchange["exchange"], each, shown.get(each["attestation"]))


def _attestation(exchange: str, of: Mapping[str, Any], score: tuple[str, str] | None) -> Item:
    name, page = shell.name(exchange), shell.attestation_file(of["attestation"])
    if not of["verified"]:
        return _unverified(name, page, of)
    units = [
        (f"{shell.name(each['unit'])} {ratio_of(each)}", f"{page}#{unit_id(each['unit'])}") for each in of["reserves"]
    ]
    notes = "".join(f" {note[0].upper()}{note[1:]}." for note in remarks(of))
    scored = "" if score is None else f" {score[0]}."
    ratios = ", ".join(text for text, _ in units)
    return Item(
        (of["asOf"], "attestation", of["entry"]),
        of["attestation"],
        page,
        f"{name} as of {of['asOf'][:10]}: {of['verdict']}",
        f"As of {moment(of['asOf'])}, held of what is owed: {ratios}.{notes}{scored}",
        [*units, *([] if score is None else [("how much was shown", score[1])])],
        of["scannedAt"],
        [name, of["verdict"]],
    )


def _unverified(name: str, page: str, of: Mapping[str, Any]) -> Item:
    """Its figures stand nowhere, and its verdict is no tag, by which readers sort."""
    doubted = "".join(f" {doubt[0].upper()}{doubt[1:]}." for doubt in doubts(of))
    return Item(
        (of["asOf"], "attestation", of["entry"]),
        of["attestation"],
        page,
        f"{name} as of {of['asOf'][:10]}: not verified, stated: {of['verdict']}",
        f"As of {moment(of['asOf'])}. Not verified: neither its signatures nor its numbers were checked.{doubted}",
        [(shell.name(each["unit"]), f"{page}#{unit_id(each['unit'])}") for each in of["reserves"]],
        of["scannedAt"],
        [name, "not verified"],
    )


def _several(of: Mapping[str, Any]) -> Item:
    """A series, or claims together."""
    names, page = " and ".join(map(shell.name, of["exchanges"])), shell.statement_file(of["statement"])
    if of["of"] == "series":
        series = of["series"]
        as_of, title = series["asOf"], f"{names}, held before and after {series['asOf'][:10]}"
        texts = [*sentences(series)]
        units = [(shell.name(unit), unit) for unit in dict.fromkeys(each["unit"] for each in series["sustained"])]
    else:
        together = of["together"]
        as_of = max(claim["asOf"] for claim in together["claims"])
        title = f"{names}, together as of {as_of[:10]}"
        texts = [jointly(each) for each in together["units"]]
        units = [(f"{shell.name(each['unit'])}, jointly {each['verdict']}", each["unit"]) for each in together["units"]]
    return Item(
        (as_of, of["of"], of["entry"]),
        of["statement"],
        page,
        title,
        f"As of {moment(as_of)}. {' '.join(texts)}",
        [(text, f"{page}#{unit_id(unit)}") for text, unit in units],
        of["scannedAt"],
        [names, of["of"]],
    )


def _scores(site: Site, exchange: str) -> dict[str, tuple[str, str]]:
    """By attestation: how much was shown of its report, and of the report before, with the score's place."""
    found: dict[str, tuple[str, str]] = {}
    before = ""
    listed = (each["scores"] for each in (site.scores or {}).get("exchanges", ()) if each["exchange"] == exchange)
    for _, of_moment in groupby(chain.from_iterable(listed), key=lambda score: str(score["asOf"])):
        of_report = [*of_moment]
        for score in of_report:
            shown = f"Shown of it: {points_of(score['sum'], score['of'])}{before}"
            place = f"{shell.exchange_file(exchange)}#{score_id(score['claim'])}"
            found |= dict.fromkeys(score["attestations"], (shown, place))
        sums = " and ".join(points_of(score["sum"], score["of"]) for score in of_report if score["verified"])
        before = f"; of the report before: {sums or 'nothing, since it was not verified'}"
    return found


def _rfc_822(time: str) -> str:
    return format_datetime(datetime.fromisoformat(time), usegmt=True)

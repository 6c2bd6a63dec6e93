"""The latest attestations as JSON Feed 1.1 and as RSS 2.0. Both say the same.

Readers want absolute links; without the site's URL they are relative to the feed.

Sources: JSON Feed Version 1.1; RSS 2.0 Specification; RFC 822 for RSS's times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from scanner.report.cells import moment
from scanner.report.element import el
from scanner.report.log_table import ratio_of, remarks
from scanner.report.site import shell
from scanner.report.site.shell import Site

_LATEST: Final = 50
_VERSION: Final = "https://jsonfeed.org/version/1.1"

Item = tuple[str, Mapping[str, Any]]  # the exchange, and one of its attestations


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
                "id": f"sha256:{attestation['attestation']}",
                "url": f"{up}{shell.attestation_file(attestation['attestation'])}",
                "title": _title(exchange, attestation),
                "content_text": _text(attestation),
                "date_published": attestation["scannedAt"],
                "tags": [shell.name(exchange), attestation["verdict"]],
            }
            for exchange, attestation in _latest(site)
        ],
    }
    return (json.dumps(feed, ensure_ascii=True, indent=1) + "\n").encode()


def rss(site: Site) -> bytes:
    """RSS."""
    up = site.url or ""
    items = [
        el(
            "item",
            el("title", _title(exchange, attestation)),
            el("link", f"{up}{shell.attestation_file(attestation['attestation'])}"),
            el("guid", f"sha256:{attestation['attestation']}", isPermaLink="false"),
            el("pubDate", _rfc_822(attestation["scannedAt"])),
            el("category", shell.name(exchange)),
            el("description", _text(attestation)),
        )
        for exchange, attestation in _latest(site)
    ]
    channel = el(
        "channel",
        el("title", site.title),
        el("link", f"{up}{shell.INDEX}"),
        el("description", "What exchanges held of what they owed, report by report."),
        *items,
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n{el("rss", channel, version="2.0")}\n'.encode()


def _latest(site: Site) -> list[Item]:
    found = [(each["exchange"], one) for each in site.summary["exchanges"] for one in each["attestations"]]
    return sorted(found, key=lambda item: (item[1]["asOf"], item[1]["entry"]), reverse=True)[:_LATEST]


def _title(exchange: str, attestation: Mapping[str, Any]) -> str:
    verdict = attestation["verdict"] if attestation["verified"] else f"{attestation['verdict']}, not verified"
    return f"{shell.name(exchange)} as of {attestation['asOf'][:10]}: {verdict}"


def _text(attestation: Mapping[str, Any]) -> str:
    ratios = (f"{shell.name(each['unit'])} {ratio_of(each)}" for each in attestation["reserves"])
    notes = "".join(f" {note[0].upper()}{note[1:]}." for note in remarks(attestation))
    return f"As of {moment(attestation['asOf'])}, held of what is owed: {', '.join(ratios)}.{notes}"


def _rfc_822(time: str) -> str:
    return format_datetime(datetime.fromisoformat(time), usegmt=True)

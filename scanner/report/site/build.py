"""START READING HERE. All files of a site, one after the other, so that memory does not grow with their number.

Beside each attestation's page, which needs no script to be read, may stand one that checks it in its reader's browser:
`checking_page` makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.report.site import feeds, shell
from scanner.report.site.attestation import Attested, attestation_page
from scanner.report.site.exchange import exchange
from scanner.report.site.index import index
from scanner.report.site.shell import Site

CheckingPage = Callable[[Attested], bytes]
Read = Callable[[Mapping[str, Any]], tuple[bytes, Mapping[str, Any]]]  # an attestation's envelope and predicate


def build(site: Site, read: Read, checking_page: CheckingPage | None = None) -> Iterator[tuple[str, bytes]]:
    """Each file's path, with slashes, and its content. `read` is given an entry of the summary's `attestations`."""
    yield shell.INDEX, index(site)
    yield shell.JSON_FEED, feeds.json_feed(site)
    yield shell.RSS, feeds.rss(site)
    for each in site.summary["exchanges"]:
        yield shell.exchange_file(each["exchange"]), exchange(site, each)
        for listed in each["attestations"]:
            document, predicate = read(listed)
            yield shell.envelope_file(listed["attestation"]), document
            attested = Attested(each["exchange"], listed, document, predicate)
            checking = checking_page if listed["verified"] else None  # what was not verified is not dressed up
            page = attestation_page(site, attested, checking=checking is not None)
            yield shell.attestation_file(listed["attestation"]), page
            if checking is not None:
                yield shell.checking_file(listed["attestation"]), checking(attested)

"""START READING HERE. All files of a site, one after the other, so that memory does not grow with their number.

`attestation_page` may be any other function of a site and an attestation: it decides what a page of one looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.report.site import attestation, feeds, shell
from scanner.report.site.attestation import Attested
from scanner.report.site.exchange import exchange
from scanner.report.site.index import index
from scanner.report.site.shell import Site

AttestationPage = Callable[[Site, Attested], bytes]
Read = Callable[[Mapping[str, Any]], tuple[bytes, Mapping[str, Any]]]  # an attestation's envelope and predicate


def build(
    site: Site, read: Read, attestation_page: AttestationPage = attestation.attestation_page
) -> Iterator[tuple[str, bytes]]:
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
            yield shell.attestation_file(listed["attestation"]), attestation_page(site, attested)

"""START READING HERE. All files of a site, one after the other, so that memory does not grow with their number.

Beside each statement's page, which needs no script to be read, may stand one that checks it in its reader's browser:
`checking_page` and `checking_statement` make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.report.site import feeds, shell
from scanner.report.site.attestation import Attested, attestation_page
from scanner.report.site.compare import compare_index, compare_page
from scanner.report.site.exchange import exchange
from scanner.report.site.index import index
from scanner.report.site.nearest import comparisons
from scanner.report.site.shell import Site
from scanner.report.site.statement import statement_page

CheckingPage = Callable[[Attested], bytes]
ReadStatement = Callable[[Mapping[str, Any]], bytes]  # the envelope of a series, or of claims together
CheckingStatement = Callable[[Mapping[str, Any], bytes], bytes]  # of one of `several` and its envelope
Read = Callable[[Mapping[str, Any]], tuple[bytes, Mapping[str, Any]]]  # an attestation's envelope and predicate


def build(
    site: Site,
    read: Read,
    read_statement: ReadStatement,
    checking_page: CheckingPage | None = None,
    checking_statement: CheckingStatement | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Each file's path, with slashes, and its content. `read` is given an entry of the summary's `attestations`, and
    `read_statement` one of its `several`."""
    compared = comparisons(site.summary)
    yield shell.INDEX, index(site, compared)
    yield shell.JSON_FEED, feeds.json_feed(site)
    yield shell.RSS, feeds.rss(site)
    yield shell.COMPARE, compare_index(site, compared)
    for before, of, after in zip([None, *compared], compared, [*compared[1:], None], strict=False):
        yield shell.compare_file(of.as_of), compare_page(site, of, before, after)
    moments = {of.as_of for of in compared}
    for each in site.summary["exchanges"]:
        yield shell.exchange_file(each["exchange"]), exchange(site, each, moments)
        for listed in each["attestations"]:
            document, predicate = read(listed)
            yield shell.envelope_file(listed["attestation"]), document
            attested = Attested(each["exchange"], listed, document, predicate)
            checking = checking_page if listed["verified"] else None  # what was not verified is not dressed up
            page = attestation_page(site, attested, checking=checking is not None, compared=moments)
            yield shell.attestation_file(listed["attestation"]), page
            if checking is not None:
                yield shell.checking_file(listed["attestation"]), checking(attested)
    for several in site.summary["several"]:
        document, digest = read_statement(several), several["statement"]
        yield shell.statement_envelope_file(digest), document
        yield shell.statement_file(digest), statement_page(site, several, checking=checking_statement is not None)
        if checking_statement is not None:
            yield shell.checking_file(digest), checking_statement(several, document)

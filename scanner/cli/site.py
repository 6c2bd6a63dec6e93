"""`scanner site`: the pages of a history, put in place of an earlier site's as a whole."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from scanner.cli import named_files
from scanner.cli.log import expected, location
from scanner.errors import AttestationInvalid, InputError

_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2000}", re.ASCII)


def write(arguments: Namespace) -> str:
    """Build the site, and tell of it."""
    import scanner
    from scanner.attesting.envelope import read_envelope
    from scanner.cli.folder import replace_folder
    from scanner.cli.several_moments import predicate_of
    from scanner.history.entry import read_predicate
    from scanner.history.log import open_history
    from scanner.history.score.summary import score_summary
    from scanner.history.summary import summary
    from scanner.report.page.document import render
    from scanner.report.page.links import Links, is_url
    from scanner.report.page.moments import document as moments
    from scanner.report.page.score import shown_score
    from scanner.report.site.attestation import Attested
    from scanner.report.site.build import build
    from scanner.report.site.shell import INDEX, Site, envelope_file, statement_envelope_file

    url, key_url = _url(arguments.url), arguments.key_url
    if key_url is not None and not is_url(key_url):
        raise InputError.at("--key-url", f"expected a URL that starts with https://, not {key_url[:200]!a}")

    def checking_page(of: Attested) -> bytes:
        envelope = {"the attestation": f"../{envelope_file(of.listed['attestation'])}"}
        links = Links(key_url=key_url or "", files=envelope)
        score = shown_score(scores, of.listed["attestation"])
        return render(of.predicate, of.document, keyids=read_envelope(of.document).keyids, score=score, links=links)

    def checking_statement(listed: Mapping[str, Any], document: bytes) -> bytes:
        envelope = {"the statement": f"../{statement_envelope_file(listed['statement'])}"}
        links = Links(key_url=key_url or "", files=envelope)
        return moments.render(predicate_of(document), document, keyids=read_envelope(document).keyids, links=links)

    named_files.of_site(arguments, location(arguments))
    auditors = [scanner.load_public_key(path) for path in arguments.auditor]
    with open_history(location(arguments)) as history, history.at_one_moment():
        due = expected(arguments)
        found = summary(history, expected=due)
        scores = score_summary(history, auditors=auditors, now=due.now if due else None, listed=found)
        site = Site(arguments.title, found, arguments.notice, url, key_url, scores)

        def read(listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
            document = history.document(listed["entry"])
            try:
                return document, read_predicate(document)
            except AttestationInvalid as error:
                raise InputError.at(history.name, f"entry {listed['entry']}: {error}") from None

        def read_statement(listed: Mapping[str, Any]) -> bytes:
            return history.statement(listed["entry"])

        files = replace_folder(arguments.out, build(site, read, read_statement, checking_page, checking_statement))
    attestations = sum(len(exchange["attestations"]) for exchange in found["exchanges"])
    counts = (_count(len(found["exchanges"]), "exchange"), _count(attestations, "attestation"), _count(files, "file"))
    return f"{arguments.out / INDEX}: {', '.join(counts)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _url(text: str | None) -> str | None:
    if text is None:
        return None
    if not _URL.fullmatch(text) or "@" in text.split("/")[2]:
        raise InputError.at("--url", "is no address of a site; expected such as https://reserves.example/")
    return text if text.endswith("/") else f"{text}/"

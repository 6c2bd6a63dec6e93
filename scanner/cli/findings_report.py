"""`scanner report`: an attestation verified, and in the same process the report of factual findings written from it.

A report is put in place whole, after the evidence was read to its end a second time and was found to be the same; what
does not hold is never reported on.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import several_moments as several
from scanner.cli.command import read_attestation
from scanner.cli.files import read_whole, written
from scanner.cli.points_folder import MOST_BYTES, opened_in
from scanner.cli.verbs.verify import judge
from scanner.errors import InputError, Mistake
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.envelope import Key
    from scanner.attesting.verify import Verified
    from scanner.report.findings.document import ExceptionCounts
    from scanner.report.findings.over_time import OverTime

_ROWS_LISTED: Final = 100_000  # refused rows of all files that are exceptions one by one: some 40 MB
_ATTESTATION: Final = "attestation.dsse.json"


def write(arguments: Namespace) -> Iterator[str]:
    """The report in its file; then what it has, in lines.

    Raises AttestationInvalid for what does not hold, and InputError for files that cannot be read or written.
    """
    import scanner
    from scanner.attesting.rows_again import holdings_again
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.report.findings.examined import Examined
    from scanner.report.findings.forms import write_report
    from scanner.sources.addresses import read_claim
    from scanner.sources.engagement import Engagement, load_engagement
    from scanner.sources.yaml_document import read_bytes

    _check(arguments)
    document = read_attestation(arguments.attestation)
    if several.is_one(document):
        raise InputError.at(str(arguments.attestation), "is of several moments; a report is on an attestation of one")
    revision = scanner.stated_revision(document)
    read = read_claim(arguments.claim, read_bytes(arguments.claim), listed=_ROWS_LISTED, revision=revision)
    keys = [scanner.load_public_key(path) for path in arguments.key]
    engagement = load_engagement(arguments.engagement) if arguments.engagement else Engagement()
    folder = arguments.attestation.parent
    with (
        open_regular(arguments.evidence or folder / EVIDENCE) as evidence,
        open_if_there(arguments.witness or folder / WITNESS) as witness,
    ):
        verified = scanner.verify(document, read.claim, keys, evidence, witness=witness, judge=judge)
        over_time, digests = _beside(arguments, verified, keys)
        digests = {_ATTESTATION: _digest(document), **digests}
        examined = Examined(read, verified, engagement, over_time, digests)
        rows = holdings_again(evidence, verified.run, verified.finding.claim)
        with written(arguments.out) as file:
            heard = write_report(arguments.format, file, examined, rows)
    return _lines(arguments.out, heard)


def _check(arguments: Namespace) -> None:
    """Raises InputError for options that go with others, where those are missing."""
    mistakes = []
    if arguments.cadence is not None and arguments.history is None:
        mistakes.append(Mistake("--cadence", "is of a history; give --history too"))
    if bool(arguments.with_claim) != (arguments.together is not None):
        missing = "--together" if arguments.with_claim else "--with-claim"
        given = "--with-claim" if arguments.with_claim else "--together"
        mistakes.append(Mistake(given, f"is of several claims together; give {missing} too"))
    if mistakes:
        raise InputError(mistakes)


def _beside(arguments: Namespace, verified: Verified, keys: Sequence[Key]) -> tuple[OverTime, dict[str, str]]:
    """What was given beside the attestation, each of which holds; and the digests of its files."""
    from scanner.report.findings.over_time import OverTime

    digests: dict[str, str] = {}
    series = flows = together = None
    if arguments.series is not None:
        document = _document(arguments.series)
        series, digests[arguments.series.name] = _series(arguments, document, keys), _digest(document)
    if arguments.flows is not None:
        document = _document(arguments.flows)
        flows, digests[arguments.flows.name] = _flows(arguments, document, keys), _digest(document)
    if arguments.together is not None:
        document = _document(arguments.together)
        together = _together(arguments, document, keys)
        digests[arguments.together.name] = _digest(document)
    history = None if arguments.history is None else _history(arguments, verified)
    return OverTime(history, series, flows, together), digests


def _document(path: Path) -> bytes:
    return read_whole(path, MOST_BYTES, "; no statement is")


def _series(arguments: Namespace, document: bytes, keys: Sequence[Key]) -> Mapping[str, Any]:
    from scanner.attesting.series.verify import verify_series

    path: Path = arguments.series
    if not several.is_series(document):
        raise InputError.at(str(path), "is no series; name the series.dsse.json that scanner series wrote")
    (claim,) = several.claims_of(document, path.parent, [arguments.claim])
    return verify_series(document, claim, keys, opened_in(path.parent), judge=judge).predicate


def _flows(arguments: Namespace, document: bytes, keys: Sequence[Key]) -> Mapping[str, Any]:
    from scanner.attesting.flows.transfers_csv import TRANSFERS
    from scanner.attesting.flows.verify import verify_flows

    path: Path = arguments.flows
    if not several.is_flows(document):
        raise InputError.at(str(path), "are no flows; name the flows.dsse.json that scanner flows wrote")
    (claim,) = several.claims_of(document, path.parent, [arguments.claim])
    with open_regular(path.parent / TRANSFERS) as transfers:
        return verify_flows(document, claim, keys, opened_in(path.parent), transfers, judge=judge).predicate


def _together(arguments: Namespace, document: bytes, keys: Sequence[Key]) -> Mapping[str, Any]:
    from scanner.attesting.together.verify import verify_together
    from scanner.cli.together import together

    path: Path = arguments.together
    if not several.is_together(document):
        raise InputError.at(str(path), "is no statement of several claims together; scanner scan --together writes one")
    claims = together(several.claims_of(document, path.parent, [arguments.claim, *arguments.with_claim]))
    return verify_together(document, claims, keys, opened_in(path.parent)).predicate


def _history(arguments: Namespace, verified: Verified) -> Mapping[str, Any]:
    """What the history has of the exchange. Lateness is judged at the moment of the scan, so that no clock is asked."""
    from scanner.history.cadence import Cadence
    from scanner.history.log import open_history
    from scanner.history.summary import Expected, summary

    exchange, expected = verified.finding.claim.exchange, None
    if arguments.cadence is not None:
        grace = timedelta(days=arguments.grace)
        expected = Expected(Cadence(arguments.cadence), verified.run.scanned_at, grace)
    with open_history(arguments.history) as history, history.at_one_moment():
        found = summary(history, exchange=exchange, expected=expected)["exchanges"]
        if not found:
            raise InputError.at("--history", f"{history.name} has nothing of {exchange!r}")
    one: Mapping[str, Any] = found[0]
    return one


def _digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _lines(path: Path, heard: ExceptionCounts) -> Iterator[str]:
    yield f"{path}: {path.stat().st_size:,} bytes, {heard.classes.total():,} exceptions"
    for of, count in sorted(heard.classes.items()):
        yield f"  {of}: {count:,}"

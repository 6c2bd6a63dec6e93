"""`scanner show`: an attestation or another statement opened without being checked, and the page that is made of one.

What a page is to carry beside the attestation is checked before it is put in: a key must have signed, and the evidence
must be the file that the statement names. The rest is checked by the page, where it is read.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.attesting.envelope import Envelope, read_envelope
from scanner.attesting.signers import PublicKey, load_public_key
from scanner.attesting.statement import read_statement
from scanner.cli import dating, terminal
from scanner.cli.files import read_whole, written
from scanner.errors import AttestationInvalid, InputError, Mistake

if TYPE_CHECKING:
    from scanner.attesting.dated import Dated
    from scanner.report.page.links import Links
    from scanner.report.values import Values

_MOST_ANCHOR: Final = 4 * 1024 * 1024  # bytes that a page may carry: a year of Ethereum takes half
_MOST_EVIDENCE: Final = 16 * 1024 * 1024  # bytes that a page may carry; a longer file goes beside it

_IN_A_PAGE: Final = "key evidence anchor claim files-url key-url tsa-roots stamp history auditor"
"""Options that go with a page alone."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file as it stands: nothing of it was checked but its form."""

    document: bytes
    predicate: Mapping[str, Any]
    envelope: Envelope | None  # None for a statement without signatures


def opened(path: Path, document: bytes) -> OpenedFile:
    """The attestation or the statement in a file's bytes. Raises AttestationInvalid where there is none."""
    try:
        envelope = None if document.startswith(b'{"_type"') else read_envelope(document)
        payload = document if envelope is None else envelope.payload
        return OpenedFile(document, read_statement(payload).predicate, envelope)
    except ValueError as error:
        raise AttestationInvalid(1, f"{path}: {error}") from None


def asks_for_a_page(arguments: Namespace) -> bool:
    """Whether a page is wanted. Raises InputError for options that go with a page, or that do not, where they stand."""
    if arguments.html is None:
        for name in _IN_A_PAGE.split():
            if getattr(arguments, name.replace("-", "_")):
                raise InputError.at(f"--{name}", "is put into a page; give --html FILE too")
        if arguments.json and arguments.prices:
            raise InputError.at("--json", "prints the predicate, in which no prices stand; leave out --prices")
        return False
    if arguments.json:
        raise InputError.at("--json", "prints the predicate, and --html writes a page; give one of them")
    if arguments.auditor and arguments.history is None:
        raise InputError.at("--auditor", "counts for a score, which needs the exchange's reports; give --history too")
    return True


def write_page(arguments: Namespace, shown: OpenedFile) -> Iterator[str]:
    """The page in its file, whole or not at all; then what it carries, in lines.

    Raises AttestationInvalid for a key that has not signed and for other evidence than the statement's, StampInvalid
    for a stamp that does not hold, InputError for files that cannot be read or written.
    """
    from scanner.cli.attestation_score import attestation_score
    from scanner.report.page.document import render

    keys = [_signing(path, shown.envelope) for path in arguments.key]
    stamps = [each.shown for each in dating.held(arguments, shown.document, "no page was written")]
    evidence = arguments.evidence and _named(arguments.evidence, shown.predicate["run"]["evidence"])
    keyids: Sequence[str] = () if shown.envelope is None else shown.envelope.keyids
    page = render(
        shown.predicate,
        shown.document,
        keyids=keyids,
        keys=[key.spki for key in keys],
        evidence=evidence or None,
        anchor=_anchor(arguments.anchor, shown.predicate) if arguments.anchor else None,
        values=values_of(arguments, shown),
        stamps=stamps,
        score=attestation_score(arguments, shown.document),
        links=_links(arguments, shown.predicate),
    )
    with written(arguments.html) as file:
        file.write(page)
    carried = (arguments.attestation, arguments.evidence, arguments.anchor)
    yield from _written(arguments, page, carried, stamps, keys)


def write_moments_page(arguments: Namespace, document: bytes, predicate: Mapping[str, Any]) -> Iterator[str]:
    """The same of a series, or of claims together. Raises what `write_page` does, and InputError for what goes with a
    page of an attestation alone."""
    from scanner.report.page.links import Links, beside
    from scanner.report.page.moments.document import render

    refuse_options_of_one_moment(arguments)
    envelope = None if document.startswith(b'{"_type"') else read_envelope(document)
    keys = [_signing(path, envelope) for path in arguments.key]
    stamps = [each.shown for each in dating.held(arguments, document, "no page was written")]
    _check_urls(arguments)
    names = {"the statement": arguments.attestation.name}
    links = Links(
        key_url=arguments.key_url or "", files=beside(arguments.files_url, names) if arguments.files_url else {}
    )
    page = render(
        predicate,
        document,
        keyids=() if envelope is None else envelope.keyids,
        keys=[key.spki for key in keys],
        stamps=stamps,
        links=links,
    )
    with written(arguments.html) as file:
        file.write(page)
    yield from _written(arguments, page, (arguments.attestation,), stamps, keys)


def refuse_options_of_one_moment(arguments: Namespace) -> None:
    """Raises InputError for options that only an attestation's page or table has."""
    options = ("evidence", "anchor", "claim", "prices", "history", "auditor")
    given = [name for name in options if getattr(arguments, name)]
    if given:
        what = "is of an attestation, and this is a statement of several moments"
        raise InputError([Mistake(f"--{name}", what) for name in given])


def _written(
    arguments: Namespace,
    page: bytes,
    carried: Sequence[Path | None],
    stamps: Sequence[Dated],
    keys: Sequence[PublicKey],
) -> Iterator[str]:
    """What was written, in lines."""
    yield f"{arguments.html}: {len(page):,} bytes; open it in a browser, no network is needed"
    yield f"carries    {', '.join(str(each) for each in carried if each)}"
    for stamp in stamps:
        yield f"dated      {dating.existed(stamp)}"
    for key in keys:
        yield f"signed by  {key.keyid}"
    if not keys:
        yield "no key is built in: its reader has to paste one to check the signature"


def values_of(arguments: Namespace, shown: OpenedFile) -> Values | None:
    """What is held and owed at the prices that are named; None where none are. Raises InputError."""
    from scanner.report.values import values
    from scanner.sources.prices import load_prices

    return values(shown.predicate["finding"], load_prices(arguments.prices)) if arguments.prices else None


def table_of(values: Values) -> str:
    """The same for the terminal."""
    from scanner.report.values_table import render_values

    return render_values(values, width=terminal.width(), colour=terminal.colours())


def _links(arguments: Namespace, predicate: Mapping[str, Any]) -> Links:
    """Where the page leads. Raises InputError for what is no URL, AttestationInvalid for another claim than the signed
    one."""
    from scanner.attesting.attestation import ATTESTATION
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.report.page.links import Links, beside

    _check_urls(arguments)
    names = {"the attestation": ATTESTATION, "the evidence": EVIDENCE}
    if predicate["run"]["witness"]:
        names["the witness"] = WITNESS
    title = url = ""
    if arguments.claim:
        title, url = _report(arguments.claim, predicate["finding"]["claim"])
        names["the claim"] = arguments.claim.name
    return Links(url, title, arguments.key_url or "", beside(arguments.files_url, names) if arguments.files_url else {})


def _check_urls(arguments: Namespace) -> None:
    """Raises InputError for what is no URL."""
    from scanner.report.page.links import is_url

    mistakes = [
        Mistake(f"--{name}", f"expected a URL that starts with https://, not {text[:200]!a}")
        for name, text in (("files-url", arguments.files_url), ("key-url", arguments.key_url))
        if text and not is_url(text)
    ]
    if mistakes:
        raise InputError(mistakes)


def _report(claim: Path, digest: str) -> tuple[str, str]:
    """Title and URL of the report that the claim names; empty where it names none."""
    from scanner.sources.addresses import read_report
    from scanner.sources.yaml_document import read_bytes

    data = read_bytes(claim)
    found = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if found != digest:
        raise AttestationInvalid(4, f"{claim}: the claim is {found}, and the statement names {digest}")
    report = read_report(claim, data)
    return report.title, report.url


def _anchor(path: Path, predicate: Mapping[str, Any]) -> bytes:
    """An anchor's bytes. Raises InputError for a file that is none, or that leads to no block of the attestation."""
    from scanner.cli import anchoring

    data = read_whole(path, _MOST_ANCHOR, ", too long to be part of a page")
    anchor = anchoring.read(path, needed=True)
    blocks = {block["hash"] for block in predicate["finding"]["snapshots"]}
    if not any(block.hash in blocks for found in anchor.paths.values() for block in found):
        raise InputError.at(str(path), "leads to no block of this attestation")
    return data


def _signing(path: Path, envelope: Envelope | None) -> PublicKey:
    key = load_public_key(path)
    if envelope is None or not envelope.is_signed_by(key):
        raise AttestationInvalid(2, f"{path}: the key {key.keyid} has not signed this attestation")
    return key


def _named(path: Path, digest: str) -> bytes:
    data = read_whole(path, _MOST_EVIDENCE, ", too long to be part of a page; readers can drop it there")
    found = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if found != digest:
        raise AttestationInvalid(5, f"{path}: the evidence is {found}, and the statement names {digest}")
    return data

"""Pages for browsers: of attestations that are true in every point, and of such that somebody spoiled."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.attesting.envelope import read_envelope
from scanner.attesting.signers import Ed25519Signer
from scanner.attesting.statement import read_statement
from scanner.report.page.document import render
from scanner.report.page.links import NONE, Links
from scanner.report.values import values
from scanner.sources.prices import Prices
from tests.support.attestations.attested import EXCHANGE, Attested
from tests.support.documented import EXAMPLE

__all__ = ["EXAMPLE", "page_of"]


def page_of(
    attested: Attested = EXAMPLE,
    *,
    keys: Sequence[Ed25519Signer] = (EXCHANGE,),
    evidence: bool = False,
    anchor: bytes | None = None,
    prices: Prices | None = None,
    links: Links = NONE,
) -> bytes:
    """The page as `scanner show --html` makes it, whether or not what it is made of holds."""
    envelope = read_envelope(attested.envelope)
    predicate = read_statement(envelope.payload).predicate
    return render(
        predicate,
        attested.envelope,
        keyids=envelope.keyids,
        keys=[key.public.spki for key in keys],
        evidence=attested.evidence if evidence else None,
        anchor=anchor,
        values=None if prices is None else values(predicate["finding"], prices),
        links=links,
    )

"""Pages of the golden series and of the golden claims together, as `scanner show --html` makes them."""

from __future__ import annotations

import json
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.envelope import read_envelope, signed_document
from scanner.report.page.moments.document import render
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_series import SERIES, TOGETHER
from tests.support.places import VECTORS

ALL: Final = [*(("series", name) for name in SERIES), *(("together", name) for name in TOGETHER)]


def envelope_of(of: str, name: str) -> bytes:
    """The signed statement."""
    return (VECTORS / of / "v1" / name / f"{of}.dsse.json").read_bytes()


def statement_of(of: str, name: str) -> dict[str, Any]:
    """What is signed."""
    statement: dict[str, Any] = json.loads(read_envelope(envelope_of(of, name)).payload)
    return statement


def page_of(of: str, name: str, **more: Any) -> bytes:
    """The page of a golden statement, its key built in."""
    return rendered(envelope_of(of, name), **more)


def page_of_statement(statement: dict[str, Any]) -> bytes:
    """The page of another statement, signed anew: of one that does not hold, for instance."""
    return rendered(signed_document(canonical.encode(statement), [AUDITOR]))


def rendered(document: bytes, **more: Any) -> bytes:
    """The page that carries an envelope."""
    envelope = read_envelope(document)
    predicate = json.loads(envelope.payload)["predicate"]
    more = {"keys": [AUDITOR.public.spki]} | more
    return render(predicate, document, keyids=envelope.keyids, **more)

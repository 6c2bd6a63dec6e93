"""Pages over predicates that a test changes."""

from __future__ import annotations

from typing import Any

from scanner.report.page import document
from tests.support.attestations.attested import AUDITOR, EXCHANGE
from tests.support.documented import EXAMPLE

PREDICATE = EXAMPLE.statement["predicate"]
KEYIDS = sorted(signer.keyid for signer in (EXCHANGE, AUDITOR))


def render(predicate: dict[str, Any] = PREDICATE, **more: Any) -> str:
    return document.render(predicate, EXAMPLE.envelope, keyids=KEYIDS, **more).decode()

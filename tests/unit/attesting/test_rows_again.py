"""Evidence read once more: the same rows, and none of a file that was changed meanwhile."""

from __future__ import annotations

from io import BytesIO

import pytest

from scanner.attesting.evidence_gzip import compress
from scanner.attesting.rows_again import holdings_again, rows_again
from scanner.errors import AttestationInvalid
from tests.support.attestations.attested import attest, held


def test_the_rows_are_those_of_the_evidence_beside_their_holdings() -> None:
    attested = attest(held())
    shown = attested.verify()
    found = list(holdings_again(BytesIO(attested.evidence), shown.run, shown.finding.claim))
    assert [row for each in found for row in each.part] == attested.rows
    assert [holding for each in found for holding in each.held] == list(attested.claim.holdings)


def test_a_file_that_was_changed_meanwhile_is_refused() -> None:
    attested = attest(held())
    shown = attested.verify()
    lines = attested.lines
    assert b",43" in lines[2] or b",60" in lines[2]
    other = b"".join(compress([*lines[:2], lines[2].replace(b"1", b"2", 1), *lines[3:]]))
    for changed in (other, attested.evidence + b"\n", attested.evidence[:-9]):
        with pytest.raises((AttestationInvalid, ValueError)):
            list(rows_again(BytesIO(changed), shown.run, shown.finding.claim))
        with pytest.raises(AttestationInvalid):
            list(holdings_again(BytesIO(changed), shown.run, shown.finding.claim))

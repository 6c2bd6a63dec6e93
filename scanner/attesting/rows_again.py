"""The evidence of what was found to hold, read once more, for those who look at each row of it: nothing is taken from a
file that was changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from scanner.attesting.each_holding import each_holding_once
from scanner.attesting.evidence_columns import decode_parts
from scanner.attesting.evidence_csv import MAX_LINE_BYTES
from scanner.attesting.evidence_gzip import texts
from scanner.attesting.named import named
from scanner.attesting.run import Run
from scanner.attesting.verify import step
from scanner.core.evidence_part import EvidencePart
from scanner.weighing.claim import Claim
from scanner.weighing.matched import Matched

_STEP: Final = 6  # of a verification: that the evidence has a row for each holding, once


def rows_again(evidence: BinaryIO, run: Run, claim: Claim) -> Iterator[EvidencePart]:
    """The rows of evidence that the run names by its digest. Raises ValueError, and AttestationInvalid, at the end at
    the latest, where the file was changed meanwhile: what was read of it then counts for nothing."""
    longest = (len(claim.holdings) + 2) * MAX_LINE_BYTES
    return decode_parts(texts(named("evidence", evidence, run.evidence, longest)), claim.holdings.accounts_at)


def holdings_again(evidence: BinaryIO, run: Run, claim: Claim) -> Iterator[Matched]:
    """The same rows, each beside its holding. Raises AttestationInvalid, where `rows_again` raises ValueError too."""
    with step(_STEP):
        yield from each_holding_once(rows_again(evidence, run, claim), claim.holdings)

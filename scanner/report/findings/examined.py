"""Everything that a report of factual findings is made from, but for the rows of the evidence, which go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.attesting.verify import Verified
from scanner.report.findings.over_time import OverTime
from scanner.sources.addresses import ReadClaim
from scanner.sources.engagement import Engagement


@dataclass(frozen=True, slots=True)
class Examined:
    """An attestation that was found to hold just now, and what was given beside it."""

    read: ReadClaim  # the claim's file, with what became of the files it names
    verified: Verified
    engagement: Engagement
    over_time: OverTime
    digests: Mapping[str, str]  # of files that were read: what they are called, and their SHA-256 in hex

    @property
    def finding(self) -> Mapping[str, Any]:
        """The finding, as JSON values in the newest keys."""
        finding: Mapping[str, Any] = self.verified.predicate["finding"]
        return finding

    @property
    def run(self) -> Mapping[str, Any]:
        """How the signers say they came to it."""
        run: Mapping[str, Any] = self.verified.predicate["run"]
        return run

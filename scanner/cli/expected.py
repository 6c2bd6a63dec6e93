"""How `scanner check` says what a scan would end with: by the finding that is expected of it, and that finding's code.

Not in here: what a finding follows from (`scanning.expected_finding`), and what codes mean (`finding_code`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scanner.chains.backends import unread_because
from scanner.cli.finding_code import COVERED, LASTING, SHORT, finding_code
from scanner.cli.moment_points import passed
from scanner.core.evidence import Gap
from scanner.core.ids import Chain
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.scanning.expected_finding import expected_finding
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding, Verdict
from scanner.weighing.instrument import Instrument
from scanner.weighing.lasting import is_lasting
from scanner.weighing.policy import Policy

_SHOWN: Final = 5  # units of one verdict


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a scan would end with."""

    code: int
    finding: Finding

    @property
    def sentence(self) -> str:
        """The sentence for people, which does not claim to know amounts."""
        because = "; ".join(
            f"{verdict}: {_several([reserve.unit for reserve in self.finding.reserves if reserve.verdict is verdict])}"
            for verdict in (Verdict.SHORT, Verdict.UNKNOWN)
            if any(reserve.verdict is verdict for reserve in self.finding.reserves)
        )
        if self.code == COVERED:
            return "A scan can end with 0, if the accounts hold what is owed."
        if self.code == SHORT:
            return f"A scan would end with {SHORT}, if the accounts hold what the claim says ({because})."
        again = "whenever it is repeated" if self.code == LASTING else "as things are"
        return f"A scan would end with {self.code} {again} ({because})."

    def as_json(self) -> dict[str, Any]:
        """The same for machines: the code, and the verdict on each unit."""
        return {"exitCode": self.code, "verdicts": {each.unit: str(each.verdict) for each in self.finding.reserves}}


def outlook(
    claim: Claim,
    instrument: Instrument | None,
    lacking: Mapping[Chain, str],
    examined: Sequence[Examination],
    now: datetime,
) -> Outlook:
    """`lacking`: chains with too few operators, by what is lacking; `examined`: nothing where no node was asked."""
    policy = Policy() if instrument is None else instrument.policy
    unread: dict[Chain, Gap] = {}
    past = passed(claim, policy, now)
    for chain in claim.chains:
        if chain in past:
            unread[chain] = past[chain]
        elif not examined and (because := unread_because(chain)) is not None:
            unread[chain] = Gap(Why.UNSUPPORTED, because)
        elif not examined and chain in lacking:
            configured = instrument is not None and instrument.for_chain(chain)
            unread[chain] = Gap(Why.NO_QUORUM if configured else Why.UNSUPPORTED, lacking[chain])
    finding = expected_finding(claim, instrument, examined, unread)
    return Outlook(finding_code(_as_written(finding)), finding)


def _as_written(finding: Finding) -> dict[str, Any]:
    """What a finding's code follows from, as the predicate has it."""
    return {
        "reserves": [
            {"unit": each.unit, "verdict": str(each.verdict), "lasting": is_lasting(each)} for each in finding.reserves
        ],
        "policy": {"accept": sorted(finding.policy.accept)},
    }


def _several(units: Sequence[str]) -> str:
    more = f" and {len(units) - _SHOWN} more" if len(units) > _SHOWN else ""
    return ", ".join(units[:_SHOWN]) + more

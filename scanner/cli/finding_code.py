"""The exit code that a finding comes to, by which a job decides what to do next.

An UNKNOWN that another run may change is distinguished from one that lasts, so that nothing is retried for nothing, and
units whose UNKNOWN the auditor has accepted fail no run. Not here: the codes of errors (`scanner.errors`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.report.accepted import passed_over

COVERED: Final = 0
SHORT: Final = 1
INCOMPLETE: Final = 3
LASTING: Final = 5


def finding_code(finding: Mapping[str, Any]) -> int:
    """The code of a finding, as the predicate has it. SHORT goes before all else."""
    over = passed_over(finding)
    reserves = [reserve for reserve in finding["reserves"] if reserve["unit"] not in over]
    verdicts = {reserve["verdict"] for reserve in reserves}
    if verdicts == {"COVERED"}:
        return COVERED
    if "SHORT" in verdicts:
        return SHORT
    return LASTING if all(each["lasting"] for each in reserves if each["verdict"] == "UNKNOWN") else INCOMPLETE

"""Which units' UNKNOWN fails nothing, since the auditor's policy accepts it.

Nothing else about them changes: they stay UNKNOWN wherever they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def passed_over(finding: Mapping[str, Any]) -> frozenset[str]:
    """The accepted units that are UNKNOWN. None where no unit is COVERED: what is accepted is no success by itself."""
    reserves, accepted = finding["reserves"], finding["policy"]["accept"]
    if all(reserve["verdict"] != "COVERED" for reserve in reserves):
        return frozenset()
    return frozenset(each["unit"] for each in reserves if each["verdict"] == "UNKNOWN" and each["unit"] in accepted)

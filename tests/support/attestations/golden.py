"""All golden attestations, by the version of the format, and by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support.attestations.golden_between import BETWEEN_REPORTS
from tests.support.attestations.golden_cases import (
    CONTROL,
    CUSTODY,
    DISSENT,
    FILES,
    GAPS,
    LIABILITIES,
    LOWER_BOUNDS,
    MOMENTS_APART,
    NOTHING_OWED,
    PLAIN,
    PROVEN,
    SAMPLED,
    SEVERAL_CHAINS,
    Golden,
)
from tests.support.attestations.golden_executed import EXECUTED
from tests.support.attestations.golden_moved import MOVED
from tests.support.attestations.golden_owed import OWED
from tests.support.attestations.golden_two_passes import TWO_PASSES
from tests.support.attestations.golden_validators import validators
from tests.support.attestations.golden_words import CONTRADICTED, REASONS, TOTALS

GOLDEN: Final[dict[str, dict[str, Callable[[], Golden]]]] = {
    "v1": {
        "plain": lambda: PLAIN,
        "proven": lambda: PROVEN,
        "executed": lambda: EXECUTED,
        "gaps": lambda: GAPS,
        "dissent": lambda: DISSENT,
        "control": lambda: CONTROL,
        "moved": lambda: MOVED,
        "files": lambda: FILES,
        "custody": lambda: CUSTODY,
        "several-chains": lambda: SEVERAL_CHAINS,
        "moments-apart": lambda: MOMENTS_APART,
        "nothing-owed": lambda: NOTHING_OWED,
        "lower-bounds": lambda: LOWER_BOUNDS,
        "sampled": lambda: SAMPLED,
        "liabilities": lambda: LIABILITIES,
        "between-reports": lambda: BETWEEN_REPORTS,
        "contradicted": lambda: CONTRADICTED,
        "reasons": lambda: REASONS,
        "totals": lambda: TOTALS,
        "two-passes": lambda: TWO_PASSES,
        "owed": lambda: OWED,
        "validators": validators,
    }
}
"""Each is made where it is asked for: some take a second."""

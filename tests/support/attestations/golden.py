"""All golden attestations, by the version of the format, and by name."""

from __future__ import annotations

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
from tests.support.attestations.golden_words import CONTRADICTED, REASONS, TOTALS

GOLDEN: Final[dict[str, dict[str, Golden]]] = {
    "v1": {
        "plain": PLAIN,
        "proven": PROVEN,
        "executed": EXECUTED,
        "gaps": GAPS,
        "dissent": DISSENT,
        "control": CONTROL,
        "moved": MOVED,
        "files": FILES,
        "custody": CUSTODY,
        "several-chains": SEVERAL_CHAINS,
        "moments-apart": MOMENTS_APART,
        "nothing-owed": NOTHING_OWED,
        "lower-bounds": LOWER_BOUNDS,
        "sampled": SAMPLED,
        "liabilities": LIABILITIES,
        "between-reports": BETWEEN_REPORTS,
        "contradicted": CONTRADICTED,
        "reasons": REASONS,
        "totals": TOTALS,
        "two-passes": TWO_PASSES,
        "owed": OWED,
    }
}

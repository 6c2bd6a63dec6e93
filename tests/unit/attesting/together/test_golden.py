"""The golden claims together hold, from what lies in their folders, in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.weighing.finding import Verdict
from tests.support.golden_series import TOGETHER, TOGETHER_FOLDER, verified_together

FOLDERS = sorted(path for version in TOGETHER_FOLDER.iterdir() for path in version.iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_golden_claims_together_hold(folder: Path) -> None:
    joint = verified_together(folder).joint
    assert joint.verdicts == {"ETH": Verdict.SHORT}
    own = [units["ETH"].verdict for point in joint.points for units in point.alone.values() if units["ETH"].verdict]
    assert own == [Verdict.COVERED] * 2


def test_all_that_can_be_written_lie_there() -> None:
    assert {f"v1/{name}" for name in TOGETHER} <= {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}

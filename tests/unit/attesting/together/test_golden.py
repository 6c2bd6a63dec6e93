"""The golden claims together hold, from what lies in their folders, in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.attesting.signers import load_public_key
from scanner.attesting.together.statement import TOGETHER as NAME
from scanner.attesting.together.verify import VerifiedJoint, verify_together
from scanner.cli.points_folder import opened_in
from scanner.sources.addresses import load_claim
from scanner.weighing.finding import Verdict
from scanner.weighing.together import Claims
from tests.support.golden_series import KEY, TOGETHER, TOGETHER_FOLDER

FOLDERS = sorted(path for version in TOGETHER_FOLDER.iterdir() for path in version.iterdir())


def verified(folder: Path) -> VerifiedJoint:
    claims = Claims(tuple(map(load_claim, sorted(folder.glob("claim-*.yaml")))))
    return verify_together((folder / NAME).read_bytes(), claims, [load_public_key(folder / KEY)], opened_in(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_golden_claims_together_hold(folder: Path) -> None:
    joint = verified(folder).joint
    assert joint.verdicts == {"ETH": Verdict.SHORT}
    own = [units["ETH"].verdict for point in joint.points for units in point.alone.values() if units["ETH"].verdict]
    assert own == [Verdict.COVERED] * 2


def test_all_that_can_be_written_lie_there() -> None:
    assert {f"v1/{name}" for name in TOGETHER} <= {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}

"""The golden series hold, from what lies in their folders, in every run."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from scanner.weighing.series import Lacking, Transience
from tests.support.golden_series import COIN, SERIES, SERIES_FOLDER, verified_series

FOLDERS = sorted(path for version in SERIES_FOLDER.iterdir() for path in version.iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_golden_series_holds(folder: Path) -> None:
    assert verified_series(folder).series.points


def test_all_that_can_be_written_lie_there() -> None:
    assert {f"v1/{name}" for name in SERIES} <= {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}


def test_they_show_what_they_are_named_for() -> None:
    lent, grown, missing = (
        verified_series(SERIES_FOLDER / "v1" / name).series for name in ("lent", "grown", "missing")
    )
    found = {each.window.days: each for each in lent.sustained}
    assert found[3].transient == 10
    assert found[3].sustained == Fraction(93 * COIN + 1, COIN)
    assert {each.shows for each in grown.sustained} == {Transience.NONE_FOUND}
    assert [later.after.days for later in grown.later] == [1, 7]
    lacking = {each.window.days: each.lacking for each in missing.sustained}
    assert lacking[3] == (Lacking.GAPS, Lacking.NOT_DRAWN)
    assert {unit.gaps for point in missing.points for unit in point.units.values()} == {0, 1}

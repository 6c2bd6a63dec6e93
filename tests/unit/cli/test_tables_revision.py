"""A reader is told where what was verified follows from an earlier revision of the tables than the release has."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.chains import facts_revision
from scanner.chains.facts_revision import REVISION
from scanner.cli import commands
from tests.support.attestations import small as small_attestation
from tests.support.golden_series import KEY, SERIES_FOLDER

LENT = SERIES_FOLDER / "v1" / "lent"


@pytest.mark.parametrize("several", [False, True])
def test_an_earlier_revision_of_the_tables_is_told_and_the_newest_is_not(
    several: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if several:
        argv = [str(LENT / "series.dsse.json"), "--claim", str(LENT / "claim.yaml"), "--key", str(LENT / KEY)]
    else:
        folder = small_attestation.write(tmp_path)
        argv = [str(folder.attestation), "--claim", str(folder.claim), "--key", str(folder.key)]
    assert commands.main(["verify", "--brief", *argv]) == 0
    assert "of the tables" not in capsys.readouterr().out
    monkeypatch.setattr(facts_revision, "REVISION", REVISION + 1)
    assert commands.main(["verify", "--brief", *argv]) == 0
    told = f"tables     made by revision {REVISION} of the tables, and this release has {REVISION + 1}: what was added"
    assert told in capsys.readouterr().out

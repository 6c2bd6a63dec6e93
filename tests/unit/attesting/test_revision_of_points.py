"""Claims of several moments are read by the revision of the tables that the points name, whatever the newest one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.attestation import UNSIGNED
from scanner.attesting.envelope import read_envelope, signed_document
from scanner.attesting.points import PointFiles
from scanner.attesting.revision_of_points import revision_of_points
from scanner.attesting.series.statement import SERIES as SERIES_NAME
from scanner.attesting.series.verify import verify_series
from scanner.attesting.signers import load_public_key
from scanner.chains import facts_revision
from scanner.chains.facts_revision import REVISION
from scanner.cli.points_folder import opened_in
from scanner.errors import AttestationInvalid
from scanner.sources.addresses import load_claim
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_flows import FLOWS, flows_files
from tests.support.golden_series import KEY, SERIES, SERIES_FOLDER, TOGETHER, series_files, together_files
from tests.support.tables import each_of

LATER = REVISION + 1
LENT = SERIES_FOLDER / "v1" / "lent"
TOLD = f"made by revision {LATER} of the tables, and the claim was read by revision {REVISION}"

MADE: dict[str, Callable[[], Mapping[str, bytes]]] = {
    "series": lambda: series_files(SERIES["lent"], LATER),
    "flows": lambda: flows_files(FLOWS["lent"], LATER),
    "together": lambda: together_files(*TOGETHER["lending"], LATER),
}


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one more revision than claims are read by where none is named."""
    monkeypatch.setattr(facts_revision, "REVISION", LATER)


def written(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@each_of("of", MADE)
def test_what_was_made_by_another_revision_is_verified_by_the_command(
    of: str, tmp_path: Path, command: Callable[..., tuple[int, str, str]]
) -> None:
    folder = tmp_path / of
    written(folder, MADE[of]())
    document = folder / f"{of}.dsse.json"
    assert revision_of_points(document.read_bytes(), opened_in(folder)) == LATER
    claims = [argument for path in sorted(folder.glob("claim*.yaml")) for argument in ("--claim", str(path))]
    code, _, error = command("verify", str(document), *claims, "--key", str(folder / KEY), "--brief")
    assert (code, error) == (0, "")


def test_a_claim_that_was_read_by_another_revision_is_refused(tmp_path: Path) -> None:
    written(tmp_path, MADE["series"]())
    claim, key = load_claim(tmp_path / "claim.yaml", revision=REVISION), load_public_key(tmp_path / KEY)
    with pytest.raises(AttestationInvalid, match=TOLD) as caught:
        verify_series((tmp_path / SERIES_NAME).read_bytes(), claim, [key], opened_in(tmp_path))
    assert caught.value.step == 6


def test_points_of_two_revisions_are_refused(tmp_path: Path) -> None:
    one, other = series_files(SERIES["lent"], REVISION), MADE["series"]()
    last = max(name for name in one if name.endswith(UNSIGNED))
    named, instead = (sha256(files[last]).hexdigest().encode() for files in (one, other))
    document = signed_document(read_envelope(one[SERIES_NAME]).payload.replace(named, instead), [AUDITOR])
    written(tmp_path, {**one, last: other[last]})
    claim, key = load_claim(tmp_path / "claim.yaml", revision=REVISION), load_public_key(tmp_path / KEY)
    with pytest.raises(AttestationInvalid, match=TOLD) as caught:
        verify_series(document, claim, [key], opened_in(tmp_path))
    assert caught.value.step == 6


NAMING_NONE: dict[str, Any] = {
    "nothing": {},
    "no object": ["points"],
    "no subjects": {"subject": {"name": "points/20231122T160000Z/statement.json"}},
    "no names": {"subject": [None, 1, {}, {"name": 1}, {"name": ["points"]}]},
    "a path out of its folder": {"subject": [{"name": "points/../../20231122T160000Z/statement.json"}]},
    "other digits": {"subject": [{"name": "points/\u06620231122T160000Z/statement.json"}]},
    "a point that is not there": {"subject": [{"name": "points/19700101T000000Z/statement.json"}]},
}


@each_of("name", NAMING_NONE)
def test_what_names_no_point_has_the_newest_revision(name: str) -> None:
    document = signed_document(canonical.encode(NAMING_NONE[name]), [AUDITOR])
    assert revision_of_points(document, opened_in(LENT)) == REVISION


@each_of("document", [b"", b"{}", b"\xff" * 1000])
def test_what_is_no_envelope_has_the_newest_revision(document: bytes) -> None:
    assert revision_of_points(document, opened_in(LENT)) == REVISION


def test_a_point_that_is_no_statement_has_the_newest_revision() -> None:
    document = (LENT / SERIES_NAME).read_bytes()
    with opened_in(LENT)("points/20231122T160000Z") as files:

        def nothing(_: str) -> Any:
            return nullcontext(PointFiles(b"{}", files.evidence))

        assert revision_of_points(document, nothing) == REVISION

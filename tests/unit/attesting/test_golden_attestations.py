"""The golden attestations hold, and what must be refused is: from what lies in their folders, in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.statement import EVIDENCE, finding_bytes, read_statement
from scanner.errors import AttestationInvalid
from scanner.sources.policy import load_policy
from tests.support.attestations.golden import GOLDEN
from tests.support.golden_attestations import FOLDER, files_of
from tests.support.golden_folders import FOLDERS, REFUSED, overlaid, verified
from tests.support.tables import each_of


@each_of("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_golden_attestation_holds(folder: Path) -> None:
    shown = verified(folder)
    statement = read_statement(shown.statement)
    assert f"v{statement.format.version}" == folder.parent.name
    assert finding_bytes(shown.finding, statement.format)


def test_every_golden_attestation_that_can_be_written_lies_there() -> None:
    written = {f"{version}/{name}" for version, all_of_it in GOLDEN.items() for name in all_of_it}
    assert written <= {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}


@each_of("name", GOLDEN["v1"])
def test_what_lies_there_is_what_the_command_writes(name: str) -> None:
    """But for the evidence's compression, which another build of zlib may do otherwise, and so the digest of it."""
    folder, files = FOLDER / "v1" / name, files_of(GOLDEN["v1"][name]())
    assert {path.name for path in folder.iterdir()} == files.keys()
    for file in files.keys() - {ATTESTATION, EVIDENCE}:
        assert (folder / file).read_bytes() == files[file]


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_pass_is_refused_in_the_step_that_is_named(name: str, tmp_path: Path) -> None:
    _, each = REFUSED[name]
    overlaid(name, tmp_path)
    policy = tmp_path / "policy.yaml"
    with pytest.raises(AttestationInvalid) as refused:
        verified(tmp_path, load_policy(policy) if policy.exists() else None)
    assert refused.value.step == each["step"], str(refused.value)
    assert each["name"].startswith(f"{each['step']:02}-")


def test_every_step_refuses_something() -> None:
    assert {each["step"] for _, each in REFUSED.values()} == set(range(1, 11))
    assert len({each["name"] for _, each in REFUSED.values()}) == len(REFUSED)

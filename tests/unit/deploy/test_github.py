"""The workflow in deploy/github: pinned, with least rights, and nothing of a run is lost however it ends."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.deployed import DEPLOY, taken
from tests.support.places import ROOT


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    text = (DEPLOY / "github" / "reserve-scanner.yml").read_text()
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - in which `on` is no truth value
    return found


def test_the_workflow_runs_on_a_schedule_one_at_a_time_and_may_only_read(workflow: dict[str, Any]) -> None:
    assert workflow["on"]["schedule"][0]["cron"].split()[2:] == ["*", "*", "*"]
    assert "workflow_dispatch" in workflow["on"]
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert job["environment"] == "reserves"  # which has the secrets, and says which branch may use them
    saved = [step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/save@")]
    assert [step["if"] for step in saved] == ["always()"]  # after exit code 1, 3 or 5 too
    (restored,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/restore@")]
    assert saved[0]["with"] == {each: restored["with"][each] for each in ("path", "key")}
    assert restored["with"]["key"].startswith(restored["with"]["restore-keys"])
    upload = job["steps"][-1]
    assert upload["if"] == "always()"
    assert set(upload["with"]["path"].split()) == {"attestations", "summary.json", "junit.xml"}


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        ([0], 0),
        ([1], 1),
        ([2], 2),
        ([5], 5),
        ([70], 70),
        ([3, 0], 0),
        ([3, 3, 1], 1),
        ([3, 3, 3], 3),
    ],
)
def test_the_workflows_script_retries_what_is_incomplete_and_ends_as_the_scanner_did(
    workflow: dict[str, Any], tmp_path: Path, codes: list[int], ends: int
) -> None:
    (step,) = [step for step in workflow["jobs"]["scan"]["steps"] if step.get("name") == "Scan"]
    (tmp_path / "claims").mkdir()
    for name in ("a", "b"):
        (tmp_path / "claims" / f"{name}.yaml").write_text("")
    for number, code in enumerate(codes):
        (tmp_path / f"code-{number}").write_text(str(code))
    scanner = tmp_path / "bin" / "scanner"
    scanner.parent.mkdir()
    scanner.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$*" >> calls\ncat "$RUNNER_TEMP/auditor.pem" >> keys\n'
        'exit "$(cat code-$(($(wc -l < calls) - 1)))"\n'
    )
    (tmp_path / "bin" / "sleep").write_text("#!/bin/sh\n")
    for program in scanner.parent.iterdir():
        program.chmod(0o755)
    environment = {"PATH": f"{scanner.parent}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(script, cwd=tmp_path, env=environment | {"AUDITOR_KEY": "the key"}, check=False)
    assert done.returncode == ends
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == len(codes)
    assert [str(claim) for claim in taken(shlex.split(calls[0])).claims] == ["claims/a.yaml", "claims/b.yaml"]
    assert (tmp_path / "keys").read_text() == "the key\n" * len(codes)
    assert not (tmp_path / "auditor.pem").exists()


WORKFLOWS = [DEPLOY / "github" / "reserve-scanner.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_action_is_pinned_by_its_commit_and_its_release_named(path: Path) -> None:
    uses = [line.strip() for line in path.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
    assert uses
    for line in uses:
        assert re.fullmatch(r"(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_zizmor_finds_nothing_to_mend(path: Path, tmp_path: Path) -> None:
    zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if zizmor is None:
        pytest.skip("zizmor is not here")
    command = [zizmor, "--offline", "--no-progress", "--persona=auditor"]
    done = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    spoilt = tmp_path / "spoilt.yml"
    spoilt.write_text(re.sub(r"@[0-9a-f]{40}", "@v1", path.read_text()))
    assert subprocess.run([*command, spoilt], capture_output=True, check=False).returncode != 0

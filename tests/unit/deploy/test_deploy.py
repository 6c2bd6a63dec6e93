"""The examples in deploy/ and the commands of docs/operations.md: well-formed, safe, and such as the scanner takes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from argparse import Namespace
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.cli.arguments import parser
from scanner.cli.scanning import WORST_FIRST
from scanner.report.summary import as_json
from tests.support import jobs
from tests.support.places import ROOT

DEPLOY = ROOT / "deploy"
PROGRAM = "/opt/reserve-scanner/bin/scanner"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def taken(words: list[str]) -> Namespace:
    """The arguments, as the scanner reads them; the test fails where it does not."""
    return parser().parse_args(words)


# systemd


class Unit(RawConfigParser):
    """A unit file; a key that stands several times has its values joined by line feeds."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",), interpolation=None)
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read_string((DEPLOY / "systemd" / name).read_text())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_no_fault_with_the_service_and_its_timer(tmp_path: Path) -> None:
    for name in ("reserve-scanner.service", "reserve-scanner.timer"):
        text = (DEPLOY / "systemd" / name).read_text()
        (tmp_path / name).write_text(text.replace(PROGRAM, os.path.realpath("/bin/true")))
    units = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "reserve-scanner" in line]
    assert (done.returncode, told) == (0, [])


def test_the_service_runs_a_command_that_the_scanner_takes_and_retries_what_a_retry_can_mend() -> None:
    service = Unit("reserve-scanner.service")["Service"]
    program, *words = service["ExecStart"].split()
    assert program == PROGRAM
    claims = ["/etc/a.yaml", "/etc/b.yaml"]
    arguments = taken([each for word in words for each in (claims if word == "$SCANNER_CLAIMS" else [word])])
    assert [str(claim) for claim in arguments.claims] == claims
    assert str(arguments.key[0]) == "%d/auditor.pem"  # where LoadCredential puts it
    assert service["Type"] == "oneshot"
    prevented = set(map(int, service["RestartPreventExitStatus"].split()))
    assert service["Restart"] == "on-failure"
    assert set(WORST_FIRST) | {4} == prevented | {0, 3, int(service["SuccessExitStatus"])}
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"


def test_the_example_environment_is_one_that_systemd_and_a_shell_read_alike() -> None:
    path = DEPLOY / "systemd" / "environment.example"
    shell = f'set -a; . "{path}"; set +a; printf %s "$SCANNER_CLAIMS"'
    claims = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    assert claims.split() == ["/etc/reserve-scanner/claims/okx.yaml", "/etc/reserve-scanner/claims/binance.yaml"]


# Kubernetes


@pytest.fixture(scope="module")
def kubernetes() -> dict[str, Any]:
    volume, cron = yaml.safe_load_all((DEPLOY / "kubernetes" / "cronjob.yaml").read_text())
    assert (volume["kind"], cron["kind"], cron["apiVersion"]) == ("PersistentVolumeClaim", "CronJob", "batch/v1")
    assert volume["metadata"]["name"] == "reserve-scanner"
    found: dict[str, Any] = cron["spec"]
    return found


def test_the_cron_job_never_runs_twice_at_once_and_has_an_end(kubernetes: dict[str, Any]) -> None:
    assert kubernetes["concurrencyPolicy"] == "Forbid"
    assert len(kubernetes["schedule"].split()) == 5
    assert kubernetes["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 3600
    assert kubernetes["startingDeadlineSeconds"] > 10


def test_the_pod_failure_policy_decides_by_our_exit_codes(kubernetes: dict[str, Any]) -> None:
    job = kubernetes["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["restartPolicy"] == "Never"  # without which the policy is refused
    drained, final, again = job["podFailurePolicy"]["rules"]
    assert drained == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}

    def action(code: int) -> str:
        """Of the first rule that fits, as Kubernetes goes through them."""
        for rule in (final, again):
            codes = rule["onExitCodes"]
            assert codes["containerName"] == container["name"]
            assert codes["values"] == sorted(set(codes["values"]))
            if (code in codes["values"]) is (codes["operator"] == "In"):
                return str(rule["action"])
        return "none"

    assert {code: action(code) for code in (1, 2, 4, 70)} == dict.fromkeys((1, 2, 4, 70), "FailJob")
    assert {code: action(code) for code in (3, 130, 137)} == dict.fromkeys((3, 130, 137), "Count")
    assert 0 not in final["onExitCodes"]["values"]  # which an In may not name
    assert job["backoffLimit"] >= 1


def test_the_pod_runs_as_nobody_special_and_writes_to_its_volumes_alone(kubernetes: dict[str, Any]) -> None:
    pod = kubernetes["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == security["fsGroup"] == 10001  # the image's
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    own = container["securityContext"]
    assert own == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert volumes.keys() == mounts.keys()
    for name in ("key", "nodes"):
        assert volumes[name]["secret"]["defaultMode"] == 0o400
        assert mounts[name]["readOnly"] is True
    arguments = taken(container["args"])
    for path in (arguments.out, arguments.summary, arguments.junit):
        assert path.is_relative_to(mounts["data"]["mountPath"])
    for path, name in (
        (arguments.nodes, "nodes"),
        (arguments.key[0], "key"),
        *((claim, "claims") for claim in arguments.claims),
    ):
        assert path.is_relative_to(mounts[name]["mountPath"])


# Docker


def dockerfile() -> list[tuple[str, str]]:
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    lines = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def test_the_image_is_slim_in_two_stages_and_does_not_run_as_root() -> None:
    lines = dockerfile()
    stages = [rest for word, rest in lines if word == "FROM"]
    assert stages == ["python:3.13-slim AS build", "python:3.13-slim"]
    last = lines[[word for word, _ in lines].index("FROM", 1) :]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["10001:10001"]
    assert not any("apt-get" in rest for _, rest in last)
    assert dict(last)["ENTRYPOINT"] == f'["{PROGRAM}"]'


def test_each_line_that_the_image_runs_is_a_shells() -> None:
    runs = [rest for word, rest in dockerfile() if word == "RUN"]
    assert len(runs) == 3
    for run in runs:
        assert subprocess.run(["sh", "-n", "-c", run], capture_output=True, check=False).returncode == 0
        assert "--no-cache-dir" in run or "pip" not in run


def test_what_the_image_copies_is_there_sent_along_and_all_that_an_installation_reads() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for word, rest in dockerfile():
        if word == "COPY" and not rest.startswith("--from"):
            copied.update(rest.split()[:-1])
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"pyproject.toml", project["readme"], *project["license-files"]} <= copied


# GitHub Actions


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    text = (DEPLOY / "github" / "reserve-scanner.yml").read_text()
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - in which `on` is no truth value
    return found


def test_the_workflow_runs_on_a_schedule_one_at_a_time_and_may_only_read(workflow: dict[str, Any]) -> None:
    assert workflow["on"]["schedule"][0]["cron"].split()[2:] == ["*", "*", "*"]
    assert "workflow_dispatch" in workflow["on"]
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    (job,) = workflow["jobs"].values()
    assert all(re.fullmatch(r"actions/[a-z/-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    saved = [step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/save@")]
    assert [step["if"] for step in saved] == ["always()"]  # after exit code 1 or 3 too
    upload = job["steps"][-1]
    assert upload["if"] == "always()"
    assert set(upload["with"]["path"].split()) == {"attestations", "summary.json", "junit.xml"}


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        ([0], 0),
        ([1], 1),
        ([2], 2),
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


# cron


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_cron_line_runs_and_says_how_a_run_ended_that_was_not_well(tmp_path: Path, code: int) -> None:
    *_, line = (DEPLOY / "cron" / "reserve-scanner").read_text().splitlines()
    minute, hour, *days = line.split(None, 6)[:5]
    user, command = line.split(None, 6)[5:]
    assert (int(minute) < 60, int(hour) < 24, days, user) == (True, True, ["*", "*", "*"], "reserve-scanner")
    assert "%" not in command  # which cron takes for a line's end
    assert re.search(rf"{PROGRAM} (scan [^>]*) >", command)
    scanner = tmp_path / "scanner"
    scanner.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" > "{tmp_path}/called"\nexit {code}\n')
    scanner.chmod(0o755)
    (tmp_path / "environment").write_text((DEPLOY / "systemd" / "environment.example").read_text())
    here = command.replace(PROGRAM, str(scanner)).replace("/etc/reserve-scanner/environment", f"{tmp_path}/environment")
    done = subprocess.run(
        ["/bin/sh", "-c", here.replace("/var/lib/reserve-scanner", str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert (f"exit code {code}" in done.stderr) is (code != 0)
    assert taken(shlex.split((tmp_path / "called").read_text())).key


# docs/operations.md


def test_every_command_of_the_operators_page_is_one_that_the_scanner_takes() -> None:
    commands = re.findall(r"^(scanner .*)$", OPERATIONS, re.MULTILINE)
    assert commands
    for command in commands:
        taken(shlex.split(command)[1:])


def test_every_exit_code_of_a_scan_and_every_field_of_the_summary_is_on_the_operators_page() -> None:
    told = set(map(int, re.findall(r"^\| (\d+) \|", OPERATIONS, re.MULTILINE)))
    assert told == set(WORST_FIRST)
    assert ", ".join(map(str, WORST_FIRST)) in OPERATIONS
    for name in fields(as_json(jobs.a_job())):
        assert f"`{name}`" in OPERATIONS or f"`{name}[]`" in OPERATIONS, name


def fields(value: object) -> set[str]:
    """Every key of JSON values, but those of `gapCounts`, which are reasons."""
    if isinstance(value, dict):
        return set(value) | {each for key, part in value.items() if key != "gapCounts" for each in fields(part)}
    return {each for part in value for each in fields(part)} if isinstance(value, list) else set()


def test_nothing_in_the_examples_is_a_secret_or_of_one_machine() -> None:
    for path in (path for path in DEPLOY.rglob("*") if path.is_file()):
        text = path.read_text()
        assert "PRIVATE KEY" not in text
        assert str(Path(sys.prefix)) not in text

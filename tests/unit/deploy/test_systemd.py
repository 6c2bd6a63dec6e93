"""The units in deploy/systemd: taken by systemd, confined, and readable by those who need what a run leaves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from scanner.cli.scanning import WORST_FIRST
from tests.support.deployed import DEPLOY, PROGRAM, taken

UNITS = ("reserve-scanner.service", "reserve-scanner.timer", "reserve-scanner-failed@.service")
systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


class Unit(RawConfigParser):
    """A unit file; of a key that stands several times the last value."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",), interpolation=None)
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read_string((DEPLOY / "systemd" / name).read_text())


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units with a program that is here, the template with the instance that the service starts."""
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text()
        instance = name.replace("@.", "@reserve-scanner.service.")
        (tmp_path / instance).write_text(text.replace(PROGRAM, os.path.realpath("/bin/true")))
    return [str(path) for path in tmp_path.iterdir()]


@systemd
def test_systemd_finds_no_fault_with_the_units(units: list[str]) -> None:
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "reserve-scanner" in line]
    assert (done.returncode, told) == (0, [])


@systemd
def test_systemd_judges_the_service_to_be_confined(units: list[str]) -> None:
    (service,) = [path for path in units if path.endswith("/reserve-scanner.service")]
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", service]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd judges no unit that is not loaded")
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


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
    assert service["NoNewPrivileges"] == "yes"


def test_others_may_read_what_the_service_leaves_and_no_one_its_key() -> None:
    service = Unit("reserve-scanner.service")["Service"]
    assert "DynamicUser" not in service  # whose state lies where no other user may enter
    assert (service["StateDirectoryMode"], service["UMask"]) == ("0755", "0022")
    words = service["ExecStart"].split()[1:]
    arguments = taken(["a.yaml" if word == "$SCANNER_CLAIMS" else word for word in words])
    for path in (arguments.out, arguments.summary, arguments.metrics):
        assert str(path).startswith(f"%S/{service['StateDirectory']}/")
    text = (DEPLOY / "systemd" / "reserve-scanner.service").read_text()
    folder = re.search(r"--collector\.textfile\.directory=/var/lib/(\S+)", text)
    assert folder is not None
    assert arguments.metrics.parent == Path("%S") / folder[1]
    kind, user, _, _, home = (DEPLOY / "systemd" / "sysusers.conf").read_text().splitlines()[-1].split()
    assert (kind, user, home) == ("u", service["User"], "/var/lib/reserve-scanner")


@pytest.mark.parametrize(
    ("state", "reports"), [("failed", True), ("failed-before-auto-restart", False), ("auto-restart", False)]
)
def test_a_failure_is_reported_when_no_restart_follows(tmp_path: Path, state: str, reports: bool) -> None:
    assert Unit("reserve-scanner.service")["Unit"]["OnFailure"] == "reserve-scanner-failed@%n.service"
    condition = Unit("reserve-scanner-failed@.service")["Service"]["ExecCondition"]
    shell, option, script = condition.replace("%i", "reserve-scanner.service").split(" ", 2)
    assert (shell, option) == ("/bin/sh", "-c")
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho {state}\n")
    systemctl.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    unquoted = script.removeprefix("'").removesuffix("'").replace("$$", "$")
    done = subprocess.run(["/bin/sh", "-c", unquoted], env=environment, check=False)
    assert (done.returncode == 0) is reports


def test_the_example_environment_is_one_that_systemd_and_a_shell_read_alike() -> None:
    path = DEPLOY / "systemd" / "environment.example"
    shell = f'set -a; . "{path}"; set +a; printf %s "$SCANNER_CLAIMS"'
    claims = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    assert claims.split() == ["/etc/reserve-scanner/claims/okx.yaml", "/etc/reserve-scanner/claims/binance.yaml"]

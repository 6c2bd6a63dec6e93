"""The line in deploy/cron: run by a shell as cron's user, who can read what it names once its own lines were run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployed import DEPLOY, PROGRAM, taken

CRON = (DEPLOY / "cron" / "reserve-scanner").read_text()
ENVIRONMENT = (DEPLOY / "systemd" / "environment.example").read_text()
UNPRIVILEGED = 65534
OTHER = 65533
as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be two users")


def fields() -> tuple[list[str], str, str]:
    """When, who and what."""
    words = CRON.splitlines()[-1].split(None, 6)
    return words[:5], words[5], words[6]


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that other users may enter, to stand for the root of a machine."""
    folder = Path(tempfile.mkdtemp(prefix="cron-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def ended(root: Path, code: int) -> Path:
    """A scanner that notes how it was called, and what of its environment and its files it could read."""
    program = root / "scanner"
    program.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$*" > ' + f'"{root}/var/lib/reserve-scanner/called"\n'
        f'cat "{root}/etc/reserve-scanner/auditor.pem" > /dev/null || exit 9\nexit {code}\n'
    )
    program.chmod(0o755)
    return program


def command(root: Path, program: Path) -> str:
    here = fields()[2].replace(PROGRAM, str(program))
    return here.replace("/etc/reserve-scanner", f"{root}/etc/reserve-scanner").replace("/var/lib/", f"{root}/var/lib/")


def prepare(root: Path, *, user: int | None) -> list[str]:
    """Run the lines that the file's comment gives, below `root`, for this user; their words."""
    (root / "work").mkdir()
    for name, text in {"environment": ENVIRONMENT, "nodes.yaml": "", "auditor.pem": "", "okx.yaml": ""}.items():
        (root / "work" / name).write_text(text)
    lines = re.findall(r"^#   (install .*)$", CRON, re.MULTILINE)
    assert len(lines) == 5
    for line in lines:
        words = [f"{root}{word}" if word.startswith("/") else word for word in shlex.split(line)]
        owner = {"reserve-scanner": user, "root": 0}
        words = [str(owner.get(word, word)) for word in words]
        if user is None:
            words = [word for at, word in enumerate(words) if not {word, words[at - 1]} & {"-o", "-g"}]
        subprocess.run(words, cwd=root / "work", check=True)
    return lines


@pytest.mark.parametrize("code", [0, 1, 3, 5])
def test_the_cron_line_runs_and_says_how_a_run_ended_that_was_not_well(root: Path, code: int) -> None:
    (minute, hour, *days), user, line = fields()
    assert (int(minute) < 60, int(hour) < 24, days, user) == (True, True, ["*", "*", "*"], "reserve-scanner")
    assert "%" not in line  # which cron takes for a line's end
    assert re.search(rf"{PROGRAM} (scan [^>]*) >", line)
    prepare(root, user=None)
    done = subprocess.run(
        ["/bin/sh", "-c", command(root, ended(root, code))], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert (f"exit code {code}" in done.stderr) is (code != 0)
    assert taken(shlex.split((root / "var/lib/reserve-scanner/called").read_text())).key


@as_root
def test_crons_user_can_read_what_the_line_names_and_another_user_none_of_its_secrets(root: Path) -> None:
    prepare(root, user=UNPRIVILEGED)
    line = ["/bin/sh", "-c", command(root, ended(root, 0))]
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, user=UNPRIVILEGED, group=UNPRIVILEGED, extra_groups=[]
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("environment", "nodes.yaml", "auditor.pem"):
        secret = root / "etc/reserve-scanner" / name
        assert stat.S_IMODE(secret.stat().st_mode) & 0o007 == 0
        read = subprocess.run(
            ["cat", secret], capture_output=True, check=False, user=OTHER, group=OTHER, extra_groups=[]
        )
        assert read.returncode != 0, name


@as_root
def test_with_an_environment_that_is_roots_alone_the_line_fails_and_says_so(root: Path) -> None:
    prepare(root, user=UNPRIVILEGED)
    (root / "etc/reserve-scanner/environment").chmod(0o600)
    done = subprocess.run(
        ["/bin/sh", "-c", command(root, ended(root, 0))],
        capture_output=True, text=True, check=False, user=UNPRIVILEGED, group=UNPRIVILEGED, extra_groups=[],
    )  # fmt: skip
    assert done.returncode != 0
    assert "ermission denied" in done.stderr

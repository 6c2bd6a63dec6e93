"""Empty environments into which packages are installed from the registry, as a user does it, by uv."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.places import ROOT

LOCK: Final = ROOT / "requirements" / "scanner.txt"
_UNREACHED: Final = re.compile(r"dns error|tcp connect error|operation timed out|Failed to fetch|error sending request")


def uv(*arguments: str | Path, cwd: Path | None = None) -> str:
    """What uv prints. The test is skipped where the registry cannot be reached, and fails where uv does."""
    program = Path(sys.executable).with_name("uv")
    if not program.exists():
        pytest.skip("uv is not installed")
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [program, "--quiet", "--no-python-downloads", *arguments],
        cwd=cwd, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0 and _UNREACHED.search(done.stderr):
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(folder: Path, python: str) -> Path:
    """The interpreter of a new environment that has what the lock names, and nothing else."""
    uv("venv", "--no-project", "--python", python, folder)
    program = folder / "bin" / "python"
    uv("pip", "install", "--python", program, "--require-hashes", "--only-binary", ":all:", "-r", LOCK)
    return program

"""The house: imports point down only, and each contract that says so is tried with a deliberate violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "scanner", folder / "scanner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    )
    return subprocess.run([sys.executable, "-c", command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("core/ratio.py", "import scanner.proofs"),
        ("proofs/account.py", "import scanner.chains.interface"),
        ("scanning/run.py", "import scanner.attesting.statement"),
        ("attesting/verify.py", "import scanner.scanning.run"),
        ("sources/nodes.py", "import scanner.chains.interface"),
        ("chains/interface.py", "import scanner.sources"),
        ("report/table.py", "import scanner.scanning.run"),
        ("errors.py", "import scanner.core.ids"),
        ("core/ratio.py", "import time"),
        ("core/quorum.py", "import random"),
        ("proofs/account.py", "import socket"),
        ("attesting/verify.py", "import os"),
        ("attesting/statement.py", "import asyncio"),
        ("scanning/run.py", "import argparse"),
        ("utils.py", ""),
    ],
)
def test_a_violation_of_the_house_is_found(copy: Path, room: str, line: str) -> None:
    path = copy / "scanner" / room
    before = path.read_text() if path.exists() else None
    try:
        path.write_text((before or "") + f"\n{line}\n")
        done = lint(copy)
        assert done.returncode == 1, done.stdout + done.stderr
    finally:
        path.unlink() if before is None else path.write_text(before)


def test_the_house_as_it_stands_keeps_its_contracts(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_is_a_lumber_room() -> None:
    names = {path.stem for path in (ROOT / "scanner").rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def test_modules_stay_small_enough_to_read() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "scanner").rglob("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}

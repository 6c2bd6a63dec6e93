"""Test files imported by several workers, each from another place on: what one has compiled, the others read.

Every worker collects all tests. On a fresh checkout each would rewrite the assertions of every file by itself, all at
the same time; begun at different places, each does its own share of them. No file may depend on the order of imports.
Nothing here is of use where bytecode is not kept. An import that fails is left for the collection to report.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.places import ROOT


def import_in_turn(worker: int, workers: int, folder: Path) -> None:
    """Imports every test file below `folder`, the share of the worker first."""
    if sys.dont_write_bytecode:
        return
    for path in in_turn(sorted(folder.rglob("test_*.py")), worker, workers):
        try:
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        except (Exception, pytest.skip.Exception):  # noqa: BLE001, S112 - pytest comes to it again, and says so
            continue


def in_turn(files: Sequence[Path], worker: int, workers: int) -> list[Path]:
    """All of `files`, those from the share of the worker on before those above it."""
    start = len(files) * worker // workers
    return [*files[start:], *files[:start]]

"""A scanner that was forked is one that was started: `run_scanner` of tests/support, which tests of nodes use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.real.scanner_runs import run_scanner


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "schema claim",
        "check nowhere.yaml",
        "scan --no-such-option",
        "completion zsh",
        "show /dev/null --json",
    ],
)
def test_it_ends_and_tells_as_a_process_of_its_own_does(command: str, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "scanner", *command.split()]
    own = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    forked = run_scanner(tmp_path, command)
    assert (forked.returncode, forked.stdout, forked.stderr) == (own.returncode, own.stdout, own.stderr)
    assert forked.stdout + forked.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a claim, and nodes at a place that the environment names."""
    (tmp_path / "nodes.yaml").write_text(
        'policy: {quorum: 1, threshold: "1"}\n'
        'nodes: [{url: "evm+http://127.0.0.1:${PORT}", chain: "eip155:1", operator: a}]\n'
    )
    (tmp_path / "claim.yaml").write_text(
        "version: 1\nexchange: X\nas_of: 2026-01-01T00:00:00Z\n"
        'assets: {ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}\nliabilities: {ETH: "1"}\n'
        'holdings: [{asset: ETH, account: "0x0000000000000000000000000000000000000001"}]\n'
    )
    return tmp_path


def test_it_has_the_folder_and_the_variables_that_it_is_given_and_leaves_none_to_the_next(folder: Path) -> None:
    given = run_scanner(folder, "check claim.yaml --nodes nodes.yaml", {"PORT": "9"})
    assert "PORT" not in given.stdout + given.stderr
    missing = run_scanner(folder, "check claim.yaml --nodes nodes.yaml")
    assert "PORT" in missing.stdout + missing.stderr
    assert "PORT" not in os.environ


def test_one_that_does_not_end_in_time_is_killed(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and never answers
        port = str(silent.getsockname()[1])
        with pytest.raises(subprocess.TimeoutExpired):
            run_scanner(folder, "check claim.yaml --nodes nodes.yaml", {"PORT": port}, timeout=0)


def test_variables_that_python_reads_as_it_begins_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PYTHONOPTIMIZE"):
        run_scanner(tmp_path, "--help", {"PYTHONOPTIMIZE": "1"})

"""Every Python that the scanner is for: what is locked installs, and attestations hold.

One that is not on this machine is fetched (`localnet.pythons`); of 3.12 there is no package, so that it is tried where
it is. A Python that cannot be fetched is a failure where nodes are required, as a node is.

`make pythons` runs the unit tests on each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.environments import environment
from tests.support.interpreters import VERSIONS, interpreter
from tests.support.places import ROOT, VECTORS
from tests.support.real.real_nodes import or_skip

OTHERS = [version for version in VERSIONS if version != "{}.{}".format(*sys.version_info)]
ALL_HOLD = """
import pathlib, sys
from scanner.cli.commands import main
folders = sorted(pathlib.Path(sys.argv[1]).iterdir())
words = ("attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub.pem")
codes = [main(["verify", *(word if word[0] == "-" else str(at / word) for word in words)]) for at in folders]
sys.exit(f"{codes}" if set(codes) != {0} or len(codes) < 10 else 0)
"""


def test_the_versions_are_those_that_the_package_says_it_is_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={VERSIONS[0]}"
    named = "Programming Language :: Python :: "
    assert [each.removeprefix(named) for each in project["classifiers"] if each.startswith(f"{named}3.")] == [*VERSIONS]


@pytest.mark.parametrize("version", OTHERS)
def test_what_is_locked_installs_on_it_and_every_golden_attestation_holds_there(version: str, tmp_path: Path) -> None:
    found = or_skip(lambda: interpreter(version))
    if found is None:
        pytest.skip(f"no Python {version} is here, and no package has it")
    python = environment(tmp_path / "venv", found)
    done = subprocess.run(
        [python, "-W", "error::SyntaxWarning", "-c", ALL_HOLD, VECTORS / "attestations" / "v1"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

"""A report of factual findings is the same from processes with other time zones, languages and hashes of text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.places import ROOT, VECTORS

GOLDEN = VECTORS / "attestations" / "v1" / "files"
WRITE = """
import sys
from scanner.cli.commands import main
golden, out = sys.argv[1:]
named = [f"{golden}/attestation.dsse.json", "--claim", f"{golden}/claim.yaml", "--key", f"{golden}/auditor.pub.pem"]
codes = [main(["report", *named, "--format", form, "--out", f"{out}/report.{form}"]) for form in ("md", "csv", "xlsx")]
sys.exit(codes != [0, 0, 0])
"""


def written(folder: Path, **environment: str) -> dict[str, bytes]:
    folder.mkdir()
    argv = [sys.executable, "-c", WRITE, str(GOLDEN), str(folder)]
    env = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_surroundings_change_a_byte(tmp_path: Path) -> None:
    one = written(tmp_path / "one", TZ="Pacific/Apia", PYTHONHASHSEED="1", LC_ALL="C")
    other = written(tmp_path / "other", TZ="America/New_York", PYTHONHASHSEED="2", LC_ALL="C.UTF-8")
    assert one.keys() == {"report.md", "report.csv", "report.xlsx"}
    assert one == other

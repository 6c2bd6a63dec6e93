"""The Pythons of this machine that the scanner is for, each by its version: on PATH, or where pyenv keeps them.

`python -m tests.support.interpreters` prints them, a line each, for `make pythons`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")


def interpreter(version: str) -> str | None:
    """The program of a version that is here: one that runs, since PATH may lead to a version that was removed."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [*sorted(map(str, kept.glob(f"{version}.*/bin/python")), reverse=True), shutil.which(f"python{version}")]
    for program in filter(None, named):
        asked = [program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == version:
            return program
    return None


if __name__ == "__main__":
    print(*filter(None, map(interpreter, VERSIONS)), sep="\n")

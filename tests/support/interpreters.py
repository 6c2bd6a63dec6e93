"""The Pythons that the scanner is for, each by its version: where pyenv keeps them, on PATH, or fetched from Debian.

`python -m tests.support.interpreters` prints them, a line each, for `make pythons`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from localnet.errors import NodeMissing
from localnet.fetch import PYTHONS, fetched

VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")


def interpreter(version: str) -> str | None:
    """The program of a version; None where it is not here and no package has it. Raises NodeMissing if fetching fails.

    What is here counts only where it runs, since PATH may lead to a version that was removed.
    """
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [*sorted(map(str, kept.glob(f"{version}.*/bin/python")), reverse=True), shutil.which(f"python{version}")]
    for program in filter(None, named):
        asked = [program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == version:
            return program
    return fetched(PYTHONS[version])[0] if version in PYTHONS else None


def main() -> None:
    """Print what is here, or can be fetched."""
    for version in VERSIONS:
        try:
            if found := interpreter(version):
                print(found)
        except NodeMissing as missing:
            print(missing, file=sys.stderr)


if __name__ == "__main__":
    main()

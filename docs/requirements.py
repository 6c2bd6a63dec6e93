"""What `make lock` has locked beside the scanner's own dependencies: prints a group, a requirement a line.

    build     what a wheel is built by
    release   what packages are built, checked and described by

Not here: versions, which stand in requirements/ with their hashes.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parents[1] / "pyproject.toml"


def requirements(group: str) -> list[str]:
    """The lines of a group. Raises KeyError for one that there is not."""
    project: dict[str, Any] = tomllib.loads(PROJECT.read_text())
    build: list[str] = project["build-system"]["requires"]
    return {"build": build, "release": [*build, *project["project"]["optional-dependencies"]["release"]]}[group]


if __name__ == "__main__":
    print(*requirements(sys.argv[1]), sep="\n")

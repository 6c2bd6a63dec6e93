"""Goldens of versions of formats that were released, which are never changed: tests/vectors/released.sha256 lists them.

    .venv/bin/python -m tests.support.released

adds to the list what is not in it yet, at a release that is the first one with such a version (docs/release.md). It
takes nothing out and changes no line. The list of refusals is not in it: more may be added. The form is that of
`sha256sum`: `sha256sum --check released.sha256` in its folder needs none of this.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.support.places import VECTORS

LIST: Final = VECTORS / "released.sha256"
FORMATS: Final = ("attestations", "refusals", "series", "together", "flows")
"""Folders of goldens, each with one for every version."""


def listed() -> dict[str, str]:
    """By the path of each released file, in the folder of vectors: its SHA-256."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def is_released(folder: Path) -> bool:
    """Whether anything in this folder of vectors was released: then nothing there is written again."""
    inside = f"{folder.relative_to(VECTORS).as_posix()}/"
    return any(path.startswith(inside) for path in listed())


def digest(path: str) -> str | None:
    """The SHA-256 of what stands at a path now; None where nothing does."""
    file = VECTORS / path
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def main() -> None:
    """Adds what is not in the list."""
    kept = listed()
    folders = (folder for name in FORMATS for folder in (VECTORS / name).glob("v*/*/"))
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    now = {path.relative_to(VECTORS).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}
    LIST.write_text("".join(f"{digest}  {path}\n" for path, digest in sorted({**now, **kept}.items())))


if __name__ == "__main__":
    main()

"""A package of others as an installer leaves it in a folder: its modules, and its entry points."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, name: str, modules: Mapping[str, str], project: str) -> Path:
    """Puts `modules` (by path) and the entry points of `project` (as pyproject.toml has them) into the folder.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for path, text in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    groups = tomllib.loads(project)["project"]["entry-points"]
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in groups.items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return folder


def entry_point(group: str, name: str, value: str) -> str:
    """The lines of a pyproject.toml for one entry point."""
    return f'[project.entry-points."reserve_scanner.{group}"]\n"{name}" = "{value}"\n'

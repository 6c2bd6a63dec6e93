"""requirements/: what is locked is what pyproject.toml asks for, each file by its hash, from no named registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from docs.requirements import requirements
from tests.support.places import ROOT

FOLDER = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WANTED = {
    "scanner": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["metrics"]],
    "build": requirements("build"),
    "release": requirements("release"),
}
LINE = re.compile(r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)( ; [^\\]+)?((?: \\\n {4}--hash=sha256:[0-9a-f]{64})+)\n")


def locked(path: Path) -> dict[str, Version]:
    """Each package's version. Fails for a line of any other form: an option, an address, a hash that is missing."""
    text = path.read_text()
    found = list(LINE.finditer(text))
    assert "".join(each[0] for each in found) == text
    return {canonicalize_name(each[1]): Version(each[2]) for each in found}


@pytest.mark.parametrize("name", WANTED)
def test_what_is_locked_has_hashes_alone_and_is_what_is_asked_for(name: str) -> None:
    versions = locked(FOLDER / f"{name}.txt")
    for wanted in map(Requirement, WANTED[name]):
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), f"{wanted}: make lock"


def test_every_file_there_is_one_of_these() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.txt" for name in WANTED}


@pytest.mark.parametrize(
    "wrong", ["--index-url https://registry.example/simple\n", "a==1\n", "a @ https://files.example/a.whl\n", "a>=1\n"]
)
def test_a_line_of_any_other_form_is_found(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "scanner.txt"
    path.write_text((FOLDER / "build.txt").read_text() + wrong)
    with pytest.raises(AssertionError):
        locked(path)

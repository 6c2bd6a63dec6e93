"""Wheel and sdist as users get them: what is in them, and that the scanner installed from them works elsewhere."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.environments import environment, uv
from tests.support.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXAMPLE = ROOT / "examples" / "attestation"
VERIFY = ("verify", "attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub.pem")
LARGEST = 100_000  # bytes of one file
MOST = 6_000_000  # bytes of all


class Built(NamedTuple):
    wheel: Path
    sdist: Path


def build(what: str, source: Path, into: Path) -> Path:
    hook = f"import sys, setuptools.build_meta as hooks; print(hooks.build_{what}(sys.argv[1]))"
    into.mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, "-c", hook, into], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return into / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel is built from what the sdist unpacks to, as an installer without wheels does it."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "source").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / "source")
    shutil.copytree(ROOT / "scanner", folder / "source" / "scanner", ignore=shutil.ignore_patterns("__pycache__"))
    sdist = build("sdist", folder / "source", folder / "dist")
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)  # since Python 3.11.4
        archive.extractall(folder / "unpacked")  # noqa: S202 - just built from this folder
    (unpacked,) = (folder / "unpacked").iterdir()
    return Built(build("wheel", unpacked, folder / "dist"), sdist)


def ours() -> set[str]:
    """What the package is made of, in this folder."""
    files = (path for path in (ROOT / "scanner").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in files}


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_has_the_whole_package_and_nothing_else(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
    beside = {name for name in sizes if ".dist-info/" in name}
    assert {name.rpartition("/")[2] for name in beside} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "LICENSE",
        "entry_points.txt",
        "top_level.txt",
    }
    assert sizes.keys() - beside == ours()
    assert "scanner/py.typed" in sizes
    assert [name for name in sizes if {"tests", "docs", "bench"} & set(name.split("/")) or "/test_" in name] == []
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) < MOST


def test_the_sdist_has_the_package_and_what_it_is_built_by(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {each.name.partition("/")[2] for each in archive.getmembers() if each.isfile()}
    beside = {name for name in names if not name.startswith("scanner/")}
    assert {name for name in beside if "egg-info" not in name} == {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "PKG-INFO",
        "setup.cfg",
    }
    assert names - beside == ours()


def test_the_package_says_what_it_is_for_whom_and_under_what_licence(built: Built) -> None:
    said = metadata(built.wheel)
    assert (said["Name"], said["Version"]) == ("reserve-scanner", PROJECT["version"])
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == PROJECT["requires-python"]
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_all("Classifier") == PROJECT["classifiers"]
    assert not [each for each in said.get_all("Classifier", []) if each.startswith("License ::")]  # PEP 639
    assert {each.partition(", ")[0] for each in said.get_all("Project-URL", [])} == set(PROJECT.get("urls", {}))
    assert set(said.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])


def test_installed_into_an_empty_environment_it_verifies_an_attestation_elsewhere(built: Built, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", sys.executable)
    uv("pip", "install", "--python", python, "--no-deps", "--no-index", built.wheel)
    uv("pip", "check", "--python", python)
    scanner = python.with_name("scanner")
    elsewhere = shutil.copytree(EXAMPLE, tmp_path / "elsewhere")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([scanner, *words], cwd=elsewhere, env=clean, capture_output=True, text=True, check=False)

    assert ran("--version").stdout == f"scanner {PROJECT['version']}\n"
    held = ran(*VERIFY)
    assert held.returncode == 0, held.stderr
    assert "The attestation holds: Example Exchange, verdict COVERED" in held.stdout
    (elsewhere / "claim.yaml").write_text((elsewhere / "claim.yaml").read_text().replace("Example", "Another"))
    assert ran(*VERIFY).returncode == 4

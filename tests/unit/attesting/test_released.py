"""Formats that were released never change: what lies in tests/vectors is what the release had."""

from __future__ import annotations

import pytest

from tests.support.golden_attestations import write_folder
from tests.support.places import VECTORS
from tests.support.released import FORMATS, digest, is_released, listed
from tests.support.tables import each_of

RELEASED = listed()


@each_of("path", RELEASED)
def test_a_released_file_is_what_it_was(path: str) -> None:
    assert digest(path) == RELEASED[path], f"{path} was released: a change of it is a new version of the format"


@pytest.mark.parametrize("name", FORMATS)
def test_version_1_of_each_format_is_released_with_all_its_goldens(name: str) -> None:
    folders = [folder for folder in (VECTORS / name / "v1").glob("*/") if is_released(folder)]
    assert folders
    within = [path.relative_to(VECTORS).as_posix() for each in folders for path in each.rglob("*.*")]
    assert not {*within} - {*RELEASED}


def test_nothing_that_was_released_is_written_again() -> None:
    folder = VECTORS / "attestations" / "v1" / "plain"
    assert is_released(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    write_folder(folder, {"claim.yaml": b"another"})
    assert {path: path.read_bytes() for path in folder.iterdir()} == before

"""A verifier written from the documents alone agrees with ours: in attestations, and in the step of every refusal."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from scanner.errors import AttestationInvalid
from tests.second_verifier.verify import refusal
from tests.support.attestations.mutated import mutated
from tests.support.attestations.unseen import unseen
from tests.support.golden_attestations import FOLDER
from tests.support.golden_folders import FOLDERS, REFUSED, overlaid, verified
from tests.support.strength import cases
from tests.support.tables import each_of

# What only the layouts of published files, and the schemes of liabilities, can tell: the second verifier has neither.
BEYOND = {
    "06-another-tolerance",
    "06-another-height",
    "09-a-weaker-basis-of-owed",
    "09-another-root",
    "09-rows-not-refused",
}
UNREAD = {"two-passes", "validators"}  # on chains whose accounts the second verifier does not know
GOLDEN = {
    folder.name: {file.name: file.read_bytes() for file in folder.iterdir()}
    for folder in sorted((FOLDER / "v1").iterdir())
    if folder.name not in ("files", "liabilities", "totals", "owed", *UNREAD)
}


@each_of("folder", [folder for folder in FOLDERS if folder.name not in UNREAD], ids=lambda folder: folder.name)
def test_what_holds_for_us_holds_for_it(folder: Path) -> None:
    assert refusal(folder) is None


def test_what_we_refuse_it_refuses_in_the_same_step(tmp_path: Path) -> None:
    other = {}
    for name, (_, each) in REFUSED.items():
        folder = tmp_path / name
        folder.mkdir()
        overlaid(name, folder)
        found = refusal(folder)
        if found is None or found.step != each["step"]:
            other[each["name"]] = found
    assert other.keys() == BEYOND, other


@pytest.mark.parametrize("part", range(4))
def test_it_agrees_on_mutations_that_nobody_thought_of(part: int, tmp_path: Path) -> None:
    for number in range(part, cases(1_000), 4):
        luck = random.Random(number)
        name = luck.choice(sorted(GOLDEN))
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        laid(folder, mutated(GOLDEN[name], luck))
        found = refusal(folder)
        ours = refused_by_us(folder)
        assert (None if found is None else found.step) == ours, f"mutation {number} of {name}: {found}"


@pytest.mark.parametrize("part", range(2))
def test_it_agrees_on_attestations_that_are_drawn_by_chance(part: int, tmp_path: Path) -> None:
    held = 0
    for number in range(part, cases(400), 2):
        folder = tmp_path / "unseen"
        folder.mkdir(exist_ok=True)
        laid(folder, unseen(random.Random(number)))
        found = refusal(folder)
        ours = refused_by_us(folder)
        assert (None if found is None else found.step) == ours, f"attestation {number}: {found}"
        held += ours is None
    assert held > cases(400) // 10


def refused_by_us(folder: Path) -> int | None:
    """The step; None where it holds."""
    try:
        verified(folder)
    except AttestationInvalid as error:
        return error.step
    return None


def laid(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes these the files of the folder; what is there already is not written anew."""
    for file in {path.name for path in folder.iterdir()} - files.keys():
        (folder / file).unlink()
    for file, data in files.items():
        path = folder / file
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)

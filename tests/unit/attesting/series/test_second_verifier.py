"""A verifier of series, written from the documents alone, agrees with ours: in what holds, and where it is refused."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, read_envelope, write_envelope
from scanner.attesting.points import point_folder
from scanner.attesting.series.statement import SERIES as NAME
from scanner.attesting.times import read_time
from scanner.errors import AttestationInvalid
from tests.second_verifier.series import refusal
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_series import SERIES, SERIES_FOLDER, verified_series
from tests.support.strength import cases

FOLDERS = [SERIES_FOLDER / "v1" / name for name in sorted(SERIES)]
_OTHER: list[Any] = [
    None,
    True,
    0,
    1,
    7,
    "",
    "0",
    "1",
    "93",
    "FOUND",
    "NONE_FOUND",
    "GAPS",
    "2023-11-21T00:00:00Z",
    [],
    {},
]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all values that hold no others."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, inner in items for each in leaves(inner, (*path, key))] or [path]


def mutated(statement: Any, luck: random.Random) -> Any:
    """With one value in its predicate another, one of its lists shorter, or two entries of a list exchanged."""
    changed = json.loads(json.dumps(statement))
    path = luck.choice(leaves(changed["predicate"]))
    if not path:
        return changed
    parent = changed["predicate"]
    for key in path[:-1]:
        parent = parent[key]
    if isinstance(parent, list) and luck.random() < 0.5:
        parent.pop(luck.randrange(len(parent)))
    elif isinstance(parent[path[-1]], int) and luck.random() < 0.5:
        parent[path[-1]] += luck.choice([1, -1, 60, 86_400])
    elif isinstance(parent[path[-1]], str) and parent[path[-1]] and luck.random() < 0.5:
        at = luck.randrange(len(parent[path[-1]]))
        parent[path[-1]] = parent[path[-1]][:at] + luck.choice("0123456789abcdef") + parent[path[-1]][at + 1 :]
    else:
        parent[path[-1]] = luck.choice(_OTHER)
    return changed


def sealed(folder: Path, statement: Any) -> None:
    """Signed anew, with the subjects that its predicate names where it names any."""
    try:
        series = statement["predicate"]["series"]
        named = {"claim": series["claim"]}
        named |= {
            f"{point_folder(read_time(each['at']))}/statement.json": each["statement"] for each in series["points"]
        }
        subject = [{"name": name, "digest": {"sha256": digest[7:]}} for name, digest in named.items()]
        statement["subject"] = subject
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # then it is of no shape
    (folder / NAME).write_bytes(write_envelope(Envelope(canonical.encode(statement)).signed(AUDITOR)))


@pytest.fixture
def golden(tmp_path: Path) -> list[Path]:
    return [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in FOLDERS]


def test_what_holds_for_us_holds_for_it() -> None:
    for folder in FOLDERS:
        verified_series(folder)
        assert refusal(folder) is None, folder.name


def test_it_agrees_on_mutations(golden: list[Path]) -> None:
    """In whether they hold, and in the step where they do not."""
    steps = set()
    for number in range(cases(200)):
        luck = random.Random(number)
        folder = luck.choice(golden)
        original = (SERIES_FOLDER / "v1" / folder.name / NAME).read_bytes()
        sealed(folder, mutated(json.loads(read_envelope(original).payload), luck))
        found = refusal(folder)
        try:
            verified_series(folder)
            ours = None
        except AttestationInvalid as error:
            ours = error.step
        assert (None if found is None else found.step) == ours, (number, str(found))
        steps.add(ours)
    assert len(steps) > 2


def test_it_agrees_on_files_of_moments_that_are_others(golden: list[Path]) -> None:
    for folder in golden:
        first, second = sorted((folder / "points").iterdir())[:2]
        for name in ("statement.json", "evidence.csv.gz"):
            before = (first / name).read_bytes()
            (first / name).write_bytes((second / name).read_bytes())
            found = refusal(folder)
            with pytest.raises(AttestationInvalid) as error:
                verified_series(folder)
            assert (found is not None and found.step) == error.value.step == 6
            (first / name).write_bytes(before)

"""Every block that a statement rests on is named for its reader: those of its moments, and those that draw."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from scanner.attesting.envelope import read_envelope
from scanner.attesting.points import PointFiles
from scanner.attesting.stated_blocks import StatedBlocks, stated_blocks
from scanner.cli.points_folder import opened_in
from tests.support.golden_series import SERIES_FOLDER, TOGETHER_FOLDER
from tests.support.places import VECTORS

LENT = SERIES_FOLDER / "v1" / "lent"
LENDING = TOGETHER_FOLDER / "v1" / "lending"
ATTESTATIONS = sorted((VECTORS / "attestations" / "v1").iterdir())


def blocks_of(path: Path) -> StatedBlocks:
    return stated_blocks(read_envelope(path.read_bytes()).payload, opened_in(path.parent))


def predicate_of(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(read_envelope(path.read_bytes()).payload)["predicate"]
    return found


def test_an_attestations_blocks_are_all_that_stand_in_it() -> None:
    for folder in ATTESTATIONS:
        path = folder / "attestation.dsse.json"
        stated = json.dumps(predicate_of(path))
        found = blocks_of(path)
        assert stated.count('"parent": ') == len(found.all) > 0, folder.name
        assert all(f'"{block.hash}"' in stated for block in found.all)
    assert len(ATTESTATIONS) > 10


def test_a_series_has_those_of_its_moments_and_those_that_drew_them() -> None:
    found = blocks_of(LENT / "series.dsse.json")
    series = predicate_of(LENT / "series.dsse.json")["series"]
    assert isinstance(series, dict)
    assert {block.hash for block in found.drawing} == {
        each["block"]["hash"] for each in series["stretches"] if each["block"] is not None
    }
    assert len(found.read) == len({block.hash for block in found.read}) > 1
    assert found.all[: len(found.read)] == found.read


def test_claims_together_have_those_of_every_claims_moment() -> None:
    (path,) = LENDING.glob("*.dsse.json")
    assert len({block.time for block in blocks_of(path).read}) == 2


@pytest.mark.parametrize("path", [LENT / "series.dsse.json", *LENDING.glob("*.dsse.json")], ids=lambda path: path.stem)
def test_a_moment_that_is_not_the_file_it_names_is_refused(path: Path) -> None:
    @contextmanager
    def another(point: str) -> Iterator[PointFiles]:
        with opened_in(path.parent)(point) as files:
            yield PointFiles(files.statement + b" ", BytesIO())

    with pytest.raises(ValueError, match="is not the one that is named"):
        stated_blocks(read_envelope(path.read_bytes()).payload, another)


@pytest.mark.parametrize("path", [ATTESTATIONS[0] / "attestation.dsse.json", LENT / "series.dsse.json"])
def test_a_block_whose_hashes_are_none_of_its_chain_is_refused(path: Path) -> None:
    """An anchor is made for statements that nobody verified: nodes are asked for these hashes."""
    payload = read_envelope(path.read_bytes()).payload
    stated = re.search(rb'"(hash|parent)":"(?P<hash>(0x)?[0-9a-f]{64})"', payload)
    assert stated is not None
    for other in (b"zz", stated["hash"][:-1], b"z" * len(stated["hash"])):
        with pytest.raises(ValueError, match="and is no block hash there"):
            stated_blocks(payload.replace(stated["hash"], other), opened_in(path.parent))

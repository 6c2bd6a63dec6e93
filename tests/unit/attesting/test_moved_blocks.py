"""The blocks in which accounts moved what they were instructed to are found beside an attestation, for its anchor."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from scanner.attesting.moved_blocks import moved_blocks
from scanner.proofs.witness import Witness, dump
from tests.support.places import VECTORS

FOLDERS = sorted((VECTORS / "attestations" / "v1").iterdir())
MOVED = VECTORS / "attestations" / "v1" / "moved"


def found(folder: Path, witness: bytes | None = None) -> list[tuple[str, int]]:
    beside = folder / "witness.bin"
    if witness is None and beside.exists():
        witness = beside.read_bytes()
    blocks = moved_blocks(
        BytesIO((folder / "evidence.csv.gz").read_bytes()), None if witness is None else BytesIO(witness)
    )
    return [(str(block.chain).partition(":")[0], block.height) for block in blocks]


def test_each_block_is_named_once_by_its_records_header() -> None:
    assert found(MOVED) == [("bip122", 817_960), ("eip155", 18_640_000)]


def test_an_attestation_without_movements_has_none_and_its_witness_is_not_looked_into() -> None:
    for folder in FOLDERS:
        if folder != MOVED:
            assert found(folder, b"no witness") == []


@pytest.mark.parametrize("witness", [b"", b"".join(dump(Witness([b"another"])))])
def test_a_witness_without_the_record_is_refused(witness: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a witness that is none, or one that lacks it
        found(MOVED, witness)


def test_what_is_no_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="gzip"):
        moved_blocks(BytesIO(b"no evidence"), None)

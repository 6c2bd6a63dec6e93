"""What a scan writes is verified as written before anybody finds it; what does not hold is never put in place."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cli.inputs import Keys
from scanner.cli.replacing import EARLIER, present
from scanner.cli.writing import write_attestation
from scanner.core.evidence import Balance
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import InputError, ScannerError
from scanner.proofs.witness import Witness
from scanner.scanning.run import Scan, scan
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import AUDITOR, EXCHANGE
from tests.support.proving_scans import TRUTH, a_claim, two

KEYS = Keys([EXCHANGE], [])
NOBODY = Keys([], [])


@pytest.fixture(scope="module")
def found() -> Scan:
    nodes = two()
    return asyncio.run(scan(a_claim(tuple(TRUTH)), Instrument(Policy(), tuple(nodes.settings)), connect=nodes.connect))


def write(folder: Path, result: Scan, keys: Keys = KEYS) -> None:
    claim = result.finding.claim
    write_attestation(folder, result, claim, keys, present(folder, claim, keys))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def a_coin_more(rows: Collection[EvidenceRow]) -> list[EvidenceRow]:
    first, *others = rows
    assert isinstance(first.outcome, Balance)
    return [replace(first, outcome=replace(first.outcome, atoms=first.outcome.atoms + 1)), *others]


SPOILT = {
    "a row that is not as it was weighed": lambda found: replace(found, rows=a_coin_more(found.rows)),
    "a row left out": lambda found: replace(found, rows=list(found.rows)[:-1]),
    "rows in another order": lambda found: replace(found, rows=[*found.rows][::-1]),
    "a witness that proves nothing": lambda found: replace(found, witness=Witness()),
    "nobody asked": lambda found: replace(found, operators=dict.fromkeys(found.operators, ())),
    "no block": lambda found: replace(found, finding=replace(found.finding, snapshots={})),
}


@pytest.mark.parametrize("keys", [KEYS, NOBODY], ids=["signed", "unsigned"])
@pytest.mark.parametrize("name", SPOILT)
def test_what_does_not_hold_is_a_bug_that_signs_nothing(tmp_path: Path, found: Scan, name: str, keys: Keys) -> None:
    write(tmp_path, found, keys)
    before = files(tmp_path)
    with pytest.raises(ScannerError, match=r"^this is a bug, please report it; nothing was signed") as told:
        write(tmp_path, SPOILT[name](found), keys)
    assert told.value.exit_code == ScannerError.exit_code
    assert files(tmp_path) == before


def test_what_holds_is_put_in_place(tmp_path: Path, found: Scan) -> None:
    write(tmp_path, found)
    assert set(files(tmp_path)) == {"attestation.dsse.json", "evidence.csv.gz", "witness.bin"}


def test_the_same_finding_takes_the_place_of_the_one_before(tmp_path: Path, found: Scan) -> None:
    write(tmp_path, found)
    write(tmp_path, found)
    assert set(files(tmp_path)) == {"attestation.dsse.json", "evidence.csv.gz", "witness.bin"}


@pytest.mark.parametrize(
    "keys", [Keys([AUDITOR], []), Keys([EXCHANGE, AUDITOR], [])], ids=["another key", "one key more"]
)
def test_an_attestation_is_kept_beside_one_that_lacks_its_signature(tmp_path: Path, found: Scan, keys: Keys) -> None:
    write(tmp_path, found)
    before = files(tmp_path)
    write(tmp_path, found, keys)
    if EXCHANGE in keys.signers:  # nothing is lost
        assert not (tmp_path / EARLIER).exists()
        return
    (kept,) = (tmp_path / EARLIER).iterdir()
    assert files(kept) == before


def test_without_a_key_nothing_signed_is_touched(tmp_path: Path, found: Scan) -> None:
    write(tmp_path, found)
    before = files(tmp_path)
    with pytest.raises(InputError, match="is signed, and no --key is given"):
        write(tmp_path, found, NOBODY)
    assert files(tmp_path) == before


def test_a_stamped_attestation_is_kept_with_its_stamps_and_none_is_left_beside_another(
    tmp_path: Path, found: Scan
) -> None:
    write(tmp_path, found)
    for name in ("attestation.dsse.json.tsr", "attestation.dsse.json.2.ots"):
        (tmp_path / name).write_bytes(name.encode())
    before = files(tmp_path)
    write(tmp_path, found)
    (kept,) = (tmp_path / EARLIER).iterdir()
    assert files(kept) == before
    there = {path.name for path in tmp_path.iterdir()}
    assert there == {"attestation.dsse.json", "evidence.csv.gz", "witness.bin", EARLIER}


def test_where_nothing_is_put_in_place_stamps_stay(tmp_path: Path, found: Scan) -> None:
    write(tmp_path, found)
    (tmp_path / "attestation.dsse.json.tsr").write_bytes(b"a stamp")
    before = files(tmp_path)
    with pytest.raises(ScannerError):
        write(tmp_path, SPOILT["no block"](found))
    assert files(tmp_path) == before

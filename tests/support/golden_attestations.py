"""The golden attestations of tests/vectors/attestations: each a folder with all that a verifier needs.

    .venv/bin/python -m tests.support.golden_attestations

writes them anew, by the library, from claims and outcomes that stand here; no node is asked. Every run of the tests
verifies what lies there, and never what was just written: an attestation that held once holds for ever. Those of a
version of the predicate that was released are never written again.

    claim.yaml  attestation.dsse.json  evidence.csv.gz  auditor.pub.pem     and witness.bin, and a published file, as
                                                                            the claim and the statement name them
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scanner.attesting.attestation import attestation_of
from scanner.core.control import Control
from scanner.core.evidence import Snapshot
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import ChainHeight, Holding
from scanner.weighing.matched import matched
from scanner.weighing.ratio import Weighing
from tests.support import golden_flows, golden_series
from tests.support.attestations.attested import MADE_BY, public_pem
from tests.support.attestations.golden import GOLDEN
from tests.support.attestations.golden_cases import Golden
from tests.support.attestations.refused import refusals
from tests.support.places import ROOT, VECTORS
from tests.support.released import is_released

FOLDER: Final = VECTORS / "attestations"
REFUSALS: Final = VECTORS / "refusals"
EXAMPLE: Final = ROOT / "examples" / "attestation"  # one of them, for a user to try `scanner verify` on
EXAMPLE_OF: Final = ("v1", "proven")
CLAIM: Final = "claim.yaml"
KEY: Final = "auditor.pub.pem"

SCANNED_AT = datetime(2023, 11, 23, 9, 30, 1, tzinfo=UTC)


def files_of(golden: Golden) -> dict[str, bytes]:
    """Everything that belongs into its folder, by file name."""
    beside = {CLAIM: golden.claim.encode(), **golden.files}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in beside.items():
            (Path(folder) / name).write_bytes(data)
        claim = load_claim(Path(folder) / CLAIM)
    claim = claim if golden.at is None else claim.at(golden.at)
    pinned = _placed(claim, golden.snapshots)
    blocks = {place: snapshot.hash for place, snapshot in pinned.items()}
    rows = [_row(golden, claim, blocks, *numbered) for numbered in enumerate(claim.holdings)]
    attestation = attestation_of(
        _weighed(golden, claim, pinned, rows),
        rows,
        dict.fromkeys(claim.chains, golden.operators),
        golden.witness,
        golden.signers,
        own=golden.own,
        scanned_at=SCANNED_AT,
        scanner=MADE_BY,
        notes=golden.notes,
        workers=golden.workers,
    )
    return {**beside, **attestation.files, KEY: public_pem(golden.signers[0]).encode()}


def _placed(claim: Claim, snapshots: Sequence[Snapshot]) -> dict[ChainHeight, Snapshot]:
    elsewhere = claim.compared_elsewhere()
    return {
        place if (place := (block.chain, block.height)) in elsewhere else claim.weighed_at(block.chain): block
        for block in snapshots
    }


def _row(golden: Golden, claim: Claim, blocks: Mapping[ChainHeight, str], number: int, holding: Holding) -> EvidenceRow:
    compared = claim.compared_at(holding)
    there = None if compared is None else blocks.get(compared, "")
    return EvidenceRow(
        holding.asset,
        holding.account,
        blocks.get(claim.place_of(holding), ""),
        golden.outcomes[number],
        holding.claimed,
        golden.controls.get(number, Control.ABSENT),
        golden.owners.get(number),
        None if there is None else Elsewhere(there, golden.found.get(number) if there else None),
        holding.tolerance,
        holding.height,
        golden.passes.get(number),
    )


def _weighed(
    golden: Golden, claim: Claim, pinned: Mapping[ChainHeight, Snapshot], rows: Sequence[EvidenceRow]
) -> Finding:
    weighing = Weighing(claim, golden.policy)
    for each in matched(claim.holdings, parts_of(rows)):
        weighing.add(each)
    return weighing.finding(pinned, golden.proving, golden.between)


def lying(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, by file name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """These files, and no others; nothing where a release has the folder."""
    if is_released(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def main() -> None:
    from tests.support import findings_reports  # which reads what stands here

    for version, all_of_it in GOLDEN.items():
        for name, golden in all_of_it.items():
            if not is_released(FOLDER / version / name):
                write_folder(FOLDER / version / name, files_of(golden()))
        _write_refusals(version)
    golden_series.write_all(write_folder)
    golden_flows.write_all(write_folder)
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    shutil.copytree(FOLDER.joinpath(*EXAMPLE_OF), EXAMPLE)
    findings_reports.write_all()


def _write_refusals(version: str) -> None:
    """Those of one version, and their list. What is no longer among them goes, unless a release has it."""
    kept = [folder for folder in (REFUSALS / version).glob("*/") if is_released(folder)]
    for folder in {*(REFUSALS / version).glob("*/")}.difference(kept):
        shutil.rmtree(folder)
    listed = []
    for refusal in refusals():
        other, missing = refusal.files(lying(FOLDER / version / refusal.of))
        name = f"{refusal.step:02}-{refusal.name}"
        write_folder(REFUSALS / version / name, other)
        listed.append({"name": name, "step": refusal.step, "of": refusal.of, "what": refusal.what, "without": missing})
    (REFUSALS / version / "refusals.json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    main()

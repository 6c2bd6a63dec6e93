"""A second verifier: all ten steps on a folder, with nothing of the package. See docs/predicate.md, "Verification"."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from tests.second_verifier.judging import check_beliefs, check_blocks, records_of
from tests.second_verifier.reading import (
    Claim,
    Json,
    Refused,
    check_signed,
    encoded,
    need,
    opened,
    predicate_of,
    rows_of,
)
from tests.second_verifier.weighing import Finding, check_policy, heard


def refusal(folder: Path) -> Refused | None:
    """Why the attestation in a folder does not hold; None if it does."""
    try:
        verify(folder)
    except Refused as refused:
        return refused
    return None


def verify(folder: Path) -> None:
    """Raises Refused."""
    payload, signatures = opened((folder / "attestation.dsse.json").read_bytes())
    check_signed(payload, signatures, (folder / "auditor.pub.pem").read_text())
    claim = Claim.read((folder / "claim.yaml").read_bytes())
    predicate = predicate_of(payload)
    finding, run = predicate["finding"], predicate["run"]
    need(4, finding["claim"] == f"sha256:{claim.digest}", "it judges another claim")
    judged(predicate, claim.at(finding, run), folder)
    policy = folder / "policy.yaml"
    if policy.exists():
        check_policy(finding, yaml.safe_load(policy.read_text())["policy"])


def judged(predicate: Json, claim: Claim, folder: Path) -> None:
    """Steps 5 to 9, with the evidence in a folder, of a claim as it is weighed there."""
    finding, run = predicate["finding"], predicate["run"]
    evidence, witness = (folder / "evidence.csv.gz").read_bytes(), folder / "witness.bin"
    need(5, run["evidence"] == f"sha256:{hashlib.sha256(evidence).hexdigest()}", "other evidence")
    need(5, run["witness"] is None or witness.exists(), "the witness is missing")
    proofs = witness.read_bytes() if run["witness"] else None
    need(5, proofs is None or run["witness"] == f"sha256:{hashlib.sha256(proofs).hexdigest()}", "another witness")
    records = records_of(proofs)
    rows = rows_of(evidence, claim, finding["files"])
    blocks = check_blocks(claim, rows, predicate)
    need(8, not (run["witness"] and not records), "a witness of nothing")
    check_beliefs(claim, rows, predicate, blocks, records)
    computed = Finding(claim, rows, predicate, blocks).whole()
    for key in sorted(finding):
        need(
            9, encoded(finding[key]) == encoded(computed[key]), f"finding.{key}: {finding[key]} is not {computed[key]}"
        )
    need(9, run["heard"] == heard(rows), "heard otherwise")

"""The golden attestations and refusals in tests/vectors, laid out and verified."""

from __future__ import annotations

import io
import json
from pathlib import Path

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.signers import load_public_key
from scanner.attesting.stated_revision import stated_revision
from scanner.attesting.statement import EVIDENCE, WITNESS
from scanner.attesting.verify import Verified, verify
from scanner.sources.addresses import load_claim
from scanner.weighing.policy import Policy
from tests.support.golden_attestations import CLAIM, FOLDER, KEY, REFUSALS

FOLDERS = sorted(path for version in FOLDER.iterdir() for path in version.iterdir())


def verified(folder: Path, policy: Policy | None = None) -> Verified:
    witness, document = folder / WITNESS, (folder / ATTESTATION).read_bytes()
    return verify(
        document,
        load_claim(folder / CLAIM, revision=stated_revision(document)),
        [load_public_key(folder / KEY)],
        io.BytesIO((folder / EVIDENCE).read_bytes()),
        witness=io.BytesIO(witness.read_bytes()) if witness.exists() else None,
        policy=policy,
    )


REFUSED = {
    f"{version.name}-{each['name']}": (version, each)
    for version in sorted(REFUSALS.iterdir())
    for each in json.loads((version / "refusals.json").read_text())
}


def overlaid(name: str, into: Path) -> None:
    """The files of a refusal over those of the golden attestation that it is made of."""
    version, each = REFUSED[name]
    for folder in (FOLDER / version.name / each["of"], version / each["name"]):
        for file in folder.iterdir() if folder.exists() else ():
            (into / file.name).write_bytes(file.read_bytes())
    for missing in each["without"]:
        (into / missing).unlink()

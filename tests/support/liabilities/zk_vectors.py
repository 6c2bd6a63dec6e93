"""Writes the vectors of the zero-knowledge schemes: sets that our provers made once, with what they have to show.

They hold prover and verifier to the formats as they were when both agreed with the reference's samples.
`python -m tests.support.liabilities.zk_vectors` writes them anew, which should change nothing.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any, Final

from tests.support.liabilities import plonky2_trees, zkmerkle_sets
from tests.support.liabilities.groth16_prover import Secrets
from tests.support.liabilities.stark_sets import Kind, made
from tests.support.places import VECTORS

FOLDER: Final = VECTORS / "liabilities"
PATH: Final = FOLDER / "zero_knowledge.json.gz"


def vectors() -> list[dict[str, Any]]:
    """Each: the scheme, files by name (base64 where they are no text), options, and what comes out."""
    honest = made(Kind.HONEST)
    found = [
        {
            "scheme": "okx-stark-v1",
            "files": dict(honest.files),
            "options": {},
            "customers": ["a0/user_1_inclusion_proof.json"],
            "root": honest.root,
            "shows": "INCLUDED",
            "totals": {coin: str(value) for coin, value in honest.sums.items()},
        }
    ]
    for layout, ranges in ((zkmerkle_sets.FIRST, False), (zkmerkle_sets.SECOND, True), (zkmerkle_sets.SECOND, False)):
        release = zkmerkle_sets.release(layout, ranges=ranges)
        keys = {name: {"base64": base64.b64encode(data).decode()} for name, data in release.keys.items()}
        found.append(
            {
                "scheme": "small zkmerkle",
                "files": {**release.texts, **keys},
                "options": {"vk_sha256": release.digests},
                "customers": list(release.users),
                "root": release.root,
                "shows": "TOTAL-PROVEN",
                "totals": {"BTC": "87/100000000", "ETH": "59/2000000", "SHIB": "199999999999/20"},
            }
        )
    equity, debt = plonky2_trees.totals()
    customers = {f"user_{number}.json": json.dumps(plonky2_trees.customer(number)) for number in (0, 13)}
    found.append(
        {
            "scheme": "okx-plonky2",
            "files": {"sum_proof_data.json": json.dumps(plonky2_trees.global_proof()), **customers},
            "options": {},
            "customers": list(customers),
            "root": plonky2_trees.root(),
            "shows": "INCLUDED",
            "totals": {"TOTAL": str(equity - debt)},
        }
    )
    return found


def groth16() -> list[dict[str, Any]]:
    """Keys, and proofs for a public input each, raw and compressed."""
    made_of = (Secrets(b"vector"), Secrets(b"vector", commitment=False), Secrets(b"vector", commitment=False, old=True))
    return [
        {
            "key": secrets.key().hex(),
            "public": 12345,
            "proofs": [secrets.proof(12345, compressed=each).hex() for each in (False, True)],
        }
        for secrets in made_of
    ]


if __name__ == "__main__":
    text = json.dumps({"sets": vectors(), "groth16": groth16()}, sort_keys=True)
    PATH.write_bytes(gzip.compress(text.encode(), mtime=0))

"""The blocks in which accounts moved what they were instructed to, as an attestation's evidence and witness have them:
for anchors, which show these blocks to be the chain's like any other that an attestation rests on.

The files may be anyone's. Whether the movements hold is `verify`'s part; here is only which blocks they are in.
"""

from __future__ import annotations

from functools import partial
from typing import BinaryIO, Final

from scanner.attesting.evidence_csv import row_in
from scanner.attesting.evidence_gzip import decompress
from scanner.core.control import MovedIn
from scanner.core.evidence import Snapshot
from scanner.proofs.witness import Witness, load_stored
from scanner.weighing.control.movements import prover_of

_MARK: Final = b",moved "
_PIECE: Final = 2**20  # bytes


def moved_blocks(evidence: BinaryIO, witness: BinaryIO | None) -> tuple[Snapshot, ...]:
    """Each block once. Raises ValueError for what is no evidence, and where the witness, which is not looked into
    without need, lacks a record or has one of another block."""
    records: Witness | None = None
    blocks: dict[Snapshot, None] = {}
    for line in decompress(iter(partial(evidence.read, _PIECE), b"")):
        if _MARK not in line:
            continue
        row = row_in(line)
        if not isinstance(row.owners, MovedIn):
            continue
        if records is None:
            records = Witness() if witness is None else load_stored(witness)
        prover, record = prover_of(row.asset.chain), records.get(row.owners.record)
        if prover is None or record is None:
            raise ValueError(f"nothing shows block {row.owners.block}, in which an account is said to have moved coins")
        blocks[prover.block(row.asset.chain, row.owners, record)] = None
    return tuple(blocks)

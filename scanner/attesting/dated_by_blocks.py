"""Whether a file existed before a block, as an OpenTimestamps proof over it shows: beside the verification, after it.

The proof leads from the file's SHA-256 to the Merkle root of a block, of which it says the height. An anchor has the
block's header, and leads to it from a block that the reader trusts, as it leads to the attestation's own. So no
calendar is believed, nor who made any of these files.

What is left to assume: SHA-256, and what an ANCHORED block assumes. A header's time is its miner's, who may be some
hours off: the block is what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scanner.attesting.anchored import AnchoredBlock, Named, Standing, anchored
from scanner.attesting.dated import digest
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.family import MerkleRoot, MerkleRootOf
from scanner.chains.proving import merkle_root
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.stamps.opentimestamps import OtsProof, read_proof

_BEST_FIRST = (Standing.ANCHORED, Standing.WORK, Standing.NOT_ANCHORED)


@dataclass(frozen=True, slots=True)
class DatedByBlock:
    """What one proof shows of a file."""

    block: AnchoredBlock | None = None  # whose header commits to the file's digest; None where none is shown to
    pending: tuple[str, ...] = ()  # calendars that may know more
    reason: str = ""  # why the file is not shown to have existed before a block
    holds: bool = True  # False for what is no proof of this file, or leads to another root than the block's


def dated_by_block(
    document: bytes,
    proof: bytes,
    anchor: Anchor,
    trusted: Named,
    deciding: Named = MappingProxyType({}),
    *,
    known: Collection[Chain] = (),
) -> DatedByBlock:
    """What a proof shows of a document by the anchor and what the reader trusts (`anchored`). Raises nothing: what is
    wrong with it is a reason."""
    try:
        read = proof_of(document, proof)
        found, lacking = _blocks(read, anchor)
    except ProofError as error:
        return DatedByBlock(reason=error.detail, holds=False)
    pending = tuple(sorted({each.calendar for each in read.pending if each.calendar is not None}))
    shown = anchored(found, anchor, trusted, deciding, known=known)
    if shown:
        best = min(shown, key=lambda each: (_BEST_FIRST.index(each.standing), each.block.time))
        return DatedByBlock(best, pending, best.reason)
    if lacking:
        return DatedByBlock(pending=pending, reason=lacking[0])
    if pending:
        return DatedByBlock(pending=pending, reason="it is in no block yet, as far as this proof shows")
    return DatedByBlock(reason="nothing that is known here is attested in it")


def proof_of(document: bytes, proof: bytes) -> OtsProof:
    """The proof, which is of this document. Raises ProofError."""
    read = read_proof(proof)
    if read.digest != digest(document):
        raise ProofError(Flaw.MALFORMED, "it stamps another file, or the file was changed since")
    return read


def _blocks(proof: OtsProof, anchor: Anchor) -> tuple[list[Snapshot], list[str]]:
    """The anchor's blocks that commit to what the proof leads to, and why others are not known. Raises ProofError for a
    block that commits to something else."""
    paths = {chain: {block.height: block for block in path} for chain, path in anchor.paths.items()}
    provers = {prover for prover in map(merkle_root, paths) if prover is not None}
    roots = {prover: prover(anchor.witness) for prover in provers}  # of all chains that have one in common
    found: list[Snapshot] = []
    lacking: list[str] = []
    for attestation in proof.attestations:
        if attestation.height is not None:
            block = _committing(attestation.height, attestation.message, paths, roots)
            if isinstance(block, str):
                lacking.append(block)
            else:
                found.append(block)
    return found, lacking


def _committing(
    height: int,
    message: bytes,
    paths: Mapping[Chain, Mapping[int, PathBlock]],
    roots: Mapping[MerkleRoot, MerkleRootOf],
) -> Snapshot | str:
    """The block of this height that commits to a message; why it is not known. Raises ProofError for one that commits
    to something else."""
    why = f"it leads to block {height}, which the anchor does not have"
    other: Snapshot | None = None
    for chain, path in sorted(paths.items()):
        prover = merkle_root(chain)
        if prover is None or height not in path:
            continue
        try:
            root, block = roots[prover](chain, height, path[height].hash)
        except ProofError as error:
            why = f"the anchor does not hold: {error.detail}"
            continue
        if root == message:
            return block
        other = block
    if other is not None:
        raise ProofError(Flaw.MALFORMED, f"it does not lead to the Merkle root of {other.chain} block {height}")
    return why

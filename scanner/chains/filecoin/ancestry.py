"""Ancestors on Filecoin: each block names the blocks of the tipset below it, by identifiers that are hashes.

No state keeps what was before, so the way down leads from tipset to tipset, by one block of each: all blocks of a
tipset have the same parents. A reader names a tipset by the identifier of its key, or any one block of it by its own,
as explorers list them: either stands for the same place.

Not in here: what a tipset's name means of the state (`tipset`); finality (F3).

Sources: Filecoin's specification, "Block", "Tipset"; Lotus, `chain/types`.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.filecoin.cid import digest_of, parse_cid
from scanner.chains.filecoin.tipset import BlockHeader, block_in, header_below, read_header, state_root, tipset_name
from scanner.chains.records_by_hash import RecordsByHash
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

LONGEST: Final = 120
"""Heights that one link leads down at most, an hour: so that a path's length bounds how long it takes to be walked."""


class FilecoinAncestry:
    """`chains.ancestry.AncestryProver`."""

    strides = (Stride(LONGEST, 2_000),)  # 83 days

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:  # noqa: ARG002 - alike on all
        """Over keys of tipsets and headers of blocks. Blocks are not worked for."""
        return _Ancestry(witness)


class _Ancestry:
    def __init__(self, witness: Witness) -> None:
        self._find = RecordsByHash(witness, digest_of).find

    def check(self, snapshot: Snapshot) -> None:
        state_root(snapshot, self._find)

    def link(self, newer: str, older: str) -> Link:
        """By heights of the tipsets on which both stand, as snapshots have them. Raises ProofError."""
        upper = read_header(block_in(newer, self._find), self._find)
        lower = header_below(upper, self._find)
        newest = lower.height
        while newest - lower.height < LONGEST:
            if _is_of(older, upper):
                return Link(newest - header_below(lower, self._find).height, Way.PARENTS, None)
            upper, lower = lower, header_below(lower, self._find)
        raise ProofError(Flaw.TOO_LARGE, f"{older} is not within {LONGEST} heights below {newer}")


def _is_of(name: str, upper: BlockHeader) -> bool:
    """Whether the name is that of the tipset below, or of a block of it."""
    return tipset_name(upper.parents) == name or parse_cid(name) in upper.parents

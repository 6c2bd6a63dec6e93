"""Ancestors on TON: the masterchain's state has all blocks of the masterchain before it, and each block names the one
before.

The state after a block holds a dictionary of all earlier ones by their numbers (`prev_blocks`), from the first on. So
one proof leads from a block to any before it, however old, and is as long for a day as for years.

Blocks of shards are not named by a reader: the masterchain's block has them (`state`). Not in here: finality, by the
signatures of the validators that key blocks name.

Source: `crypto/block/block.tlb` of ton-blockchain/ton (McStateExtra, OldMcBlocksInfo, KeyExtBlkRef).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.records_by_hash import Find, RecordsByHash
from scanner.chains.ton.cells import record_hash
from scanner.chains.ton.slices import cell, entry_at
from scanner.chains.ton.state import Block, block_of, check_said, masterchain_extra, masterchain_header
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

_NUMBER_BITS: Final = 32  # of a block
_CONFIG_BITS: Final = 256  # the account of the network's configuration
_VALIDATORS_BITS: Final = 32 + 32 + 1  # which validators there are, in short
_KEY_AND_TIME_BITS: Final = 1 + 64  # whether a key block, and the logical time at its end


class TonAncestry:
    """`chains.ancestry.AncestryProver`."""

    strides = (Stride(2**_NUMBER_BITS, 10_000),)

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:  # noqa: ARG002 - alike on all
        """Over representations of cells. Blocks are not worked for."""
        return _Ancestry(witness)


class _Ancestry:
    def __init__(self, witness: Witness) -> None:
        self._find = RecordsByHash(witness, record_hash).find

    def check(self, snapshot: Snapshot) -> None:
        check_said(snapshot, self._find)

    def link(self, newer: str, older: str) -> Link:
        above, below = (masterchain_header(name, self._find) for name in (newer, older))
        blocks = above.number - below.number
        if blocks < 1:
            raise ProofError(Flaw.MALFORMED, f"block {above.number} is not above block {below.number}")
        if above.parent == bytes.fromhex(older):
            if blocks != 1:
                raise ProofError(Flaw.MALFORMED, f"block {above.number} names block {below.number} as its parent")
            return Link(1, Way.PARENTS, None)
        if _earlier(block_of(bytes.fromhex(newer), self._find), below.number, self._find) != bytes.fromhex(older):
            raise ProofError(
                Flaw.HEADER_MISMATCH, f"the state after block {above.number} has another block {below.number}, or none"
            )
        return Link(blocks, Way.HISTORY, None)


def _earlier(master: Block, number: int, find: Find) -> bytes | None:
    """Root hash of the masterchain's block with this number, as the state after a later one has it; None where it is
    shown to have none. Raises ProofError."""
    extra = masterchain_extra(master, find)
    if extra.take(1):
        extra.reference()  # shards
    extra.take(_CONFIG_BITS)
    extra.reference()
    more = cell(extra.reference(), find)
    more.take(16 + _VALIDATORS_BITS)
    found = entry_at(more.reference(), number, _NUMBER_BITS, find) if more.take(1) else None
    if found is None:
        return None
    found.take(2 * _KEY_AND_TIME_BITS)  # of all blocks below this place of the dictionary, and of the block
    if found.take(_NUMBER_BITS) != number:
        raise ProofError(Flaw.MALFORMED, "a block under another number than its own")
    return found.digest()

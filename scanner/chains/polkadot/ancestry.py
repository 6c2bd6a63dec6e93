"""Ancestors on Substrate chains: by the hashes that a chain keeps of its own blocks, and by each header's parent.

The state after block n holds the hashes of the blocks before it (System.BlockHash), each under its own number: of the
last 4,096 on Polkadot and its system chains. So one proof of a value leads from a block to any of these. No account and
no contract can write there, only the chain itself, and who may change its very code.

How many are kept is each chain's matter, and has changed: nothing here rests on it. Not in here: finality (GRANDPA),
by which a reader would need no block but the validators' keys.

Sources: polkadot-sdk, frame_system (`BlockHash`: Twox64Concat of the number, u32; `initialize` puts the parent's hash
there, `finalize` takes the oldest away, and never that of block 0), polkadot-runtime-common (`BlockHashCount`).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.polkadot.block import blake2b_256, hash_bytes, header_as_said, header_named
from scanner.chains.polkadot.storage import block_hash_entry
from scanner.chains.polkadot.trie import value_at
from scanner.chains.records_by_hash import RecordsByHash
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

_KEPT: Final = (4096, 2400, 250)
"""How many hashes chains keep: Polkadot and its system chains now, and before 2023; what `BlockHashCount` often is
elsewhere."""


class SubstrateAncestry:
    """`chains.ancestry.AncestryProver`."""

    strides = (*(Stride(kept, 10_000) for kept in _KEPT), Stride(1, 20_000))

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:  # noqa: ARG002 - alike on all
        """Over headers and nodes of tries. Blocks are not worked for."""
        return _Ancestry(witness)


class _Ancestry:
    def __init__(self, witness: Witness) -> None:
        self._find = RecordsByHash(witness, blake2b_256).find

    def check(self, snapshot: Snapshot) -> None:
        header_as_said(snapshot, self._find)

    def link(self, newer: str, older: str) -> Link:
        above, below = header_named(newer, self._find), header_named(older, self._find)
        blocks = above.number - below.number
        if blocks < 1:
            raise ProofError(Flaw.MALFORMED, f"block {above.number} is not above block {below.number}")
        if above.parent_hash == hash_bytes(older):
            if blocks != 1:
                raise ProofError(Flaw.MALFORMED, f"block {above.number} names block {below.number} as its parent")
            return Link(1, Way.PARENTS, None)
        kept = value_at(above.state_root, block_hash_entry(below.number), self._find)
        if kept is None:
            raise ProofError(
                Flaw.HEADER_MISMATCH, f"the state after block {above.number} keeps no hash of block {below.number}"
            )
        if kept != hash_bytes(older):
            raise ProofError(
                Flaw.HEADER_MISMATCH, f"the state after block {above.number} holds another hash of block {below.number}"
            )
        return Link(blocks, Way.HISTORY, None)

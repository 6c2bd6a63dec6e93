"""Merge-mined blocks (AuxPoW): whose work it was, and that it was done for this block and no other.

A merge-mined block names, behind its 80 bytes, a block of another chain (its parent) whose coinbase commits to it. The
work is the parent's. What is shown: the block leads, by the chain branch, to a root that stands in the script of the
parent's coinbase, exactly once and at the place that the chain's number gives it; the coinbase leads, by its branch, to
the parent's Merkle root. So work that was done once counts for one block of the chain. The parent need not be a block
of its own chain.

Not in here: headers themselves, and whether the parent's hash meets the target (`chains.bitcoin.header`).

Sources: Namecoin's merged mining specification; `auxpow.cpp` of Dogecoin Core for what is demanded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

MARK: Final = bytes.fromhex("fabe6d6d")  # in a coinbase, before the root that it commits to
PARENT_BYTES: Final = 80
LONGEST_CHAIN_BRANCH: Final = 30
LONGEST_COINBASE_BRANCH: Final = 24  # as deep as a block's tree can be
LONGEST_PROOF: Final = (
    110_000  # bytes behind a header: a coinbase of 100,000, the largest that nodes pass on, and branches
)
LATEST_UNMARKED: Final = 20  # the last byte of a script at which a root without a mark may begin
_MERGE_MINED: Final = 0x100  # in the version
_WORD: Final = 2**32


class MergeMiningError(ValueError):
    """A proof that does not show work for its block. The message says what is wrong."""


class ByteSource(Protocol):
    """Bytes that are read from the front. Raises ValueError where there are too few, or a length is out of bounds."""

    def take(self, count: int) -> bytes: ...

    def coinbase(self) -> tuple[bytes, bytes]:
        """A transaction's id, in hashing order, and the script of its first input."""

    def hashes(self, most: int) -> tuple[bytes, ...]:
        """A counted list of 32 bytes each."""


@dataclass(frozen=True, slots=True)
class AuxPow:
    """What stands behind a merge-mined header. Hashes are in hashing order."""

    coinbase: bytes  # its id
    script: bytes  # of the coinbase's first input
    coinbase_branch: tuple[bytes, ...]
    coinbase_index: int
    chain_branch: tuple[bytes, ...]
    chain_index: int
    parent: bytes  # the parent's header


def is_merge_mined(header: bytes) -> bool:
    """Whether a header's version says that a proof follows."""
    return bool(int.from_bytes(header[:4], "little") & _MERGE_MINED)


def chain_of(header: bytes) -> int:
    """The number of the merge-mined chain that a header's version says it is of."""
    return int.from_bytes(header[2:4], "little")


def read_proof(source: ByteSource) -> AuxPow:
    """The proof that `source` begins with. Raises ValueError for bytes that are none."""
    coinbase, script = source.coinbase()
    source.take(32)  # said to be the parent's hash; often it is not, and nothing rests on it
    coinbase_branch = source.hashes(LONGEST_COINBASE_BRANCH)
    coinbase_index = int.from_bytes(source.take(4), "little")
    chain_branch = source.hashes(LONGEST_CHAIN_BRANCH)
    chain_index = int.from_bytes(source.take(4), "little")
    return AuxPow(
        coinbase, script, coinbase_branch, coinbase_index, chain_branch, chain_index, source.take(PARENT_BYTES)
    )


def check_proof(block: bytes, proof: AuxPow, chain: int) -> None:
    """Raises MergeMiningError unless the proof's parent was worked for `block` (a hash in hashing order) on `chain`."""
    if chain_of(proof.parent) == chain:
        raise MergeMiningError("the parent is of the same chain")
    if proof.coinbase_index:
        raise MergeMiningError("the transaction that commits to the block is no coinbase")
    if _led_to(proof.coinbase, proof.coinbase_branch, 0) != proof.parent[36:68]:
        raise MergeMiningError("the coinbase is not under the parent's Merkle root")
    after = _after_root(proof.script, _led_to(block, proof.chain_branch, proof.chain_index)[::-1])
    size, nonce = int.from_bytes(after[:4], "little"), int.from_bytes(after[4:8], "little")
    if len(after) < 8 or size != 1 << len(proof.chain_branch):
        raise MergeMiningError("the coinbase states another number of chains than the branch has room for")
    if proof.chain_index != _place(nonce, chain, size):
        raise MergeMiningError("the block is not at its chain's place among those that were mined together")


def _after_root(script: bytes, root: bytes) -> bytes:
    """What follows the only root that a coinbase's script commits to."""
    mark, at = script.find(MARK), script.find(root)
    if at < 0:
        raise MergeMiningError("the parent's coinbase does not commit to the block")
    if mark < 0:
        if at > LATEST_UNMARKED:
            raise MergeMiningError("the coinbase names the block without a mark, and too late for that")
    elif script.find(MARK, mark + 1) >= 0:
        raise MergeMiningError("the coinbase has several marks")
    elif mark + len(MARK) != at:
        raise MergeMiningError("the coinbase's mark does not stand before the block's root")
    return script[at + len(root) :]


def _led_to(leaf: bytes, branch: Sequence[bytes], index: int) -> bytes:
    """The root that `branch` leads to from `leaf`, the lowest bit of `index` saying on which side it stands first."""
    for other in branch:
        pair = other + leaf if index & 1 else leaf + other
        leaf = sha256(sha256(pair).digest()).digest()
        index >>= 1
    return leaf


def _place(nonce: int, chain: int, size: int) -> int:
    """Where a chain's block stands among `size` of them: so that none can stand at two places."""
    mixed = (nonce * 1_103_515_245 + 12_345 + chain) % _WORD
    return (mixed * 1_103_515_245 + 12_345) % _WORD % size

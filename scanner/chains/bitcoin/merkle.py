"""Bitcoin's Merkle tree of transactions: the root of a whole block, and whether one transaction is under a root.

What a branch shows: that the transaction is in the block whose header holds the root, because a branch in which any
inner node could itself be read as a transaction is refused (64 bytes of a real transaction would otherwise pass for an
inner node with a made-up transaction beneath it: CVE-2017-12842).

Not in here: headers (`bitcoin_header`), and where branches come from. Hashes are bytes in hashing order; RPCs print
them reversed.

Sources: Bitcoin developer reference, "Merkle Trees"; the Electrum protocol, `blockchain.transaction.get_merkle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scanner.chains.bitcoin.header import double_sha256

DEEPEST: Final = 24  # levels; a block of 4,000,000 weight has room for fewer than 2**17 transactions


class MerkleError(ValueError):
    """A branch or a list of transactions that does not lead to the root."""


def root_of(txids: Sequence[bytes]) -> bytes:
    """The root over a block's transaction ids. Raises MerkleError for none, or for a list that doubles its end.

    A doubled end gives the root of the shorter list too (CVE-2012-2459), so it is refused as Bitcoin Core refuses it.
    """
    if not txids:
        raise MerkleError("a block without transactions")
    level = list(txids)
    while len(level) > 1:
        for left, right in zip(level[::2], level[1::2], strict=False):
            if left == right:
                raise MerkleError("two equal neighbours in the tree: the list repeats its own end")
        if len(level) % 2:
            level.append(level[-1])
        level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def branch_of(txids: Sequence[bytes], position: int) -> list[bytes]:
    """The branch from the bottom up that leads from the id at this position to the root over all. Raises IndexError
    where there is none."""
    level, branch = list(txids), []
    if not 0 <= position < len(level):
        raise IndexError(position)
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        branch.append(level[position ^ 1])
        level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
        position >>= 1
    return branch


def check_branch(txid: bytes, branch: Sequence[bytes], position: int, root: bytes) -> None:
    """Raises MerkleError unless `branch`, from the bottom up, leads from `txid` at `position` to `root`."""
    if len(branch) > DEEPEST:
        raise MerkleError(f"a branch of {len(branch)} levels, at most {DEEPEST} are possible")
    if not 0 <= position < 2 ** len(branch):
        raise MerkleError(f"position {position} is not in a tree of {len(branch)} levels")
    if any(len(node) != 32 for node in (txid, *branch, root)):
        raise MerkleError("a hash of other than 32 bytes")
    node = txid
    for level, sibling in enumerate(branch):
        pair = sibling + node if position >> level & 1 else node + sibling
        if _reads_as_transaction(pair):
            raise MerkleError("an inner node of the branch can be read as a transaction")
        if sibling == node and position >> level & 1:
            raise MerkleError("the position is that of a repeated end, where nothing is")
        node = double_sha256(pair)
    if node != root:
        raise MerkleError("the branch does not lead to the block's Merkle root")


def _reads_as_transaction(pair: bytes) -> bool:
    """Whether 64 bytes are the serialization of a transaction.

    The only shape that fits: version (4), one input (1 + 36 + script + 4), one output (1 + 8 + script), locktime (4),
    the two scripts with their length bytes having 6 bytes together.
    """
    in_script = pair[41]
    return pair[4] == 1 and in_script <= 4 and pair[46 + in_script] == 1 and pair[55 + in_script] == 4 - in_script

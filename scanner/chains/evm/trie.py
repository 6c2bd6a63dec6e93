"""The Merkle-Patricia trie: what it holds, or does not hold, under a key, shown by nodes found by their hash.

Only tries whose keys are 32-byte hashes, as the state trie and every account's storage trie are: each path is 64
nibbles long, and a branch carries no value. Not in here: what the values mean, where nodes come from, writing tries.

Source: Ethereum yellow paper, appendix D (modified Merkle Patricia tree) and appendix C (hex-prefix encoding).
"""

from __future__ import annotations

from scanner.chains.evm import rlp
from scanner.chains.evm.rlp import Item
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

EMPTY_ROOT = keccak256(rlp.encode(b""))
"""The root of a trie that holds nothing: 56e81f17...b421."""

_PATH = 64  # nibbles in a 32-byte key

MAX_NODE = 1024
"""Bytes of a node. A branch has at most 532 where keys are hashes, and a leaf holds an account or a word."""
_NIBBLES = {digit: value for value, digit in enumerate("0123456789abcdef")}

# A branch with all 16 children present and hashed: list of 529 bytes, sixteen times 0xa0 and a hash, and no value. Near
# the root of a large trie every node is one, and its children are found without decoding: 0.5 us rather than 3.2 us.
_FULL_BRANCH_HEAD = b"\xf9\x02\x11"
_FULL_BRANCH_MARKS = b"\xa0" * 16 + b"\x80"
_FULL_BRANCH_SIZE = 3 + 16 * 33 + 1


def walk(root: bytes, key_hash: bytes, witness: Witness, *, reached: set[bytes] | None = None) -> bytes | None:
    """The value under a key, or None if the nodes show that there is none.

    `root` and `key_hash` are 32 bytes; `key_hash` is the Keccak-256 of the key. The hashes of the nodes walked through
    are added to `reached`. Nodes of the witness that do not lie on the path play no part.

    Raises ProofError: INCOMPLETE if a node of the path is not in the witness, MALFORMED if one is no trie node.
    """
    if len(root) != 32 or len(key_hash) != 32:
        raise ValueError(f"a root of {len(root)} bytes and a key hash of {len(key_hash)}; both are 32 bytes long")
    if root == EMPTY_ROOT:
        return None
    path = key_hash.hex()
    at = 0  # nibbles of the path behind us
    child: Item = root
    branch_must_follow = False  # two extensions in a row would be one: the trie's form is unique, and this not it
    while True:
        if isinstance(child, bytes):
            encoded = _fetch(child, at, witness, reached)
            if _is_full_branch(encoded) and at < _PATH:
                start = 4 + 33 * _NIBBLES[path[at]]
                child, at, branch_must_follow = encoded[start : start + 32], at + 1, False
                continue
            node = rlp.decode(encoded)
        else:
            node = _embedded(child)

        if isinstance(node, list) and len(node) == 17:
            child = _child_of_branch(node, path, at)
            if child == b"":
                return None
            at, branch_must_follow = at + 1, False
        elif isinstance(node, list) and len(node) == 2 and not branch_must_follow:
            segment, is_leaf = segment_of(node[0])
            if is_leaf:
                value = _leaf_value(node[1], segment, at)
                return value if path.endswith(segment) else None
            child = _child_of_extension(node[1], segment, at)
            if not path.startswith(segment, at):
                return None
            at, branch_must_follow = at + len(segment), True
        else:
            raise ProofError(Flaw.MALFORMED, f"neither branch, extension nor leaf, {at} nibbles down")


def _fetch(digest: bytes, at: int, witness: Witness, reached: set[bytes] | None) -> bytes:
    encoded = witness.get(digest)
    if encoded is None:
        raise ProofError(Flaw.INCOMPLETE, f"no node {digest.hex()} in the proof, {at} nibbles down")
    if len(encoded) < 32:  # such nodes lie in their parents; a root, where paths are 64 nibbles long, is never so short
        raise ProofError(Flaw.MALFORMED, "a node of under 32 bytes referred to by its hash")
    if len(encoded) > MAX_NODE:  # or one large node, met again and again, would cost hours
        raise ProofError(Flaw.TOO_LARGE, f"a trie node of {len(encoded)} bytes, at most {MAX_NODE} are read")
    if reached is not None:
        reached.add(digest)
    return encoded


def _embedded(node: Item) -> Item:
    if len(rlp.encode(node)) >= 32:
        raise ProofError(Flaw.MALFORMED, "a node of 32 bytes or more embedded in its parent")
    return node


def _is_full_branch(encoded: bytes) -> bool:
    return (
        len(encoded) == _FULL_BRANCH_SIZE
        and encoded[3::33] == _FULL_BRANCH_MARKS
        and encoded.startswith(_FULL_BRANCH_HEAD)
    )


def _child_of_branch(node: list[Item], path: str, at: int) -> Item:
    """The child that the path takes: a hash, an embedded node, or no byte if there is none."""
    if at >= _PATH:
        raise ProofError(Flaw.MALFORMED, "a branch beyond the end of the path")
    if node[16] != b"":
        raise ProofError(Flaw.MALFORMED, "a branch with a value, in a trie whose keys are all of one length")
    if node.count(b"") > 15:
        raise ProofError(Flaw.MALFORMED, "a branch with fewer than two children")
    child = node[_NIBBLES[path[at]]]
    if isinstance(child, bytes) and len(child) not in (0, 32):
        raise ProofError(Flaw.MALFORMED, f"a child referred to by {len(child)} bytes")
    return child


def _child_of_extension(child: Item, segment: str, at: int) -> Item:
    if not segment or at + len(segment) >= _PATH:
        raise ProofError(Flaw.MALFORMED, f"an extension of {len(segment)} nibbles, {at} nibbles down")
    if isinstance(child, bytes) and len(child) != 32:
        raise ProofError(Flaw.MALFORMED, f"a child referred to by {len(child)} bytes")
    return child


def _leaf_value(value: Item, segment: str, at: int) -> bytes:
    if at + len(segment) != _PATH:
        raise ProofError(Flaw.MALFORMED, f"a leaf whose path ends after {at + len(segment)} of {_PATH} nibbles")
    if not isinstance(value, bytes) or not value:
        raise ProofError(Flaw.MALFORMED, "a leaf without a value")
    return value


def segment_of(item: Item) -> tuple[str, bool]:
    """Nibbles of a hex-prefix encoding as hex digits, and whether it ends a path (a leaf) or not (an extension)."""
    if not isinstance(item, bytes) or not item:
        raise ProofError(Flaw.MALFORMED, "a node without a path")
    digits = item.hex()
    flag, is_leaf = digits[0], digits[0] in "23"
    if flag in "13":
        return digits[1:], is_leaf
    if flag in "02" and digits[1] == "0":
        return digits[2:], is_leaf
    raise ProofError(Flaw.MALFORMED, f"a path that starts with 0x{digits[:2]}, which hex-prefix encoding never does")

"""The tries in which a block keeps its transactions and its receipts, by their index: built whole, and walked.

Their keys are the RLP of a number, so that none begins another; values are long, so that every node is named by its
hash. A proof is the nodes from the root to a value, one after the other, and nothing else.

Not in here: the tries of the state, whose keys are hashes (`trie`); what the values mean (`transaction`).

Source: Ethereum yellow paper, 4.4.1 (transactionsRoot, receiptsRoot), appendices C and D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from scanner.chains.evm import rlp
from scanner.chains.evm.rlp import Item
from scanner.chains.evm.trie import EMPTY_ROOT, segment_of
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

_HASH: Final = 32
_DIGITS: Final = "0123456789abcdef"
_BRANCH: Final = 17  # items: a child for each digit, and a value that no such trie has


class IndexTrie:
    """The trie over values, the first of which has the index 0."""

    def __init__(self, values: Sequence[bytes]) -> None:
        self._nodes: dict[bytes, bytes] = {}
        entries = sorted((_path(index), value) for index, value in enumerate(values))
        self.root = self._put(entries, 0) if entries else EMPTY_ROOT

    def proof(self, index: int) -> list[bytes]:
        """The nodes on the way to a value. Raises ProofError where there is none."""
        nodes: list[bytes] = []
        named, path = self.root, _path(index)
        while named in self._nodes:
            nodes.append(self._nodes[named])
            found, path, is_value = _step(rlp.decode(nodes[-1]), path)
            if is_value:
                return nodes
            named = found
        raise ProofError(Flaw.INCOMPLETE, f"nothing has the index {index}")

    def _put(self, entries: Sequence[tuple[str, bytes]], at: int) -> bytes:
        """The hash of the node that leads to these entries, of which `at` digits lie behind. A path has few digits."""
        if len(entries) == 1:
            ((path, value),) = entries
            return self._keep([_hex_prefix(path[at:], is_leaf=True), value])
        shared = _shared(entries[0][0], entries[-1][0])
        if len(shared) > at:
            child = self._put(entries, len(shared))
            return self._keep([_hex_prefix(shared[at:], is_leaf=False), child])
        children = {
            digit: self._put(list(below), at + 1) for digit, below in groupby(entries, lambda each: each[0][at])
        }
        return self._keep([*(children.get(digit, b"") for digit in _DIGITS), b""])

    def _keep(self, node: list[Item]) -> bytes:
        encoded = rlp.encode(node)
        named = keccak256(encoded)
        self._nodes[named] = encoded
        return named


def value_at(root: bytes, index: int, nodes: Iterator[bytes]) -> bytes:
    """The value with this index, shown by the next of `nodes`, as many as it takes. Raises ProofError: INCOMPLETE where
    they end too early, MALFORMED where one is not the node that belongs there."""
    named, path = root, _path(index)
    while True:
        node = next(nodes, None)
        if node is None:
            raise ProofError(Flaw.INCOMPLETE, f"no node {named.hex()} in the proof")
        if keccak256(node) != named:
            raise ProofError(Flaw.MALFORMED, f"a trie node that is not {named.hex()}")
        found, path, is_value = _step(rlp.decode(node), path)
        if is_value:
            return found
        named = found


def _path(index: int) -> str:
    return rlp.encode(rlp.encode_int(index)).hex()


def _step(node: Item, path: str) -> tuple[bytes, str, bool]:
    """What lies behind a node on the path: the next node's hash, and what is left of the path; or, True, the value."""
    if isinstance(node, list) and len(node) == _BRANCH and path:
        child = node[_DIGITS.index(path[0])]
        if isinstance(child, bytes) and len(child) == _HASH:
            return child, path[1:], False
        raise ProofError(Flaw.INCOMPLETE, "no node of the trie has this index")
    if isinstance(node, list) and len(node) == 2:
        segment, is_leaf = segment_of(node[0])
        below = node[1]
        if isinstance(below, bytes) and path.startswith(segment) and is_leaf == (path == segment):
            if is_leaf and below:
                return below, "", True
            if segment and len(below) == _HASH:
                return below, path[len(segment) :], False
    raise ProofError(Flaw.MALFORMED, "neither branch, extension nor leaf of the way to this index")


def _shared(first: str, last: str) -> str:
    """What two paths begin with, neither of which begins the other."""
    return first[: next(at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)]


def _hex_prefix(segment: str, *, is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(segment) % 2
    return bytes.fromhex(f"{flag}{'' if flag % 2 else '0'}{segment}")

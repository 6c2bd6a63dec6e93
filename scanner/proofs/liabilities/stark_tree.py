"""Openings of the Merkle trees of OKX's zk-STARK v1: many leaves under one root, and no node written twice.

A tree of n values is permuted: value i is leaf i // (n/4) + 4 * (i mod n/4), so that the four values that the
low-degree test folds into one are neighbours. An opening is [leaf, sibling, ...] from the bottom up; siblings that
another opening of the same tree holds already may be left out of it (written as an empty text, here None).

All nodes are placed in one partial tree and hashed upwards, so no node counts that does not lead to the root.
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.interface import Refuted

Opening = Sequence[bytes | None]


def leaf_of(position: int, points: int) -> int:
    """Which leaf of a permuted tree of so many values holds the value of that position."""
    quarter = points // 4
    return position // quarter + 4 * (position % quarter)


def open_positions(
    root: bytes, points: int, positions: Sequence[int], openings: Sequence[Opening], where: str
) -> list[bytes]:
    """The leaves at those positions of the values, all shown to be under the root.

    `points` is a power of two, at least 4. Raises Refuted for an opening of another length, two different nodes in one
    place, a node that is not given at all, or another root.
    """
    depth = points.bit_length() - 1
    if len(openings) != len(positions):
        raise Refuted(f"{where}: {len(openings)} openings where there have to be {len(positions)}")
    leaves = [leaf_of(position, points) for position in positions]
    levels: list[dict[int, bytes]] = [{} for _ in range(depth + 1)]
    for leaf, opening in zip(leaves, openings, strict=True):
        if len(opening) != depth + 1:
            raise Refuted(f"{where}: an opening of {len(opening)} nodes in a tree of {depth + 1} levels")
        if opening[0] is None:  # which the published prover never leaves out, and the published verifier needs
            raise Refuted(f"{where}: an opening without the value that it opens")
        _place(levels[0], leaf, opening[0], where)
        for level, node in enumerate(opening[1:]):
            _place(levels[level], leaf >> level ^ 1, node, where)
    wanted = set(leaves)
    for level in range(depth):
        below = levels[level]
        if not wanted.issubset(below) or not {place ^ 1 for place in wanted}.issubset(below):
            raise Refuted(f"{where}: a node of the tree is given nowhere")
        for place in {place & ~1 for place in wanted}:
            _place(levels[level + 1], place >> 1, keccak256(below[place] + below[place ^ 1]), where)
        wanted = {place >> 1 for place in wanted}
    if levels[depth].get(0) != root:
        raise Refuted(f"{where}: the openings do not lead to the root")
    return [levels[0][leaf] for leaf in leaves]


def _place(level: dict[int, bytes], place: int, node: bytes | None, where: str) -> None:
    if node is not None and level.setdefault(place, node) != node:
        raise Refuted(f"{where}: two different nodes in one place of the tree, or not what its children hash to")


def permuted_root(values: Sequence[bytes]) -> bytes:
    """The root over all values of a tree, given in the order of their positions: a power of two of them, at least 4."""
    quarter = len(values) // 4
    level = [values[leaf // 4 + quarter * (leaf % 4)] for leaf in range(len(values))]
    while len(level) > 1:
        level = [keccak256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]

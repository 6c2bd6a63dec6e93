"""The engine of hash trees for one customer's path: from a leaf with its siblings up to the root.

A format says how a file is read and what is hashed; everything that is checked of every format is checked here: one
root, no record shown twice, no node with two sets of amounts, no more shown than stands beside the root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Final

from scanner.proofs.liabilities.interface import (
    File,
    Inclusion,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.remarks import FILE_ROOT
from scanner.proofs.liabilities.units import check_stated, compare

DEEPEST_TREE: Final = 64
"""Levels of a tree: of 2^64 records, which is more than there are people."""


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node: its hash as the format writes it, and what it says is owed below it, by symbol."""

    digest: str
    amounts: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class PathStep:
    """One level up: what stands beside the node that was reached."""

    sibling: TreeNode
    on_left: bool
    padding: bool | None = False  # no record of anyone: it repeats the hash it stands beside. None: if it does


@dataclass(frozen=True, slots=True)
class UserPath:
    """A customer's file that holds together: its record, and each node that it shows, the root last."""

    file: str
    account: str
    leaf: TreeNode
    nodes: tuple[TreeNode, ...]
    remarks: tuple[str, ...] = ()

    @property
    def root(self) -> TreeNode:
        """Where the path ends."""
        return self.nodes[-1]


def sha256_hex(text: str, digits: int = 64) -> str:
    """The first so many hex digits of the hash of a text."""
    return sha256(text.encode()).hexdigest()[:digits]


def climb(
    leaf: TreeNode, steps: Sequence[PathStep], parent: Callable[[TreeNode, TreeNode, int], TreeNode]
) -> tuple[TreeNode, ...]:
    """Every node of the path and beside it, bottom up, padding left out, the root last.

    `parent(left, right, level)` makes the node above two others; levels count from 1, the first above the leaf. Raises
    Refuted for a path of no level, TooLarge for one of too many.
    """
    if not steps:
        raise Refuted("a path of no level")
    if len(steps) > DEEPEST_TREE:
        raise TooLarge("a path", f"{len(steps)} levels", DEEPEST_TREE)
    reached, nodes = leaf, [leaf]
    for level, step in enumerate(steps, 1):
        repeats = step.sibling.digest == reached.digest
        if step.padding is not None and step.padding != repeats:
            raise Refuted("padding does not repeat its neighbour" if step.padding else "a node stands beside itself")
        if not repeats:
            nodes.append(step.sibling)
        pair = (step.sibling, reached) if step.on_left else (reached, step.sibling)
        reached = parent(*pair, level)
        nodes.append(reached)
    return tuple(nodes)


def check_same(reached: TreeNode, stated: TreeNode, where: str) -> None:
    """Raises Refuted unless the node that was reached is the one that the file states."""
    if reached.digest != stated.digest:
        raise Refuted(f"{where}: the path leads to {reached.digest}, and the file states {stated.digest}")
    if dict(reached.amounts) != dict(stated.amounts):
        raise Refuted(f"{where}: the path's amounts do not come to those that the file states beside the root")


class SeenNodes:
    """What several files show of one tree. They must not contradict each other."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[TreeNode, str]] = {}
        self._leaves: dict[str, str] = {}

    def add(self, file: str, leaf: TreeNode, nodes: Iterable[TreeNode]) -> None:
        """Raises Refuted for a record that was shown before, and for a node that was shown with other amounts."""
        if leaf.digest in self._leaves:
            raise Refuted(f"{file}: shows the same record as {self._leaves[leaf.digest]}")
        self._leaves[leaf.digest] = file
        for node in nodes:
            known, other = self._nodes.setdefault(node.digest, (node, file))
            if dict(known.amounts) != dict(node.amounts):
                raise Refuted(f"{file}: the node {node.digest} holds other amounts than in {other}")


@dataclass(frozen=True, slots=True)
class UserPaths:
    """A scheme of which each file is one customer's path. What it shows is INCLUDED: no path binds the total."""

    read: Callable[[File], UserPath]
    remarks: tuple[str, ...]
    digits: int = 64  # of a root, in hex

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`. Without a file, only a root was published, and nothing is shown."""
        check_stated(published, digits=self.digits)
        if not published.files:
            if published.root is None:
                raise NotUnderstood("neither a customer's file nor a root is given")
            return ShownTotals(published.root, {}, 0, self.remarks)
        paths = [self.read(file) for file in published.files]
        _check_together(paths, published.root)
        root = paths[0].root
        totals = {symbol: Total(value, Shows.INCLUDED) for symbol, value in root.amounts.items()}
        compare(published, root.digest, totals)
        return ShownTotals(root.digest, totals, len(paths), self._remarks(paths, published.root is not None))

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The published root is enough."""
        check_stated(published, digits=self.digits)
        path = self.read(user_file)
        others = [self.read(file) for file in published.files]
        root = published.root or (others[0].root.digest if others else None)
        if root is not None and path.root.digest != root:
            raise OtherRoot(root, path.root.digest)
        _check_together([path, *(other for other in others if other.leaf.digest != path.leaf.digest)], root)
        return Inclusion(
            path.root.digest,
            path.account,
            path.leaf.amounts,
            Shows.INCLUDED,
            published=published.root is not None,
            remarks=self._remarks([path], published.root is not None),
            totals=path.root.amounts,
        )

    def _remarks(self, paths: Sequence[UserPath], published: bool) -> tuple[str, ...]:
        own = {remark for path in paths for remark in path.remarks}
        return (*self.remarks, *sorted(own), *(() if published else (FILE_ROOT,)))


def _check_together(paths: Sequence[UserPath], root: str | None) -> None:
    """Raises Refuted where they contradict each other, and OtherRoot where one is not of the published root."""
    seen, first = SeenNodes(), paths[0]
    for path in paths:
        if root is not None and path.root.digest != root:
            raise OtherRoot(root, path.root.digest)
        if path.root.digest != first.root.digest:
            raise Refuted(f"{first.file} and {path.file} lead to different roots")
        seen.add(path.file, path.leaf, path.nodes)
    for symbol, total in first.root.amounts.items():
        if sum((path.leaf.amounts.get(symbol, Fraction(0)) for path in paths), Fraction(0)) > total:
            raise Refuted(f"the records shown hold more {symbol} than stands beside the root")

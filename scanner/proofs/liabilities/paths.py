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
MOST_PATHS: Final = 10_000
"""Customers' files of one proof: of each node that they show some 300 bytes are kept."""


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
        self._nodes: dict[str, tuple[bytes, str]] = {}  # of a node: a digest of its amounts, and its file
        self._leaves: dict[str, str] = {}

    def add(self, file: str, leaf: TreeNode, nodes: Iterable[TreeNode]) -> None:
        """Raises Refuted for a record that was shown before, and for a node that was shown with other amounts."""
        if leaf.digest in self._leaves:
            raise Refuted(f"{file}: shows the same record as {self._leaves[leaf.digest]}")
        self._leaves[leaf.digest] = file
        for node in nodes:
            held = _held(node)
            known, other = self._nodes.setdefault(node.digest, (held, file))
            if known != held:
                raise Refuted(f"{file}: the node {node.digest} holds other amounts than in {other}")


def _held(node: TreeNode) -> bytes:
    """A digest of a node's amounts: no more is kept of the nodes of many files."""
    amounts = sorted((coin, *value.as_integer_ratio()) for coin, value in node.amounts.items())
    return sha256(repr(amounts).encode("utf-8", "backslashreplace")).digest()


class _Together:
    """What customers' files of one tree come to together, added one after the other, the first of which is `first`."""

    def __init__(self, first: UserPath, published: str | None) -> None:
        """`published` is the root that was published elsewhere."""
        self._first, self._published = first.file, published
        self._seen = SeenNodes()
        self._held: dict[str, Fraction] = {}
        self.root = first.root
        self.remarks: set[str] = set()
        self.files = 0
        self.add(first)

    def add(self, path: UserPath) -> None:
        """Raises Refuted where it contradicts an earlier one, and OtherRoot where it is not of the published root."""
        if self._published is not None and path.root.digest != self._published:
            raise OtherRoot(self._published, path.root.digest)
        if path.root.digest != self.root.digest:
            raise Refuted(f"{self._first} and {path.file} lead to different roots")
        self._seen.add(path.file, path.leaf, path.nodes)
        for symbol in self.root.amounts:
            held = self._held[symbol] = self._held.get(symbol, Fraction(0)) + path.leaf.amounts.get(symbol, Fraction(0))
            if held > self.root.amounts[symbol]:
                raise Refuted(f"the records shown hold more {symbol} than stands beside the root")
        self.remarks.update(path.remarks)
        self.files += 1


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
        if len(published.files) > MOST_PATHS:
            raise TooLarge("the proof", f"{len(published.files):,} customers' files", MOST_PATHS)
        first, *others = published.files
        together = _Together(self.read(first), published.root)
        for file in others:
            together.add(self.read(file))
        totals = {symbol: Total(value, Shows.INCLUDED) for symbol, value in together.root.amounts.items()}
        compare(published, together.root.digest, totals)
        remarks = self._remarks(together.remarks, published.root is not None)
        return ShownTotals(together.root.digest, totals, together.files, remarks)

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The published root is enough."""
        check_stated(published, digits=self.digits)
        path = self.read(user_file)
        together = _Together(path, published.root)
        for file in published.files:
            other = self.read(file)
            if other.root.digest != path.root.digest:
                raise OtherRoot(other.root.digest, path.root.digest)
            if other.leaf.digest != path.leaf.digest:
                together.add(other)
        return Inclusion(
            path.root.digest,
            path.account,
            path.leaf.amounts,
            Shows.INCLUDED,
            published=published.root is not None,
            remarks=self._remarks(path.remarks, published.root is not None),
            totals=path.root.amounts,
        )

    def _remarks(self, own: Iterable[str], published: bool) -> tuple[str, ...]:
        return (*self.remarks, *sorted(own), *(() if published else (FILE_ROOT,)))

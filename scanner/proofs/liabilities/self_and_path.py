"""Customers' files of the shape most exchanges share: `self`, the record, and `path`, its siblings with the root last.

What differs is a `FileLayout`: how fields are called, and what is hashed. Nothing here knows an exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol

from scanner.proofs.liabilities.decimals import amount
from scanner.proofs.liabilities.interface import File, NotUnderstood, Refuted
from scanner.proofs.liabilities.paths import DEEPEST_TREE, PathStep, TreeNode, UserPath, check_same, climb, sha256_hex
from scanner.proofs.liabilities.reading import JsonFields, json_value, whole
from scanner.proofs.liabilities.remarks import NEGATIVE

LEFT: Final = "1"
RIGHT: Final = "2"
ROOT: Final = "3"


class HashRules(Protocol):
    """What one release of a format hashes."""

    @property
    def coins(self) -> tuple[str, ...]:
        """The coins that are summed, in the order in which they are hashed."""
        ...

    @property
    def optional(self) -> frozenset[str]:
        """Coins that a record may hold, and that are not summed."""
        ...

    @property
    def ordered(self) -> bool:
        """Whether a file has to have its coins in that order, since it says the order itself."""
        ...

    def leaf(self, own: JsonFields, amounts: Mapping[str, str]) -> str:
        """The text that a record's hash is of. `amounts` are as the file writes them."""
        ...

    def total(self, coin: str, exact: Fraction) -> Fraction:
        """The sum of two sides, as precise as the format has it."""
        ...

    def written(self, coin: str, value: Fraction) -> str:
        """A sum as the format hashes it."""
        ...

    def parent(self, left: str, right: str, sums: Mapping[str, Fraction], level: int) -> str:
        """The text that the hash of the node above two others is of; `level` as the format counts it."""
        ...


@dataclass(frozen=True, slots=True)
class FileLayout:
    """How the fields of a file are called, and what they hold."""

    rules: Callable[[JsonFields], HashRules]  # by what `self` looks like; raises NotUnderstood
    digest: str
    amounts: str
    side: str
    level: str
    account: str  # the field that ties the record to its customer
    digits: int = 64  # of a hash, in hex
    rises: bool = True  # levels count from 1 at the leaf; else down to 1 at the root
    root_side: str | None = ROOT
    padding: str | None = None  # the side's word for a node that stands for none: it repeats the hash it stands beside
    empty: str | None = None  # the same for one of a hash of its own
    negative: bool = False  # siblings may hold negative sums
    spelled: bool = (
        False  # the sums beside the root have the spelling in which they are hashed, and no others stand there
    )

    def read(self, file: File) -> UserPath:
        """The file's path. Raises Refuted and NotUnderstood."""
        value = JsonFields(json_value(whole(file), file.name), file.name)
        own, entries = value.object("self"), value.objects("path", DEEPEST_TREE + 1)
        if len(entries) < 2:
            raise Refuted(f"{file.name}: a path of {len(entries)} entries; expected a sibling and the root at least")
        if len({each.text("auditId") for each in (own, *entries) if "auditId" in each}) > 1:
            raise Refuted(f"{file.name}: entries of different audits")
        rules = self.rules(own)
        self._check_levels(own, entries)
        leaf = self._leaf(own, rules)
        negative = False
        steps: list[PathStep] = []
        for position, entry in enumerate(entries[:-1]):
            step = self._step(entry, rules)
            if position == 0 and (own.text(self.side, "[12]") == LEFT) == step.on_left:
                raise Refuted(f"{entry.where}: stands on the same side as the record itself")
            negative = negative or min(step.sibling.amounts.values()) < 0
            steps.append(step)
        depth = len(entries)

        def parent(left: TreeNode, right: TreeNode, level: int) -> TreeNode:
            counted = level + 1 if self.rises else depth - level
            sums = {coin: rules.total(coin, left.amounts[coin] + right.amounts[coin]) for coin in rules.coins}
            digest = sha256_hex(rules.parent(left.digest, right.digest, sums, counted), self.digits)
            return TreeNode(digest, sums)

        nodes = climb(leaf, steps, parent)
        root = entries[-1]
        if self.root_side is not None and root.text(self.side) != self.root_side:
            raise Refuted(f"{root.where}: the last entry is not the root")
        check_same(nodes[-1], self._node(root, rules, negative=False), file.name)
        if self.spelled:
            self._check_spelling(root, rules, nodes[-1])
        remarks = (NEGATIVE,) if negative else ()
        return UserPath(file.name, own.text(self.account), leaf, nodes, remarks)

    def _check_spelling(self, root: JsonFields, rules: HashRules, node: TreeNode) -> None:
        amounts = root.object(self.amounts)
        for coin in sorted(amounts.keys()):
            value = node.amounts.get(coin)
            if value is None or amounts.text(coin) != rules.written(coin, value):
                raise NotUnderstood(f"{amounts.where}.{coin}: {amounts.text(coin)!a} is not as the tree writes sums")

    def _check_levels(self, own: JsonFields, entries: Sequence[JsonFields]) -> None:
        depth = len(entries)
        for position, entry in enumerate((own, *entries)):
            above = max(position - 1, 0)  # the first sibling is on the record's own level
            expected = above + 1 if self.rises else depth - above
            if (level := entry.integer(self.level)) != expected:
                raise Refuted(f"{entry.where}.{self.level}: {level}, where a level has to be {expected}")

    def _leaf(self, own: JsonFields, rules: HashRules) -> TreeNode:
        node = self._node(own, rules, negative=False)
        written = own.object(self.amounts)
        texts = {coin: written.text(coin) for coin in written.keys()}  # noqa: SIM118 - not a mapping
        if (digest := sha256_hex(rules.leaf(own, texts), self.digits)) != node.digest:
            raise Refuted(f"{own.where}: the record's hash is {digest}, and the file states {node.digest}")
        return node

    def _step(self, entry: JsonFields, rules: HashRules) -> PathStep:
        side = entry.text(self.side)
        if side not in (LEFT, RIGHT, self.padding, self.empty):
            raise Refuted(f"{entry.where}.{self.side}: {side[:20]!a} is no side")
        node = self._node(entry, rules, negative=self.negative)
        holds = any(node.amounts.values())
        if side not in (LEFT, RIGHT) and holds:
            raise Refuted(f"{entry.where}: stands for none, and holds amounts")
        padding: bool | None = side == self.padding
        if side == RIGHT and padding:
            padding = False if holds else None  # a format without a word of its own for padding
        return PathStep(node, side == LEFT, padding)

    def _node(self, entry: JsonFields, rules: HashRules, *, negative: bool) -> TreeNode:
        amounts = entry.object(self.amounts)
        if amounts.keys() - rules.optional != set(rules.coins):
            raise NotUnderstood(f"{amounts.where}: other coins than {', '.join(rules.coins)}")
        if rules.ordered and amounts.names() != rules.coins:
            raise NotUnderstood(f"{amounts.where}: the coins stand in another order than in the record")
        values = {
            coin: amount(amounts.text(coin), f"{amounts.where}.{coin}", negative=negative)
            for coin in (*rules.coins, *sorted(rules.optional & amounts.keys()))
        }
        digest = entry.text(self.digest)
        if len(digest) != self.digits or set(digest) - set("0123456789abcdef"):
            raise Refuted(f"{entry.where}.{self.digest}: {digest[:80]!a} is no hash of {self.digits} hex digits")
        return TreeNode(digest, {coin: values[coin] for coin in rules.coins})

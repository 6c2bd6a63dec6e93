"""MEXC: one customer's path in a tree whose nodes hold whatever coins there are below them; hashes of 128 bits.

INCLUDED at best. MEXC's tool compares the root's hash alone; here the amounts beside it are compared as well. Source:
mexcmerkle/mexc-proof-of-reserves at a1a4f49, and its example.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.decimals import amount, stripped
from scanner.proofs.liabilities.interface import File, NotUnderstood, Refuted, TooLarge
from scanner.proofs.liabilities.paths import (
    DEEPEST_TREE,
    PathStep,
    TreeNode,
    UserPath,
    UserPaths,
    check_same,
    climb,
    sha256_hex,
)
from scanner.proofs.liabilities.reading import JsonFields, json_value, whole
from scanner.proofs.liabilities.remarks import CHILD_SUMS, HASH_128

_LEFT, _RIGHT, _ROOT = "1", "2", "3"
_ALWAYS: Final = ("BTC", "ETH", "USDC", "USDT")
"""What each node with two sides holds, be it 0."""
_MOST_COINS: Final = 1000
_DIGITS: Final = 32
_ID: Final = "[0-9A-Za-z_-]{1,200}"
_NONE: Final = TreeNode("", {})


def _read(file: File) -> UserPath:
    value = JsonFields(json_value(whole(file), file.name), file.name)
    own, entries = value.object("self"), value.objects("pathList", DEEPEST_TREE + 1)
    if not entries or entries[-1].text("type") != _ROOT:
        raise Refuted(f"{file.name}: the last entry is not the root")
    depth = entries[-1].setting("level", 0, DEEPEST_TREE)
    siblings: dict[int, JsonFields] = {}
    for entry in entries[:-1]:
        level = entry.number("level", 0, max(depth - 1, 0))
        if level <= max(siblings, default=-1):
            raise Refuted(f"{entry.where}: level {level} stands twice, or behind a higher one")
        siblings[level] = entry
    leaf, account = _leaf(own)
    steps = [_step(own if level == 0 else None, siblings.get(level)) for level in range(depth)]
    nodes = climb(leaf, steps, _parent)
    check_same(nodes[-1], _node(entries[-1]), file.name)
    return UserPath(file.name, account, leaf, tuple(node for node in nodes if node.digest))


def _leaf(own: JsonFields) -> tuple[TreeNode, str]:
    if own.number("level", 0, 0) != 0:
        raise Refuted(f"{own.where}.level: not 0")
    node = _node(own)
    amounts = own.object("balances")
    texts = {coin: amounts.text(coin) for coin in node.amounts}
    proof, account = own.text("proofId", _ID), own.text("accountId", _ID)
    if (digest := sha256_hex(f"{proof},{account},{_joined(texts)}", _DIGITS)) != node.digest:
        raise Refuted(f"{own.where}: the record's hash is {digest}, and the file states {node.digest}")
    return node, account


def _step(own: JsonFields | None, sibling: JsonFields | None) -> PathStep:
    """What stands beside the node of a level: `own` is the record, on level 0."""
    side = None if own is None else own.text("type", f"[{_LEFT}{_RIGHT}]")
    if sibling is None:
        if side == _RIGHT:
            raise Refuted("self.type: a record on the right, with nothing on its left")
        return PathStep(_NONE, on_left=False)
    beside = sibling.text("type", f"[{_LEFT}{_RIGHT}]")
    if beside == side:
        raise Refuted(f"{sibling.where}.type: on the same side as the record itself")
    if sibling.text("hash") == "":
        if beside == _LEFT or any(_amounts(sibling).values()):
            raise Refuted(f"{sibling.where}: a node without a hash that stands on the left, or holds amounts")
        return PathStep(_NONE, on_left=False)
    return PathStep(_node(sibling), beside == _LEFT)


def _parent(left: TreeNode, right: TreeNode, _level: int) -> TreeNode:
    sums = dict(left.amounts)
    if right.digest:
        for coin in sorted({*_ALWAYS, *right.amounts}):
            sums[coin] = sums.get(coin, Fraction(0)) + right.amounts.get(coin, Fraction(0))
    texts = {coin: stripped(value) for coin, value in sums.items()}
    return TreeNode(sha256_hex(f"{left.digest},{right.digest},{_joined(texts)}", _DIGITS), sums)


def _joined(texts: Mapping[str, str]) -> str:
    return ",".join(f"{coin}:{texts[coin]}" for coin in sorted(texts))


def _node(entry: JsonFields) -> TreeNode:
    return TreeNode(entry.text("hash", f"[0-9a-f]{{{_DIGITS}}}"), _amounts(entry))


def _amounts(entry: JsonFields) -> dict[str, Fraction]:
    held = entry.object("balances")
    coins = sorted(held.keys())
    if len(coins) > _MOST_COINS:
        raise TooLarge(held.where, f"{len(coins):,} coins", _MOST_COINS)
    if strange := [coin for coin in coins if not (coin.isascii() and coin.isalnum() and len(coin) <= 40)]:
        raise NotUnderstood(f"{held.where}: {strange[0][:40]!a} is no coin")
    return {coin: amount(held.text(coin), f"{held.where}.{coin}") for coin in coins}


SCHEME: Final = UserPaths(_read, (CHILD_SUMS, HASH_128), _DIGITS)

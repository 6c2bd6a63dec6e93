"""Provers of our own: published files of each hash tree, made as the exchanges' tools make them.

They are written after the formats' descriptions, apart from what checks them, and refuse nothing: a test may ask for a
negative amount, and gets a file whose hashes are right.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from scanner.proofs.liabilities import File, Published
from tests.support.liabilities.published_files import file

Json = dict[str, Any]
Amounts = dict[str, Decimal]


def sha(text: str, digits: int = 64) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def strip(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def fixed(value: Decimal, places: int = 8) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN):f}"


@dataclass
class Node:
    digest: str
    sums: Amounts
    pads: bool = False


Parent = Callable[[Node, Node, int], str]


def added(left: Node, right: Node, always: Sequence[str] = ()) -> Amounts:
    """What is owed below both; a node with two sides holds the coins of `always`, be it 0."""
    coins = [*left.sums, *right.sums, *(always if right.digest else ())]
    return {coin: left.sums.get(coin, Decimal(0)) + right.sums.get(coin, Decimal(0)) for coin in coins}


def rise(
    leaves: Sequence[Node], parent: Parent, pad: Callable[[Node], Node | None], always: Sequence[str] = ()
) -> list[list[Node]]:
    """All levels, leaves first; `parent(left, right, number of the level it is on)`, the leaves' being 1."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        if len(below) % 2 and (padding := pad(below[-1])) is not None:
            below.append(padding)
        above = []
        for left, right in zip(below[::2], below[1::2], strict=True):
            sums = added(left, right, always)
            above.append(Node(parent(left, right, len(levels) + 1), sums))
        levels.append(above)
    return levels


def beside(levels: list[list[Node]], index: int) -> list[tuple[Node, bool]]:
    """The siblings of a leaf, bottom up, and whether each stands on the left."""
    found = []
    for level in levels[:-1]:
        found.append((level[index ^ 1], bool(index & 1)))
        index >>= 1
    return found


def copy(node: Node) -> Node:
    return Node(node.digest, dict.fromkeys(node.sums, Decimal(0)), pads=True)


THREE = ("BTC", "ETH", "USDT")


def records(number: int, coins: Sequence[str] = THREE) -> list[Amounts]:
    """So many records, all different."""
    return [
        {coin: Decimal((7919 * (each + 1) * (place + 3)) % 100_003) / 1000 for place, coin in enumerate(coins)}
        for each in range(number)
    ]


def okx_json(amounts: Amounts) -> str:
    return "{" + ",".join(f'"{coin}":"{strip(amounts[coin])}"' for coin in THREE) + "}"


def leaves_of(held: Sequence[Amounts], own: Sequence[str], shown: Sequence[str]) -> list[Node]:
    """Leaves by their own hashes, or by others: a customer can be shown a neighbour that holds something else."""
    return [Node(digest, each) for digest, each in zip(shown or own, held, strict=True)]


def okx_paths(held: Sequence[Amounts], shown: Sequence[str] = ()) -> list[Json]:
    """OKX Merkle v1: one file a record. `shown` are other hashes for the leaves, in this and in the makers below."""
    nonces = [sha(f"nonce {each}") for each in range(len(held))]
    leaves = leaves_of(held, [sha(nonce + okx_json(each)) for nonce, each in zip(nonces, held, strict=True)], shown)

    def parent(left: Node, right: Node, level: int) -> str:
        sums = (left.sums[coin] + right.sums[coin] for coin in THREE)
        return sha(left.digest + right.digest + "".join(map(strip, sums)) + str(level))

    levels = rise(leaves, parent, copy)

    def entry(node: Node, height: int, side: int) -> Json:
        balances = {coin: strip(node.sums[coin]) for coin in THREE}
        return {"auditId": "42", "balances": balances, "type": side, "hash": node.digest, "height": height}

    files = []
    for index, nonce in enumerate(nonces):
        path = [
            entry(node, height, 4 if node.pads else 1 if left else 2)
            for height, (node, left) in enumerate(beside(levels, index), 1)
        ]
        path.append(entry(levels[-1][0], len(levels), 3))
        own = entry(leaves[index], 1, 2 if index & 1 else 1) | {"nonce": nonce}
        files.append({"self": own, "path": path})
    return files


def okx_tree(held: Sequence[Amounts]) -> tuple[list[str], list[Json]]:
    """OKX Merkle v2: the tree's lines, and each customer's file. Each record is parted over two leaves."""
    leaves, users = [], []
    for each, amounts in enumerate(held):
        nonce = sha(f"nonce {each}")
        user = sha(nonce + okx_json(amounts))
        first = {coin: (value / 3).quantize(Decimal("0.001")) for coin, value in amounts.items()}
        nodes = []
        for part in (first, {coin: amounts[coin] - first[coin] for coin in THREE}):
            digest = sha(user + "".join(strip(part[coin]) for coin in THREE))
            leaves.append(Node(digest, part))
            nodes.append({"balances": {coin: strip(part[coin]) for coin in THREE}, "hash": digest})
        total = {coin: strip(amounts[coin]) for coin in THREE}
        users.append({"hash": user, "nodes": nodes, "nonce": nonce, "totalBalances": total})
    return okx_lines(leaves), users


def okx_lines(leaves: Sequence[Node]) -> list[str]:
    """The lines of a tree over these leaves."""

    def parent(left: Node, right: Node, level: int) -> str:
        sums = (left.sums[coin] + right.sums[coin] for coin in THREE)
        return sha(left.digest + right.digest + "".join(map(strip, sums)) + str(level))

    levels = rise(leaves, parent, copy)
    return [
        f"{node.digest},{height},{okx_json(node.sums)}"
        for height in range(len(levels), 0, -1)
        for node in reversed(levels[height - 1])
    ]


def bybit_paths(
    held: Sequence[Amounts], coins: Sequence[str], places: dict[str, int] | None = None, shown: Sequence[str] = ()
) -> list[Json]:
    """Bybit: one file a record, of the release whose coins are hashed in this order."""
    digits = {coin: (places or {}).get(coin, 8) for coin in coins}
    users = [sha(f"user {each}") for each in range(len(held))]

    def texts(amounts: Amounts) -> dict[str, str]:
        return {coin: fixed(amounts[coin], digits[coin]) for coin in coins}

    own_hashes = [sha(user + "".join(texts(each).values())) for user, each in zip(users, held, strict=True)]
    leaves = leaves_of(held, own_hashes, shown)

    def parent(left: Node, right: Node, level: int) -> str:
        sums = {coin: left.sums[coin] + right.sums[coin] for coin in coins}
        return sha(left.digest + right.digest + "".join(texts(sums).values()) + str(level))

    levels = rise(leaves, parent, copy)

    def entry(node: Node, height: int, side: int) -> Json:
        balance = dict(sorted(texts(node.sums).items()))
        return {"auditId": "42", "balance": balance, "type": side, "hash": node.digest, "height": height}

    files = []
    for index, user in enumerate(users):
        path = [entry(node, height, 1 if left else 2) for height, (node, left) in enumerate(beside(levels, index), 1)]
        path.append(entry(levels[-1][0], len(levels), 3))
        own = entry(leaves[index], 1, 2 if index & 1 else 1) | {"userHash": user, "nonce": "0"}
        files.append({"self": own, "path": path})
    return files


def bitget_paths(held: Sequence[Amounts], shown: Sequence[str] = ()) -> list[Json]:
    """Bitget: one file a record; as many records as a full tree has leaves. Coins stand in the records' order."""
    names = ("merkelLeaf", "role", "level")
    return _falling(held, tuple(held[0]), strip, 16, names, root_side=False, shown=shown)


def bitunix_paths(held: Sequence[Amounts], shown: Sequence[str] = ()) -> list[Json]:
    """Bitunix: one file a record; as many records as a full tree has leaves."""
    return _falling(held, THREE, fixed, 64, ("merkleLeaf", "type", "height"), root_side=True, shown=shown)


def _falling(
    held: Sequence[Amounts],
    coins: Sequence[str],
    written: Callable[[Decimal], str],
    digits: int,
    names: tuple[str, str, str],
    *,
    root_side: bool,
    shown: Sequence[str],
) -> list[Json]:
    depth = len(held).bit_length()

    def text(amounts: Amounts) -> str:
        return "{" + ",".join(f'"{coin}":"{written(amounts[coin])}"' for coin in coins) + "}"

    own_hashes = [sha(f"{sha(f'u{n}')},nonce{n},{text(each)}", digits) for n, each in enumerate(held)]
    leaves = leaves_of(held, own_hashes, shown)

    def parent(left: Node, right: Node, level: int) -> str:
        sums = {coin: left.sums[coin] + right.sums[coin] for coin in coins}
        return sha(f"{left.digest}{right.digest},{text(sums)},{depth - level + 1}", digits)

    levels = rise(leaves, parent, copy)

    def entry(node: Node, level: int, side: int | None) -> Json:
        balances = {coin: written(node.sums[coin]) for coin in coins}
        named: Json = {"balances": balances, names[0]: node.digest, names[2]: level}
        return named if side is None else named | {names[1]: side}

    files = []
    for index in range(len(held)):
        path = [entry(node, depth - up, 1 if left else 2) for up, (node, left) in enumerate(beside(levels, index))]
        path.append(entry(levels[-1][0], 1, 3 if root_side else None))
        own = entry(leaves[index], depth, 2 if index & 1 else 1)
        own |= {"encryptUid": sha(f"u{index}"), "nonce": f"nonce{index}"}
        if root_side:
            own["precisions"] = dict.fromkeys(coins, 8)
        files.append({"self": own, "path": path})
    return files


def mexc_paths(held: Sequence[Amounts], shown: Sequence[str] = ()) -> list[Json]:
    """MEXC: one file a record; a node without a right side has an empty one."""

    def text(amounts: Amounts) -> str:
        return ",".join(f"{coin}:{strip(amounts[coin])}" for coin in sorted(amounts))

    always = ("BTC", "ETH", "USDT", "USDC")
    own_hashes = [sha(f"PR-1,{each},{text(amounts)}", 32) for each, amounts in enumerate(held)]
    leaves = leaves_of(held, own_hashes, shown)

    def parent(left: Node, right: Node, _level: int) -> str:
        if not right.digest:
            return sha(f"{left.digest},,{text(left.sums)}", 32)
        sums = added(left, right, always)
        return sha(f"{left.digest},{right.digest},{text(sums)}", 32)

    levels = rise(leaves, parent, lambda _: Node("", {}), always)
    files = []
    for index in range(len(held)):
        path: list[Json] = [
            _mexc(node, level, 1 if left else 2)
            for level, (node, left) in enumerate(beside(levels, index))
            if node.digest
        ]
        path.append(_mexc(levels[-1][0], len(levels) - 1, 3))
        own = _mexc(leaves[index], 0, 2 if index & 1 else 1) | {"proofId": "PR-1", "accountId": str(index)}
        files.append({"self": own, "pathList": path})
    return files


def _mexc(node: Node, level: int, side: int) -> Json:
    balances = {coin: strip(value) for coin, value in node.sums.items()}
    return {"level": level, "type": side, "hash": node.digest, "balances": balances}


def swissborg_nonce(credential: str, audit: str, currency: str, index: int) -> str:
    """A leaf's nonce, from its customer's audit credential."""
    key = credential
    for text in (
        f"Audit nonce derivation,{audit}",
        f"Currency Merkle tree nonce derivation,{currency}",
        f"Leaf nonce derivation,{index}",
    ):
        key = hmac.new(key.encode(), f"SB PoL - {text}".encode(), hashlib.sha256).hexdigest()
    return key


def swissborg(
    held: Sequence[Decimal], currencies: Sequence[str] = ("BTC", "eth"), *, first: bool = False
) -> tuple[Json, list[Json]]:
    """SwissBorg: the audit's roots and one file a customer; as many as a full tree has leaves. Files of the `first`
    audit have a leaf's hash in place of its nonce. A customer's credential is "credential" and a number."""
    partitions: list[Json] = []
    owed: list[list[Json]] = [[] for _ in held]
    for currency in currencies:
        nonces = [swissborg_nonce(f"credential{each}", "A1", currency, each) for each in range(len(held))]
        leaves = [
            Node(sha(f"leaf,{nonce},user{each},{strip(value)}"), {"": value})
            for each, (nonce, value) in enumerate(zip(nonces, held, strict=True))
        ]

        def parent(left: Node, right: Node, _level: int) -> str:
            return sha(f"inner,{strip(left.sums[''])},{strip(right.sums[''])},{left.digest},{right.digest}")

        levels = rise(leaves, parent, copy)
        root = levels[-1][0]
        commitment = {"liability": strip(root.sums[""]), "digest": root.digest}
        partitions.append({"id": f"A1-{currency}", "currency": currency, "commitment": commitment})
        for each, entries in enumerate(owed):
            witnesses = [{"liability": strip(node.sums[""]), "digest": node.digest} for node, _ in beside(levels, each)]
            named = leaves[each].digest if first else nonces[each]
            proof = {"leaf_index": each, "nonce": named, "witnesses": witnesses}
            entries.append({"audit_partition_id": f"A1-{currency}", "liability": strip(held[each]), "proof": proof})
    committed = "".join(
        f",{each['id']},{each['commitment']['liability']},{each['commitment']['digest']}"
        for each in sorted(partitions, key=lambda each: str(each["currency"]).upper())
    )
    digest = sha("SB PoL - Audit commitment hash" + committed)
    audit = {"audit": {"id": "A1", "commitment": {"digest": digest}, "partitions": partitions}}
    users = [{"user_id": f"user{each}", "audit_id": "A1", "liabilities": entries} for each, entries in enumerate(owed)]
    return audit, users


BITMEX_HEIGHT = 800_000


def bitmex_tree(held: Sequence[int]) -> tuple[list[str], list[Json]]:
    """BitMEX: the file's lines, and each account's secret; as many as half a full tree has leaves."""
    leaves: list[tuple[bytes, int]] = []
    users: list[Json] = []
    for account, satoshi in enumerate(held, 1000):
        nonce = sha(f"nonce {account}")
        key = hashlib.sha256(bytes.fromhex(nonce) + _le(BITMEX_HEIGHT) + _le(account)).digest()
        for part in (satoshi // 3, satoshi - satoshi // 3):
            leaves.append((hmac.digest(key, _le(part) + _le(len(leaves)), "sha256"), part))
        users.append({"account": account, "account_nonce": nonce, "amount": str(satoshi)})
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(
            [
                (hashlib.sha256(left[0] + _le(left[1]) + right[0] + _le(right[1])).digest(), left[1] + right[1])
                for left, right in zip(below[::2], below[1::2], strict=True)
            ]
        )
    lines = [f"{digest.hex()},{value}" for level in reversed(levels) for digest, value in level]
    return [f"block_height:{BITMEX_HEIGHT}", *lines], users


def _le(value: int) -> bytes:
    return value.to_bytes(8, "little", signed=value < 0)


def armanino_leaves(rows: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """The Network Firm: the list of leaves of records, hashed in the default way, and each customer's file."""
    lines = ["Level\tHash"]
    users = []
    depth = (len(rows) - 1).bit_length()
    for each, row in enumerate(rows):
        digest = sha(sha(row[0]) + sha("".join(row[1:])), 16)
        lines.append(f"{depth},{each}\t{digest}")
        users.append("#ID,BTC,ETH\n" + ",".join(row) + "\n")
    return "\n".join(lines) + "\n", users


PATH_SCHEMES = ("okx-merkle-v1", "bybit", "bitget", "bitunix", "mexc")
"""Of which a customer's file is a path, and the root alone is enough."""


@dataclass
class Case:
    """An honest proof of one scheme: what is published, and two customers' files."""

    scheme: str
    published: tuple[File, ...]
    users: tuple[File, ...]
    root: str


def json_file(value: Json, name: str = "user.json") -> File:
    return file(json.dumps(value), name)


def cases() -> dict[str, Case]:
    """By scheme; small trees."""
    made: dict[str, Case] = {}

    def paths(scheme: str, files: list[Json], digest: str = "hash", path: str = "path") -> None:
        users = tuple(json_file(each, f"user{n}.json") for n, each in enumerate(files[:2]))
        made[scheme] = Case(scheme, (), users, files[0][path][-1][digest])

    paths("okx-merkle-v1", okx_paths(records(5)))
    bybit = ("BTC", "ETH", "USDT", "USDC")
    paths("bybit", bybit_paths(records(3, bybit), bybit, {"USDT": 4, "USDC": 4}))
    paths("bitget", bitget_paths(records(4, bybit)), "merkelLeaf")
    paths("bitunix", bitunix_paths(records(4)), "merkleLeaf")
    paths("mexc", mexc_paths(records(5)), path="pathList")
    lines, users = okx_tree(records(5))
    tree = file("\n".join(lines) + "\n", "tree.txt")
    made["okx-merkle-v2"] = Case("okx-merkle-v2", (tree,), tuple(map(json_file, users[:2])), lines[0][:64])
    lines, users = bitmex_tree([500, 0, 2**40, 7])
    tree = file("\n".join(lines) + "\n", "tree.csv")
    made["bitmex"] = Case("bitmex", (tree,), tuple(map(json_file, (users[0], users[2]))), lines[1][:64])
    audit, users = swissborg([Decimal("1.5"), Decimal(0), Decimal("0.000000000000000000001"), Decimal(7)])
    roots = json_file(audit, "roots.json")
    root = audit["audit"]["commitment"]["digest"]
    made["swissborg"] = Case("swissborg", (roots,), tuple(map(json_file, users[:2])), root)
    listed, texts = armanino_leaves([[str(each), f"{each}.5", "0"] for each in range(5)])
    published = (file(listed, "leaves.txt"),)
    made["armanino"] = Case(
        "armanino", published, tuple(file(text, "user.csv") for text in texts[:2]), armanino_root(5)
    )
    return made


def armanino_root(number: int) -> str:
    """The root over the leaves of `cases`."""
    level = [bytes.fromhex(sha(sha(str(each)) + sha(f"{each}.50"), 16)) for each in range(number)]
    while len(level) > 1:
        pairs = [hashlib.sha256(left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0].hex()


def published(case: Case, *, root: str | None = None) -> Published:
    """What the exchange of this case published."""
    return Published(case.published, root=root or case.root)

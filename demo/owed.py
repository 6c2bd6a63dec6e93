"""What the demo's exchange publishes of what it owes: a small tree of OKX's second kind, and one customer's file.

The tree's leaves come to the claim's amounts. BTC and ETH refer to it; USDT does not, so that a unit whose total is
shown stands beside one that is the exchange's word alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from scanner.core.amounts import exact

TREE: Final = "liabilities.txt"
CUSTOMER: Final = "customer.json"

_COINS: Final = ("BTC", "ETH", "USDT")
_CUSTOMERS: Final = 21
_PLACES: Final = 10**8

Amounts = tuple[Fraction, ...]
"""Of each of the three coins, in their order."""


@dataclass(frozen=True, slots=True)
class _Node:
    digest: str
    amounts: Amounts


def publish(folder: Path, owed: Mapping[str, Fraction]) -> dict[str, str]:
    """Writes both files into `folder`; by unit, the `proof` that the claim's entry has."""
    customers = _parted([owed[coin] for coin in _COINS])
    nonces = [_sha256(f"customer {number}") for number in range(_CUSTOMERS)]
    hashes = [_sha256(nonce + _json(held)) for nonce, held in zip(nonces, customers, strict=True)]
    leaves = [
        _Node(_sha256(own + "".join(map(exact, held))), held) for own, held in zip(hashes, customers, strict=True)
    ]
    tree = "".join(f"{line}\n" for line in _lines(leaves)).encode()
    (folder / TREE).write_bytes(tree)
    balances = json.loads(_json(customers[0]))
    customer = {
        "hash": hashes[0],
        "nodes": [{"balances": balances, "hash": leaves[0].digest}],
        "nonce": nonces[0],
        "totalBalances": balances,
    }
    (folder / CUSTOMER).write_text(json.dumps(customer, indent=2) + "\n")
    digest = hashlib.sha256(tree).hexdigest()
    return {"BTC": f"{{scheme: okx-merkle-v2, file: {TREE}, sha256: {digest}}}", "ETH": "{of: BTC}"}


def _parted(owed: Sequence[Fraction]) -> list[Amounts]:
    """What each customer is owed: together, just this."""
    shares = [
        [Fraction(int(amount * weight * _PLACES / sum(range(1, _CUSTOMERS + 1))), _PLACES) for amount in owed]
        for weight in range(1, _CUSTOMERS)
    ]
    last = [amount - sum((share[each] for share in shares), Fraction(0)) for each, amount in enumerate(owed)]
    return [tuple(share) for share in (*shares, last)]


def _lines(leaves: Sequence[_Node]) -> list[str]:
    """The tree as OKX writes it: the root first, each level from right to left, its padding at the right end."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below, height = levels[-1], len(levels) + 1
        if len(below) % 2:
            below.append(_Node(below[-1].digest, (Fraction(0),) * len(_COINS)))
        levels.append([_above(*pair, height) for pair in zip(below[::2], below[1::2], strict=True)])
    return [
        f"{node.digest},{height},{_json(node.amounts)}"
        for height in range(len(levels), 0, -1)
        for node in reversed(levels[height - 1])
    ]


def _above(left: _Node, right: _Node, height: int) -> _Node:
    sums = tuple(one + other for one, other in zip(left.amounts, right.amounts, strict=True))
    return _Node(_sha256(left.digest + right.digest + "".join(map(exact, sums)) + str(height)), sums)


def _json(amounts: Amounts) -> str:
    return "{" + ",".join(f'"{coin}":"{exact(amount)}"' for coin, amount in zip(_COINS, amounts, strict=True)) + "}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

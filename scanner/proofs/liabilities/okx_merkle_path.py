"""OKX Merkle v1, of November 2022: one customer's path in a tree of BTC, ETH and USDT.

INCLUDED at best. Source: okx/proof-of-reserves at 2962a89, and its example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.decimals import cut, stripped
from scanner.proofs.liabilities.paths import UserPaths
from scanner.proofs.liabilities.reading import JsonFields
from scanner.proofs.liabilities.remarks import CHILD_SUMS, UNSEPARATED
from scanner.proofs.liabilities.self_and_path import FileLayout

COINS: Final = ("BTC", "ETH", "USDT")
PLACES: Final = 8


@dataclass(frozen=True, slots=True)
class _Rules:
    coins: tuple[str, ...] = COINS
    optional: frozenset[str] = frozenset()
    ordered: bool = False

    def leaf(self, own: JsonFields, amounts: Mapping[str, str]) -> str:
        return own.text("nonce", "[0-9A-Za-z-]{1,200}") + record(amounts)

    def total(self, coin: str, exact: Fraction) -> Fraction:  # noqa: ARG002 - all coins alike
        return cut(exact, PLACES)

    def written(self, coin: str, value: Fraction) -> str:  # noqa: ARG002 - all coins alike
        return stripped(value)

    def parent(self, left: str, right: str, sums: Mapping[str, Fraction], level: int) -> str:
        return left + right + "".join(stripped(sums[coin]) for coin in COINS) + str(level)


def record(amounts: Mapping[str, str]) -> str:
    """A record's amounts as the JSON text that is hashed."""
    return "{" + ",".join(f'"{coin}":"{amounts[coin]}"' for coin in COINS) + "}"


SCHEME: Final = UserPaths(
    FileLayout(
        rules=lambda _: _Rules(),
        digest="hash",
        amounts="balances",
        side="type",
        level="height",
        account="nonce",
        padding="4",
        spelled=True,
    ).read,
    (CHILD_SUMS, UNSEPARATED),
)

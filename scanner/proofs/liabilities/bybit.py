"""Bybit: one customer's path in a tree of four to fifty coins, by the release that has just the file's coins.

INCLUDED at best. Source: bybit-exchange/merkle-proof at 3f0e2da, and its mocks; of the releases 32, Mnt20, 20 and the
original no file was ever published, and they are read by their source alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.decimals import cut, padded
from scanner.proofs.liabilities.interface import NotUnderstood
from scanner.proofs.liabilities.paths import UserPaths
from scanner.proofs.liabilities.reading import JsonFields
from scanner.proofs.liabilities.remarks import CHILD_SUMS, UNSEPARATED, USER_HASH
from scanner.proofs.liabilities.self_and_path import RIGHT, FileLayout

_OFF_LINE: Final = frozenset({"BUSD"})


@dataclass(frozen=True, slots=True)
class Release:
    """The coins of one release, in the order in which they are hashed. An optional coin is hashed in records alone."""

    name: str
    coins: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    places: Mapping[str, int] = field(default_factory=dict)  # where they are not eight
    ordered: bool = False

    def leaf(self, own: JsonFields, amounts: Mapping[str, str]) -> str:
        """The customer's hash, and the amounts as written."""
        return own.text("userHash", "[0-9a-f]{64}") + "".join(
            amounts[coin] for coin in self._record() if coin in amounts
        )

    def total(self, coin: str, exact: Fraction) -> Fraction:
        """Rounded down."""
        return cut(exact, self.places.get(coin, 8))

    def written(self, coin: str, value: Fraction) -> str:
        """With all its zeros."""
        return padded(value, self.places.get(coin, 8))

    def parent(self, left: str, right: str, sums: Mapping[str, Fraction], level: int) -> str:
        """Both hashes, the sums, and the level."""
        return left + right + "".join(self.written(coin, sums[coin]) for coin in self.coins) + str(level)

    def _record(self) -> tuple[str, ...]:
        if not self.optional:
            return self.coins
        after = self.coins.index("BTC") + 1
        return (*self.coins[:after], *sorted(self.optional), *self.coins[after:])


def _releases() -> tuple[Release, ...]:
    fifty = tuple(
        (  # noqa: SIM905 - as the source lists them, on three lines instead of fifty
            "AGLA APT ATOM AVAX MNT BTC DOGE DOT DYDX A ETH S LTC POL SOL USDC USDT XRP SHIB OP SAND LDO LINK COMP UNI "
            "MANA CRV BLUR SUSHI PEPE WLD BEAM AGI FET IMX RENDER GALA APEX SHRAP USDE GRAM XAUT HYPE STABLE ENA ARB "
            "ASTER ONDO AAVE USD1"
        ).split()
    )
    v5 = fifty[:40]
    v4 = _renamed(v5, A="EOS")
    v3 = _renamed(v4, S="FTM")
    v2 = _renamed(v3, POL="MATIC")
    forty = _renamed(v2[:-1], RENDER="RNDR")
    forty = (*forty[: forty.index("DOGE")], "DAI", *forty[forty.index("DOGE") :])
    thirty_two = forty[: forty.index("PEPE") + 1]
    after = thirty_two.index("BTC") + 1
    thirty_two = (*thirty_two[:after], "BUSD", *thirty_two[after:])
    mantle = thirty_two[: thirty_two.index("XRP") + 1]
    return (
        Release("50", fifty),
        Release("40V5", v5, _OFF_LINE),
        Release("40V4", v4, _OFF_LINE),
        Release("40V3", v3, _OFF_LINE),
        Release("40V2", v2, _OFF_LINE),
        Release("40", forty, _OFF_LINE),
        Release("32", thirty_two),
        Release("Mnt20", mantle),
        Release("20", _renamed(mantle, MNT="BIT")),
        Release("original", ("BTC", "ETH", "USDT", "USDC"), places={"USDT": 4, "USDC": 4}),
    )


def _renamed(coins: tuple[str, ...], **names: str) -> tuple[str, ...]:
    return tuple(names.get(coin, coin) for coin in coins)


RELEASES: Final = _releases()


def _release(own: JsonFields) -> Release:
    """The release of a file, by the coins of its record: no two have the same."""
    held = own.object("balance").keys()
    for release in RELEASES:
        if held - release.optional == set(release.coins):
            return release
    raise NotUnderstood(f"{own.where}.balance: its {len(held)} coins are those of no known release")


SCHEME: Final = UserPaths(
    FileLayout(
        rules=_release,
        digest="hash",
        amounts="balance",
        side="type",
        level="height",
        account="userHash",
        padding=RIGHT,
        spelled=True,
    ).read,
    (CHILD_SUMS, UNSEPARATED, USER_HASH),
)

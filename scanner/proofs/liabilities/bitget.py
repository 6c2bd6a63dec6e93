"""Bitget and Bitunix: one customer's path; Bitunix keeps whole hashes, Bitget the first 64 bits of them.

INCLUDED at best. Bitget's own files hold negative sums in parts of the tree, which is reported and lowers no word:
none of them says anything of the total.

Sources: BitgetLimited/proof-of-reserves at 86209a9, and at 0728a7f of more coins; BitunixOfficial/proof-of-reserves at
5a00ad8; and their examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.decimals import amount, cut, padded, stripped
from scanner.proofs.liabilities.interface import NotUnderstood, TooLarge
from scanner.proofs.liabilities.paths import UserPaths, sha256_hex
from scanner.proofs.liabilities.reading import JsonFields
from scanner.proofs.liabilities.remarks import CHILD_SUMS, HASH_64
from scanner.proofs.liabilities.self_and_path import FileLayout

_SHORT: Final = 16
"""Hex digits of Bitget's hashes."""
_ID: Final = "[0-9A-Za-z_-]{1,200}"


@dataclass(frozen=True, slots=True)
class _Rules:
    coins: tuple[str, ...]
    places: Mapping[str, int] | None = None  # behind the point; None: as many as there are, without trailing zeros
    optional: frozenset[str] = frozenset()
    ordered: bool = False

    def leaf(self, own: JsonFields, amounts: Mapping[str, str]) -> str:
        texts = amounts
        if self.places is None:
            texts = {coin: stripped(amount(text, own.where)) for coin, text in amounts.items()}
        return f"{own.text('encryptUid', _ID)},{own.text('nonce', _ID)},{self._json(texts)}"

    def total(self, coin: str, exact: Fraction) -> Fraction:
        return exact if self.places is None else cut(exact, self.places[coin])

    def written(self, coin: str, value: Fraction) -> str:
        return stripped(value) if self.places is None else padded(value, self.places[coin])

    def parent(self, left: str, right: str, sums: Mapping[str, Fraction], level: int) -> str:
        texts = {coin: self.written(coin, sums[coin]) for coin in self.coins}
        return f"{left}{right},{self._json(texts)},{level}"

    def _json(self, texts: Mapping[str, str]) -> str:
        return "{" + ",".join(f'"{coin}":"{texts[coin]}"' for coin in self.coins) + "}"


_FOUR: Final = ("BTC", "ETH", "USDT", "USDC")
_MOST_COINS: Final = 1000
_COIN: Final = re.compile("[0-9A-Za-z]{1,40}", re.ASCII)


def _bitget(own: JsonFields) -> _Rules:
    """In the file's own order, as Bitget's tool reads it since 2026; of four coins in its first order too, since its
    earlier tool took no notice of the file's."""
    balances = own.object("balances")
    coins = balances.names()
    if set(coins) == set(_FOUR):
        texts = {coin: balances.text(coin) for coin in coins}
        later = _Rules(coins, ordered=True)
        return later if sha256_hex(later.leaf(own, texts), _SHORT) == own.text("merkelLeaf") else _Rules(_FOUR)
    if len(coins) > _MOST_COINS:
        raise TooLarge(f"{own.where}.balances", f"{len(coins):,} coins", _MOST_COINS)
    if not coins or not all(map(_COIN.fullmatch, coins)):
        raise NotUnderstood(f"{own.where}.balances: other than names of coins")
    return _Rules(coins, ordered=True)


def _bitunix(own: JsonFields) -> _Rules:
    coins, precisions = ("BTC", "ETH", "USDT"), own.object("precisions")
    return _Rules(coins, {coin: precisions.setting(coin, 0, 30) for coin in coins})


BITGET: Final = UserPaths(
    FileLayout(
        rules=_bitget,
        digest="merkelLeaf",
        amounts="balances",
        side="role",
        level="level",
        account="encryptUid",
        digits=_SHORT,
        rises=False,
        root_side=None,
        empty="0",
        negative=True,
    ).read,
    (CHILD_SUMS, HASH_64),
    digits=_SHORT,
)
BITUNIX: Final = UserPaths(
    FileLayout(
        rules=_bitunix,
        digest="merkleLeaf",
        amounts="balances",
        side="type",
        level="height",
        account="encryptUid",
        rises=False,
    ).read,
    (CHILD_SUMS,),
)

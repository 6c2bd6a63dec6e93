"""Which accounts may stand in a file twice, found at eight bytes a row: nearly every file has none.

A row leaves the hash of its account, which Python makes with a key of the process, so that no one who writes a file can
choose accounts whose hashes are alike. Whether two rows whose hashes are do repeat each other, is for `repeats` to say.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from scanner.sources.published.repeats import Repeats
from scanner.sources.published.stretches import Row, Stretch

_AT_ONCE: Final = 1 << 18  # hashes of which a set is made

Recurring = Mapping[bytes, frozenset[int]]
"""By the number of an asset (`Meaning.asset`): hashes of accounts that several of its rows have."""


class AccountHashes:
    """Takes the account of every row that names one."""

    def __init__(self) -> None:
        self._of_asset: defaultdict[bytes, array[int]] = defaultdict(lambda: array("q"))

    def add(self, asset: bytes, account: bytes) -> None:
        self._of_asset[asset].append(hash(account))

    def add_all(self, asset: bytes, accounts: Iterable[bytes]) -> None:
        self._of_asset[asset].extend(map(hash, accounts))

    def recurring(self) -> Recurring:
        """Without an entry for an asset whose hashes all differ."""
        found = {asset: frozenset(_repeated(hashes)) for asset, hashes in self._of_asset.items()}
        return {asset: repeated for asset, repeated in found.items() if repeated}


def show_recurring(texts: Iterable[tuple[int, Iterable[Row | Stretch]]], recurring: Recurring, repeats: Repeats) -> int:
    """Shows `repeats` the rows of a file that may be some. How many rows there are in all."""
    count = 0
    for member, rows in texts:
        for each in rows:
            if isinstance(each, Stretch) and not _may_recur(each, recurring):
                count += each.count
                continue
            for meaning, row in each.one_by_one() if isinstance(each, Stretch) else (each,):
                if row.account and hash(row.account) in recurring.get(meaning.asset, ()):
                    repeats.add(count, row, meaning, member)
                count += 1
    return count


def _may_recur(stretch: Stretch, recurring: Recurring) -> bool:
    groups = [group for group in stretch.groups if group.meaning.asset in recurring]
    return any(not recurring[group.meaning.asset].isdisjoint(map(hash, group.accounts)) for group in groups)


def _repeated(hashes: array[int]) -> set[int]:
    """Those that stand there more than once."""
    repeated: set[int] = set()
    shares = 1 + len(hashes) // _AT_ONCE
    for share in range(shares):
        some = hashes if shares == 1 else [each for each in hashes if each % shares == share]
        if len(set(some)) != len(some):
            seen: set[int] = set()
            repeated.update(each for each in some if each in seen or seen.add(each))  # type: ignore[func-returns-value]
    return repeated

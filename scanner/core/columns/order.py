"""Rows in the order of their accounts, found without making an object of each.

Rows are dealt out by one byte of their accounts, then by the next, until a pile is small enough to be sorted by Python:
so only one pile's accounts are objects at a time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.core.columns.accounts import Accounts

_PILE: Final = 1 << 15  # rows
_DEEPEST: Final = 24  # bytes; accounts that are alike in more are too few to matter, or a file made to be slow


def ascending(accounts: Accounts) -> array[int]:
    """The positions of all accounts, in the order of their bytes; of equal ones, in the order they stand in."""
    order = array("I")
    _deal(accounts, array("I", range(len(accounts))), 0, order)
    return order


def _deal(accounts: Accounts, positions: array[int], depth: int, order: array[int]) -> None:
    if len(positions) <= _PILE or depth == _DEEPEST:
        order.extend(_sorted(accounts, positions))
        return
    piles = [array("I") for _ in range(257)]
    for position, account in zip(positions, accounts.take(positions), strict=True):
        piles[account[depth] + 1 if len(account) > depth else 0].append(position)
    del positions
    for number, pile in enumerate(piles):
        if number == 0:  # accounts that end here are alike
            order.extend(pile)
        else:
            _deal(accounts, pile, depth + 1, order)


def _sorted(accounts: Accounts, positions: array[int]) -> list[int]:
    found = list(accounts.take(positions))
    order = sorted(range(len(found)), key=found.__getitem__)  # which leaves equal ones as they stand
    return list(map(positions.__getitem__, order))


def abreast(columns: Sequence[Accounts], at_a_time: int) -> Iterator[tuple[range, ...]]:
    """Stretches of ascending columns, of each the rows between the same two accounts; so that no account stands in two
    of them. The longest column has `at_a_time` rows in each."""
    longest, starts = max(columns, key=len), [0] * len(columns)
    for cut in range(at_a_time, len(longest) + at_a_time, at_a_time):
        ends = list(map(len, columns))
        if cut < len(longest):
            account = longest.at(cut)
            ends = [bisect_left(column, account, start) for column, start in zip(columns, starts, strict=True)]
        yield tuple(map(range, starts, ends))
        starts = ends

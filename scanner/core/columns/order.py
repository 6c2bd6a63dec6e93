"""Rows in the order of their accounts, found without making an object of each.

Rows are dealt out by one byte of their accounts, then by the next, until a pile is small enough to be sorted by Python:
so only one pile's accounts are objects at a time.
"""

from __future__ import annotations

from array import array
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
        order.extend(sorted(positions, key=accounts.at))
        return
    piles = [array("I") for _ in range(257)]
    for position in positions:
        account = accounts.at(position)
        piles[account[depth] + 1 if len(account) > depth else 0].append(position)
    del positions
    for number, pile in enumerate(piles):
        if number == 0:  # accounts that end here are alike
            order.extend(pile)
        else:
            _deal(accounts, pile, depth + 1, order)

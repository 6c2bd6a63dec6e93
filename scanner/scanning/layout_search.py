"""Where a token keeps its balances: known, or found by trial on balances that are believed without proof.

The largest holders are asked for first; a layout that gives all of them is the token's. Where none does, more holders
are asked for, and the layout that gives most of them is the token's, if it gives three different amounts: those it does
not give are exceptions, and their proofs will contradict what was read. So one who lies, or one account of which the
contract lies, can spoil a row and never turns proofs off, however large the lie is. A token that no layout fits goes
without proofs, and the finding says so.

Not in here: what nodes are, and what becomes of a contradiction (`weighing.proven`, `weighing.contradiction`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from heapq import nlargest, nsmallest
from typing import Final

from scanner.chains.evm.known_layouts import known_layout
from scanner.chains.evm.slots import CONFIRMING_HOLDERS, Layout, confirm, layouts
from scanner.core.ids import AssetId
from scanner.weighing.proving import Unproven

LARGEST: Final = 2 * CONFIRMING_HOLDERS  # holders that a layout is tried on first
OTHERS: Final = 18  # more of them, where none fits all of these

Words = Callable[[bytes, Collection[Layout]], Awaitable[Mapping[Layout, int]]]
"""The storage words that are shown where these layouts would keep a holder's balance."""

Holder = tuple[bytes, int]
"""A 20-byte account, and the atoms that are believed without a proof."""


def confirming(asset: AssetId, balances: Iterable[Holder]) -> list[Holder]:
    """Those of these holders that layouts are tried on: no two with one amount, none with nothing, the largest first,
    then others in an order that follows from asset and account alone."""
    by_amount: dict[int, bytes] = {}
    for account, atoms in balances:
        if atoms:
            by_amount.setdefault(atoms, account)
    largest = nlargest(LARGEST, by_amount)
    rest = by_amount.keys() - set(largest)
    others = nsmallest(OTHERS, rest, key=lambda atoms: sha256(f"{asset} ".encode() + by_amount[atoms]).digest())
    return [(by_amount[atoms], atoms) for atoms in [*largest, *others]]


async def find_layout(asset: AssetId, holders: Sequence[Holder], words: Words) -> Layout | Unproven:
    """The token's layout, or why its balances go without proofs. `holders` as `confirming` chooses them."""
    known = known_layout(asset)
    if known is not None:
        return known
    if len(holders) < CONFIRMING_HOLDERS:
        return Unproven.TOO_FEW
    found, unseen = await _fitting_all(holders[:LARGEST], words)
    if found is None:
        found, missed = await _fitting_most(holders, words)
        unseen = unseen or missed
    return found or (Unproven.NO_PROOF if unseen else Unproven.NO_LAYOUT)


async def _fitting_all(holders: Sequence[Holder], words: Words) -> tuple[Layout | None, bool]:
    """The layout that gives all these balances; and whether some word could not be seen."""
    fitting: dict[Layout, list[tuple[int, int]]] = {layout: [] for layout in layouts()}
    for holder, atoms in holders:
        shown = await words(holder, fitting)
        if len(shown) < len(fitting):
            return None, True
        fitting = {
            layout: [*seen, (shown[layout], atoms)]
            for layout, seen in fitting.items()
            if layout.balance(shown[layout]) == atoms
        }
        if not fitting:
            return None, False
    return next((layout for layout, seen in fitting.items() if confirm(layout, seen)), None), False


async def _fitting_most(holders: Sequence[Holder], words: Words) -> tuple[Layout | None, bool]:
    """The layout that gives most of these balances, and enough of them; and whether some word could not be seen."""
    fits = dict.fromkeys(layouts(), 0)
    unseen = False
    for holder, atoms in holders:
        shown = await words(holder, fits)
        unseen = unseen or len(shown) < len(fits)
        for layout, word in shown.items():
            fits[layout] += layout.balance(word) == atoms
    best = max(fits, key=fits.__getitem__)  # of several, the first
    return (best if fits[best] >= CONFIRMING_HOLDERS else None), unseen

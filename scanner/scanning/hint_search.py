"""Where an asset keeps its balances: known, or found by trial on balances that are believed without proof.

A family's prover names the places that are worth trying (its *hints*; of an EVM token, storage layouts). The largest
holders are asked for first; a hint that gives all of them is the asset's. Where none does, more holders are asked for,
and the hint that gives most of them is the asset's, if it gives three different amounts: those it does not give are
exceptions, and their proofs will contradict what was read. So one who lies, or one account of which the contract lies,
can spoil a row and never turns proofs off, however large the lie is. An asset that no hint fits goes without proofs,
and the finding says so.

Not in here: what nodes are, what a hint means, and what becomes of a contradiction (`weighing.proven`,
`weighing.contradiction`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from heapq import nlargest, nsmallest
from typing import Final

from scanner.core.ids import AssetId
from scanner.weighing.proving import Unproven

CONFIRMING_HOLDERS: Final = 3
"""Holders with nonzero, pairwise unequal balances that must agree before a hint is believed.

A wrong place reads as zero for nearly everyone, so zeros confirm nothing. What else a contract keeps per holder is
either alike for many (flags, timestamps, an unlimited allowance: the balances must differ) or differs from the balance
for some (nonces, stakes, votes: all must agree). That an unrelated number equals a balance of some 2**40 atoms by
chance has a likelihood of 2**-40, three times over 2**-120, and a family has fewer than 2**8 hints.
"""

LARGEST: Final = 2 * CONFIRMING_HOLDERS  # holders that a hint is tried on first
OTHERS: Final = 18  # more of them, where none fits all of these

Shown = Callable[[bytes, Collection[str]], Awaitable[Mapping[str, int]]]
"""The balances, in atoms, that are shown where these hints would keep a holder's."""

Holder = tuple[bytes, int]
"""An account, and the atoms that are believed without a proof."""


def confirming(asset: AssetId, balances: Iterable[Holder]) -> list[Holder]:
    """Those of these holders that hints are tried on: no two with one amount, none with nothing, the largest first,
    then others in an order that follows from asset and account alone."""
    by_amount: dict[int, bytes] = {}
    for account, atoms in balances:
        if atoms:
            by_amount.setdefault(atoms, account)
    largest = nlargest(LARGEST, by_amount)
    rest = by_amount.keys() - set(largest)
    others = nsmallest(OTHERS, rest, key=lambda atoms: sha256(f"{asset} ".encode() + by_amount[atoms]).digest())
    return [(by_amount[atoms], atoms) for atoms in [*largest, *others]]


def confirmed(observations: Iterable[tuple[int, int]]) -> bool:
    """Whether a hint is an asset's own, judged by (atoms shown there, atoms believed) of several holders at one block.

    All must agree, and among them must be CONFIRMING_HOLDERS different balances above zero. Too few observations
    confirm nothing.
    """
    seen = list(observations)
    return all(shown == believed for shown, believed in seen) and (
        len({believed for _, believed in seen if believed > 0}) >= CONFIRMING_HOLDERS
    )


async def find_hint(hints: Sequence[str], holders: Sequence[Holder], shown: Shown) -> str | Unproven:
    """The asset's hint of those worth trying, or why its balances go without proofs. `holders` as `confirming` chooses
    them. A single hint is known, and not tried."""
    if len(hints) == 1:
        return hints[0]
    if len(holders) < CONFIRMING_HOLDERS:
        return Unproven.TOO_FEW
    found, unseen = await _fitting_all(hints, holders[:LARGEST], shown)
    if found is None:
        found, missed = await _fitting_most(hints, holders, shown)
        unseen = unseen or missed
    return found or (Unproven.NO_PROOF if unseen else Unproven.NO_LAYOUT)


async def _fitting_all(hints: Sequence[str], holders: Sequence[Holder], shown: Shown) -> tuple[str | None, bool]:
    """The hint that gives all these balances; and whether some balance could not be seen."""
    fitting: dict[str, list[tuple[int, int]]] = {hint: [] for hint in hints}
    for holder, atoms in holders:
        balances = await shown(holder, fitting)
        if len(balances) < len(fitting):
            return None, True
        fitting = {hint: [*seen, (balances[hint], atoms)] for hint, seen in fitting.items() if balances[hint] == atoms}
        if not fitting:
            return None, False
    return next((hint for hint, seen in fitting.items() if confirmed(seen)), None), False


async def _fitting_most(hints: Sequence[str], holders: Sequence[Holder], shown: Shown) -> tuple[str | None, bool]:
    """The hint that gives most of these balances, and enough of them; and whether some balance could not be seen."""
    fits = dict.fromkeys(hints, 0)
    unseen = False
    for holder, atoms in holders:
        balances = await shown(holder, fits)
        unseen = unseen or len(balances) < len(fits)
        for hint, balance in balances.items():
            fits[hint] += balance == atoms
    best = max(fits, key=fits.__getitem__)  # of several, the first
    return (best if fits[best] >= CONFIRMING_HOLDERS else None), unseen

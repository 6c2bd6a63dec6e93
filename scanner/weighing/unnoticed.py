"""How likely it is that a single false balance of some size went unnoticed: what the proofs of a unit leave open.

Of one false balance, and of one that is too large: several at once are noticed more easily, since each draw may fall on
any of them, and a balance that is reported too small makes its own chance smaller.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from scanner.weighing.claim import Asset
from scanner.weighing.proving import Proving

PERCENTS: Final = (1, 5, 10)
"""Sizes of a false balance for which it is reported, in percent of what is held."""


def unnoticed(held: Fraction, unproven: Iterable[tuple[Asset, int]], proving: Proving) -> dict[int, Fraction]:
    """By percent of what is held in whole coins, the chance; nothing where nothing is held.

    `unproven`: the atoms of each asset that are believed without proof. Of several the one on which it is likeliest
    counts, and where nothing was drawn, or what was drawn could not be proven, it is certain.
    """
    of_assets = list(unproven)
    chances = {}
    for percent in PERCENTS if held else ():
        largest = Fraction(0)
        for asset, without_proof in of_assets:
            atoms = held * percent / 100 * 10**asset.decimals
            if atoms <= without_proof:
                draw = None if asset.id in proving.unproven else proving.draws.get(asset.id)
                largest = max(largest, Fraction(1) if draw is None else draw.missed(atoms))
        chances[percent] = largest
    return chances

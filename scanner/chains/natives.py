"""Decimals of chains' own coins. Wrong ones move every balance's decimal point, so what is not known is not guessed.

Sources stand in the families' folders.
"""

from __future__ import annotations

from scanner.chains.registry import family
from scanner.core.ids import Chain


def native_decimals(chain: Chain) -> int | None:
    """How many decimals one whole coin of `chain` has; None where that is not known: no balance of it can count."""
    coin = family(chain).coin(chain)
    return coin.decimals if coin else None

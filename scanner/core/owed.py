"""What an amount that is owed rests on: what was shown of it, by which published proof, under which assumptions.

The counterpart of `Basis`, which says so of what is held. All of it are texts and amounts, so that a further scheme of
proofs touches no finding, no format and no page. Nothing here judges a proof (`proofs.liabilities`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.core.shows import Shows

MOST_IDS: Final = 8
"""Assumptions, and remarks, that one basis names."""
ID: Final = r"[a-z0-9][a-z0-9.-]{0,31}"
"""How a scheme, an assumption or a remark is called. What each means stands in docs/liabilities.md."""
MOST_ROOT: Final = 200
"""Characters of a root."""
SYMBOL: Final = r"[!-~]{1,40}"
"""What a proof may call a unit otherwise than the claim does."""


@dataclass(frozen=True, slots=True)
class OwedBasis:
    """Of one unit. Only STATED needs no scheme: the exchange's word alone."""

    shows: Shows
    scheme: str | None = None  # by which the published files were judged
    total: Fraction | None = None  # whole coins that the proof says are owed of the unit
    root: str | None = None  # of the published tree, as the scheme writes it
    entries: int | None = None  # records that were checked
    assumes: tuple[str, ...] = ()  # stable ids, sorted: what `shows` rests on
    remarks: tuple[str, ...] = ()  # stable ids, sorted: what is known to be weak about the scheme, or was not given
    symbol: str | None = None  # what the proof calls the unit, where the claim says that it calls it otherwise

    def __post_init__(self) -> None:
        """Raises ValueError for a word that nothing was looked at for."""
        looked_at = (self.total, self.root, self.entries, self.symbol)
        if self.scheme is None and (self.shows is not Shows.STATED or any(each is not None for each in looked_at)):
            raise ValueError(f"{self.shows} without a scheme that shows it")


STATED: Final = OwedBasis(Shows.STATED)
"""The exchange's word, and no proof."""

"""Lists of which only the first entries are shown, and a line for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.report.cells import MARGIN

SHOWN: Final = 5  # of gaps, dissents, differences, and the blocks of one chain


def rest(total: int, listed: Sequence[object]) -> Iterator[str]:
    """How many more there are than are shown of `listed`, if any."""
    shown = min(SHOWN, len(listed))
    if total > shown:
        yield f"{MARGIN}and {total - shown:,} more, all of them in the evidence"

"""How hard tests try: a tenth of the cases while one works, all of them in `make test`."""

from __future__ import annotations

import os
from typing import Final

FULL: Final = os.environ.get("RESERVE_SCANNER_EXAMPLES") == "full"


def cases(full: int) -> int:
    """How many of `full` random cases to try."""
    return full if FULL else full // 10


def places(size: int) -> range:
    """Which of so many places to try: every one, or every seventh."""
    return range(0, size, 1 if FULL else 7)

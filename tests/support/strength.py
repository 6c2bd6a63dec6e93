"""How hard tests try: a part of the cases while one works, all of them in `make test`."""

from __future__ import annotations

import os
from typing import Final

FULL: Final = os.environ.get("RESERVE_SCANNER_EXAMPLES") == "full"


def cases(full: int, part: int = 10) -> int:
    """How many of `full` random cases to try: all, or one in `part`."""
    return full if FULL else full // part


def examples(full: int) -> int:
    """How many of `full` examples Hypothesis tries: a fifth, as of those that ask for no number of their own."""
    return full if FULL else max(10, full // 5)


def places(size: int) -> range:
    """Which of so many places to try: every one, or every seventh."""
    return range(0, size, 1 if FULL else 7)

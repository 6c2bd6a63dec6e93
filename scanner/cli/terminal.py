"""What stdout is: how wide, and whether colours mean anything there. Nothing is printed here."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

_USUAL: Final = 100  # columns, where stdout is no terminal


def width() -> int:
    """Columns of the terminal, or what the environment's COLUMNS says they are."""
    return shutil.get_terminal_size((_USUAL, 0)).columns


def colours() -> bool:
    """Whether to paint: on terminals that can, unless NO_COLOR (no-color.org) is set to anything."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

"""What stdout is: how wide, and whether colours mean anything there. Nothing is printed here."""

from __future__ import annotations

import os
import sys
from typing import Final

_USUAL: Final = 100  # columns, in files and pipes, and where a terminal does not know its own


def width() -> int:
    """Columns of the terminal. The variable COLUMNS is not asked: programs with a prompt leave 80 in it for others."""
    return (os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0) or _USUAL


def colours() -> bool:
    """Whether to paint: on terminals that can, unless NO_COLOR (no-color.org) is set to anything."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

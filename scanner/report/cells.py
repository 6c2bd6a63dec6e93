"""Single cells and lines of the table: figures cut and set below each other, texts from outside made harmless.

Not in here: what stands in the table.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

MARGIN: Final = "  "
NOTHING: Final = "-"
UNPUBLISHED: Final = "not published"

_WIDEST: Final = 110  # columns that prose is set in, however wide the terminal
_LONGEST: Final = 72  # characters of a text from outside


def amount(text: str) -> str:
    """An exact amount with separators, cut to as many decimals as matter at its size."""
    whole, _, decimals = text.partition(".")
    places = 4 if len(whole) <= 3 else 2 if len(whole) <= 6 else 0
    cut = decimals[:places].rstrip("0")
    if whole == "0" and decimals and not cut:
        return "<0.0001"
    return f"{int(whole):,}" + (f".{cut}" if cut else "")


def percent(ratio: str | None) -> str:
    """ "1.030840" as "103.08%": two decimals, cut."""
    if ratio is None:
        return NOTHING
    whole, _, decimals = ratio.partition(".")
    return f"{int(whole + decimals[:2]):,}.{decimals[2:4]}%"


def moment(time: str) -> str:
    """ "2023-11-22T16:00:00Z" as "2023-11-22 16:00 UTC"."""
    return f"{time[:10]} {time[11:].removesuffix('Z').removesuffix(':00')} UTC"


def plain(text: str, longest: int = _LONGEST) -> str:
    """Text from outside: one line, without anything that a terminal would obey, and no longer than it has to be."""
    shown = "".join(character if character.isprintable() else "?" for character in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def at_the_point(amounts: Sequence[str]) -> list[str]:
    """Amounts padded so that their decimal points stand below each other when they are set to the right."""
    tails = [len(text.partition(".")[2]) + ("." in text) for text in amounts]
    longest = max(tails, default=0)
    return [
        text + " " * (longest - tail) if text != UNPUBLISHED else text
        for text, tail in zip(amounts, tails, strict=True)
    ]


def left(cells: Sequence[str], heading: str) -> list[str]:
    """A column, its heading first, set to the left."""
    widest = max(map(len, [heading, *cells]))
    return [cell.ljust(widest) for cell in [heading, *cells]]


def right(cells: Sequence[str], heading: str) -> list[str]:
    """A column, its heading first, set to the right."""
    widest = max(map(len, [heading, *cells]))
    return [cell.rjust(widest) for cell in [heading, *cells]]


def wrapped(text: str, width: int, bullet: str = "") -> list[str]:
    """Prose in lines of at most `width` columns, after a margin."""
    indents = (MARGIN + bullet, MARGIN + " " * len(bullet))
    return textwrap.wrap(text, min(width, _WIDEST), initial_indent=indents[0], subsequent_indent=indents[1])

"""Cells, lines and grids: figures cut and set below each other, texts from outside made harmless, colour.

Not in here: what stands in them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

MARGIN: Final = "  "
NOTHING: Final = "-"
UNPUBLISHED: Final = "not stated"

_BETWEEN: Final = ("   ", "  ")  # two columns; the narrower where the wider does not fit
_STYLES: Final = {"COVERED": "32", "SHORT": "1;31", "UNKNOWN": "33", "heading": "2", "title": "1"}  # ECMA-48, SGR
_WIDEST: Final = 110  # columns that prose is set in, however wide the terminal
_LONGEST: Final = 72  # characters of a text from outside


class Paint:
    """Colours text, or leaves it as it is. Text is brought to its width before it is painted."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text

    def verdict(self, cell: str) -> str:
        """A verdict, with blanks around it or without; what is none stays as it is."""
        return self(cell.strip(), cell) if cell.strip() in _STYLES else cell


def grid(columns: Mapping[str, Sequence[str]], width: int, paint: Paint) -> Iterator[str]:
    """Columns by name, each with its heading first and all its cells of one width, side by side.

    Where they do not fit into `width`, each row becomes a paragraph under its first cell. A column that is called
    `verdict` holds verdicts.
    """
    heading, *rows = zip(*columns.values(), strict=True)
    for between in _BETWEEN:
        if len(MARGIN + between.join(heading)) <= width:
            yield MARGIN + paint("heading", between.join(heading).rstrip())
            for row in rows:
                cells = [
                    paint.verdict(cell) if name == "verdict" else cell for name, cell in zip(columns, row, strict=True)
                ]
                yield (MARGIN + between.join(cells)).rstrip()
            return
    for number, row in enumerate(rows):
        if number:
            yield ""
        title, *named = zip((name.strip() for name in heading), (cell.strip() for cell in row), strict=True)
        verdicts = [paint.verdict(cell) for name, cell in named if name == "verdict"]
        yield MARGIN + MARGIN.join([title[1], *verdicts])
        rest = [(name, cell) for name, cell in named if name != "verdict" and (name or cell)]  # no line of blanks
        longest = max((len(name) for name, _ in rest), default=0)
        for name, cell in rest:
            yield f"{MARGIN * 2}{paint('heading', name.ljust(longest + len(MARGIN)))}{cell}"


def amount(text: str) -> str:
    """An exact amount with separators, cut to as many decimals as matter at its size."""
    whole, _, decimals = text.partition(".")
    places = 4 if len(whole) <= 3 else 2 if len(whole) <= 6 else 0
    cut = decimals[:places].rstrip("0")
    if whole == "0" and decimals and not cut:
        return "<0.0001"
    return f"{int(whole):,}" + (f".{cut}" if cut else "")


def signed(text: str) -> str:
    """The same of a difference: "+" where there is more, "-" where there is less."""
    if text == "0":
        return text
    return f"-{amount(text[1:])}" if text[0] == "-" else f"+{amount(text)}"


def shares(parts: Mapping[str, Fraction]) -> dict[str, str]:
    """What each part is of all of them, in whole percent, cut; what is there is not called nothing."""
    whole = sum(parts.values())
    return {name: f"{part * 100 // whole or '<1'}%" if part else NOTHING for name, part in parts.items()}


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
    shown = text[: longest + 1]
    if not shown.isprintable():
        shown = "".join(character if character.isprintable() else "?" for character in shown)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def at_the_point(amounts: Sequence[str]) -> list[str]:
    """Amounts padded so that their decimal points stand below each other when they are set to the right."""
    tails = [len(text.partition(".")[2]) + ("." in text) for text in amounts]
    longest = max(tails, default=0)
    return [
        text + " " * (longest - tail) if text not in (UNPUBLISHED, NOTHING) else text
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
    """Prose in lines of at most `width` columns, after a margin. Names with a hyphen (USDT-ERC20) are not torn."""
    indents = (MARGIN + bullet, MARGIN + " " * len(bullet))
    columns = max(1, min(width, _WIDEST))
    return textwrap.wrap(text, columns, initial_indent=indents[0], subsequent_indent=indents[1], break_on_hyphens=False)

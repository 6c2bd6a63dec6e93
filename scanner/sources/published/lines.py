"""Pieces of bytes to lines of text, and a line to cells.

One line is one row, always: a quotation mark that is opened and never closed spoils its own line, and cannot swallow
the rows that follow, and neither can bytes that are no UTF-8. UTF-8 only, with or without byte order marks; lines end
with LF, CR LF or CR. What the cells mean is not known here.

Source: RFC 4180, save for line ends within quoted cells; OKX also publishes JSON cells that hold commas and are not
quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from scanner.errors import InputError

MAX_LINE: Final = 2**17  # bytes; a 15-of-15 script in hex has some 1,000, JSON of keys a few thousand

SEPARATORS: Final = (",", ";", "\t", "|")  # of cells; a comma is looked for first
_BLANKS = {separator: " *" if separator == "\t" else "[ \t]*" for separator in SEPARATORS}

REPLACED: Final = "\ufffd"  # stands where bytes are no UTF-8, so that they spoil their own line and no other

_QUOTED = {
    separator: re.compile(rf'"((?:[^"]|"")*+)"{_BLANKS[separator]}(?={re.escape(separator)}|$)')
    for separator in SEPARATORS
}
_OPENERS, _CLOSERS = "{[", "}]"


class Unbalanced(ValueError):
    """A line whose quotation marks or brackets do not close."""


def read_lines(pieces: Iterable[bytes], where: str) -> Iterator[str]:
    """The lines without their ends. Raises InputError for a line beyond MAX_LINE bytes."""
    return chain.from_iterable(map(lines_of, read_blocks(pieces, where)))


def lines_of(block: str) -> list[str]:
    """The lines of one block, without their ends."""
    lines = block.split("\n")
    lines.pop()  # what follows the last line end: nothing
    return lines


def read_blocks(pieces: Iterable[bytes], where: str) -> Iterator[str]:
    """The same text in blocks of whole lines, of which each ends with LF. Raises InputError as `read_lines` does."""
    rest, count = b"", 0
    for piece in _with_line_feeds(pieces):
        data = rest + piece
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if len(rest) > MAX_LINE:
            raise InputError.at(f"{where}:{_next(count, data, cut)}", f"is longer than {MAX_LINE} bytes")
        if cut:
            yield _decoded(data[:cut], count, where)
            count += data.count(b"\n", 0, cut)
    if rest:
        yield _decoded(rest + b"\n", count, where)


def _with_line_feeds(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces with LF as the end of every line: CR LF is one end, wherever it is cut, and so is CR alone."""
    held = b""
    for piece in pieces:
        if held or b"\r" in piece:
            data = held + piece
            held = b"\r" if data.endswith(b"\r") else b""
            yield data.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            yield piece
    if held:
        yield b"\n"


def split_cells(line: str, separator: str = ",") -> list[str]:
    """The cells of one line. Raises Unbalanced."""
    if "{" not in line and "[" not in line:
        if '"' not in line:
            return line.split(separator)
        empty_last = f'{separator}""'  # an empty last cell, as in every row of Binance's
        if line.endswith(empty_last) and '"' not in line[:-2]:
            return line[:-2].split(separator)
    return list(_careful(line, separator))


def _careful(line: str, separator: str) -> Iterator[str]:
    position = 0
    while True:
        cell, position = _cell(line, position, separator)
        yield cell
        if position >= len(line):
            return
        position += 1  # the separator


def _cell(line: str, position: int, separator: str) -> tuple[str, int]:
    """The cell that starts at `position`, and where it ends."""
    start = position
    while line[start : start + 1] in (" ", "\t") and line[start] != separator:
        start += 1
    first = line[start : start + 1]
    if first == '"':
        match = _QUOTED[separator].match(line, start)
        if match is None:
            raise Unbalanced("a quotation mark is not closed, or something stands behind it")
        return match[1].replace('""', '"'), match.end()
    if first and first in _OPENERS:
        return _json(line, start, separator)
    end = line.find(separator, start)
    return (line[position:], len(line)) if end < 0 else (line[position:end], end)


def _json(line: str, start: int, separator: str) -> tuple[str, int]:
    """A bare JSON cell: separators within its brackets, and within its strings, are its own."""
    depth, within = 0, False
    for position in range(start, len(line)):
        character = line[position]
        if character == '"':
            within = not within
        elif within:
            continue
        elif character in _OPENERS:
            depth += 1
        elif character in _CLOSERS:
            depth -= 1
        elif character == separator and depth <= 0:
            return line[start:position], position
    if depth > 0 or within:
        raise Unbalanced("a bracket or a quotation mark is not closed")
    return line[start:], len(line)


def _decoded(data: bytes, count: int, where: str) -> str:
    """The text; a mark that starts a line, as where two files were put into one, is none of it."""
    text = data.decode("utf-8", "replace")
    if "\ufeff" in text:
        text = text.replace("\n\ufeff", "\n").removeprefix("\ufeff")
    start = 0
    while start < len(text):  # from line end to line end, by the longest steps that there may be
        end = text.rfind("\n", start, start + MAX_LINE + 1)
        if end < 0:
            line = count + text.count("\n", 0, start) + 1
            raise InputError.at(f"{where}:{line}", f"is longer than {MAX_LINE} characters")
        start = end + 1
    return text


def _next(count: int, data: bytes, position: int) -> int:
    return count + data.count(b"\n", 0, position) + 1

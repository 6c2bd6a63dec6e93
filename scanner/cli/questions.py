"""Questions on a terminal, on stderr, as stdout is for results. In a pipeline nothing is asked: options say it all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, TypeVar

from scanner.errors import InputError

T = TypeVar("T")

_TRIES: Final = 5  # of one question


def can_ask() -> bool:
    """Whether somebody sits at a terminal, to read a question and to answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(question: str, read: Callable[[str], T], *, usual: str = "") -> T:
    """What `read` makes of the answer; of an empty one, of the `usual` one, where there is one.

    `read` raises ValueError, with what is expected, for an answer that it cannot take: then it is asked again. Raises
    InputError where no answer comes.
    """
    shown = f"{question} [{usual}]: " if usual else f"{question}: "
    for _ in range(_TRIES):
        print(shown, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            break
        try:
            return read(line.strip() or usual)
        except ValueError as error:
            print(f"  {error}", file=sys.stderr)
    raise InputError.at("terminal", f"no answer to: {question}")

"""What a claim says and its published file may not: whose file it is, and of which moment.

The options say it, else the file, else it is asked for on a terminal. In a pipeline everything that is missing is named
at once, each with the form that is taken.
"""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar

from scanner.cli import questions
from scanner.errors import InputError, Mistake
from scanner.scanning.clock import is_to_come, system_clock
from scanner.sources.published import Published

T = TypeVar("T")

LONGEST_NAME: Final = 200  # characters of an exchange's name, as of any text in a claim
_EXCHANGE: Final = "a name, such as OKX"
_MOMENT: Final = "a time in UTC, such as 2023-11-22T16:00:00Z"


@dataclass(frozen=True, slots=True)
class Facts:
    exchange: str
    as_of: datetime
    by_name: bool  # the day was taken from the file's name, and the hour is not known


def facts(arguments: Namespace, published: Published, read_moment: Callable[[str], datetime]) -> Facts:
    """Of the file. `read_moment` raises ArgumentTypeError for a text that is no time. Raises InputError."""
    exchange, day = arguments.exchange or _exchange(published), _day(published)
    as_of: datetime | None = arguments.as_of or day
    if questions.can_ask():
        if exchange is None:
            exchange = questions.ask(f"Whose file is it ({_EXCHANGE})", _name)
        if as_of is None:
            as_of = questions.ask(f"Of which moment is it ({_MOMENT})", lambda text: _moment(text, read_moment))
    mistakes = []
    if exchange is None:
        mistakes.append(Mistake("--exchange", f"missing; the file's layout does not say whose it is: give {_EXCHANGE}"))
    elif fault := _unfit(exchange):
        mistakes.append(Mistake("--exchange", fault))
    if as_of is None:
        mistakes.append(Mistake("--as-of", f"missing; the file's name does not give one day: give {_MOMENT}"))
    elif why := is_to_come(as_of, system_clock()):
        mistakes.append(Mistake("--as-of", why if arguments.as_of else f"the day in the file's name, {why}"))
    if mistakes or exchange is None or as_of is None:
        raise InputError(mistakes)
    return Facts(exchange, as_of, by_name=as_of is day)


def _exchange(published: Published) -> str | None:
    """Whose file it is, where all of its texts say so. Common columns do not, whatever the layout is called."""
    found = {part.exchange for part in published.parts}
    return found.pop() if len(found) == 1 else None


def _day(published: Published) -> datetime | None:
    """The start of the day that the file's name gives, if it gives one and no other."""
    days = {part.day for part in published.parts}
    day = days.pop()
    if day is None or days:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(tzinfo=UTC))
    except ValueError:
        return None  # as 2026-02-30 is: no day either


def _unfit(exchange: str) -> str | None:
    if not exchange.isprintable():
        return f"{exchange!a} holds characters that cannot be seen"
    return f"longer than {LONGEST_NAME} characters" if len(exchange) > LONGEST_NAME else None


def _name(text: str) -> str:
    if not text or _unfit(text):
        raise ValueError(f"expected {_EXCHANGE}")
    return text


def _moment(text: str, read: Callable[[str], datetime]) -> datetime:
    try:
        found = read(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(str(error)) from None
    if why := is_to_come(found, system_clock()):
        raise ValueError(why)
    return found

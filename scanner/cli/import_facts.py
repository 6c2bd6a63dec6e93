"""What a claim says and its published file may not: whose file it is, and of which moment.

The options say it, else the file, else it is asked for on a terminal. In a pipeline everything that is missing is named
at once, each with the form that is taken.
"""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, TypeVar

from scanner.cli import questions
from scanner.cli.moment_argument import FORMS, is_day, moment
from scanner.errors import Mistake
from scanner.scanning.clock import is_to_come, system_clock
from scanner.sources.published import PublishedFile

T = TypeVar("T")

LONGEST_NAME: Final = 200  # characters of an exchange's name, as of any text in a claim
_EXCHANGE: Final = "a name, such as OKX"
_MOMENT: Final = f"a time {FORMS}"
_URL: Final = re.compile(r"https?://[!-~]{1,190}", re.ASCII)
_BY_NAME: Final = "the day in the file's name: put in the hour of the snapshot"
_BY_DAY: Final = "a day without an hour was given: put in the hour of the snapshot"


@dataclass(frozen=True, slots=True)
class Facts:
    exchange: str
    as_of: datetime
    remark: str = ""  # where only the day is known: what to do about it
    report_url: str = ""  # where the exchange's report can be read


def facts(arguments: Namespace, published: PublishedFile, mistakes: list[Mistake]) -> Facts | None:
    """Of the file; None where anything is missing or wrong, which `mistakes` then has too. InputError: no answer."""
    exchange, day = arguments.exchange or _exchange(published), _day(published)
    as_of, remark = _given(arguments.as_of, mistakes) if arguments.as_of else (day, _BY_NAME if day else "")
    if questions.can_ask() and not mistakes:
        if exchange is None:
            exchange = questions.ask(f"Whose file is it ({_EXCHANGE})", _name)
        if as_of is None:
            as_of, remark = questions.ask(f"Of which moment is it ({_MOMENT})", _moment)
    before = len(mistakes)
    if exchange is None:
        mistakes.append(Mistake("--exchange", f"missing; the file's layout does not say whose it is: give {_EXCHANGE}"))
    elif fault := _unfit(exchange):
        mistakes.append(Mistake("--exchange", fault))
    if as_of is None and not arguments.as_of:
        mistakes.append(Mistake("--as-of", f"missing; {_why_no_day(published)}: give {_MOMENT}"))
    elif as_of is not None and (why := is_to_come(as_of, system_clock())):
        mistakes.append(Mistake("--as-of", why if arguments.as_of else f"the day in the file's name, {why}"))
    url = arguments.report_url or ""
    if url and not _URL.fullmatch(url):
        mistakes.append(Mistake("--report-url", f"expected a URL that starts with https://, not {url[:200]!a}"))
    if exchange is None or as_of is None or len(mistakes) > before:
        return None
    return Facts(exchange, as_of, remark, url)


def _given(text: str, mistakes: list[Mistake]) -> tuple[datetime | None, str]:
    try:
        return moment(text), _BY_DAY if is_day(text) else ""
    except argparse.ArgumentTypeError as error:
        mistakes.append(Mistake("--as-of", str(error)))
        return None, ""


def _why_no_day(published: PublishedFile) -> str:
    likes = sorted({part.form.layout.dated_like for part in published.parts} - {""})
    such = f", as one like {' or '.join(likes)} does" if likes else ""
    return f"the file's name does not give one day{such}"


def _exchange(published: PublishedFile) -> str | None:
    """Whose file it is, where all of its texts say so. Common columns do not, whatever the layout is called."""
    found = {part.exchange for part in published.parts}
    return found.pop() if len(found) == 1 else None


def _day(published: PublishedFile) -> datetime | None:
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


def _moment(text: str) -> tuple[datetime, str]:
    try:
        found = moment(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(str(error)) from None
    if why := is_to_come(found, system_clock()):
        raise ValueError(why)
    return found, _BY_DAY if is_day(text) else ""

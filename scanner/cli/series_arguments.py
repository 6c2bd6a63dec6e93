"""What `scanner series` and `scanner check --plan` take to say at which moments a series looks. Imports nothing
heavy."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from scanner.cli.job_arguments import Prove
from scanner.cli.moment_argument import moment
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.weighing.schedule import Schedule

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def length(text: str) -> timedelta:
    """A length of time such as 90m, 12h or 7d. Raises ArgumentTypeError for any other text."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text, re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected a length of time such as 90m, 12h or 7d, not {text!a}")
    return int(found[1]) * _UNITS[found[2]]


def share(text: str) -> Fraction:
    """A percentage below 100, such as 99.9, as a ratio. Raises ArgumentTypeError for any other text."""
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,6})?", text, re.ASCII) or not Fraction(text):
        raise argparse.ArgumentTypeError(f"expected a percentage above 0 and below 100, such as 99.9, not {text!a}")
    return Fraction(text) / 100


def add_proving(command: argparse.ArgumentParser) -> None:
    """How many balances of each moment are proven."""
    command.add_argument(
        "--prove",
        metavar="HOW",
        type=Prove,
        help="prove balances at each moment, as scanner scan does (default: what the nodes' file says, else all)",
    )


def add_schedule(command: argparse._ActionsContainer) -> None:
    """At which moments is looked."""
    command.add_argument(
        "--around", metavar="LENGTH", type=length, help="look as far before the claim's moment as after it: 24h, 7d"
    )
    command.add_argument("--from", dest="start", metavar="TIME", type=moment, help="look from here on")
    command.add_argument("--to", dest="end", metavar="TIME", type=moment, help="and up to here, in whole stretches")
    command.add_argument(
        "--every",
        metavar="LENGTH",
        type=length,
        help="how long a stretch is, in which one moment is drawn: whole minutes that divide a day, or whole days"
        " (default: the shortest that makes up to 15 stretches on each side)",
    )


def is_asked_for(arguments: Namespace) -> bool:
    """Whether any of it stands on the command line."""
    return any(getattr(arguments, name) is not None for name in ("around", "start", "end", "every"))


def schedule(arguments: Namespace, as_of: datetime) -> Schedule:
    """The schedule that is asked for, of a claim of this moment. Raises InputError."""
    from scanner.weighing.schedule import Schedule

    around, every = arguments.around, arguments.every
    if around is not None and (arguments.start or arguments.end):
        raise InputError.at("--around", "says from when to when; give it, or --from, --to and --every")
    try:
        if around is not None:
            return Schedule.around(as_of, around, every)
        if not (arguments.start and arguments.end and every):
            raise InputError.at("--around", "is missing: give it, or --from, --to and --every together")
        return Schedule.between(as_of, arguments.start, arguments.end, every)
    except ValueError as error:
        raise InputError.at("--every" if around is None else "--around", str(error)) from None

"""`scanner score`: how much was shown of each report of a history, by six criteria. The work is in `cli.score`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import Final

from scanner.cli import terminal
from scanner.cli.anchoring import add_trusted
from scanner.cli.command import Command, add_json, print_json
from scanner.cli.log_arguments import add_auditors, add_history
from scanner.cli.moment_argument import moment


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_history(command)
    command.add_argument("--exchange", metavar="NAME", help="score this exchange alone")
    add_auditors(command)
    command.add_argument(
        "--at",
        metavar="TIME",
        type=moment,
        help="the moment at which it is judged whether reports still come (default: now)",
    )
    add_trusted(command, "in the current folder")
    add_json(command, "all scores")


def run(arguments: Namespace) -> int:
    """The scores of a history."""
    from scanner.cli.score import scored
    from scanner.report.score_table import render

    found = scored(arguments)
    if arguments.json:
        print_json(found)
    else:
        print(render(found, width=terminal.width(), colour=terminal.colours()), end="")
    return 0


COMMAND: Final = Command(
    "score",
    "score each report of the history by six stated criteria, with what would raise it",
    (
        "scanner score --auditor auditor.pub --auditor second.pub",
        "scanner score --exchange OKX --json",
    ),
    add_arguments,
    run,
)

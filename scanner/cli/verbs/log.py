"""`scanner log`: the history listed; or, by its action, added to, checked, or derived anew. See `cli.log`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import Final

from scanner.cli import anchoring, named_files, terminal
from scanner.cli.command import EXIT_CODES, Command, print_json, read_attestation
from scanner.cli.log_arguments import add_log
from scanner.cli.moment_argument import moment
from scanner.errors import AttestationInvalid


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_log(command, moment, EXIT_CODES)


def run(arguments: Namespace) -> int:
    """The history listed; or, by its action, added to, checked, or derived anew."""
    from scanner.cli import log as history
    from scanner.report.log_table import render

    match arguments.action:
        case "add":
            named_files.of_log(arguments, history.location(arguments))
            added = history.add(arguments, read_attestation(arguments.attestation))
            print_json(added) if arguments.json else print("\n".join(history.lines(added)))
        case "check":
            if faults := history.check(arguments):
                print("\n".join(faults))
                return AttestationInvalid.exit_code
            print(history.sound(arguments))
            if anchoring.asked(arguments):
                found, blocks = history.anchored(arguments)
                print("\n".join([*anchoring.lines(found, blocks), *history.not_anchored(arguments)]))
                return anchoring.code(arguments, found)
        case "rebuild":
            print(f"{history.rebuild(arguments):,} entries derived anew.")
        case _:
            listed = history.listed(arguments)
            print_json(listed) if arguments.json else print(
                render(listed, width=terminal.width(), colour=terminal.colours()), end=""
            )
    return 0


COMMAND: Final = Command(
    "log",
    "list the history: each exchange's reports, streaks and accounts; or add to it",
    (
        "scanner log add out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub",
        "scanner log --cadence monthly",
    ),
    add_arguments,
    run,
)

"""`scanner diff`: what differs between two attestations, or two claims. The work is in `cli.diff`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Final

from scanner.cli import terminal
from scanner.cli.command import Command, add_json, print_json


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("before", metavar="BEFORE", type=Path, help="an attestation's file, or a claim's")
    command.add_argument("after", metavar="AFTER", type=Path, help="another one of the same kind")
    add_json(command, "every change")


def run(arguments: Namespace) -> int:
    """What differs. Nothing is checked: `scanner verify` does that."""
    from scanner.cli.diff import changes
    from scanner.report.changes_table import render_changes

    found = changes(arguments.before, arguments.after, all_accounts=arguments.json)
    if arguments.json:
        print_json({"changes": [asdict(each) for each in found]})
        return 0
    names = str(arguments.before), str(arguments.after)
    print(render_changes(found, names, width=terminal.width(), colour=terminal.colours()), end="")
    return 0


COMMAND: Final = Command(
    "diff",
    "tell what differs between two attestations, or two claims",
    (
        "scanner diff october/attestation.dsse.json november/attestation.dsse.json",
        "scanner diff october.yaml november.yaml --json",
    ),
    add_arguments,
    run,
)

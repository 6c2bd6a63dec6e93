"""`scanner series`: what the claim's accounts held before and after its moment. The work is in `series`."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli.command import INTERRUPTED, Command, add_json, add_log, add_nodes, add_signing_keys
from scanner.cli.series_arguments import add_proving, add_schedule, share


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("claim", metavar="CLAIM", type=Path, help="the claim's file")
    add_schedule(command)
    command.add_argument(
        "--share",
        metavar="PERCENT",
        type=share,
        help="read all accounts at the claim's moment alone, and at the others only the largest, which held so much of"
        " each asset then, such as 99.9",
    )
    add_nodes(command)
    command.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help="write the series, and the evidence of each moment, here; what was interrupted goes on from there",
    )
    command.add_argument("--again", action="store_true", help="read anew, whatever is in DIR")
    add_signing_keys(command)
    add_proving(command)
    add_json(command, "the predicate")
    add_log(command)


def run(arguments: Namespace) -> int:
    """What the claim's accounts held at each moment of a schedule, written down and shown."""
    from scanner.cli import series

    try:
        return series.series(arguments)
    except KeyboardInterrupt:
        print(f"scanner: {series.INTERRUPTED_NOTE}", file=sys.stderr)
        return INTERRUPTED


COMMAND: Final = Command(
    "series",
    "read the claim's accounts at moments before and after its own, and tell what lasted",
    (
        "scanner series config/addresses.yaml --around 7d --out series --key auditor.pem",
        "scanner series config/addresses.yaml --from 2023-11-01T00:00:00Z --to 2023-12-31T00:00:00Z --every 1d"
        " --out series",
    ),
    add_arguments,
    run,
)

"""`scanner flows`: what moved to and from the claim's accounts around its moment. The work is in `flows`."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli.command import INTERRUPTED, Command, add_json, add_log, add_nodes, add_signing_keys
from scanner.cli.series_arguments import add_proving, length


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("claim", metavar="CLAIM", type=Path, help="the claim's file")
    command.add_argument(
        "--around",
        metavar="LENGTH",
        type=length,
        required=True,
        help="how far to look before the claim's moment, and after it: 24h, 7d",
    )
    add_nodes(command)
    command.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help="write the flows, their transfers and the evidence of three moments here",
    )
    add_signing_keys(command)
    add_proving(command)
    command.add_argument(
        "--history",
        metavar="FILE|URL",
        help="say which counterparts the verified claims of this history declare: a SQLite file or a postgresql:// URL",
    )
    add_json(command, "the predicate")
    add_log(command)


def run(arguments: Namespace) -> int:
    """What moved to the claim's accounts, and from them, written down and shown."""
    from scanner.cli import flows

    try:
        return flows.flows(arguments)
    except KeyboardInterrupt:
        print(f"scanner: {flows.INTERRUPTED_NOTE}", file=sys.stderr)
        return INTERRUPTED


COMMAND: Final = Command(
    "flows",
    "tell what moved to the claim's accounts before its moment, and from them after it",
    ("scanner flows config/addresses.yaml --around 7d --out flows --key auditor.pem",),
    add_arguments,
    run,
)

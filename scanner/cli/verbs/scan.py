"""`scanner scan`: every holding of every claim read, weighed, reported and written down. The work is in `scanning`."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli import job_arguments, onchain
from scanner.cli.command import INTERRUPTED, Command, add_json, add_log, add_nodes, add_signing_keys, present


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "claims",
        metavar="CLAIM",
        type=Path,
        nargs="+",
        help="the claim's file; of several, each has a folder of its name in DIR, one that is wrong does not stop the"
        " others, and the exit code is the first of 130, 1, 70, 2, 3, 5, 0 that one of them has",
    )
    add_nodes(command)
    command.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="write the statement and its evidence here, unless the same scan's attestation, signed with the same key"
        " and without gaps, is there and holds",
    )
    command.add_argument(
        "--together",
        action="store_true",
        help="weigh all claims at the moment of each of them, alone and jointly: an account in two of them counts once",
    )
    command.add_argument("--again", action="store_true", help="scan anew, whatever is in DIR")
    add_signing_keys(command)
    onchain.add_signing(command)
    command.add_argument(
        "--prove",
        metavar="HOW",
        type=job_arguments.Prove,
        help="prove balances by state proofs, on chains that have them: all, none, or how many are drawn of each asset,"
        " by their amounts, when all is read (default: what the nodes' file says, else all)",
    )
    command.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="have the nodes asked by the workers of this Dask scheduler, such as tls://scheduler:8786 (needs the extra"
        " dask); tcp:// only on this machine",
    )
    command.add_argument(
        "--cluster-plaintext",
        action="store_true",
        help="let --cluster be tcp:// on another machine, where anyone on the way reads the nodes' keys and"
        " speaks for every worker",
    )
    job_arguments.add_arguments(command)
    add_json(command, "the predicate (of several claims: an object of them, by name)")
    add_log(command)


def run(arguments: Namespace) -> int:
    """Every holding of every claim read, weighed, reported, and written down."""
    if arguments.together:
        from scanner.cli import together

        try:
            return together.scan_together(arguments)
        except KeyboardInterrupt:
            print(f"scanner: {together.INTERRUPTED_NOTE}", file=sys.stderr)
            return INTERRUPTED
    from scanner.cli import scanning

    return scanning.scan(arguments, present)


COMMAND: Final = Command(
    "scan",
    "read every holding of the claim and weigh it against what is owed",
    ("scanner scan config/addresses.yaml --nodes config/nodes.yaml --out out --key auditor.pem",),
    add_arguments,
    run,
)

"""What a command of the command line is, and what several commands have in common. Imports nothing heavy.

Each command is a module of `verbs`, with one value `COMMAND`; `commands` lists them. Not here: any command.
"""

from __future__ import annotations

import argparse
import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scanner.cli import streams, terminal

INTERRUPTED: Final = 130  # as shells have it for SIGINT: 128 and the signal's number
UNKNOWN: Final = 3
MOST_BYTES: Final = 16 * 1024 * 1024  # of an attestation's file

EXIT_CODES: Final = """\
exit codes:
  0   every unit is COVERED; or the attestation holds
  1   a unit is SHORT: a finding, not a fault
  2   the command line, the claim or the settings are wrong
  3   UNKNOWN: evidence is incomplete; running again may help
  4   an attestation does not hold
  5   UNKNOWN, and running again changes nothing: the claim leaves it open
  70  a bug of ours
  130 interrupted; the same command goes on from there
"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, what it does in a few words, examples, what may be typed after it, and how it runs."""

    name: str
    what: str
    examples: tuple[str, ...]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Namespace], int]  # returns the exit code. Raises ScannerError

    def add(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """The command's own parser, among the others."""
        heading = f"example{'s' if self.examples[1:] else ''}:"
        self.add_arguments(
            commands.add_parser(
                self.name,
                help=self.what,
                description=f"{self.what[0].upper()}{self.what[1:]}.",
                epilog="\n  ".join([heading, *self.examples]) + f"\n\n{EXIT_CODES}",
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )


def add_nodes(command: argparse.ArgumentParser) -> None:
    """Which nodes are asked."""
    command.add_argument(
        "--nodes", metavar="FILE", type=Path, help="the nodes to ask (default: nodes.yaml beside CLAIM)"
    )


def add_signing_keys(command: argparse.ArgumentParser) -> None:
    """Who signs what is written."""
    command.add_argument(
        "--key",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="sign with this Ed25519 private key (PEM); may be given several times",
    )


def add_demanded_keys(command: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Who must have signed what is verified."""
    command.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        required=required,
        default=[],
        help="an Ed25519 public key (PEM) that must have signed it; may be given several times",
    )


def add_evidence(command: argparse.ArgumentParser) -> None:
    """Where the files are that an attestation names."""
    command.add_argument(
        "--evidence", metavar="FILE", type=Path, help="default: evidence.csv.gz beside the attestation"
    )
    command.add_argument("--witness", metavar="FILE", type=Path, help="default: witness.bin beside the attestation")


def add_json(command: argparse.ArgumentParser, what: str) -> None:
    """The output for machines."""
    command.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def add_log(command: argparse.ArgumentParser) -> None:
    """How progress is reported."""
    command.add_argument(
        "--log",
        choices=["text", "json", "none"],
        help="how to tell of progress on stderr (default: text on a terminal, else none)",
    )


def read_attestation(path: Path) -> bytes:
    """The bytes of an attestation's file. Raises InputError, also for a claim, which is easily named in its place."""
    from scanner.cli.files import is_claim, read_whole
    from scanner.errors import InputError

    document = read_whole(path, MOST_BYTES, "; no attestation is")
    if is_claim(document):
        raise InputError.at(str(path), "is a claim, not an attestation: name the attestation.dsse.json of a scan")
    return document


def present(predicate: Mapping[str, Any], *, as_json: bool) -> None:
    """What an attestation says, on stdout."""
    from scanner.report.table import render

    if as_json:
        print_json(predicate)
    else:
        print(render(predicate, width=terminal.width(), colour=terminal.colours()), end="")


def print_json(value: Mapping[str, Any]) -> None:
    """A value for machines, on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=not streams.takes_every_character(sys.stdout)))

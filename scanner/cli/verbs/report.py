"""`scanner report`: a report of factual findings on an attestation that holds. The work is in `cli.findings_report`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli import named_files
from scanner.cli.command import Command, add_demanded_keys, add_evidence
from scanner.cli.log_arguments import add_expected
from scanner.cli.targets import beside


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's file")
    command.add_argument("--claim", metavar="CLAIM", type=Path, required=True, help="the claim it is about")
    add_demanded_keys(command, required=True)
    add_evidence(command)
    command.add_argument(
        "--engagement",
        metavar="FILE",
        type=Path,
        help="who asked for the report, for what use, and what else only people can say; blank lines without it",
    )
    command.add_argument(
        "--format",
        choices=["md", "html", "csv", "xlsx"],
        required=True,
        help="md and html: the report; csv: every exception; xlsx: both",
    )
    command.add_argument("--out", metavar="FILE", type=Path, required=True, help="the file to write")
    command.add_argument(
        "--history",
        metavar="FILE|URL",
        help="look for the exchange's reports in this history too: a SQLite file or a postgresql:// URL",
    )
    add_expected(command)
    command.add_argument(
        "--series", metavar="FILE", type=Path, help="a series of the same claim, which is checked first"
    )
    command.add_argument("--flows", metavar="FILE", type=Path, help="flows of the same claim, which are checked first")
    command.add_argument(
        "--together",
        metavar="FILE",
        type=Path,
        help="a statement of this claim and others together, which is checked first; name the others by --with-claim",
    )
    command.add_argument(
        "--with-claim",
        metavar="CLAIM",
        type=Path,
        action="append",
        default=[],
        help="another claim that the statement of --together is about; may be given several times",
    )


def run(arguments: Namespace) -> int:
    """The attestation verified, and the report written."""
    from scanner.cli.findings_report import write

    named_files.of_report(arguments)
    print("\n".join(write(arguments)), file=beside(arguments.out))
    return 0


COMMAND: Final = Command(
    "report",
    "verify an attestation, and write a report of factual findings on it",
    (
        "scanner report out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub"
        " --format html --out findings.html",
        "scanner report out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub"
        " --engagement engagement.yaml --format xlsx --out findings.xlsx",
    ),
    add_arguments,
    run,
)

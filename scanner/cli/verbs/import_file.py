"""`scanner import`: a claim that refers to a published file, written; and the account of the file's rows."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli import import_owed, terminal
from scanner.cli.command import Command, add_json, print_json


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", type=Path, help="CSV or YAML, plain, in gzip or in a ZIP")
    command.add_argument(
        "--layout",
        metavar="NAME",
        default="auto",
        help="how the file is laid out: okx, binance, bitmex, auditor, plain (default: auto, whichever fits)",
    )
    command.add_argument(
        "--out", metavar="CLAIM", type=Path, required=True, help="the claim to write, in FILE's folder or above it"
    )
    command.add_argument("--exchange", metavar="NAME", help="whose file it is (default: what the layout says)")
    command.add_argument(
        "--as-of",
        metavar="TIME",
        help="the moment that is judged, such as 2023-11-22T16:00:00Z or 2023-11-22 (default: the day in the file's"
        " name)",
    )
    import_owed.add_arguments(command)
    command.add_argument("--report-url", metavar="URL", help="where the exchange's report can be read")
    command.add_argument("--force", action="store_true", help="overwrite CLAIM if it is there")
    add_json(command, "the account of rows")


def run(arguments: Namespace) -> int:
    """A claim that refers to a published file, written; and the account of the file's rows."""
    from scanner.cli import importing
    from scanner.report.cells import Paint

    read = importing.write_claim(arguments)
    if arguments.json:
        print_json(importing.as_json(arguments.out, read))
    else:
        print("\n".join(importing.lines(arguments.out, read, terminal.width(), Paint(terminal.colours()))))
    return 0


COMMAND: Final = Command(
    "import",
    "write a claim that refers to a file as an exchange published it",
    (
        "scanner import okx_por.zip --layout okx --owed merkle-tree.txt --out claim.yaml",
        "scanner import rows.csv --exchange OKX --as-of 2023-11-22 --owed BTC=139199 --owed ETH=9 --out claim.yaml",
    ),
    add_arguments,
    run,
)

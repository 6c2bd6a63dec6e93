"""The whole command line: what can be typed, and the help for it. Imports nothing heavy: `--help` answers at once."""

from __future__ import annotations

import argparse
from functools import cache
from typing import Any

from scanner.cli.command import EXIT_CODES
from scanner.cli.misspelt import Parser
from scanner.cli.verbs import COMMANDS


class _ShowVersion(argparse.Action):
    """Looks the version up only where it is asked for: that takes longer than anything else at the start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"scanner {version('reserve-scanner')}")
        parser.exit()


@cache
def parser() -> argparse.ArgumentParser:
    """The whole command line, built once a process: parsing changes nothing of it."""
    top: argparse.ArgumentParser = Parser(
        prog="scanner",
        description="Checks whether a crypto exchange holds what it owes.",
        epilog=f"""\
examples:
  scanner import okx_por.zip --layout okx --out claim.yaml
  scanner check config/addresses.yaml
  scanner scan config/addresses.yaml --out out --key auditor.pem
  scanner verify out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub
  scanner log add out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub

{EXIT_CODES}""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_ShowVersion, nargs=0, help="show program's version number and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for command in COMMANDS:
        command.add(commands)
    return top

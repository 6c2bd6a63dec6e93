"""One command run: results on stdout, everything else on stderr, and an exit code. Which there are: `verbs`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Final

from scanner.cli import streams
from scanner.cli.arguments import parser
from scanner.cli.bugs import report_bug
from scanner.cli.command import INTERRUPTED
from scanner.cli.verbs import COMMANDS
from scanner.errors import ScannerError

_RUN: Final[dict[str, Callable[[Namespace], int]]] = {command.name: command.run for command in COMMANDS}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code, which `scanner.errors` and every `--help` explain."""
    with streams.lenient():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    arguments = parser().parse_args(argv)
    try:
        return _RUN[arguments.command](arguments)
    except ScannerError as error:
        print("\n".join(f"scanner: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("scanner: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: anything else is a fault of this program, and says so
        report_bug(error)
        return ScannerError.exit_code

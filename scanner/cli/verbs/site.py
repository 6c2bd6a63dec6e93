"""`scanner site`: the history as a folder of pages. The work is in `cli.site`."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import Final

from scanner.cli.command import Command
from scanner.cli.log_arguments import add_site
from scanner.cli.moment_argument import moment


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_site(command, moment)


def run(arguments: Namespace) -> int:
    """The history as a folder of pages."""
    from scanner.cli.site import write

    print(write(arguments))
    return 0


COMMAND: Final = Command(
    "site",
    "write the history as a static site, with charts and feeds",
    ("scanner site --out site --cadence monthly --url https://reserves.example/",),
    add_arguments,
    run,
)

"""`scanner init`: a nodes.yaml to begin with. The work is in `cli.init`."""

from __future__ import annotations

from typing import Final

from scanner.chains.examples import EXAMPLE_OTHER_CHAIN
from scanner.cli.command import Command
from scanner.cli.init import add_arguments, run

COMMAND: Final = Command(
    "init",
    "write a nodes.yaml to begin with, for the chains that a claim names",
    (
        "scanner init claim.yaml",
        f"scanner init claim.yaml --operators drpc.org,alchemy.com --own {EXAMPLE_OTHER_CHAIN}",
    ),
    add_arguments,
    run,
)

"""The examples in deploy/: where they lie, and the scanner's own reading of the commands in them."""

from __future__ import annotations

from argparse import Namespace
from typing import Final

from scanner.cli.arguments import parser
from tests.support.places import ROOT

DEPLOY: Final = ROOT / "deploy"
PROGRAM: Final = "/opt/reserve-scanner/bin/scanner"


def taken(words: list[str]) -> Namespace:
    """The arguments, as the scanner reads them; the test fails where it does not."""
    return parser().parse_args(words)

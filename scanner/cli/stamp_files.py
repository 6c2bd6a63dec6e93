"""Where stamps lie: beside the file that they are over, under its name and an ending.

    attestation.dsse.json.tsr     what a time-stamping authority answered (RFC 3161); further ones: .2.tsr, .3.tsr ...
    attestation.dsse.json.ots     what calendars of OpenTimestamps answered; further ones: .2.ots, .3.ots ...

One that is there is never written over: the earliest says most. Not here: what a stamp shows.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.errors import InputError

RFC3161: Final = ".tsr"
OPENTIMESTAMPS: Final = ".ots"

MOST: Final = 9
"""Stamps of one kind over one file."""


def beside(stamped: Path, ending: str) -> list[Path]:
    """The stamps of a kind that lie beside a file, in order."""
    return [path for path in _names(stamped, ending) if path.exists()]


def to_check(arguments: Namespace, ending: str) -> list[Path]:
    """The stamps of a kind that `--stamp` names, or those beside the attestation where it names none at all; any that
    is no OpenTimestamps proof by its name is a time stamp."""
    if not arguments.stamp:
        return beside(arguments.attestation, ending)
    proofs = [path for path in arguments.stamp if path.suffix == OPENTIMESTAMPS]
    return proofs if ending == OPENTIMESTAMPS else [path for path in arguments.stamp if path not in proofs]


def next_name(stamped: Path, ending: str) -> Path:
    """Where a further stamp belongs. Raises InputError where there are as many as there may be."""
    for path in _names(stamped, ending):
        if not path.exists():
            return path
    raise InputError.at(str(stamped), f"has {MOST} stamps that end in {ending}: more are not kept beside it")


def _names(stamped: Path, ending: str) -> list[Path]:
    numbers = ["", *(f".{number}" for number in range(2, MOST + 1))]
    return [stamped.parent / f"{stamped.name}{number}{ending}" for number in numbers]

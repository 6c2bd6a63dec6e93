"""Where stamps lie: beside the file that they are over, under its name and an ending.

    attestation.dsse.json.tsr     what a time-stamping authority answered (RFC 3161); further ones: .2.tsr, .3.tsr ...

One that is there is never written over: the earliest says most. Not here: what a stamp shows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scanner.errors import InputError

RFC3161: Final = ".tsr"

MOST: Final = 9
"""Stamps of one kind over one file."""


def beside(stamped: Path, ending: str) -> list[Path]:
    """The stamps of a kind that lie beside a file, in order."""
    return [path for path in _names(stamped, ending) if path.exists()]


def next_name(stamped: Path, ending: str) -> Path:
    """Where a further stamp belongs. Raises InputError where there are as many as there may be."""
    for path in _names(stamped, ending):
        if not path.exists():
            return path
    raise InputError.at(str(stamped), f"has {MOST} stamps that end in {ending}: more are not kept beside it")


def _names(stamped: Path, ending: str) -> list[Path]:
    numbers = ["", *(f".{number}" for number in range(2, MOST + 1))]
    return [stamped.with_name(f"{stamped.name}{number}{ending}") for number in numbers]

"""All versions of the predicate that are read, by the type that a statement names. New statements are in the newest.

A version is a folder here and a line in `FORMATS`. One that was released stays for ever, so that an attestation that
was verified once is verified for ever (docs/adr/0026-formats.md).
"""

from __future__ import annotations

from typing import Final

from scanner.attesting.formats.interface import Format
from scanner.attesting.formats.v1 import V1

FORMATS: Final[dict[str, Format]] = {each.type: each for each in (V1,)}


def newest() -> Format:
    """The version in which new statements are written."""
    return max(FORMATS.values(), key=lambda each: each.version)


def format_named(predicate_type: str) -> Format:
    """The version of that type. Raises ValueError for one that is not known here."""
    found = FORMATS.get(predicate_type)
    if found is None:
        known = ", ".join(FORMATS)
        raise ValueError(
            f"statement.predicateType: {predicate_type[:200]!a} is no version of the predicate that this scanner reads;"
            f" it reads {known}. A newer scanner may"
        )
    return found

"""`scanner schema`: the JSON Schemas of what is read and written. They are made in `cli.schemas`."""

from __future__ import annotations

from typing import Final

from scanner.cli.command import Command
from scanner.cli.schemas import add_arguments, print_schema

COMMAND: Final = Command(
    "schema",
    "print the JSON Schema of a claim, or of what an attestation says",
    ("scanner schema claim > claim.schema.json",),
    add_arguments,
    print_schema,
)

"""The JSON Schemas of what is read and written: `scanner schema NAME` prints one, and docs/schema/ holds them all.

They are the shapes that readers and writers check by, printed. A further one is one line in `_SCHEMAS`; `make docs`
writes it into docs/schema/.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Any, Final

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

# By name: the module and the name of the shape, and what it is the shape of.
_SCHEMAS: Final = {
    "claim": ("scanner.sources.claim_shape", "CLAIM", "What an exchange says it holds and owes (docs/claim.md)"),
    "summary": ("scanner.report.summary", "SHAPE", "What one run of scanner scan did (docs/operations.md)"),
    "predicate": ("scanner.attesting.formats.v1.shape", "SHAPE", "What an attestation says (docs/predicate.md)"),
    "together": ("scanner.attesting.together.v1.shape", "SHAPE", "What several claims come to (docs/together.md)"),
    "flows": ("scanner.attesting.flows.v1.shape", "SHAPE", "What flows say (docs/flows.md)"),
    "score": ("scanner.history.score.shape", "SHAPE", "How much is shown of each report (docs/score.md)"),
    "series": ("scanner.attesting.series.v1.shape", "SHAPE", "What a series says (docs/series.md)"),
}
NAMES: Final = tuple(_SCHEMAS)


def add_arguments(command: ArgumentParser) -> None:
    """What `scanner schema` takes."""
    command.add_argument("name", metavar="NAME", choices=NAMES, help=f"of what: {', '.join(NAMES)}")


def print_schema(arguments: Namespace) -> int:
    """`scanner schema`."""
    print(as_text(arguments.name), end="")
    return 0


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of that name. Raises KeyError."""
    module, attribute, title = _SCHEMAS[name]
    shape = getattr(import_module(module), attribute)
    return {"$schema": _DIALECT, "title": title, **shape.schema}


def as_text(name: str) -> str:
    """The same as it is published."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"

"""In which forms a finding can be asked for: written by floors above this one, which it must not know.

How a statement is written stands in `attesting`, what people see in `report`. `scanner/__init__.py`, which Python runs
before any other module of the package, says here which of their functions write; they are imported when one is asked
for (docs/adr/0036-a-finding-writes-itself.md). Not in here: anything that a finding follows from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

Form = Literal["predicate", "table"]

_WRITERS: Final[dict[Form, Callable[[Any], Any]]] = {}


def written_by(form: Form, write: Callable[[Any], Any]) -> None:
    """From now on a finding is written in this form by `write`. For `scanner/__init__.py` alone."""
    _WRITERS[form] = write


def written(finding: object, form: Form) -> Any:
    """The finding in this form. Raises what its writer raises."""
    return _WRITERS[form](finding)

"""Fields of decoded answers, taken out with their types checked. Raises NodeError MALFORMED for any other."""

from __future__ import annotations

from typing import TypeVar

from scanner.errors import NodeError, Why

_T = TypeVar("_T")


def malformed(what: str) -> NodeError:
    return NodeError(Why.MALFORMED, what)


def field(answer: object, name: str, kind: type[_T]) -> _T:
    """The field `name` of a JSON object, of exactly the type `kind`."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if type(value) is not kind:
        raise malformed(f"the answer has no {name} of the kind documented")
    return value

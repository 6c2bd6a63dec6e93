"""Whatever a statement of version 1 can say stands in a golden attestation: each key filled and empty, each word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.envelope import read_envelope
from scanner.attesting.formats.v1 import V1
from scanner.attesting.statement import read_statement
from tests.support.golden_folders import FOLDERS

Said = tuple[str, str]
"""A place in the predicate, and what stands there."""


def test_everything_that_a_statement_can_say_stands_in_a_golden_attestation() -> None:
    envelopes = ((folder / ATTESTATION).read_bytes() for folder in FOLDERS if folder.parent.name == "v1")
    statements = (read_statement(read_envelope(each).payload) for each in envelopes)
    said = {each for statement in statements for each in saying(V1.shape.schema, statement.written, "")}
    assert set(sayable(V1.shape.schema, "")) - said == set()


def sayable(schema: dict[str, Any], place: str) -> Iterator[Said]:
    """All that may stand anywhere."""
    schema, nullable = without_null(schema)
    if nullable:
        yield from ((place, "null"), (place, "filled"))
    if "properties" in schema:
        for key, of in schema["properties"].items():
            yield from sayable(of, f"{place}/{key}")
    elif schema.get("type") == "object":
        yield place, "filled"
        yield from ((place, key) for key in schema["propertyNames"].get("enum", ()))
        yield from sayable(schema["additionalProperties"], f"{place}/*")
    elif schema.get("type") == "array":
        yield place, "filled"
        yield from sayable(schema["items"], f"{place}/-")
    else:
        yield from ((place, word) for word in words(schema))


def saying(schema: dict[str, Any], value: Any, place: str) -> Iterator[Said]:
    """All that stands in a value."""
    schema, nullable = without_null(schema)
    if nullable:
        yield place, "null" if value is None else "filled"
    if isinstance(value, dict) and "properties" in schema:
        for key, of in schema["properties"].items():
            yield from saying(of, value[key], f"{place}/{key}")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from ((place, "filled"), (place, key))
            yield from saying(schema["additionalProperties"], member, f"{place}/*")
    elif isinstance(value, list):
        for item in value:
            yield place, "filled"
            yield from saying(schema["items"], item, f"{place}/-")
    elif str(value) in words(schema):
        yield place, str(value)


def without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A schema without the null that it may allow, and whether it does."""
    other = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    assert len(other) == 1
    return other[0], "anyOf" in schema


def words(schema: dict[str, Any]) -> list[str]:
    return ["True", "False"] if schema.get("type") == "boolean" else schema.get("enum", [])

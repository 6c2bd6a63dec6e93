"""The shape of a JSON value, written down as a table: checked against it, and printed as JSON Schema.

    point = record(x=whole(), y=whole(), label=optional(text()))
    point({"x": 1, "y": 2}, "point")
    point.schema                        # {"type": "object", "properties": {"x": {"type": "integer", ...

A check raises ShapeError for the first thing that is not as the table says, naming its place ("reserves[2].owed"); it
returns nothing, and changes nothing. Keys are exact: an unknown one is refused, and a missing one unless it is
optional. A shape and its schema take the same values: patterns are such as Python's `re`, ECMA-262 and RE2 read alike.

What any particular value means is not known here. Source: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

JsonSchema = dict[str, Any]

MOST: Final = 2**53 - 1  # larger integers change silently in readers that use doubles (RFC 7493)


class ShapeError(ValueError):
    """A value that is not of the shape it should have."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must be like. Call it with a value and the value's name; ShapeError says what is wrong."""

    check: Callable[[Any, str], None]
    schema: JsonSchema
    may_be_missing: bool = False  # as a field of a record
    fields: Mapping[str, Shape] = field(default_factory=dict)  # of a record

    def __call__(self, value: Any, where: str) -> None:
        self.check(value, where)

    @property
    def keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Of a record: the keys that must be there, and those that may."""
        needed = tuple(key for key, shape in self.fields.items() if not shape.may_be_missing)
        return needed, tuple(key for key in self.fields if key not in needed)


def record(**fields: Shape) -> Shape:
    """An object with exactly these keys, less the `optional` ones."""

    def check(value: Any, where: str) -> None:
        members = _of_type(dict, value, where)
        for key in members.keys() - fields.keys():
            raise ShapeError(where, f"unknown key {key[:80]!a}")
        for key, shape in fields.items():
            if key in members:
                shape(members[key], f"{where}.{key}")
            elif not shape.may_be_missing:
                raise ShapeError(where, f"{key} is missing")

    schema = {
        "type": "object",
        "properties": {key: shape.schema for key, shape in fields.items()},
        "required": [key for key, shape in fields.items() if not shape.may_be_missing],
        "additionalProperties": False,
    }
    return Shape(check, schema, fields=fields)


def optional(shape: Shape) -> Shape:
    """A field of a record that may be left out."""
    return replace(shape, may_be_missing=True)


def table(keys: Shape, values: Shape, least: int = 0) -> Shape:
    """An object of at least `least` members, whose keys are data, all of one kind."""

    def check(value: Any, where: str) -> None:
        members = _of_type(dict, value, where)
        if len(members) < least:
            raise ShapeError(where, f"{len(members)} members, at least {least} are needed")
        for key, member in members.items():
            keys(key, f"{where}: key")
            values(member, f"{where}[{key[:80]!a}]")

    bound = {"minProperties": least} if least else {}
    return Shape(
        check, {"type": "object", **bound, "propertyNames": keys.schema, "additionalProperties": values.schema}
    )


def array(items: Shape, most: int | None, least: int = 0) -> Shape:
    """An array of `least` to `most` items; None for as many as there are."""

    def check(value: Any, where: str) -> None:
        count = len(_of_type(list, value, where))
        if most is not None and count > most:
            raise ShapeError(where, f"{count} items, at most {most} are possible")
        if count < least:
            raise ShapeError(where, f"{count} items, at least {least} are needed")
        for position, item in enumerate(value):
            items(item, f"{where}[{position}]")

    bounds = {"minItems": least} if least else {}
    if most is not None:
        bounds["maxItems"] = most
    return Shape(check, {"type": "array", "items": items.schema, **bounds})


def text(pattern: str | None = None, expected: str = "", *, least: int = 0, most: int = 2000) -> Shape:
    """A string of `least` to `most` characters, of which the whole matches `pattern`; `expected` says in words what."""
    compiled = None if pattern is None else re.compile(pattern, re.ASCII)
    expected = expected or (f"{least} to {most} characters" if least else f"at most {most} characters")

    def check(value: Any, where: str) -> None:
        length = len(_of_type(str, value, where))
        if not least <= length <= most or (compiled is not None and not compiled.fullmatch(value)):
            raise ShapeError(where, f"{value[:80]!a} is not {expected}")

    schema: JsonSchema = {"type": "string", "maxLength": most}
    if least:
        schema["minLength"] = least
    if pattern is not None:
        # Python's $ also matches before a line feed at the end, other engines' does not: there the two may differ.
        schema |= {"pattern": f"^(?:{pattern})$", "description": expected}
    return Shape(check, schema)


def one_of(*texts: str) -> Shape:
    """One of these strings."""

    def check(value: Any, where: str) -> None:
        if _of_type(str, value, where) not in texts:
            raise ShapeError(where, f"{value[:80]!a} is none of {', '.join(texts)}")

    return Shape(check, {"enum": [str(each) for each in texts]})


def whole(least: int = 0, most: int = MOST) -> Shape:
    """An integer from `least` to `most`. A boolean is none, though Python counts it as one."""

    def check(value: Any, where: str) -> None:
        number = _of_type(int, value, where)
        if number < least:
            raise ShapeError(where, f"{value} is below {least}")
        if number > most:
            raise ShapeError(where, f"{value} is above {most}")

    return Shape(check, {"type": "integer", "minimum": least, "maximum": most})


def nullable(shape: Shape) -> Shape:
    """null, or what `shape` says."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            shape(value, where)

    return Shape(check, {"anyOf": [shape.schema, {"type": "null"}]})


def either(*shapes: Shape) -> Shape:
    """What one of these says, and the others may. The error is the last one's."""

    def check(value: Any, where: str) -> None:
        for shape in shapes[:-1]:
            try:
                return shape(value, where)
            except ShapeError:
                continue
        return shapes[-1](value, where)

    return Shape(check, {"anyOf": [shape.schema for shape in shapes]})


_JSON_NAMES = {dict: "an object", list: "an array", str: "a text", int: "an integer", bool: "true or false"}


def _of_type(kind: type, value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise ShapeError(where, f"expected {_JSON_NAMES[kind]}")
    return value


truth: Final = Shape(lambda value, where: _of_type(bool, value, where), {"type": "boolean"})
"""true or false."""

anything: Final = Shape(lambda _value, _where: None, {})
"""Any value at all: for what is compared as a whole elsewhere."""

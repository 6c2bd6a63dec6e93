"""The shape of a JSON value, written down as a table and checked against it.

    point = record(x=whole(), y=whole(), label=nullable(text()))
    point({"x": 1, "y": 2, "label": None}, "point")

A check raises ShapeError for the first thing that is not as the table says, naming its place ("reserves[2].owed"); it
returns nothing, and changes nothing. Keys are exact: a missing one and an unknown one are both refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any, str], None]


class ShapeError(ValueError):
    """A value that is not of the shape it should have."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")


def record(**fields: Check) -> Check:
    """An object with exactly these keys."""

    def check(value: Any, where: str) -> None:
        members = _of_type(dict, value, where)
        for key in members.keys() - fields.keys():
            raise ShapeError(where, f"unknown key {key[:80]!a}")
        for key, field in fields.items():
            if key not in members:
                raise ShapeError(where, f"{key} is missing")
            field(members[key], f"{where}.{key}")

    return check


def table(keys: Check, values: Check) -> Check:
    """An object whose keys are data, all of one kind."""

    def check(value: Any, where: str) -> None:
        for key, member in _of_type(dict, value, where).items():
            keys(key, f"{where}: key")
            values(member, f"{where}[{key[:80]!a}]")

    return check


def array(items: Check, most: int) -> Check:
    """An array of at most `most` items."""

    def check(value: Any, where: str) -> None:
        if len(_of_type(list, value, where)) > most:
            raise ShapeError(where, f"{len(value)} items, at most {most} are possible")
        for position, item in enumerate(value):
            items(item, f"{where}[{position}]")

    return check


def text(pattern: str = r"(?s:.){0,2000}", expected: str = "at most 2000 characters") -> Check:
    """A string that matches the whole pattern; `expected` says in words what that means."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: Any, where: str) -> None:
        if not compiled.fullmatch(_of_type(str, value, where)):
            raise ShapeError(where, f"{value[:80]!a} is not {expected}")

    return check


def one_of(*texts: str) -> Check:
    """One of these strings."""

    def check(value: Any, where: str) -> None:
        if value not in texts:
            raise ShapeError(where, f"{str(value)[:80]!a} is none of {', '.join(texts)}")

    return check


def whole(least: int = 0) -> Check:
    """An integer, not below `least`. A boolean is none, though Python counts it as one."""

    def check(value: Any, where: str) -> None:
        if _of_type(int, value, where) < least:
            raise ShapeError(where, f"{value} is below {least}")

    return check


def truth(value: Any, where: str) -> None:
    """true or false."""
    _of_type(bool, value, where)


def nullable(field: Check) -> Check:
    """null, or what `field` says."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            field(value, where)

    return check


_JSON_NAMES = {dict: "an object", list: "an array", str: "a text", int: "an integer", bool: "true or false"}


def _of_type(kind: type, value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise ShapeError(where, f"expected {_JSON_NAMES[kind]}")
    return value

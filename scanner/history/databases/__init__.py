"""Where a history may be kept. One file is one database; `KINDS` registers them by what a location begins with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from scanner.errors import InputError
from scanner.history.databases.interface import Database

# The module of each, loaded when it is first needed. A location without one of these prefixes is a SQLite file.
KINDS: Final[Mapping[str, str]] = {"postgresql://": "postgres", "postgres://": "postgres"}
FILE: Final = "sqlite"


def connect(location: str, *, create: bool) -> Database:
    """The database at a file's path or a URL. With `create` it is made where there is none.

    Raises InputError, whose words hold no user or password of a URL.
    """
    if not location:
        raise InputError.at("--history", "is empty; expected a file's name, or postgresql://USER@HOST/DATABASE")
    kind = next((name for prefix, name in KINDS.items() if location.startswith(prefix)), FILE)
    if kind == FILE and ("://" in location or location.startswith(("postgres:", "postgresql:"))):
        raise InputError.at("--history", "is no history's URL; expected a file's name, or postgresql://HOST/DATABASE")
    database: Database = import_module(f"{__name__}.{kind}").connect(location, create=create)
    return database

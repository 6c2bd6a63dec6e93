"""Forged files of every scheme, each with the way it was forged and what has to come of it.

A forgery is one change of an honest set of files. Where that helps a forger, the hashes are made anew, so that only the
rule which the forgery breaks can refuse it. The kinds are the same for all schemes, and each is asked for every kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scanner.proofs.liabilities import File
from tests.support.liabilities.published_files import file

KINDS: Final[Mapping[str, str]] = {
    "hash": "one digit of a hash is changed",
    "alphabet": "a hash has another alphabet or length",
    "amount": "an amount is edited",
    "total": "the total that is stated is edited",
    "siblings": "two nodes are swapped",
    "levels": "a level is cut",
    "negative": "something negative is added up, though all hashes are right",
    "overflow": "an amount is larger than the format holds, or than is read",
    "other-root": "the file holds together, and is of another tree than the published one",
    "twice": "one record, or one place, is shown twice",
    "settings": "the configuration is of another size",
    "trailing": "something follows behind the end",
    "missing": "the end of a file is missing",
    "nesting": "values stand in one another without end",
}
"""What a file can be made up in, for every scheme."""
REFUTED, OTHER_ROOT, NOT_UNDERSTOOD, TOO_LARGE = "refuted", "other-root", "not-understood", "too-large"


@dataclass(frozen=True)
class Forged:
    """One forged set of files."""

    kind: str
    what: str  # what was done, and whom it would deceive
    outcome: str
    published: tuple[File, ...]
    customer: File | None = None  # whose question it is; None: what was published is judged
    root: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


Change = Callable[[Any], object]


def content(each: File) -> bytes:
    """All bytes of a file."""
    return b"".join(each.chunks())


def changed(given: File, change: Change, name: str = "") -> File:
    """A JSON file of which some values are changed."""
    value = json.loads(content(given))
    change(value)
    return file(json.dumps(value), name or given.name)


def replaced(given: File, old: str, new: str, count: int = 1) -> File:
    """A file in which some text is another."""
    text = content(given).decode()
    if old not in text:
        raise ValueError(f"{given.name} does not hold {old[:80]}")
    return file(text.replace(old, new, count), given.name)


def another_digit(text: str) -> str:
    """The same hash but for its last digit."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def of_any_json(customer: File) -> Iterator[tuple[str, str, str, File]]:
    """What can be done to any customer's JSON file: kind, what was done, outcome, file."""
    text = content(customer)
    yield "trailing", "a second JSON text stands behind the first", NOT_UNDERSTOOD, file(text + text, customer.name)
    yield (
        "missing",
        "the second half of the file is missing",
        NOT_UNDERSTOOD,
        file(text[: len(text) // 2], customer.name),
    )
    deep = text.rstrip()[:-1] + b', "more": ' + b"[" * 200 + b"]" * 200 + b"}"
    yield "nesting", "two hundred lists stand in one another", TOO_LARGE, file(deep, customer.name)

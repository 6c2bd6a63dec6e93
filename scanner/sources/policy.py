"""What an auditor demands, as it stands under `policy:` in the instrument's file, or in a file of its own.

Every mistake is noted with its line. Not here: what the demands mean (`scanner.weighing.policy`).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from scanner.core.control import Control
from scanner.core.evidence import MAX_OPERATORS, Basis
from scanner.core.paths import AnyPath
from scanner.core.shows import Shows
from scanner.sources.cursor import Cursor
from scanner.sources.vouched import read_contracts, read_distinct
from scanner.sources.yaml_document import Notes, parse, read_bytes
from scanner.weighing.moments import LONGEST_SKEW
from scanner.weighing.policy import Dissent, Policy

MAX_BYTES: Final = 2**20
MAX_QUORUM: Final = MAX_OPERATORS  # more can never agree

E = TypeVar("E", bound=StrEnum)

_POLICY: Final = frozenset(each.name for each in dataclasses.fields(Policy))  # the file's keys have the same names
_REQUIRABLE: Final = (Control.SHOWN, Control.REPLAYABLE)  # what may be demanded of an account's control
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,10}) ?(s|m|min|h|d)", re.ASCII)


def load_policy(path: AnyPath) -> Policy:
    """The policy in the file at `path`, as in the instrument's, quorum and threshold said. Raises InputError."""
    path = Path(path)
    notes = Notes(str(path), secretive=True)
    root = Cursor(parse(read_bytes(path, MAX_BYTES), notes), "file", notes)
    policy = read_policy(root.fields(("policy",))["policy"], required=("quorum", "threshold"))
    if root.notes or policy is None:
        raise root.notes.error()
    return policy


def read_policy(place: Cursor, required: tuple[str, ...] = ()) -> Policy | None:
    """The entry `policy`; those of its keys that are `required` must stand there. Mistakes are noted; with one that
    leaves no policy, None."""
    fields = place.fields(required, sorted(_POLICY - set(required)))
    quorum = fields["quorum"].whole(1, MAX_QUORUM) if "quorum" in fields else Policy().quorum
    threshold = fields["threshold"].decimal() if "threshold" in fields else Policy().threshold
    dissent = _one_of(fields["dissent"], Dissent) if "dissent" in fields else Policy().dissent
    require = _by_unit(fields["require"], Basis) if "require" in fields else Policy().require
    owed = fields["require_liabilities"]
    liabilities = _by_unit(owed, Shows) if owed.present else Policy().require_liabilities
    max_skew = _duration(fields["max_skew"]) if "max_skew" in fields else Policy().max_skew
    if quorum is None or threshold is None or dissent is None or max_skew is None:
        return None
    if threshold <= 0:
        fields["threshold"].refuse("must be above 0, or anything would be covered")
        return None
    ownership = _one_of(fields["require_ownership"], _REQUIRABLE) if "require_ownership" in fields else None
    contracts = read_contracts(fields["contracts"]) if "contracts" in fields else Policy().contracts
    distinct = read_distinct(fields["distinct"]) if "distinct" in fields else Policy().distinct
    accept = _units(fields["accept"]) if "accept" in fields else Policy().accept
    return Policy(quorum, threshold, dissent, require, ownership, contracts, distinct, liabilities, accept, max_skew)


def _units(place: Cursor) -> frozenset[str]:
    """Names of units, each once."""
    lines: dict[str, int] = {}
    for item in place.items():
        unit = item.text()
        if unit is not None and unit in lines:
            item.refuse(f"stands already at line {lines[unit]}")
        elif unit is not None:
            lines[unit] = item.line
    return frozenset(lines)


def _duration(place: Cursor) -> timedelta | None:
    """A number with its unit, such as `90min`; without one it counts seconds."""
    if place.is_number:
        seconds = place.whole(0, LONGEST_SKEW)
        return None if seconds is None else timedelta(seconds=seconds)
    text = place.text()
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    seconds = None if match is None else int(match[1]) * _SECONDS[match[2]]
    if seconds is None or seconds > LONGEST_SKEW:
        place.refuse(f"expected a time such as 2h, 90min or 45s, at most {LONGEST_SKEW} seconds")
        return None
    return timedelta(seconds=seconds)


def _by_unit(place: Cursor, words: type[E]) -> dict[str, E]:
    """The weakest word that will do, unit by unit."""
    required = {}
    for unit, word in place.entries():
        name, value = unit.text(), _one_of(word, words)
        if name is not None and value is not None:
            required[name] = value
    return required


def _one_of(place: Cursor, choices: Iterable[E]) -> E | None:
    """A choice by its name, in lower case."""
    text = place.text()
    if text is None:
        return None
    for choice in choices:
        if text == choice.value.lower():
            return choice
    place.refuse(f"expected one of {', '.join(choice.value.lower() for choice in choices)}")
    return None

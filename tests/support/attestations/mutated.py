"""Mutations of golden attestations, signed again by their auditor: one value of statement or evidence each."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from scanner.attesting import canonical
from scanner.attesting.evidence_gzip import compress, decompress
from scanner.attesting.statement import EVIDENCE
from tests.support.attestations.refused import Files, renamed, signed, statement_of

_TEXTS = (
    "",
    "0",
    "1",
    "x",
    "alpha",
    "beta",
    "gamma",
    "QUORUM",
    "OWN",
    "PROVEN",
    "AT_LEAST",
    "SHOWN",
    "REFUSED",
    "none",
)


def mutated(golden: Files, luck: random.Random) -> Files:
    """One of so many. It may come out as it was."""
    return _statement(golden, luck) if luck.random() < 0.5 else _evidence(golden, luck)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _leaves(member, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _statement(golden: Files, luck: random.Random) -> Files:
    whole = statement_of(golden)
    predicate = whole["predicate"]
    paths = list(_leaves(predicate))
    path = luck.choice(paths)
    holder, old = _at(predicate, path[:-1]), _at(predicate, path)
    others = [_at(predicate, each) for each in paths]
    alike = [each for each in others if type(each) is type(old) and each != old]
    new = copy.deepcopy(luck.choice(alike)) if alike and luck.random() < 0.7 else _other(old, luck)
    if luck.random() < 0.1 and isinstance(holder, list):
        holder.append(new)
    else:
        holder[path[-1]] = new
    try:
        return signed(golden, canonical.encode(whole))
    except ValueError:
        return golden


def _other(old: Any, luck: random.Random) -> Any:
    if isinstance(old, bool) or old is None:
        return luck.choice([None, True, False, "x", 0])
    if isinstance(old, int):
        return old + luck.choice([-1, 1, 1000])
    if isinstance(old, str) and old and luck.random() < 0.6:
        at = luck.randrange(len(old))
        return old[:at] + luck.choice("0123456789abcdef.:") + old[at + 1 :]
    return luck.choice([*_TEXTS, None, [], {}])


def _evidence(golden: Files, luck: random.Random) -> Files:
    lines = list(decompress([golden[EVIDENCE]]))
    at = luck.randrange(1, len(lines)) if len(lines) > 1 else 0
    fields = lines[at].decode().rstrip("\n").split(",", 16)
    column = luck.randrange(len(fields))
    others = [line.decode().rstrip("\n").split(",", 16) for line in lines[1:]]
    choices = [row[column] for row in others if len(row) > column] + list(_TEXTS)
    fields[column] = luck.choice(choices) if luck.random() < 0.6 else str(_other(fields[column] or "0", luck))
    lines[at] = ",".join(fields).encode(errors="replace") + b"\n"
    return renamed(golden | {EVIDENCE: b"".join(compress(lines))})

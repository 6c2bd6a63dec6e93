"""Rows of the plain form that stand one after the other, as columns: for what is done alike for all of them.

A row of a stretch is of a label, network and height that rows read one by one have had before, has a readable account
and a stated amount, and is of kind PLAIN. Who does not want columns takes the same rows one by one. Not here: which
lines are of the plain form (`plain_form`), and how any other line is read (`table_rows`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, starmap
from typing import Final, NamedTuple

from scanner.chains.account_forms import AddressError
from scanner.core.columns import Accounts
from scanner.sources.published.cells import MAX_AMOUNT_DIGITS
from scanner.sources.published.meanings import Meaning
from scanner.sources.published.plain_form import Pick
from scanner.sources.published.row import PublishedOwnership, PublishedRow

SHORTEST: Final = 32
"""Rows of a stretch; fewer are read one by one."""

Row = tuple[Meaning, PublishedRow]
"""An accepted row, and what its label means."""

Place = tuple[Meaning, int | None]
Places = dict[tuple[str, str, str], Place]
"""What cells of label, network and height mean, as far as rows bore them that were accepted."""

Quickly = Callable[[int, Sequence[str]], Row | None]
"""From a line's number and its groups to its row; None for one that is to be read carefully."""


class Group(NamedTuple):
    """The rows of a stretch whose label, network and height are spelled alike, in the file's order."""

    meaning: Meaning
    height: int | None
    accounts: Accounts
    coefficients: list[int]
    digits: list[int]
    ownerships: list[PublishedOwnership] | None  # None where none are read


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of one block, each an accepted row."""

    start: int  # the first one's index in the block
    count: int
    groups: tuple[Group, ...]
    one_by_one: Callable[[], Iterator[Row]]  # the same rows, in the file's order


class _Columns(NamedTuple):
    """Lines of one block: what the label, network and height of each mean, and its other cells."""

    places: Sequence[Place | None]
    texts: Sequence[str]
    wholes: Sequence[str]
    decimals: Sequence[str]
    proofs: Sequence[Sequence[str]]


class StretchFinder:
    """Finds the stretches under one header. Called with the number of the line before a block, and the groups of each
    of its lines."""

    def __init__(
        self,
        pick: Pick,
        nulls: frozenset[str],
        places: Places,
        ownership_of: Callable[..., PublishedOwnership] | None,
        quickly: Quickly,
    ) -> None:
        self._pick = pick
        self._nulls = nulls
        self._places = places
        self._ownership_of = ownership_of
        self._quickly = quickly

    def __call__(self, before: int, lines: Sequence[Sequence[str]]) -> list[Stretch]:
        """Those of the block, in its order."""
        if not self._places or len(lines) < SHORTEST:
            return []
        labels, networks, heights, texts, wholes, decimals, *proofs = self._pick(list(zip(*lines, strict=True)))
        places = list(map(self._places.get, zip(labels, networks, heights, strict=True)))
        if max(map(len, wholes)) + max(map(len, decimals)) > MAX_AMOUNT_DIGITS:
            return []
        columns = _Columns(places, texts, wholes, decimals, proofs)
        stretches = []
        for last, end in pairwise([-1, *self._others(columns), len(lines)]):
            rows = range(last + 1, end)
            groups = self._groups(columns, rows) if len(rows) >= SHORTEST else None
            if groups is not None:
                stretches.append(Stretch(rows.start, len(rows), groups, partial(self._rows, before, lines, rows)))
        return stretches

    def _others(self, columns: _Columns) -> list[int]:
        """The lines that are of no stretch."""
        places, texts, wholes, *_ = columns
        nulls = self._nulls
        if None not in places and "" not in wholes and nulls.isdisjoint(texts):
            return []
        cells = enumerate(zip(places, texts, wholes, strict=True))
        return [at for at, (place, text, whole) in cells if place is None or text in nulls or not whole]

    def _groups(self, columns: _Columns, rows: range) -> tuple[Group, ...] | None:
        """None where an account cannot be read, or is a validator's key."""
        places, texts, wholes, decimals, proofs = columns
        alike: defaultdict[int, list[int]] = defaultdict(list)  # by identity: comparing labels would take longer
        for at in rows:
            alike[id(places[at])].append(at)
        groups = []
        for members in alike.values():
            place = places[members[0]]
            if place is None:
                return None
            try:
                accounts = place[0].keys([texts[at] for at in members])
            except AddressError:
                return None
            coefficients = [int(wholes[at] + decimals[at]) for at in members]
            digits = [len(decimals[at]) for at in members]
            owned = None
            if self._ownership_of is not None:
                cells = zip(*([column[at] for at in members] for column in proofs), strict=True)
                owned = list(starmap(self._ownership_of, cells))
            groups.append(Group(*place, accounts, coefficients, digits, owned))
        return tuple(groups)

    def _rows(self, before: int, lines: Sequence[Sequence[str]], rows: range) -> Iterator[Row]:
        for at in rows:
            row = self._quickly(before + at + 1, lines[at])
            if row is None:
                raise ValueError("a row of a stretch is none by itself")
            yield row

"""What accepted rows come to while they go by: by text of the file, label, kind, and how many digits are written.

Amounts are integers until the end: millions of fractions would take longer than reading. What the sums mean is not
known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.sources.published.row import Kind, Listed, PublishedRow
from scanner.sources.published.rows import AcceptedTotal
from scanner.sources.published.stated import Sum
from scanner.sources.published.stretches import Group

_UNSTATED: Final = -1  # instead of a number of digits

_Key = tuple[int, Kind, int]  # the label's number, the kind, and how many digits amounts are written with


@dataclass(slots=True)
class _Text:
    rows: defaultdict[_Key, int] = field(default_factory=lambda: defaultdict(int))
    amounts: defaultdict[_Key, int] = field(default_factory=lambda: defaultdict(int))
    rough: defaultdict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))  # by label
    aside: dict[Listed, Sum] = field(default_factory=dict)


class RowSums:
    """Takes every accepted row once, text after text."""

    def __init__(self) -> None:
        self._texts: list[_Text] = []

    def start(self) -> None:
        """The rows of the next text follow."""
        self._texts.append(_Text())

    def add(self, label: int, row: PublishedRow) -> None:
        text, coefficient = self._texts[-1], row.coefficient
        if coefficient is None:
            text.rows[label, row.kind, _UNSTATED] += 1
            return
        of = label, row.kind, row.digits
        text.rows[of] += 1
        text.amounts[of] += coefficient
        if row.float_rounded and row.resolution is not None:
            text.rough[label] += row.resolution

    def add_all(self, group: Group) -> None:
        """`add`, of rows of kind PLAIN that all state an amount."""
        text, label, amounts = self._texts[-1], group.meaning.label, defaultdict[int, int](int)
        for digits, coefficient in zip(group.digits, group.coefficients, strict=True):
            amounts[digits] += coefficient
        for digits, amount in amounts.items():
            text.rows[label, Kind.PLAIN, digits] += group.digits.count(digits)
            text.amounts[label, Kind.PLAIN, digits] += amount

    def set_aside(self, atoms: Mapping[Listed, int]) -> None:
        """Of the text at hand: base units in rows that the file does not count itself, by label."""
        self._texts[-1].aside = {listed: _of_atoms(each, listed) for listed, each in atoms.items()}

    def aside(self, text: int) -> Mapping[Listed, Sum]:
        """What was set aside of one text."""
        return self._texts[text].aside

    def totals(self, listeds: Sequence[Listed]) -> dict[tuple[Listed, Kind], AcceptedTotal]:
        """Of all texts, by label, in the order of their numbers, and kind."""
        totals: dict[tuple[Listed, Kind], AcceptedTotal] = {}
        keys = sorted({key for text in self._texts for key in text.rows})
        for label, kind, digits in keys:
            total = totals.setdefault((listeds[label], kind), AcceptedTotal())
            for text in self._texts:
                rows = text.rows.get((label, kind, digits), 0)
                total.rows += rows
                if digits == _UNSTATED:
                    total.unstated += rows
                else:
                    total.claimed += Fraction(text.amounts.get((label, kind, digits), 0), 10**digits)
        return totals

    def by_text(self, listeds: Sequence[Listed]) -> list[dict[Listed, Sum]]:
        """Of each text, by label."""
        return [_sums(text, listeds) for text in self._texts]


def in_atoms(coins: Fraction, listed: Listed) -> Fraction:
    """Whole coins in base units, where the label's decimals are known."""
    scale: int = 10 ** (listed.known.decimals if listed.known else 0)
    return coins * scale


def merged(sums: Iterable[Mapping[Listed, Sum]]) -> dict[Listed, Sum]:
    """What several come to together."""
    together: dict[Listed, Sum] = {}
    for each in sums:
        for listed, one in each.items():
            together[listed] = together.get(listed, Sum()) + one
    return together


def _of_atoms(atoms: int, listed: Listed) -> Sum:
    return Sum(1, 0, Fraction(atoms) / in_atoms(Fraction(1), listed), Fraction(atoms))


def _sums(text: _Text, listeds: Sequence[Listed]) -> dict[Listed, Sum]:
    sums: dict[Listed, Sum] = {}
    for (label, kind, digits), rows in text.rows.items():
        listed = listeds[label]
        if digits == _UNSTATED:
            each = Sum(rows, rows)
        else:
            amount = Fraction(text.amounts[label, kind, digits], 10**digits)
            each = Sum(rows, 0, amount, in_atoms(amount, listed))
        sums[listed] = sums.get(listed, Sum()) + each
    for label, rough in text.rough.items():
        sums[listeds[label]] += Sum(rough=rough)
    return sums

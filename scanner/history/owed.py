"""What was published of what is owed, from one report to the next: what an exchange would not say of itself.

One root under two reports: the second tree is the first one's, though customers joined or left since. A total that
falls while records grow in number. Another scheme, or none any more; a weaker word than before. None of these is proof
of anything, and each is a question to the exchange.

Pure: no database, no clock. A report speaks by the entry that counts for it (`series`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scanner.core.amounts import parse_decimal
from scanner.core.shows import Shows
from scanner.history.entry import OwedSummary
from scanner.history.series import ReportPoint


class OwedChange(StrEnum):
    """The names are part of what `scanner log --json` prints."""

    SAME_ROOT = "SAME_ROOT"  # the root is that of an earlier report
    TOTAL_FELL = "TOTAL_FELL"  # the proof's total is less than before, of more records, by the same scheme
    OTHER_SCHEME = "OTHER_SCHEME"  # the amount rests on another format than before, or on none any more
    SHOWS_LESS = "SHOWS_LESS"  # the word is weaker than before


@dataclass(frozen=True, slots=True)
class Noted:
    """One change of a unit: at which report, and beside which earlier one."""

    as_of: str
    compared_with: str
    what: OwedChange


def noted(points: Sequence[ReportPoint]) -> list[Noted]:
    """Everything to be noted of one unit, report by report."""
    found: list[Noted] = []
    roots: dict[str, str] = {}  # by root: the first report that has it
    before: tuple[str, OwedSummary] | None = None
    for point in points:
        basis = point.line.owed_basis if point.line else None
        if basis is None:
            continue  # nothing is said of what is owed, so nothing can be compared
        if basis.root is not None and roots.setdefault(basis.root, point.as_of) != point.as_of:
            found.append(Noted(point.as_of, roots[basis.root], OwedChange.SAME_ROOT))
        if before is not None:
            found += [Noted(point.as_of, before[0], what) for what in _between(before[1], basis)]
        before = point.as_of, basis
    return found


def _between(before: OwedSummary, now: OwedSummary) -> Iterator[OwedChange]:
    if before.scheme is not None and before.scheme != now.scheme:
        yield OwedChange.OTHER_SCHEME
    elif None not in (before.total, now.total, before.entries, now.entries):
        fell = parse_decimal(now.total or "0") < parse_decimal(before.total or "0")
        if fell and (now.entries or 0) > (before.entries or 0):
            yield OwedChange.TOTAL_FELL
    if Shows(now.shows).strength < Shows(before.shows).strength:
        yield OwedChange.SHOWS_LESS

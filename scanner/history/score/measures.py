"""The measures: one figure each, of one unit of a finding, by which a criterion is judged. None: it is not known.

Each is such that taking evidence away (a balance, a proof of it, of control or of what is owed, a report, a
signature) never raises it. How much of a figure earns how much is the rubric's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from scanner.core.control import Control
from scanner.core.shows import Shows
from scanner.history.score.evidence import FindingEvidence, UnitEvidence
from scanner.history.score.frequency import MONTHLY, QUARTERLY, WEEKLY
from scanner.proofs.liabilities.remarks import (
    COMPLETE,
    FILE_ROOT,
    HASH_64,
    HASH_128,
    NO_CUSTOMER,
    UNOPENED,
    UNSEPARATED,
    USER_HASH,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What measures look at: one unit of a finding."""

    unit: UnitEvidence
    finding: FindingEvidence
    days: Mapping[timedelta, int]  # by step: for how long the exchange's reports of this unit led to this one
    reports: int  # of the exchange in the history, up to this one
    auditors: int | None  # different keys that the reader named and that signed this finding; None: none was named


class What(StrEnum):
    """What is measured. The names are part of what `scanner score --json` prints."""

    ALL_READ = "ALL_READ"
    CONTROL_SHOWN = "CONTROL_SHOWN"
    CONTROL_SIGNED = "CONTROL_SIGNED"
    BALANCES_PROVEN = "BALANCES_PROVEN"
    BALANCES_AGREED = "BALANCES_AGREED"
    SETTLED = "SETTLED"
    FOUND = "FOUND"
    ACCOUNTS_READ = "ACCOUNTS_READ"
    CLAIM_COMPLETE = "CLAIM_COMPLETE"
    SHARE_STATED = "SHARE_STATED"
    WEEKLY_DAYS = "WEEKLY_DAYS"
    MONTHLY_DAYS = "MONTHLY_DAYS"
    QUARTERLY_DAYS = "QUARTERLY_DAYS"
    REPORTS = "REPORTS"
    OWED_ROOT = "OWED_ROOT"
    OWED_PATH = "OWED_PATH"
    OWED_BOUND = "OWED_BOUND"
    OWED_TOTAL = "OWED_TOTAL"
    OWED_UNWEAKENED = "OWED_UNWEAKENED"
    AUDITORS = "AUDITORS"


_SUM_UNTOUCHED: Final = frozenset({USER_HASH, NO_CUSTOMER, HASH_64, HASH_128, UNSEPARATED})
"""Remarks that say nothing against a total that was added up again. Any other weakens it, those of schemes of other
packages too."""

_NO_COMMON_PATH: Final = frozenset({FILE_ROOT, NO_CUSTOMER, UNOPENED})
"""Remarks by which no record of a customer was shown to lie under a root that is the same for all."""


def _all_read(of: Subject) -> Fraction:
    """Nothing of the unit is a gap, or known from below only: what is held is all that its accounts hold. Else a share
    of it could be raised by losing the rest."""
    return _yes(of.unit.holdings > 0 and not of.unit.gaps and not of.unit.at_least)


def _control(*words: Control) -> Measure:
    def measure(of: Subject) -> Fraction | None:
        return _share(sum((of.unit.control.get(word, Fraction(0)) for word in words), Fraction(0)), of.unit.held)

    return measure


def _proven(of: Subject) -> Fraction | None:
    return _share(of.unit.proven, of.unit.held)


def _agreed(of: Subject) -> Fraction | None:
    """Believed for more than one operator's word: by a proof, by two or more, or by the auditor's own node."""
    agreed = of.unit.quorum if of.finding.operators > 1 else Fraction(0)
    return _share(of.unit.proven + of.unit.own + agreed, of.unit.held)


def _settled(of: Subject) -> Fraction | None:
    """All that is owed was found; or all that the claim declares was read, with no custodian's part beside it, so that
    a shortfall is shown."""
    found = _found(of)
    in_full = of.finding.complete and _all_read(of) and not of.unit.custody
    return None if found is None else _yes(found >= 1 or bool(in_full))


def _found(of: Subject) -> Fraction | None:
    """Held of what is owed. Not known where nothing is declared, or the blocks are of no one moment."""
    unit = of.unit
    if unit.owed is None or unit.apart or not unit.holdings:
        return None
    return unit.held / unit.owed


def _accounts_read(of: Subject) -> Fraction | None:
    unit = of.unit
    return _share(Fraction(unit.holdings - unit.gaps), Fraction(unit.holdings))


def _days(step: timedelta) -> Measure:
    return lambda of: Fraction(of.days[step])


def _root(of: Subject) -> Fraction | None:
    basis = of.unit.owed_basis
    return None if basis is None or basis.scheme is None else _yes(basis.root is not None)


def _path(of: Subject) -> Fraction | None:
    basis = of.unit.owed_basis
    if basis is None or basis.scheme is None:
        return None
    included = basis.shows.strength >= Shows.INCLUDED.strength
    return _yes(included and basis.root is not None and not _NO_COMMON_PATH.intersection(basis.remarks))


def _shows(word: Shows) -> Measure:
    def measure(of: Subject) -> Fraction | None:
        basis = of.unit.owed_basis
        return None if basis is None or basis.scheme is None else _yes(basis.shows.strength >= word.strength)

    return measure


def _unweakened(of: Subject) -> Fraction | None:
    """No assumption but that every account is in the file, and nothing known to be weak about the sum."""
    basis = of.unit.owed_basis
    if basis is None or basis.scheme is None:
        return None
    proven = basis.shows is Shows.TOTAL_PROVEN
    return _yes(proven and {*basis.assumes} <= {COMPLETE} and {*basis.remarks} <= _SUM_UNTOUCHED)


def _yes(holds: bool) -> Fraction:
    return Fraction(int(holds))


def _share(part: Fraction, whole: Fraction) -> Fraction | None:
    return part / whole if whole else None


Measure = Callable[[Subject], Fraction | None]

MEASURES: Final[Mapping[What, Measure]] = MappingProxyType(
    {
        What.ALL_READ: _all_read,
        What.CONTROL_SHOWN: _control(Control.SHOWN),
        What.CONTROL_SIGNED: _control(Control.SHOWN, Control.REPLAYABLE),
        What.BALANCES_PROVEN: _proven,
        What.BALANCES_AGREED: _agreed,
        What.SETTLED: _settled,
        What.FOUND: _found,
        What.ACCOUNTS_READ: _accounts_read,
        What.CLAIM_COMPLETE: lambda of: _yes(of.finding.complete),
        What.SHARE_STATED: lambda of: of.finding.share_of_all_owed,
        What.WEEKLY_DAYS: _days(WEEKLY),
        What.MONTHLY_DAYS: _days(MONTHLY),
        What.QUARTERLY_DAYS: _days(QUARTERLY),
        What.REPORTS: lambda of: Fraction(of.reports),
        What.OWED_ROOT: _root,
        What.OWED_PATH: _path,
        What.OWED_BOUND: _shows(Shows.SUM_BOUND),
        What.OWED_TOTAL: _shows(Shows.TOTAL_PROVEN),
        What.OWED_UNWEAKENED: _unweakened,
        What.AUDITORS: lambda of: None if of.auditors is None else Fraction(of.auditors),
    }
)


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one unit, each measured once."""

    unit: str
    figures: Mapping[What, Fraction | None]


def measured(subject: Subject) -> Measured:
    """All of them."""
    return Measured(subject.unit.unit, {what: measure(subject) for what, measure in MEASURES.items()})


def is_settled(unit: UnitEvidence, finding: FindingEvidence) -> bool:
    """Whether of a unit all that is owed was found, or all that is declared was read: alone, without other reports."""
    return _settled(Subject(unit, finding, {}, 0, None)) == 1


YES: Final = frozenset(
    {What.ALL_READ, What.SETTLED, What.CLAIM_COMPLETE, What.OWED_ROOT, What.OWED_PATH, What.OWED_BOUND, What.OWED_TOTAL}
    | {What.OWED_UNWEAKENED}
)
"""Measures that are yes (1) or no (0)."""
OF_CLAIM: Final = frozenset({What.CLAIM_COMPLETE, What.SHARE_STATED})
"""Measures that are the same for all units of a claim."""
COUNTS: Final = frozenset({What.WEEKLY_DAYS, What.MONTHLY_DAYS, What.QUARTERLY_DAYS, What.REPORTS, What.AUDITORS})
"""Measures that are whole numbers. All others are shares."""

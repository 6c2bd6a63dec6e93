"""The exceptions of the evidence's rows, as the rows go by, and how many rows came to what.

Rows may be millions: one at a time is looked at, and none is kept. Whether a balance counts is not decided here
(`weighing.counted_rows`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.chains.accounts import account_text
from scanner.core.amounts import exact
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.lower_bound import AtLeast, Word, atoms_of
from scanner.errors import CLAIM_ONLY, Why
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.wording import CONTROL, REASONS
from scanner.weighing.claim import Asset
from scanner.weighing.counted_rows import CountedRow

FIRST_LINE: Final = 2  # of the evidence's file: the first row stands under the header


@dataclass(slots=True)
class RowCounts:
    """What all rows came to, once they have gone by."""

    rows: int = 0
    bases: Counter[Basis] = field(default_factory=Counter)  # of the balances that were established
    whys: Counter[Why] = field(default_factory=Counter)  # of the gaps, as they count
    controls: Counter[Control] = field(default_factory=Counter)
    dissents: Counter[str] = field(default_factory=Counter)  # by unit
    stated: int = 0  # rows that state an amount
    compared: int = 0  # of these: those of which is known what was there
    differing: int = 0

    def listen(self, rows: Iterable[CountedRow]) -> Iterator[CountedRow]:
        """The same rows, counted as they go by."""
        for each in rows:
            self.rows += 1
            if isinstance(each.row.outcome, Balance):
                self.bases[each.row.outcome.basis] += 1
            if isinstance(each.outcome, Gap):
                self.whys[each.outcome.why] += 1
            self.controls[each.row.control] += 1
            self.dissents[each.asset.backs] += each.disputed
            self.stated += each.row.claimed is not None
            self.compared += each.compared is not None
            self.differing += each.disagrees
            yield each


def of_rows(rows: Iterable[CountedRow]) -> Iterator[ReportedException]:
    """Every exception of every row, in the order of the evidence."""
    for each in rows:
        yield from _of_row(each)


def _of_row(each: CountedRow) -> Iterator[ReportedException]:
    outcome = each.outcome
    if isinstance(outcome, Gap):
        read = each.row.outcome.atoms if isinstance(each.row.outcome, Balance) else None
        procedure = Procedure.ACCOUNTS if outcome.why in CLAIM_ONLY else Procedure.BALANCES
        yield _exception(each, ExceptionClass.GAP, procedure, _of_gap(each.asset, outcome), found=read)
    else:
        if outcome.at_least:
            what = "a lower bound: there may be more"
            yield _exception(each, ExceptionClass.LOWER_BOUND, Procedure.BALANCES, what, found=outcome.atoms)
        if outcome.disputed:
            what = f"believed as {outcome.basis}; {_words(each.asset, outcome.dissent)}"
            yield _exception(each, ExceptionClass.DISSENT, Procedure.BALANCES, what, found=outcome.atoms)
    if each.disagrees:
        height = "" if each.row.height is None else f" at block {each.row.height:,}, which the claim's row names"
        what = f"another amount was found{height} than is claimed"
        yield _exception(each, ExceptionClass.DIFFERENCE, Procedure.AMOUNTS, what, found=each.compared)
    if each.row.control is not Control.SHOWN:
        what = f"{each.row.control}: {CONTROL[each.row.control]}"
        yield _exception(each, ExceptionClass.CONTROL, Procedure.CONTROL, what, stated=None)


def _exception(
    each: CountedRow,
    of: ExceptionClass,
    procedure: Procedure,
    what: str,
    *,
    stated: int | None = -1,
    found: int | None = None,
) -> ReportedException:
    claimed = each.row.claimed if stated == -1 else stated
    return ReportedException(
        of=of,
        key=str(each.number),
        procedure=procedure,
        subject=f"{each.asset.label} ({each.asset.id})",
        what=what,
        place=f"evidence, line {each.number - 1 + FIRST_LINE}",
        account=account_text(each.row.asset.chain, each.row.account),
        stated="" if claimed is None else coins(each.asset, claimed),
        found="" if found is None else coins(each.asset, found),
    )


def coins(asset: Asset, atoms: int) -> str:
    """Atoms in whole coins, exactly."""
    return exact(Fraction(atoms, 10**asset.decimals))


def _of_gap(asset: Asset, gap: Gap) -> str:
    detail = f"; {gap.detail}" if gap.detail else ""
    said = f"; {_words(asset, gap.said)}" if gap.said else ""
    shown = "" if gap.shown is None else f"; a proof shows {coins(asset, gap.shown)}"
    return f"{gap.why}: {REASONS[gap.why]}{detail}{said}{shown}"


def _words(asset: Asset, said: tuple[tuple[str, Word], ...]) -> str:
    return "; ".join(f"{name} says {_word(asset, word)}" for name, word in said)


def _word(asset: Asset, word: Word) -> str:
    return f"{'at least ' if isinstance(word, AtLeast) else ''}{coins(asset, atoms_of(word))}"

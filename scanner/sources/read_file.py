"""A published file that a claim refers to, once it is read: what became of its rows, and what is known to be missing.

Values, and what follows from them. Reading the file is `published`'s part; counting its rows beside those of other
sources, `files`'.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.core.amounts import exact
from scanner.core.ids import Chain
from scanner.sources.published import Kind, Listed, RowAccount, RowRefusal
from scanner.sources.published.archive import shown
from scanner.weighing.claim import Asset, ClaimedFile, Misfit, NamedHeights

# Rows that are refused for these reasons take nothing away from what the exchange declares.
_NO_LOSS: Final = frozenset({RowRefusal.DUPLICATE, RowRefusal.WRONG_STATUS, RowRefusal.UNSPENDABLE})


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of the claim, and everything that is to be reported of it."""

    name: str
    sha256: str
    layouts: tuple[str, ...]
    days: tuple[str, ...]  # of the snapshot, as names of the file and of texts in it give them; ISO 8601
    account: RowAccount
    not_understood: tuple[str, ...]  # for people
    stated: int  # totals and numbers of rows that the file gives of itself
    misfits: tuple[Misfit, ...]  # those of them that its rows do not come to
    flaws: tuple[str, ...]  # why it may not be whole, though its rows could be read; for people
    texts_passed_over: int  # texts in an archive that fit no layout
    assets: Mapping[tuple[Listed, Kind], Asset]  # what the rows of each total count as; none for one without rows
    heights: Mapping[Chain, NamedHeights]  # of chains of which a row names one
    vague: Mapping[Listed, Asset]  # labels of which neither the claim nor the table says what they back

    def claimed(self, units: Collection[str]) -> ClaimedFile:
        """The part of it that stands in the claim, of which these are the units."""
        return ClaimedFile(
            name=self.name,
            sha256=self.sha256,
            layout="+".join(self.layouts),
            read=self.account.read,
            accepted=self.account.accepted,
            refused={str(reason): count for reason, count in self.account.refused.items()},
            stated=self.stated,
            misfits=self.misfits,
            whole=not self.losses(units),
            heights=self.heights,
        )

    def losses(self, units: Collection[str]) -> list[str]:
        """What the file declares and the claim cannot list, or not as backing one unit: reasons, for people.

        Where there is one, the claim is not complete: what is missing might be what covers a unit. A label that is
        not known, but called as a unit in `units` is, is missing in that unit only, where it is a gap.
        """
        reasons = [
            f"{count:,} {'row' if count == 1 else 'rows'} refused as {reason}"
            for reason, count in self.account.refused.items()
            if reason not in _NO_LOSS
        ]
        reasons += self.flaws
        reasons += map(misfit_in_words, self.misfits)
        custody = sum(total.unstated for (_, kind), total in self.account.totals.items() if kind is Kind.CUSTODY)
        if custody:
            reasons.append(f"{custody:,} {'row' if custody == 1 else 'rows'} in custody without an amount")
        if self.texts_passed_over:
            texts = "1 file" if self.texts_passed_over == 1 else f"{self.texts_passed_over:,} files"
            reasons.append(f"{texts} in the archive could not be read as a table")
        for listed, asset in self.vague.items():
            if asset.backs not in units:
                network = f" on {shown(listed.network)}" if listed.network else ""
                reasons.append(f"nothing says what {shown(listed.label)}{network} backs")
        return reasons


def misfit_in_words(misfit: Misfit) -> str:
    """For people: what the file says of itself, and what its rows come to."""
    place = f"{misfit.text} line {misfit.line}" if misfit.text else f"line {misfit.line}"
    stated = exact(misfit.stated)
    if misfit.label is None:
        return f"{place}: the file says that it has {stated} rows, and {exact(misfit.found or Fraction(0))} are read"
    of = f"a total of {stated} {misfit.label}".rstrip()
    if misfit.found is None:
        return f"{place}: the file says {of}, and rows of it state no amount"
    return f"{place}: the file says {of}, and its rows come to {exact(misfit.found)}"

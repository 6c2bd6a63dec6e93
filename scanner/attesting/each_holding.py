"""Step 6 of a verification: that the evidence has a row for each of the claim's holdings, once, in order, with the
amount claimed, and no other. What stands in the rows besides is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.chains.accounts import account_text
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.weighing.holdings import HeldAsset, Holding, Holdings, holding_order
from scanner.weighing.matched import Matched, Unmatched, matched


def each_holding_once(parts: Iterable[EvidencePart], holdings: Holdings) -> Iterator[Matched]:
    """The rows beside their holdings. Raises ValueError for the first that does not fit: of too many rows the first,
    however many follow."""
    try:
        for rows in matched(holdings, parts):
            held, part = rows.held, rows.part
            if not _alike(held, part):
                for holding, row in zip(held, part, strict=True):
                    _check_holding(row, holding)
            yield rows
    except Unmatched as error:
        missing = isinstance(error.first, Holding)
        what = "is missing from the evidence" if missing else "is in the evidence, and not in the claim"
        raise ValueError(f"{named_holding(error.first)} {what}") from None


def named_holding(of: Holding | EvidenceRow) -> str:
    """How a holding, or the row of one, is named."""
    return f"{of.asset} {account_text(of.asset.chain, of.account)}"


def _alike(held: HeldAsset, part: EvidencePart) -> bool:
    said = held.claimed, held.tolerances, held.heights
    return (held.asset, held.accounts) == (part.asset, part.accounts) and said == (
        part.claimed,
        part.tolerances,
        part.heights,
    )


def _check_holding(row: EvidenceRow, expected: Holding) -> None:
    if row.account != expected.account or row.asset != expected.asset:
        if holding_order(row.asset, row.account) < holding_order(expected.asset, expected.account):
            raise ValueError(f"{named_holding(row)} is in the evidence, and not in the claim")
        raise ValueError(f"{named_holding(expected)} is missing from the evidence")
    if row.claimed != expected.claimed:
        raise ValueError(
            f"{named_holding(row)}: the evidence says that {row.claimed} is claimed, the claim {expected.claimed}"
        )
    if (row.tolerance, row.height) != (expected.tolerance, expected.height):
        stated, claimed = ((each.tolerance, each.height) for each in (row, expected))
        raise ValueError(f"{named_holding(row)}: tolerance and height are {stated}, by the claim {claimed}")

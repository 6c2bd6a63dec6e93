"""A file's account of rows, amended: rows that the file alone gave no reason to refuse, and the claim as a whole does.

Rows read stay rows accepted and rows refused. Not here: why a row is refused (`counting`, `files`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from scanner.sources.published import (
    AcceptedTotal,
    Kind,
    Listed,
    PublishedRow,
    RefusedRow,
    RowAccount,
    RowPlace,
    RowRefusal,
)


class Amended:
    """Takes the rows that are not counted after all, one at a time."""

    def __init__(self, account: RowAccount, most_listed: int) -> None:
        """`most_listed`: so many refused rows are kept with their places."""
        self._account = account
        self._refused = Counter(account.refused)
        self._listed = list(account.listed)
        self._most_listed = most_listed
        self._dropped = 0
        self._totals: dict[tuple[Listed, Kind], AcceptedTotal] = {}

    def refuse(self, row: PublishedRow, reason: RowRefusal, detail: str) -> None:
        """The row is not counted."""
        self._dropped += 1
        self._refused[reason] += 1
        if len(self._listed) < self._most_listed:
            self._listed.append(RefusedRow(RowPlace(row.member, row.line), reason, detail))
        total = self._total(row)
        total.rows -= 1
        if row.claimed is None:
            total.unstated -= 1
        else:
            total.claimed -= row.claimed

    def doubt(self, row: PublishedRow) -> None:
        """The row is counted, and its amount is not."""
        total = self._total(row)
        total.unstated += 1
        total.claimed -= row.claimed or 0

    def account(self) -> RowAccount:
        """What the account comes to."""
        return replace(
            self._account,
            accepted=self._account.accepted - self._dropped,
            refused=dict(sorted(self._refused.items())),
            listed=tuple(self._listed),
            totals={**self._account.totals, **self._totals},
        )

    def _total(self, row: PublishedRow) -> AcceptedTotal:
        key = row.listed, row.kind
        if key not in self._totals:
            self._totals[key] = replace(self._account.totals[key])
        return self._totals[key]

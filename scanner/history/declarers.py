"""Which exchanges' claims declare some accounts: the verified claims of a history, at whatever time they were made.

The rows are held against what envelopes state before anything is said of them (`stored`). Nothing here judges what it
means that an account is declared.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping

from scanner.core.ids import Chain
from scanner.history import accounts, spans
from scanner.history.log import HistoryLog
from scanner.history.spans import Spans

Declarers = Mapping[tuple[Chain, bytes], tuple[str, ...]]
"""By account, the exchanges that declare it, sorted; of one that none declares, nothing."""


def declarers(history: HistoryLog, named: Mapping[Chain, Collection[bytes]]) -> Declarers:
    """Of these accounts of each chain. Raises HistoryInvalid for a history that is not as its envelopes say."""
    with history.at_one_moment():
        claims: dict[str, set[str]] = {}
        for entry in history.entries():
            if entry.verified:
                claims.setdefault(entry.said.exchange, set()).add(entry.said.claim)
        declared = accounts.declared(history.database)
        of_exchange = {
            exchange: spans.union(declared.get(claim, []) for claim in found) for exchange, found in claims.items()
        }
        found: dict[tuple[Chain, bytes], tuple[str, ...]] = {}
        for chain, keys in named.items():
            for key, number in accounts.numbers(history.database, chain, keys).items():
                if exchanges := tuple(sorted(name for name, of in of_exchange.items() if _holds(of, number))):
                    found[chain, key] = exchanges
    return found


def _holds(of: Spans, number: int) -> bool:
    """Whether the number lies in one of the spans."""
    at = bisect_right(of, number, key=lambda span: span[0])
    return at > 0 and number <= of[at - 1][1]

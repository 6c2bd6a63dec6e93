"""The nodes that give proofs, of all operators: who is asked next, so that the work is shared out among them.

A proof is as good from one node as from another, since neither is believed for it. So each piece of work goes to the
node with the least under way; one that gave nothing the last time it was asked comes after all others. Which node that
is follows from how fast they answer, and must not show in a finding: a piece is settled only when every node was asked
for exactly what is left of it (`prove`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from scanner.chains.interface import ServesProofs


@dataclass(eq=False, slots=True)
class ProofSource:
    """A node that gives proofs."""

    operator: str
    node: ServesProofs
    place: int  # among all of them
    under_way: int = 0  # accounts
    taken: int = 0  # accounts that it was ever asked for
    failures: int = 0  # questions in a row to which it gave nothing

    @contextmanager
    def asked_for(self, accounts: int) -> Iterator[None]:
        """Counts what it is asked for while it is asked."""
        self.under_way += accounts
        self.taken += accounts
        try:
            yield
        finally:
            self.under_way -= accounts

    def gave(self, *, something: bool) -> None:
        """What came of a question."""
        self.failures = 0 if something else self.failures + 1


def proof_sources(nodes: Sequence[tuple[str, ServesProofs]]) -> tuple[ProofSource, ...]:
    """Of nodes with their operators' names, in the order in which they are asked where nothing else decides."""
    return tuple(ProofSource(operator, node, place) for place, (operator, node) in enumerate(nodes))


def next_source(untried: Collection[ProofSource]) -> ProofSource:
    """Which node to ask next; there has to be one."""
    return min(untried, key=lambda each: (each.failures, each.under_way, each.taken, each.place))

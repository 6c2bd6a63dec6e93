"""Which workers of a cluster brought the nodes' answers, as `run.workers` has it: how many mouths a quorum had.

Workers are distinguished and not named: their addresses are no one's business, and show nothing to who verifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scanner.chains.names import parse_chain
from scanner.core.ids import Chain

Workers = Sequence[Mapping[Chain, tuple[str, ...]]]
"""Of each worker that brought answers, by chain: the operators for whose nodes it spoke, sorted."""


def write_workers(workers: Workers | None) -> list[dict[str, list[str]]] | None:
    """As JSON values, in an order that tells nothing; None where no cluster was used."""
    if workers is None:
        return None
    spoken = ({str(chain): sorted(names) for chain, names in worker.items()} for worker in workers)
    return sorted(spoken, key=_chains_and_names)


def read_workers(
    workers: Sequence[Mapping[str, list[str]]] | None, operators: Mapping[str, list[str]]
) -> Workers | None:
    """`workers` of the right shape; `operators`: by chain, the operators that the run asked. Raises ValueError."""
    if workers is None:
        return None
    where = "statement.predicate.run.workers"
    if list(workers) != sorted(workers, key=_chains_and_names):
        raise ValueError(f"{where}: not in order")
    for worker in workers:
        for chain, names in worker.items():
            if names != sorted(set(names)) or not names:
                raise ValueError(f"{where}: operators that are not sorted, or named twice, or none")
            if strangers := set(names).difference(operators.get(chain, ())):
                raise ValueError(f"{where}: {min(strangers)!a} is not among the operators of {chain}")
    return tuple({parse_chain(chain): tuple(names) for chain, names in worker.items()} for worker in workers)


def _chains_and_names(worker: Mapping[str, Sequence[str]]) -> list[tuple[str, list[str]]]:
    return [(chain, list(names)) for chain, names in sorted(worker.items())]

"""The instrument: which nodes to ask, and what to demand before believing. Values only; `sources.nodes` reads them.

A node's URL may hold a key or a password, so it is kept out of every representation. Nothing here connects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from scanner.core.evidence import MAX_OPERATORS
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.weighing.policy import Policy

MOST_NOTES: Final = 100  # of an attestation


@dataclass(frozen=True, slots=True)
class SharedHost:
    """Two operators with nodes for a chain on one host, of which the auditor states that they are two voices."""

    chain: Chain
    operators: tuple[str, str]  # sorted

    def __str__(self) -> str:
        first, second = self.operators
        return (
            f"For {self.chain}, {first} and {second} were asked at one host;"
            " the auditor states that they are independent of one another."
        )


@dataclass(frozen=True, slots=True)
class Instrument:
    """All nodes, and the policy under which their word counts."""

    policy: Policy
    nodes: tuple[NodeSettings, ...]
    shared: tuple[SharedHost, ...] = field(default=(), kw_only=True)  # sorted by chain and operators
    prove: int | None = None  # how many holdings of each asset are drawn to be proven, where it can be; None for all
    nonce: str | None = None  # of the auditor's, a part of the seed by which they are drawn
    patience: float = 60  # seconds on each chain, in all, for operators that have not answered when enough others have

    def notes(self, chains: Iterable[Chain]) -> tuple[str, ...]:
        """What an attestation that asked about these chains has to say of the nodes."""
        asked = set(chains)
        return tuple(str(each) for each in self.shared if each.chain in asked)

    def crowds(self) -> Iterator[str]:
        """What no attestation has room for: too many operators of one chain, too many pairs of them on one host."""
        operators: defaultdict[Chain, set[str]] = defaultdict(set)
        for node in self.nodes:
            operators[node.chain].add(node.operator)
        for chain, names in sorted(operators.items()):
            if len(names) > MAX_OPERATORS:
                yield f"{len(names)} operators of {chain}, and an attestation has room for {MAX_OPERATORS}"
        if len(self.shared) > MOST_NOTES:
            yield f"{len(self.shared)} pairs of operators on one host, and an attestation has room for {MOST_NOTES}"

    def for_chain(self, chain: Chain) -> tuple[NodeSettings, ...]:
        return tuple(node for node in self.nodes if node.chain == chain)

"""The table of public endpoints, `public_endpoints.toml`, as values: which there are, and what is said of them.

Nothing in the table was verified, and nothing in a finding follows from it: it saves the user of `scanner init` from an
empty page, and `scanner check --plan` from not knowing what an operator counts. What a node of an instrument may be is
`sources.nodes`' matter, and what it is worth `scanner check` finds out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from scanner.chains.names import parse_chain
from scanner.core.ids import Chain

_TABLE: Final = Path(__file__).parent / "public_endpoints.toml"
_DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operator says that it takes a second; None where that is not known."""

    requests: int | None = None
    units: int | None = None
    units_of: Mapping[str, int] = field(default_factory=dict)  # by method; those of others stand under "default"
    batch: int | None = None  # calls of one request
    unstated: str | None = None  # why neither requests nor units a second are known, where that was looked for

    def units_for(self, calls: Mapping[str, int]) -> int | None:
        """Units that so many calls of these methods count for; None where the operator counts none, or the price of a
        method is not known."""
        costs = [self.units_of.get(method, self.units_of.get(_DEFAULT)) for method in calls]
        if not self.units_of or None in costs:
            return None
        return sum(cost * count for cost, count in zip(costs, calls.values(), strict=True) if cost is not None)


@dataclass(frozen=True, slots=True)
class Preset:
    """A public endpoint of one chain. `archive` and `proofs`: None where it is not known."""

    operator: str
    chain: Chain
    url: str  # as a nodes.yaml has it, with the name of a variable where a key belongs
    key: str | None  # that name
    archive: bool | None
    proofs: bool | None
    requests_at_once: int
    limits: Limits
    source: str


@dataclass(frozen=True, slots=True)
class OwnNode:
    """Where a node of one's own mostly listens."""

    url: str
    what: str
    timeout: int | None = None  # seconds, where the usual ones are too few


@dataclass(frozen=True, slots=True)
class Presets:
    """The whole table."""

    facts_of: date
    by_chain: Mapping[Chain, tuple[Preset, ...]]  # in the table's order
    _own: Mapping[str, OwnNode]

    def of(self, chain: Chain) -> tuple[Preset, ...]:
        return self.by_chain.get(chain, ())

    def own(self, chain: Chain) -> OwnNode | None:
        """A node of one's own for the chain, if one of its kind can be asked."""
        return self._own.get(str(chain)) or self._own.get(chain.namespace)

    def limits(self, operator: str) -> Limits | None:
        """What an operator of this name in a nodes.yaml says that it takes."""
        every = (preset for of_chain in self.by_chain.values() for preset in of_chain)
        return next((preset.limits for preset in every if preset.operator == operator), None)


@cache
def presets() -> Presets:
    """The table that comes with the program."""
    table = tomllib.loads(_TABLE.read_text())
    by_chain: dict[Chain, list[Preset]] = {}
    for operator, of_operator in table["operators"].items():
        for preset in _of_operator(operator, of_operator):
            by_chain.setdefault(preset.chain, []).append(preset)
    return Presets(
        table["facts_of"],
        MappingProxyType({chain: tuple(of_chain) for chain, of_chain in by_chain.items()}),
        {chain: OwnNode(**each) for chain, each in table["own"].items()},
    )


def _of_operator(operator: str, table: Mapping[str, Any]) -> Iterator[Preset]:
    limits = Limits(
        table.get("requests_a_second"),
        table.get("units_a_second"),
        table.get("units", {}),
        table.get("batch"),
        table.get("unstated"),
    )
    for chain, url in table["chains"].items():
        yield Preset(
            operator=operator,
            chain=parse_chain(chain),
            url=url,
            key=table.get("key"),
            archive=table.get("archive"),
            proofs=table.get("proofs"),
            requests_at_once=table["requests_at_once"],
            limits=limits,
            source=table["source"],
        )

"""How nodes could be asked, and what they took, in an earlier scan: from the log that it wrote (`scan --log json`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scanner.chains.names import parse_chain
from scanner.cli.files import read_whole
from scanner.core.ids import Chain, IdError
from scanner.core.json_nesting import shallow

MOST_BYTES: Final = 256 * 2**20
_LONGEST_LINE: Final = 2**16  # bytes; what is longer is no line of ours
_DEEPEST: Final = 8  # lists and objects in one another; no line of ours has as many
_EVENTS: Final = (b'"node_opened"', b'"node_learnt"')

Operator = tuple[Chain, str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """By chain and operator: the ways in which its nodes answered, best first; and the calls a second that they took
    together, where they asked for fewer."""

    ways: Mapping[Operator, tuple[str, ...]] = field(default_factory=dict)
    rates: Mapping[Operator, float] = field(default_factory=dict)


def learnt(path: Path) -> Earlier:
    """As the last line of each node has it; what is no line of ours is passed over. Raises InputError where the file
    cannot be read."""
    ways: dict[Operator, tuple[str, ...]] = {}
    of_nodes: dict[tuple[Operator, int], float | None] = {}
    for line in read_whole(path, MOST_BYTES, "; no log of a scan is").splitlines():
        if len(line) > _LONGEST_LINE or not any(event in line for event in _EVENTS):
            continue
        try:
            fields = shallow(line, _DEEPEST)
            operator = parse_chain(fields["chain"]), str(fields["operator"])
            if fields["event"] == "node_opened":
                ways[operator] = tuple(map(str, fields.get("ways", ())))
            else:
                of_nodes[operator, int(fields["node"])] = _rate(fields)
        except (ValueError, KeyError, TypeError, ArithmeticError, IdError):
            continue
    rates: dict[Operator, float] = {}
    for (operator, _), rate in of_nodes.items():
        if rate is not None:
            rates[operator] = rates.get(operator, 0.0) + rate
    return Earlier(ways, rates)


def _rate(fields: Mapping[str, Any]) -> float | None:
    """Calls a second; None where the node never asked for fewer."""
    rate = fields["rate"]
    return float(rate) if isinstance(rate, int | float) and math.isfinite(rate) and rate > 0 else None

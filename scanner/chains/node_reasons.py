"""The reasons that a node's answers may have for what they lack: those of nodes, and none that only a finding has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scanner.core.evidence import Gap, Reading
from scanner.errors import OF_A_NODE, Why


def with_reasons_of_a_node(value: Any) -> Any:
    """What a node answered, in which each gap has a reason that a node can have."""
    if isinstance(value, Gap):
        return _of_a_node(value)
    if isinstance(value, Reading) and not all(gap.why in OF_A_NODE for gap in value.gaps.values()):
        return replace(value, gaps={at: _of_a_node(gap) for at, gap in value.gaps.items()})
    if isinstance(value, list):
        return [_of_a_node(each) if isinstance(each, Gap) else each for each in value]
    if isinstance(value, tuple):
        return tuple(map(with_reasons_of_a_node, value))
    return value


def _of_a_node(gap: Gap) -> Gap:
    return gap if gap.why in OF_A_NODE else Gap(Why.MALFORMED, no_reason(gap.why))


def no_reason(why: Why) -> str:
    return f"{why} is no reason that a node can have"

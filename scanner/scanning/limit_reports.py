"""What a chain's nodes were found to take, reported when it has changed enough to be worth a line in a run's log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scanner.chains.interface import Node, ObservedLimits
from scanner.core.ids import Chain
from scanner.scanning.events import LimitsObserved, Observer, ignore
from scanner.weighing.quorum import Operator


class LimitReports:
    """Remembers what was reported of each node. Nodes that learn nothing are not reported."""

    def __init__(self, chain: Chain, nodes: Mapping[Operator, Sequence[Node]], observe: Observer) -> None:
        self._chain = chain
        self._nodes = [
            (operator.name, number, node.capabilities.limits)
            for operator, of_operator in nodes.items()
            for number, node in enumerate(of_operator, 1)
            if node.capabilities.limits is not None and observe is not ignore
        ]
        self._observe = observe
        self._reported: dict[int, ObservedLimits] = {}

    def tell(self, *, all_of_it: bool = False) -> None:
        """Report each node that was asked for accounts, where a figure has halved or doubled since it was last reported
        of; with `all_of_it`, of every change.
        """
        for position, (operator, number, limits) in enumerate(self._nodes):
            learnt, earlier = limits.learnt, self._reported.get(position)
            if learnt.accounts and (earlier is None or (learnt != earlier if all_of_it else differs(earlier, learnt))):
                self._reported[position] = learnt
                self._observe(LimitsObserved(self._chain, operator, number, learnt))


def differs(before: ObservedLimits, now: ObservedLimits) -> bool:
    """Whether any figure has halved or doubled, or is there that was not, or not any longer."""
    figures = [{"": each.at_once, "rate": each.rate, **dict(each.accounts)} for each in (before, now)]
    return any(_far_apart(figures[0].get(name), figures[1].get(name)) for name in figures[0].keys() | figures[1].keys())


def _far_apart(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return max(one, other) >= 2 * min(one, other)

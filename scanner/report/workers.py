"""Where a cluster's single worker spoke for a whole quorum, in words: one machine's word is no agreement.

From a predicate alone. Nothing here computes a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.core.amounts import parse_decimal


def brought(run: Mapping[str, Any]) -> str:
    """How many workers brought the answers, to go after who scanned; nothing where no cluster was used."""
    workers = run["workers"]
    if workers is None:
        return ""
    return f", through {len(workers):,} {'worker' if len(workers) == 1 else 'workers'} of a cluster"


def single_voices(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each chain with balances that are not proven, where one worker spoke for enough operators that
    they rest, or may rest, on its word alone."""
    quorum = finding["policy"]["quorum"]
    for chain in sorted(_with_unproven(finding)):
        for worker in run["workers"] or ():
            names = worker.get(chain, ())
            if names and len(names) >= min(quorum, len(run["operators"].get(chain, ()))):
                yield (
                    f"{chain}: one worker of the cluster brought the answers of {', '.join(names)}. Balances there that"
                    " are not proven rest on that one machine's word, however many operators are named beside them."
                )


def _with_unproven(finding: Mapping[str, Any]) -> set[str]:
    """The chains of assets that back a unit in which something is held without proof."""
    units = {
        reserve["unit"]
        for reserve in finding["reserves"]
        if parse_decimal(reserve["quorum"]) or parse_decimal(reserve["own"])
    }
    return {
        coverage["asset"].partition("/")[0]
        for coverage in finding["coverage"]
        if coverage["unit"] in units and coverage["read"]
    }

"""`scanner check`, of each chain: whether its balances can be proven, read at a past block, or only as they are now.

It is what the kind of chain allows, whatever the nodes named are worth; what those answered stands with each chain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.chains.proving import may_be_proven
from scanner.chains.registry import family
from scanner.cli.check_result import CheckResult, Grade
from scanner.core.ids import Chain

_ABOUT: Final = "how balances are read"


def points(chains: Iterable[Chain], unserved: Collection[Chain]) -> Iterator[CheckResult]:
    """A line for each way, with the chains that are read so, and one for each whose blocks cannot be checked.

    Those that no kind of node serves are left out.
    """
    ways: dict[str, list[str]] = {
        "proven at a past block, where a node gives proofs": [],
        "read at a past block, as operators agree": [],
        "read only as it is during the scan, as operators agree": [],
    }
    proven, past, tip = ways.values()
    read = sorted(set(chains) - set(unserved))
    for chain in read:
        (proven if may_be_proven(chain) else tip if reads_only_tip(chain) else past).append(str(chain))
    for way, named in ways.items():
        if named:
            yield CheckResult(Grade.OK, _ABOUT, f"{way}: {', '.join(named)}")
    for chain in read:
        why = family(chain).unchecked(chain)
        if why is not None:
            yield CheckResult(
                Grade.NOTE,
                str(chain),
                f"what its nodes say of blocks cannot be checked: {why}",
                "A block's name, time and contents are operators' word, as balances are: a quorum stands behind both.",
            )

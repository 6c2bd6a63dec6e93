"""How far back the nodes of a chain can be read: at past blocks, or only as the chain is now."""

from __future__ import annotations

from scanner.chains.family import History
from scanner.chains.registry import family
from scanner.core.ids import Chain


def reads_only_tip(chain: Chain) -> bool:
    """Whether balances of such a chain can be read only as they are when they are asked for."""
    return family(chain).history is History.TIP

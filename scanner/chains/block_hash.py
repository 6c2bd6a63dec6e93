"""How a block's hash is written, chain by chain: one spelling each, the one that the chain's nodes use.

Nothing here asks whether there is such a block.
"""

from __future__ import annotations

from scanner.chains.registry import family
from scanner.core.ids import Chain


def is_block_hash(chain: Chain, text: str) -> bool:
    """Whether a block of this chain can have such a hash."""
    return family(chain).block_hash.fullmatch(text) is not None

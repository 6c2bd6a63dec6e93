"""How a block's hash is written, chain by chain: one spelling each, the one that the chain's nodes use. A person may
paste others.

Nothing here asks whether there is such a block.
"""

from __future__ import annotations

from scanner.chains.registry import family
from scanner.core.ids import Chain


def is_block_hash(chain: Chain, text: str) -> bool:
    """Whether a block of this chain can have such a hash."""
    return family(chain).block_hash.fullmatch(text) is not None


def read_block_hash(chain: Chain, text: str) -> str | None:
    """The hash of a block in its one spelling, of any that explorers show; None for what can be none."""
    spelled = family(chain).block_spelling(text)
    return spelled if is_block_hash(chain, spelled) else None

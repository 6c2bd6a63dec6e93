"""Where anyone can look at a block of a chain, without this program. Links for readers: nothing is fetched there."""

from __future__ import annotations

from urllib.parse import quote

from scanner.chains.registry import family
from scanner.core.ids import Chain


def explorer_url(chain: Chain, height: int, block_hash: str) -> str | None:
    """The page of a public explorer that shows the block; None where none is known."""
    template = family(chain).explorers.get(chain.reference)
    return template and template.format(height=height, hash=quote(block_hash, safe=""))

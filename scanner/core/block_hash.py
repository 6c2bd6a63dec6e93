"""How a block's hash is written, chain by chain: one spelling each, the one that the chain's nodes use.

Nothing here asks whether there is such a block.

Sources: Ethereum JSON-RPC (DATA, 32 bytes), Ethereum Beacon API (Root), Bitcoin Core RPC (uint256).
"""

from __future__ import annotations

import re
from typing import Final

from scanner.core.ids import Chain

_HEX: Final = r"[0-9a-f]{64}"
_FORMS: Final = {
    "bip122": re.compile(_HEX, re.ASCII),
    "eip155": re.compile(f"0x{_HEX}", re.ASCII),
    "beacon": re.compile(f"0x{_HEX}", re.ASCII),
}
_ELSEWHERE: Final = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)


def is_block_hash(chain: Chain, text: str) -> bool:
    """Whether a block of this chain can have such a hash."""
    return _FORMS.get(chain.namespace, _ELSEWHERE).fullmatch(text) is not None

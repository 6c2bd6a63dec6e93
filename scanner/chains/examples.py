"""Names of chains and assets, for messages and help that say what is expected. Imports nothing: help has to be fast."""

from __future__ import annotations

from typing import Final

EXAMPLE_CHAIN: Final = "eip155:1"
EXAMPLE_OTHER_CHAIN: Final = "bip122:000000000019d6689c085ae165831e93"
EXAMPLE_COIN: Final = "eip155:1/slip44:60"
EXAMPLE_TOKEN: Final = "eip155:1/erc20:0x..."  # noqa: S105 (a token, and no secret)

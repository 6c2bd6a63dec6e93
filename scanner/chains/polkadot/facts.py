"""What differs from one Substrate chain to another, as data: its coin, and what published files call it.

Chains are named by the first 32 digits of their first block's hash. Sources: docs.polkadot.com; SLIP-0044.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.chains.family import Coin

RELAY: Final = "91b171bb158e2d3848fa23a9f1c25182"
ASSET_HUB: Final = "68d56f15f85d3136970ec16946040bc1"

NAMES: Final[Mapping[str, str]] = MappingProxyType({RELAY: "Polkadot", ASSET_HUB: "Polkadot's Asset Hub"})

COINS: Final[Mapping[str, Coin]] = MappingProxyType({RELAY: Coin(10, 354), ASSET_HUB: Coin(10, 354)})
"""DOT: 10 decimals since its redenomination in August 2020."""

EXPLORERS: Final[Mapping[str, str]] = MappingProxyType(
    {RELAY: "https://polkadot.subscan.io/block/{hash}", ASSET_HUB: "https://assethub-polkadot.subscan.io/block/{hash}"}
)
"""Where anyone can look at a block."""

NETWORK_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {ASSET_HUB: ("ASSETHUB", "STATEMINT"), RELAY: ("DOT", "POLKADOT")}
)

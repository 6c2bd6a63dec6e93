"""What is known of TON's networks beyond their names, for the family and for both kinds of its nodes.

Sources: SLIP-0044; ton.org's global.config.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.chains.family import Coin
from scanner.core.ids import Chain

MAIN: Final = Chain("tvm", "-239")
COIN: Final = Coin(decimals=9, slip44=607)
COINS: Final[Mapping[str, Coin]] = MappingProxyType({MAIN.reference: COIN})

ZERO_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "-239": "F6OpKZKqvqeFp6CQmFomXNMfMj2EnaUSOXN+Mh+wVWk=",
        "-3": "gj+B8wb/AmlPk1z1AhVI484rhrUpgSr2oSFIh56VoSg=",
    }
)
"""Root hashes of the networks' zero states, by CAIP-2 reference (the network's global id), as in the networks'
published configurations (global.config.json, testnet-global.config.json)."""

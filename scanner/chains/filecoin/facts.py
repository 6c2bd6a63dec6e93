"""What differs from one Filecoin network to another, as data. Sources: Filecoin's documentation; SLIP-0044."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.chains.family import Coin

GENESIS: Final[Mapping[str, str]] = MappingProxyType(
    {"f": "bafy2bzacecnamqgqmifpluoeldx7zzglxcljo6oja4vrmtj7432rphldpdmm2"}
)
"""The first block's identifier, by the chain's reference: of the main network alone. Test networks begin anew."""

COINS: Final[Mapping[str, Coin]] = MappingProxyType({"f": Coin(decimals=18, slip44=461)})

"""Chains' own coins: their SLIP-44 numbers, and how many decimals one whole coin has. By CAIP-2 name.

A second number for the same coin would count it twice. Wrong decimals move the decimal point of every balance, so what
is not known here is not guessed: no balance of such a coin counts.

Sources: SLIP-0044; the chains' own documentation. An EVM node tells balances in wei, 18 decimals, whatever the chain
calls its coin, with the exception of Tron's (tronprotocol.github.io, "eth_getBalance": in sun). Bitcoin-like chains
count in hundred millionths (`COIN` in consensus/amount.h); beacon nodes in gwei (consensus specifications, `Gwei`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SLIP44: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bip122:000000000019d6689c085ae165831e93": 0,
        "bip122:12a765e31ffd4059bada1e25190f6e98": 2,
        "bip122:1a91e3dace36e2be3bf030a65679fe82": 3,
        "bip122:00000ffd590b1485b3caadc19b22e637": 5,
        "eip155:1": 60,
        "eip155:61": 61,
        "eip155:10": 60,
        "eip155:42161": 60,
        "eip155:8453": 60,
        "eip155:59144": 60,
        "eip155:534352": 60,
        "eip155:324": 60,
        "beacon:1": 60,
    }
)
"""Of the chains we know; other numbers for their coins are refused."""

_DECIMALS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bip122:000000000019d6689c085ae165831e93": 8,  # Bitcoin
        "bip122:000000000933ea01ad0ee984209779ba": 8,  # testnet3
        "bip122:00000000da84f2bafbbc53dee25a72ae": 8,  # testnet4
        "bip122:00000008819873e925422c1ff0f99f7c": 8,  # signet
        "bip122:0f9188f13cb7b2c71f2a335e3a4fc328": 8,  # regtest
        "bip122:12a765e31ffd4059bada1e25190f6e98": 8,  # Litecoin
        "bip122:1a91e3dace36e2be3bf030a65679fe82": 8,  # Dogecoin
        "bip122:00000ffd590b1485b3caadc19b22e637": 8,  # Dash
        "eip155:728126428": 6,  # Tron, through its Ethereum-like interface
        "aelf:AELF": 8,
        "antelope:aca376f206b8fc25a6ed44dbdc66547c": 4,  # EOS
        "aptos:1": 8,
        "fil:f": 18,
        "polkadot:68d56f15f85d3136970ec16946040bc1": 10,  # Asset Hub
        "polkadot:91b171bb158e2d3848fa23a9f1c25182": 10,
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": 9,
        "tron:728126428": 6,
        "tvm:-239": 9,  # TON
        "xrpl:0": 6,
    }
)
_DECIMALS_OF_ALL: Final[Mapping[str, int]] = MappingProxyType({"eip155": 18, "beacon": 9})  # others of a namespace


def native_decimals(chain: str) -> int | None:
    """How many decimals one whole coin of `chain` has; None where that is not known."""
    return _DECIMALS.get(chain, _DECIMALS_OF_ALL.get(chain.partition(":")[0]))

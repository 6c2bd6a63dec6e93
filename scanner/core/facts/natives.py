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

from scanner.core.facts.bitcoin_chains import BITCOIN_CHAINS

SLIP44: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{
            f"bip122:{reference}": chain.slip44
            for reference, chain in BITCOIN_CHAINS.items()
            if chain.slip44 is not None
        },
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
        **{f"bip122:{name}": chain.decimals for name, chain in BITCOIN_CHAINS.items()},
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

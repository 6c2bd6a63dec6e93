"""What differs from one EVM chain to another, as data. A chain that differs in nothing needs no entry.

Only facts about chains that change how a node is asked or how its answer is checked. No URLs, no tokens, no code per
chain: a backend reads these fields, and knows no chain by name.

Sources: docs.arbitrum.io "Solidity support" (NUMBER is an estimate of the L1's block number, BLOCKHASH is of no L2
block); docs.scroll.io "Feynman upgrade" (BLOCKHASH was keccak(chain id, number) until 2025-08-19); docs.zksync.io "EVM
instructions" (EraVM runs no EVM init code); X Layer's move from cdk-erigon to an OP stack node at block 42,810,021;
Multicall3's list of deployments; for Istanbul and Cancun, dates rounded up, Polygon's "Network upgrade process"
(Napoli), Nitro's releases (ArbOS 20), avalanchego's (Etna), Scroll's (Curie) and ECIP-1088; for Ethereum Classic's
depth, the longest reorganisation recorded, 7,278 blocks on 2020-08-29.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from scanner.chains.family import Coin
from scanner.core.ids import Chain

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

_ISTANBUL = datetime(2020, 1, 1, tzinfo=UTC)

MULTICALL3 = bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11")


@dataclass(frozen=True, slots=True)
class EvmChain:
    """One chain. The defaults are Ethereum's ways."""

    name: str
    coin: str  # symbol of the native asset
    final_depth: int | None = None  # blocks on top that make one final; None: the node's `finalized` tag says
    arbsys: bool = (
        False  # whether ArbSys tells the block's number and parent, NUMBER and BLOCKHASH being another chain's
    )
    blockhash_since: datetime | None = ALWAYS  # from blocks of this time on, BLOCKHASH gives this chain's block hashes
    runs_code: bool = True  # whether EVM code of ours can run in a call: by override, or as init code
    istanbul_since: datetime = _ISTANBUL  # from blocks of this time on, code runs by Istanbul's rules or later ones
    cancun_since: datetime | None = None  # the same of Cancun's, where the headers do not show it
    multicall3: bytes | None = MULTICALL3
    multicall3_since: int = 0  # the height it was deployed at


EVM_CHAINS: Mapping[int, EvmChain] = MappingProxyType(
    {
        1: EvmChain("Ethereum", "ETH", multicall3_since=14_353_601),
        10: EvmChain("Optimism", "ETH", multicall3_since=4_286_263),
        56: EvmChain("BNB Smart Chain", "BNB", multicall3_since=15_921_452),
        61: EvmChain(
            "Ethereum Classic",
            "ETC",
            final_depth=10_000,
            istanbul_since=datetime(2020, 7, 1, tzinfo=UTC),
            multicall3=None,
        ),
        # Tendermint finalises each block at once, and its nodes have no such tag; its hashes are Tendermint's.
        66: EvmChain("OKTC", "OKT", final_depth=16, blockhash_since=None, multicall3_since=10_364_792),
        137: EvmChain(
            "Polygon",
            "POL",
            istanbul_since=datetime(2021, 1, 1, tzinfo=UTC),
            cancun_since=datetime(2024, 4, 1, tzinfo=UTC),
            multicall3_since=25_770_160,
        ),
        # Blocks of the former node software may be served by another server, whose BLOCKHASH is not known.
        196: EvmChain(
            "X Layer", "OKB", blockhash_since=datetime(2026, 1, 1, tzinfo=UTC), multicall3_since=47_416
        ),
        324: EvmChain(
            "zkSync Era",
            "ETH",
            runs_code=False,
            multicall3=bytes.fromhex("f9cda624fbc7e059355ce98a31693d299facd963"),
            multicall3_since=3_908_235,
        ),
        8453: EvmChain("Base", "ETH", multicall3_since=5_022),
        42161: EvmChain(
            "Arbitrum One",
            "ETH",
            arbsys=True,
            cancun_since=datetime(2024, 4, 1, tzinfo=UTC),
            multicall3_since=7_654_707,
        ),
        43114: EvmChain(
            "Avalanche C-Chain", "AVAX", cancun_since=datetime(2025, 1, 1, tzinfo=UTC), multicall3_since=11_907_934
        ),
        59144: EvmChain("Linea", "ETH", multicall3_since=42),
        534352: EvmChain(
            "Scroll",
            "ETH",
            blockhash_since=datetime(2025, 8, 21, tzinfo=UTC),
            cancun_since=datetime(2024, 8, 1, tzinfo=UTC),
            multicall3_since=14,
        ),
    }
)  # fmt: skip


def evm_chain(chain: Chain) -> EvmChain:
    """What is known of an eip155 chain; a chain not listed is taken to have Ethereum's ways and no Multicall3."""
    return EVM_CHAINS.get(int(chain.reference), EvmChain(str(chain), "", multicall3=None))


COINS: Final[Mapping[str, Coin]] = MappingProxyType(
    {
        "1": Coin(decimals=18, slip44=60),
        "61": Coin(decimals=18, slip44=61),
        "10": Coin(decimals=18, slip44=60),
        "42161": Coin(decimals=18, slip44=60),
        "8453": Coin(decimals=18, slip44=60),
        "59144": Coin(decimals=18, slip44=60),
        "534352": Coin(decimals=18, slip44=60),
        "324": Coin(decimals=18, slip44=60),
        # Tron, through its Ethereum-like interface: in sun (tronprotocol.github.io, "eth_getBalance")
        "728126428": Coin(decimals=6),
    }
)
"""By chain id, where anything but the decimals of all is known: nodes answer in wei, whatever the coin's name."""

EXPLORERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        reference: f"https://{host}/block/{{height}}"
        for reference, host in {
            "1": "etherscan.io",
            "10": "optimistic.etherscan.io",
            "56": "bscscan.com",
            "61": "etc.blockscout.com",
            "100": "gnosisscan.io",
            "137": "polygonscan.com",
            "8453": "basescan.org",
            "42161": "arbiscan.io",
            "43114": "snowtrace.io",
        }.items()
    }
)
"""Where anyone can look at a block, by chain id."""

NETWORK_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "1": ("ETH", "ETHEREUM", "ERC20", "ETHEREUMMAINNET"),
        "10": ("OPTIMISM", "OP", "OPTIMISMETHEREUM", "OPMAINNET"),
        "25": ("CRONOS",),
        "56": ("BSC", "BNBSMARTCHAIN", "BEP20", "BNBCHAIN", "BINANCESMARTCHAIN", "BSCBEP20"),
        "61": ("ETC", "ETHEREUMCLASSIC"),
        "66": ("OKC", "OKTC", "OKT", "OKC20", "KIP20"),
        "100": ("GNOSIS", "XDAI"),
        "130": ("UNICHAIN",),
        "137": ("POLYGON", "MATIC", "POLYGONPOS", "POL"),
        "146": ("SONIC",),
        "169": ("MANTA", "MANTAPACIFIC"),
        "196": ("XLAYER", "OKBX1"),
        "204": ("OPBNB",),
        "250": ("FANTOM", "FTM"),
        "314": ("FEVM", "FILEVM"),
        "324": ("ZKSYNC2", "ZKSYNCERA"),
        "480": ("WORLDCHAIN",),
        "1088": ("METIS",),
        "1101": ("POLYGONZKEVM",),
        "1284": ("MOONBEAM", "GLMR"),
        "1285": ("MOONRIVER", "MOVR"),
        "5000": ("MANTLE", "MNT"),
        "8217": ("KAIA", "KLAYTN", "KLAY"),
        "8453": ("BASE",),
        "34443": ("MODE",),
        "42161": ("ARBITRUM", "ARBITRUMONE", "ARB"),
        "42170": ("ARBITRUMNOVA",),
        "42220": ("CELO",),
        "43114": ("AVAXC", "AVALANCHE", "ARC20", "AVAXCCHAIN", "AVALANCHECCHAIN", "CCHAIN"),
        "57073": ("INK",),
        "59144": ("ETHLINEA", "LINEA"),
        "81457": ("BLAST",),
        "167000": ("TAIKO",),
        "534352": ("SCROLL",),
        "7777777": ("ZORA",),
    }
)
"""By chain id: what published files call the chain."""

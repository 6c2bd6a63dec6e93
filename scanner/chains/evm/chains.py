"""What differs from one EVM chain to another, as data. A chain that differs in nothing needs no entry.

Only facts about chains that change how a node is asked or how its answer is checked. No URLs, no tokens, no code per
chain: a backend reads these fields, and knows no chain by name.

Sources: docs.arbitrum.io "Solidity support" (NUMBER is an estimate of the L1's block number, BLOCKHASH is of no L2
block); docs.scroll.io "Feynman upgrade" (BLOCKHASH was keccak(chain id, number) until 2025-08-19); docs.zksync.io "EVM
instructions" (EraVM runs no EVM init code); X Layer's move from cdk-erigon to an OP stack node at block 42,810,021;
Multicall3's list of deployments; for Ethereum Classic's depth, the longest reorganisation recorded, 7,278 blocks on
2020-08-29.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from scanner.core.ids import Chain

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

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
    multicall3: bytes | None = MULTICALL3
    multicall3_since: int = 0  # the height it was deployed at


EVM_CHAINS: Mapping[int, EvmChain] = MappingProxyType(
    {
        1: EvmChain("Ethereum", "ETH", multicall3_since=14_353_601),
        10: EvmChain("Optimism", "ETH", multicall3_since=4_286_263),
        56: EvmChain("BNB Smart Chain", "BNB", multicall3_since=15_921_452),
        61: EvmChain("Ethereum Classic", "ETC", final_depth=10_000, multicall3=None),
        # Tendermint finalises each block at once, and its nodes have no such tag; its hashes are Tendermint's.
        66: EvmChain("OKTC", "OKT", final_depth=16, blockhash_since=None, multicall3_since=10_364_792),
        137: EvmChain("Polygon", "POL", multicall3_since=25_770_160),
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
            "Arbitrum One", "ETH", arbsys=True, multicall3_since=7_654_707
        ),
        43114: EvmChain("Avalanche C-Chain", "AVAX", multicall3_since=11_907_934),
        59144: EvmChain("Linea", "ETH", multicall3_since=42),
        534352: EvmChain(
            "Scroll", "ETH", blockhash_since=datetime(2025, 8, 21, tzinfo=UTC), multicall3_since=14
        ),
    }
)  # fmt: skip


def evm_chain(chain: Chain) -> EvmChain:
    """What is known of an eip155 chain; a chain not listed is taken to have Ethereum's ways and no Multicall3."""
    return EVM_CHAINS.get(int(chain.reference), EvmChain(str(chain), "", multicall3=None))

"""Tokens that show the balances of their chain's own coin a second time: counting both counts every coin twice.

Most are no contracts that anyone deployed but system contracts at reserved addresses, some of which stand at the same
address on every chain of a kind, so that chains not yet known here are covered too. A table like this one is finished
only for the chains of its day; `weighing.aliases` finds out others by what they show.

Sources, by entry: the chain's own documentation or source code, as named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from scanner.chains.facts_revision import REVISION, stands

_EVERYWHERE: Final = frozenset(
    {
        # OP stack, and forks of what it was before (Metis, Mantle, Boba): the legacy predeploy, whose balanceOf gives
        # the native balance. specs.optimism.io "Predeploys", LegacyERC20ETH; mantle-v2 LegacyERC20MNT.sol; Metis's
        # Lib_PredeployAddresses. The address is a vanity one that no key or deployer leads to.
        "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0000",
        # ZK stack (zkSync Era and all chains of its kind): docs.zksync.io "System contracts", L2BaseToken.
        "0x000000000000000000000000000000000000800a",
        # Cosmos EVM: docs.cosmos.network "WERC20", the coin's second face at its usual address. Elsewhere the address
        # stands for the native coin in other programs' lists, and holds no contract.
        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
    }
)

_MRC20: Final = "0x0000000000000000000000000000000000001010"
_FRONTIER_BALANCES: Final = "0x0000000000000000000000000000000000000802"

_BY_CHAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eip155:137": _MRC20,  # docs.polygon.technology "Native token": MRC20
        "eip155:80001": _MRC20,  # Mumbai
        "eip155:80002": _MRC20,  # Amoy
        "eip155:42220": "0x471ece3750da237f93b8e339c536989b8978a438",  # specs.celo.org "Token duality"
        "eip155:44787": "0xf194afdf50b03e69bd7d057c1aa9e10c9954e4c9",  # Alfajores, as above
        "eip155:1284": _FRONTIER_BALANCES,  # docs.moonbeam.network "Native token ERC-20 precompile": Moonbeam
        "eip155:1285": _FRONTIER_BALANCES,  # Moonriver
        "eip155:1287": _FRONTIER_BALANCES,  # Moonbase Alpha
        "eip155:3338": "0x0000000000000000000000000000000000000809",  # docs.peaq.xyz "PEAQ token contracts"
        "eip155:787": "0x0000000000000000000100000000000000000000",  # Acala's predeploy-contracts: ACA
        "eip155:686": "0x0000000000000000000100000000000000000080",  # Karura's: KAR
        "eip155:9001": "0xd4949664cd82660aae99bedc034a0dea8a0bd517",  # Evmos: WEVMOS is a WERC20 precompile
        # Six decimals here and eighteen there, of one balance.
        "eip155:5042": "0x3600000000000000000000000000000000000000",  # docs.arc.network "Two interfaces, one balance"
        "eip155:5042002": "0x3600000000000000000000000000000000000000",  # Arc's testnet
        "eip155:988": "0x779ded0c9e1022225f8e0630b35a9b54be713736",  # Stable: USDT0 is coin and token (docs.stable.xyz)
    }
)


@dataclass(frozen=True, slots=True)
class ShownAgain:
    """One row of the table."""

    chain: str | None  # CAIP-2; None: on every EVM chain
    contract: str  # in lower case
    since: int = 1  # the first revision of the tables that has it
    until: int | None = None  # the last one; None where it is not withdrawn


TABLE: Final[tuple[ShownAgain, ...]] = (
    *(ShownAgain(None, contract) for contract in _EVERYWHERE),
    *(ShownAgain(chain, contract) for chain, contract in _BY_CHAIN.items()),
)


def shows_native_again(chain: str, contract: str, revision: int = REVISION) -> bool:
    """Whether the ERC-20 at `contract` (lower case) shows the balances of the coin of `chain` (CAIP-2), as that
    revision of the tables has it."""
    return any(row.contract == contract and row.chain in (None, chain) and stands(row, revision) for row in TABLE)

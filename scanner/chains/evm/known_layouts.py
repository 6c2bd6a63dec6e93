"""Where well-known token contracts keep balances, from their published sources: nothing to be found by trial.

A layout that is known cannot be talked out of: whatever operators say of such a token, the proofs are walked by it, and
where the two differ the row is a contradiction. A contract belongs here only with a source that shows the declaration,
and only if its code cannot be replaced or the layout has survived every replacement so far. Names are those of `slots`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.evm.slots import LAYOUTS, StorageLayout
from scanner.chains.facts_revision import REVISION, stands
from scanner.core.ids import AssetId

_SLOT: Final = "Solidity mapping at slot "
_FIAT_TOKEN: Final = (
    _SLOT + "9, low 255 bits"
)  # Circle's FiatToken: balanceAndBlacklistStates, circlefin/stablecoin-evm


@dataclass(frozen=True, slots=True)
class KnownLayout:
    """One row of the table."""

    asset: str  # CAIP-19
    layout: str  # by its name in `slots`
    since: int = 1  # the first revision of the tables that has it
    until: int | None = None  # the last one: a contract whose code was replaced may keep balances elsewhere


_REVISION_1: Final = {
    # Ethereum. BasicToken.balances follows Ownable.owner and _totalSupply: TetherToken.sol, verified source.
    "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7": _SLOT + "2",  # USDT
    "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": _FIAT_TOKEN,  # USDC
    # balanceOf follows name, symbol and decimals: gnosis/canonical-weth, WETH9.sol.
    "eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": _SLOT + "3",  # WETH
    # balanceOf follows wards and totalSupply: makerdao/dss, dai.sol.
    "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f": _SLOT + "2",  # DAI
    # BasicToken.balances follows totalSupply: smartcontractkit/LinkToken, LinkToken.sol.
    "eip155:1/erc20:0x514910771af9ca656af840dff83e8264ecf986ca": _SLOT + "1",  # LINK
    # balances (uint96) follows totalSupply, minter, mintingAllowedAfter and allowances: Uniswap/governance, Uni.sol.
    "eip155:1/erc20:0x1f9840a85d5af5bf1d1762f925bdaddc4201f984": _SLOT + "4",  # UNI
    # ERC20 of OpenZeppelin is the first base of Tickets: jbx-protocol/juice-v1, Tickets.sol.
    "eip155:1/erc20:0x7a58c0be72be218b41c608b7fe7c5bb630736c71": _SLOT + "0",  # PEOPLE
    # FiatToken on other chains, as Circle lists its contracts: developers.circle.com, "USDC Contract Addresses".
    "eip155:10/erc20:0x0b2c639c533813f4aa9d7837caf62653d097ff85": _FIAT_TOKEN,
    "eip155:137/erc20:0x3c499c542cef5e3811e1192ce70d8cc03d5c3359": _FIAT_TOKEN,
    "eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913": _FIAT_TOKEN,
    "eip155:42161/erc20:0xaf88d065e77c8cc2239327c5edb3a432268e5831": _FIAT_TOKEN,
    "eip155:43114/erc20:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e": _FIAT_TOKEN,
}


TABLE: Final[tuple[KnownLayout, ...]] = tuple(KnownLayout(asset, name) for asset, name in _REVISION_1.items())


def known_layout(asset: AssetId, revision: int = REVISION) -> StorageLayout | None:
    """The layout of a token whose source is known in that revision of the tables; None for any other."""
    of_asset = (row for row in TABLE if row.asset == str(asset) and stands(row, revision))
    return next((LAYOUTS[row.layout] for row in of_asset), None)

"""The demo's chains: real nodes, where the accounts of config/addresses.yaml hold a thousandth of the report's amounts.

Two bitcoind share one regtest chain and two anvil share one EVM chain, so that a quorum of two is two nodes' word. Each
chain moves on after its snapshot block: whoever reads "latest" reads wrong numbers. Nothing here scans or judges.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localnet import contracts
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.block import Block
from scanner.chains.names import parse_asset
from scanner.weighing.claim import Claim

REGTEST: Final = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
EVM: Final = "eip155:1"

_FINAL = 6  # blocks on top of one that both chains' nodes call final
_ETH = parse_asset("eip155:1/slip44:60")

# What OKX's wallets held by its 13th report, in atoms, divided by a thousand; USDC's amount was not published.
_WALLETS = {"BTC": 14_349_200_000, "ETH": 1_516_071 * 10**15, "USDT": 5_341_449_821_000, "USDC": 250_000_000_000}
# On request ETH is what it was in May 2026 without third-party custody: 98.19 % of what is owed.
_SHORT_ETH = 1_476_215 * 10**15 * 9_819 // 10_000
# Where a token's storage is known (scanner/chains/evm/known_layouts.py), proofs are walked by that and by nothing else.
_KINDS = {"USDT": contracts.PLAIN, "USDC": contracts.FIAT}


@dataclass(frozen=True, slots=True)
class Chains:
    """The running nodes and the block of each chain that holds what was planted."""

    bitcoin: tuple[Bitcoind, Bitcoind]
    evm: tuple[Anvil, Anvil]
    bitcoin_snapshot: Block
    evm_snapshot: Block

    def move_on(self) -> dict[str, str]:
        """Blocks on top of what was read, as days would bring them: of each node's chain the hash of a later one."""
        self.evm[0].mine(100)
        self.bitcoin[0].mine(12)
        height = self.bitcoin[0].tip().height - _FINAL
        return {
            EVM: self.evm[0].block(self.evm[0].head().height - _FINAL).hash,
            REGTEST: str(self.bitcoin[0].rpc("getblockhash", height)),
        }


@contextlib.contextmanager
def running(published: Claim, *, short: bool, folder: Path) -> Iterator[Chains]:
    """Start all four nodes and plant them in the accounts of the published claim; they stop at the end."""
    scripts = [holding.account.hex() for holding in published.holdings if holding.asset.chain.namespace == "bip122"]
    accounts = [f"0x{holding.account.hex()}" for holding in published.holdings if holding.asset == _ETH]
    tokens = {asset.backs: asset.id.reference for asset in published.assets.values() if asset.id.kind == "erc20"}
    with contextlib.ExitStack() as nodes:
        bitcoin = (nodes.enter_context(Bitcoind.start()), nodes.enter_context(Bitcoind.start()))
        bitcoin_snapshot = _plant_bitcoin(bitcoin[0], scripts)
        bitcoin[1].connect(bitcoin[0])
        first = nodes.enter_context(Anvil.start(chain_id=1))
        evm_snapshot = _plant_evm(first, accounts, tokens, short=short)
        first.dump_state(folder / "evm-state.json")
        second = nodes.enter_context(Anvil.load_state(folder / "evm-state.json", chain_id=1))
        bitcoin[1].wait_same_tip(bitcoin[0])
        yield Chains(bitcoin, (first, second), bitcoin_snapshot, evm_snapshot)


def _plant_bitcoin(node: Bitcoind, scripts: Sequence[str]) -> Block:
    node.pay(dict(zip(scripts, shares(_WALLETS["BTC"], len(scripts)), strict=True)))
    snapshot = node.tip()
    node.pay(dict.fromkeys(scripts, 100_000_000))
    node.mine(5)
    return snapshot


def _plant_evm(node: Anvil, accounts: Sequence[str], tokens: Mapping[str, str], *, short: bool) -> Block:
    wei = _SHORT_ETH if short else _WALLETS["ETH"]
    node.set_balances(dict(zip(accounts, shares(wei, len(accounts)), strict=True)))
    for unit, contract in tokens.items():
        node.deploy_token(contract, 6, unit, _KINDS[unit])
        node.mint(contract, dict(zip(accounts, shares(_WALLETS[unit], len(accounts)), strict=True)))
    snapshot = node.seal()
    node.set_balances(dict.fromkeys(accounts, 10**18))
    for contract in tokens.values():
        node.mint(contract, dict.fromkeys(accounts, 1))
    node.mine(5)
    return snapshot


def shares(total: int, count: int) -> list[int]:
    """The total cut into `count` unequal parts, exactly."""
    weights = range(1, count + 1)
    parts = [total * weight // sum(weights) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts

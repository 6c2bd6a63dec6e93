"""`make demo ALL=1`: one claim over 22 coins on eleven families of chains, scanned, attested and verified.

Bitcoin and EVM chains are real nodes, as in the other demo; of all other chains no node can be had from a package, and
the tests' simulated ones stand in (`simulated`). Of each coin a little less is owed than is held, so that whatever is
not COVERED is what could not be read.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from demo import simulated
from demo.chains import REGTEST, shares
from demo.files import password_variable
from demo.simulated import Held, Simulated
from localnet import contracts
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from scanner.chains.accounts import account_text
from scanner.chains.names import parse_asset, parse_chain

_ON_TOP: Final = 16  # blocks above the one that is read: as many as OKTC waits for
_HALF_AN_HOUR: Final = 1800  # from the claim's moment to the scan, seconds
_OWED: Final = Fraction(98, 100)  # of what is held
_OPERATORS: Final = ("alpha", "beta")
_EVM_ACCOUNTS: Final = ("0x06959153B974D0D5fDfd87D561db6d8d4FA0bb0B", "0x062448f804191128d71fc72e10a1d13bd7308e7e")

# Unit, label, asset, decimals, and what is held in all, of EVM chains.
EVM: Final = (
    ("ETH", "ETH", "eip155:1/slip44:60", 18, 1_516_071 * 10**15),
    ("USDT", "USDT-ERC20", "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", 6, 5_341_449_821_000),
    ("USDC", "USDC-ERC20", "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 6, 250_000_000_000),
    ("LINK", "LINK", "eip155:1/erc20:0x514910771af9ca656af840dff83e8264ecf986ca", 18, 11_250 * 10**18),
    ("UNI", "UNI", "eip155:1/erc20:0x1f9840a85d5af5bf1d1762f925bdaddc4201f984", 18, 7_410 * 10**18),
    ("PEOPLE", "PEOPLE", "eip155:1/erc20:0x7a58c0be72be218b41c608b7fe7c5bb630736c71", 18, 2_900_000 * 10**18),
    ("OKT", "OKT", "eip155:66/slip44:996", 18, 3_270 * 10**18),
    ("OKB", "OKB-X1", "eip155:196/slip44:60", 18, 210_000 * 10**18),
)
_KEPT_AT: Final = {"USDC-ERC20": contracts.FIAT} | {
    label: contracts.TokenKind("Token", root=root) for label, root in (("LINK", 1), ("UNI", 4), ("PEOPLE", 0))
}


@dataclass(frozen=True, slots=True)
class World:
    """What is claimed and where it can be read."""

    moment: int  # the claim's, in seconds since 1970
    held: tuple[Held, ...]
    nodes: tuple[tuple[str, str, str], ...]  # URL, operator and chain
    heights: Mapping[str, int]  # named by the claim, by chain
    environment: Mapping[str, str]

    @classmethod
    def of(cls, moment: int, chains: Sequence[Simulated], environment: Mapping[str, str]) -> World:
        """Of these chains. `environment`: what `${...}` in their URLs stands for."""
        return cls(
            moment,
            tuple(held for chain in chains for held in chain.held),
            tuple(
                (url, operator, chain.chain)
                for chain in chains
                for url, operator in zip(chain.urls, _OPERATORS, strict=True)
            ),
            {chain.chain: chain.height for chain in chains if chain.height is not None},
            environment,
        )

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(sorted({each.unit for each in self.held}))


@contextlib.contextmanager
def running(folder: Path) -> Iterator[World]:
    """All nodes, real and simulated; they stop at the end."""
    until = int(time.time())
    moment = until - _HALF_AN_HOUR
    with contextlib.ExitStack() as nodes:
        bitcoin = _bitcoin(nodes)
        evm = [_evm(chain, nodes, folder) for chain in sorted({_chain(row[2]) for row in EVM})]
        chains = [bitcoin[0], *evm, *nodes.enter_context(simulated.running(moment, until))]
        yield World.of(moment, chains, bitcoin[1])


def write_claim(path: Path, world: World) -> None:
    """The claim, as an exchange would write it."""
    assets = {each.label: each for each in world.held}
    totals = {unit: _total(world, unit) for unit in world.units}
    lines = [
        "# 22 coins on eleven families of chains, on the demo's own nodes.",
        "version: 1",
        "exchange: Every chain (demo)",
        f"as_of: {datetime.fromtimestamp(world.moment, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "complete: true",
        "snapshots:",
        *(f'  "{chain}": {height}' for chain, height in sorted(world.heights.items())),
        "assets:",
        *(
            f'  {label}: {{id: "{each.asset}", backs: {each.unit}, decimals: {each.decimals}}}'
            for label, each in assets.items()
        ),
        "liabilities:",
        *(f'  {unit}: {{amount: "{int(total * _OWED)}"}}' for unit, total in totals.items()),
        "holdings:",
        *(f'  - {{asset: {each.label}, account: "{each.account}"}}' for each in world.held),
    ]
    path.write_text("\n".join(lines) + "\n")


def write_instrument(path: Path, world: World) -> None:
    """Two operators a chain, who must agree."""
    lines = ["policy: {quorum: 2}", "nodes:"]
    lines += [f'  - {{url: "{url}", operator: {operator}, chain: "{chain}"}}' for url, operator, chain in world.nodes]
    path.write_text("\n".join(lines) + "\n")


def _total(world: World, unit: str) -> Fraction:
    """What is held of a unit, in whole coins."""
    return sum((Fraction(each.atoms, 10**each.decimals) for each in world.held if each.unit == unit), Fraction(0))


def _chain(asset: str) -> str:
    return str(parse_asset(asset).chain)


def _bitcoin(nodes: contextlib.ExitStack) -> tuple[Simulated, Mapping[str, str]]:
    """Two bitcoind of one regtest chain, and what their passwords are called."""
    pair = (nodes.enter_context(Bitcoind.start()), nodes.enter_context(Bitcoind.start()))
    scripts = [f"0014{number:040x}" for number in (7, 8, 9)]
    amounts = dict(zip(scripts, shares(14_349_200_000, len(scripts)), strict=True))
    pair[0].pay(amounts)
    height = pair[0].tip().height
    pair[0].pay(dict.fromkeys(scripts, 100_000_000))
    pair[0].mine(5)
    pair[1].connect(pair[0])
    pair[1].wait_same_tip(pair[0])
    chain = parse_chain(REGTEST)
    held = tuple(
        Held("BTC", "BTC", f"{REGTEST}/slip44:0", 8, account_text(chain, bytes.fromhex(script)), atoms)
        for script, atoms in amounts.items()
    )
    urls = tuple(
        f"bitcoind+http://{node.user}:${{{password_variable(name)}}}@{node.url.removeprefix('http://')}"
        for name, node in zip(_OPERATORS, pair, strict=True)
    )
    passwords = {password_variable(name): node.password for name, node in zip(_OPERATORS, pair, strict=True)}
    return Simulated(REGTEST, held, urls, height), passwords


def _evm(chain: str, nodes: contextlib.ExitStack, folder: Path) -> Simulated:
    """Two anvil of one state."""
    number = int(parse_chain(chain).reference)
    first = nodes.enter_context(Anvil.start(chain_id=number))
    held: list[Held] = []
    for unit, label, asset, decimals, total in EVM:
        if _chain(asset) == chain:
            amounts = dict(zip(_EVM_ACCOUNTS, shares(total, len(_EVM_ACCOUNTS)), strict=True))
            _plant(first, asset, label, decimals, amounts)
            held += [Held(unit, label, asset, decimals, account, atoms) for account, atoms in amounts.items()]
    height = first.seal().height
    first.set_balances(dict.fromkeys(_EVM_ACCOUNTS, 1))
    first.mine(_ON_TOP)
    state = folder / f"evm-state-{number}.json"
    first.dump_state(state)
    second = nodes.enter_context(Anvil.load_state(state, chain_id=number))
    return Simulated(chain, tuple(held), (f"evm+{first.url}", f"evm+{second.url}"), height)


def _plant(node: Anvil, asset: str, label: str, decimals: int, amounts: Mapping[str, int]) -> None:
    parsed = parse_asset(asset)
    if parsed.native:
        node.set_balances(amounts)
        return
    kind = _KEPT_AT.get(label, contracts.PLAIN)
    code = contracts.FIAT if kind is contracts.FIAT else contracts.PLAIN
    node.deploy_token(parsed.reference, decimals, label, code)
    node.mint(parsed.reference, amounts)
    # A proof looks where the real contract keeps its balances; ours keeps them there as well.
    node.set_storage(parsed.reference, dict(zip(node.balance_slots(amounts, kind), amounts.values(), strict=True)))

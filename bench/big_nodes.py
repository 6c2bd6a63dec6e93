"""The network that a file of `big_files` speaks of: one anvil for each EVM chain, a bitcoind, and the claim about them.

    python -m bench.big_nodes --shape okx|binance [--rows N] --folder FOLDER

Writes the file, `claim.yaml` and `nodes.yaml` into FOLDER, says that all is ready, and keeps the nodes until Ctrl-C or
the end of its standard input. What is owed is what the file's rows come to, exactly, so a whole scan finds each unit
COVERED at a ratio of 1, and no row that differs.

Blocks have the heights that the file names: the published ones on EVM chains, BITCOIN_HEIGHT on regtest. A token has a
balance for every account there can be, since its contract computes it from the account. A chain's own coin is planted
in the accounts that have any, while the file is written. After the block that the file names, every one of these
balances changes: whoever reads the latest block reads wrong numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from bench.big_files import SHAPES, Row, Shape, Site, Totals, coins, write
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.block import Block
from localnet.shell import say
from scanner.core.amounts import exact
from scanner.core.ids import Chain
from scanner.sources.published import LabelTable
from tests.support.proof_signing import REGTEST

BITCOIN_HEIGHT = 400  # regtest has paid 10,000 BTC by then, which is more than is planted
BURIED = 20  # blocks beneath those the file names: a node is probed at one a little below its tip
GAS_CAP = 50_000_000  # what Geth, Erigon and Reth allow a call by default
LATER_STEP = 7  # what a token's balances are multiples of in later blocks


def computed_token(decimals: int, step: int) -> str:
    """Code (hex, 0x) of a contract that knows two functions and keeps nothing: `decimals`, and `balanceOf`, which is
    three bytes of the account, plus one, times `step`. Everything else reverts. It is `big_files.held`.
    """
    code = (
        "6000 35 60e0 1c"  # the selector: the call's first word, shifted right by 224 bits
        "80 63 70a08231 14 601d 57"  # is it balanceOf(address)? then go to 0x1d
        "63 313ce567 14 603e 57"  # is it decimals()? then go to 0x3e
        "6000 80 fd"  # revert
        "5b 6004 35 6068 1c 62ffffff 16"  # 0x1d: bytes 4 to 6 of the account: 13 bytes stand behind them
        f"6001 01 67 {step:016x} 02 6000 52 6020 6000 f3"
        f"5b 60 {decimals:02x} 6000 52 6020 6000 f3"  # 0x3e
    )
    return "0x" + code.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Network:
    """The running nodes, and what they were planted for."""

    evm: Mapping[Chain, Anvil]
    bitcoin: Bitcoind
    blocks: Mapping[Chain, Block]  # those that the file names
    site: Site
    file: Path
    totals: Totals


@contextmanager
def running(shape: Shape, count: int, folder: Path) -> Iterator[Network]:
    """Start and plant the nodes, and write the file beside which they hold; they stop at the end."""
    lines = {(line.asset, line.network): line for line in shape.readable}.values()
    heights = {line.asset.chain: line.height for line in lines if line.asset.chain.namespace == "eip155"}
    site = Site(REGTEST, {"BTC": BITCOIN_HEIGHT})
    file = folder / shape.member
    with ExitStack() as nodes:
        bitcoin = nodes.enter_context(Bitcoind.start())
        evm = {chain: nodes.enter_context(_anvil_below(height, chain)) for chain, height in heights.items()}
        planter = _Planter(evm, bitcoin)
        totals = write(shape, count, file, site, each=planter.take)
        planter.plant()
        tokens = [line for line in lines if not line.native]
        for line in tokens:
            evm[line.asset.chain].rpc("anvil_setCode", line.asset.reference, computed_token(line.decimals, line.step))
        blocks = {chain: anvil.seal() for chain, anvil in evm.items()}
        if {chain: block.height for chain, block in blocks.items()} != heights:
            raise RuntimeError("a block has another height than the file names")
        blocks[REGTEST] = _mined_to(bitcoin, BITCOIN_HEIGHT)
        for line in tokens:
            code = computed_token(line.decimals, LATER_STEP)
            evm[line.asset.chain].rpc("anvil_setCode", line.asset.reference, code)
        planter.plant(later=True)
        bitcoin.mine(6)  # a block is final under six
        for anvil in evm.values():
            anvil.mine(3)
        yield Network(evm, bitcoin, blocks, site, file, totals)


def _anvil_below(height: int, chain: Chain) -> Anvil:
    """An anvil whose next block is of that height. Its first block may have any number; none is before it."""
    first = ["--number", str(height - 1 - BURIED)]  # the tag `finalized` needs blocks too
    anvil = Anvil.start(int(chain.reference), [*first, "--gas-limit", str(GAS_CAP)])
    try:
        anvil.mine(BURIED)
    except BaseException:
        anvil.stop()
        raise
    return anvil


@dataclass(slots=True)
class _Planter:
    """Gathers the accounts that hold a chain's own coin, and gives it to them."""

    evm: Mapping[Chain, Anvil]
    bitcoin: Bitcoind
    _wei: dict[Chain, dict[str, int]] = field(default_factory=dict)
    _satoshi: dict[str, int] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        if not row.line.native or not row.atoms:
            return
        chain = row.line.asset.chain
        if chain.namespace == "bip122":
            self._satoshi[row.account.hex()] = row.atoms
        else:
            self._wei.setdefault(chain, {})["0x" + row.account.hex()] = row.atoms

    def plant(self, *, later: bool = False) -> None:
        """What the file says; or for later blocks, something else."""
        for chain, planted in self._wei.items():
            self.evm[chain].set_balances(dict.fromkeys(planted, 1) if later else planted)
        self.bitcoin.pay(dict.fromkeys(self._satoshi, 600) if later else self._satoshi)


def _mined_to(bitcoin: Bitcoind, height: int) -> Block:
    missing = height - bitcoin.tip().height
    if missing < 0:
        raise RuntimeError(f"planting took more than {height} blocks")
    bitcoin.mine(missing)
    return bitcoin.tip()


def write_nodes(path: Path, network: Network) -> None:
    """The instrument: own nodes, whose word is believed. The passwords in it are of nodes on this machine."""
    bitcoin = network.bitcoin
    at = bitcoin.url.removeprefix("http://")
    lines = ['policy: {quorum: 1, threshold: "1"}', "prove: none", "nodes:"]
    for kind, chain in [(f"bitcoind+http://{bitcoin.user}:{bitcoin.password}@{at}", REGTEST)] + [
        (f"evm+{anvil.url}", chain) for chain, anvil in network.evm.items()
    ]:
        lines.append(f'  - {{url: "{kind}", chain: "{chain}", operator: self, own: true}}')
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def write_claim(path: Path, shape: Shape, network: Network) -> None:
    """The claim that the file's rows are what is owed."""
    moment = datetime.fromtimestamp(min(block.time for block in network.blocks.values()), UTC)
    owed: dict[str, Fraction] = {}
    for (label, spelling), total in network.totals.items():
        unit = _unit(label, spelling)
        owed[unit] = owed.get(unit, Fraction(0)) + total.claimed
    with network.file.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    lines = [
        "version: 1",
        f"exchange: {shape.name} (made up)",
        f"as_of: {moment:%Y-%m-%dT%H:%M:%SZ}",
        "liabilities:",
        *(f'  {unit}: {{amount: "{exact(amount)}", stated_ratio: "100%"}}' for unit, amount in owed.items()),
        "labels:",
        f'  - {{label: BTC, network: REGTEST, id: "{REGTEST}/slip44:1", backs: BTC, decimals: 8}}',
        "holdings:",
        f'  - {{file: {network.file.name}, layout: {shape.name}, sha256: "{digest}"}}',
    ]
    path.write_text("\n".join(lines) + "\n")


def _unit(label: str, network: str) -> str:
    known = LabelTable().find(label, "BTC" if network == "REGTEST" else network).known
    if known is None:
        raise RuntimeError(f"{label} on {network} is in no table")
    return known.backs


def summary(totals: Totals) -> Sequence[str]:
    """The totals, a line for each label and network."""
    return [
        f"{label:>12} {network:10} {total.rows:>10,} rows {total.funded:>10,} not zero"
        f" {coins(total.atoms, total.decimals):>32}"
        for (label, network), total in totals.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.big_nodes", description="Local nodes that hold what a file says.")
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--rows", type=int, help="as many as the exchange's largest file, if left out")
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    shape = SHAPES[given.shape]
    given.folder.mkdir(parents=True, exist_ok=True)
    with running(shape, given.rows or shape.size, given.folder) as network:
        write_nodes(given.folder / "nodes.yaml", network)
        write_claim(given.folder / "claim.yaml", shape, network)
        for line in summary(network.totals):
            say(line)
        print("ready", flush=True)
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            say("stopping the nodes")


if __name__ == "__main__":
    main()

"""The same small world on a simulated EVM chain and on anvil: one plan, planted twice, its truth known beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from localnet import contracts
from localnet.anvil import Anvil
from localnet.errors import RpcError
from localnet.evm_chain import EvmChain
from localnet.hardhat import Hardhat
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from tests.support.real.real_nodes import or_skip
from tests.support.simulated.evm import SimEvm, SimToken
from tests.support.simulated.server import Answer, SimError, SimServer
from tests.support.virtual_time import VirtualTime

CHAIN = parse_chain("eip155:59144")  # Multicall3 stands there from block 42 on, so a short chain can have it
NATIVE = parse_asset(f"{CHAIN}/slip44:60")
TOKEN = parse_asset(f"{CHAIN}/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7")
REFUSING = parse_asset(f"{CHAIN}/erc20:0x{'a1' * 20}")  # reverts for one holder
SHORT = parse_asset(f"{CHAIN}/erc20:0x{'a2' * 20}")  # answers 31 bytes
NOTHING = parse_asset(f"{CHAIN}/erc20:0x{'a3' * 20}")  # no contract there
MULTICALL = "0xca11bde05977b3631167028862be2a173976ca11"
BURIED = 42  # blocks before anything is planted


@dataclass(frozen=True)
class Plan:
    """Who holds what at the snapshot. Later blocks give everybody 1."""

    native: dict[bytes, int]
    token: dict[bytes, int]
    refused: bytes
    empty: tuple[bytes, ...]

    @property
    def accounts(self) -> tuple[bytes, ...]:
        return (*self.native, *self.empty)

    def truth(self, asset: AssetId) -> list[int]:
        held = self.native if asset == NATIVE else self.token
        return [held.get(account, 0) for account in self.accounts]


def make_plan(count: int, seed: int = 7) -> Plan:
    """`count` holders of unequal balances up to 255 bits, in random order, and three with nothing."""
    random = Random(seed)
    holders = [random.randbytes(20) for _ in range(count)]
    native = {holder: random.getrandbits(random.randint(1, 255)) | 1 for holder in holders}
    token = {holder: random.getrandbits(random.randint(1, 240)) | 1 for holder in holders[: count // 2]}
    return Plan(native, token, refused=holders[count // 3], empty=tuple(random.randbytes(20) for _ in range(3)))


@dataclass(frozen=True)
class World:
    """A planted chain. `serve` gives the URL of its node while the context lasts, `answer` what that node answers."""

    plan: Plan
    height: int
    hash: str
    serve: Callable[[], AbstractAsyncContextManager[str]]
    reorganise: Callable[[], None]  # away with the snapshot's block
    answer: Answer

    @asynccontextmanager
    async def node(self, *kinds: StrategyKind, **changes: Any) -> AsyncIterator[EvmNode]:
        """An open node that may use `kinds` alone."""
        async with self.serve() as url, opened(url, kinds or tuple(StrategyKind), **changes) as node:
            yield node

    async def snapshot(self, node: EvmNode) -> Snapshot:
        found = await node.block_at(self.height)
        assert found.hash == self.hash
        return found


async def read(node: EvmNode, snapshot: Snapshot, asset: AssetId, accounts: tuple[bytes, ...]) -> list[Word | Gap]:
    """All outcomes, in order."""
    reading = await node.read(Batch(snapshot, asset, accounts))
    assert len(reading) == len(accounts)
    return [reading[position] for position in range(len(reading))]


@asynccontextmanager
async def opened(
    url: str, kinds: tuple[StrategyKind, ...] = tuple(StrategyKind), **changes: Any
) -> AsyncIterator[EvmNode]:
    """A node at `url`, its waiting taking no time: that of `time`, where a test wants to look at it."""
    time = changes.pop("time", None) or VirtualTime()
    limit = changes.pop("answer_limit", 2**22)
    settings = NodeSettings(**{"kind": "evm", "url": url, "operator": "o", "chain": CHAIN, "timeout": 30, **changes})
    rpc = JsonRpc(settings, sleep=time.sleep, clock=time.clock, jitter=lambda: 0.5, answer_limit=limit)
    node = EvmNode(settings, rpc, kinds)
    try:
        await node.open()
        yield node
    finally:
        await node.close()


@dataclass
class SimWorld:
    """A simulated world's chain and the height of its snapshot."""

    plan: Plan
    chain: SimEvm = field(default_factory=lambda: SimEvm(int(CHAIN.reference), BURIED))
    height: int = 0

    def __post_init__(self) -> None:
        plan, chain = self.plan, self.chain
        chain.multicall = bytes.fromhex(MULTICALL[2:])
        chain.balances.update(plan.native)
        plain = SimToken(dict(plan.token), decimals=6)
        chain.tokens[TOKEN.contract] = plain
        chain.tokens[REFUSING.contract] = SimToken(dict(plan.token), reverts={plan.refused})
        chain.tokens[SHORT.contract] = SimToken(dict(plan.token), short=set(plan.accounts))
        self.height = chain.mine().height
        chain.balances.update(dict.fromkeys(plan.accounts, 1))
        plain.balances.update(dict.fromkeys(plan.accounts, 1))
        for _ in range(12):
            chain.mine()


@contextmanager
def simulated(plan: Plan) -> Iterator[World]:
    world = SimWorld(plan)

    @asynccontextmanager
    async def serve() -> AsyncIterator[str]:
        async with SimServer(world.chain.answer) as server:
            yield server.url

    yield World(
        plan,
        world.height,
        world.chain.blocks[world.height].hash,
        serve,
        lambda: world.chain.reorganise(world.height),
        world.chain.answer,
    )


@contextmanager
def on_anvil(plan: Plan) -> Iterator[World]:
    """The test is skipped where there is no anvil, unless nodes are required."""
    with or_skip(lambda: Anvil.start(int(CHAIN.reference))) as anvil:
        yield planted(anvil, plan, lambda: anvil.rpc("anvil_reorg", 15, []))


@contextmanager
def on_hardhat(chain_type: Literal["l1", "op"], plan: Plan) -> Iterator[World]:
    """The same of Hardhat's node, of Ethereum's rules or the OP stack's."""
    with or_skip(lambda: Hardhat.start(int(CHAIN.reference), chain_type)) as hardhat:
        before = hardhat.rpc("evm_snapshot")

        def reorganise() -> None:
            hardhat.rpc("evm_revert", before)
            hardhat.set_balances({MULTICALL: 1})  # or the same blocks would come again
            hardhat.mine(BURIED + 15)

        yield planted(hardhat, plan, reorganise)


def planted(node: EvmChain, plan: Plan, reorganise: Callable[[], None]) -> World:
    """The plan on a chain of a real node, where nothing was planted so far."""
    node.mine(BURIED)
    node.place(MULTICALL, "Multicall")
    node.set_balances({_text(account): wei for account, wei in plan.native.items()})
    held = {_text(account): atoms for account, atoms in plan.token.items()}
    for asset, kind in ((TOKEN, contracts.PLAIN), (REFUSING, contracts.REFUSING), (SHORT, contracts.SHORT_ANSWER)):
        node.deploy_token(asset.reference, 6, "USDT", kind)
        node.mint(asset.reference, held)
    node.set_storage(REFUSING.reference, {contracts.REFUSED_ACCOUNT_SLOT: int.from_bytes(plan.refused)})
    sealed = node.seal()
    node.set_balances({_text(account): 1 for account in plan.accounts})
    node.mint(TOKEN.reference, {_text(account): 1 for account in plan.accounts})
    node.mine(12)

    @asynccontextmanager
    async def serve() -> AsyncIterator[str]:
        yield node.url

    return World(plan, sealed.height, sealed.hash, serve, reorganise, behind(node))


def behind(node: EvmChain) -> Answer:
    """A real node as what answers, so that a server before it can misbehave."""

    def answer(method: str, params: list[Any]) -> Any:
        try:
            return node.rpc(method, *params)
        except RpcError as error:
            raise SimError(error.code, error.message) from None

    return answer


def _text(account: bytes) -> str:
    return "0x" + account.hex()

"""Whole nodes as targets of `fuzz_nodes`: a backend is opened, pinned and read from while what it is answered is
mutated on the way, status and headers as well. Whatever its boundary has to catch is a bug.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from bench import fuzzed_solana
from bench.fuzzed_parsers import BITCOIN, CORE, EVM, SCRIPTS, Target, beacon_chain, json_bytes
from bench.mutation import mutated
from localnet.errors import RpcError
from scanner.chains import interface
from scanner.chains.beacon.node.node import BeaconNode
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.boundary import Bug, guarded
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.filecoin.node.node import LotusNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.proving import hint
from scanner.clients.http_client import HttpClient, Sink
from scanner.clients.rest import Rest
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch
from scanner.core.node_settings import NodeSettings
from scanner.errors import ScannerError
from tests.support.simulated.beacon import SimBeacon, key_of
from tests.support.simulated.evm import SimEvm, SimToken
from tests.support.simulated.filecoin_state import Held
from tests.support.simulated.lotus import SimLotus, Tipsets
from tests.support.simulated.server import SimServer

HEADERS: Final = ("Retry-After", "Date", "Content-Type", "X-Nothing")
STATUSES: Final = (*[200] * 6, 201, 204, 301, 400, 401, 404, 405, 408, 413, 429, 500, 502, 503, 524, 999)
_BEACON: Final = beacon_chain()


class _Mutating(HttpClient):
    """In place of a connection: what a simulated node answers, mutated now and then."""

    answer: Callable[[str, str, bytes | None], tuple[int, bytes]]
    luck: random.Random
    often: float

    async def open(self) -> None:
        return

    async def fetch(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as HttpClient has it
        sink: Sink | None = None,
        limit: int | None = None,  # noqa: ARG002
        accept: str = "",  # noqa: ARG002
    ) -> tuple[int, Any, bytes]:
        status, text = self.answer(method, url, body)
        headers: dict[str, str] = {}
        if self.luck.random() < self.often:
            text = mutated(text, self.luck)
            if self.luck.random() < 0.2:
                status = self.luck.choice(STATUSES)
                headers = {
                    self.luck.choice(HEADERS): mutated(b"Wed, 22 Nov 2023 16:00:09 GMT", self.luck).decode("latin-1")
                }
        if sink is not None and 200 <= status < 300:
            for start in range(0, len(text), 50):
                sink.take(text[start : start + 50])
            text = b""
        return status, headers, text


class _MutatingRpc(_Mutating, JsonRpc):
    """The same for JSON-RPC."""


class _MutatingRest(_Mutating, Rest):
    """The same for REST."""


async def _no_time(_: float) -> None:
    return


def _node(
    kind: Callable[[interface.Node], Awaitable[object]], make: Callable[[random.Random], interface.Node]
) -> Target:
    def run(_: bytes, luck: random.Random) -> object:
        bugs: list[Bug] = []
        node = guarded(make(luck), bugs.append)
        with contextlib.suppress(ScannerError):
            asyncio.run(_bounded(kind(node)))
        if bugs:
            raise AssertionError(str(bugs[0]))
        return None

    return Target((b"",), run)


async def _bounded(work: Awaitable[object]) -> object:
    return await asyncio.wait_for(work, 60)


def _client(cls: type[_Mutating], settings: NodeSettings, luck: random.Random) -> Any:
    client = cls(settings, sleep=_no_time, clock=iter(range(10**9)).__next__, jitter=luck.random)
    client.luck, client.often = luck, luck.choice((0.02, 0.1, 0.5))
    return client


def _evm_node(luck: random.Random) -> interface.Node:
    sim = SimEvm(blocks=20)
    sim.balances = {b"\x01" * 20: 7, b"\x02" * 20: 10**30}
    sim.tokens[_TOKEN.contract] = SimToken({b"\x01" * 20: 5})
    sim.overrides, sim.init_code = luck.random() < 0.5, luck.random() < 0.5
    for _ in range(3):
        sim.mine()
    server = SimServer(sim.answer)
    settings = NodeSettings("evm", "http://node.example", "alpha", EVM)
    rpc = _client(_MutatingRpc, settings, luck)
    rpc.answer = lambda _method, _url, body: (200, server._respond(json.loads(body)))
    return EvmNode(settings, rpc)


_ETH: Final = parse_asset("eip155:1/slip44:60")
_TOKEN: Final = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
_HINT: Final = hint(_TOKEN)
_COIN: Final = parse_asset(f"{BITCOIN}/slip44:1")
_STAKED: Final = parse_asset("beacon:1337/slip44:60")


async def _ask_evm(node: Any) -> None:
    await node.open()
    snapshot = await node.block_at(await node.final_height())
    accounts = (b"\x01" * 20, b"\x02" * 20, b"\x03" * 20)
    for asset in (_ETH, _TOKEN):
        await node.read(Batch(snapshot, asset, accounts))
        await node.decimals(asset, snapshot)
    questions = (
        (node.oldest_height, ()),
        (node.capabilities.proofs.header, (snapshot,)),
        (node.capabilities.proofs.proof_records, (snapshot, [interface.ProofQuestion(_ETH, accounts[:1])])),
        (node.capabilities.proofs.proof_records, (snapshot, [interface.ProofQuestion(_TOKEN, accounts[:1], _HINT)])),
        (node.capabilities.owners.contract_owners, (snapshot, accounts[0])),
    )
    for question, arguments in questions:
        with contextlib.suppress(ScannerError):
            await question(*arguments)


def _core_node(luck: random.Random) -> interface.Node:
    settings = NodeSettings("bitcoind", "http://node.example", "alpha", BITCOIN)
    rpc = _client(_MutatingRpc, settings, luck)

    def one(call: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"id": call["id"], "result": CORE.answer(call["method"], call["params"]), "error": None}
        except RpcError as error:
            return {"id": call["id"], "result": None, "error": {"code": error.code, "message": str(error)}}

    def answer(_method: str, _url: str, body: bytes | None) -> tuple[int, bytes]:
        request = json.loads(body or b"")
        return 200, json_bytes([one(call) for call in request] if isinstance(request, list) else one(request))

    rpc.answer = answer
    return BitcoinCoreNode(settings, rpc=rpc, sleep=_no_time)


async def _ask_core(node: Any) -> None:
    await node.open()
    snapshot = await node.block_at(await node.final_height())
    await node.read(Batch(snapshot, _COIN, tuple(SCRIPTS)))


def _beacon_node(luck: random.Random) -> interface.Node:
    sim = SimBeacon(_BEACON)
    settings = NodeSettings("beacon", "http://node.example", "alpha", parse_chain("beacon:1337"))
    rest = _client(_MutatingRest, settings, luck)
    rest.answer = lambda method, url, body: sim._answer_to(method, url.removeprefix("http://node.example"), body or b"")
    return BeaconNode(settings, rest)


async def _ask_beacon(node: Any) -> None:
    await node.open()
    snapshot = await node.block_at(60)
    batch = Batch(snapshot, _STAKED, tuple(key_of(each) for each in range(4)))
    await node.read(batch)
    await node.capabilities.withdrawals.withdrawal_addresses(batch)
    await node.final_height()


_FIL: Final = parse_asset("fil:f/slip44:461")
_TIPSETS: Final = Tipsets(lambda height: {101: Held(height, "account", (b"\1" + bytes(20),))}, extra=9).grow(6)


def _lotus_node(luck: random.Random) -> interface.Node:
    sim = SimLotus(_TIPSETS)
    settings = NodeSettings("lotus", "http://node.example", "alpha", _FIL.chain)
    rpc = _client(_MutatingRpc, settings, luck)
    rpc.answer = lambda _method, _url, body: (200, sim._respond(json.loads(body)))
    return LotusNode(settings, rpc)


async def _ask_lotus(node: Any) -> None:
    await node.open()
    snapshot = await node.block_at(await node.final_height())
    accounts = (b"\1" + bytes(20), b"\3" + bytes(48), b"\0\x65")
    await node.read(Batch(snapshot, _FIL, accounts))
    await node.capabilities.proofs.header(snapshot)
    await node.capabilities.proofs.proof_records(snapshot, [interface.ProofQuestion(_FIL, accounts)])


def _solana_node(luck: random.Random) -> interface.Node:
    settings = NodeSettings("solana", "http://node.example", "alpha", fuzzed_solana.SOL.chain)
    return fuzzed_solana.node(_client(_MutatingRpc, settings, luck), settings)


def nodes() -> dict[str, Target]:
    """All of them, by name."""
    return {
        "node evm": _node(_ask_evm, _evm_node),
        "node bitcoind": _node(_ask_core, _core_node),
        "node beacon": _node(_ask_beacon, _beacon_node),
        "node lotus": _node(_ask_lotus, _lotus_node),
        "node solana": _node(fuzzed_solana.ask, _solana_node),
    }

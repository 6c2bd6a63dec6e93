"""The table of misbehaviours of `test_hostile_nodes.py`, as far as it is about answers, met by the backends of all
families that are asked over HTTP; and 10,000 balances of each while a node misbehaves at random. None is wrong.

What stands below an answer (connections, redirects, compression, answers without end) is the client's, which all of
them share, and is tried there. Aptos, Antelope, aelf and Solana have their random cases in their own suites; lite and
Electrum servers, which are not asked over HTTP, all of it in theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import pytest

from scanner.chains.accounts import account_text
from scanner.chains.aelf.node.client import WebApi
from scanner.chains.aelf.node.node import AelfNode
from scanner.chains.antelope.node.client import Nodeos
from scanner.chains.antelope.node.node import AntelopeNode
from scanner.chains.aptos.node.client import FullNode
from scanner.chains.aptos.node.node import AptosNode
from scanner.chains.beacon.node.node import BeaconNode
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.bitcoin.node.esplora import EsploraNode
from scanner.chains.filecoin.node.node import LotusNode
from scanner.chains.names import parse_asset
from scanner.chains.polkadot.node.node import SubstrateNode
from scanner.chains.solana.node.node import SolanaNode
from scanner.chains.ton.node.client import Toncenter
from scanner.chains.ton.node.node import ToncenterNode
from scanner.chains.tron.node.node import TronNode
from scanner.chains.xrpl.node.client import Commands
from scanner.chains.xrpl.node.node import RippledNode
from scanner.clients.http_client import HttpClient
from scanner.clients.rest import Rest
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError
from tests.support import virtual_loop
from tests.support.hostile_answers import TABLE, Path, Words, misbehaving
from tests.support.real.bitcoin_nodes import BITCOIN
from tests.support.simulated import (
    aelf,
    aptos,
    beacon,
    esplora,
    lotus,
    nodeos,
    solana,
    substrate,
    toncenter,
    tron,
    xrpl,
)
from tests.support.simulated.bitcoin import SimBitcoin, SimCore
from tests.support.simulated.filecoin_state import Held
from tests.support.simulated.in_process import Answer, in_process
from tests.support.simulated.server import SimHttp
from tests.support.strength import cases

COUNT = 5  # accounts, of which the last is none
AMOUNTS = [10**12 + 7, 3, 0, 5 * 10**9]


@dataclass(frozen=True)
class World:
    """A backend, and a node that serves it."""

    asset: AssetId
    keys: tuple[bytes, ...]
    client: type[HttpClient]
    node: Callable[[NodeSettings, Any], Any]
    server: Callable[[], SimHttp]
    height: int
    words: Words
    now: bool = False
    lower: bool = False  # whether amounts are lower bounds
    held: Sequence[int] = tuple(AMOUNTS)  # of the first keys; the others are none

    @property
    def truth(self) -> list[int | AtLeast]:
        found = [*self.held, *[0] * (len(self.keys) - len(self.held))]
        return [AtLeast(each) if self.lower else each for each in found]


def _keys(size: int, prefix: bytes = b"") -> tuple[bytes, ...]:
    return tuple(prefix + bytes([number]) * size for number in range(1, COUNT + 1))


def _texts(chain: Chain, keys: Sequence[bytes]) -> dict[str, int]:
    return {account_text(chain, key): atoms for key, atoms in zip(keys, AMOUNTS, strict=False)}


_TRON, _XRP, _TON = "tron:728126428", "xrpl:0", "tvm:-239"
_USDT = bytes.fromhex("a614f803b6fd780986a42c78ec9c7f77e6ded13c")
_STAKED = _ESCROWED = 1_000_000


def _tron_node(token: bool) -> SimHttp:
    chain = tron.TronChain()
    for _ in range(9):
        held = dict(zip(_keys(20), AMOUNTS, strict=False))
        stakes = {key: {"frozenV2": [{"amount": _STAKED}]} for key, atoms in held.items() if atoms > _STAKED}
        coins = {key: atoms - (_STAKED if key in stakes else 0) for key, atoms in held.items()}
        chain.add({} if token else coins, {_USDT: held if token else {}}, {} if token else stakes)
    return tron.SimTron(chain)


def _rippled() -> SimHttp:
    ledgers = xrpl.Ledgers()
    held = _texts(Chain("xrpl", "0"), _keys(20))
    escrows = [xrpl.escrow(text, text, _ESCROWED) for text, drops in held.items() if drops > _ESCROWED]
    of_others = [xrpl.escrow(text, next(iter(held)), 7) for text in list(held)[1:]]
    for _ in range(9):
        coins = {text: drops - (_ESCROWED if drops > _ESCROWED else 0) for text, drops in held.items()}
        ledgers.add(coins, [*escrows, *of_others])
    return xrpl.SimRippled(ledgers)


def _toncenter() -> SimHttp:
    blocks = toncenter.Blocks()
    held = {f"0:{key[1:].hex()}": atoms for key, atoms in zip(_keys(32, b"\0"), AMOUNTS, strict=False)}
    for _ in range(9):
        blocks.add(held)
    return toncenter.SimToncenter(blocks)


@cache
def _substrate_blocks() -> substrate.Blocks:
    blocks = substrate.Blocks()
    for _ in range(9):
        held = dict(zip(_keys(32), AMOUNTS, strict=False))
        usdt = substrate.Asset(6, {key: substrate.asset_account(atoms) for key, atoms in held.items()})
        blocks.add({key: substrate.info(atoms) for key, atoms in held.items()}, {1984: usdt})
    return blocks


@cache
def _tipsets() -> lotus.Tipsets:
    keys = _FILECOIN
    held = {100 + at: Held(atoms, "account", (keys[at],)) for at, atoms in enumerate(AMOUNTS)}
    return lotus.Tipsets(lambda _: held, extra=9).grow(9)


def _solana_node() -> SimHttp:
    held = _texts(_SOL.chain, _keys(32))
    accounts = {text: solana.Held(atoms) for text, atoms in held.items()}
    return solana.SimSolana(solana.SolanaChain(dict.fromkeys(range(3, 12), accounts)))


def _aptos_node() -> SimHttp:
    held = {f"0x{key.hex()}": atoms for key, atoms in zip(_keys(32), AMOUNTS, strict=False)}
    return aptos.SimAptos(aptos.Ledger([aptos.State(coins=held)] * 12))


def _nodeos() -> SimHttp:
    names = _texts(_EOS.chain, _NAMES)
    held = {name: nodeos.Held(liquid=f"{atoms // 10**4}.{atoms % 10**4:04} EOS") for name, atoms in names.items()}
    return nodeos.SimNodeos(nodeos.AntelopeChain([held] * 9))


def _aelf_node() -> SimHttp:
    return aelf.SimAelf(aelf.AelfChain([dict(zip(_keys(32), AMOUNTS, strict=False))] * 9))


def _beacon_node() -> SimHttp:
    chain = beacon.BeaconChain()
    for slot in range(9):
        chain.add(slot, [beacon.entry(at, atoms, b"\1" * 32) for at, atoms in enumerate(AMOUNTS)])
    return beacon.SimBeacon(chain)


@cache
def _bitcoin() -> SimBitcoin:
    return SimBitcoin(Random(5), list(_SCRIPTS[:-1]), blocks=30)


@cache
def _esplora_index() -> esplora.EsploraIndex:
    return esplora.EsploraIndex(_bitcoin().answer)


_BITCOIN_HEIGHT = 22
_SCRIPTS = tuple(b"\0\x14" + bytes([number]) * 20 for number in range(1, 21))
_HELD_BITCOIN = [_bitcoin().balances_at(_BITCOIN_HEIGHT).get(script.hex(), 0) for script in _SCRIPTS]
_VALIDATORS = tuple(map(beacon.key_of, range(len(AMOUNTS))))
_FILECOIN = tuple(b"\1" + bytes([number]) * 20 for number in range(1, COUNT + 1))
_HUB = f"polkadot:{_substrate_blocks().hashes[0][2:34]}"
_SOL = parse_asset("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501")
_EOS = parse_asset("antelope:aca376f206b8fc25a6ed44dbdc66547c/slip44:194")
_NAMES = tuple(number.to_bytes(8) for number in (0x3055000000000000, 0x3100000000000000, 0x3200000000000000,
                                                 0x3300000000000000, 0x3400000000000000))  # fmt: skip


def _last(*names: str) -> Words:
    return Words(lambda path: any(name in path for name in names))


def _storage(path: Path) -> bool:
    """A value beside its key."""
    return "changes" in path and path[-1] == 1


WORLDS = {
    "tron": World(parse_asset(f"{_TRON}/slip44:195"), _keys(20), Rest, TronNode, lambda: _tron_node(False), 8,
                  _last("constant_result"), now=True),
    "tron, a token": World(parse_asset(f"{_TRON}/trc20:41{_USDT.hex()}"), _keys(20), Rest, TronNode,
                           lambda: _tron_node(True), 8, _last("constant_result"), now=True),
    "xrpl": World(parse_asset(f"{_XRP}/slip44:144"), _keys(20), Commands, RippledNode, _rippled, xrpl.FIRST + 4,
                  Words(lambda path: not {"Balance", "error", "OwnerCount", "account_objects"}.isdisjoint(path),
                        lambda path: path[-1:] == ("account_objects",))),
    "toncenter": World(parse_asset(f"{_TON}/slip44:607"), _keys(32, b"\0"), Toncenter, ToncenterNode, _toncenter,
                       toncenter.FIRST + 4, Words(lambda path: "balance" in path, unnamed=True)),
    "substrate": World(parse_asset(f"{_HUB}/slip44:354"), _keys(32), JsonRpc, SubstrateNode,
                       lambda: substrate.SimSubstrate(_substrate_blocks()), 4, Words(_storage)),
    "substrate, an asset": World(parse_asset(f"{_HUB}/assets:1984"), _keys(32), JsonRpc, SubstrateNode,
                                 lambda: substrate.SimSubstrate(_substrate_blocks()), 4, Words(_storage)),
    "lotus": World(parse_asset("fil:f/slip44:461"), _FILECOIN, JsonRpc, LotusNode,
                   lambda: lotus.SimLotus(_tipsets()), 4, _last()),
    "solana": World(_SOL, _keys(32), JsonRpc, SolanaNode, _solana_node, 11, _last("value"), now=True),
    "aptos": World(parse_asset("aptos:1/slip44:637"), _keys(32), FullNode, AptosNode, _aptos_node, 7, _last(),
                   lower=True),
    "nodeos": World(_EOS, _NAMES, Nodeos, AntelopeNode, _nodeos, nodeos.FIRST + 8, _last("core_liquid_balance"),
                    now=True, lower=True),
    "aelf": World(parse_asset("aelf:AELF/slip44:1616"), _keys(32), WebApi, AelfNode, _aelf_node, aelf.FIRST + 8,
                  _last(), now=True),
    "beacon": World(parse_asset(f"beacon:{beacon.CHAIN_ID}/slip44:60"), _VALIDATORS, Rest, BeaconNode, _beacon_node, 4,
                    _last("balance")),
    # What a transaction pays and spends is not hashed here, nor to be seen at which height it stands.
    "esplora": World(BITCOIN, _SCRIPTS, Rest, EsploraNode, lambda: esplora.SimEsplora(_esplora_index()),
                     _BITCOIN_HEIGHT,
                     Words(lambda path: "vin" in path or "vout" in path or "block_height" in path,
                           lambda path: path[-1:] in {("vin",), ("vout",)}), held=_HELD_BITCOIN),
    "bitcoin core": World(BITCOIN, _SCRIPTS, JsonRpc, lambda settings, rpc: BitcoinCoreNode(settings, rpc=rpc),
                          lambda: SimCore(_bitcoin().answer), _BITCOIN_HEIGHT, Words(), held=_HELD_BITCOIN),
}  # fmt: skip


async def _read(world: World, spoil: Callable[[Answer], Answer]) -> list[Any]:
    """What is read of all accounts by a node that was opened, and asked for its block, in good faith."""
    spoiling = False
    node_settings = NodeSettings(world.asset.chain.namespace, "http://node/v1", "o", world.asset.chain, timeout=20)

    def answered(answer: Answer) -> Answer:
        return spoil(answer) if spoiling else answer

    node = world.node(node_settings, in_process(world.client, node_settings, world.server(), spoil=answered))
    await node.open()
    block = await node.block_at(world.height)
    spoiling = True
    try:
        if world.now:
            named, reading = await node.read_now(world.asset, world.keys)
            assert named.height == world.height
        else:
            reading = await node.read(Batch(block, world.asset, world.keys))
    except NodeError as error:
        return [Gap(error.why, error.detail)] * len(world.keys)
    return [reading[at] for at in range(len(world.keys))]


@pytest.mark.parametrize("name", WORLDS)
def test_a_node_that_behaves_is_read_rightly(name: str) -> None:
    found, _ = virtual_loop.run(_read(WORLDS[name], lambda answer: answer))
    assert found == WORLDS[name].truth


@pytest.mark.parametrize("name", WORLDS)
def test_whatever_stands_in_place_of_an_answer_each_account_is_a_gap_with_its_reason(name: str) -> None:
    wrong = {}
    for what, (change, whys) in TABLE.items():
        found, _ = virtual_loop.run(_read(WORLDS[name], change))
        given = {each.why if isinstance(each, Gap) else each for each in found}
        if not given or not given <= whys:
            wrong[what] = given
    assert wrong == {}


@pytest.mark.parametrize("name", [name for name in WORLDS if name not in ("solana", "aptos", "nodeos", "aelf")])
def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read(name: str) -> None:
    """10,000 balances at full strength."""
    world, wrong, right = WORLDS[name], [], 0
    reads = cases(10_000 // len(world.keys), 20)

    async def every() -> None:
        nonlocal right
        for seed in range(reads):
            found = await _read(world, misbehaving(Random(seed), world.words))
            for said, true in zip(found, world.truth, strict=True):
                bound = isinstance(said, AtLeast) and isinstance(true, int) and said.atoms <= true
                right += said == true
                if not isinstance(said, Gap) and said != true and not bound:
                    wrong.append((seed, said, true))

    virtual_loop.run(every())
    assert wrong == []
    assert right > reads * len(world.keys) // 20

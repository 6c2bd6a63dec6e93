"""The chains of `make demo ALL=1` that no real node can be had for: simulated nodes of the tests, two for each chain.

Each chain goes on after the claim's moment, with everything gone from its accounts: whoever reads "latest" reads wrong
numbers. Chains that can be read only as they are stand still. What an account held at the moment is known beforehand,
since it was put there. Nothing here scans or judges.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Final

from scanner.chains.accounts import account_key, account_text
from scanner.chains.names import parse_chain
from tests.support.simulated import aelf, filecoin_state, kin_of_bitcoin, lite_server, nodeos, solana, ton_cells
from tests.support.simulated.aptos import Ledger as AptosLedger
from tests.support.simulated.aptos import SimAptos
from tests.support.simulated.aptos import State as AptosState
from tests.support.simulated.bitcoin import SimBitcoin
from tests.support.simulated.electrum import LineServer, SimElectrum
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.lite_server import LiteChain, SimLiteServer
from tests.support.simulated.lotus import SimLotus, Tipsets
from tests.support.simulated.server import SimHttp, SimServer
from tests.support.simulated.solana import SimSolana, SolanaChain
from tests.support.simulated.substrate import Asset as SubstrateAsset
from tests.support.simulated.substrate import Blocks as SubstrateBlocks
from tests.support.simulated.substrate import SimSubstrate, asset_account, info
from tests.support.simulated.tron import SimTron, TronChain
from tests.support.simulated.xrpl import Ledgers, SimRippled

BEFORE: Final = 20  # blocks up to the moment
_RIPPLE_EPOCH: Final = 946_684_800
_TIP_BLOCKS: Final = 4  # of chains that are read as they are


@dataclass(frozen=True, slots=True)
class Held:
    """What one account holds of one asset at the claim's moment."""

    unit: str
    label: str
    asset: str  # CAIP-19
    decimals: int
    account: str
    atoms: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """A chain: what its accounts hold, the URLs of its two nodes, and the height that the claim names, if it does."""

    chain: str  # CAIP-2
    held: tuple[Held, ...]
    urls: tuple[str, ...]
    height: int | None = None


Server = SimHttp | SimLiteServer
Start = Callable[[Callable[[], Server], str], tuple[str, ...]]
"""Two servers of a kind, with what stands before the plus in their URLs."""


@contextlib.contextmanager
def running(moment: int, until: int) -> Iterator[list[Simulated]]:
    """All chains, with nodes that stop at the end. `moment`: the claim's, in seconds since 1970, `until`: now."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with contextlib.ExitStack() as servers:

        def start(make: Callable[[], Server], kind: str) -> tuple[str, ...]:
            urls = []
            for _ in range(2):
                server = make()
                asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
                servers.callback(_stop, server, loop)
                urls.append(f"{kind}+{server.url}")
            return tuple(urls)

        try:
            yield [
                _xrpl(moment, until, start),
                _tron(until, start),
                _solana(until, start),
                _ton(moment, until, start),
                _polkadot(moment, until, start),
                _filecoin(moment, until, start),
                _ethereum_classic(moment, start),
                _aptos(moment, until, start),
                _antelope(until, start),
                _aelf(until, start),
                *(_bitcoin_like(each, moment, servers) for each in _BITCOIN_LIKE),
            ]
        finally:
            servers.close()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def _stop(server: Server, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()


def _begins(moment: int, seconds: int, before: int = BEFORE) -> int:
    """When the first block is made, so that the one at `before` is the last before the moment."""
    return moment - 1 - seconds * before


def _xrpl(moment: int, until: int, start: Start) -> Simulated:
    accounts = {
        "r4G3oDV1FJu1TtTv5M2u1cGbMDHnZzZpdn": 2_100_000_000_123,
        "rUzWJkXyEtT8ekSSxkBYPqCvHpngcy6Fks": 31_000_000,
    }
    ledgers = Ledgers(begins=_begins(moment, 10) - _RIPPLE_EPOCH)
    for number in range(BEFORE + (until - moment) // 10):
        ledgers.add(accounts if number <= BEFORE else dict.fromkeys(accounts, 1))
    asset = "xrpl:0/slip44:144"
    held = tuple(Held("XRP", "XRP", asset, 6, account, drops) for account, drops in accounts.items())
    return Simulated("xrpl:0", held, start(lambda: SimRippled(ledgers), "rippled"))


def _tron(until: int, start: Start) -> Simulated:
    coins = {"TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1tG7": 8_120_000_000_000, "TJbHp48Shg4tTD5x6fKkU7PodggL5mjcJP": 5_000_000}
    usdt = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    key = {text: account_key(parse_chain("tron:728126428"), text) for text in (*coins, usdt)}
    tokens = {key[usdt]: {key[account]: 3_000_000_000_000 + number for number, account in enumerate(coins)}}
    stake = {"frozenV2": [{"amount": 10_000_000_000}, {"type": "ENERGY", "amount": 30_000_000_000}]}
    chain = TronChain(begins=until - 3 * _TIP_BLOCKS)
    for _ in range(_TIP_BLOCKS):
        chain.add({key[account]: sun for account, sun in coins.items()}, tokens, {key[each]: stake for each in coins})
    staked = 40_000_000_000
    held = [Held("TRX", "TRX", "tron:728126428/slip44:195", 6, account, sun + staked) for account, sun in coins.items()]
    asset = f"tron:728126428/trc20:{usdt}"
    held += [Held("USDT", "USDT-TRC20", asset, 6, account, tokens[key[usdt]][key[account]]) for account in coins]
    return Simulated("tron:728126428", tuple(held), start(lambda: SimTron(chain), "tron"))


def _solana(until: int, start: Start) -> Simulated:
    owner, mint = "CeGyfZdtbjzC5FeVXCBdYE1v397yxxqYgmMcUwtouJUu", "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
    wallet = "4VawDjMqfCHdJrX7eDTBqYNTbEEeJtfQnrzwQJiAhPT9"
    accounts = {
        owner: solana.Held(1_450_000_000_000_000),
        mint: solana.Held(1_461_600, solana.TOKEN, solana.mint_data(6)),
        wallet: solana.Held(2_039_280, solana.TOKEN, solana.token_data(mint, owner, 440_000_000_000)),
    }
    chain = SolanaChain(dict.fromkeys(range(3, 3 + _TIP_BLOCKS), accounts), begins=until - 4)
    name = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
    held = (
        Held("SOL", "SOL", f"{name}/slip44:501", 9, owner, 1_450_000_000_000_000),
        Held("USDT", "USDT-SPL", f"{name}/token:{mint}", 6, owner, 440_000_000_000),
    )
    return Simulated(name, held, start(lambda: SimSolana(chain), "solana"))


def _ton(moment: int, until: int, start: Start) -> Simulated:
    owner = "UQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWi5c"
    key = account_key(parse_chain("tvm:-239"), owner)
    address, wallet = ton_cells.usdt_wallet(key, 812_345_678_901)
    before = 70  # blocks: the last one before a moment is looked for from the newest back, in growing steps

    def accounts(number: int) -> Mapping[bytes, ton_cells.Cell]:
        held = 9_100_000_000_000_000 if number <= lite_server.FIRST + before else 1
        return {key: ton_cells.account(key, held), address: wallet}

    chain = LiteChain(accounts, _begins(moment, 60, before), 60).grow(before + (until - moment) // 60)
    asset = "tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe"
    held = (
        Held("TON", "TON", "tvm:-239/slip44:607", 9, owner, 9_100_000_000_000_000),
        Held("USDT", "USDT-TON", asset, 6, owner, 812_345_678_901),
    )
    return Simulated("tvm:-239", held, start(lambda: SimLiteServer(chain), "liteserver"))


def _polkadot(moment: int, until: int, start: Start) -> Simulated:
    name, owner = "polkadot:68d56f15f85d3136970ec16946040bc1", "14B3z6xL9vGgKz8WptoZabPrgH6adH1ev2Ven4SiTcdznfqd"
    key = account_key(parse_chain(name), owner)
    blocks = SubstrateBlocks(begins=_begins(moment, 6))
    blocks.add({})
    # The first block's name is the real one's, by which a node shows that it is of this chain.
    blocks.hashes[0] = "0x68d56f15f85d3136970ec16946040bc1752654e906147f7e43e9d539d7c3de2f"
    for number in range(1, BEFORE + (until - moment) // 6):
        usdt = SubstrateAsset(6, {key: asset_account(9_000_000_000 if number <= BEFORE else 1)})
        coins = info(70_000_000_000_000, 5_000_000_000_000) if number <= BEFORE else info(1)
        blocks.add({key: coins}, {1984: usdt})
    held = (
        Held("DOT", "ASSET-HUB", f"{name}/slip44:354", 10, owner, 75_000_000_000_000),
        Held("USDT", "USDT-ASSET-HUB", f"{name}/assets:1984", 6, owner, 9_000_000_000),
    )
    return Simulated(name, held, start(lambda: SimSubstrate(blocks), "substrate"))


def _filecoin(moment: int, until: int, start: Start) -> Simulated:
    owner = "f1abjxfbp274xpdqcpuaykwkfb43omjotacm2p3za"
    key = account_key(parse_chain("fil:f"), owner)

    def actors(height: int) -> Mapping[int, filecoin_state.Held]:
        return {101: filecoin_state.Held(2_300_000 * 10**18 if height <= BEFORE else 1, "account", (key,))}

    tipsets = Tipsets(actors, extra=20, begins=_begins(moment, 30)).grow(BEFORE + (until - moment) // 30, width=2)
    held = Held("FIL", "FIL", "fil:f/slip44:461", 18, owner, 2_300_000 * 10**18)
    return Simulated("fil:f", (held,), start(lambda: SimLotus(tipsets), "lotus"))


def _aptos(moment: int, until: int, start: Start) -> Simulated:
    owner = "0x834d639b10d20dcb894728aa4b9b572b2ea2d97073b10eacb111f338b20ea5d7"
    before, after = AptosState({owner: 10**13}), AptosState({owner: 1})
    blocks = [before] * (BEFORE + 1) + [after] * ((until - moment) // 2)
    ledger = AptosLedger(blocks, begins=_begins(moment, 2) * 10**6)
    held = Held("APT", "APT", "aptos:1/slip44:637", 8, owner, 10**13)
    urls = tuple(f"{url}/v1" for url in start(lambda: SimAptos(ledger), "aptos"))
    return Simulated("aptos:1", (held,), urls)


def _antelope(until: int, start: Start) -> Simulated:
    name, owner = "antelope:aca376f206b8fc25a6ed44dbdc66547c", "okbwallet1tr"
    account = nodeos.Held(liquid="99000.0000 EOS", vaulta="1000.0000 A")
    begins = datetime.fromtimestamp(until - _TIP_BLOCKS, UTC)
    chain = nodeos.AntelopeChain([{owner: account}] * _TIP_BLOCKS, begins=begins)
    held = Held("EOS", "EOS", f"{name}/slip44:194", 4, owner, 1_000_000_000)
    return Simulated(name, (held,), start(lambda: nodeos.SimNodeos(chain), "nodeos"))


def _aelf(until: int, start: Start) -> Simulated:
    owner = "ELF_2gaQh4uxg6tzyH1ADLoDxvHA14FMpzEiMqsQ6sDG5iHT8cmjp8_AELF"
    key = account_key(parse_chain("aelf:AELF"), owner)
    begins = datetime.fromtimestamp(until - _TIP_BLOCKS, UTC)
    chain = aelf.AelfChain([{key: 10**12}] * _TIP_BLOCKS, begins=begins)
    held = Held("ELF", "ELF", "aelf:AELF/slip44:1616", 8, owner, 10**12)
    return Simulated("aelf:AELF", (held,), start(lambda: aelf.SimAelf(chain), "aelf"))


def _ethereum_classic(moment: int, start: Start) -> Simulated:
    """Ten thousand blocks make one final here: more than a real node would make for a demo."""
    owner, height = "0x062448f804191128d71fc72e10a1d13bd7308e7e", 5
    chain = SimEvm(chain_id=61, blocks=height, begins=moment - 12 * height)
    chain.balances[account_key(parse_chain("eip155:61"), owner)] = 2_730 * 10**18
    chain.mine()
    chain.balances.clear()
    for _ in range(10_000):
        chain.mine()
    held = Held("ETC", "ETC", "eip155:61/slip44:61", 18, owner, 2_730 * 10**18)
    return Simulated("eip155:61", (held,), start(lambda: SimServer(chain.answer), "evm"), height)


@dataclass(frozen=True, slots=True)
class _Like:
    """A chain of Bitcoin's kind: its sample of accounts gets random amounts in random blocks."""

    unit: str
    chain: str
    slip44: int
    make: type[SimBitcoin]
    depth: int  # blocks on top of the one that is read, and more


_BITCOIN_LIKE: Final = (
    _Like("LTC", "bip122:530827f38f93b43ed12af0b3ad25a288", 2, kin_of_bitcoin.SimLitecoin, 30),
    _Like("DOGE", "bip122:3d2160a3b5dc4a9d62e7e66a295f7031", 3, kin_of_bitcoin.SimDogecoin, 66),
    _Like("DASH", "bip122:00000ffd590b1485b3caadc19b22e637", 5, kin_of_bitcoin.SimDash, 30),
)


def _bitcoin_like(like: _Like, moment: int, servers: contextlib.ExitStack) -> Simulated:
    """One chain, whose blocks are twenty seconds apart. The claim names the block: those on top are read by nobody."""
    chain, height = parse_chain(like.chain), BEFORE
    scripts = [_pays_to(sha256(b"%d" % number).digest()[:20]) for number in range(3)]
    blocks = like.make(
        Random(like.unit),  # noqa: S311
        scripts,
        height + like.depth,
        begins=moment - 20 * height,
        seconds=20,
        largest_output=10**12,
    )
    urls = []
    for _ in range(2):
        server = servers.enter_context(LineServer(SimElectrum(blocks).answer))
        urls.append(f"electrum+{server.url}")
    balances = blocks.balances_at(height)
    asset = f"{chain}/slip44:{like.slip44}"
    held = tuple(
        Held(like.unit, like.unit, asset, 8, account_text(chain, script), balances.get(script.hex(), 0))
        for script in scripts
    )
    return Simulated(like.chain, held, tuple(urls), height)


def _pays_to(key_hash: bytes) -> bytes:
    """The script of an account of one key."""
    return bytes.fromhex("76a914") + key_hash + bytes.fromhex("88ac")

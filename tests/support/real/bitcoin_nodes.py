"""What the tests of all Bitcoin backends share: a real bitcoind, or a skip where there is none, and one way to read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from localnet.bitcoind import Bitcoind
from localnet.electrum import ElectrumServer
from localnet.litecoind import Litecoind
from scanner.chains.interface import Node
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from tests.support.real.real_nodes import or_skip

REGTEST = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
BITCOIN = parse_asset(f"{REGTEST}/slip44:1")


def start_bitcoind(*args: str, filters: bool = True, txindex: bool = True) -> Bitcoind:
    """A new node; the test is skipped where there is no bitcoind, unless nodes are required."""
    return or_skip(lambda: Bitcoind.start(args, filters=filters, txindex=txindex))


def start_litecoind(*args: str) -> Litecoind:
    """A new node of Litecoin, in the same way."""
    return or_skip(lambda: Litecoind.start(args))


def start_electrum(bitcoind: Bitcoind, **environment: str) -> ElectrumServer:
    """A new Electrum server over `bitcoind`, in the same way."""
    return or_skip(lambda: ElectrumServer.start(bitcoind, **environment))


def settings_of(node: Bitcoind, **changes: Any) -> NodeSettings:
    """How a scanner is told of `node`."""
    credentials = {"user": node.user, "password": node.password}
    return NodeSettings(
        **{"kind": "bitcoind", "url": node.url, "operator": "o", "chain": REGTEST, **credentials, **changes}
    )


def read_at(node: Node, height: int, scripts: Sequence[bytes], coin: AssetId = BITCOIN) -> list[Word | Gap]:
    """What `node` says of `scripts` at the block that it names at `height`."""

    async def read() -> list[Word | Gap]:
        try:
            await node.open()
            reading = await node.read(Batch(await node.block_at(height), coin, tuple(scripts)))
        finally:
            await node.close()
        return [reading[position] for position in range(len(scripts))]

    return asyncio.run(read())


def unspent_at(node: Bitcoind, height: int, scripts: Sequence[bytes]) -> list[int]:
    """The truth, from the node's dump of its unspent outputs."""
    dumped = node.dump_utxos(height)
    return [dumped.get(script.hex(), 0) for script in scripts]

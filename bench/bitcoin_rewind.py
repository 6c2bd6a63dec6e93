"""Bitcoin's past: the rewind of a node's answers beside the rewind of the node itself, for the same block, in one run.

    python -m bench.bitcoin_rewind [scripts] [blocks]          20,000 and 100 by default

One bitcoind on regtest with a filter index. On top of the snapshot lie blocks with thousands of outputs made and spent,
one in ten of them of the scripts that are asked for. Ours: `scantxoutset` at the tip, what happened since taken back,
every header between checked. What a user would do instead: `invalidateblock`, `scantxoutset`, `reconsiderblock`; the
node serves nobody else meanwhile. Both must agree with each other and with the node's own dump. They take turns, three
rounds; the best of each counts.

Regtest flatters the node: its coins are all in memory and nobody's transactions have to be taken back with a block.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from random import Random

from bitcoin.core import CMutableTransaction, CMutableTxIn, CMutableTxOut, COutPoint, lx
from bitcoin.core.script import OP_1, OP_DROP, CScript

from localnet.bitcoind import Bitcoind
from localnet.utxos import satoshi
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Reading, Snapshot
from scanner.core.node_settings import NodeSettings

REGTEST = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
BITCOIN = parse_asset(f"{REGTEST}/slip44:1")
ROUNDS = 3
OUTPUTS, INPUTS = 3000, 2000  # a block: what it creates and spends, apart from the coinbase
FEE = 10_000
STRANGERS = 9  # scripts that are not asked for, for each one that is


class Miner:
    """Fills blocks with payments between scripts that anyone can spend from."""

    def __init__(self, node: Bitcoind, scripts: list[bytes]) -> None:
        self._node = node
        self._scripts = scripts
        self._random = Random(1)
        self._coins: deque[tuple[str, int, int]] = deque()  # txid, output, satoshis
        hashes = node.rpc("generatetodescriptor", 150, f"raw({scripts[0].hex()})")
        for name in hashes[:40]:
            coinbase = node.rpc("getblock", name, 2)["tx"][0]
            self._coins.append((coinbase["txid"], 0, satoshi(coinbase["vout"][0]["value"])))

    def block(self) -> None:
        """One block with one large transaction."""
        coins = [self._coins.popleft() for _ in range(min(INPUTS, len(self._coins) - 20))]
        share = (sum(value for _, _, value in coins) - FEE) // OUTPUTS
        transaction = CMutableTransaction(
            [CMutableTxIn(COutPoint(lx(txid), number)) for txid, number, _ in coins],
            [CMutableTxOut(share, CScript(self._random.choice(self._scripts))) for _ in range(OUTPUTS)],
        )
        self._node.rpc("generateblock", f"raw({self._scripts[0].hex()})", [transaction.serialize().hex()])
        txid = transaction.GetTxid()[::-1].hex()
        self._coins.extend((txid, number, share) for number in range(OUTPUTS))


def rewound_node(node: Bitcoind, snapshot: Snapshot, scripts: list[bytes]) -> dict[str, int]:
    """Balances by taking the node itself back, and forward again."""
    above = node.rpc("getblockhash", snapshot.height + 1)
    node.rpc("invalidateblock", above)
    try:
        scan = node.rpc("scantxoutset", "start", [f"raw({script.hex()})" for script in scripts])
    finally:
        node.rpc("reconsiderblock", above)
    balances: dict[str, int] = {}
    for entry in scan["unspents"]:
        balances[entry["scriptPubKey"]] = balances.get(entry["scriptPubKey"], 0) + satoshi(entry["amount"])
    return balances


async def measured(bitcoind: Bitcoind, scripts: list[bytes], height: int) -> tuple[float, float]:
    """The best seconds of ours, and of the node's own rewind."""
    settings = NodeSettings("bitcoind", bitcoind.url, "o", REGTEST, user=bitcoind.user, password=bitcoind.password)
    node = BitcoinCoreNode(settings)
    ours, theirs = [], []
    truth = bitcoind.dump_utxos(height)
    try:
        await node.open()
        snapshot = await node.block_at(height)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            reading = await node.read(Batch(snapshot, BITCOIN, tuple(scripts)))
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            rewound = rewound_node(bitcoind, snapshot, scripts)
            theirs.append(time.perf_counter() - start)
            compare(scripts, reading, rewound, truth)
    finally:
        await node.close()
    return min(ours), min(theirs)


def compare(scripts: list[bytes], reading: Reading, rewound: dict[str, int], truth: dict[str, int]) -> None:
    for position, script in enumerate(scripts):
        expected = truth.get(script.hex(), 0)
        if not reading[position] == expected == rewound.get(script.hex(), 0):
            raise SystemExit(f"{script.hex()}: {reading[position]}, {rewound.get(script.hex(), 0)}, truth {expected}")


def main() -> None:
    count, blocks = (int(text) for text in (sys.argv[1:] + ["20000", "100"][len(sys.argv) - 1 :])[:2])
    everybody = [
        bytes(CScript([number.to_bytes(4, "little"), OP_DROP, OP_1])) for number in range(count * (1 + STRANGERS))
    ]
    scripts = everybody[:: 1 + STRANGERS]
    with Bitcoind.start() as bitcoind:
        miner = Miner(bitcoind, everybody)
        for _ in range(10):
            miner.block()
        height = bitcoind.tip().height
        for _ in range(blocks):
            miner.block()
        ours, theirs = asyncio.run(measured(bitcoind, scripts, height))
    print(f"{count:,} scripts, {blocks} blocks back, {OUTPUTS:,} outputs made and {INPUTS:,} spent a block")
    print(f"  answers rewound, node untouched   {ours:8.2f} s")
    print(f"  node rewound and brought forward  {theirs:8.2f} s   {theirs / ours:.1f} times as long")


if __name__ == "__main__":
    main()

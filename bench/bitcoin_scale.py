"""Bitcoin at scale: 250,000 scripts read in one batch from a node with over a million unspent outputs.

    python -m bench.bitcoin_scale [scripts] [outputs]          250,000 and 1,000,000 by default

One bitcoind on regtest, filled with payments to scripts of every kind: one script in five of ours was never paid, some
hold several outputs, the rest of the set is strangers'. Above the snapshot, blocks move outputs of ours and of others.
Read at the tip and at the snapshot, every balance compared with what was built. Beside it, in the same run:

- the node's own bare scan: the same descriptors prebuilt, the answer thrown away unread;
- the floor of the reading at the snapshot: the very requests it made, sent again, the answers thrown away;
- the same single scan read with the `json` module into Decimals, as a script of one's own would do it;
- one scan a script, as tools do that ask for one address after the other: a few of them, the whole reckoned up.

Each reading runs in a fresh process, so that its peak of memory is its own, above what the process took with the
scripts loaded and nothing read yet. Rounds in turn, the best of each counts. Regtest flatters the node: its coins are
all in memory, and a scan of mainnet passes over a hundred times as many.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from Crypto.Hash import RIPEMD160

from localnet.bitcoind import Bitcoind
from localnet.utxos import satoshi
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import NodeSettings

REGTEST = Chain.parse("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
BITCOIN = AssetId.parse(f"{REGTEST}/slip44:1")
ROUNDS = 3
SINGLES = 5  # scripts asked for one by one
MATURITY = 100
BLOCKS_SINCE = 20  # between the snapshot and the tip
SPENT, MADE = 1500, 2500  # outputs, in each of them
BLOCK_BYTES = 960_000  # of outputs in a block; a million bytes without witnesses are a block's 4M weight
KINDS = 7
MINER = b"\x51"  # OP_TRUE: anyone can spend it
PAID_TIMES = (0, 1, 1, 2, 4)  # the outputs of our scripts, in turn


def script_of(number: int, whose: bytes) -> bytes:
    """One of endlessly many scripts; the kinds take turns. The first two can be spent by anyone who knows the number."""
    digest = sha256(whose + number.to_bytes(4)).digest()
    if number % 64 == 63:  # rarely: a block has room for 1,000 of them, by the limit of its signature checks
        return b"\x51\x21\x02" + digest + b"\x21\x03" + digest + b"\x52\xae"  # 1 of 2
    match number % KINDS:
        case 0:
            return _plain(digest)
        case 1:
            return b"\xa9\x14" + _hash160(_plain(digest)) + b"\x87"  # P2SH
        case 2:
            return b"\x76\xa9\x14" + digest[:20] + b"\x88\xac"  # P2PKH
        case 3:
            return b"\x00\x14" + digest[:20]  # P2WPKH
        case 4:
            return b"\x00\x20" + digest  # P2WSH
        case 5:
            return b"\x51\x20" + digest  # P2TR
        case _:
            return b"\x21\x02" + digest + b"\xac"  # P2PK


def unlocking(number: int, whose: bytes) -> bytes | None:
    """The scriptSig that spends from `script_of` the same; None where there is none that we know."""
    plain = _plain(sha256(whose + number.to_bytes(4)).digest())
    return None if number % 64 == 63 else {0: b"", 1: bytes([len(plain)]) + plain}.get(number % KINDS)


def _plain(digest: bytes) -> bytes:
    return b"\x08" + digest[:8] + b"\x75\x51"  # a push, OP_DROP, OP_TRUE


def _hash160(data: bytes) -> bytes:
    return RIPEMD160.new(sha256(data).digest()).digest()


@dataclass
class Built:
    """A chain's truth: what our scripts hold at the snapshot and at the tip, in their order."""

    scripts: list[bytes]
    height: int
    tip: int
    then: list[int]
    now: list[int]
    outputs: int  # in the whole set of unspent outputs, at the tip
    ours: int  # of our scripts among them


@dataclass
class Builder:
    """Fills blocks with one large transaction each, built by hand, and keeps account of what our scripts hold."""

    node: Bitcoind
    random: Random
    held: dict[bytes, list[int]] = field(default_factory=dict)  # the outputs of our scripts
    coins: list[tuple[bytes, bytes, bytes, int]] = field(default_factory=list)  # outpoint, script, scriptSig, satoshi
    funds: list[tuple[bytes, int]] = field(default_factory=list)  # ripe coinbases: outpoint, satoshi

    def start(self, coinbases: int) -> None:
        hashes: list[str] = []
        for _ in range(0, MATURITY + coinbases, 100):
            hashes += self.node.rpc("generatetodescriptor", 100, f"raw({MINER.hex()})")
        for name in hashes[:coinbases]:
            coinbase = self.node.rpc("getblock", name, 2)["tx"][0]
            point = bytes.fromhex(coinbase["txid"])[::-1] + bytes(4)
            self.funds.append((point, satoshi(coinbase["vout"][0]["value"])))

    def pay(self, scripts: list[tuple[bytes, bytes | None]], spends: int = 0) -> None:
        """A block that pays each script (with the scriptSig that will spend it) and spends as many coins made before."""
        point, value = self.funds.pop()
        inputs = [(point, b"")]
        for _ in range(min(spends, len(self.coins))):
            place = self.random.randrange(len(self.coins))
            self.coins[place], self.coins[-1] = self.coins[-1], self.coins[place]
            outpoint, script, script_sig, atoms = self.coins.pop()
            inputs.append((outpoint, script_sig))
            value += atoms
            if script in self.held:
                self.held[script].remove(atoms)
        most = value // len(scripts)  # what is left over goes to the miner
        amounts = [self.random.randrange(most) for _ in scripts]
        raw = _transaction(inputs, [(atoms, script) for atoms, (script, _) in zip(amounts, scripts, strict=True)])
        self.node.rpc("generateblock", f"raw({MINER.hex()})", [raw.hex()])
        txid = sha256(sha256(raw).digest()).digest()
        for number, (atoms, (script, script_sig)) in enumerate(zip(amounts, scripts, strict=True)):
            if script in self.held:
                self.held[script].append(atoms)
            if script_sig is not None:
                self.coins.append((txid + number.to_bytes(4, "little"), script, script_sig, atoms))

    def balances(self, scripts: list[bytes]) -> list[int]:
        return [sum(self.held[script]) for script in scripts]


def _transaction(inputs: list[tuple[bytes, bytes]], outputs: list[tuple[int, bytes]]) -> bytes:
    """Version 2, lock time 0."""
    spends = b"".join(point + _compact(len(script)) + script + b"\xff\xff\xff\xff" for point, script in inputs)
    pays = b"".join(atoms.to_bytes(8, "little") + _compact(len(script)) + script for atoms, script in outputs)
    return b"\x02\0\0\0" + _compact(len(inputs)) + spends + _compact(len(outputs)) + pays + bytes(4)


def _compact(size: int) -> bytes:
    return bytes([size]) if size < 253 else b"\xfd" + size.to_bytes(2, "little")


def build(node: Bitcoind, count: int, outputs: int) -> Built:
    random = Random(1)
    ours = [(script_of(number, b"ours"), unlocking(number, b"ours")) for number in range(count)]
    paid = [pair for number, pair in enumerate(ours) for _ in range(PAID_TIMES[number % len(PAID_TIMES)])]
    others = max(outputs - len(paid), 1)
    paid += [(script_of(number, b"others"), unlocking(number, b"others")) for number in range(others)]
    random.shuffle(paid)
    blocks = list(_cut(paid))
    builder = Builder(node, random, held={script: [] for script, _ in ours})
    builder.start(len(blocks) + BLOCKS_SINCE)
    for block in blocks:
        builder.pay(block)
    height, then = node.tip().height, builder.balances([script for script, _ in ours])
    fresh = iter(range(10**6, 10**9))
    for _ in range(BLOCKS_SINCE):
        block = random.sample(ours, min(MADE // 2, len(ours)))
        block += [(script_of(number, b"others"), None) for number, _ in zip(fresh, range(MADE // 2), strict=False)]
        builder.pay(block, SPENT)
    state = node.rpc("gettxoutsetinfo", "none")
    return Built(
        scripts=[script for script, _ in ours],
        height=height,
        tip=node.tip().height,
        then=then,
        now=builder.balances([script for script, _ in ours]),
        outputs=state["txouts"],
        ours=sum(map(len, builder.held.values())),
    )


def _cut(paid: list[tuple[bytes, bytes | None]]) -> Iterator[list[tuple[bytes, bytes | None]]]:
    block: list[tuple[bytes, bytes | None]] = []
    size = 0
    for pair in paid:
        if size > BLOCK_BYTES:
            yield block
            block, size = [], 0
        block.append(pair)
        size += 9 + len(pair[0])
    yield block


if __name__ == "__main__":
    import sys
    t = time.time()
    import pickle
    with Bitcoind.start(["-dbcache=2000"]) as n:
        b = build(n, int(sys.argv[1]), int(sys.argv[2]))
        print(time.time() - t, b.height, b.tip, b.outputs, b.ours, sum(b.then), sum(b.now))
        pickle.dump((b, n.url, n.user, n.password), open("/tmp/exp/built.pkl", "wb"))
        print("ready", flush=True)
        sys.stdin.read() if len(sys.argv) > 3 else None

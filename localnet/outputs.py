"""A regtest chain with outputs by the million, and what some of its scripts hold, kept account of while it is built.

Every block has one transaction, made by hand, since a wallet takes a second for a thousand outputs: its inputs are
coinbases and scripts that anyone can spend, so that nothing is signed. Not in here: how balances are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random

from Crypto.Hash import RIPEMD160

from localnet.bitcoind import Bitcoind
from localnet.utxos import satoshi

MATURITY = 100
BLOCKS_SINCE = 20  # between the snapshot and the tip
SPENT, MADE = 1500, 2500  # outputs, in each of them
BLOCK_BYTES = 960_000  # of outputs in a block; a million bytes without witnesses are a block's 4M weight
KINDS = 7
MINER = b"\x51"  # OP_TRUE: anyone can spend it
PAID_TIMES = (0, 1, 1, 2, 4)  # the outputs of our scripts, in turn

Payee = tuple[bytes, bytes | None]
"""A script, and the scriptSig that spends from it; None where there is none that we know."""


@dataclass(frozen=True)
class Built:
    """A chain's truth: what our scripts hold at the snapshot and at the tip, in their order, in satoshi."""

    scripts: list[bytes]
    height: int  # of the snapshot
    tip: int
    then: list[int]
    now: list[int]
    outputs: int  # in the whole set of unspent outputs, at the tip
    ours: int  # of our scripts among them


def build(node: Bitcoind, random: Random, count: int, outputs: int) -> Built:
    """Fill a new node's chain with at least `outputs` outputs, some of them to `count` scripts of ours.

    One script in five of ours is never paid, some have several outputs, and the last blocks move them about.
    """
    ours = [payee(number, b"ours") for number in range(count)]
    paid = [pair for number, pair in enumerate(ours) for _ in range(PAID_TIMES[number % len(PAID_TIMES)])]
    paid += [payee(number, b"others") for number in range(max(outputs - len(paid), 1))]
    random.shuffle(paid)
    blocks = list(_cut(paid))
    scripts = [script for script, _ in ours]
    builder = _Builder(node, random, {script: [] for script in scripts})
    builder.start(len(blocks) + BLOCKS_SINCE)
    for block in blocks:
        builder.pay(block)
    height, then = node.tip().height, builder.balances(scripts)
    for at in range(BLOCKS_SINCE):
        strangers = range(10**6 + at * MADE, 10**6 + at * MADE + MADE // 2)
        block = random.sample(ours, min(MADE // 2, len(ours)))
        builder.pay(block + [(payee(number, b"others")[0], None) for number in strangers], SPENT)
    return Built(
        scripts=scripts,
        height=height,
        tip=node.tip().height,
        then=then,
        now=builder.balances(scripts),
        outputs=node.rpc("gettxoutsetinfo", "none")["txouts"],
        ours=sum(map(len, builder.held.values())),
    )


def payee(number: int, whose: bytes) -> Payee:
    """One of endlessly many scripts; the kinds take turns. Anyone who knows the number can spend the first two."""
    digest = sha256(whose + number.to_bytes(4)).digest()
    plain = b"\x08" + digest[:8] + b"\x75\x51"  # a push, OP_DROP, OP_TRUE
    if number % 64 == 63:  # rarely: a block has room for 1,000 of them, by the limit of its signature checks
        return b"\x51\x21\x02" + digest + b"\x21\x03" + digest + b"\x52\xae", None  # 1 of 2
    match number % KINDS:
        case 0:
            return plain, b""
        case 1:
            hashed = RIPEMD160.new(sha256(plain).digest()).digest()
            return b"\xa9\x14" + hashed + b"\x87", bytes([len(plain)]) + plain  # P2SH
        case 2:
            return b"\x76\xa9\x14" + digest[:20] + b"\x88\xac", None  # P2PKH
        case 3:
            return b"\x00\x14" + digest[:20], None  # P2WPKH
        case 4:
            return b"\x00\x20" + digest, None  # P2WSH
        case 5:
            return b"\x51\x20" + digest, None  # P2TR
        case _:
            return b"\x21\x02" + digest + b"\xac", None  # P2PK


@dataclass
class _Builder:
    node: Bitcoind
    random: Random
    held: dict[bytes, list[int]]  # the outputs of our scripts
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

    def pay(self, payees: Sequence[Payee], spends: int = 0) -> None:
        """A block that pays each once and spends so many of the coins made before."""
        point, value = self.funds.pop()
        inputs = [(point, b"")]
        for _ in range(min(spends, len(self.coins))):
            place = self.random.randrange(len(self.coins))
            self.coins[place], self.coins[-1] = self.coins[-1], self.coins[place]
            outpoint, owner, script_sig, atoms = self.coins.pop()
            inputs.append((outpoint, script_sig))
            value += atoms
            if owner in self.held:
                self.held[owner].remove(atoms)
        most = value // len(payees)  # what is left over goes to the miner
        amounts = [self.random.randrange(most) for _ in payees]
        raw = _transaction(inputs, [(atoms, script) for atoms, (script, _) in zip(amounts, payees, strict=True)])
        self.node.rpc("generateblock", f"raw({MINER.hex()})", [raw.hex()])
        txid = sha256(sha256(raw).digest()).digest()
        for number, (atoms, (script, unlock)) in enumerate(zip(amounts, payees, strict=True)):
            if script in self.held:
                self.held[script].append(atoms)
            if unlock is not None:
                self.coins.append((txid + number.to_bytes(4, "little"), script, unlock, atoms))

    def balances(self, scripts: Sequence[bytes]) -> list[int]:
        return [sum(self.held[script]) for script in scripts]


def _transaction(inputs: Sequence[tuple[bytes, bytes]], outputs: Sequence[tuple[int, bytes]]) -> bytes:
    """Version 2, lock time 0."""
    spends = b"".join(point + _compact(len(script)) + script + b"\xff\xff\xff\xff" for point, script in inputs)
    pays = b"".join(atoms.to_bytes(8, "little") + _compact(len(script)) + script for atoms, script in outputs)
    return b"\x02\0\0\0" + _compact(len(inputs)) + spends + _compact(len(outputs)) + pays + bytes(4)


def _compact(size: int) -> bytes:
    return bytes([size]) if size < 253 else b"\xfd" + size.to_bytes(2, "little")


def _cut(paid: Sequence[Payee]) -> Iterator[list[Payee]]:
    """In their order, as many as a block has room for."""
    block: list[Payee] = []
    size = 0
    for pair in paid:
        if size > BLOCK_BYTES:
            yield block
            block, size = [], 0
        block.append(pair)
        size += 9 + len(pair[0])
    yield block

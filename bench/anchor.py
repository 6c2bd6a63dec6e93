"""What anchors cost: their size, and how long they take to be checked.

    python -m bench.anchor

A month of Ethereum: 27 links through the contract of past hashes, in states made up to be of mainnet's size; a block of
its that hangs under a later one by the beacon chain's summaries; a month of Polkadot, 106 links through the hashes that
its states keep; a month of Bitcoin by its headers, and all 930,000 of them, made up without work; a month of it, and a
day of Litecoin, with the little work that a chain of tests asks for, which is checked as any is; a signature of a sync
committee by both libraries, and a month of them. Beside chains stands what a user would do instead: hash every header
between the blocks. Of each month it is said whether it is within 300 kB and a second. Nothing is fetched.
"""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import scrypt, sha256

from bench.proofs import SparseState
from scanner.attesting.anchor_file import anchor_bytes, read_anchor
from scanner.attesting.anchored import Standing, anchored
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.beacon import aggregate
from scanner.chains.beacon.node.past import PastSource
from scanner.chains.bitcoin.checkpoints import BitcoinCheckpoints
from scanner.chains.bitcoin.header import parse_header, target_of
from scanner.chains.bitcoin.runs import MOST_HEADERS, record_of
from scanner.chains.evm import rlp
from scanner.chains.evm.ancestry import HISTORY, WINDOW, history_slot
from scanner.chains.polkadot.ancestry import SubstrateAncestry
from scanner.chains.polkadot.block import blake2b_256
from scanner.chains.polkadot.header import encode as substrate_header
from scanner.chains.polkadot.scale import compact
from scanner.chains.polkadot.storage import NOW, block_hash_entry
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256
from scanner.proofs.witness import Witness
from tests.support.simulated.beacon_past import Past
from tests.support.simulated.bitcoin import GENESIS
from tests.support.simulated.substrate_trie import Trie

ETHEREUM = Chain("eip155", "1")
BITCOIN = Chain("bip122", "000000000019d6689c085ae165831e93")
POLKADOT = Chain("polkadot", "91b171bb158e2d3848fa23a9f1c25182")
BEACON = Chain("beacon", "1")
REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")
LITECOIN_REGTEST = Chain("bip122", "530827f38f93b43ed12af0b3ad25a288")
MONTH = 216_000  # blocks of twelve seconds
MONTH_OF_POLKADOT = 432_000  # of six
PERIODS = 27  # of sync committees, in a month
MOST_BYTES, MOST_SECONDS = 300_000, 1.0  # of a month
CODE_HASH = bytes.fromhex("6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d")


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of so many."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def header(number: int, state_root: bytes, parent: bytes) -> bytes:
    """A header as long as Ethereum's are."""
    fields: list[rlp.Item] = [parent, bytes(32), bytes(20), state_root, bytes(32), bytes(32), bytes(256), b""]
    fields += [rlp.encode_int(each) for each in (number, 36_000_000, 18_000_000, 1_750_000_000 + 12 * number)]
    fields += [b"beaverbuild.org", bytes([7]) * 32, bytes(8), rlp.encode_int(10**9), bytes([8]) * 32]
    fields += [rlp.encode_int(786_432), rlp.encode_int(5), bytes([9]) * 32, bytes([10]) * 32]
    return rlp.encode(fields)


def storage_of(height: int, block: bytes, seed: int) -> tuple[bytes, Witness]:
    """A contract's storage of 8,191 words, of which the one for this height is real: its root, and its path."""
    path = random.Random(seed)
    witness = Witness()
    digits = keccak256(history_slot(ETHEREUM, height)).hex()
    rest = digits[3:]
    segment = bytes.fromhex(("3" if len(rest) % 2 else "20") + rest)
    node = rlp.encode([segment, rlp.encode(block)])
    for depth in (2, 1, 0):  # 8,191 words fill three levels and half of the fourth
        children: list[rlp.Item] = [path.randbytes(32) for _ in range(16)]
        children[int(digits[depth], 16)] = witness.add(node)
        node = rlp.encode([*children, b""])
    return witness.add(node), witness


def month_of_ethereum() -> tuple[Anchor, Snapshot]:
    """27 links, the last of them shorter."""
    height = 22_000_000
    encoded = header(height, bytes([1]) * 32, bytes([2]) * 32)
    block = keccak256(encoded)
    time_of = datetime.fromtimestamp(1_750_000_000 + 12 * height, UTC)
    snapshot = Snapshot(ETHEREUM, height, f"0x{block.hex()}", "0x" + "02" * 32, time_of)
    path, witness = [PathBlock(height, snapshot.hash)], Witness([encoded])
    end = height + MONTH
    while height < end:
        newer = min(height + WINDOW, end)
        root, words = storage_of(height, block, newer)
        state = SparseState.around(HISTORY, rlp.encode([rlp.encode_int(1), b"", root, CODE_HASH]), newer)
        encoded = header(newer, state.root, bytes([3]) * 32)
        block, height = keccak256(encoded), newer
        for part in (state.witness, words):
            for name in part:
                witness.add(part.get(name) or b"")
        witness.add(encoded)
        path.insert(0, PathBlock(height, f"0x{block.hex()}"))
    return Anchor({ETHEREUM: tuple(path)}, witness=witness), snapshot


def hash_kept(height: int, block: bytes, seed: int) -> tuple[bytes, list[bytes]]:
    """A state of Polkadot's that keeps this block's hash among 4,096: its root, and the nodes on the way."""
    path = random.Random(seed)
    digits = block_hash_entry(height).hex()
    node = leaf_of_trie(digits[67:], block)
    nodes = [node]
    # Hashes fill three levels. Above them: maps of the System pallet, pallets that begin alike, and all pallets.
    for start, end, count in ((66, 66, 16), (65, 65, 16), (33, 64, 16), (2, 32, 9), (1, 1, 4), (0, 0, 16)):
        node = branch_of_trie(digits[start:end], int(digits[end], 16), count, blake2b_256(node), path)
        nodes.append(node)
    return blake2b_256(node), nodes


def leaf_of_trie(partial: str, value: bytes) -> bytes:
    """With fewer than 63 nibbles, and a value of 32 bytes."""
    return bytes([0x40 | len(partial)]) + nibbles(partial) + compact(len(value)) + value


def branch_of_trie(partial: str, taken: int, count: int, child: bytes, path: random.Random) -> bytes:
    """A branch with so many children, one of which is given."""
    others = path.sample([each for each in range(16) if each != taken], count - 1)
    children = {taken: child} | {each: path.randbytes(32) for each in others}
    bitmap = sum(1 << each for each in children).to_bytes(2, "little")
    written = b"".join(compact(32) + children[each] for each in sorted(children))
    return bytes([0x80 | len(partial)]) + nibbles(partial) + bitmap + written


def nibbles(digits: str) -> bytes:
    """Two in a byte, after a zero where they are odd."""
    return bytes.fromhex("0" * (len(digits) % 2) + digits)


def month_of_polkadot() -> tuple[Anchor, Snapshot]:
    """106 links, the last of them shorter."""
    height, time_of = 30_000_000, datetime.fromtimestamp(1_780_000_000, UTC)
    logs = [bytes(156), bytes(39), bytes(70)]  # as long as a recorded header's
    lowest = Trie({NOW: (1_780_000_000 * 1000).to_bytes(8, "little")})
    encoded = substrate_header(bytes([2]) * 32, height, lowest.root, bytes([3]) * 32, logs)
    snapshot = Snapshot(POLKADOT, height, f"0x{blake2b_256(encoded).hex()}", "0x" + "02" * 32, time_of)
    path, witness = [PathBlock(height, snapshot.hash)], Witness([encoded, *lowest.records.values()])
    end = height + MONTH_OF_POLKADOT
    while height < end:
        newer = min(height + SubstrateAncestry.strides[0].blocks, end)
        root, nodes = hash_kept(height, blake2b_256(encoded), newer)
        encoded, height = substrate_header(bytes([4]) * 32, newer, root, bytes([3]) * 32, logs), newer
        for record in (encoded, *nodes):
            witness.add(record)
        path.insert(0, PathBlock(height, f"0x{blake2b_256(encoded).hex()}"))
    return Anchor({POLKADOT: tuple(path)}, witness=witness), snapshot


def headers_of_bitcoin(count: int) -> tuple[Anchor, Snapshot, list[bytes]]:
    """So many above a block, each naming the one before it."""
    headers, parent = [], bytes(32)
    for number in range(count + 1):
        headers.append(bytes(4) + parent + number.to_bytes(32) + bytes(12))
        parent = sha256(sha256(headers[-1]).digest()).digest()
    names = [sha256(sha256(headers[at]).digest()).digest()[::-1].hex() for at in (0, -1)]
    runs = [record_of(headers[:1])]
    runs += [record_of(headers[at : at + MOST_HEADERS]) for at in range(1, count + 1, MOST_HEADERS)]
    snapshot = Snapshot(BITCOIN, 1, names[0], "00" * 32, datetime.fromtimestamp(0, UTC))
    return (
        Anchor({BITCOIN: (PathBlock(1 + count, names[1]), PathBlock(1, names[0]))}, witness=Witness(runs)),
        snapshot,
        headers,
    )


def block_by_summaries() -> tuple[Anchor, Snapshot]:
    """A block under one of years later, as a beacon node gives what leads there."""
    past = Past()
    newer, older = past.newer, past.older
    source = PastSource(BEACON, past, None)  # type: ignore[arg-type] # it answers as a client does
    records = asyncio.run(source.past_records(newer.snapshot, older.snapshot))
    path = tuple(PathBlock(each.height, each.snapshot.hash) for each in (newer, older))
    return Anchor({ETHEREUM: path}, witness=Witness([newer.header, older.header, *records])), older.snapshot


def worked_for(chain: Chain, count: int) -> tuple[Anchor, Snapshot]:
    """So many headers on the first block of a chain of tests, each with the work that it asks for: down to the first of
    them, and on to the block that it stands on."""
    raws, nonce = [GENESIS], 0
    while len(raws) <= count:
        fields = (
            bytes(4) + sha256(sha256(raws[-1]).digest()).digest() + bytes(32) + (1_600_000_000).to_bytes(4, "little")
        )
        raw = fields + (0x207FFFFF).to_bytes(4, "little") + nonce.to_bytes(4, "little")
        nonce += 1
        if chain == REGTEST:
            work = sha256(sha256(raw).digest()).digest()
        else:
            work = scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32)
        if int.from_bytes(work, "little") <= target_of(0x207FFFFF):
            raws.append(raw)
    first, top = parse_header(raws[1]), parse_header(raws[-1])
    runs = [record_of(raws[:1]), record_of(raws[1:2])]
    runs += [record_of(raws[at : at + MOST_HEADERS]) for at in range(2, len(raws), MOST_HEADERS)]
    path = (PathBlock(count, top.hash), PathBlock(1, first.hash), PathBlock(0, first.parent))
    snapshot = Snapshot(chain, 1, first.hash, first.parent, datetime.fromtimestamp(first.time, UTC))
    return Anchor({chain: path}, witness=Witness(runs)), snapshot


def within(size: int, took: float) -> str:
    """Whether a month's anchor is as small and as quick as it has to be."""
    held = "yes" if size <= MOST_BYTES and took <= MOST_SECONDS else "NO"
    return f"; within {MOST_BYTES // 1000} kB and {MOST_SECONDS:g} s: {held}"


def work_line(what: str, chain: Chain, count: int, *, month: bool) -> None:
    """Size, and the time to check the work of each header, as far down as this release knows the chain."""
    anchor, snapshot = worked_for(chain, count)
    data = b"".join(anchor_bytes(anchor))
    known = [chain] if BitcoinCheckpoints().checkpoints(chain) else []

    def walk() -> None:
        (found,) = anchored([snapshot], read_anchor(io.BytesIO(data)), {}, known=known)
        assert found.standing is Standing.WORK, found.reason
        assert (found.on_top is not None) == bool(known), found.reason

    took = seconds(walk)
    print(f"{what:34} {len(data) / 1000:10,.0f} kB {took:9.3f} s{within(len(data), took) if month else ''}")


def line(what: str, anchor: Anchor, snapshot: Snapshot, instead: Callable[[], object], counted: int) -> None:
    """Size, time to read and walk, and beside it that of hashing each header between."""
    data = b"".join(anchor_bytes(anchor))
    trusted = {snapshot.chain: [anchor.paths[snapshot.chain][0].hash]}

    def walk() -> None:
        (found,) = anchored([snapshot], read_anchor(io.BytesIO(data)), trusted)
        assert found.standing is Standing.ANCHORED, found.reason

    took, other = seconds(walk), seconds(instead)
    size = f"{what:34} {len(data) / 1000:10,.0f} kB {took:9.3f} s"
    bar = within(len(data), took) if "month" in what else ""
    print(f"{size}   hashing {counted:,} headers: {other:.3f} s, {other / took:.1f} times{bar}")


def hashed(headers: Sequence[bytes]) -> None:
    """As Bitcoin does."""
    for each in headers:
        sha256(sha256(each).digest()).digest()


def main() -> None:
    """All of it."""
    anchor, snapshot = month_of_ethereum()
    one = header(22_000_000, bytes(32), bytes(32))
    line("Ethereum, a month", anchor, snapshot, lambda: [keccak256(one) for _ in range(MONTH)], MONTH)
    anchor, snapshot = block_by_summaries()
    few = 10_000  # the block is five million above
    line("Ethereum, a block by summaries", anchor, snapshot, lambda: [keccak256(one) for _ in range(few)], few)
    anchor, snapshot = month_of_polkadot()
    long, many = bytes(390), MONTH_OF_POLKADOT
    line("Polkadot, a month", anchor, snapshot, lambda: [blake2b_256(long) for _ in range(many)], many)
    for what, count in (("Bitcoin, a month", 4_320), ("Bitcoin, all headers", 930_000)):
        anchor, snapshot, headers = headers_of_bitcoin(count)
        line(what, anchor, snapshot, partial(hashed, headers), count)
    work_line("Bitcoin, a month's work, from known", REGTEST, 4_320, month=True)
    work_line("Litecoin, a day's work", LITECOIN_REGTEST, 576, month=False)
    signatures()


def signatures() -> None:
    """One signature of a committee of which one member is absent, by either library."""
    from py_ecc.bls.ciphersuites import G2ProofOfPossession

    message = bytes([5]) * 32
    keys = [bytes(G2ProofOfPossession.SkToPk(secret)) for secret in (512 * 7, 7)]
    signature = bytes(G2ProofOfPossession.Sign(511 * 7, message))
    took = []
    for check in (aggregate.by_arkworks, aggregate.in_python):
        assert check(keys[0], keys[1:], message, signature)
        took.append(seconds(partial(check, keys[0], keys[1:], message, signature)))
    arkworks, python = took
    size = f"{'Sync committee, 27 hours':34} {25:10,} kB {arkworks:9.3f} s"
    print(f"{size}   py_ecc: {python:.3f} s, {python / arkworks:.0f} times")
    month = within(PERIODS * 25_000, PERIODS * arkworks)
    print(f"{'Sync committees, a month':34} {PERIODS * 25:10,} kB {PERIODS * arkworks:9.3f} s{month}")


if __name__ == "__main__":
    main()

"""The parsers of what nodes and receivers answer, as targets of `fuzz_nodes`: each with inputs that it takes."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bench import fuzzed_solana
from scanner.chains.beacon.bodies import block_hash_branch
from scanner.chains.beacon.node import answers as beacon_answers
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import parse_header
from scanner.chains.bitcoin.node import answers as bitcoin_answers
from scanner.chains.bitcoin.node import electrum, esplora
from scanner.chains.bitcoin.node.block import header_from_hex, snapshot_of
from scanner.chains.bitcoin.node.rewind import Contradiction, Moves, Rewind
from scanner.chains.bitcoin.node.unspent import UnspentStream
from scanner.chains.bitcoin.spending import read_spending
from scanner.chains.evm import rlp
from scanner.chains.evm.account_proof import native_balance, storage_word
from scanner.chains.evm.header import header_from_json
from scanner.chains.evm.node import movements, multicall3, proofs, values
from scanner.chains.evm.node.errors import meaning
from scanner.chains.evm.node.owners import contract_owners
from scanner.chains.evm.transaction import read_receipt, read_transaction
from scanner.chains.filecoin import dag_cbor
from scanner.chains.names import parse_chain
from scanner.chains.ton.cells import proven_records
from scanner.chains.ton.node import tl
from scanner.clients.jsonrpc import decode, error_of, requested_pause, result_of, results_of
from scanner.clients.redact import Redactor
from scanner.clients.retry_after import retry_after
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness, load
from tests.support.simulated import beacon_types, ton_cells
from tests.support.simulated.beacon import BeaconChain, SimBeacon, entry, key_of
from tests.support.simulated.bitcoin import SimBitcoin, to_json
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.moved_bitcoin import BEFORE
from tests.support.simulated.moved_evm import Sent, transfer
from tests.support.simulated.ssz import some

Run = Callable[[bytes, random.Random], object]


@dataclass(frozen=True, slots=True)
class Target:
    """What is called with mutated input. `seeds`: inputs that it takes as they are; `allowed`: what it may raise."""

    seeds: tuple[bytes, ...]
    run: Run
    allowed: tuple[type[Exception], ...] = (NodeError,)


EVM: Final = parse_chain("eip155:1")
BITCOIN: Final = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
_SETTINGS: Final = NodeSettings("evm", "http://node.example/key-of-somebody", "alpha", EVM)
_REDACT: Final = Redactor(_SETTINGS)
_STATE: Final = BuiltState(
    EVM, {bytes([each]) * 20: 10**18 + each for each in range(1, 40)}, {b"\x77" * 20: {bytes(32): 5}}
)
_FACTS: Final = BITCOIN_CHAINS[BITCOIN.reference]
_LITECOIN: Final = "12a765e31ffd4059bada1e25190f6e98"
SCRIPTS: Final = [b"\x00\x14" + bytes([each]) * 20 for each in range(1, 6)]
CORE: Final = SimBitcoin(random.Random(1), SCRIPTS, 12)


def json_bytes(value: object) -> bytes:
    return to_json(value).encode()


def decoded(parse: Callable[[Any], object]) -> Run:
    return lambda data, _: parse(decode(data))


def _plain(parse: Callable[[bytes], object]) -> Run:
    return lambda data, _: parse(data)


def _scan(data: bytes, luck: random.Random) -> object:
    stream = UnspentStream(Rewind(SCRIPTS, 12), _FACTS, 2**24, part=luck.choice((7, 64, 2**16)))
    size = luck.choice((130, 4096))
    for start in range(0, len(data), size):
        stream.take(data[start : start + size])
    answer = result_of(decode(stream.rest()), 1, _REDACT)
    return bitcoin_answers.scan_of(answer, _FACTS), stream.rewind.take_back(12, Moves())


def _block(answer: Any) -> None:
    header = parse_header(CORE.blocks[3].header)
    bitcoin_answers.untold_inputs(answer)
    bitcoin_answers.add_block(Moves(), answer, (3, header), SCRIPTS, _FACTS)


def _pairs(answer: Any) -> object:
    outcomes = results_of(answer, 1, 3, _REDACT)
    meanings = [meaning(each) for each in outcomes if isinstance(each, NodeError)]
    return meanings, list(map(requested_pause, outcomes))


def _error(answer: Any) -> object:
    error = error_of(answer, _REDACT)
    return meaning(error), requested_pause(error)


def _owners(data: bytes, _: random.Random) -> object:
    async def call(*_: object) -> bytes:
        return data

    return asyncio.run(contract_owners(call, _STATE.snapshot, b"\x01" * 20))


def _headers(data: bytes, _luck: random.Random) -> object:
    asked, _, now = data.decode("latin-1").partition("|")
    return retry_after({"Retry-After": asked, "Date": now})


def _walk(data: bytes, _: random.Random) -> object:
    witness = Witness([data, *_STATE.account_proof(b"\x01" * 20)[1:]])
    native_balance(_STATE.accounts.root, b"\x01" * 20, witness)
    return storage_word(_STATE.accounts.root, bytes(32), witness)


_SAYING_MORE: Final[dict[str, type[ValueError]]] = {
    **dict.fromkeys(("evm header", "rlp", "trie", "witness"), ProofError),
    **dict.fromkeys(("evm transaction", "evm receipt", "spending"), ProofError),
    **dict.fromkeys(("esplora page", "core scan"), Contradiction),
}
"""Those that raise something else beside NodeError, which their callers turn into an error of ours."""


def _of_what_chains_keep() -> dict[str, tuple[Any, ...]]:
    """By name: what reads tries and transactions in the bytes that chains hash, and inputs."""
    sent = [Sent(value=7, kind=kind) for kind in range(5)]
    moved = transfer(5)
    stated = [json_bytes(each.stated) for each in sent]
    return {
        "rlp": (_plain(rlp.decode), _STATE.header, *_STATE.account_proof(b"\x01" * 20)),
        "trie": (_walk, *_STATE.account_proof(b"\x01" * 20)[:1]),
        "evm transaction": (_plain(read_transaction), *(each.raw for each in sent)),
        "evm receipt": (_plain(read_receipt), moved.receipt),
        "evm stated transaction": (decoded(_of_object(movements._transaction)), *stated),
        "evm stated receipt": (decoded(_of_object(movements._receipt)), json_bytes(moved.stated_receipt)),
        "spending": (_plain(read_spending), BEFORE.raw),
    }


def _of_object(read: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    return lambda answer: read(answer) if isinstance(answer, dict) else None


def parsers() -> Iterator[tuple[str, Target]]:
    """All of them, by name."""

    def target(name: str, run: Run, *seeds: bytes) -> tuple[str, Target]:
        more = (_SAYING_MORE[name],) if name in _SAYING_MORE else ()
        return name, Target(seeds, run, (NodeError, *more))

    core, evm = CORE.answer, SimEvm()
    hashes = [block.hash for block in CORE.blocks]
    objects = [f"raw({script.hex()})" for script in SCRIPTS]
    batch = [{"jsonrpc": "2.0", "id": each, "result": hex(each)} for each in (1, 2, 3)]
    refusals = {
        "code": -32005,
        "message": "slow down",
        "data": {"backoff_seconds": 1.5, "rate": {"backoff_seconds": 2}},
    }
    yield target("json-rpc", decoded(_pairs), json_bytes(batch), json_bytes([{"id": 1, "error": refusals}, *batch[1:]]))
    yield target(
        "json-rpc error",
        decoded(_error),
        json_bytes(refusals),
        json_bytes({"code": 3, "message": "execution reverted"}),
    )
    block = json_bytes(evm.answer("eth_getBlockByNumber", ["0x1", False]))
    yield target("evm block", decoded(lambda answer: values.snapshot_of(answer, EVM)), block)
    fields = json_bytes(_STATE.fields)
    yield target(
        "evm header",
        decoded(lambda answer: header_from_json(answer, bytes(32)) if isinstance(answer, dict) else 0),
        fields,
    )
    proof = {
        "accountProof": ["0x" + each.hex() for each in _STATE.account_proof(b"\x01" * 20)],
        "storageProof": [{"proof": ["0x80"]}],
    }
    yield target("evm proof", decoded(lambda answer: list(proofs._nodes(answer))), json_bytes(proof))
    words = (32, 2, 64, 192, *(1, 64, 32, 7), *(1, 64, 32, 8))  # two results of one word each
    aggregated = b"".join(word.to_bytes(32) for word in words)
    yield target("multicall3", _plain(lambda data: multicall3.aggregated(data, 2)), aggregated)
    yield target("owners", _owners, bytes(31) + b"\x20" + bytes(31) + b"\x01" + bytes(12) + b"\x05" * 20)
    yield from (target(name, *of) for name, of in _of_what_chains_keep().items())
    yield target("witness", _plain(lambda data: load(io.BytesIO(data))), b"")
    yield target(
        "core scan", _scan, json_bytes({"id": 1, "result": core("scantxoutset", ["start", objects]), "error": None})
    )
    yield target("core block", decoded(_block), json_bytes(core("getblock", [hashes[3], 3])))
    relevant = json_bytes(core("scanblocks", ["start", objects, 1, 12]))
    yield target("core blocks", decoded(lambda answer: bitcoin_answers.relevant_blocks_of(answer, 1, 12)), relevant)
    heights = {name: height for height, name in enumerate(hashes)}
    activity = json_bytes(core("getdescriptoractivity", [hashes[1:5], objects, False]))
    yield target(
        "core activity",
        decoded(lambda answer: bitcoin_answers.add_activity(Moves(), answer, heights, _FACTS)),
        activity,
    )
    raw = json_bytes(CORE.blocks[5].header.hex())
    yield target(
        "bitcoin header",
        decoded(lambda answer: snapshot_of(BITCOIN, 5, header_from_hex(answer, BITCOIN), hashes[5])),
        raw,
    )
    history = json_bytes([{"height": each, "tx_hash": f"{each:064x}"} for each in range(1, 9)])
    yield target("electrum history", decoded(lambda answer: electrum.history_of(answer, 6)), history)
    coinbase = f"0100000001{'00' * 32}ffffffff0704ffff001d0104ffffffff0100f2052a01000000015100000000"
    yield target(
        "electrum transaction",
        decoded(lambda answer: bitcoin_answers.transaction_of(answer, "00" * 32, _FACTS)),
        json_bytes(coinbase),
    )
    integrating = (  # of Litecoin's block 2,383,206
        "02000000000801978aacc6a181255f9f00ae4976a343d6f819e248d1c04d921869325d29d09a9f0000000000ffffffff01"
        "2e975baeb8000000225820c05abd141ca8c2163e6444c7706df8985ef4d4ca0ad1ceb1f7dea34704f566400000000000"
    )
    name, litecoin = "7c6751eb8c83391975d815342510a9950670b6cf694cd7f5feda08222c44cb87", BITCOIN_CHAINS[_LITECOIN]
    yield target(
        "litecoin transaction",
        decoded(lambda answer: bitcoin_answers.transaction_of(answer, name, litecoin)),
        json_bytes(integrating),
    )
    branch = json_bytes({"block_height": 5, "merkle": ["ab" * 32] * 3, "pos": 2})
    yield target(
        "electrum branch",
        decoded(lambda answer: electrum.check_in_block(answer, electrum.HistoryEntry(5, "ab" * 32), bytes(32))),
        branch,
    )
    page: dict[str, Any] = {"txid": "ab" * 32, "status": {"confirmed": True, "block_height": 5}, "vin": [], "vout": []}
    page["vout"] = [{"scriptpubkey": SCRIPTS[0].hex(), "value": 7}]
    page["vin"] = [
        {"txid": "cd" * 32, "vout": 0, "is_coinbase": False, "prevout": {"scriptpubkey": SCRIPTS[1].hex(), "value": 3}}
    ]
    yield target(
        "esplora page",
        decoded(lambda answer: esplora.balance_at(6, [esplora.entry_of(answer, SCRIPTS[0], _FACTS)])),
        json_bytes(page),
    )
    yield from _beacon_parsers()
    for solana, seeds, parse in fuzzed_solana.parsers():
        yield solana, Target(seeds, _plain(parse), (NodeError, ValueError))
    yield from _object_parsers()
    yield target("retry-after", _headers, b"7|", b"Wed, 22 Nov 2023 16:00:09 GMT|Wed, 22 Nov 2023 16:00:00 GMT")
    yield target(
        "words", _plain(lambda data: _REDACT(data.decode("latin-1"))), b"limit of http://node.example/key-of-somebody"
    )


def beacon_chain() -> BeaconChain:
    chain = BeaconChain()
    for slot in range(0, 70, 2):
        chain.add(slot, [entry(each, 32 * 10**9 + slot, b"\x01" + bytes(11) + bytes([each]) * 20) for each in range(3)])
    return chain


def _beacon_parsers() -> Iterator[tuple[str, Target]]:
    chain = beacon_chain()
    sim = SimBeacon(chain)
    asked = [key_of(each) for each in range(3)]
    state = f"/eth/v1/beacon/states/{chain.head}"
    parsers: Mapping[str, Callable[[bytes], object]] = {
        "/eth/v1/config/spec": beacon_answers.spec_of,
        "/eth/v1/beacon/genesis": beacon_answers.genesis_of,
        "/eth/v1/node/syncing": beacon_answers.check_synced,
        f"/eth/v1/beacon/headers/{chain.head}": beacon_answers.header_of,
        f"{state}/root": beacon_answers.state_root_of,
        f"{state}/finality_checkpoints": beacon_answers.finalized_epoch_of,
        f"{state}/validators": lambda body: beacon_answers.validators_of(body, asked),
    }
    for path, parse in parsers.items():
        status, body = sim._answer_to("GET", path, b"")
        if status == 200:
            yield f"beacon {path.rpartition('/')[2]}", Target((body,), _plain(parse))
    for fork in (beacon_types.CAPELLA, beacon_types.FULU):
        block = beacon_types.block(fork)
        seeds = tuple(block.write(some(block, random.Random(seed))) for seed in range(3))
        yield (
            f"beacon block of fork {fork}",
            Target(seeds, _plain(partial(block_hash_branch, fork=fork)), (ValueError,)),
        )


def _object_parsers() -> Iterator[tuple[str, Target]]:
    """Of what the states of TON and Filecoin are made of."""
    wallet = ton_cells.usdt_wallet(bytes(33), 7)[1]
    cells = ton_cells.bag([ton_cells.proof(wallet, lambda cell: bool(cell.below))])
    account = bytes.fromhex("51c77970") + bytes(160) + b"\x04abcd\0\0\0" * 3
    objects = (b"\x83\x01\x42ab\x80", b"\xd8\x2a\x42\0a")
    yield "ton cells", Target((cells,), _plain(proven_records), (ProofError,))
    yield "ton lite answer", Target((account,), _plain(tl.account_of), (NodeError,))
    yield "filecoin object", Target(objects, _plain(dag_cbor.decode), (ProofError,))

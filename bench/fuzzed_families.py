"""The parsers of what nodes of further families answer, as targets of `fuzz_nodes`: each with inputs that it takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from bench.fuzzed_parsers import SCRIPTS, Target, decoded, json_bytes
from scanner.chains.aelf.node import answers as aelf
from scanner.chains.antelope.node import answers as antelope
from scanner.chains.aptos.node import answers as aptos
from scanner.chains.aptos.stores import APT
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.node.answers import transaction_of
from scanner.chains.bitcoin.node.block import header_from_hex, snapshot_of
from scanner.chains.names import parse_chain
from scanner.chains.xrpl.accounts import account_text
from scanner.chains.xrpl.node import escrows
from tests.support.simulated import xrpl
from tests.support.simulated.kin_of_bitcoin import SimDash, SimDogecoin

_BLOCK = {
    "block_height": "4",
    "block_hash": "0x" + "ab" * 32,
    "block_timestamp": "1760341227055115",
    "first_version": "20",
    "last_version": "23",
}
_STATUS = {
    "ChainId": "AELF",
    "BestChainHeight": 8,
    "BestChainHash": "ab" * 32,
    "LastIrreversibleBlockHeight": 7,
}
_AELF_BLOCK = {
    "BlockHash": "ab" * 32,
    "Header": {"PreviousBlockHash": "cd" * 32, "Height": 8, "Time": "2026-03-01T00:00:00.1234567Z", "ChainId": "AELF"},
}
_BALANCE = "0a03454c4612220a20" + "00" * 32 + "1807"
_INFO = {
    "chain_id": "ab" * 32,
    "head_block_num": 8,
    "head_block_id": "00000008" + "ab" * 28,
    "last_irreversible_block_num": 7,
}
_HEADER = {
    "block_num": 8,
    "id": "00000008" + "ab" * 28,
    "previous": "00000007" + "ab" * 28,
    "timestamp": "2026-03-01T00:00:00.500",
}
_ACCOUNT = {
    "account_name": "cold1",
    "head_block_num": 8,
    "core_liquid_balance": "1.0000 EOS",
    "self_delegated_bandwidth": {
        "from": "cold1",
        "to": "cold1",
        "net_weight": "1.0000 EOS",
        "cpu_weight": "2.0000 EOS",
    },
    "refund_request": None,
}
_OWNER = account_text(parse_chain("xrpl:0"), bytes([1]) * 20)
_ESCROWS = {
    "account": _OWNER,
    "account_objects": [xrpl.escrow(_OWNER, _OWNER, 7, Condition="A0", CancelAfter=9), xrpl.escrow(_OWNER, _OWNER, 5)],
    "marker": "2",
}
_STORE = {"type": "0x1::fungible_asset::FungibleStore", "data": {"balance": "7", "metadata": {"inner": "0xa"}}}
_COINS = {"type": "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>", "data": {"coin": {"value": "7"}}}


def family_parsers() -> Iterator[tuple[str, Target]]:
    """All of them, by name."""
    dogecoin, dash = parse_chain("bip122:3d2160a3b5dc4a9d62e7e66a295f7031"), "00000ffd590b1485b3caadc19b22e637"
    block = SimDogecoin(random.Random(3), SCRIPTS, blocks=4).blocks[4]
    yield (
        "merge-mined header",
        Target(
            (json_bytes(block.header.hex()),),
            decoded(lambda answer: snapshot_of(dogecoin, 4, header_from_hex(answer, dogecoin), block.hash)),
        ),
    )
    yield "xrpl escrows", Target((json_bytes(_ESCROWS),), decoded(lambda answer: escrows.page_of(answer, _OWNER)))
    paid = SimDash(random.Random(3), SCRIPTS, blocks=4).blocks[4].transactions[0]
    yield (
        "dash transaction",
        Target(
            (json_bytes(paid.raw.hex()),),
            decoded(lambda answer: transaction_of(answer, paid.txid, BITCOIN_CHAINS[dash])),
        ),
    )
    parsers: dict[str, tuple[object, Callable[[Any], object]]] = {
        "aptos block": (_BLOCK, lambda answer: aptos.block_of(answer, 4)),
        "aptos index": ({"oldest_block_height": "0", "block_height": "9"}, aptos.newest_of),
        "aptos store": (_STORE, lambda answer: aptos.assets_in(answer, APT)),
        "aptos coins": (_COINS, aptos.coins_in),
        "aelf status": (_STATUS, aelf.status_of),
        "aelf block": (_AELF_BLOCK, lambda answer: aelf.block_of(answer, 8, "AELF")),
        "aelf balance": (_BALANCE, lambda answer: aelf.balance_in(answer, "ELF", bytes(32))),
        "antelope info": (_INFO, antelope.info_of),
        "antelope header": (_HEADER, lambda answer: antelope.header_of(answer, 8)),
        "antelope account": (_ACCOUNT, lambda answer: antelope.held_in(answer, "cold1", 8, "EOS")),
        "antelope rows": (["1.0000 A"], lambda answer: antelope.balance_in(answer, "A")),
    }
    for name, (answer, parse) in parsers.items():
        yield name, Target((json_bytes(answer),), decoded(parse))

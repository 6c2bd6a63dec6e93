"""The parsers of what nodes of further families answer, as targets of `fuzz_nodes`: each with inputs that it takes."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bench.fuzzed_parsers import SCRIPTS, Target, decoded, json_bytes
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.node.answers import transaction_of
from scanner.chains.bitcoin.node.block import header_from_hex, snapshot_of
from scanner.chains.names import parse_chain
from tests.support.simulated.kin_of_bitcoin import SimDash, SimDogecoin


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
    paid = SimDash(random.Random(3), SCRIPTS, blocks=4).blocks[4].transactions[0]
    yield (
        "dash transaction",
        Target(
            (json_bytes(paid.raw.hex()),),
            decoded(lambda answer: transaction_of(answer, paid.txid, BITCOIN_CHAINS[dash])),
        ),
    )

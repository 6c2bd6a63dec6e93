"""Transfers of bitcoins: each of our scripts' sum exact at every block, and no guess at who paid whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.merkle import root_of
from scanner.chains.bitcoin.node.block_transfers import transfers_in
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.bitcoin.node.moves import SHORT_RANGE_WHOLE
from scanner.chains.bitcoin.node.rewind import outpoint
from scanner.clients.transport import JsonRpc
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.transfers import NOT_ONE, Transfer
from scanner.errors import NodeError, Why
from tests.support.real.bitcoin_nodes import REGTEST
from tests.support.simulated.bitcoin import SimBitcoin, SimCore
from tests.support.strength import cases, examples
from tests.support.tables import each_of

ANNA, BERT, CARA, DORA = (b"\x00\x14" + bytes([number]) * 20 for number in range(1, 5))
OWN = frozenset({ANNA, BERT})
CHAIN = REGTEST
COIN = AssetId(CHAIN, "slip44", "1")
FACTS = BITCOIN_CHAINS[CHAIN.reference]
Sums = list[tuple[bytes, int]]


def block_of(*transactions: tuple[Sums, Sums], spent: bool = True) -> tuple[Any, tuple[int, BitcoinHeader], Any]:
    """A coinbase that pays nothing, and transactions of what they spend and pay, as `getblock` answers them."""
    listed: list[dict[str, Any]] = [{"txid": "00" * 32, "vin": [{"coinbase": "00"}], "vout": []}]
    known = {}
    for number, (inputs, outputs) in enumerate(transactions, 1):
        vin: list[dict[str, Any]] = []
        for place, (script, atoms) in enumerate(inputs):
            entry: dict[str, Any] = {"txid": f"{number:064x}", "vout": place}
            if spent:
                entry["prevout"] = {"scriptPubKey": {"hex": script.hex()}, "value": Decimal(atoms).scaleb(-8)}
            known[outpoint(f"{number:064x}", place)] = (script, atoms)
            vin.append(entry)
        vout = [
            {"scriptPubKey": {"hex": script.hex()}, "value": Decimal(atoms).scaleb(-8)} for script, atoms in outputs
        ]
        listed.append({"txid": f"{number + 1000:064x}", "vin": vin, "vout": vout})
    root = root_of([bytes.fromhex(each["txid"])[::-1] for each in listed])
    header = BitcoinHeader("ab" * 32, "aa" * 32, root, 1_700_000_000, 0x207FFFFF, b"")
    return {"hash": header.hash, "tx": listed}, (7, header), known


def moved(*transactions: tuple[Sums, Sums]) -> list[tuple[bytes, bytes, int]]:
    answer, block, _ = block_of(*transactions)
    found = list(transfers_in(answer, block, OWN, COIN, FACTS, spent={}))
    assert found == sorted(set(found))
    return [(each.source, each.target, each.atoms) for each in found]


@each_of(
    ("inputs", "outputs", "expected"),
    [
        ([(CARA, 100)], [(ANNA, 90), (CARA, 9)], [(CARA, ANNA, 90)]),  # its change, and a fee that is its own
        ([(ANNA, 100)], [(CARA, 90), (ANNA, 8)], [(ANNA, NOT_ONE, 2), (ANNA, CARA, 90)]),
        ([(ANNA, 100)], [(BERT, 100)], [(ANNA, BERT, 100)]),
        ([(ANNA, 60), (BERT, 40)], [(CARA, 99)], [(ANNA, NOT_ONE, 1), (ANNA, CARA, 59), (BERT, CARA, 40)]),
        ([(CARA, 60), (DORA, 40)], [(ANNA, 99)], [(NOT_ONE, ANNA, 99)]),  # no one can say which of them
        ([(CARA, 60), (ANNA, 40)], [(DORA, 99)], [(ANNA, NOT_ONE, 40)]),
        ([(CARA, 60), (ANNA, 40)], [(BERT, 70), (DORA, 30)], [(NOT_ONE, BERT, 70), (ANNA, NOT_ONE, 40)]),
        ([(CARA, 60), (ANNA, 40)], [(ANNA, 50), (DORA, 50)], [(CARA, ANNA, 10)]),  # of ANNA the difference moves
        ([(CARA, 60)], [(DORA, 60)], []),
        ([(ANNA, 60)], [(ANNA, 60)], []),
        ([(ANNA, 60)], [(b"\x6a" * 111, 60)], [(ANNA, NOT_ONE, 60)]),  # no account that is named here
    ],
)
def test_who_paid_whom_is_said_where_it_is_known(
    inputs: Sums, outputs: Sums, expected: list[tuple[bytes, bytes, int]]
) -> None:
    assert moved((inputs, outputs)) == expected


def test_a_long_script_of_ours_is_ours() -> None:
    long = b"\x51" * 300
    answer, block, _ = block_of(([(CARA, 5)], [(long, 5)]))
    (found,) = transfers_in(answer, block, frozenset({long}), COIN, FACTS, spent={})
    assert (found.source, found.target) == (CARA, long)


SUMS = st.lists(st.tuples(st.sampled_from([ANNA, BERT, CARA, DORA]), st.integers(0, 50)), min_size=1, max_size=6)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.tuples(SUMS, SUMS), max_size=4))
def test_the_sum_of_each_script_of_ours_is_exact(transactions: list[tuple[Sums, Sums]]) -> None:
    """Also where more is paid than was spent, as where coins leave a shielded pool."""
    expected: Counter[bytes] = Counter()
    for inputs, outputs in transactions:
        for script, atoms in outputs:
            expected[script] += atoms
        for script, atoms in inputs:
            expected[script] -= atoms
    found: Counter[bytes] = Counter()
    for source, target, atoms in moved(*transactions):
        assert atoms > 0
        assert source in OWN or target in OWN
        found[target] += atoms
        found[source] -= atoms
    assert {script: found[script] for script in OWN} == {script: expected[script] for script in OWN}


def test_what_a_node_without_undo_data_does_not_say_is_taken_from_the_transactions_or_is_a_failure() -> None:
    answer, block, known = block_of(([(CARA, 5)], [(ANNA, 5)]), spent=False)
    (found,) = transfers_in(answer, block, OWN, COIN, FACTS, spent=known)
    assert (found.source, found.target, found.atoms) == (CARA, ANNA, 5)
    with pytest.raises(NodeError, match="does not say what block") as error:
        list(transfers_in(answer, block, OWN, COIN, FACTS, spent={}))
    assert error.value.why is Why.NO_STATE


def test_a_block_of_other_transactions_than_its_header_has_is_refused() -> None:
    answer, block, _ = block_of(([(CARA, 5)], [(ANNA, 5)]))
    answer["tx"][1]["txid"] = "cd" * 32
    with pytest.raises(NodeError, match="not those its header commits to"):
        list(transfers_in(answer, block, OWN, COIN, FACTS, spent={}))


class _Rpc(JsonRpc):
    """To a simulated node, without a socket."""

    def __init__(self, settings: NodeSettings, server: SimCore) -> None:
        super().__init__(settings)
        self._server = server

    async def fetch(
        self,
        method: str,
        url: str,  # noqa: ARG002 - as the client's own
        body: bytes | None = None,
        **_: Any,
    ) -> tuple[int, Any, bytes]:
        status, answer = self._server._answer_to(method, "/", body or b"")
        return status, {}, answer


def listed(answer: Callable[[str, list[Any]], Any], *scripts: bytes, first: int, last: int) -> tuple[Transfer, ...]:
    settings = NodeSettings("bitcoind", "bitcoind+http://node", "alpha", CHAIN)
    node = BitcoinCoreNode(settings, rpc=_Rpc(settings, SimCore(answer)))
    transfers = node.capabilities.transfers
    assert transfers is not None
    return asyncio.run(transfers.transfers(COIN, scripts, first, last))


def test_from_one_block_to_another_the_transfers_are_the_difference_of_the_balances() -> None:
    scripts = [ANNA, BERT, CARA, DORA]
    for seed in range(cases(40)):
        sim = SimBitcoin(Random(seed), scripts, 30)
        first, last = sorted(Random(seed).sample(range(1, 31), 2))
        before, after = sim.balances_at(first - 1), sim.balances_at(last)
        net: Counter[bytes] = Counter()
        for each in listed(sim.answer, ANNA, BERT, first=first, last=last):
            assert each.block == sim.blocks[each.height].hash
            net[each.target] += each.atoms
            net[each.source] -= each.atoms
        for script in OWN:
            assert net[script] == after.get(script.hex(), 0) - before.get(script.hex(), 0)


def test_without_filters_so_many_blocks_are_not_read_whole() -> None:
    sim = SimBitcoin(Random(1), [ANNA], 3)

    def without_index(method: str, params: list[Any]) -> Any:
        return {} if method == "getindexinfo" else sim.answer(method, params)

    most = SHORT_RANGE_WHOLE * FACTS.final_depth
    with pytest.raises(NodeError, match="would have to be read whole") as error:
        listed(without_index, ANNA, first=1, last=most + 1)
    assert error.value.why is Why.NO_STATE
    assert listed(without_index, ANNA, first=1, last=3) == listed(sim.answer, ANNA, first=1, last=3)


def test_blocks_that_do_not_follow_each_other_are_refused() -> None:
    sim, other = (SimBitcoin(Random(seed), [ANNA], 6) for seed in (1, 2))
    sim.blocks[3] = other.blocks[3]
    sim._heights |= {other.blocks[3].hash: 3}
    with pytest.raises(NodeError, match="do not follow each other"):
        listed(sim.answer, ANNA, first=1, last=6)


def test_a_token_is_none_of_such_a_nodes() -> None:
    settings = NodeSettings("bitcoind", "bitcoind+http://node", "alpha", CHAIN)
    transfers = BitcoinCoreNode(settings, rpc=_Rpc(settings, SimCore(lambda *_: None))).capabilities.transfers
    assert transfers is not None
    with pytest.raises(NodeError, match="knows nothing of"):
        asyncio.run(transfers.transfers(AssetId(CHAIN, "brc20", "ordi"), [ANNA], 1, 2))

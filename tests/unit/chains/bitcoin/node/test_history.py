"""Transactions parsed from bytes, and what a script holds as they go by."""

from __future__ import annotations

from hashlib import sha256

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.node.history import Ledger, Transaction, parse_transaction
from scanner.chains.bitcoin.node.rewind import Contradiction, outpoint
from tests.support.strength import examples

BITCOIN = BITCOIN_CHAINS["000000000019d6689c085ae165831e93"]
LITECOIN = BITCOIN_CHAINS["12a765e31ffd4059bada1e25190f6e98"]
# The last transaction of Litecoin's block 2,383,206, as a public node gave it: it moves all coins in MWEB on.
INTEGRATING = bytes.fromhex(
    "02000000000801978aacc6a181255f9f00ae4976a343d6f819e248d1c04d921869325d29d09a9f0000000000ffffffff01"
    "2e975baeb8000000225820c05abd141ca8c2163e6444c7706df8985ef4d4ca0ad1ceb1f7dea34704f566400000000000"
)
INTEGRATING_ID = "7c6751eb8c83391975d815342510a9950670b6cf694cd7f5feda08222c44cb87"

MINE, THEIRS = b"\x51", b"\x52"
GENESIS = bytes.fromhex(
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d"
    "65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f7220"
    "62616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f"
    "4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
)


def test_the_genesis_blocks_transaction_is_read_as_everyone_knows_it() -> None:
    transaction = parse_transaction(GENESIS, BITCOIN)
    assert transaction.txid == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert transaction.inputs == ()
    assert [atoms for _, atoms in transaction.outputs] == [50 * 10**8]
    assert transaction.outputs[0][0][:2] == b"\x41\x04"


def test_a_witness_changes_nothing_of_what_a_transaction_is() -> None:
    inputs = [CTxIn(COutPoint(bytes(range(32)), 7))]
    plain = CTransaction(inputs, [CTxOut(5, CScript(MINE))])
    witness = CTxWitness([CTxInWitness(CScriptWitness([b"signature"]))])
    signed = CTransaction(inputs, [CTxOut(5, CScript(MINE))], witness=witness)
    assert signed.serialize() != plain.serialize()
    assert parse_transaction(signed.serialize(), BITCOIN) == parse_transaction(plain.serialize(), BITCOIN)
    assert parse_transaction(plain.serialize(), BITCOIN).inputs == (outpoint(bytes(range(32))[::-1].hex(), 7),)


@given(st.binary(max_size=300))
@settings(max_examples=examples(200))
def test_bytes_that_are_no_transaction_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    try:
        parsed = parse_transaction(raw, BITCOIN)
    except ValueError:
        return
    assert parsed.txid == sha256(sha256(raw).digest()).digest()[::-1].hex() or raw[4] == 0


@given(st.integers(0, len(GENESIS) - 1), st.integers(0, 255))
@settings(max_examples=examples(200))
def test_a_transaction_with_a_byte_changed_has_another_id_or_is_none(position: int, value: int) -> None:
    raw = bytearray(GENESIS)
    raw[position] = value
    try:
        same = parse_transaction(bytes(raw), BITCOIN).txid == parse_transaction(GENESIS, BITCOIN).txid
    except ValueError:
        same = False
    assert same == (bytes(raw) == GENESIS)


@pytest.mark.parametrize("atoms", [-1, 21_000_000 * 10**8 + 1])
def test_a_transaction_that_pays_an_impossible_amount_is_refused(atoms: int) -> None:
    raw = CTransaction([CTxIn()], [CTxOut(atoms, CScript(MINE))]).serialize()
    with pytest.raises(ValueError, match="amount"):
        parse_transaction(raw, BITCOIN)


def test_bytes_after_a_transactions_end_are_refused() -> None:
    with pytest.raises(ValueError, match="no transaction"):
        parse_transaction(GENESIS + b"\0", BITCOIN)


def paying(name: str, *outputs: tuple[bytes, int], spending: tuple[bytes, ...] = ()) -> Transaction:
    return Transaction(name * 32, spending, outputs)


def test_a_ledger_adds_what_is_paid_and_takes_away_what_is_spent() -> None:
    ledger = Ledger(MINE)
    ledger.apply([paying("aa", (MINE, 5), (THEIRS, 9), (MINE, 7))])
    assert ledger.balance == 12
    ledger.apply([paying("bb", (THEIRS, 5), spending=(outpoint("aa" * 32, 0),))])
    assert ledger.balance == 7


def test_within_a_block_the_order_of_transactions_does_not_matter() -> None:
    first = paying("aa", (MINE, 5))
    second = paying("bb", (MINE, 4), spending=(outpoint("aa" * 32, 0),))
    for block in ([first, second], [second, first]):
        ledger = Ledger(MINE)
        ledger.apply(block)
        assert ledger.balance == 4


def test_a_transaction_that_does_not_concern_the_script_shows_a_hole_in_its_history() -> None:
    with pytest.raises(Contradiction, match="left out"):
        Ledger(MINE).apply([paying("bb", (THEIRS, 5), spending=(outpoint("aa" * 32, 0),))])


def test_an_output_cannot_be_spent_twice() -> None:
    ledger = Ledger(MINE)
    ledger.apply([paying("aa", (MINE, 5))])
    ledger.apply([paying("bb", spending=(outpoint("aa" * 32, 0),))])
    with pytest.raises(Contradiction):
        ledger.apply([paying("cc", spending=(outpoint("aa" * 32, 0),))])


def test_the_transaction_that_moves_coins_in_and_out_of_mweb_is_read_like_any_other() -> None:
    transaction = parse_transaction(INTEGRATING, LITECOIN)
    assert transaction.txid == INTEGRATING_ID
    assert transaction.inputs == (outpoint("9f9ad0295d326918924dc0d148e219f8d643a37649ae009f5f2581a1c6ac8a97", 0),)
    pool = bytes.fromhex("5820c05abd141ca8c2163e6444c7706df8985ef4d4ca0ad1ceb1f7dea34704f56640")
    assert transaction.outputs == ((pool, 793_199_220_526),)


def test_no_other_chain_has_such_a_transaction() -> None:
    with pytest.raises(ValueError, match="no transaction"):
        parse_transaction(INTEGRATING, BITCOIN)


@given(st.integers(0, len(INTEGRATING) - 1), st.integers(1, 255))
def test_a_change_to_it_is_seen_by_its_id_or_changes_nothing(position: int, change: int) -> None:
    raw = bytearray(INTEGRATING)
    raw[position] ^= change
    try:
        changed = parse_transaction(bytes(raw), LITECOIN)
    except ValueError:
        return
    assert changed.txid != INTEGRATING_ID or changed == parse_transaction(INTEGRATING, LITECOIN)


@pytest.mark.parametrize("raw", [INTEGRATING[:-5] + b"\1" + INTEGRATING[-4:], INTEGRATING[:7], INTEGRATING[:10]])
def test_a_transaction_with_a_part_for_the_extension_block_is_in_no_block(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no transaction"):
        parse_transaction(raw, LITECOIN)

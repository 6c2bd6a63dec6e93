"""Movements on Bitcoin and its kin: shown by a transaction that spends from the account, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.movement import BitcoinMovements
from scanner.chains.movement import Instruction, Movement
from scanner.chains.registry import family
from scanner.proofs.flaws import ProofError
from tests.support import proof_signing as sign
from tests.support.simulated.moved_bitcoin import (
    ACCOUNT,
    BEFORE,
    BITCOIN,
    ELSEWHERE,
    HEIGHT,
    OTHER,
    TIME,
    PaidBlock,
    Paying,
)
from tests.support.simulated.moved_evm import joined
from tests.support.strength import examples
from tests.support.tables import each_of

ATOMS: Final = 583_202
MOVED: Final = Paying(((BEFORE.name, 1),), ((ATOMS, OTHER), (10**8 - ATOMS - 300, ACCOUNT)))
OTHERS: Final = tuple(Paying(((b"\x55" * 32, at),), ((at, OTHER),)) for at in range(20))
PROVER: Final = BitcoinMovements(1_000)


def walk(block: PaidBlock, parts: list[bytes], paid: Paying = MOVED) -> Movement:
    record = joined(parts)
    return PROVER.walk(Instruction(BITCOIN, ACCOUNT, ATOMS, paid.hash), block.moved(record), record)


def found(paid: Paying, *before: Paying) -> Movement:
    block = PaidBlock((paid,))
    return walk(block, block.parts(0, before or (BEFORE,)), paid)


@each_of("number", range(21))
def test_a_transaction_that_spends_an_output_of_the_account_is_shown_wherever_it_stands(number: int) -> None:
    block = PaidBlock((*OTHERS[:number], MOVED, *OTHERS[number:]))
    shown = walk(block, block.parts(number))
    assert shown.fault == ""
    assert (shown.block.height, shown.block.hash, shown.block.parent) == (HEIGHT, block.hash, "77" * 32)
    assert shown.block.time == datetime.fromtimestamp(TIME, UTC)


def test_where_others_take_part_no_ones_account_is_shown() -> None:
    """A CoinJoin: each signs all outputs, and one of them could be there to show a stranger's account."""
    paid = replace(MOVED, spent=((ELSEWHERE.name, 0), (BEFORE.name, 1)))
    assert "outputs of others too" in found(paid, BEFORE, ELSEWHERE).fault


UNSHOWN: Final = {
    "one atom less": (replace(MOVED, outputs=((ATOMS - 1, OTHER),)), (BEFORE,), "exactly"),
    "one atom more": (replace(MOVED, outputs=((ATOMS + 1, OTHER),)), (BEFORE,), "exactly"),
    "to itself": (replace(MOVED, outputs=((ATOMS, ACCOUNT), (1, OTHER))), (BEFORE,), "another script"),
    "in two halves": (replace(MOVED, outputs=((ATOMS // 2, OTHER),) * 2), (BEFORE,), "exactly"),
    "another's input": (replace(MOVED, spent=((ELSEWHERE.name, 0),)), (ELSEWHERE,), "no output of the account"),
    "another output of the same transaction": (replace(MOVED, spent=((BEFORE.name, 0),)), (BEFORE,), "no output"),
    "others' inputs": (
        replace(MOVED, spent=((ELSEWHERE.name, 0), (BEFORE.name, 2))),
        (ELSEWHERE, BEFORE),
        "no output of the account",
    ),
}


@each_of(("paid", "before", "why"), UNSHOWN.values(), ids=UNSHOWN)
def test_what_is_not_the_movement_that_was_asked_for_is_not_shown_for_a_reason(
    paid: Paying, before: tuple[Paying, ...], why: str
) -> None:
    assert why in found(paid, *before).fault


REFUSED: Final = {
    "an output that is not there": (replace(MOVED, spent=((BEFORE.name, 3),)), (BEFORE,)),
    "an input of which nothing is known": (replace(MOVED, spent=((b"\x66" * 32, 0), (BEFORE.name, 1))), (BEFORE,)),
    "one of several that are spent from": (replace(MOVED, spent=((ELSEWHERE.name, 0), (BEFORE.name, 1))), (ELSEWHERE,)),
    "one that is not spent from": (MOVED, (BEFORE, ELSEWHERE)),
    "the same one twice": (MOVED, (BEFORE, BEFORE)),
}


@each_of(("paid", "before"), REFUSED.values(), ids=REFUSED)
def test_what_shows_neither_is_refused(paid: Paying, before: tuple[Paying, ...]) -> None:
    """A node that hands out another input's transaction must not make the account's movement one that is not shown."""
    with pytest.raises(ProofError):
        found(paid, *before)


def test_the_transaction_that_is_named_is_the_one_that_counts() -> None:
    block = PaidBlock((MOVED,))
    with pytest.raises(ProofError, match="another than the claim's"):
        walk(block, block.parts(), replace(MOVED, lock_time=1))


def test_an_inner_node_that_reads_as_a_transaction_is_refused() -> None:
    """CVE-2017-12842: 64 bytes that are a transaction and two hashes at once."""
    forged = Paying(((BEFORE.name, 1),), ((ATOMS, b"\x51\x51\x51\x51"),))
    assert len(forged.raw) == 64
    block = PaidBlock((forged,))
    with pytest.raises(ProofError, match="64 bytes"):
        walk(block, block.parts(), forged)


def test_parts_left_out_repeated_or_in_another_order_are_refused() -> None:
    block = PaidBlock((*OTHERS[:7], MOVED))
    parts = block.parts(7)
    for at in range(len(parts)):
        others = [*parts[:at], *parts[at + 1 :]]
        for spoilt in (others, [*parts[: at + 1], *parts[at:]], [*others, parts[at]]):
            if spoilt != parts:
                with pytest.raises(ProofError):
                    walk(block, spoilt)


_BLOCK = PaidBlock((*OTHERS[:7], MOVED))
_RECORD = joined(_BLOCK.parts(7))


@each_of("at", range(len(_RECORD)))
def test_a_record_with_any_byte_changed_is_refused(at: int) -> None:
    spoilt = bytearray(_RECORD)
    spoilt[at] ^= 1 << at % 8
    with pytest.raises(ProofError):
        PROVER.walk(Instruction(BITCOIN, ACCOUNT, ATOMS, MOVED.hash), _BLOCK.moved(_RECORD), bytes(spoilt))


@given(st.binary(max_size=400))
@settings(max_examples=examples(300), deadline=None)
def test_whatever_the_record_is_it_is_refused_and_nothing_else_happens(record: bytes) -> None:
    with pytest.raises(ProofError):
        PROVER.walk(Instruction(BITCOIN, ACCOUNT, ATOMS, MOVED.hash), _BLOCK.moved(record), record)


def test_positions_and_branches_have_one_way_to_be_written() -> None:
    parts = _BLOCK.parts(7)
    for at, other in ((1, b"\0" + parts[1]), (1, parts[1] + b"\0" * 4), (2, parts[2][:-1]), (1, b"\x18")):
        with pytest.raises(ProofError):
            walk(_BLOCK, [*parts[:at], other, *parts[at + 1 :]])


def test_the_least_amount_is_one_that_nodes_of_the_chain_pass_on() -> None:
    least = {chain: family(chain).movements(chain) for chain in (sign.BITCOIN, sign.LITECOIN, sign.DOGECOIN, sign.DASH)}
    assert {chain: prover and prover.least for chain, prover in least.items()} == {
        sign.BITCOIN: 1_000,
        sign.LITECOIN: 10_000,
        sign.DOGECOIN: 1_000_000,
        sign.DASH: None,  # its blocks cannot be named here
    }

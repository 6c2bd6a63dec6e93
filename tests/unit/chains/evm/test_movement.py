"""Movements on EVM chains: shown by a transaction that the account made, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.movement import EvmMovements
from scanner.chains.movement import Instruction, Movement
from scanner.core.ids import AssetId
from scanner.proofs.flaws import ProofError
from tests.support import proof_signing as sign
from tests.support.simulated.moved_evm import (
    ELSEWHERE,
    ETHER,
    HEIGHT,
    MOVER,
    TIME,
    TOKEN,
    Log,
    MovedBlock,
    Sent,
    joined,
    transfer,
)
from tests.support.simulated.trie_builder import number
from tests.support.strength import examples
from tests.support.tables import each_of

ATOMS = 583_202
OTHERS = tuple(Sent(value=at, key=3 + at % 3, kind=at % 5, nonce=at) for at in range(140))  # of all types
PAID = Sent(value=ATOMS)


def asked(sent: Sent, asset: AssetId = ETHER, atoms: int = ATOMS) -> Instruction:
    return Instruction(asset, MOVER, atoms, sent.hash)


def found(sent: Sent, asset: AssetId = ETHER, block: MovedBlock | None = None, index: int = 0) -> Movement:
    block = block or MovedBlock((sent,))
    record = block.record(index)
    return EvmMovements().walk(asked(sent, asset), block.moved(record), record)


@each_of("sent", [*(replace(PAID, kind=kind) for kind in range(5)), replace(PAID, kind=0, chain_id=None)])
@each_of("place", [0, 1, 127, 128, 140])
def test_the_chains_own_coin_moved_by_a_transaction_of_any_type_is_shown(sent: Sent, place: int) -> None:
    block = MovedBlock((*OTHERS[:place], sent, *OTHERS[place:]))
    shown = found(sent, block=block, index=place)
    assert shown.fault == ""
    assert (shown.block.height, shown.block.hash, shown.block.parent) == (HEIGHT, block.hash, "0x" + "77" * 32)
    assert shown.block.time == datetime.fromtimestamp(TIME, UTC)


@each_of("sent", [transfer(ATOMS), replace(transfer(ATOMS), kind=0), PAID])
def test_of_a_tokens_account_a_transfer_of_the_token_shows_it_and_so_does_the_chains_own_coin(sent: Sent) -> None:
    assert found(sent, TOKEN).fault == ""


UNSHOWN = {
    "one atom less": (ETHER, replace(PAID, value=ATOMS - 1), "exactly"),
    "one atom more": (ETHER, replace(PAID, value=ATOMS + 1), "exactly"),
    "it failed": (ETHER, replace(PAID, status=0), "failed"),
    "another made it": (ETHER, replace(PAID, key=2, to=MOVER), "by the account itself"),
    "to itself": (ETHER, replace(PAID, to=MOVER), "another account"),
    "into a contract it creates": (ETHER, replace(PAID, to=b""), "another account"),
    "a token where ether is asked for": (ETHER, transfer(ATOMS), "exactly"),
    "a call in which a contract moves ether": (ETHER, Sent(value=0, data=b"\x01"), "exactly"),
    "one atom of the token less": (TOKEN, transfer(ATOMS - 1), "nor 583202"),
    "another token": (TOKEN, transfer(ATOMS, replace(TOKEN, reference="0x" + "d1" * 20)), "nor"),
    "the token of another account": (TOKEN, transfer(ATOMS, sender=ELSEWHERE), "nor"),
    "the token to itself": (TOKEN, transfer(ATOMS, to=MOVER), "nor"),
    "the token by an allowance": (TOKEN, replace(transfer(ATOMS), key=2), "by the account itself"),
    "the token, moved by another contract that is called": (TOKEN, replace(transfer(ATOMS), to=ELSEWHERE), "nor"),
    "another event": (
        TOKEN,
        replace(transfer(ATOMS), logs=(Log(TOKEN.contract, MOVER, ELSEWHERE, ATOMS, event=b"\x01" * 32),)),
        "nor",
    ),
    "in two halves": (
        TOKEN,
        replace(transfer(ATOMS), logs=(Log(TOKEN.contract, MOVER, ELSEWHERE, ATOMS // 2),) * 2),
        "nor",
    ),
    "a transfer that was undone": (TOKEN, replace(transfer(ATOMS), status=0), "failed"),
}


@each_of(("asset", "sent", "why"), UNSHOWN.values(), ids=UNSHOWN)
def test_what_is_not_the_movement_that_was_asked_for_is_not_shown_for_a_reason(
    asset: AssetId, sent: Sent, why: str
) -> None:
    assert why in found(sent, asset).fault


def test_the_transaction_that_is_named_is_the_one_that_counts() -> None:
    block = MovedBlock((PAID, replace(PAID, nonce=8)))
    record = block.record(1)
    with pytest.raises(ProofError, match="another than the claim's"):
        EvmMovements().walk(asked(PAID), block.moved(record), record)


@each_of("said", [replace(MovedBlock((PAID,)), height=HEIGHT + 1), replace(MovedBlock((PAID,)), time=TIME + 1)])
def test_a_record_of_another_block_is_refused(said: MovedBlock) -> None:
    record = MovedBlock((PAID,)).record()
    with pytest.raises(ProofError, match="hash is not"):
        EvmMovements().walk(asked(PAID), said.moved(record), record)


def test_a_block_at_another_height_than_its_header_says_is_refused() -> None:
    block = MovedBlock((PAID,))
    record = block.record()
    with pytest.raises(ProofError, match=f"has the height {HEIGHT}"):
        EvmMovements().walk(asked(PAID), replace(block.moved(record), height=HEIGHT + 1), record)


@each_of(
    ("sent", "why"),
    [
        (replace(PAID, chain_id=56), "signed for the chain 56"),
        (replace(PAID, kind=5), "type 0x05"),
        (replace(PAID, kind=0x7E), "type 0x7e"),
    ],
)
def test_a_transaction_of_another_chain_or_of_a_type_that_is_not_known_is_refused(sent: Sent, why: str) -> None:
    with pytest.raises(ProofError, match=why):
        found(sent)


def test_a_header_that_commits_to_the_receipts_of_earlier_blocks_is_refused() -> None:
    block = MovedBlock((PAID,), further=tuple(number(at) for at in range(1, 13)))
    with pytest.raises(ProofError, match="receipts of earlier blocks"):
        found(PAID, block=block)


def test_parts_left_out_repeated_put_in_another_order_or_added_are_refused() -> None:
    block = MovedBlock((*OTHERS[:40], PAID))
    parts = block.parts(40)
    for at in range(len(parts)):
        others = [*parts[:at], *parts[at + 1 :]]
        for spoilt in (others, [*parts[: at + 1], *parts[at:]], [*others, parts[at]], [*parts, parts[at]]):
            if spoilt != parts:
                record = joined(spoilt)
                with pytest.raises(ProofError):
                    EvmMovements().walk(asked(PAID), block.moved(record), record)


_LONG = MovedBlock((*OTHERS[:40], PAID))
_LONG_RECORD = _LONG.record(40)


@given(at=st.integers(0, len(_LONG_RECORD) - 1), by=st.integers(1, 255))
@settings(max_examples=examples(300), deadline=None)
def test_a_record_with_any_byte_changed_is_refused(at: int, by: int) -> None:
    spoilt = bytearray(_LONG_RECORD)
    spoilt[at] ^= by
    with pytest.raises(ProofError):
        EvmMovements().walk(asked(PAID), _LONG.moved(bytes(spoilt)), bytes(spoilt))


@given(st.binary(max_size=400))
@settings(max_examples=examples(300), deadline=None)
def test_whatever_the_record_is_it_is_refused_and_nothing_else_happens(record: bytes) -> None:
    with pytest.raises(ProofError):
        EvmMovements().walk(asked(PAID), _LONG.moved(record), record)


def test_the_accounts_of_the_tests_are_those_of_their_keys() -> None:
    assert sign.evm_address(1) == MOVER != ELSEWHERE

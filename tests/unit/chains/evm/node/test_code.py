"""The byte code that reads balances: assembled to the byte, and run on an EVM of the tests' own."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.balance_call import READER, balance_of
from scanner.chains.evm.node.code import (
    CODE_LIMIT,
    INIT_CODE_LIMIT,
    assemble,
    init_code,
    most_for_init_code,
    override_code,
    packed,
)
from tests.support.simulated.mini_evm import Block, Contract, OutOfGas, run
from tests.support.strength import examples

TOKEN = bytes.fromhex("dac17f958d2ee523a2206206994597c13d831ec7")
NUMBER, CHAIN_ID = 18_600_000, 1

accounts = st.lists(st.binary(min_size=20, max_size=20), max_size=12)
amounts = st.integers(0, 2**256 - 1)


def hash_of(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def block(balances: dict[bytes, int], token: Contract | None = None) -> Block:
    return Block(
        CHAIN_ID,
        NUMBER,
        hash_of,
        lambda account: balances.get(account, 0),
        lambda address: token if address == TOKEN else None,
    )


def both_ways(token: bytes | None, asked: list[bytes], seen: Block) -> tuple[bool, bytes]:
    """What the code answers, by override and as init code, which must be the same."""
    by_override = run(override_code(token), packed(asked), seen)
    as_init_code = run(init_code(token) + packed(asked), b"", seen)
    assert by_override == as_init_code
    return by_override


def header() -> bytes:
    return CHAIN_ID.to_bytes(32) + NUMBER.to_bytes(32) + hash_of(NUMBER - 1)


def test_the_native_code_is_these_62_bytes() -> None:
    assert override_code(None).hex() == (
        "466040524360605260014303406080"  # CHAINID, NUMBER, BLOCKHASH(NUMBER - 1) into the answer
        "5260a060005b8036111561003557"  # while accounts are left
        "601481600c376000513182526014019060200190610014565b"  # one balance
        "50604081036040f3"  # the answer
    )


def test_the_token_code_is_these_124_bytes() -> None:
    assert override_code(TOKEN).hex() == (
        "4660405243606052600143034060805"
        "26370a0823160e01b600052"  # balanceOf's selector
        "60a060005b8036111561006257"
        "6014816010376020826024600073dac17f958d2ee523a2206206994597c13d831ec75afa"  # STATICCALL
        "601f3d11161561006b57"  # and at least 32 bytes of answer
        "601401906020019061001f565b50604081036040f3"
        "5b5060a0900360051c60005260206000fd"  # else revert with the position
    )


def test_the_reader_s_address_is_the_end_of_a_hash_nobody_has_a_key_for() -> None:
    assert READER.hex() == "b9d05c4c4e1faf5165200aba7cc7b3f91ee12cb9"


@settings(max_examples=examples(30), deadline=None)
@given(st.dictionaries(st.binary(min_size=20, max_size=20), amounts, max_size=12), accounts)
def test_native_balances_stand_in_the_order_of_the_accounts(held: dict[bytes, int], others: list[bytes]) -> None:
    asked = [*held, *others, *held]
    succeeded, answer = both_ways(None, asked, block(held))
    assert succeeded
    assert answer == header() + b"".join(held.get(account, 0).to_bytes(32) for account in asked)


@settings(max_examples=examples(30), deadline=None)
@given(st.dictionaries(st.binary(min_size=20, max_size=20), amounts, max_size=12))
def test_token_balances_are_what_balance_of_answers(held: dict[bytes, int]) -> None:
    calls: list[bytes] = []

    def token(data: bytes) -> tuple[bool, bytes]:
        calls.append(data)
        return True, held[data[16:]].to_bytes(32)

    succeeded, answer = both_ways(TOKEN, list(held), block({}, token))
    assert succeeded
    assert answer == header() + b"".join(amount.to_bytes(32) for amount in held.values())
    assert calls == [balance_of(account) for account in held] * 2


@pytest.mark.parametrize("answer", [(False, b""), (False, bytes(32)), (True, b""), (True, bytes(31))])
@settings(max_examples=examples(30), deadline=None)
@given(count=st.integers(1, 12), bad=st.integers(0, 11))
def test_the_first_account_without_a_balance_is_named_by_its_position(
    answer: tuple[bool, bytes], count: int, bad: int
) -> None:
    asked = [bytes([number]) * 20 for number in range(count)]

    def token(data: bytes) -> tuple[bool, bytes]:
        return answer if data[-1] >= bad else (True, bytes(32))

    succeeded, told = both_ways(TOKEN, asked, block({}, token))
    assert succeeded == (bad >= count)
    if not succeeded:
        assert told == bad.to_bytes(32)


def test_a_longer_answer_counts_by_its_first_word() -> None:
    succeeded, answer = both_ways(TOKEN, [bytes(20)], block({}, lambda _: (True, (7).to_bytes(32) + b"more")))
    assert (succeeded, answer[96:]) == (True, (7).to_bytes(32))


def test_an_address_without_code_is_a_failure_and_no_zero() -> None:
    assert both_ways(TOKEN, [bytes(20)], block({})) == (False, bytes(32))


@pytest.mark.parametrize("token", [None, TOKEN], ids=["native", "erc20"])
@settings(max_examples=examples(20), deadline=None)
@given(asked=accounts, number=st.integers(1, 2**64))
def test_on_arbitrum_it_is_arbsys_that_tells_the_block(token: bytes | None, asked: list[bytes], number: int) -> None:
    told: list[bytes] = []

    def arbsys(data: bytes) -> tuple[bool, bytes]:
        told.append(data)
        return True, number.to_bytes(32) if data.hex() == "a3b1b31d" else hash_of(number - 1)

    def contract_at(address: bytes) -> Contract | None:
        return arbsys if address == bytes(19) + b"\x64" else lambda data: (True, bytes(12) + data[16:])

    seen = replace(block({}), contract_at=contract_at, balance_of=int.from_bytes)
    succeeded, answer = run(override_code(token, arbsys=True), packed(asked), seen)
    assert (succeeded, answer) == run(init_code(token, arbsys=True) + packed(asked), b"", seen)
    assert succeeded
    assert answer[:96] == CHAIN_ID.to_bytes(32) + number.to_bytes(32) + hash_of(number - 1)
    assert answer[96:] == b"".join(bytes(12) + account for account in asked)
    assert told[:2] == [bytes.fromhex("a3b1b31d"), bytes.fromhex("2b407a82") + (number - 1).to_bytes(32)]


def test_an_arbsys_that_does_not_answer_leaves_a_header_that_fits_no_block() -> None:
    seen = replace(block({}), contract_at=lambda _: lambda _data: (False, b""))
    assert run(override_code(None, arbsys=True), b"", seen) == (True, CHAIN_ID.to_bytes(32) + bytes(64))


def test_too_little_gas_is_an_error_and_no_short_answer() -> None:
    with pytest.raises(OutOfGas):
        run(override_code(None), packed([bytes(20)] * 100), block({}), gas=200_000)


def test_init_code_reads_as_many_accounts_as_its_answer_may_be_long() -> None:
    most = most_for_init_code(init_code(TOKEN))
    assert most == 765
    assert 96 + 32 * most <= CODE_LIMIT < 96 + 32 * (most + 1)
    assert len(init_code(TOKEN)) + 20 * most <= INIT_CODE_LIMIT


def test_what_init_code_answers_is_never_refused_for_its_first_byte() -> None:
    # EIP-3541 refuses new code that begins with 0xEF; ours begins with the chain id's first byte.
    assert both_ways(None, [], block({}))[1][0] == 0


def test_accounts_of_another_length_are_not_packed() -> None:
    for account in (b"", bytes(19), bytes(21), bytes(32)):
        with pytest.raises(ValueError, match="20 bytes"):
            packed([bytes(20), account])
    with pytest.raises(ValueError, match="20 bytes"):
        packed([bytes(19), bytes(21)])


def test_the_assembler_knows_places_numbers_and_comments() -> None:
    assert assemble("start: 1 0x0002 ADD @start @end JUMP ; and back").hex() == "5b60016100020161000061000e56"


@pytest.mark.parametrize("source", ["FOO", "@nowhere", "here: here:", "end:", "0x", "0x" + "00" * 33, str(2**256)])
def test_the_assembler_refuses_what_it_does_not_know(source: str) -> None:
    with pytest.raises(ValueError, match=r"is no|stands twice|does not fit"):
        assemble(source)

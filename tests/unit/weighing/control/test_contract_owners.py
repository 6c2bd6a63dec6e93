"""Contract accounts: what a contract answers, strictly read, and the owners who signed held against it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.control import verify
from scanner.chains.evm.accounts import may_be_contract
from scanner.chains.evm.node.errors import Reverted
from scanner.chains.evm.node.owners import GET_OWNERS, GET_THRESHOLD, OWNER, contract_owners
from scanner.chains.registry import family
from scanner.core.control import MOST_OWNERS, ContractOwners
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from scanner.proofs.control import NotShown, Proof, Replayable, Shown, Unbound
from scanner.weighing.control.contract_owners import with_owners
from tests.support import proof_signing as sign
from tests.support.tables import each_of

SNAPSHOT = Snapshot(sign.ETHEREUM, 7, "0x" + "77" * 32, "0x" + "66" * 32, datetime(2026, 1, 1, tzinfo=UTC))
CONTRACT = b"\xc0" * 20
ALICE, BOB, CAROL = sorted(sign.evm_address(number) for number in (1, 2, 3))


def word(value: int | bytes) -> bytes:
    return value.to_bytes(32) if isinstance(value, int) else value.rjust(32, b"\0")


def array(*addresses: bytes) -> bytes:
    return word(32) + word(len(addresses)) + b"".join(map(word, addresses))


def asked(answers: dict[bytes, bytes]) -> ContractOwners:
    """What is made of a contract that answers so, and reverts otherwise."""

    async def call(snapshot: Snapshot, to: bytes, data: bytes) -> bytes:
        assert (snapshot, to) == (SNAPSHOT, CONTRACT)
        if data not in answers:
            raise Reverted(Why.NO_TOKEN, "execution reverted")
        return answers[data]

    return asyncio.run(contract_owners(call, SNAPSHOT, CONTRACT))


# What a contract answers


def test_a_safe_names_its_owners_and_how_many_of_them_it_takes() -> None:
    answers = {GET_OWNERS: array(CAROL, ALICE, BOB), GET_THRESHOLD: word(2)}
    assert asked(answers) == ContractOwners((ALICE, BOB, CAROL), 2)


def test_a_contract_with_one_owner_names_him() -> None:
    assert asked({OWNER: word(ALICE)}) == ContractOwners(owner=ALICE)


def test_a_contract_that_answers_nothing_or_reverts_names_nobody() -> None:
    assert asked({}) == ContractOwners()
    assert asked({GET_OWNERS: b"", GET_THRESHOLD: b"", OWNER: b""}) == ContractOwners()


@pytest.mark.parametrize(
    "answer",
    [
        word(ALICE)[1:],
        word(ALICE) + b"\0",
        word(ALICE) * 2,
        word(0),  # ownership renounced
        b"\x01" + word(ALICE)[1:],  # a number, and no address
        b"\0" * 11 + b"\1" + ALICE,
        ALICE,
    ],
)
def test_an_owner_that_is_not_one_address_is_nobody(answer: bytes) -> None:
    assert asked({OWNER: answer}) == ContractOwners()


@each_of(
    "answer",
    [
        array(),
        array(ALICE, ALICE),
        array(ALICE, bytes(20)),
        array(ALICE, BOB) + word(0),
        array(ALICE, BOB)[:-32],
        array(ALICE, BOB)[:-1],
        word(64) + array(ALICE, BOB)[32:],
        word(32) + word(2**255) + word(ALICE),
        word(32) + word(1) + b"\x01" + word(ALICE)[1:],
        array(*(number.to_bytes(20) for number in range(1, MOST_OWNERS + 2))),
    ],
)
def test_owners_that_are_not_a_list_of_distinct_addresses_are_nobodys(answer: bytes) -> None:
    assert asked({GET_OWNERS: answer, GET_THRESHOLD: word(1)}) == ContractOwners()


@pytest.mark.parametrize("threshold", [None, b"", word(0), word(4), word(2**256 - 1), word(2)[1:], word(2) + word(0)])
def test_several_owners_without_a_threshold_that_makes_sense_show_nothing(threshold: bytes | None) -> None:
    answers = {GET_OWNERS: array(ALICE, BOB, CAROL), OWNER: word(ALICE)}
    if threshold is not None:
        answers[GET_THRESHOLD] = threshold
    assert asked(answers) == ContractOwners()


@pytest.mark.parametrize("failing", [GET_OWNERS, GET_THRESHOLD, OWNER])
def test_a_node_that_fails_is_never_a_contract_that_names_nobody(failing: bytes) -> None:
    async def call(snapshot: Snapshot, to: bytes, data: bytes) -> bytes:
        if data == failing:
            raise NodeError(Why.UNREACHABLE, "gone")
        return {GET_OWNERS: array(ALICE) if failing == GET_THRESHOLD else b"", OWNER: word(ALICE)}[data]

    with pytest.raises(NodeError, match="gone"):
        asyncio.run(contract_owners(call, SNAPSHOT, CONTRACT))


def test_the_functions_are_called_by_their_published_selectors() -> None:
    assert (GET_OWNERS.hex(), GET_THRESHOLD.hex(), OWNER.hex()) == ("a0e67e2b", "e75235b8", "8da5cb5b")


# How it is kept


@given(st.sets(st.binary(min_size=20, max_size=20).filter(any), max_size=9), st.integers(1, 9), st.booleans())
def test_owners_are_written_in_one_way_and_read_back(addresses: set[bytes], threshold: int, single: bool) -> None:
    safe = tuple(sorted(addresses))
    owners = ContractOwners(safe, min(threshold, len(safe)))
    if single and safe:
        owners = ContractOwners(owner=safe[0])
    assert ContractOwners.parse(str(owners)) == owners


@each_of(
    "text",
    ["", "none ", "owner", f"owner 0x{ALICE.hex().upper()}", f"owner {ALICE.hex()}", f"safe 0 0x{ALICE.hex()}",
     f"safe 2 0x{ALICE.hex()}", f"safe 01 0x{ALICE.hex()}", f"safe 1 0x{BOB.hex()} 0x{ALICE.hex()}", "safe 1",
     f"safe 1 0x{ALICE.hex()} 0x{ALICE.hex()}", f"owner 0x{'00' * 20}", f"owner 0x{ALICE.hex()}\n"],
)  # fmt: skip
def test_owners_written_otherwise_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"owner|threshold"):
        ContractOwners.parse(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ContractOwners((ALICE,), 0),
        lambda: ContractOwners((), 1),
        lambda: ContractOwners((ALICE,), 1, BOB),
        lambda: ContractOwners(owner=bytes(20)),
        lambda: ContractOwners(owner=b"\1" * 21),
    ],
)
def test_owners_that_no_contract_can_have_are_no_value(make: Callable[[], ContractOwners]) -> None:
    with pytest.raises(ValueError, match=r"owner|threshold"):
        make()


# What follows


def signed_by(*numbers: int, message: str = sign.MESSAGE) -> Unbound:
    """Owners' signatures for a contract account, as the chain has yet to confirm them."""
    signatures = tuple(sign.hexed(sign.rsv(number, sign.okx_evm_digest(message))) for number in numbers)
    owners = tuple(sign.hexed(sign.evm_address(number)) for number in numbers)
    verdict = verify(Proof("okx-evm", sign.ETHEREUM, CONTRACT, message, signatures, "", owners), sign.MESSAGE)
    assert isinstance(verdict, Unbound)
    return verdict


def safe(threshold: int, *numbers: int) -> ContractOwners:
    return ContractOwners(tuple(sorted(sign.evm_address(number) for number in numbers)), threshold)


def test_enough_owners_of_a_safe_show_control() -> None:
    assert isinstance(with_owners(signed_by(1, 2), safe(2, 1, 2, 3)), Shown)
    assert isinstance(with_owners(signed_by(1, 2), safe(1, 2, 3)), Shown)
    assert isinstance(with_owners(signed_by(3), safe(1, 3)), Shown)


def test_too_few_owners_of_a_safe_show_nothing() -> None:
    for owners in (safe(3, 1, 2, 3), safe(2, 1, 3), safe(1, 3, 4), safe(2, 3, 4)):
        assert isinstance(with_owners(signed_by(1, 2), owners), NotShown), owners


def test_one_owner_who_signs_twice_is_one_owner() -> None:
    verdict = signed_by(1, 2)
    twice = replace(verdict, signers=(verdict.signers[0],) * 2)
    assert isinstance(with_owners(twice, safe(2, 1, 2)), NotShown)


def test_the_owner_of_a_contract_shows_control_and_nobody_else() -> None:
    assert isinstance(with_owners(signed_by(1), ContractOwners(owner=sign.evm_address(1))), Shown)
    assert isinstance(with_owners(signed_by(2, 1), ContractOwners(owner=sign.evm_address(1))), Shown)
    assert isinstance(with_owners(signed_by(2), ContractOwners(owner=sign.evm_address(1))), NotShown)


def test_a_contract_that_names_nobody_is_controlled_by_nobody_who_signed() -> None:
    assert isinstance(with_owners(signed_by(1, 2), ContractOwners()), NotShown)


def test_owners_who_signed_another_message_stay_replayable() -> None:
    verdict = signed_by(1, message="I am an OKX address")
    assert isinstance(with_owners(verdict, safe(1, 1)), Replayable)
    assert isinstance(with_owners(verdict, safe(1, 2)), NotShown)


def test_only_contracts_on_evm_chains_are_asked() -> None:
    assert may_be_contract(sign.ETHEREUM, CONTRACT)
    assert not may_be_contract(sign.ETHEREUM, bytes(48))  # a validator
    assert not family(sign.STARKNET).may_be_contract(sign.STARKNET, CONTRACT)

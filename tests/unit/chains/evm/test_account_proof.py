from __future__ import annotations

import json

import pytest

from scanner.chains.evm.account_proof import account_at, native_balance, storage_root_of, storage_word, token_balance
from scanner.chains.evm.header import header_from_json
from scanner.chains.evm.slots import Order, StorageLayout, layouts
from scanner.chains.evm.trie import EMPTY_ROOT
from scanner.core.keccak import EMPTY_KECCAK
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import VECTORS
from tests.support.simulated.trie_builder import Trie, account, array, keccak256, number, string
from tests.support.tables import each_of

# A block of a real node: its header, accounts, tokens of several makes, and the nodes of eth_getProof's answers.
CHAIN = json.loads((VECTORS / "evm_proofs.json").read_text())
WITNESS = Witness(bytes.fromhex(node[2:]) for node in CHAIN["nodes"])
HEADER = header_from_json(CHAIN["block"], bytes.fromhex(CHAIN["block"]["hash"][2:]))
LAYOUTS = {layout.name: layout for layout in layouts()}

MAKES = {
    "Plain": "Solidity mapping at slot 0",
    "Proxied": "Solidity mapping at slot 0",
    "Padded": "Solidity mapping at slot 51",
    "Namespaced": "ERC-7201 openzeppelin.storage.ERC20",
    "Solad": "Solady ERC20",
    "Vyper": "Vyper mapping at slot 4",
    "Fiat": "Solidity mapping at slot 9, low 255 bits",
}


def address(text: str) -> bytes:
    return bytes.fromhex(text[2:])


# On a real node's proofs


def test_native_balances_of_a_real_node_are_proven() -> None:
    proven = {
        a["address"]: native_balance(HEADER.state_root, address(a["address"]), WITNESS) for a in CHAIN["accounts"]
    }
    assert proven == {a["address"]: int(a["balance"]) for a in CHAIN["accounts"]}
    assert sum(balance == 0 for balance in proven.values()) >= 20
    assert sum(balance > 0 for balance in proven.values()) >= 15


@pytest.mark.parametrize("make", MAKES)
def test_token_balances_of_a_real_node_are_proven(make: str) -> None:
    token = next(t for t in CHAIN["tokens"] if t["name"] == make)
    layout = LAYOUTS[MAKES[make]]
    for row in token["holders"]:
        proven = token_balance(HEADER.state_root, address(token["address"]), address(row["holder"]), layout, WITNESS)
        assert proven == int(row["balance"])
    assert {int(row["balance"]) for row in token["holders"]} >= {0, 239701015}


def test_another_blocks_state_root_proves_nothing() -> None:
    for row in CHAIN["accounts"]:
        with pytest.raises(ProofError) as caught:
            native_balance(HEADER.parent_hash, address(row["address"]), WITNESS)
        assert caught.value.flaw is Flaw.INCOMPLETE


# On made states

ALICE, BOB, TOKEN = b"a" * 20, b"b" * 20, b"t" * 20
SLOT_0 = StorageLayout("slot 0", Order.SOLIDITY, bytes(32))
CODE = keccak256(b"code")


def state(entry: bytes, *, at: bytes = ALICE) -> tuple[bytes, Witness]:
    """A state of two accounts: its root and all its nodes. `entry` is the value under `at`."""
    trie = Trie({keccak256(at): entry, keccak256(b"z" * 20): account(1, 2, EMPTY_ROOT, EMPTY_KECCAK)})
    return trie.root, Witness(trie.nodes.values())


def token_state(slots: dict[bytes, bytes], code_hash: bytes = CODE) -> tuple[bytes, Witness]:
    """A state with a token whose storage holds these values, as they stand in the trie."""
    storage = Trie({keccak256(slot): value for slot, value in slots.items()})
    root, witness = state(account(1, 0, storage.root, code_hash), at=TOKEN)
    for node in storage.nodes.values():
        witness.add(node)
    return root, witness


def test_an_account_is_read_whole() -> None:
    root, witness = state(account(7, 10**21, EMPTY_ROOT, CODE))
    found = account_at(root, ALICE, witness)
    assert found is not None
    assert (found.nonce, found.balance, found.storage_root, found.code_hash) == (7, 10**21, EMPTY_ROOT, CODE)
    assert account_at(root, BOB, witness) is None


def test_balances_up_to_256_bits_are_read_and_none_beyond() -> None:
    root, witness = state(account(0, 2**256 - 1, EMPTY_ROOT, EMPTY_KECCAK))
    assert native_balance(root, ALICE, witness) == 2**256 - 1
    root, witness = state(account(0, 2**256, EMPTY_ROOT, EMPTY_KECCAK))
    with pytest.raises(ProofError):
        native_balance(root, ALICE, witness)


E, C = string(EMPTY_ROOT), string(EMPTY_KECCAK)
BAD_ACCOUNTS = {
    "no list": string(b"x" * 70),
    "an empty list": array(),
    "three fields": array(number(1), number(1), E),
    "six fields": array(number(1), number(1), E, C, number(0), number(0)),
    "a fifth field of 2": array(number(1), number(1), E, C, number(2)),
    "a fifth field that is a list": array(number(1), number(1), E, C, array()),
    "a nonce with a leading zero": array(string(b"\0\x01"), number(1), E, C),
    "a nonce of 65 bits": array(number(2**64), number(1), E, C),
    "a balance with a leading zero": array(number(1), string(b"\0\x01"), E, C),
    "a balance of one zero byte": array(number(1), b"\0", E, C),
    "a balance that is a list": array(number(1), array(number(1)), E, C),
    "a storage root of 31 bytes": array(number(1), number(1), string(EMPTY_ROOT[1:]), C),
    "a code hash of 33 bytes": array(number(1), number(1), E, string(EMPTY_KECCAK + b"\0")),
    "a code hash that is an empty list": array(number(1), number(1), E, array()),
    "a code hash that is a list of 32": array(number(1), number(1), E, array(*[number(1)] * 32)),
    "a storage root that is a list of 32": array(number(1), number(1), array(*[number(1)] * 32), C),
    "a trailing byte": account(1, 1, EMPTY_ROOT, EMPTY_KECCAK) + b"\0",
    "a byte missing": account(1, 1, EMPTY_ROOT, EMPTY_KECCAK)[:-1],
}


@each_of("name", BAD_ACCOUNTS)
def test_an_account_of_bad_form_has_no_balance(name: str) -> None:
    root, witness = state(BAD_ACCOUNTS[name])
    with pytest.raises(ProofError) as caught:
        native_balance(root, ALICE, witness)
    assert caught.value.flaw is Flaw.MALFORMED


@pytest.mark.parametrize("mark", [0, 1])
def test_an_account_of_avalanche_ends_in_a_boolean(mark: int) -> None:
    root, witness = state(array(number(1), number(99), E, C, number(mark)))
    assert native_balance(root, ALICE, witness) == 99


def test_a_token_balance_is_read_from_its_slot() -> None:
    root, witness = token_state({SLOT_0.key(ALICE): number(500), SLOT_0.key(BOB): number(2**256 - 1)})
    assert token_balance(root, TOKEN, ALICE, SLOT_0, witness) == 500
    assert token_balance(root, TOKEN, BOB, SLOT_0, witness) == 2**256 - 1


def test_a_holder_without_a_slot_is_shown_to_hold_nothing() -> None:
    root, witness = token_state({SLOT_0.key(BOB): number(5), SLOT_0.key(b"c" * 20): number(6)})
    assert token_balance(root, TOKEN, ALICE, SLOT_0, witness) == 0
    root, witness = token_state({})
    assert token_balance(root, TOKEN, ALICE, SLOT_0, witness) == 0


def test_an_address_without_code_is_a_failure_and_not_a_balance_of_zero() -> None:
    no_code, witness = token_state({}, code_hash=EMPTY_KECCAK)
    with pytest.raises(ProofError) as caught:
        token_balance(no_code, TOKEN, ALICE, SLOT_0, witness)
    assert caught.value.flaw is Flaw.NO_CODE
    no_account, witness = state(account(1, 1, EMPTY_ROOT, CODE))
    with pytest.raises(ProofError) as caught:
        token_balance(no_account, TOKEN, ALICE, SLOT_0, witness)
    assert caught.value.flaw is Flaw.NO_CODE


def test_the_storage_of_another_contract_proves_nothing() -> None:
    root, witness = token_state({SLOT_0.key(ALICE): number(500), SLOT_0.key(BOB): number(6)})
    _, other = token_state({SLOT_0.key(ALICE): number(10**9), SLOT_0.key(BOB): number(6)})
    only_state: set[bytes] = set()
    storage_root_of(root, TOKEN, witness, reached=only_state)
    shown = [*((other, digest) for digest in other), *((witness, digest) for digest in only_state)]
    mixed = Witness(record for of, digest in shown if (record := of.get(digest)))
    with pytest.raises(ProofError) as caught:
        token_balance(root, TOKEN, ALICE, SLOT_0, mixed)
    assert caught.value.flaw is Flaw.INCOMPLETE


BAD_WORDS = {
    "zero": b"\x80",
    "a zero byte": b"\0",
    "a leading zero": string(b"\0\x01"),
    "33 bytes": string(b"\x01" * 33),
    "a list": array(number(1)),
    "a trailing byte": number(500) + b"\0",
    "not canonical": b"\x81\x05",
}


@pytest.mark.parametrize("name", BAD_WORDS)
def test_a_storage_word_of_bad_form_is_no_balance(name: str) -> None:
    root, witness = token_state({SLOT_0.key(ALICE): BAD_WORDS[name], SLOT_0.key(BOB): number(6)})
    with pytest.raises(ProofError) as caught:
        token_balance(root, TOKEN, ALICE, SLOT_0, witness)
    assert caught.value.flaw is Flaw.MALFORMED


def of(witness: Witness, digests: set[bytes]) -> Witness:
    return Witness(record for digest in digests if (record := witness.get(digest)))


def test_what_is_reached_is_what_another_needs_to_check_again() -> None:
    root, witness = token_state({SLOT_0.key(holder): number(9) for holder in (ALICE, BOB, b"c" * 20, b"d" * 20)})
    reached: set[bytes] = set()
    token_balance(root, TOKEN, ALICE, SLOT_0, witness, reached=reached)
    kept = of(witness, reached)
    assert token_balance(root, TOKEN, ALICE, SLOT_0, kept) == 9
    assert len(kept) < len(witness)
    for digest in reached:
        less = of(witness, reached - {digest})
        with pytest.raises(ProofError):
            token_balance(root, TOKEN, ALICE, SLOT_0, less)


def test_lengths_are_the_callers_mistake_and_said_to_be() -> None:
    with pytest.raises(ValueError, match="20 were expected"):
        native_balance(EMPTY_ROOT, ALICE[1:], Witness())
    with pytest.raises(ValueError, match="32 were expected"):
        storage_word(EMPTY_ROOT, bytes(31), Witness())

from __future__ import annotations

import json

import pytest

from scanner.chains.evm.slot_names import c_chain_slot
from scanner.chains.evm.slots import (
    LOW_255_BITS,
    Order,
    StorageLayout,
    erc7201,
    layouts,
)
from tests.support.places import VECTORS
from tests.support.simulated.trie_builder import keccak256

TOKENS = {token["name"]: token for token in json.loads((VECTORS / "evm_proofs.json").read_text())["tokens"]}
LAYOUTS = {layout.name: layout for layout in layouts()}
PLAIN = StorageLayout("plain", Order.SOLIDITY, bytes(32))
HOLDER = bytes.fromhex("00112233445566778899aabbccddeeff00112233")


def fits(make: str, layout: StorageLayout) -> bool:
    """Whether a real token of this make keeps by the layout what it answers: slots not listed hold zero."""
    holders = TOKENS[make]["holders"]
    return all(layout.balance(int(row["words"].get(layout.name, 0))) == int(row["balance"]) for row in holders)


def test_a_solidity_mapping_hashes_the_holder_before_the_slot() -> None:
    layout = LAYOUTS["Solidity mapping at slot 2"]
    assert layout.key(HOLDER) == keccak256(bytes(12) + HOLDER + (2).to_bytes(32, "big"))


def test_a_vyper_mapping_hashes_the_slot_before_the_holder() -> None:
    layout = LAYOUTS["Vyper mapping at slot 2"]
    assert layout.key(HOLDER) == keccak256((2).to_bytes(32, "big") + bytes(12) + HOLDER)


def test_solady_hashes_the_holder_and_a_seed() -> None:
    assert LAYOUTS["Solady ERC20"].key(HOLDER) == keccak256(HOLDER + bytes(8) + bytes.fromhex("87a211a2"))


def test_the_namespace_of_openzeppelin_is_where_its_source_says() -> None:
    assert erc7201("openzeppelin.storage.ERC20").hex() == (
        "52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00"
    )
    # the example of ERC-7201 itself
    assert erc7201("example.main").hex() == "183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500"


def test_layouts_are_all_different() -> None:
    named = list(layouts())
    assert len({layout.name for layout in named}) == len(named) < 2**8
    assert len({(layout.key(HOLDER), layout.mask) for layout in named}) == len(named)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        ("Plain", "Solidity mapping at slot 0"),
        ("Proxied", "Solidity mapping at slot 0"),
        ("Padded", "Solidity mapping at slot 51"),
        ("Namespaced", "ERC-7201 openzeppelin.storage.ERC20"),
        ("Solad", "Solady ERC20"),
        ("Vyper", "Vyper mapping at slot 4"),
        ("Fiat", "Solidity mapping at slot 9, low 255 bits"),
    ],
)
def test_exactly_one_layout_fits_a_real_token(make: str, name: str) -> None:
    assert [layout.name for layout in layouts() if fits(make, layout)] == [name]


def test_no_layout_fits_a_token_of_shares() -> None:
    assert not any(fits("Shares", layout) for layout in layouts())


def test_a_blacklisted_holders_flag_is_no_part_of_his_balance() -> None:
    layout = LAYOUTS["Solidity mapping at slot 9, low 255 bits"]
    assert layout.balance((1 << 255) | 1234) == 1234
    assert layout.balance(LOW_255_BITS) == LOW_255_BITS
    blacklisted = TOKENS["Fiat"]["holders"][1]
    word = int(blacklisted["words"]["Solidity mapping at slot 9"])
    assert word >> 255 == 1
    assert layout.balance(word) == int(blacklisted["balance"])
    assert not fits("Fiat", LAYOUTS["Solidity mapping at slot 9"])


def test_the_c_chain_clears_the_lowest_bit_of_a_slots_first_byte() -> None:
    assert c_chain_slot(b"\xff" * 32) == b"\xfe" + b"\xff" * 31
    assert c_chain_slot(b"\xfe" * 32) == b"\xfe" * 32


def test_a_holder_is_an_address() -> None:
    with pytest.raises(ValueError, match="20"):
        PLAIN.key(HOLDER + b"\0")

"""Assets of the Assets pallet: where their entries stand, and that no other form of one is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.chains.polkadot.assets import account_entry, amount, asset_entry, decimals_in, metadata_entry
from scanner.core.ids import IdError
from scanner.proofs.flaws import ProofError

HUB = "polkadot:68d56f15f85d3136970ec16946040bc1"
ALICE = bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")


def test_entries_stand_where_other_programs_look_for_them() -> None:
    """Keys that wallets and Statemine's explorer publish in their own tests: USDT of Alice, asset 10 of Alice."""
    prefix = "682a59d51ab9e48a8c8cc418ff9708d2b99d880ec681799c0cf30e8886371da9"
    alice = f"de1e86a9a8c739864cf3cc5ec2bea59f{ALICE.hex()}"
    assert account_entry(1984, ALICE).hex() == f"{prefix}a319d0e87221ca1ee751c1529f201522c0070000{alice}"
    assert account_entry(10, ALICE).hex() == f"{prefix}1523c4974e05c5b917b6037dec663b5d0a000000{alice}"
    assert asset_entry(1).hex().endswith("d34371a193a751eea5883e9553457b2ed82c12285b5d4551f88e8f6e7eb52b8101000000")
    assert metadata_entry(1)[16:32] != asset_entry(1)[16:32]


def test_an_asset_has_one_spelling() -> None:
    assert str(parse_asset(f"{HUB}/assets:1984")) == f"{HUB}/assets:1984"
    for reference in ("01984", "4294967296", "-1", "0x7c0", "USDT", "1984.0", "12345678901"):
        with pytest.raises(IdError):
            parse_asset(f"{HUB}/assets:{reference}")


@given(st.integers(0, 2**128 - 1), st.integers(0, 2), st.integers(0, 4), st.data())
def test_an_accounts_entry_is_its_balance_and_cut_or_longer_it_is_none(
    balance: int, status: int, reason: int, data: st.DataObject
) -> None:
    more = data.draw(st.binary(min_size=(size := {2: 16, 4: 48}.get(reason, 0)), max_size=size))
    entry = balance.to_bytes(16, "little") + bytes([status, reason]) + more
    assert amount(entry) == balance
    for other in (entry[:-1], entry + b"\0", entry[:16] + b"\x03" + entry[17:], entry[:17] + b"\x05" + entry[18:]):
        with pytest.raises(ProofError):
            amount(other)


def test_without_an_entry_there_is_nothing_and_no_decimals() -> None:
    assert (amount(None), decimals_in(None)) == (0, None)
    for entry in (b"", bytes(15), bytes(16), bytes(17)):
        with pytest.raises(ProofError):
            amount(entry)


@given(st.binary(max_size=70), st.binary(max_size=70), st.integers(0, 255), st.booleans())
def test_metadata_has_the_decimals_behind_two_names(name: bytes, symbol: bytes, decimals: int, frozen: bool) -> None:
    def text(data: bytes) -> bytes:
        size = len(data)
        return (bytes([size << 2]) if size < 64 else (size << 2 | 1).to_bytes(2, "little")) + data

    entry = bytes(16) + text(name) + text(symbol) + bytes([decimals, frozen])
    assert decimals_in(entry) == decimals
    for other in (entry[:-1], entry + b"\0", entry[:-1] + b"\x02", entry[:16]):
        with pytest.raises(ProofError):
            decimals_in(other)

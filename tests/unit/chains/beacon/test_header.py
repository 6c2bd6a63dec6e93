"""Block roots of the beacon chain, and where validators' withdrawal credentials lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.chains.beacon.header import BeaconHeader
from scanner.chains.beacon.withdrawal import NoWithdrawalAddress, execution_chain, withdrawal_address
from scanner.core.ids import Chain

# Mainnet's genesis block, as its nodes and explorers show it.
GENESIS = BeaconHeader(
    slot=0,
    proposer=0,
    parent_root=bytes(32),
    state_root=bytes.fromhex("7e76880eb67bbdc86250aa578958e9d0675e64e714337855204fb5abaaf82c2b"),
    body_root=bytes.fromhex("ccb62460692be0ec813b56be97f68a82cf57abc102e27bf49ebf4190ff22eedd"),
)
GENESIS_ROOT = "4d611d5b93fdab69013a7f0a2f961caca0c853f87cfe9595fe50038163079360"

MAINNET = Chain("beacon", "1")
ACCOUNT = bytes(range(1, 21))


def test_the_root_of_mainnets_genesis_block_is_the_known_one() -> None:
    assert GENESIS.root.hex() == GENESIS_ROOT


@pytest.mark.parametrize(
    "change",
    [
        {"slot": 1},
        {"slot": 2**64 - 1},
        {"proposer": 1},
        {"parent_root": b"\x01" + bytes(31)},
        {"state_root": bytes(32)},
        {"body_root": bytes(32)},
    ],
)
def test_every_field_of_a_header_changes_its_root(change: dict[str, int | bytes]) -> None:
    assert replace(GENESIS, **change).root != GENESIS.root  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [{"slot": -1}, {"slot": 2**64}, {"proposer": 2**64}, {"parent_root": bytes(31)}, {"body_root": bytes(33)}],
)
def test_a_header_that_ssz_cannot_write_is_refused(change: dict[str, int | bytes]) -> None:
    with pytest.raises(ValueError, match=r"uint64|32 bytes"):
        replace(GENESIS, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [1, 2])
def test_credentials_of_an_account_name_it_whatever_stands_between(kind: int) -> None:
    for between in (bytes(11), b"\xff" * 11):
        assert withdrawal_address(bytes([kind]) + between + ACCOUNT) == ACCOUNT


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        (bytes(12) + ACCOUNT, "BLS"),
        (b"\x03" + bytes(11) + ACCOUNT, "unknown kind 0x03"),
        (b"\x01" + ACCOUNT, "32 bytes"),
        (b"", "32 bytes"),
    ],
)
def test_other_credentials_name_no_account(credentials: bytes, says: str) -> None:
    with pytest.raises(NoWithdrawalAddress, match=says):
        withdrawal_address(credentials)


def test_only_a_beacon_chain_has_an_execution_chain() -> None:
    assert execution_chain(Chain("beacon", "17000")) == Chain("eip155", "17000")
    with pytest.raises(ValueError, match="no beacon chain"):
        execution_chain(Chain("eip155", "1"))

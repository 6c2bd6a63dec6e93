"""Actors of Filecoin that are named by their number on its EVM chain count under their addresses alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scanner.chains.evm.second_names import without_second_names
from scanner.chains.names import parse_asset
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.lower_bound import atoms_of
from scanner.errors import Why

NUMBERED = b"\xff" + bytes(11) + (1001).to_bytes(8)
ACCOUNTS = (b"\xab" * 20, NUMBERED, b"\xff" + bytes(10) + b"\1" + bytes(8), NUMBERED)


def read(asset: str, accounts: tuple[bytes, ...] = ACCOUNTS) -> list[int | Gap]:
    parsed = parse_asset(asset)
    snapshot = Snapshot(parsed.chain, 7, "0x" + "01" * 32, "0x" + "02" * 32, datetime(2026, 1, 1, tzinfo=UTC))
    reading = without_second_names(Batch(snapshot, parsed, accounts), Reading.of(range(len(accounts))))
    return [each if isinstance(each, Gap) else atoms_of(each) for each in map(reading.__getitem__, range(len(reading)))]


@pytest.mark.parametrize("chain", ["eip155:314", "eip155:314159"])
def test_an_account_that_is_an_actors_number_is_a_gap_and_the_others_are_as_they_were_read(chain: str) -> None:
    found = read(f"{chain}/slip44:461") if chain == "eip155:314" else read(f"{chain}/slip44:1")
    assert [each.why if isinstance(each, Gap) else each for each in found] == [0, Why.UNSUPPORTED, 2, Why.UNSUPPORTED]


def test_on_other_chains_such_accounts_are_accounts_like_any() -> None:
    assert read("eip155:1/slip44:60") == [0, 1, 2, 3]
    assert read("eip155:314/slip44:461", (b"\1" * 20,)) == [0]


def test_tokens_know_such_an_account_by_this_name_alone() -> None:
    assert read(f"eip155:314/erc20:0x{'ab' * 20}") == [0, 1, 2, 3]

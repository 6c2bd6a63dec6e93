"""What docs/predicate.md says of the blocks that a statement names, broken by a signer who signs again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scanner.attesting.blocks import check_blocks, check_dates
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Snapshot
from scanner.errors import AttestationInvalid
from scanner.weighing.holdings import Holding
from tests.support.attestations.attested import (
    BITCOIN,
    BTC,
    ETHEREUM,
    OTHER_SCRIPT,
    SCRIPT,
    SNAPSHOTS,
    Seal,
    a_claim,
    attest,
    placed,
)

TRUE = attest(signers=(Seal(b"secret"),))
BITCOIN_BLOCK, ETHEREUM_BLOCK = SNAPSHOTS


@pytest.mark.parametrize(
    "parent",
    ["no-hash", "0x" + "1E" * 32, "1e" * 32, "0x" + "1e" * 31, "0x" + "1e" * 33, "0X" + "1e" * 32, "x" * 128],
)
def test_a_parent_out_of_the_chains_form_is_refused_though_it_was_signed(parent: str) -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["snapshots"][1]["parent"] = parent

    with pytest.raises(AttestationInvalid, match="is no block hash there") as refused:
        TRUE.with_statement(change, sign=True).verify()
    assert refused.value.step == 7


def test_a_block_of_bitcoin_is_written_without_0x() -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["snapshots"][0]["parent"] = "0x" + "59" * 32

    with pytest.raises(AttestationInvalid, match="is no block hash there"):
        TRUE.with_statement(change, sign=True).verify()


def test_a_hash_out_of_the_chains_form_is_refused_where_no_row_was_read_at_it() -> None:
    claim = a_claim()
    with pytest.raises(ValueError, match="as a hash on eip155:1"):
        check_blocks(placed(claim, (BITCOIN_BLOCK, replace(ETHEREUM_BLOCK, hash="genesis"))), claim)


def two_blocks(change: Callable[[Snapshot], Snapshot]) -> None:
    """A claim that has one row read at the chain's named block, and one compared at a height of its own: the next."""
    claim = a_claim(
        holdings=(Holding(BTC.id, SCRIPT), Holding(BTC.id, OTHER_SCRIPT, 1, height=BITCOIN_BLOCK.height + 1))
    )
    after = Snapshot(
        BITCOIN,
        BITCOIN_BLOCK.height + 1,
        "00" * 8 + "5b" * 24,
        BITCOIN_BLOCK.hash,
        BITCOIN_BLOCK.time + timedelta(minutes=10),
    )
    after = change(after)
    check_blocks(
        {(BITCOIN, BITCOIN_BLOCK.height): BITCOIN_BLOCK, (BITCOIN, BITCOIN_BLOCK.height + 1): after},
        claim,
    )


def test_blocks_that_follow_each_other_are_taken() -> None:
    two_blocks(lambda after: after)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parent": BITCOIN_BLOCK.parent}, "has another parent than block 817900"),
        ({"hash": BITCOIN_BLOCK.hash}, "is stated at two heights"),
        ({"parent": "00" * 8 + "5b" * 24}, "is stated as its own parent"),
    ],
)
def test_blocks_that_contradict_each_other_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        two_blocks(lambda after: replace(after, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"hash": "00" * 8 + "77" * 24}, {"parent": "00" * 8 + "77" * 24}, {"time": SNAPSHOTS[0].time - timedelta(1)}],
)
def test_one_height_has_one_block_whether_it_is_named_or_not(changes: dict[str, Any]) -> None:
    claim = a_claim(
        holdings=(Holding(BTC.id, SCRIPT), Holding(BTC.id, OTHER_SCRIPT, 1, height=BITCOIN_BLOCK.height)), snapshots={}
    )
    both: dict[Any, Snapshot] = {(BITCOIN, None): BITCOIN_BLOCK, (BITCOIN, BITCOIN_BLOCK.height): BITCOIN_BLOCK}
    check_blocks(both, claim)
    with pytest.raises(ValueError, match="two blocks of"):
        check_blocks(both | {(BITCOIN, BITCOIN_BLOCK.height): replace(BITCOIN_BLOCK, **changes)}, claim)


def test_no_named_block_is_taken_of_a_chain_that_can_be_read_only_as_it_is() -> None:
    """No node could have been asked for it: a scan of such a claim has gaps there, NO_PAST."""
    chain = parse_chain("tron:728126428")
    coin = parse_asset(f"{chain}/slip44:195")
    block = Snapshot(chain, 70_000_000, "7a" * 32, "79" * 32, BITCOIN_BLOCK.time)
    claim = a_claim(holdings=(Holding(coin, b"\x0a" * 20),), snapshots={chain: block.height})
    with pytest.raises(ValueError, match="tron:728126428 can be read only as it is now, not at block 70000000"):
        check_blocks({(chain, block.height): block}, claim)
    check_blocks({(chain, None): block}, replace(claim, snapshots={}))


def test_each_chain_has_one_way_to_write_a_blocks_hash() -> None:
    digits = "0123456789abcdef" * 4
    beacon = parse_chain("beacon:1")
    for chain, text in ((BITCOIN, digits), (ETHEREUM, f"0x{digits}"), (beacon, f"0x{digits}")):
        assert is_block_hash(chain, text)
    for chain, text in ((BITCOIN, f"0x{digits}"), (ETHEREUM, digits), (beacon, digits), (ETHEREUM, f"0x{digits}\n")):
        assert not is_block_hash(chain, text)
    assert is_block_hash(
        parse_chain("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"), "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"
    )


def test_a_scan_that_is_dated_at_the_end_of_the_calendar_is_judged_like_any_other() -> None:
    """Any time can be signed: that of the last second there is ends no program."""
    claim = a_claim()
    check_dates(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), {(ETHEREUM, None): ETHEREUM_BLOCK}, claim)
    with pytest.raises(ValueError, match="before the claim's moment"):
        check_dates(datetime(1, 1, 1, tzinfo=UTC), {}, claim)

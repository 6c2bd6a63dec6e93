"""Blocks that a release knows, and what is shown to stand on them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.ancestry import work_of, work_rules
from scanner.chains.bitcoin.checkpoints import BitcoinCheckpoints
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.header import BitcoinHeader, parse_header
from scanner.chains.bitcoin.runs import record_of
from scanner.chains.checkpoints import Checkpoint, OnTop, around
from scanner.chains.proving import checkpoints
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED, VECTORS
from tests.support.simulated.ancestors import mined
from tests.support.simulated.bitcoin import GENESIS

MAINNET = Chain("bip122", "000000000019d6689c085ae165831e93")
LITECOIN = Chain("bip122", "12a765e31ffd4059bada1e25190f6e98")
REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")
RECORDED = SHARED / "data" / "anchor" / "bitcoin" / "headers-first-half.csv"

(FIRST,) = BitcoinCheckpoints().checkpoints(REGTEST)
HEADERS = mined(9, first=FIRST.hash)
"""On regtest's first block: at height 1 and above."""

RUNS = [record_of([GENESIS]), record_of([header.raw for header in HEADERS])]


def on_top(
    records: Sequence[bytes] = RUNS,
    *,
    known: Checkpoint = FIRST,
    height: int = 9,
    newest: str = HEADERS[-1].hash,
    chain: Chain = REGTEST,
) -> OnTop:
    return BitcoinCheckpoints().on_top(chain, known, height, newest, Witness(records))


def test_known_blocks_stand_in_order_and_each_chain_had_more_work_at_the_later_one() -> None:
    for reference in BITCOIN_CHAINS:
        known = BitcoinCheckpoints().checkpoints(Chain("bip122", reference))
        for older, newer in pairwise(known):
            assert older.height < newer.height
            assert older.work < newer.work
        assert all(len(bytes.fromhex(each.hash)) == 32 for each in known)
        assert [each.hash[:32] for each in known if each.height == 0] == ([reference] if known else [])


def test_only_chains_whose_headers_show_their_own_work_have_known_blocks() -> None:
    for reference in BITCOIN_CHAINS:
        chain = Chain("bip122", reference)
        rules = work_rules(chain)
        shows_work = rules is not None and rules.steady and rules.merge_mined is None
        assert shows_work or not checkpoints(chain)[1]
    assert checkpoints(Chain("eip155", "1")) == (None, ())


def test_late_blocks_of_bitcoin_were_worked_for_as_much_as_their_chains_grew() -> None:
    """No hash with so many zeros is made up; and between two of them each block took so much on average."""
    late = BitcoinCheckpoints().checkpoints(MAINNET)[1:]
    assert len(late) >= 3
    for older, newer in pairwise(late):
        each = (newer.work - older.work) / (newer.height - older.height)
        assert int(newer.hash, 16) < 2**256 / each * 4


def test_first_blocks_are_those_whose_headers_are_known() -> None:
    assert (parse_header(GENESIS).hash, work_of(parse_header(GENESIS))) == (FIRST.hash, FIRST.work)
    litecoin = BitcoinCheckpoints().checkpoints(LITECOIN)[0]
    vectors = json.loads((VECTORS / "litecoin_headers.json").read_text())["headers"]
    header = parse_header(bytes.fromhex(vectors[0]["header"]))
    assert (header.hash, work_of(header)) == (litecoin.hash, litecoin.work)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded headers are not here")
def test_the_block_that_was_recorded_is_known_with_the_work_that_was_recorded() -> None:
    with Path(RECORDED).open() as file:
        rows = {int(row["height"]): row for row in csv.DictReader(file)}
    (known,) = (each for each in BitcoinCheckpoints().checkpoints(MAINNET) if each.height in rows)
    row = rows[known.height]
    assert parse_header(bytes.fromhex(row["header"])).hash == known.hash
    assert int(row["chainwork"], 16) == known.work


def test_blocks_stand_on_a_known_one_with_the_work_of_each() -> None:
    assert on_top() == OnTop(FIRST, 9, 9 * 2)
    assert on_top(height=0, newest=FIRST.hash) == OnTop(FIRST, 0, 0)


def test_headers_that_lack_the_known_block_or_any_above_it_lead_nowhere() -> None:
    for records in (RUNS[1:], [RUNS[0], record_of([header.raw for header in HEADERS[1:]])]):
        with pytest.raises(ProofError) as error:
            on_top(records)
        assert error.value.flaw is Flaw.INCOMPLETE


@given(height=st.integers(0, 20).filter(lambda height: height != 9))
def test_a_block_of_another_height_does_not_stand_there(height: int) -> None:
    with pytest.raises(ProofError) as error:
        on_top(height=height)
    assert error.value.flaw in (Flaw.HEADER_MISMATCH, Flaw.INCOMPLETE)


def test_headers_on_another_block_do_not_stand_on_the_known_one() -> None:
    other = replace(FIRST, height=3, hash="ab" * 32)
    with pytest.raises(ProofError, match="at height 3 the headers have block"):
        on_top(known=other)


@given(place=st.integers(0, len(RUNS[1]) - 1), bit=st.integers(0, 7))
def test_no_bit_of_a_header_can_be_changed(place: int, bit: int) -> None:
    changed = bytearray(RUNS[1])
    changed[place] ^= 1 << bit
    with pytest.raises(ProofError):
        on_top([RUNS[0], bytes(changed)])


def eased(parent: BitcoinHeader, *, bits: int, works: bool) -> BitcoinHeader:
    """A header on another, with a target of its own, for which work was done or was not."""
    fields = bytes(4) + bytes.fromhex(parent.hash)[::-1] + bytes(32) + (1_600_000_000).to_bytes(4, "little")
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    tries = (parse_header(fields + bits.to_bytes(4, "little") + nonce.to_bytes(4, "little")) for nonce in range(9999))
    return next(header for header in tries if (int(header.hash, 16) <= target) is works)


@pytest.mark.parametrize(
    ("bits", "works", "reason"),
    [
        (0x207FFFFF, False, "no work was done for it"),
        (0x207FFFFE, True, "changes the target"),
        (0x1F7FFFFF, True, "changes the target"),
        (0x2100FFFF, True, "does not fit 256 bits"),
    ],
)
def test_a_header_that_breaks_its_chains_rules_does_not_stand_on_it(bits: int, works: bool, reason: str) -> None:
    wrong = eased(HEADERS[-1], bits=bits, works=works)
    with pytest.raises(ProofError, match=reason):
        on_top([*RUNS, record_of([wrong.raw])], height=10, newest=wrong.hash)


def test_a_block_is_deep_enough_as_its_chain_has_it() -> None:
    assert [BitcoinCheckpoints().depth(chain) for chain in (MAINNET, LITECOIN)] == [6, 24]


def test_of_a_chain_whose_work_cannot_be_seen_nothing_is_shown() -> None:
    with pytest.raises(ProofError, match="cannot be seen here"):
        on_top(chain=Chain("bip122", "00000ffd590b1485b3caadc19b22e637"))


KNOWN = [Checkpoint(height, f"{height:064x}", height, "here") for height in (0, 100, 200, 300)]


@pytest.mark.parametrize(
    ("oldest", "newest", "heights"),
    [
        (150, 160, [200]),
        (50, 250, [100, 200, 300]),
        (200, 200, [200]),
        (301, 400, [300]),
        (50, 400, [0, 100, 200, 300]),
        (0, 0, [0]),
        (0, 300, [100, 200, 300]),
    ],
)
def test_blocks_are_shown_by_those_around_them(oldest: int, newest: int, heights: list[int]) -> None:
    assert [each.height for each in around(KNOWN, oldest, newest)] == heights
    assert around([], oldest, newest) == []

"""A reader pastes a later block's hash: the page leads down from it to the attestation's blocks, or says why not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from scanner.attesting.anchor_file import anchor_bytes
from scanner.attesting.anchored import Standing, anchored
from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import read_statement
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.beacon.node.past import PastSource
from scanner.chains.bitcoin.runs import record_of
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness
from scanner.report.page import document
from scanner.weighing.claim import Asset, Liability
from scanner.weighing.holdings import Holding
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.support.attestations.attested import (
    AS_OF,
    BITCOIN,
    ETHEREUM,
    SNAPSHOTS,
    Attested,
    a_claim,
    agreed,
    attest,
)
from tests.support.simulated.ancestors import block, kept, mined, records_of
from tests.support.simulated.beacon_past import GENESIS, Past, period_in
from tests.support.simulated.beacon_types import CAPELLA
from tests.support.simulated.built_state import BuiltState

READ = {each.chain: each for each in SNAPSHOTS}
POLKADOT = parse_chain("polkadot:91b171bb158e2d3848fa23a9f1c25182")
TIME = AS_OF.replace(hour=15)

# Ethereum: the block that was read, one whose state keeps its hash, and the child of that.
OLDER = block(READ[ETHEREUM].height, time=TIME)
HISTORY = block(OLDER.height + 700, words=kept(OLDER), time=TIME)
CHILD = block(HISTORY.height + 1, bytes.fromhex(HISTORY.snapshot.hash[2:]), time=TIME)
# Bitcoin: the block that was read is the third of nine.
HEADERS = mined(9)
BITCOINS = Snapshot(
    BITCOIN,
    READ[BITCOIN].height,
    HEADERS[2].hash,
    HEADERS[2].parent,
    datetime.fromtimestamp(HEADERS[2].time, UTC),
)


def path(*numbers: int) -> tuple[PathBlock, ...]:
    return tuple(PathBlock(BITCOINS.height - 2 + number, HEADERS[number].hash) for number in numbers)


def run(first: int, last: int) -> bytes:
    return record_of([header.raw for header in HEADERS[first:last]])


PATHS = {
    ETHEREUM: tuple(PathBlock(each.height, each.snapshot.hash) for each in (CHILD, HISTORY, OLDER)),
    BITCOIN: path(8, 5, 2),
}
RECORDS = [*records_of(CHILD, HISTORY, OLDER), run(6, 9), run(3, 6), run(2, 3)]
WHOLE = Anchor(PATHS, witness=Witness(RECORDS))
ATTESTED = attest(snapshots=[BITCOINS, replace(OLDER.snapshot, chain=ETHEREUM)])


def page(anchor: Anchor = WHOLE, attested: Attested = ATTESTED) -> bytes:
    return page_of(attested, anchor=b"".join(anchor_bytes(anchor)))


def told(tab: Page, text: str) -> str:
    """What the page says of a block that is pasted."""
    tab.get_by_label("Hash of a later block").fill(text)
    tab.get_by_role("button", name="Check the blocks").click()
    shown = tab.locator("#anchored")
    expect(shown).not_to_contain_text("Being checked")
    return shown.inner_text()


def test_a_pasted_block_shows_the_attestations_block_to_be_its_ancestor(reader: Reader) -> None:
    tab = reader.opens(page())
    for named, links in ((CHILD, 2), (HISTORY, 1), (OLDER, 0)):
        digits = named.snapshot.hash[2:]
        for text in (f"0x{digits}", f"  0x{digits.upper()} ", digits):
            found = told(tab, text)
            assert f"Anchored: block {OLDER.height} of eip155:1 is shown to be an ancestor" in found
            assert f"through {links} link" in found
    for number, links in ((8, 2), (5, 1)):
        found = told(tab, HEADERS[number].hash)
        assert f"Anchored: block {BITCOINS.height} of {BITCOIN}" in found
        assert f"through {links} link" in found


def test_runs_of_headers_that_overlap_lead_down_in_any_order(reader: Reader) -> None:
    for runs in ([run(8, 9), run(6, 9), run(5, 6), run(3, 6), run(2, 3)], [*RECORDS, run(8, 9), run(4, 6), run(1, 3)]):
        for records in (runs, runs[::-1]):
            found = told(reader.opens(page(replace(WHOLE, witness=Witness(records)))), HEADERS[8].hash)
            assert f"Anchored: block {BITCOINS.height} of {BITCOIN}" in found


def test_a_block_that_is_not_on_the_way_is_named_so_with_those_that_are(reader: Reader) -> None:
    found = told(reader.opens(page()), "0x" + "ab" * 32)
    assert "No block of this hash is on the way" in found
    assert f"eip155:1 block {CHILD.height}, {CHILD.snapshot.hash}" in found


FAR = block(OLDER.height + 5, words={}, time=TIME)
FORGED = block(HISTORY.height, words=kept(OLDER), code=b"\x60", time=TIME)
EARLY = block(HISTORY.height, words=kept(OLDER), settled=7, time=TIME)


def down_from(newer: BuiltState) -> Anchor:
    """Straight to the block that was read."""
    paths = {ETHEREUM: (PathBlock(newer.height, newer.snapshot.hash), PATHS[ETHEREUM][2])}
    return Anchor(paths, witness=Witness([*RECORDS, *records_of(newer)]))


BROKEN: dict[str, Anchor] = {
    "a missing header": replace(WHOLE, witness=Witness([each for each in RECORDS if each != HISTORY.header])),
    "a hash that is not kept": down_from(FAR),
    "a contract that anyone may write to": down_from(FORGED),
    "an earlier state": down_from(EARLY),
    "heights that are not so": replace(
        WHOLE, paths={ETHEREUM: (PathBlock(CHILD.height + 1, CHILD.snapshot.hash), *PATHS[ETHEREUM][1:])}
    ),
    "missing headers": Anchor({BITCOIN: PATHS[BITCOIN]}, witness=Witness([run(6, 9), run(2, 3)])),
    "a path to another block": Anchor({BITCOIN: path(8, 5, 1)}, witness=Witness([run(6, 9), run(2, 6), run(1, 2)])),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_anchor_that_does_not_hold_is_called_so_here_and_by_verify(reader: Reader, what: str) -> None:
    found = BROKEN[what]
    (chain,) = found.paths if len(found.paths) == 1 else (ETHEREUM,)
    top = found.paths[chain][0].hash
    assert re.match(r"Not anchored: block \d+ of ", told(reader.opens(page(found)), top))
    blocks = read_statement(read_envelope(ATTESTED.envelope).payload).stated.snapshots.values()
    shown = anchored([each for each in blocks if each.chain == chain], found, {chain: [top]})
    assert [each.standing for each in shown] == [Standing.NOT_ANCHORED]


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "cut short": lambda data: data[:-1],
    "of another version": lambda data: data[:15] + b"\x02" + data[16:],
    "another file": lambda _: b"reserve-witness\x01" + bytes(8),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_file_that_is_no_anchor_anchors_nothing(reader: Reader, how: str) -> None:
    tab = reader.opens(page_of(ATTESTED, anchor=SPOILED[how](b"".join(anchor_bytes(WHOLE)))))
    assert "anchor" in told(tab, CHILD.snapshot.hash)
    assert "Anchored:" not in tab.locator("#anchored").inner_text()


def test_a_block_that_was_attested_at_another_time_is_not_anchored(reader: Reader) -> None:
    later = replace(OLDER.snapshot, chain=ETHEREUM, time=TIME.replace(minute=1))
    tab = reader.opens(page(attested=attest(snapshots=[BITCOINS, later])))
    assert "another height, parent or time" in told(tab, CHILD.snapshot.hash)


def test_of_a_chain_whose_blocks_the_page_cannot_walk_it_says_what_can(reader: Reader) -> None:
    dot = Asset("DOT", parse_asset(f"{POLKADOT}/slip44:354"), "DOT", 10)
    where = dot.id, bytes([1]) * 32
    read = Snapshot(POLKADOT, 7, "0x" + "ab" * 32, "0x" + "aa" * 32, AS_OF)
    claim = a_claim(
        assets={dot.id: dot},
        liabilities={"DOT": Liability("DOT", Fraction(1))},
        holdings=[Holding(*where)],
        snapshots={},
        custody=(),
    )
    attested = attest({where: agreed(10**10)}, claim=claim, snapshots=[read])
    tab = reader.opens(page(Anchor({POLKADOT: (PathBlock(9, "0x" + "cd" * 32), PathBlock(7, read.hash))}), attested))
    said = told(tab, "0x" + "cd" * 32)
    assert said == f"Not anchored: block 7 of {POLKADOT}, since this page cannot walk such a chain's blocks:" + (
        " scanner verify --trust can."
    )


def test_pages_without_an_anchor_carry_none_of_its_script(reader: Reader) -> None:
    assert "shownFrom" not in document.script()
    assert document.script(frozenset({"okx-stark-v1"}), anchored=True).count("function keccak256") == 1
    assert reader.opens(page_of(ATTESTED)).locator("#later").count() == 0
    assert len(page()) - len(b"".join(anchor_bytes(WHOLE))) * 4 / 3 < 150_000


# Of the past of the consensus layer: a block of the slot that begins at the attestation's time, or just before.

SLOT = (int(TIME.timestamp()) - GENESIS) // 12
PAST = Past(
    CAPELLA,
    later=SLOT // 8192 - period_in(CAPELLA),
    at=SLOT % 8192,
    blocks=(-1, SLOT % 8192),
    older_height=OLDER.height,
)
IN_THE_PAST = replace(PAST.older.snapshot, chain=ETHEREUM)
RECORD = asyncio.run(
    PastSource(Chain("beacon", "1"), cast("Any", PAST), None).past_records(PAST.newer.snapshot, IN_THE_PAST)
)[0]
LATER = block(PAST.height + 1, bytes.fromhex(PAST.newer.snapshot.hash[2:]), time=TIME)
HANGING = (
    PathBlock(LATER.height, LATER.snapshot.hash),
    PathBlock(PAST.height, PAST.newer.snapshot.hash),
    PathBlock(OLDER.height + 9, "0x" + "77" * 32),
    PathBlock(IN_THE_PAST.height, IN_THE_PAST.hash, PAST.newer.snapshot.hash),
)


def hanging(*records: bytes, path: tuple[PathBlock, ...] = HANGING) -> bytes:
    anchor = Anchor({ETHEREUM: path}, witness=Witness([LATER.header, PAST.newer.header, PAST.older.header, *records]))
    return page(anchor, attest(snapshots=[BITCOINS, IN_THE_PAST]))


def test_a_block_that_hangs_under_a_later_one_is_reached_by_the_consensus_layers_past(reader: Reader) -> None:
    tab = reader.opens(hanging(RECORD))
    for named, links in ((LATER, 2), (PAST.newer, 1)):
        found = told(tab, named.snapshot.hash)
        assert f"Anchored: block {OLDER.height} of eip155:1 is shown to be an ancestor" in found
        assert f"through {links} link" in found
    assert f"only down from block {PAST.height}" in told(tab, "0x" + "77" * 32)


@pytest.mark.parametrize("at", [7, 40, 90, 120, 150, 700, len(RECORD) - 1])
def test_no_byte_of_the_way_into_the_past_can_be_changed(reader: Reader, at: int) -> None:
    edited = RECORD[:at] + bytes([RECORD[at] ^ 1]) + RECORD[at + 1 :]
    assert "Not anchored: block" in told(reader.opens(hanging(edited)), LATER.snapshot.hash)
    assert "Anchored: block" in told(reader.opens(hanging(edited, RECORD)), LATER.snapshot.hash)


def test_a_block_that_hangs_under_an_older_one_is_not_anchored(reader: Reader) -> None:
    turned = (HANGING[0], replace(HANGING[1], under=IN_THE_PAST.hash), *HANGING[2:])
    assert "hangs under none above it" in told(reader.opens(hanging(RECORD, path=turned)), LATER.snapshot.hash)


def test_a_block_of_bitcoin_that_hangs_under_another_is_not_anchored(reader: Reader) -> None:
    newest, middle, read = PATHS[BITCOIN]
    hung = replace(WHOLE, paths={BITCOIN: (newest, middle, replace(read, under=newest.hash))})
    assert "hangs under another where none can" in told(reader.opens(page(hung)), newest.hash)

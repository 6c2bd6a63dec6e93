"""What an OpenTimestamps proof shows of a file: a block that it existed before, as far as the reader is led there."""

from __future__ import annotations

from hashlib import sha256

import pytest

from scanner.attesting.anchored import Standing
from scanner.attesting.dated import digest
from scanner.attesting.dated_by_blocks import DatedByBlock, dated_by_block
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.bitcoin.ancestry import MerkleRoots
from scanner.chains.bitcoin.runs import record_of
from scanner.core.ids import Chain
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from tests.support.calendar_proofs import FORK, SHA256, append, attested, in_block, pending, prepend, proof
from tests.support.simulated.ancestors import mined
from tests.support.tables import each_of

REGTEST = Chain("bip122", "0f9188f13cb7b2c71f2a335e3a4fc328")
TESTNET = Chain("bip122", "000000000933ea01ad0ee984209779ba")
DASH = Chain("bip122", "00000ffd590b1485b3caadc19b22e637")
DOCUMENT = b'{"payload":"..."}\n'
DIGEST = digest(DOCUMENT)
WAY = append(b"nonce") + SHA256 + prepend(b"other") + SHA256 * 2
ROOT = sha256(sha256(b"other" + sha256(DIGEST + b"nonce").digest()).digest()).digest()
FIRST, AT = 100, 4
HEADERS = mined(10, roots={AT: ROOT, AT + 2: ROOT})
CALENDAR = "https://alice.example"
COMPLETE = proof(DIGEST, WAY, in_block(FIRST + AT))


def anchor(*places: int, chain: Chain = REGTEST) -> Anchor:
    """Down through these headers."""
    path = tuple(PathBlock(FIRST + place, HEADERS[place].hash) for place in places)
    runs = [record_of([header.raw for header in HEADERS[: place + 1]]) for place in range(len(HEADERS))]
    return Anchor({chain: path}, witness=Witness(runs))


def shown(data: bytes, found: Anchor, *trusted: str, document: bytes = DOCUMENT) -> DatedByBlock:
    return dated_by_block(document, data, found, {REGTEST: trusted})


def test_a_file_existed_before_a_block_that_commits_to_it_below_one_that_the_reader_trusts() -> None:
    found = shown(COMPLETE, anchor(9, AT), HEADERS[9].hash)
    assert found.holds
    assert found.block is not None
    assert (found.block.standing, found.block.block.height, found.block.links) == (Standing.ANCHORED, FIRST + AT, 1)
    assert int(found.block.block.time.timestamp()) == HEADERS[AT].time


def test_the_block_may_be_the_one_that_the_reader_trusts() -> None:
    found = shown(COMPLETE, anchor(AT), HEADERS[AT].hash)
    assert found.block is not None
    assert (found.block.standing, found.block.links) == (Standing.ANCHORED, 0)


def test_without_a_trusted_block_the_work_on_top_is_stated() -> None:
    found = shown(COMPLETE, anchor(9, AT))
    assert found.block is not None
    assert (found.block.standing, found.block.work) == (Standing.WORK, 2 * (9 - AT))


def test_the_earliest_block_to_which_the_reader_is_led_is_shown() -> None:
    both = proof(DIGEST, WAY, FORK, in_block(FIRST + AT + 2), in_block(FIRST + AT))
    found = shown(both, anchor(9, AT + 2, AT), HEADERS[9].hash)
    assert found.block is not None
    assert found.block.block.height == FIRST + AT
    found = shown(both, anchor(9, AT + 2), HEADERS[9].hash)
    assert found.block is not None
    assert found.block.block.height == FIRST + AT + 2


def test_a_block_that_is_not_on_the_way_shows_nothing_yet() -> None:
    for lacking in (anchor(9), anchor(9, AT, chain=DASH), Anchor()):
        found = shown(COMPLETE, lacking, HEADERS[9].hash)
        assert (found.block, found.holds) == (None, True)
        assert found.reason == "it leads to block 104, which the anchor does not have"


def test_a_block_below_another_one_than_the_reader_trusts_is_not_anchored() -> None:
    found = shown(COMPLETE, anchor(9, AT), "ab" * 32)
    assert found.block is not None
    assert (found.block.standing, found.holds) == (Standing.NOT_ANCHORED, True)
    assert "does not lead through the block that you named" in found.reason


def test_a_promise_shows_nothing() -> None:
    found = shown(proof(DIGEST, append(b"nonce"), SHA256, pending(CALENDAR)), anchor(9, AT), HEADERS[9].hash)
    assert (found.block, found.pending, found.holds) == (None, (CALENDAR,), True)
    assert "in no block yet" in found.reason


def test_what_is_attested_in_an_unknown_way_shows_nothing() -> None:
    found = shown(proof(DIGEST, attested("06869a0d73d71b45", b"\x01")), anchor(9, AT), HEADERS[9].hash)
    assert (found.block, found.holds) == (None, True)
    assert found.reason == "nothing that is known here is attested in it"


@each_of(
    ("data", "document", "why"),
    [
        (COMPLETE, DOCUMENT + b" ", "another file"),
        (proof(bytes(32), WAY, in_block(FIRST + AT)), DOCUMENT, "another file"),
        (proof(DIGEST, WAY, SHA256, in_block(FIRST + AT)), DOCUMENT, "does not lead to the Merkle root of bip122"),
        (proof(DIGEST, append(b"nonsense"), WAY, in_block(FIRST + AT)), DOCUMENT, "does not lead to the Merkle root"),
        (proof(DIGEST, WAY, in_block(FIRST + AT + 1)), DOCUMENT, "does not lead to the Merkle root"),
        (b"nonsense", DOCUMENT, "ends within the beginning"),
        (proof(DIGEST, b"\x02", in_block(1)), DOCUMENT, "SHA-1 is not taken"),
    ],
)
def test_a_proof_of_another_file_or_of_another_root_does_not_hold(data: bytes, document: bytes, why: str) -> None:
    found = shown(data, anchor(9, AT + 1, AT), HEADERS[9].hash, document=document)
    assert (found.block, found.holds) == (None, False)
    assert why in found.reason


def test_whichever_byte_of_a_proof_is_changed_it_shows_the_block_no_more() -> None:
    for place in range(len(COMPLETE)):
        for flip in (1, 0x80):
            changed = bytearray(COMPLETE)
            changed[place] ^= flip
            assert shown(bytes(changed), anchor(9, AT), HEADERS[9].hash).block is None, place


class Counting(Witness):
    """Which says how often it was asked for a record."""

    asked = 0

    def get(self, digest: bytes) -> bytes | None:
        self.asked += 1
        return super().get(digest)


def reads(*heights: int, records: int, chains: tuple[Chain, ...]) -> int:
    """How often a record is read where a proof names these heights, and so many records belong to no block of it."""
    runs = [record_of([header.raw for header in HEADERS[: place + 1]]) for place in range(len(HEADERS))]
    others = [bytes([number]) * 112 for number in range(records)]
    regtest = tuple(PathBlock(FIRST + place, HEADERS[place].hash) for place in (9, AT + 2, AT))
    testnet = tuple(PathBlock(FIRST + place, HEADERS[0].hash) for place in (AT + 2, AT))
    paths = {chain: path for chain, path in ((REGTEST, regtest), (TESTNET, testnet)) if chain in chains}
    witness = Counting([*runs, *others])
    *further, last = (in_block(height) for height in heights)
    named = proof(DIGEST, WAY, *(part for each in further for part in (FORK, each)), last)
    assert shown(named, Anchor(paths, witness=witness), HEADERS[9].hash).block is not None
    return witness.asked


def test_an_anchor_is_gone_through_no_more_often_for_each_block_that_a_proof_names() -> None:
    def each_record(*heights: int, chains: tuple[Chain, ...] = (REGTEST,)) -> int:
        return reads(*heights, records=100, chains=chains) - reads(*heights, records=0, chains=chains)

    once = each_record(FIRST + AT)
    assert each_record(FIRST + AT + 2, FIRST + AT) == once
    assert each_record(FIRST + AT + 2, FIRST + AT, chains=(TESTNET, REGTEST)) == once


def test_a_block_that_several_heights_name_is_hashed_once() -> None:
    runs = [record_of([header.raw for header in HEADERS[: place + 1]]) for place in range(len(HEADERS))]
    witness = Counting(runs)
    roots = MerkleRoots(witness)
    assert roots(REGTEST, FIRST + AT, HEADERS[AT].hash)[0] == ROOT
    before = witness.asked
    assert roots(REGTEST, FIRST, HEADERS[AT].hash)[1].height == FIRST
    for _ in range(2):
        with pytest.raises(ProofError, match="there is no header of the block"):
            roots(REGTEST, FIRST, "ab" * 32)
    assert witness.asked == before


def test_a_header_that_is_missing_or_another_is_a_reason() -> None:
    path = anchor(9, AT).paths
    without = Anchor(path, witness=Witness([record_of([header.raw for header in HEADERS[AT + 1 :]])]))
    found = shown(COMPLETE, without, HEADERS[9].hash)
    assert found.reason.startswith("the anchor does not hold: there is no header of the block")
    assert found.holds
    shifted = Anchor({REGTEST: (PathBlock(FIRST + AT, HEADERS[AT - 1].hash),)}, witness=anchor(9).witness)
    assert "does not lead to the Merkle root" in shown(COMPLETE, shifted, HEADERS[9].hash).reason

"""Two recorded blocks of Bitcoin, whole: header, work, every transaction's name, Merkle root, every branch.

The recordings are no part of this repository; where they are absent these tests are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, WorkRules
from scanner.chains.bitcoin.header import check_work, double_sha256, parse_header
from scanner.chains.bitcoin.merkle import MerkleError, check_branch, root_of
from scanner.chains.bitcoin.movement import BitcoinMovements
from scanner.chains.bitcoin.node.serialized import without_witness
from scanner.chains.bitcoin.spending import read_spending
from scanner.chains.movement import Instruction
from scanner.chains.records_by_hash import framed
from scanner.core.control import MovedIn
from scanner.core.keccak import keccak256
from tests.support.places import SHARED
from tests.support.simulated.moved_bitcoin import BITCOIN

RECORDED = SHARED / "data" / "recorded" / "bitcoin"
MAINNET = BITCOIN_CHAINS["000000000019d6689c085ae165831e93"].work

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded blocks are not here")


def blocks() -> list[tuple[bytes, str]]:
    """Each block's bytes, and its name."""
    raw = (RECORDED / "block-333961.raw").read_bytes()
    told = json.loads((RECORDED / "block-951658.json").read_text())
    return [
        (raw, "00000000000000001203c1ea455e38612bdf36e9967fdead11935c8e22283ecc"),
        (bytes.fromhex(told["block"]), told["hash"]),
    ]


class Bytes:
    """A block's bytes, read one field after the other (BIP-144)."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, count: int) -> bytes:
        self.at += count
        assert self.at <= len(self.content)
        return self.content[self.at - count : self.at]

    def number(self) -> int:
        first = self.take(1)[0]
        return first if first < 0xFD else int.from_bytes(self.take({0xFD: 2, 0xFE: 4, 0xFF: 8}[first]), "little")

    def transaction(self) -> bytes:
        """The txid, in hashing order: of the transaction without its witnesses."""
        version, start = self.take(4), self.at
        segwit = self.content[start : start + 2] == b"\x00\x01"
        if segwit:
            self.take(2)
            start = self.at
        inputs = self.number()
        for _ in range(inputs):
            self.take(36)
            self.take(self.number())
            self.take(4)
        for _ in range(self.number()):
            self.take(8)
            self.take(self.number())
        body = self.content[start : self.at]
        for _ in range(inputs if segwit else 0):
            for _ in range(self.number()):
                self.take(self.number())
        return double_sha256(version + body + self.take(4))


def branch_of(txids: list[bytes], position: int) -> list[bytes]:
    level, branch = txids, []
    while len(level) > 1:
        level = [*level, level[-1]] if len(level) % 2 else level
        branch.append(level[position ^ 1])
        level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
        position //= 2
    return branch


@pytest.mark.parametrize(("which", "count"), [(0, 202), (1, 374)])
def test_a_recorded_block_holds_from_its_header_s_work_to_each_transaction(which: int, count: int) -> None:
    raw, name = blocks()[which]
    header = parse_header(raw[:80])
    assert header.hash == name
    assert isinstance(MAINNET, WorkRules)
    check_work(header, MAINNET)
    rest = Bytes(raw)
    rest.take(80)
    assert rest.number() == count
    txids = [rest.transaction() for _ in range(count)]
    assert rest.at == len(raw)
    assert root_of(txids) == header.merkle_root
    for position in range(0, count, 7):
        branch = branch_of(txids, position)
        check_branch(txids[position], branch, position, header.merkle_root)
        with pytest.raises(MerkleError):
            check_branch(txids[position - 1], branch, position, header.merkle_root)


def transactions(raw: bytes) -> list[bytes]:
    """A block's transactions without their witnesses."""
    rest = Bytes(raw)
    rest.take(80)
    return [without_witness(raw[start : rest.at]) for start in starts(rest)]


def starts(rest: Bytes) -> Iterator[int]:
    """Where each transaction begins, which was read when the next is asked for."""
    for _ in range(rest.number()):
        start = rest.at
        rest.transaction()
        yield start


@pytest.mark.parametrize("which", [0, 1])
def test_a_recorded_transaction_that_spends_one_of_its_own_block_is_a_movement(which: int) -> None:
    raw, name = blocks()[which]
    listed = transactions(raw)
    read = [read_spending(each) for each in listed[1:]]
    names = [double_sha256(each) for each in listed]
    shown = 0
    for position, spending in enumerate(read, 1):
        before = [listed[names.index(of)] for of in dict.fromkeys(of for of, _ in spending.spent) if of in names]
        outputs = {double_sha256(each): read_spending(each).outputs for each in before}
        for of, number in spending.spent:
            if len(outputs) < len({of for of, _ in spending.spent}):
                continue  # it spends outputs of earlier blocks too
            account = outputs[of][number][1]
            alone = {outputs[each][at][1] for each, at in spending.spent} == {account}
            branch = b"".join(branch_of(names, position))
            place = position.to_bytes((position.bit_length() + 7) // 8)
            record = framed([raw[:80], place, branch, listed[position], *before])
            moved = MovedIn(951_658, name, keccak256(record))
            hash_ = names[position][::-1].hex()
            for atoms, script in spending.outputs:
                asked = Instruction(BITCOIN, account, atoms, hash_)
                fault = BitcoinMovements(1_000).walk(asked, moved, record).fault
                paid = any(a == atoms and s != account for a, s in spending.outputs)
                assert (fault == "") == (alone and paid), script
                shown += not fault
            other = Instruction(BITCOIN, account, sum(a for a, _ in spending.outputs) + 1, hash_)
            assert BitcoinMovements(1_000).walk(other, moved, record).fault
    assert shown > 10

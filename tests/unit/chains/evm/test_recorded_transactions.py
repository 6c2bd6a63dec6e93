"""A recorded chain of go-ethereum's, with transactions of all types: each under its block's root, with its sender.

The recording is no part of this repository; where it is absent these tests are skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from scanner.chains.evm import rlp
from scanner.chains.evm.index_trie import IndexTrie, value_at
from scanner.chains.evm.rlp import Item
from scanner.chains.evm.transaction import read_transaction
from tests.support.places import SHARED

RECORDED = SHARED / "data" / "recorded" / "execution-apis" / "chain.rlp"

pytestmark = pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded chain is not here")


def blocks() -> Iterator[tuple[bytes, list[bytes]]]:
    """Each block's root of transactions, and the transactions."""
    chain, at = RECORDED.read_bytes(), 0
    while at < len(chain):
        width = max(chain[at] - 0xF7, 0)
        size = int.from_bytes(chain[at + 1 : at + 1 + width]) if width else chain[at] - 0xC0
        end = at + 1 + width + size
        block = rlp.decode(chain[at:end])
        at = end
        assert isinstance(block, list)
        header, transactions = block[0], block[1]
        assert isinstance(header, list)
        assert isinstance(transactions, list)
        assert isinstance(header[4], bytes)
        yield header[4], [_raw(each) for each in transactions]


def _raw(transaction: Item) -> bytes:
    return transaction if isinstance(transaction, bytes) else rlp.encode(transaction)


def test_every_transaction_is_shown_under_its_blocks_root_and_read() -> None:
    kinds: Counter[tuple[int, bool]] = Counter()
    senders: Counter[bytes] = Counter()
    for root, transactions in blocks():
        trie = IndexTrie(transactions)
        assert trie.root == root
        for at, raw in enumerate(transactions):
            assert value_at(root, at, iter(trie.proof(at))) == raw
            read = read_transaction(raw)
            kinds[raw[0] if raw[0] < 0x80 else 0, read.chain_id is None] += 1
            senders[read.sender] += 1
    assert kinds == {(0, False): 123, (0, True): 73, (1, False): 23, (2, False): 23, (3, False): 6, (4, False): 1}
    assert len(senders) < 30  # of a signature that is read wrongly, each comes from somebody else

"""Merkle trees: every transaction of a block is found under its root, and nothing else."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.header import double_sha256
from scanner.chains.bitcoin.merkle import MerkleError, branch_of, check_branch, root_of

blocks = st.integers(1, 20).map(lambda count: [sha256(bytes([number])).digest() for number in range(count)])


def test_the_root_of_block_170_is_the_one_in_its_header() -> None:
    txids = [
        "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",
        "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    ]
    root = root_of([bytes.fromhex(txid)[::-1] for txid in txids])
    assert root[::-1].hex() == "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"


@given(blocks, st.data())
def test_every_transaction_of_a_block_is_under_its_root(txids: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(txids) - 1))
    check_branch(txids[position], branch_of(txids, position), position, root_of(txids))


@given(blocks, st.data())
def test_no_transaction_is_at_the_place_of_a_repeated_end(txids: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(txids) - 1))
    branch = branch_of(txids, position)
    for other in range(2 ** len(branch)):
        if other != position:
            with pytest.raises(MerkleError):
                check_branch(txids[position], branch, other, root_of(txids))


@given(blocks, st.sampled_from([-1, 20]))
def test_there_is_no_branch_of_a_transaction_that_is_not_there(txids: list[bytes], position: int) -> None:
    with pytest.raises(IndexError):
        branch_of(txids, position)


@given(blocks, st.data())
def test_a_branch_with_any_bit_changed_leads_nowhere(txids: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(txids) - 1))
    parts = [txids[position], root_of(txids), *branch_of(txids, position)]
    spoiled = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    parts[spoiled] = (int.from_bytes(parts[spoiled]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(MerkleError):
        check_branch(parts[0], parts[2:], position, parts[1])


@given(st.integers(2, 20), st.data())
def test_a_branch_at_another_position_leads_nowhere(count: int, data: st.DataObject) -> None:
    txids = [sha256(bytes([number])).digest() for number in range(count)]
    position = data.draw(st.integers(0, count - 1))
    branch = branch_of(txids, position)
    other = data.draw(st.integers(-1, 2 ** len(branch) + 1).filter(lambda number: number != position))
    if 0 <= other < 2 ** len(branch) and all(
        position >> level & 1 == other >> level & 1 or _is_own_sibling(txids, position, level)
        for level in range(len(branch))
    ):
        return  # the last of an odd level stands for both
    with pytest.raises(MerkleError):
        check_branch(txids[position], branch, other, root_of(txids))


def _is_own_sibling(txids: list[bytes], position: int, level: int) -> bool:
    width = len(txids)
    for _ in range(level):
        width = (width + 1) // 2
    return width % 2 == 1 and position >> level == width - 1


def test_a_made_up_transaction_beneath_a_real_one_of_64_bytes_is_refused() -> None:
    """CVE-2017-12842: the real transaction's own bytes are taken for an inner node."""
    real = bytes([2, 0, 0, 0, 1]) + bytes(36) + b"\x00" + bytes(4) + b"\x01" + bytes(8) + b"\x04" + bytes(4) + bytes(4)
    assert len(real) == 64
    sibling, made_up = real[:32], real[32:]
    root = root_of([double_sha256(real), other := sha256(b"other").digest()])
    check_branch(double_sha256(real), [other], 0, root)
    with pytest.raises(MerkleError, match="transaction"):
        check_branch(made_up, [sibling, other], 1, root)


def test_a_list_that_repeats_its_end_is_refused_although_its_root_is_the_same() -> None:
    one, two, three = (sha256(bytes([number])).digest() for number in range(3))
    with pytest.raises(MerkleError, match="repeats"):
        root_of([one, two, three, three])
    with pytest.raises(MerkleError, match="without transactions"):
        root_of([])


def test_a_branch_deeper_than_any_block_and_hashes_of_another_length_are_refused() -> None:
    node = bytes(32)
    with pytest.raises(MerkleError, match="levels"):
        check_branch(node, [node] * 25, 0, node)
    for parts in ((node[:31], [node], node), (node, [node + b"\0"], node), (node, [node], b"")):
        with pytest.raises(MerkleError, match="32 bytes"):
            check_branch(parts[0], parts[1], 0, parts[2])

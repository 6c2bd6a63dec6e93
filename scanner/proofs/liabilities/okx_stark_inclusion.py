"""A customer's inclusion file of OKX's zk-STARK v1: an account under its batch's root, the batch under the trunk's.

What it shows alone: that the record lies under the roots which the file itself brings. Whether these are the published
ones is for `okx_stark` to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.interface import Refuted, TooLarge
from scanner.proofs.liabilities.okx_stark_files import InclusionFile, ValueRecord
from scanner.proofs.liabilities.stark_field import BLOW_UP, PRIME
from scanner.proofs.liabilities.stark_sums import MOST_POINTS, StarkConfiguration, Sums
from scanner.proofs.liabilities.stark_tree import leaf_of

TRUNK_UTS: Final = 32
_UTS: Final = frozenset({16, 32})


@dataclass(frozen=True, slots=True)
class IncludedAccount:
    """One account that lies under the roots of its file."""

    account: bytes
    sums: Sums
    index: int
    leaf: bytes
    uts: int
    accounts: int  # that the batch has room for
    batches: int  # that the trunk has room for
    batch_root: bytes
    batch_sums: Sums
    trunk_root: bytes


def check_account(file: InclusionFile, name: str, expected: StarkConfiguration | None = None) -> IncludedAccount:
    """The account that a file shows. Raises Refuted if the file does not hold together or is configured otherwise."""
    if expected is not None and file.configuration != expected:
        raise Refuted(f"{name}: it has another configuration than the proofs")
    if file.uts not in _UTS:
        raise Refuted(f"{name}: {file.uts} rows an account where there are 16 or 32; more would let debts pass")
    user, batch = file.account, file.batch
    if batch.account != user.root:
        raise Refuted(f"{name}: the batch that is in the trunk is not the one that the account is in")
    if sum(user.sums.coins.values()) != user.sums.total:
        raise Refuted(f"{name}: the account's coins do not add up to its total_value")
    if not 0 <= user.sums.total < 4 ** (file.uts - 2):
        raise Refuted(f"{name}: the account's total_value is negative, or more than the format has room for")
    if sum(batch.sums.coins.values()) != batch.sums.total or min(batch.sums.coins.values()) < 0:
        raise Refuted(f"{name}: the batch's coins do not add up to its total_value, or one is negative")
    if batch.sums.total >= 4 ** (TRUNK_UTS - 2):
        raise Refuted(f"{name}: its batch's total_value is more than the format has room for")
    if user.sums.total > batch.sums.total:
        raise Refuted(f"{name}: the account holds more than its whole batch")
    leaf = _leaf(user)
    accounts = _check_path(user, leaf, file.user_index, file.uts, f"{name}: batch")
    batches = _check_path(batch, _leaf(batch), file.batch_index, TRUNK_UTS, f"{name}: trunk")
    return IncludedAccount(
        user.account, user.sums, file.user_index, leaf, file.uts, accounts, batches, user.root, batch.sums, batch.root
    )


def _leaf(record: ValueRecord) -> bytes:
    coins = b"".join((value % PRIME).to_bytes(32) for value in record.sums.coins.values())
    value = (record.sums.total % PRIME).to_bytes(32)
    return keccak256(value + keccak256(coins) + record.account + record.random)


def _check_path(record: ValueRecord, leaf: bytes, index: int, uts: int, where: str) -> int:
    """How many accounts the tree has room for. The path starts with the leaf."""
    points = 1 << len(record.path) - 1 if record.path else 0
    if points > MOST_POINTS:
        raise TooLarge(where, f"a path of {len(record.path)} nodes", MOST_POINTS.bit_length())
    accounts = points // (uts * BLOW_UP) - 1  # the first block belongs to none
    if accounts < 1 or index >= accounts:
        raise Refuted(f"{where}: index {index} is not in a tree of {len(record.path)} levels")
    if record.path[0] != leaf:
        raise Refuted(f"{where}: the record does not hash to the leaf that the path starts with")
    position = leaf_of((uts * (index + 1) + uts - 2) * BLOW_UP, points)
    node = leaf
    for level, sibling in enumerate(record.path[1:]):
        node = keccak256(sibling + node if position >> level & 1 else node + sibling)
    if node != record.root:
        raise Refuted(f"{where}: the path does not lead to the root")
    return accounts

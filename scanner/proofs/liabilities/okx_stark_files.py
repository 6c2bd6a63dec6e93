"""The files of OKX's zk-STARK v1, read into values: configuration, sums, sum proofs, customers' inclusion files.

Lengths, alphabets and counts are checked here; whether anything of it holds is not (`stark_sums`, `okx_stark`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanner.proofs.liabilities.interface import NotUnderstood, TooLarge
from scanner.proofs.liabilities.reading import JsonFields, json_value
from scanner.proofs.liabilities.stark_fri import Folding, Layer
from scanner.proofs.liabilities.stark_sums import StarkConfiguration, SumProof, Sums
from scanner.proofs.liabilities.stark_tree import Opening

MOST_PROOF_BYTES: Final = 16 << 20
"""Of one sum proof: 156 coins and 4,095 accounts take about 1 MB."""
MOST_COINS: Final = 1000
MOST_ENTRIES: Final = 4096
"""Of any list: the format's own counts are smaller, and are for those to check who know what they count."""
_UINT64: Final = (1 << 64) - 1
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_WHOLE: Final = r"0|[1-9][0-9]{0,39}"
_SIGNED: Final = rf"{_WHOLE}|-[1-9][0-9]{{0,39}}"
_ACCOUNT_TOTAL: Final = "total_value"


@dataclass(frozen=True, slots=True)
class ValueRecord:
    """One leaf below the rows of values, and its path."""

    root: bytes
    account: bytes
    sums: Sums
    random: bytes
    path: tuple[bytes, ...]  # from the leaf up, the root not included


@dataclass(frozen=True, slots=True)
class InclusionFile:
    """A customer's file: the account in its batch, and the batch in the trunk."""

    account: ValueRecord
    batch: ValueRecord
    user_index: int
    batch_index: int
    uts: int
    configuration: StarkConfiguration


def configuration(text: bytes, name: str) -> StarkConfiguration:
    """The configuration that all proofs of a release share."""
    return _configuration(JsonFields(json_value(text, name), name))


def _configuration(fields: JsonFields) -> StarkConfiguration:
    fields.only("main_coins_num", "coins")
    names = fields.values("coins", MOST_COINS)
    if not names or not all(
        isinstance(each, str) and re.fullmatch(r"[\w.$+-]{1,40}", each, re.ASCII) for each in names
    ):
        raise NotUnderstood(f"{fields.where}.coins: expected names of coins")
    coins = tuple(map(str, names))
    if len({each.upper() for each in coins}) != len(coins) or any(each.lower() == _ACCOUNT_TOTAL for each in coins):
        raise NotUnderstood(f"{fields.where}.coins: a coin is named twice, or has a name of the format's own")
    return StarkConfiguration(coins, fields.number("main_coins_num", 1, len(coins)))


def sums(text: bytes, name: str, coins: Sequence[str]) -> Sums:
    """What stands beside a sum proof."""
    fields = JsonFields(json_value(text, name), name)
    fields.only(*coins, _ACCOUNT_TOTAL)
    return _sums(fields, coins)


def _sums(fields: JsonFields, coins: Sequence[str]) -> Sums:
    return Sums({coin: int(fields.text(coin, _SIGNED)) for coin in coins}, int(fields.text(_ACCOUNT_TOTAL, _SIGNED)))


def sum_proof(text: bytes, name: str) -> SumProof:
    """One sum proof."""
    fields = JsonFields(json_value(text, name), name)
    fields.only(
        *("steps", "uts", "mtree_root", "l_mtree_root", "pow_nonce", "mtree_branches", "mtree_entries_data"),
        *("l_mtree_branches", "low_degree_proof"),
    )
    degree = fields.values("low_degree_proof", MOST_ENTRIES)
    if not degree:
        raise NotUnderstood(f"{name}.low_degree_proof: is empty")
    where = f"{name}.low_degree_proof"
    last = _list(degree[-1], where)
    return SumProof(
        steps=fields.number("steps", 1, _UINT64),
        uts=fields.number("uts", 1, _UINT64),
        root=_hash(fields, "mtree_root"),
        linear_root=_hash(fields, "l_mtree_root"),
        nonce=_hash(fields, "pow_nonce"),
        openings=_openings(fields.values("mtree_branches", MOST_ENTRIES), f"{name}.mtree_branches"),
        entries=[
            _entry(each, f"{name}.mtree_entries_data") for each in fields.values("mtree_entries_data", MOST_ENTRIES)
        ],
        linear_openings=_openings(fields.values("l_mtree_branches", MOST_ENTRIES), f"{name}.l_mtree_branches"),
        folding=Folding([_layer(each, where) for each in degree[:-1]], [_node(each, where) for each in last]),
    )


def inclusion(text: bytes, name: str) -> InclusionFile:
    """A customer's inclusion file."""
    fields = JsonFields(json_value(text, name), name)
    fields.only("batch_inclusion_proof", "trunk_inclusion_proof", "config")
    settings = _configuration(fields.object("config"))
    user, batch = fields.object("batch_inclusion_proof"), fields.object("trunk_inclusion_proof")
    common = ("total_value", *settings.coins, "random_number", "merkle_path")
    user.only("batch_mtree_root", "user_id", *common, "user_index", "batch_index", "uts")
    batch.only("trunk_mtree_root", "batch_id", *common)
    return InclusionFile(
        account=_record(user, "batch_mtree_root", "user_id", settings.coins),
        batch=_record(batch, "trunk_mtree_root", "batch_id", settings.coins),
        user_index=user.number("user_index", 0, _UINT64),
        batch_index=user.number("batch_index", 0, _UINT64),
        uts=user.number("uts", 1, _UINT64),
        configuration=settings,
    )


def _record(fields: JsonFields, root: str, account: str, coins: Sequence[str]) -> ValueRecord:
    where = f"{fields.where}.merkle_path"
    nodes = tuple(_node(each, where) for each in fields.values("merkle_path", MOST_ENTRIES))
    return ValueRecord(
        _hash(fields, root), _hash(fields, account), _sums(fields, coins), _hash(fields, "random_number"), nodes
    )


def _hash(fields: JsonFields, key: str) -> bytes:
    return bytes.fromhex(fields.text(key, _HASH.pattern))


def _node(value: Any, where: str) -> bytes:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise NotUnderstood(f"{where}: {str(value)[:80]!a} is no hash of 32 bytes in lower-case hex")
    return bytes.fromhex(value)


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise NotUnderstood(f"{where}: expected a list")
    if len(value) > MOST_ENTRIES:
        raise TooLarge(where, f"a list of {len(value):,}", MOST_ENTRIES)
    return value


def _openings(values: list[Any], where: str) -> list[Opening]:
    return [[None if node == "" else _node(node, where) for node in _list(each, where)] for each in values]


def _layer(value: Any, where: str) -> Layer:
    parts = _list(value, where)
    if len(parts) != 3:
        raise NotUnderstood(f"{where}: a layer of {len(parts)} parts")
    root, columns, values = parts
    return Layer(_node(root, where), _openings(_list(columns, where), where), _openings(_list(values, where), where))


def _entry(value: Any, where: str) -> tuple[bytes, ...]:
    parts = value if isinstance(value, list) else [value]
    if len(parts) not in {1, 4} or not all(isinstance(each, str) for each in parts):
        raise NotUnderstood(f"{where}: an entry that is neither a text nor four of them")
    if not all(re.fullmatch(r"([0-9a-f]{64})+", each) for each in parts):
        raise NotUnderstood(f"{where}: an entry that is no lower-case hex of whole elements")
    return tuple(bytes.fromhex(each) for each in parts)

"""The files of Binance's and Gate's zkmerkle releases, read into values: a customer's proof, and the totals' list.

Spelling, lengths and ranges are checked here; whether anything of it holds is not.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanner.proofs.liabilities.interface import NotUnderstood, Refuted
from scanner.proofs.liabilities.poseidon_bn254 import ORDER
from scanner.proofs.liabilities.reading import JsonFields, json_value
from scanner.proofs.liabilities.zkmerkle import DEPTH, ITEMS, CustomerHolding, CustomerRecord

MOST_CONFIGURATION_BYTES: Final = 16 << 20
MOST_ASSETS: Final = 4096
MOST_TIERS: Final = 12  # of an asset's collateral, for each of three kinds
_VALUE: Final = r"0|[1-9][0-9]{0,37}"  # an amount times a price, summed up: below 2**128
_AMOUNT_END: Final = 1 << 64
_MOST_LEVELS: Final = 256


@dataclass(frozen=True, slots=True)
class UserNames:
    """What an exchange calls the fields of a customer's file."""

    index: str
    account: str
    equity: str
    debt: str
    holdings: str
    root: str
    path: str


BINANCE: Final = UserNames("AccountIndex", "AccountIdHash", "TotalEquity", "TotalDebt", "Assets", "Root", "Proof")
GATE: Final = UserNames(
    index="Arrangement",
    account="UniqueIdentification",
    equity="TotalAssetEquity",
    debt="TotalAssetDebt",
    holdings="AssetDetails",
    root="TreeRootHash",
    path="MerkleProofEncode",
)
_COLLATERAL: Final = "TotalCollateral"


@dataclass(frozen=True, slots=True)
class AssetTotals:
    """One line of the totals that an exchange publishes."""

    index: int
    symbol: str
    equity: int
    debt: int
    price: int
    collateral: tuple[int, int, int] = (0, 0, 0)  # loan, margin, portfolio margin
    tiers: tuple[tuple[tuple[int, int], ...], ...] = ((), (), ())  # of each kind: (boundary, ratio in percent)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the verifier's configuration says: the totals, and which key belongs to which tier of assets."""

    assets: tuple[AssetTotals, ...]
    keys: dict[int | None, str]  # the key file's name by tier of assets; by None where there are no tiers


def record(text: bytes, name: str, names: UserNames) -> CustomerRecord:
    """A customer's file. Raises NotUnderstood, and Refuted for numbers out of range."""
    fields = JsonFields(json_value(text, name), name)
    known = (names.index, names.account, names.equity, names.debt, names.holdings, names.root, names.path)
    fields.only(*known, _COLLATERAL)
    equity, debt = _value(fields, names.equity), _value(fields, names.debt)
    if debt > equity:
        raise Refuted(f"{name}: the customer owes more than the customer has")
    account = int(fields.text(names.account, "[0-9a-f]{64}"), 16)
    if account >= ORDER:
        raise Refuted(f"{name}.{names.account}: no element of the field")
    return CustomerRecord(
        index=fields.number(names.index, 0, (1 << DEPTH) - 1),
        account=account,
        equity=equity,
        debt=debt,
        collateral=_value(fields, _COLLATERAL) if _COLLATERAL in fields else None,
        holdings=_holdings(fields.objects(names.holdings, MOST_ASSETS)),
        root=fields.text(names.root, "[0-9a-f]{64}"),
        path=tuple(element(each, f"{name}.{names.path}") for each in fields.values(names.path, _MOST_LEVELS)),
    )


def _holdings(rows: Sequence[JsonFields]) -> tuple[CustomerHolding, ...]:
    made: list[CustomerHolding] = []
    for row in rows:
        items = [item for item in ITEMS if item in row]
        row.only("Index", *items)
        if items not in (list(ITEMS), list(ITEMS[:2])):
            raise NotUnderstood(f"{row.where}: expected the amounts {', '.join(ITEMS[:2])}, or {', '.join(ITEMS)}")
        index = row.setting("Index", 0, MOST_ASSETS - 1)
        if made and index <= made[-1].index:
            raise Refuted(f"{row.where}: index {index} after {made[-1].index}")
        made.append(CustomerHolding(index, tuple(row.number(item, 0, _AMOUNT_END - 1) for item in items)))
    return tuple(made)


def configuration(text: bytes, name: str) -> Configuration:
    """A verifier's configuration. Of other fields than the totals only the names of key files are read."""
    fields = JsonFields(json_value(text, name), name)
    rows = [_asset(each) for each in fields.objects("CexAssetsInfo", MOST_ASSETS)]
    if sorted(each.index for each in rows) != list(range(len(rows))):
        raise Refuted(f"{name}.CexAssetsInfo: an index is there twice, or one is missing")
    key = "ZkKeyName" if "ZkKeyName" in fields else "ZkKeyVKDirectoryAndPrefix"
    keys: dict[int | None, str] = {}
    if "AssetsCountTiers" in fields:
        tiers = [_whole(each, f"{name}.AssetsCountTiers") for each in fields.values("AssetsCountTiers", 16)]
        names = fields.values(key, 16)
        if (
            len(names) != len(tiers)
            or len(set(tiers)) != len(tiers)
            or not all(isinstance(each, str) for each in names)
        ):
            raise NotUnderstood(f"{name}: AssetsCountTiers and {key} do not go together")
        keys = {tier: _key_file(each, name) for tier, each in zip(tiers, names, strict=True)}
    elif key in fields:
        keys = {None: _key_file(fields.text(key), name)}
    return Configuration(tuple(sorted(rows, key=lambda each: each.index)), keys)


def _symbol(row: JsonFields) -> str:
    symbol = row.text("Symbol", r"\S{1,40}")
    if not symbol.isprintable():  # coins are called in many scripts, but not by what changes how a line is read
        raise NotUnderstood(f"{row.where}.Symbol: {symbol!a} is no name of a coin")
    return symbol


def _asset(row: JsonFields) -> AssetTotals:
    asset = AssetTotals(
        index=row.setting("Index", 0, MOST_ASSETS - 1),
        symbol=_symbol(row),
        equity=row.number("TotalEquity", 0, _AMOUNT_END - 1),
        debt=row.number("TotalDebt", 0, _AMOUNT_END - 1),
        price=row.number("BasePrice", 0, _AMOUNT_END - 1),
    )
    if asset.debt > asset.equity:
        raise Refuted(f"{row.where}: customers owe more {asset.symbol} than they have, and no circuit checks that")
    if "LoanCollateral" not in row:
        return asset
    kinds = ("Loan", "Margin", "PortfolioMargin")
    loan, margin, portfolio = (row.number(f"{kind}Collateral", 0, _AMOUNT_END - 1) for kind in kinds)
    tiers = tuple(tuple(map(_tier, row.objects(f"{kind}Ratios", MOST_TIERS))) for kind in kinds)
    return AssetTotals(
        asset.index, asset.symbol, asset.equity, asset.debt, asset.price, (loan, margin, portfolio), tiers
    )


def _tier(row: JsonFields) -> tuple[int, int]:
    boundary = int(row.text("BoundaryValue", _VALUE))
    if boundary > 1 << 118:
        raise Refuted(f"{row.where}.BoundaryValue: more than 2**118")
    return boundary, row.number("Ratio", 0, 255)


def _key_file(path: str, where: str) -> str:
    if not re.fullmatch(r"[ -~]{1,300}", path):
        raise NotUnderstood(f"{where}: {path[:80]!a} is no name of a key's file")
    return path.replace("\\", "/").rpartition("/")[2] + ".vk"


def _value(fields: JsonFields, key: str) -> int:
    return int(fields.text(key, _VALUE))


def _whole(value: Any, where: str) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
        raise NotUnderstood(f"{where}: {str(value)[:40]!a} is no whole number")
    return int(value)


def element(value: Any, where: str) -> int:
    """An element of the field from its one spelling: base64 of 32 bytes, big-endian, below the prime."""
    number = int.from_bytes(decoded(value, where, {32}))
    if number >= ORDER:
        raise Refuted(f"{where}: {str(value)[:60]!a} is no element of the field")
    return number


def decoded(value: Any, where: str, lengths: set[int]) -> bytes:
    """Bytes from base64 in its one spelling. Raises NotUnderstood for another, or another length."""
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) not in lengths or base64.b64encode(data).decode() != value:
        raise NotUnderstood(
            f"{where}: {str(value)[:60]!a} is no base64 of {' or '.join(map(str, sorted(lengths)))} bytes"
        )
    return data

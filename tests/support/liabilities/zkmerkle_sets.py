"""A zkmerkle release as an exchange publishes it, of few assets and accounts: table, configuration, keys, customers."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from scanner.proofs.liabilities import File
from scanner.proofs.liabilities.poseidon_bn254 import hash_elements
from scanner.proofs.liabilities.units import Decimals
from scanner.proofs.liabilities.zkmerkle import (
    DEPTH,
    ITEMS,
    CircuitLayout,
    CustomerHolding,
    CustomerRecord,
    empty_root,
    leaf,
)
from scanner.proofs.liabilities.zkmerkle_chain import commitment
from scanner.proofs.liabilities.zkmerkle_files import BINANCE, AssetTotals
from scanner.proofs.liabilities.zkmerkle_scheme import ZkMerkle
from tests.support.liabilities.groth16_prover import Secrets
from tests.support.liabilities.published_files import file

FIRST = CircuitLayout("small-first", assets=4, items=2, collateral=False)
SECOND = CircuitLayout("small-second", assets=6, items=5, collateral=True, tiers=(2, 6))
SCHEME = ZkMerkle((SECOND, FIRST), BINANCE, Decimals(8, {"SHIB": 2}))
"""The scheme as registered for Binance, but for layouts of few assets."""

_TIERS = (((100, 90), (500, 50)), ((100, 80),), ())
_ASSETS = (
    AssetTotals(0, "btc", 0, 0, 30_000, tiers=_TIERS),
    AssetTotals(1, "Eth", 0, 0, 2_000, tiers=_TIERS),
    AssetTotals(2, "SHIB", 0, 0, 7, tiers=_TIERS),
)


@dataclass(frozen=True)
class Release:
    """All that is published, by name."""

    texts: Mapping[str, str]
    keys: Mapping[str, bytes]
    root: str
    digests: str  # of the keys, as the option takes them
    users: tuple[str, ...] = field(default=())

    def files(self, *, users: int = 0, keys: bool = True, **changed: str) -> tuple[File, ...]:
        """The files, so many customers among them; some with another text, by the name before the point."""
        chosen = ["proof.csv", "config.json", *self.users[:users]]
        texts = [file(changed.get(name.partition(".")[0], self.texts[name]), name) for name in chosen]
        return (*texts, *(file(data, name) for name, data in self.keys.items() if keys))


def _records(layout: CircuitLayout) -> list[CustomerRecord]:
    holdings = [
        [(0, 100, 20), (1, 50, 0)],
        [(1, 3000, 100)],
        [(0, 7, 0), (1, 9, 9), (2, 10**12, 5)],
    ]
    made = []
    for index, rows in enumerate(holdings):
        amounts = [(place, (equity, debt, *[equity // 2] * (layout.items - 2))) for place, equity, debt in rows]
        equity, debt = (sum(each[1 + at] * _ASSETS[each[0]].price for each in rows) for at in (0, 1))
        made.append(
            CustomerRecord(
                index=index,
                account=1000 + index,
                equity=equity,
                debt=debt,
                collateral=equity // 2 if layout.collateral else None,
                holdings=tuple(CustomerHolding(place, row) for place, row in amounts),
                root="",
                path=(),
            )
        )
    return made


def _levels(leaves: Mapping[int, int], layout: CircuitLayout) -> list[dict[int, int]]:
    empty = _empty_nodes(layout)
    levels = [dict(leaves)]
    for level in range(DEPTH):
        below = levels[-1]
        levels.append(
            {
                place: hash_elements([below.get(2 * place + side, empty[level]) for side in (0, 1)])
                for place in {place >> 1 for place in below}
            }
        )
    return levels


@cache
def _empty_nodes(layout: CircuitLayout) -> list[int]:
    zeros = [0] * -(-layout.items * layout.assets // 3)
    nodes = [hash_elements([0] * 5 if layout.tiers else [0, 0, 0, hash_elements(zeros, layout.chunk)])]
    for _ in range(DEPTH):
        nodes.append(hash_elements([nodes[-1], nodes[-1]]))
    return nodes


def _text(element: int) -> str:
    return base64.b64encode(element.to_bytes(32)).decode()


@cache
def release(layout: CircuitLayout = SECOND, *, ranges: bool = True) -> Release:
    """The release of that layout. With tiers its batches either have ranges of accounts, or roots that chain."""
    ranges = ranges and bool(layout.tiers)
    records = _records(layout)
    empty = _empty_nodes(layout)
    totals = list(_ASSETS)
    leaves: dict[int, int] = {}
    rows: list[dict[str, str]] = []
    tiers = layout.tiers or (None,)
    secrets = {tier: Secrets(f"{layout.name} {tier}".encode()) for tier in tiers}
    everyone = _levels({record.index: leaf(record, layout) for record in records}, layout)
    root = everyone[-1][0]
    before_root = empty_root(layout)
    for number, batch in enumerate((records[:2], records[2:])):
        before = commitment(totals, layout)
        for record in batch:
            leaves[record.index] = leaf(record, layout)
            for holding in record.holdings:
                totals[holding.index] = _added(totals[holding.index], holding)
        after = commitment(totals, layout)
        after_root = _levels(leaves, layout)[-1][0]
        roots = [root] if ranges else [before_root, after_root]
        span = [batch[0].index, batch[-1].index] if ranges else []
        public = hash_elements([*roots, before, after, *span])
        tier = tiers[number % len(tiers)]
        row = {
            "id": str(number),
            "proof_info": base64.b64encode(secrets[tier].proof(public)).decode(),
            "cex_asset_list_commitments": json.dumps([_text(before), _text(after)]),
            "account_tree_roots": json.dumps([_text(each) for each in roots]),
            "batch_commitment": _text(public),
            "batch_number": str(number),
        }
        if layout.tiers:
            row["assets_count"] = str(tier)
        if ranges:
            row["min_account_index"], row["max_account_index"] = map(str, span)
        rows.append(row)
        before_root = after_root
    keys = {f"zkpor{tier or 864}.vk": secrets[tier].key() for tier in tiers}
    texts = {"proof.csv": table(reversed(rows)), "config.json": json.dumps(_configuration(totals, layout))}
    users = []
    for record in records:
        path = [everyone[level].get(record.index >> level ^ 1, empty[level]) for level in range(DEPTH)]
        users.append(f"user_{record.index}.json")
        texts[users[-1]] = json.dumps(_customer(replace(record, root=f"{root:064x}", path=tuple(path))))
    digests = ", ".join(file_digest(data) for data in keys.values())
    return Release(texts, keys, f"{root:064x}", digests, tuple(users))


def file_digest(data: bytes) -> str:
    """SHA-256 in hex."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def table(rows: Any) -> str:
    """Rows as the text of a table."""
    listed = list(rows)
    written = io.StringIO()
    writer = csv.DictWriter(written, listed[0].keys(), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return written.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(text)))


def _added(asset: AssetTotals, holding: CustomerHolding) -> AssetTotals:
    equity, debt, *collateral = holding.amounts
    loan, margin, portfolio = (a + b for a, b in zip(asset.collateral, collateral or [0] * 3, strict=True))
    more = (loan, margin, portfolio)
    return replace(asset, equity=asset.equity + equity, debt=asset.debt + debt, collateral=more)


def _configuration(totals: Sequence[AssetTotals], layout: CircuitLayout) -> dict[str, Any]:
    assets: list[dict[str, Any]] = []
    for asset in totals:
        assets.append(
            {
                "TotalEquity": asset.equity,
                "TotalDebt": asset.debt,
                "BasePrice": asset.price,
                "Symbol": asset.symbol,
                "Index": asset.index,
            }
        )
        for kind, amount, tiers in zip(
            ("Loan", "Margin", "PortfolioMargin"), asset.collateral, asset.tiers, strict=True
        ):
            if layout.collateral:
                assets[-1][f"{kind}Collateral"] = amount
                assets[-1][f"{kind}Ratios"] = [
                    {"BoundaryValue": b, "Ratio": r, "PrecomputedValue": 1} for b, r in tiers
                ]
    names: dict[str, Any] = {"ZkKeyName": "config/zkpor864"}
    if layout.tiers:
        names = {"ZkKeyName": [f"config/zkpor{each}" for each in layout.tiers], "AssetsCountTiers": list(layout.tiers)}
    return {"ProofTable": "config/proof.csv", **names, "CexAssetsInfo": assets}


def _customer(record: CustomerRecord) -> dict[str, Any]:
    rows = [{"Index": holding.index, **dict(zip(ITEMS, holding.amounts, strict=False))} for holding in record.holdings]
    written: dict[str, Any] = {
        "AccountIndex": record.index,
        "AccountIdHash": f"{record.account:064x}",
        "TotalEquity": record.equity,
        "TotalDebt": record.debt,
        "Assets": rows,
        "Root": record.root,
        "Proof": [_text(each) for each in record.path],
    }
    if record.collateral is not None:
        written["TotalCollateral"] = record.collateral
    return written

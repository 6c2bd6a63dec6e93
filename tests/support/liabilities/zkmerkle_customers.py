"""Customers' files of Binance's and Gate's layouts, in trees of production's depth: a record and its siblings."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from typing import Any, Final

from scanner.proofs.liabilities.binance import LAYOUTS as BINANCE_LAYOUTS
from scanner.proofs.liabilities.gate import LAYOUTS as GATE_LAYOUTS
from scanner.proofs.liabilities.poseidon_bn254 import ORDER, hash_elements
from scanner.proofs.liabilities.zkmerkle import DEPTH, ITEMS, CircuitLayout, CustomerHolding, CustomerRecord, leaf
from scanner.proofs.liabilities.zkmerkle_files import BINANCE, GATE

LAYOUTS: Final[dict[str, Sequence[CircuitLayout]]] = {"binance": BINANCE_LAYOUTS, "gate": GATE_LAYOUTS}
_NAMES: Final = {"binance": BINANCE, "gate": GATE}


def customer(scheme: str, layout: CircuitLayout, seed: int, assets: int = 5) -> tuple[dict[str, Any], str]:
    """A customer's file as JSON values, and the root that it leads to. The layout's last asset is in it."""
    luck = random.Random(f"{layout.name} {seed}")
    indices = sorted({*luck.sample(range(layout.assets), assets - 1), layout.assets - 1})
    holdings = tuple(
        CustomerHolding(each, tuple(sorted((luck.randrange(2**60) for _ in range(layout.items)), reverse=True)))
        for each in indices
    )
    equity, index = luck.randrange(2**90), luck.randrange(2**DEPTH)
    record = CustomerRecord(
        index=index,
        account=luck.randrange(ORDER),
        equity=equity,
        debt=equity // 3,
        collateral=equity // 2 if layout.collateral else None,
        holdings=holdings,
        root="",
        path=(),
    )
    path = [luck.randrange(ORDER) for _ in range(DEPTH)]
    node = leaf(record, layout)
    for level, sibling in enumerate(path):
        node = hash_elements([sibling, node] if index >> level & 1 else [node, sibling])
    names = _NAMES[scheme]
    written: dict[str, Any] = {
        names.index: index,
        names.account: f"{record.account:064x}",
        names.equity: equity,
        names.debt: record.debt,
        names.holdings: [{"Index": each.index, **dict(zip(ITEMS, each.amounts, strict=False))} for each in holdings],
        names.root: f"{node:064x}",
        names.path: [base64.b64encode(each.to_bytes(32)).decode() for each in path],
    }
    if record.collateral is not None:
        written["TotalCollateral"] = record.collateral
    return written, f"{node:064x}"

"""The account trees of Binance's zkmerkle circuits and of Gate's: a release's layout, a customer's leaf, its path.

A leaf holds a customer's id, the value of all that the customer owns and owes, and a commitment to the single amounts.
Inner nodes hold no sums: a path shows that the record is in the tree, and says nothing of any total.

Not in here: files (`zkmerkle_files`), the batches' proofs (`zkmerkle_chain`).

Sources: binance/zkmerkle-proof-of-solvency and gateio/proof-of-reserves, src/utils/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from scanner.proofs.liabilities.interface import NotUnderstood, OtherRoot, Refuted
from scanner.proofs.liabilities.poseidon_bn254 import hash_elements

DEPTH: Final = 28
EQUITY, DEBT, LOAN, MARGIN, PORTFOLIO = range(5)
"""The places of amounts in a holding."""
ITEMS: Final = ("Equity", "Debt", "Loan", "Margin", "PortfolioMargin")
RESERVED_BOUNDARY: Final = 1 << 118
"""Of a tier of collateral that an asset does not have."""


@dataclass(frozen=True, slots=True)
class CircuitLayout:
    """One release's circuits."""

    name: str
    assets: int
    items: int  # amounts of a holding that the leaf's commitment holds: the first so many of `ITEMS`
    collateral: bool  # whether the leaf, and the commitment to the exchange's totals, hold collateral
    tiers: tuple[int, ...] = ()  # rows of a commitment by asset index; without them there is one for each asset
    chunk: int = 12
    released: bool = True


@dataclass(frozen=True, slots=True)
class CustomerHolding:
    """What a customer has of one asset: as many amounts as the file names, each below 2**64."""

    index: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """One customer's file. Indices of holdings rise."""

    index: int
    account: int  # an element of the field
    equity: int
    debt: int
    collateral: int | None
    holdings: tuple[CustomerHolding, ...]
    root: str  # 64 hex digits
    path: tuple[int, ...]  # siblings from the bottom up


@lru_cache(maxsize=16)  # a record is asked for by path and by place
def leaf(record: CustomerRecord, layout: CircuitLayout) -> int:
    """The leaf of a customer's record. Raises NotUnderstood if the record is not of that layout."""
    if (record.collateral is not None) != layout.collateral:
        raise NotUnderstood(f"the layout {layout.name} has {'a' if layout.collateral else 'no'} TotalCollateral")
    if any(each.index >= layout.assets or len(each.amounts) != layout.items for each in record.holdings):
        raise NotUnderstood(f"the layout {layout.name} has {layout.assets} assets of {layout.items} amounts each")
    rows = _tiered(record.holdings, layout) if layout.tiers else _dense(record.holdings, layout)
    commitment = hash_elements(pack(rows), layout.chunk)
    collateral = [] if record.collateral is None else [record.collateral]
    return hash_elements([record.account, record.equity, record.debt, *collateral, commitment])


def check_path(record: CustomerRecord, layout: CircuitLayout) -> str:
    """The root that a record leads to, which has to be the one that its file names. Raises Refuted or NotUnderstood."""
    if record.index >= 1 << DEPTH or len(record.path) != DEPTH:
        raise Refuted(f"account {record.index} with {len(record.path)} siblings is not in a tree of depth {DEPTH}")
    node = leaf(record, layout)
    for level, sibling in enumerate(record.path):
        node = hash_elements([sibling, node] if record.index >> level & 1 else [node, sibling])
    found = f"{node:064x}"
    if found != record.root:
        raise Refuted(f"by the layout {layout.name} the record does not lead to the root that its file names")
    return found


def find_layout(record: CustomerRecord, layouts: Sequence[CircuitLayout], root: str | None) -> CircuitLayout:
    """The layout by which a record leads to the root that its file names, and that one is `root` where it is given.

    Raises OtherRoot, Refuted if it does by none, NotUnderstood if it can be of none.
    """
    refuted: Refuted | None = None
    strange: NotUnderstood | None = None
    for layout in layouts:
        try:
            found = check_path(record, layout)
        except NotUnderstood as error:
            strange = error
        except Refuted as error:
            refuted = error
        else:
            if root is not None and root.lower() != found:
                raise OtherRoot(root[:100], found)
            return layout
    raise refuted or strange or NotUnderstood("no layout is known")


def pack(numbers: Sequence[int]) -> list[int]:
    """Three numbers of 64 bits an element, the first one highest; zeros fill up the last."""
    filled = [*numbers, *[0] * (-len(numbers) % 3)]
    return [
        high << 128 | middle << 64 | low
        for high, middle, low in zip(filled[::3], filled[1::3], filled[2::3], strict=True)
    ]


@cache
def empty_root(layout: CircuitLayout) -> int:
    """The root of a tree that holds no account yet."""
    nothing = [0] * layout.items * layout.assets
    node = hash_elements([0, 0, 0, 0, 0] if layout.tiers else [0, 0, 0, hash_elements(pack(nothing), layout.chunk)])
    for _ in range(DEPTH):
        node = hash_elements([node, node])
    return node


def _dense(holdings: Sequence[CustomerHolding], layout: CircuitLayout) -> list[int]:
    """All assets' amounts, whether the customer has any or not."""
    rows = [0] * layout.items * layout.assets
    for holding in holdings:
        start = layout.items * holding.index
        rows[start : start + layout.items] = holding.amounts
    return rows


def _tiered(holdings: Sequence[CustomerHolding], layout: CircuitLayout) -> list[int]:
    """Rows of index and amounts, filled up to the smallest tier with rows of the lowest indices that are missing."""
    tier = next((each for each in layout.tiers if len(holdings) <= each), None)
    if tier is None:
        raise Refuted(f"{len(holdings)} assets, of which a customer can have {layout.tiers[-1]}")
    missing = tier - len(holdings)
    flat: list[int] = []
    following = 0
    for holding in holdings:
        filled = min(missing, holding.index - following)
        for index in range(following, following + filled):
            flat += (index, *[0] * layout.items)
        missing -= filled
        flat += (holding.index, *holding.amounts)
        following = holding.index + 1
    for index in range(following, following + missing):
        flat += (index, *[0] * layout.items)
    return flat

"""The chain of batches of Binance's and Gate's zkmerkle releases: from nothing to the published totals.

Each batch's public input has to be the hash of the commitments beside it, and its proof to hold for that input where
the verifying key is given. Commitments chain from the totals at zero to those published; the roots chain from the empty
tree, or are one and the same while the ranges of accounts follow one another.

Without keys the chain only shows that the files belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Final

from scanner.proofs.liabilities.gnark_groth16 import VerifyingKey, all_hold, read_proof
from scanner.proofs.liabilities.interface import Each, NotUnderstood, Refuted
from scanner.proofs.liabilities.poseidon_bn254 import hash_elements
from scanner.proofs.liabilities.zkmerkle import RESERVED_BOUNDARY, CircuitLayout, empty_root
from scanner.proofs.liabilities.zkmerkle_files import MOST_TIERS, AssetTotals
from scanner.proofs.liabilities.zkmerkle_table import BatchRow

GROUP: Final = 64
"""Batches that are checked at once: their proofs by one combination."""
_KINDS: Final = 3  # of collateral


@dataclass(frozen=True, slots=True)
class BatchChain:
    """What all batches together come to."""

    root: str
    batches: int
    accounts: int | None  # where the batches have ranges


@dataclass(frozen=True, slots=True)
class BatchLink:
    """Of a batch that was checked, what ties it to others."""

    before: int
    after: int
    roots: tuple[int, ...]
    accounts: tuple[int, int] | None
    tier: int | None


def check_batches(batches: Iterable[BatchRow], keys: Mapping[int | None, VerifyingKey], each: Each) -> list[BatchLink]:
    """Every batch by itself, and all of them in order. Raises Refuted for one that does not hold or is missing.

    `keys` are by tier. Proofs are checked where there is any key, and then each batch needs one.
    """
    links: dict[int, BatchLink] = {}
    for group in each(_check_group, ((group, dict(keys)) for group in _groups(batches))):
        for number, link in group:
            if number in links:
                raise Refuted(f"batch {number} is in the table twice")
            links[number] = link
    if not links or max(links) != len(links) - 1:
        raise Refuted("the table has no batch" if not links else f"of {max(links) + 1} batches some are missing")
    return [links[number] for number in range(len(links))]


def check_chain(links: Sequence[BatchLink], assets: Sequence[AssetTotals], layout: CircuitLayout) -> BatchChain:
    """What the batches come to. Raises Refuted unless they chain to the totals of `assets` by that layout, and
    NotUnderstood for a table of another kind of layout."""
    if any((link.tier is not None) != bool(layout.tiers) for link in links):
        raise NotUnderstood(f"the table is not one of the layout {layout.name}")
    _check_totals(links, assets, layout)
    return BatchChain(f"{_check_roots(links, layout):064x}", len(links), _check_accounts(links))


def _groups(batches: Iterable[BatchRow]) -> Iterator[list[BatchRow]]:
    rest = iter(batches)
    while group := list(islice(rest, GROUP)):
        yield group


def _check_group(given: tuple[Sequence[BatchRow], Mapping[int | None, VerifyingKey]]) -> list[tuple[int, BatchLink]]:
    group, keys = given
    for batch in group:
        if hash_elements(batch.inputs()) != batch.commitment:
            raise Refuted(f"batch {batch.number}: its public input is not the hash of its commitments")
    if keys:
        for tier in {batch.tier for batch in group}:
            _check_proofs([batch for batch in group if batch.tier == tier], keys.get(tier))
    return [
        (batch.number, BatchLink(batch.before, batch.after, batch.roots, batch.accounts, batch.tier)) for batch in group
    ]


def _check_proofs(batches: Sequence[BatchRow], key: VerifyingKey | None) -> None:
    if key is None:
        raise Refuted(f"batch {batches[0].number}: there is no verifying key for its {batches[0].tier} assets")
    proofs = [(read_proof(batch.proof, f"batch {batch.number}"), (batch.commitment,)) for batch in batches]
    if all_hold(key, proofs):
        return
    for batch, proof in zip(batches, proofs, strict=True):
        if not all_hold(key, [proof]):
            raise Refuted(f"batch {batch.number}: its proof does not hold")
    raise Refuted(f"batches {batches[0].number} to {batches[-1].number}: together their proofs do not hold")


def _check_totals(links: Sequence[BatchLink], assets: Sequence[AssetTotals], layout: CircuitLayout) -> None:
    if len(assets) > layout.assets:
        raise NotUnderstood(f"{len(assets)} assets are more than the {layout.assets} of the layout {layout.name}")
    expected = commitment([replace(each, equity=0, debt=0, collateral=(0, 0, 0)) for each in assets], layout)
    for number, link in enumerate(links):
        if link.before != expected:
            raise Refuted(
                f"batch {number}: it does not begin with what the batch before it ended with"
                if number
                else "the first batch does not begin with totals of zero at the published prices"
            )
        expected = link.after
    if expected != commitment(assets, layout):
        raise Refuted("the last batch does not end with the published totals")


def _check_roots(links: Sequence[BatchLink], layout: CircuitLayout) -> int:
    if links[0].accounts is not None:
        if len({link.roots for link in links}) != 1:
            raise Refuted("the batches are under different roots")
        return links[0].roots[0]
    expected = empty_root(layout)
    for number, link in enumerate(links):
        if link.roots[0] != expected:
            raise Refuted(
                f"batch {number}: it does not begin with the root {'before it' if number else 'of no account'}"
            )
        expected = link.roots[1]
    return expected


def _check_accounts(links: Sequence[BatchLink]) -> int | None:
    following = 0
    for number, link in enumerate(links):
        if link.accounts is None:
            return None
        if link.accounts[0] != following:
            raise Refuted(f"batch {number}: its accounts begin at {link.accounts[0]}, not at {following}")
        following = link.accounts[1] + 1
    return following


def commitment(assets: Sequence[AssetTotals], layout: CircuitLayout) -> int:
    """The commitment to an exchange's totals, prices and tiers of collateral; assets that are not there are zero."""
    return _commitment(tuple(assets), layout)


@lru_cache(maxsize=8)  # of hundreds of assets it takes a second or two
def _commitment(assets: tuple[AssetTotals, ...], layout: CircuitLayout) -> int:
    elements: list[int] = []
    for asset in assets:
        elements.append(asset.equity << 128 | asset.debt << 64 | asset.price)
        if layout.collateral:
            elements += _collateral(asset)
    missing = layout.assets - len(assets)
    nothing = [0, *(_collateral(_NOTHING) if layout.collateral else [])]
    return hash_elements([*elements, *nothing * missing], layout.chunk)


def _collateral(asset: AssetTotals) -> list[int]:
    loan, margin, portfolio = asset.collateral
    elements = [loan << 128 | margin << 64 | portfolio]
    for tiers in asset.tiers:
        filled = [*tiers, *[(RESERVED_BOUNDARY, 0)] * (MOST_TIERS - len(tiers))]
        for (first, ratio), (second, other) in zip(filled[::2], filled[1::2], strict=True):
            elements.append(ratio + (first << 8) + (other << 126) + (second << 134))
    return elements


_NOTHING: Final = AssetTotals(0, "reserved", 0, 0, 0)

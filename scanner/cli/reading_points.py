"""`scanner check`, of each chain: whether its balances can be proven, read at a past block, or only as they are now;
and of which assets no more than a lower bound can be read, or nothing.

It is what the kind of chain allows, whatever the nodes named are worth; what those answered stands with each chain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from scanner.chains.backends import asset_unread_because
from scanner.chains.history import reads_only_tip
from scanner.chains.proving import may_be_proven
from scanner.chains.registry import family
from scanner.cli.check_result import CheckResult, Grade
from scanner.core.ids import AssetId, Chain
from scanner.weighing.claim import Claim

_ABOUT: Final = "how balances are read"


def points(chains: Iterable[Chain], unserved: Collection[Chain]) -> Iterator[CheckResult]:
    """A line for each way, with the chains that are read so, and one for each whose blocks cannot be checked.

    Those that no kind of node serves are left out.
    """
    ways: dict[str, list[str]] = {
        "proven at a past block, where a node gives proofs": [],
        "read at a past block, as operators agree": [],
        "read only as it is during the scan, as operators agree": [],
    }
    proven, past, tip = ways.values()
    read = sorted(set(chains) - set(unserved))
    for chain in read:
        (proven if may_be_proven(chain) else tip if reads_only_tip(chain) else past).append(str(chain))
    for way, named in ways.items():
        if named:
            yield CheckResult(Grade.OK, _ABOUT, f"{way}: {', '.join(named)}")
    for chain in read:
        why = family(chain).unchecked(chain)
        if why is not None:
            yield CheckResult(
                Grade.NOTE,
                str(chain),
                f"what its nodes say of blocks cannot be checked: {why}",
                "A block's name, time and contents are operators' word, as balances are: a quorum stands behind both.",
            )


def elsewhere(claim: Claim) -> Iterator[CheckResult]:
    """A point for all assets of which what an account has may lie in other accounts, where it is not looked for."""
    apart = _labels(claim, lambda asset: family(asset.chain).held_elsewhere(asset))
    if apart:
        assets = "; ".join(f"{', '.join(labels)} ({where})" for where, labels in apart.items())
        yield CheckResult(
            Grade.NOTE,
            _ABOUT,
            f"what lies in other accounts than those of the claim is not looked for: {assets}",
            "It does not count, so that a unit may be SHORT without it, unless its balances are lower bounds.",
            "Name each account that holds some of it, where accounts can be named.",
        )


def from_below(claim: Claim) -> Iterator[CheckResult]:
    """A point for all assets of which something that an account holds is never read, so that more may be held."""
    bounded = _labels(claim, lambda asset: family(asset.chain).read_from_below(asset))
    if bounded:
        assets = "; ".join(f"{', '.join(labels)} (not read: {why})" for why, labels in bounded.items())
        yield CheckResult(
            Grade.NOTE,
            _ABOUT,
            f"as a lower bound, since an account may hold more than can be read: {assets}",
            "What they back can be COVERED, never SHORT.",
        )


def unread(claim: Claim) -> Iterator[CheckResult]:
    """A point for all assets that no node is asked for, on chains whose nodes are asked for others."""
    left_out = _labels(claim, asset_unread_because)
    if left_out:
        assets = "; ".join(f"{', '.join(labels)} ({why})" for why, labels in left_out.items())
        yield CheckResult(
            Grade.NOTE,
            _ABOUT,
            f"not read at all: {assets}",
            "They will be gaps (UNSUPPORTED): nothing is counted for them, and the units they back cannot be SHORT.",
        )


def _labels(claim: Claim, said: Callable[[AssetId], str | None]) -> dict[str, list[str]]:
    """By what is said of them, the labels of the assets with holdings of which something is."""
    found: dict[str, list[str]] = {}
    for asset in claim.holdings.counts():
        what = said(asset)
        if what is not None:
            found.setdefault(what, []).append(claim.assets[asset].label)
    return found

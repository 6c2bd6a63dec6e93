"""What `scanner check` says of the assets that back each unit: which they are, and of which only the claim says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from scanner.cli.check_result import CheckResult, Grade
from scanner.core.amounts import exact
from scanner.report.backing import KNOWN_BY
from scanner.report.cells import amount
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.contracts import Known, known_as, unknown_contract
from scanner.weighing.holdings import HeldAsset
from scanner.weighing.policy import Policy


def rests_on(claim: Claim, policy: Policy) -> Iterator[str]:
    """For each unit with accounts: the assets that back it, with their holdings and what is claimed of them."""
    held = {part.asset: part for part in claim.holdings.parts}
    by_unit: dict[str, list[str]] = {}
    for asset in claim.assets.values():
        if asset.id in held:
            asset_text = _asset(asset, held[asset.id], known_as(asset, policy))
            by_unit.setdefault(asset.backs, []).append(asset_text)
    for unit, assets in sorted(by_unit.items()):
        yield f"{', '.join(assets)} towards {unit}"


def unknown_contracts(claim: Claim, policy: Policy) -> Iterator[CheckResult]:
    """Those of which nothing will count. What no table names at all is reported elsewhere."""
    counts = claim.holdings.counts()
    for asset in claim.assets.values():
        if asset.id in counts and known_as(asset, policy) is None and asset.id.chain.namespace != "unmapped":
            yield CheckResult(
                Grade.NOTE,
                "claim",
                f"{asset.label} is {asset.id}: {unknown_contract(asset).detail}",
                "Its balances will be gaps (UNKNOWN_CONTRACT): nothing of it counts, and its unit cannot be SHORT.",
                "See whose contract it is before you vouch for it, in the policy as"
                f' contracts: ["{asset.id}"]: anyone can deploy one that shows others\' coins.',
            )


def as_json(claim: Claim, policy: Policy) -> list[Mapping[str, object]]:
    """The same for machines: each asset with accounts, as a finding's coverage names it."""
    counts = claim.holdings.counts()
    return [
        {
            "unit": asset.backs,
            "asset": str(asset.id),
            "label": asset.label,
            "known": known_as(asset, policy),
            "holdings": counts[asset.id],
        }
        for asset in sorted(claim.assets.values(), key=lambda asset: (asset.backs, str(asset.id)))
        if asset.id in counts
    ]


def _asset(asset: Asset, held: HeldAsset, known: Known | None) -> str:
    stated = [claimed for claimed in held.claimed if claimed is not None]
    claimed = f", {amount(exact(Fraction(sum(stated), 10**asset.decimals)))} claimed" if stated else ""
    return f"{len(held):,} of {asset.label} (known by {KNOWN_BY[known]}{claimed})"

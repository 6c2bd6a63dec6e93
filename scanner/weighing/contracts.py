"""Whether the coins that a contract shows are those of the unit that the claim says they back.

Anyone can deploy a contract that shows ether, or somebody else's dollars, a second time. So what the claim says of a
contract does not count: it is known from the table (`chains.known_assets`), or the auditor vouches for it. All of that
stands in the finding, so that a verifier comes to the same. What a contract shows is not looked at here.
"""

from __future__ import annotations

from enum import StrEnum

from scanner.chains.facts_revision import REVISION
from scanner.chains.known_assets import known_asset
from scanner.core.evidence import Gap
from scanner.errors import Why
from scanner.weighing.claim import Asset
from scanner.weighing.policy import Policy


class Known(StrEnum):
    """How an asset is known to be the unit's own. The names are part of the attestation format."""

    COIN = "COIN"  # it is a chain's own coin, and no contract's
    TABLE = "TABLE"  # the table has it as that unit's own, in these decimals
    VOUCHED = "VOUCHED"  # the auditor vouches for it


def known_as(asset: Asset, policy: Policy, revision: int = REVISION) -> Known | None:
    """How `asset` is known to be its unit's own; None where only the claim says so."""
    if asset.id.native:
        return Known.COIN
    listed = known_asset(asset.id, revision)
    if listed is not None and (listed.unit, listed.decimals) == (asset.backs, asset.decimals):
        return Known.TABLE
    return Known.VOUCHED if asset.id in policy.contracts else None


def unknown_contract(asset: Asset, revision: int = REVISION) -> Gap:
    """Why no balance of an asset that is not known counts."""
    listed = known_asset(asset.id, revision)
    if listed is None:
        why = f"only the claim says that its coins are {asset.backs}"
    elif listed.unit != asset.backs:
        why = f"the table of contracts has it as {listed.unit}, not as {asset.backs}"
    else:
        why = f"the table of contracts has it with {listed.decimals} decimals, not {asset.decimals}"
    return Gap(Why.UNKNOWN_CONTRACT, why)

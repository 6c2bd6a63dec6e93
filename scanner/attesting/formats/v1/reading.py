"""What verification needs of a finding that v1 wrote, out of its JSON values. Nothing here judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scanner.attesting.times import read_time
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.amounts import parse_decimal
from scanner.core.control import Control
from scanner.core.evidence import Basis, Snapshot
from scanner.core.ids import Chain
from scanner.core.shows import Shows
from scanner.core.two_passes import Between
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.policy import Dissent, Policy


def read_policy(finding: Mapping[str, Any]) -> Policy:
    """The policy of a finding that has the right shape. Raises ValueError for one under which anything would pass."""
    policy = finding["policy"]
    return Policy(
        quorum=policy["quorum"],
        threshold=parse_decimal(policy["threshold"]),
        dissent=Dissent(policy["dissent"]),
        require={unit: Basis(basis) for unit, basis in policy["require"].items()},
        require_liabilities={unit: Shows(word) for unit, word in policy["requireLiabilities"].items()},
        require_ownership=None if policy["requireOwnership"] is None else Control(policy["requireOwnership"]),
        accept=frozenset(policy["accept"]),
        contracts=frozenset(map(parse_asset, policy["contracts"])),
        max_skew=timedelta(seconds=policy["maxSkew"]),
        distinct=frozenset(frozenset(map(parse_asset, pair)) for pair in policy["distinct"]),
    )


def read_passes(finding: Mapping[str, Any]) -> dict[Chain, Between]:
    """Between which blocks chains were read in two passes. Raises ValueError for a chain that stands there twice."""
    passes: dict[Chain, Between] = {}
    for stated in finding["passes"]:
        chain = parse_chain(stated["chain"])
        if chain in passes:
            raise ValueError(f"the passes of {chain} stand there twice")
        passes[chain] = Between(*(_block(chain, stated[end]) for end in ("earliest", "latest")))
    return passes


def _block(chain: Chain, stated: Mapping[str, Any]) -> Snapshot:
    return Snapshot(chain, stated["height"], stated["hash"], stated["parent"], read_time(stated["time"]))


def read_snapshots(finding: Mapping[str, Any]) -> dict[ChainHeight, Snapshot]:
    """The finding's blocks, by where the claim's holdings are read. Raises ValueError for two at one place."""
    snapshots: dict[ChainHeight, Snapshot] = {}
    for stated in finding["snapshots"]:
        chain, height = parse_chain(stated["chain"]), stated["height"]
        place = chain, height if stated["named"] else None
        if place in snapshots:
            raise ValueError(f"two blocks of {chain} at one place")
        snapshots[place] = _block(chain, stated)
    return snapshots

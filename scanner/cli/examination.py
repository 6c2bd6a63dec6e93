"""What `scanner check` found, as lines for people and as one JSON object for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from scanner.core.claim import Claim
from scanner.core.evidence import Gap
from scanner.scanning.examine import Examination


def lines(claim: Claim, lacking: Sequence[str], chains: Sequence[Examination]) -> Iterator[str]:
    """The claim in short, then each chain with what a scan would meet there."""
    yield f"{claim.exchange}, as of {claim.as_of:%Y-%m-%d %H:%M:%S} UTC; claim sha256:{claim.digest}"
    yield f"owed in {len(claim.liabilities)} units: {', '.join(claim.liabilities)}"
    if not claim.complete:
        yield "lists a part of the declared accounts only: a unit can be COVERED, never SHORT"
    for asset, count in Counter(holding.asset for holding in claim.holdings).items():
        yield f"  {claim.assets[asset].label}: {count:,} holdings of {asset}"
    yield from (f"too few nodes  {problem}" for problem in lacking)
    for chain in chains:
        for operator, gap in chain.failures.items():
            yield f"unfit node     {chain.chain}: {operator}: {gap.why}, {gap.detail}"
        if isinstance(chain.pinned, Gap):
            yield f"not ready      {chain.chain}: {chain.pinned.why}, {chain.pinned.detail}"
        else:
            yield f"ready          {chain.chain}: {chain.pinned.value}, as {', '.join(chain.pinned.operators)} say"


def as_json(claim: Claim, lacking: Sequence[str], chains: Sequence[Examination]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "exchange": claim.exchange,
        "claim": f"sha256:{claim.digest}",
        "complete": claim.complete,
        "holdings": len(claim.holdings),
        "tooFewNodes": list(lacking),
        "chains": [
            {
                "chain": str(chain.chain),
                "holdings": chain.holdings,
                "operators": list(chain.operators),
                "unfit": [
                    {"operator": operator, "why": gap.why, "detail": gap.detail}
                    for operator, gap in chain.failures.items()
                ],
                "snapshot": None
                if isinstance(chain.pinned, Gap)
                else {"height": chain.pinned.value.height, "hash": chain.pinned.value.hash},
                "gap": {"why": chain.pinned.why, "detail": chain.pinned.detail}
                if isinstance(chain.pinned, Gap)
                else None,
            }
            for chain in chains
        ],
    }

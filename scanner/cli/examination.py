"""What `scanner check` found, as lines for people and as one JSON object for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scanner.cli import row_account
from scanner.core.claim import Claim
from scanner.core.evidence import Gap
from scanner.scanning.examine import Examination
from scanner.sources.addresses import ReadClaim


def lines(read: ReadClaim, lacking: Sequence[str], chains: Sequence[Examination]) -> Iterator[str]:
    """The claim in short, then its files, then each chain with what a scan would meet there."""
    claim = read.claim
    yield f"{claim.exchange}, as of {claim.as_of:%Y-%m-%d %H:%M:%S} UTC; claim sha256:{claim.digest}"
    yield f"owed in {len(claim.liabilities)} units: {', '.join(claim.liabilities)}"
    if unowed := _unowed(claim):
        yield f"held, and no liability stated: {', '.join(unowed)}"
    if not claim.complete and not read.losses:
        yield "lists a part of the declared accounts only: a unit can be COVERED, never SHORT"
    for asset, count in claim.holdings.counts().items():
        yield f"  {claim.assets[asset].label}: {count:,} holdings of {asset}"
    for file in read.files:
        yield from row_account.lines(file)
    yield from row_account.incomplete(read.losses)
    for name, count in row_account.unserved(claim).items():
        yield f"no backend     {name}: its {count:,} holdings are gaps, UNSUPPORTED"
    yield from (f"too few nodes  {problem}" for problem in lacking)
    for chain in chains:
        for operator, gap in chain.failures.items():
            yield f"unfit node     {chain.chain}: {operator}: {gap.why}, {gap.detail}"
        if isinstance(chain.pinned, Gap):
            yield f"not ready      {chain.chain}: {chain.pinned.why}, {chain.pinned.detail}"
        else:
            yield f"ready          {chain.chain}: {chain.pinned.value}, as {', '.join(chain.pinned.operators)} say"


def as_json(read: ReadClaim, lacking: Sequence[str], chains: Sequence[Examination]) -> dict[str, Any]:
    """The same for machines."""
    claim = read.claim
    return {
        "exchange": claim.exchange,
        "claim": f"sha256:{claim.digest}",
        "complete": claim.complete,
        "holdings": len(claim.holdings),
        "unowed": _unowed(claim),
        "files": [row_account.as_json(file) for file in read.files],
        "incomplete": read.losses,
        "noBackend": {str(chain): count for chain, count in row_account.unserved(claim).items()},
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


def _unowed(claim: Claim) -> list[str]:
    """Units of which something is held, and of which the claim says nothing about what is owed."""
    held = {claim.assets[asset].backs for asset in claim.holdings.counts()}
    return sorted(held - claim.liabilities.keys())

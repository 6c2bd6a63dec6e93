"""Lists of transfers between three moments: whose they are, what is known of the balances at the moments, and that the
listed transfers can be those between them.

Not in here: what they come to (`weighing.flows`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId, Chain
from scanner.core.transfers import MOST_TRANSFERS, Transfer
from scanner.errors import CLAIM_ONLY
from scanner.weighing.finding import Finding
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.quorum import Operator, basis_of


@dataclass(frozen=True, slots=True)
class AgreedList:
    """That operators listed the same transfers of an asset, of the whole time. Both sorted."""

    operators: tuple[str, ...]
    dissent: tuple[str, ...] = ()  # who listed others

    def basis(self, policy: Policy, own: Iterable[str]) -> Basis | None:
        """On which basis the list is believed under this policy; None if it is not. Only a quorum outvotes others."""
        if self.dissent and (policy.dissent is Dissent.GAP or len(self.operators) < policy.quorum):
            return None
        return basis_of([Operator(name, name in own) for name in self.operators], policy)


@dataclass(frozen=True, slots=True)
class FlowPoint:
    """One of the three moments. `balances`: by asset and account, in atoms; None where it is not known."""

    at: datetime
    statement: str  # SHA-256 of the statement that says so, in hex
    policy: Policy
    snapshots: Mapping[Chain, Snapshot]
    balances: Mapping[AssetId, Mapping[bytes, int | None]]

    @classmethod
    def of(cls, finding: Finding, parts: Iterable[EvidencePart], statement: str) -> FlowPoint:
        """`parts`: the evidence of the finding; `statement`: the digest of the one that has both. What counts for
        nothing, by the claim alone, is none of its accounts here."""
        claim = finding.claim
        places = {chain: finding.snapshots.get(claim.weighed_at(chain)) for chain in claim.chains}
        snapshots = {chain: block for chain, block in places.items() if block is not None}
        balances: dict[AssetId, dict[bytes, int | None]] = {}
        for part in parts:
            of_asset = balances.setdefault(part.asset, {})
            for account, outcome in zip(part.accounts, part.outcomes, strict=True):
                if not (isinstance(outcome, Gap) and outcome.why in CLAIM_ONLY):
                    of_asset[account] = _known(outcome)
        return cls(claim.as_of, statement, finding.policy, snapshots, balances)


@dataclass(frozen=True, slots=True)
class NamedBlocks:
    """Blocks of chains, by what points and transfers say of them: one at each height, and one height of each."""

    _at: dict[tuple[Chain, int], str] = field(default_factory=dict)
    _heights: dict[tuple[Chain, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, points: Iterable[FlowPoint]) -> NamedBlocks:
        """Those of the points, and those before them, which they name as their parents."""
        named = cls()
        snapshots = [(chain, block) for point in points for chain, block in point.snapshots.items()]
        for chain, block in snapshots:
            named._at[chain, block.height - 1] = block.parent  # only if there is one: it may be further below
        for chain, block in snapshots:
            named._at[chain, block.height] = block.hash
            named._heights[chain, block.hash] = block.height
        return named

    def fit(self, each: Transfer) -> bool:
        """Whether its block can be beside these."""
        chain = each.asset.chain
        at, height = self._at.get((chain, each.height)), self._heights.get((chain, each.block))
        return at in (None, each.block) and height in (None, each.height)

    def add(self, each: Transfer) -> None:
        self._at[each.asset.chain, each.height] = each.block
        self._heights[each.asset.chain, each.block] = each.height


def can_be_listed(points: Sequence[FlowPoint], chain: Chain) -> bool:
    """Whether there are blocks between the moments: those of all three are known, the last is after the first, and none
    after the next, as a claim may name any height for its own."""
    heights = [point.snapshots[chain].height for point in points if chain in point.snapshots]
    return len(heights) == len(points) and heights == sorted(heights) and heights[0] < heights[-1]


def check_lists(
    points: Sequence[FlowPoint],
    lists: Mapping[AssetId, AgreedList | Gap],
    operators: Mapping[Chain, tuple[str, ...]],
    own: Collection[str],
) -> None:
    """Raises ValueError for lists that no one can have made, or that the points' policy does not believe. `operators`:
    which ones each chain was asked of; `own`: which of them are the auditor."""
    for asset, listing in lists.items():
        if isinstance(listing, Gap):
            continue
        if not can_be_listed(points, asset.chain):
            raise ValueError(
                f"transfers of {asset} are listed, and the blocks of {asset.chain} do not follow each other"
            )
        if not points[1].balances.get(asset):
            raise ValueError(f"transfers of {asset} are listed, of which the claim has no account that counts")
        if not {*listing.operators, *listing.dissent} <= {*operators.get(asset.chain, ())}:
            raise ValueError(f"transfers of {asset} are listed by others than the operators of {asset.chain}")
        if set(listing.operators) & set(listing.dissent):
            raise ValueError(f"an operator listed transfers of {asset}, and others of it too")
        if listing.basis(points[1].policy, own) is None:
            raise ValueError(f"too few operators listed the same transfers of {asset}, or one listed others")


def check_transfers(
    points: Sequence[FlowPoint], lists: Mapping[AssetId, AgreedList | Gap], transfers: Sequence[Transfer]
) -> None:
    """Raises ValueError for transfers that cannot be those between the points."""
    if len(transfers) > MOST_TRANSFERS:
        raise ValueError(f"more than {MOST_TRANSFERS:,} transfers")
    ends = [point.snapshots for point in points]
    blocks = NamedBlocks.of(points)
    places: set[tuple[Chain, int, int]] = set()
    previous: Transfer | None = None
    for each in transfers:
        chain, listing = each.asset.chain, lists.get(each.asset)
        if listing is None or isinstance(listing, Gap):
            raise ValueError(f"a transfer of {each.asset}, of which none are listed")
        if not ends[0][chain].height < each.height <= ends[2][chain].height:
            raise ValueError(f"a transfer in block {each.height} of {chain}, which is not between the moments")
        if not blocks.fit(each):
            raise ValueError(f"two blocks of {chain} are named at height {each.height}, or one at two heights")
        blocks.add(each)
        declared = points[1].balances.get(each.asset, {})
        if each.source not in declared and each.target not in declared:
            raise ValueError(f"a transfer of {each.asset} in block {each.height} between accounts of others")
        if (place := (chain, each.height, each.index)) in places or (previous is not None and each <= previous):
            raise ValueError(f"the transfer {each.index} of block {each.height} of {chain} is out of order, or twice")
        places.add(place)
        previous = each


def _known(outcome: Outcome) -> int | None:
    return outcome.atoms if isinstance(outcome, Balance) and not outcome.at_least else None

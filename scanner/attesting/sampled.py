"""That what was to be proven is: the sample drawn again from the evidence alone, and held against its rows.

The amounts that are drawn are those that were believed before anything was proven, and they stand in the evidence: what
each operator said, of gaps too. Rows come asset by asset, so no more than one asset's amounts are kept. Whether proofs
hold is `proven.py`'s part.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scanner.attesting.blocks import check_seed_block
from scanner.attesting.run import Run
from scanner.chains.accounts import account_text
from scanner.chains.proving import has_proofs
from scanner.core.columns import Accounts, Words
from scanner.core.evidence import Basis, Gap, Snapshot, said_of
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId
from scanner.core.outcomes import BalanceBasis, Outcomes
from scanner.core.sampling import Draw, draw
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.quorum import standing

_GAP, _PROOF, _OWN, _OTHERS = range(4)  # what stands in a row: balances on the auditor's own word, or that of others


class Sampled:
    """Is given every row of the evidence, in its order. Raises ValueError where the draw does not bear a row out."""

    def __init__(
        self, claim: Claim, snapshots: Mapping[ChainHeight, Snapshot], proving: Proving, policy: Policy, run: Run
    ) -> None:
        self._claim = claim
        self._proving = proving
        self._policy = policy
        self._own = frozenset(run.own)
        self._draws: dict[AssetId, Draw] = {}
        self._asset: AssetId | None = None
        self._rows: dict[ChainHeight, _Rows] = {}
        self._check_blocks(snapshots, run.scanned_at)

    def add(self, place: ChainHeight, part: EvidencePart) -> None:
        """Rows that were read at `place`."""
        if not has_proofs(part.asset.chain) or not part.block:
            return
        if part.asset != self._asset:
            self._close()
            self._asset = part.asset
        rows = self._rows.get(place)
        if rows is None:
            rows = self._rows[place] = _Rows()
        rows.kinds += bytes(part.outcomes.grounds.mapped(self._kind))
        rows.accounts.join(part.accounts)
        if self._proving.sample is not None:
            rows.amounts.join(self._amounts(part.outcomes))

    def end(self) -> None:
        """All rows were given."""
        self._close()
        if self._draws != dict(self._proving.draws):
            raise ValueError("the sample that the evidence draws is not the one that is stated")

    def _amounts(self, outcomes: Outcomes) -> Words:
        atoms = list(outcomes.amounts)
        for ground, positions in outcomes.grounds.positions().items():
            if isinstance(ground, Gap) or ground.basis is Basis.PROVEN or ground.dissent:
                for at in positions:
                    atoms[at] = standing(said_of(outcomes[at]), self._policy.quorum, self._own)
        return Words.of(atoms)

    def _kind(self, ground: BalanceBasis | Gap) -> int:
        if isinstance(ground, Gap):
            return _GAP if ground.shown is None else _PROOF
        if ground.basis is Basis.PROVEN:
            return _PROOF
        return _OWN if self._own.intersection(ground.operators) else _OTHERS

    def _close(self) -> None:
        """Judge the rows of one asset."""
        asset, sample = self._asset, self._proving.sample
        for (chain, _), rows in self._rows.items():
            if asset is None:
                break
            drawn: range | frozenset[int] = range(len(rows.kinds))
            if sample is not None and not sample.size:
                drawn = frozenset()
            elif sample is not None:
                seed = sample.seed(self._claim.digest, chain)
                drawn, self._draws[asset] = draw(rows.amounts, sample.size, seed, asset)
            self._judge(asset, rows, drawn)
        self._rows = {}

    def _judge(self, asset: AssetId, rows: _Rows, drawn: range | frozenset[int]) -> None:
        def named(at: int) -> str:
            return f"{asset} {account_text(asset.chain, rows.accounts[at])}"

        for at, kind in enumerate(rows.kinds) if len(drawn) < len(rows.kinds) else ():
            if kind == _PROOF and at not in drawn:
                raise ValueError(f"{named(at)}: is proven, and the sample does not draw it")
        missing = next((at for at in sorted(drawn) if rows.kinds[at] in (_OWN, _OTHERS)), None)
        if missing is None:
            return
        if asset not in self._proving.unproven:
            raise ValueError(f"{named(missing)}: was to be proven, is not, and no reason is given")
        if _PROOF in rows.kinds and _OTHERS in rows.kinds:
            what = "counts without a proof, where some balances of the asset are proven and not all that were drawn"
            raise ValueError(f"{named(rows.kinds.index(_OTHERS))}: {what}")

    def _check_blocks(self, snapshots: Mapping[ChainHeight, Snapshot], scanned_at: datetime) -> None:
        sample = self._proving.sample
        if sample is None:
            return
        if not sample.size and (sample.blocks or sample.nonce is not None):
            raise ValueError("a seed for a sample of nothing")
        if not sample.size and self._proving.unproven:
            raise ValueError("causes of what was not proven, where nothing was to be")
        for chain, block in sample.blocks.items():
            read = snapshots.get(self._claim.weighed_at(chain))
            if not has_proofs(chain) or read is None:
                raise ValueError(f"a seed of {chain}, where nothing can be drawn")
            check_seed_block(block, read, snapshots.values(), scanned_at)


class _Rows:
    """Those of one asset at one place."""

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.accounts = Accounts()
        self.amounts = Words()

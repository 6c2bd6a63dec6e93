"""What of one block's balances is proven: all of them, none, or a sample drawn by what was read; asset by asset.

Reading comes first, then the seed, then the draw, then the proofs: so nothing that was read could depend on what would
be proven. What a row becomes where a proof shows something is `core.quorum`'s part; what it costs an operator to have
been contradicted is judged when all chains are read and proven (`judge_unproven`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.core.columns import Words
from scanner.core.contradiction import Contradictions, shown_by_proof
from scanner.core.evidence import Balance, Gap, Outcome, said_of
from scanner.core.holdings import Declared, Share
from scanner.core.ids import AssetId
from scanner.core.instrument import Instrument
from scanner.core.outcomes import Outcomes
from scanner.core.policy import Policy
from scanner.core.proving import Proving, Unproven, has_proofs
from scanner.core.quorum import judged_without, standing, with_proof, without_proof
from scanner.core.sampling import Draw, draw
from scanner.core.uncounted import Uncounted
from scanner.errors import CLAIM_ONLY, Why
from scanner.proofs.known_layouts import known_layout
from scanner.proofs.slots import Layout
from scanner.proofs.witness import Witness
from scanner.scanning.layout_search import confirming
from scanner.scanning.prove import Prover

_WITHOUT_A_UNIT: Final = frozenset({Why.WRONG_DECIMALS, Why.UNCONFIRMED_DECIMALS})


@dataclass(frozen=True, slots=True)
class BlockProofs:
    """What proofs at one block came to."""

    proving: Proving = field(default_factory=Proving)
    witness: Witness = field(default_factory=Witness)
    partly: frozenset[AssetId] = frozenset()  # assets of which some were proven, and not all that were drawn


async def prove_block(
    instrument: Instrument, prover: Prover, declared: Declared, outcomes: Outcomes, seed: bytes | None
) -> BlockProofs:
    """Prove what is to be proven of what was read, and put what proofs show into `outcomes`. Raises InputError.

    `outcomes` stand in the order of `declared`; `seed` is the sample's, where one is drawn.
    """
    size = instrument.prove
    if size == 0 or not has_proofs(prover.snapshot.chain):
        return BlockProofs()
    own = own_operators(instrument)
    block = _Block(instrument.policy, own, prover)
    await prover.open()
    for share, (asset, place) in zip(declared.shares, _by_asset(declared), strict=True):
        amounts = Words(_standing(outcomes[place], instrument.policy.quorum, own))
        rows = [at for at in range(len(share)) if not _counts_for_nothing(outcomes[place.start + at])]
        if size is not None:
            chosen, block.draws[asset] = draw(amounts, size, seed, asset)
            rows = sorted(chosen)
        if rows:
            await block.prove(share, outcomes, place.start, rows, amounts)
    return BlockProofs(
        Proving(block.layouts, block.unproven, None, block.draws), prover.witness, frozenset(block.partly)
    )


class _Block:
    def __init__(self, policy: Policy, own: frozenset[str], prover: Prover) -> None:
        self._policy = policy
        self._own = own
        self._prover = prover
        self.layouts: dict[AssetId, str] = {}
        self.unproven: dict[AssetId, Unproven] = {}
        self.draws: dict[AssetId, Draw] = {}
        self.partly: set[AssetId] = set()

    async def prove(
        self, share: Share, outcomes: Outcomes, start: int, rows: Sequence[int], amounts: Iterable[int | None]
    ) -> None:
        """Prove these rows of an asset, whose outcomes begin at `start`."""
        asset = share.held.asset
        accounts = share.held.accounts.take([share.positions[row] for row in rows])
        holders = zip(share.held.accounts.take(share.positions), (atoms or 0 for atoms in amounts), strict=True)
        layout = await self._prover.layout(asset, [] if asset.native else confirming(asset, holders))
        proven, known = 0, known_layout(asset) is not None
        if not isinstance(layout, Unproven):
            async for at, atoms in self._prover.proven(asset, accounts, layout):
                place = start + rows[at]
                outcomes[place] = with_proof(
                    outcomes[place], atoms, self._policy, self._own, certain=asset.native, known=known
                )
                proven += 1
        if isinstance(layout, Layout):
            self.layouts[asset] = layout.name
        drawn = (outcomes[start + row] for row in rows)
        if any(isinstance(outcome, Balance) and shown_by_proof(outcome) is None for outcome in drawn):
            self.unproven[asset] = layout if isinstance(layout, Unproven) else Unproven.NO_PROOFS
            if proven:
                self.partly.add(asset)


def judge_unproven(instrument: Instrument, blocks: Sequence[tuple[Declared, Outcomes, Collection[AssetId]]]) -> None:
    """Put into the outcomes what unproven balances are, once all proofs at all `blocks`, of all chains, are known.

    Of each block: what is declared there, what became of it, and the assets of which not all drawn rows are proven.
    """
    found = Contradictions()
    for declared, outcomes, _ in blocks:
        for asset, rows in _by_asset(declared):
            for ground, count in outcomes.grounds[rows].distinct.items():
                found.add(asset, ground, count)
    own = own_operators(instrument)
    for declared, outcomes, partly in blocks:
        for asset, rows in _by_asset(declared):
            dismissed, unsupported = found.dismissed(asset.chain), found.unsupported(asset)
            if not (dismissed or unsupported or asset in partly):
                continue
            for at in range(rows.start, rows.stop):
                outcome = outcomes[at]
                if shown_by_proof(outcome) is not None:
                    continue
                judged = judged_without(outcome, dismissed, unsupported, instrument.policy, own)
                if asset in partly and isinstance(judged, Balance):
                    judged = without_proof(judged, own)
                if judged != outcome:
                    outcomes[at] = judged


def _counts_for_nothing(outcome: Outcome) -> bool:
    """Whether the row is a gap whatever was read or might be proven."""
    return isinstance(outcome, Gap) and (outcome.why in CLAIM_ONLY or outcome.why in _WITHOUT_A_UNIT)


def leave_out_uncounted(uncounted: Uncounted, declared: Declared, outcomes: Outcomes) -> None:
    """Put into `outcomes` the rows that can count for nothing, before anything is drawn: they contradict nobody."""
    for share, (asset, place) in zip(declared.shares, _by_asset(declared), strict=True):
        why = uncounted.of(asset)
        for at, account in enumerate(share.held.accounts.take(share.positions), place.start):
            gap = why(account)
            if gap is not None:
                outcomes[at] = gap


def own_operators(instrument: Instrument) -> frozenset[str]:
    """The operators that are the auditor."""
    return frozenset(node.operator for node in instrument.nodes if node.own)


def _by_asset(declared: Declared) -> Iterator[tuple[AssetId, slice]]:
    start = 0
    for share in declared.shares:
        yield share.held.asset, slice(start, start + len(share))
        start += len(share)


def _standing(outcomes: Iterable[Outcome], quorum: int, own: frozenset[str]) -> Iterator[int]:
    """What each row counts for in a draw, before anything is proven: the amount that would be believed."""
    for outcome in outcomes:
        if isinstance(outcome, Balance) and not outcome.dissent:
            yield outcome.atoms
        else:
            yield standing(said_of(outcome), quorum, own)

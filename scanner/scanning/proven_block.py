"""What of one block's balances is proven: all of them, none, or a sample drawn by what was read; asset by asset.

Reading comes first, then the seed, then the draw, then the proofs: so nothing that was read could depend on what would
be proven. What a row becomes where a proof shows something is `weighing.proven`'s part; what it costs an operator to
have been contradicted is judged when all chains are read and proven (`judge_words`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from scanner.chains.proving import has_proofs, hint, is_certain
from scanner.core.columns import Words
from scanner.core.evidence import Balance, Basis, Gap, Outcome, said_of
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.core.sampling import Draw, draw
from scanner.core.two_passes import TwoPasses
from scanner.errors import CLAIM_ONLY, Why
from scanner.proofs.witness import Witness
from scanner.scanning.prove import Prover
from scanner.weighing.contradiction import Contradictions, shown_by_proof
from scanner.weighing.holdings import AssetRows, BlockHoldings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.proven import with_proof, without_proof
from scanner.weighing.proving import Proving, WithoutProof
from scanner.weighing.quorum import judged_without, standing
from scanner.weighing.uncounted import Uncounted

_WITHOUT_A_UNIT: Final = frozenset({Why.WRONG_DECIMALS, Why.UNCONFIRMED_DECIMALS})


@dataclass(frozen=True, slots=True)
class Unshown:
    """Rows of one asset that were drawn, and of which no proof was had."""

    reason: WithoutProof
    rows: Sequence[int]  # positions among the block's outcomes


@dataclass(frozen=True, slots=True)
class BlockProofs:
    """What proofs at one block came to."""

    proving: Proving = field(default_factory=Proving)
    witness: Witness = field(default_factory=Witness)
    unshown: Mapping[AssetId, Unshown] = field(default_factory=dict)


async def prove_block(
    instrument: Instrument, prover: Prover, declared: BlockHoldings, outcomes: Outcomes, seed: bytes | None
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
            await block.prove(share, outcomes, place.start, rows)
    return BlockProofs(Proving(block.layouts, draws=block.draws), prover.witness, block.unshown)


class _Block:
    def __init__(self, policy: Policy, own: frozenset[str], prover: Prover) -> None:
        self._policy = policy
        self._own = own
        self._prover = prover
        self.layouts: dict[AssetId, str] = {}
        self.draws: dict[AssetId, Draw] = {}
        self.unshown: dict[AssetId, Unshown] = {}

    async def prove(self, share: AssetRows, outcomes: Outcomes, start: int, rows: Sequence[int]) -> None:
        """Prove these rows of an asset, whose outcomes begin at `start`."""
        asset = share.held.asset
        accounts = share.held.accounts.take([share.positions[row] for row in rows])
        certain, kept = is_certain(asset), hint(asset)
        async for at, atoms in self._prover.proven(asset, accounts):
            place = start + rows[at]
            outcomes[place] = with_proof(outcomes[place], atoms, self._policy, self._own, certain=certain)
            if kept is not None:
                self.layouts[asset] = kept
        unshown = array("Q", (start + row for row in rows if shown_by_proof(outcomes[start + row]) is None))
        if unshown:
            self.unshown[asset] = Unshown(self._prover.without_proof(asset), unshown)


def judge_words(
    instrument: Instrument, blocks: Sequence[tuple[BlockHoldings, Outcomes, BlockProofs, dict[int, TwoPasses]]]
) -> dict[AssetId, WithoutProof]:
    """Put into the outcomes what balances are that rest on words, once all proofs at all `blocks`, of all chains, are
    known.

    Of each block: what is declared there, what became of it, its proofs, and both readings of what was read in two
    passes. Returns why assets of which a balance was drawn, and is believed without a proof, went without.
    """
    found = Contradictions()
    for declared, outcomes, _, _ in blocks:
        for asset, rows in _by_asset(declared):
            for ground, count in outcomes.grounds[rows].distinct.items():
                found.add(asset, ground, count)
    own = own_operators(instrument)
    unproven: dict[AssetId, WithoutProof] = {}
    for declared, outcomes, proofs, passes in blocks:
        for asset, rows in _by_asset(declared):
            if found.dismissed(asset.chain) or found.unsupported(asset):
                for at in range(rows.start, rows.stop):
                    outcome = outcomes[at]
                    judge = partial(_judged, asset, found=found, policy=instrument.policy, own=own)
                    judged = _both_judged(passes, at, judge) if at in passes else judge(outcome)
                    if judged != outcome:
                        outcomes[at] = judged
            unshown = proofs.unshown.get(asset)
            if unshown is not None and any(isinstance(outcomes[at], Balance) for at in unshown.rows):
                unproven[asset] = unshown.reason.beside(unproven.get(asset))
                _leave_none_unproven(outcomes, rows, own)
    return unproven


def _judged(asset: AssetId, outcome: Outcome, found: Contradictions, policy: Policy, own: Collection[str]) -> Outcome:
    if shown_by_proof(outcome) is not None:
        return outcome
    return judged_without(outcome, found.dismissed(asset.chain), found.unsupported(asset), policy, own)


def _both_judged(passes: dict[int, TwoPasses], at: int, judge: Callable[[Outcome], Outcome]) -> Outcome:
    """What is left of a balance that was read in two passes: nothing, if one of them comes to nothing."""
    both = passes.pop(at)
    first, second = judge(both.first.balance), judge(both.second.balance)
    if isinstance(first, Gap) or isinstance(second, Gap):
        return first if isinstance(first, Gap) else second
    passes[at] = TwoPasses(replace(both.first, balance=first), replace(both.second, balance=second))
    return passes[at].balance


def _leave_none_unproven(outcomes: Outcomes, rows: slice, own: Collection[str]) -> None:
    """Of an asset of which some balances are proven, and not all that were drawn, nothing else counts on words."""
    places = range(rows.start, rows.stop)
    if not any(shown_by_proof(outcomes[at]) is not None for at in places):
        return
    for at in places:
        outcome = outcomes[at]
        if isinstance(outcome, Balance) and outcome.basis is not Basis.PROVEN:
            outcomes[at] = without_proof(outcome, own)


def _counts_for_nothing(outcome: Outcome) -> bool:
    """Whether the row is a gap whatever was read or might be proven."""
    return isinstance(outcome, Gap) and (outcome.why in CLAIM_ONLY or outcome.why in _WITHOUT_A_UNIT)


def leave_out_uncounted(uncounted: Uncounted, declared: BlockHoldings, outcomes: Outcomes) -> None:
    """Put into `outcomes` the rows that can count for nothing, before any is drawn: they contradict no operator."""
    for share, (asset, place) in zip(declared.shares, _by_asset(declared), strict=True):
        for at, gap in uncounted.among(asset, share.held.accounts.take(share.positions)).items():
            outcomes[place.start + at] = gap


def own_operators(instrument: Instrument) -> frozenset[str]:
    """The operators that are the auditor."""
    return frozenset(node.operator for node in instrument.nodes if node.own)


def _by_asset(declared: BlockHoldings) -> Iterator[tuple[AssetId, slice]]:
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

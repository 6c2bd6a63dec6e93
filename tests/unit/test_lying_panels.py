"""Panels with any number of liars, samples of every size, tokens that lie: what is proven is true."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from scanner.core.contradiction import Contradictions, shown_by_proof
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading, said_of
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.core.policy import Dissent, Policy
from scanner.core.quorum import Operator, Vote, judged_without, settle, standing, with_proof, without_proof
from scanner.core.sampling import draw
from scanner.errors import Why
from tests.strength import cases

COIN = AssetId.parse("eip155:1/slip44:60")
TOKEN = AssetId.parse("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada")
ROWS = 12
REFUSED = Gap(Why.NO_TOKEN, "no")


class Panel:
    """A case: what is true, what each operator says, what storage shows, and which proofs nobody hands out."""

    def __init__(self, number: int) -> None:
        luck = random.Random(number)
        self.policy = Policy(luck.randint(1, 3), dissent=luck.choice(list(Dissent)))
        self.honest = luck.randint(0, 3)
        self.liars = luck.randint(0, 4)
        self.size = luck.choice([None, 1, 2, 3, 5, ROWS])
        self.seed = luck.randbytes(32)
        self.truth = {
            asset: [luck.choice([0, 1, 5, 10 ** luck.randint(1, 20)]) for _ in range(ROWS)] for asset in _ASSETS
        }
        factor, share = luck.choice([2, 10**6]), luck.random()
        self.lie = {
            asset: [luck.choice([factor * atoms, atoms + 7]) if luck.random() < share else atoms for atoms in held]
            for asset, held in self.truth.items()
        }
        # The contract itself may read otherwise than its storage has it, or refuse; only a token can.
        self.stored = {COIN: self.truth[COIN], TOKEN: [luck.choice([a, a, a, a + 10**9]) for a in self.truth[TOKEN]]}
        self.refused = {COIN: set[int](), TOKEN: {at for at in range(ROWS) if luck.random() < 0.1}}
        self.withheld = {
            asset: {at for at in range(ROWS) if luck.random() < 0.2 * (self.liars > 1)} for asset in _ASSETS
        }
        order = [Operator(f"op{at}") for at in range(self.honest + self.liars)]
        luck.shuffle(order)
        self.operators = order

    def votes(self, asset: AssetId) -> list[Vote]:
        def reading(told: Sequence[int]) -> Reading:
            return Reading.of(REFUSED if at in self.refused[asset] else atoms for at, atoms in enumerate(told))

        honest = [Vote(operator, reading(self.truth[asset])) for operator in self.operators[: self.honest]]
        return honest + [Vote(operator, reading(self.lie[asset])) for operator in self.operators[self.honest :]]

    def outcomes(self) -> Mapping[AssetId, Outcomes]:
        """What a scan comes to, step by step: read, drawn, proven, and judged again."""
        found, all_of, partly = Contradictions(), dict[AssetId, Outcomes](), set[AssetId]()
        for asset in _ASSETS:
            outcomes = all_of[asset] = settle(self.votes(asset), ROWS, self.policy)
            amounts = [standing(said_of(outcome), self.policy.quorum, ()) for outcome in outcomes]
            rows = range(ROWS) if self.size is None else sorted(draw(amounts, self.size, self.seed, asset)[0])
            for at in rows:
                if at not in self.withheld[asset]:
                    atoms = self.stored[asset][at]
                    outcomes[at] = with_proof(outcomes[at], atoms, self.policy, (), certain=asset.native)
            unproven = [at for at in rows if believed(outcomes[at]) and shown_by_proof(outcomes[at]) is None]
            if unproven and any(shown_by_proof(outcome) is not None for outcome in outcomes):
                partly.add(asset)
        for asset, outcomes in all_of.items():
            for outcome in outcomes:
                found.add(asset, outcome)
        for asset, outcomes in all_of.items():
            for at, outcome in enumerate(list(outcomes)):
                if shown_by_proof(outcome) is None:
                    judged = judged_without(
                        outcome, found.dismissed(asset.chain), found.unsupported(asset), self.policy, ()
                    )
                    judged = without_proof(judged, ()) if asset in partly and isinstance(judged, Balance) else judged
                    outcomes[at] = judged
        return all_of


_ASSETS = (COIN, TOKEN)


def believed(outcome: Outcome) -> bool:
    return isinstance(outcome, Balance)


@pytest.mark.parametrize("part", range(4))
def test_no_panel_makes_a_false_proof_and_only_a_whole_quorum_of_liars_makes_a_false_balance(part: int) -> None:
    told, false = 0, 0
    for number in range(cases(10_000) // 4):
        panel = Panel(4 * number + part)
        for asset, outcomes in panel.outcomes().items():
            truth = panel.truth[asset]
            for at, outcome in enumerate(outcomes):
                if not isinstance(outcome, Balance):
                    continue
                told += 1
                if asset.native and outcome.basis is Basis.PROVEN:
                    assert outcome.atoms == truth[at]
                if outcome.basis is Basis.PROVEN and not asset.native:
                    assert outcome.operators
                if outcome.atoms == truth[at]:
                    continue
                false += 1
                # Nobody honest was heard, or a whole quorum lies; and where it is not proven, no proof of that chain's
                # coin caught the liars.
                alone = not panel.honest and outcome.basis is Basis.PROVEN
                assert panel.liars >= (1 if alone else panel.policy.quorum)
                if outcome.basis is not Basis.PROVEN:
                    assert not caught(panel.outcomes()[COIN], outcome.operators)
    assert told > 100
    assert false


def caught(coins: Outcomes, operators: Sequence[str]) -> bool:
    """Whether a proof of a coin's balance shows otherwise than one of these operators said."""
    return any(
        name in operators and atoms != shown_by_proof(outcome)
        for outcome in coins
        if shown_by_proof(outcome) is not None
        for name, atoms in said_of(outcome)
    )

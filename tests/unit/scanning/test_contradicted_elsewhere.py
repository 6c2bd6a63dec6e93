"""An operator whom proofs of one chain contradict is believed on no other, in the scan and by the verifier."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from scanner.attesting.believed import Believed
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.proving_scans import COINS, ETH, EVM, HEIGHT, HOLDERS, TRUTH, a_chain, a_claim, holds
from tests.support.simulated.scripted_node import Nodes, ScriptedChain
from tests.support.tables import each_of

ELSEWHERE = parse_chain("eip155:10")  # its nodes have no proofs
COIN = Asset("OP", parse_asset("eip155:10/slip44:60"), "OP", 18)


def a_claim_of_two_chains() -> Claim:
    claim = a_claim([])
    return replace(
        claim,
        assets={ETH.id: ETH, COIN.id: COIN},
        liabilities={"ETH": Liability("ETH", Fraction(1)), "OP": Liability("OP", Fraction(1))},
        holdings=Holdings.of([*(Holding(ETH.id, holder) for holder in HOLDERS), Holding(COIN.id, HOLDERS[0])]),
        snapshots={EVM: HEIGHT, ELSEWHERE: HEIGHT},
    )


def scanned(liars: Mapping[str, bool], quorum: int, prove: int | None) -> Scan:
    """`liars`: by operator, whether it doubles a balance on the one chain; on the other all say the same."""
    nodes = Nodes()
    for operator, lies in liars.items():
        told = TRUTH | ({(ETH.id, HOLDERS[0]): 2 * COINS[HOLDERS[0]]} if lies else {})
        nodes.add(a_chain(balances=told), operator)
        nodes.add(ScriptedChain(ELSEWHERE, balances={(COIN.id, HOLDERS[0]): 10**18}), operator)
    instrument = Instrument(Policy(quorum), tuple(nodes.settings), prove)
    return asyncio.run(scan(a_claim_of_two_chains(), instrument, connect=nodes.connect))


@each_of(
    ("liars", "quorum", "prove", "believed"),
    [
        ({"alpha": False, "beta": False}, 2, None, True),
        ({"alpha": False, "beta": False}, 2, 2, True),
        ({"alpha": True, "beta": True}, 2, None, False),
        ({"alpha": True, "beta": True}, 2, 2, False),
        ({"alpha": True, "beta": True}, 2, 8, False),
        ({"alpha": True, "beta": False}, 2, None, False),
        ({"alpha": True, "beta": False, "gamma": False}, 2, None, True),
        ({"alpha": True}, 1, 1, False),
    ],
)
def test_who_is_contradicted_on_one_chain_supports_nothing_on_another(
    liars: Mapping[str, bool], quorum: int, prove: int | None, believed: bool
) -> None:
    result = scanned(liars, quorum, prove)
    (row,) = [row for row in result.rows if row.asset == COIN.id]
    assert isinstance(row.outcome, Balance) == believed
    if isinstance(row.outcome, Balance):
        assert row.outcome.basis is Basis.QUORUM
        assert row.outcome.operators == tuple(name for name, lies in liars.items() if not lies)
    else:
        assert row.outcome.why is Why.CONTRADICTED
    assert holds(result)


def test_a_verifier_refuses_what_rests_on_somebody_whom_another_chains_proofs_contradict() -> None:
    honest = EvidenceRow(COIN.id, HOLDERS[0], "", Balance(5, Basis.QUORUM, ("alpha", "beta")), None)
    contradicted = Balance(1, Basis.PROVEN, ("beta",), (("alpha", 2),))
    judge = Believed(Policy(), {EVM: ("alpha", "beta"), ELSEWHERE: ("alpha", "beta")}, ())
    assert judge.fault(EvidenceRow(ETH.id, HOLDERS[0], "", contradicted, None)) is None
    assert judge.fault(honest) is None
    with pytest.raises(ValueError, match="rests on alpha, which a proof contradicts"):
        judge.end()

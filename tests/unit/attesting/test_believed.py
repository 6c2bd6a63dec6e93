"""What one row of the evidence may rest on, as the verifier judges it by itself."""

from __future__ import annotations

import pytest

from scanner.attesting.believed import Believed
from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.weighing.policy import Policy

KNOWN = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")  # its layout is in the table
OTHER = parse_asset("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada")  # its code is executed
COIN = parse_asset("eip155:1/slip44:60")


@pytest.mark.parametrize(
    ("asset", "operators", "believed"),
    [
        (COIN, ("alpha",), True),
        (COIN, (), True),
        (KNOWN, ("alpha",), True),
        (KNOWN, (), False),
        (OTHER, ("alpha",), True),
        (OTHER, (), False),
    ],
)
def test_a_tokens_proof_is_a_balance_where_somebody_read_it_from_the_contract(
    asset: AssetId, operators: tuple[str, ...], believed: bool
) -> None:
    judge = Believed(Policy(2), {asset.chain: ("alpha", "beta", "gamma", "self")}, ("self",))
    for dissent in ((), (("gamma", 7),)) if operators else ((),):
        row = EvidenceRow(asset, b"\x0a" * 20, "", Balance(5, Basis.PROVEN, operators, dissent), None)
        assert (judge.fault(row) is None) == believed


def judged(rows: list[EvidenceRow]) -> str:
    """What a verifier of these rows refuses, at each or at the end; nothing if they can be believed."""
    judge = Believed(Policy(2), {COIN.chain: ("alpha", "beta", "delta", "gamma", "self")}, ("self",))
    for row in rows:
        fault = judge.fault(row)
        if fault is not None:
            return fault
    try:
        judge.end()
    except ValueError as error:
        return str(error)
    return ""


def a_row(asset: AssetId, operators: str, **dissent: int) -> EvidenceRow:
    said = tuple(sorted(dissent.items()))
    return EvidenceRow(asset, b"\x0a" * 20, "", Balance(5, Basis.PROVEN, tuple(operators.split()), said), None)


def test_what_a_proof_shows_does_not_rest_on_the_words_of_those_who_read_the_same() -> None:
    for asset in (KNOWN, OTHER):
        row = a_row(asset, "alpha beta")
        for other in (COIN, KNOWN, OTHER):
            assert not judged([row, a_row(other, "alpha gamma", beta=6)])


def test_a_tokens_proof_outvotes_no_quorum_and_not_the_auditors_own_node() -> None:
    for asset in (KNOWN, OTHER):
        assert "quorum said otherwise" in judged([a_row(asset, "alpha beta", gamma=6, delta=6)])
        assert "own node said otherwise" in judged([a_row(asset, "alpha beta", self=6)])
        assert not judged([a_row(asset, "alpha beta", gamma=6, delta=7)])

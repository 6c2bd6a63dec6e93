"""What one row of the evidence may rest on, as the verifier judges it by itself."""

from __future__ import annotations

import pytest

from scanner.attesting.believed import Believed
from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis, EvidenceRow
from scanner.core.ids import AssetId
from scanner.weighing.policy import Policy

KNOWN = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")  # its layout is in the table
GUESSED = parse_asset("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada")
COIN = parse_asset("eip155:1/slip44:60")


@pytest.mark.parametrize(
    ("asset", "operators", "believed"),
    [
        (COIN, ("alpha",), True),
        (KNOWN, ("alpha",), True),
        (GUESSED, ("alpha",), False),
        (GUESSED, ("alpha", "beta"), True),
        (GUESSED, ("self",), True),
    ],
)
def test_a_guessed_layout_proves_nothing_without_those_who_would_be_believed_alone(
    asset: AssetId, operators: tuple[str, ...], believed: bool
) -> None:
    judge = Believed(Policy(2), {asset.chain: ("alpha", "beta", "gamma", "self")}, ("self",))
    for dissent in ((), (("gamma", 7),)):
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


def test_a_guessed_layout_proves_nothing_on_the_word_of_somebody_whom_a_coins_or_a_known_tokens_proof_contradicts() -> (
    None
):
    guess = a_row(GUESSED, "alpha beta")
    assert not judged([guess, a_row(COIN, "alpha beta gamma")])
    for asset in (COIN, KNOWN):
        assert "rests on beta, whom a proof contradicts" in judged([guess, a_row(asset, "alpha gamma", beta=6)])
    assert not judged([guess, a_row(GUESSED, "alpha beta", gamma=6)])


def test_a_tokens_proof_outvotes_no_quorum_and_not_the_auditors_own_node() -> None:
    for asset in (KNOWN, GUESSED):
        assert "quorum said otherwise" in judged([a_row(asset, "alpha beta", gamma=6, delta=6)])
        assert "own node said otherwise" in judged([a_row(asset, "alpha beta", self=6)])
        assert not judged([a_row(asset, "alpha beta", gamma=6, delta=7)])


def test_who_dissents_from_a_guess_counts_for_nothing_once_a_native_proof_contradicts_him() -> None:
    divided = a_row(GUESSED, "alpha beta", gamma=6, delta=6)
    assert not judged([divided, a_row(COIN, "alpha beta delta", gamma=9)])
    assert "quorum said otherwise" in judged([divided, a_row(KNOWN, "alpha beta delta", gamma=9)])

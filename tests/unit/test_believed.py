"""What one row of the evidence may rest on, as the verifier judges it by itself."""

from __future__ import annotations

import pytest

from scanner.attesting.believed import Believed
from scanner.core.evidence import Balance, Basis, EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.policy import Policy

KNOWN = AssetId.parse("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")  # its layout is in the table
GUESSED = AssetId.parse("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada")
COIN = AssetId.parse("eip155:1/slip44:60")


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
def test_against_a_dissenter_a_guessed_layout_proves_nothing_without_those_who_would_be_believed_alone(
    asset: AssetId, operators: tuple[str, ...], believed: bool
) -> None:
    judge = Believed(Policy(2), {asset.chain: ("alpha", "beta", "gamma", "self")}, ("self",))
    for dissent in ((), (("gamma", 7),)):
        row = EvidenceRow(asset, b"\x0a" * 20, "", Balance(5, Basis.PROVEN, operators, dissent), None)
        assert (judge.fault(row) is None) == (believed or not dissent)

"""A small attestation in a folder of its own, as a scan leaves it there: claim, attestation, evidence, public key.

It is made by the library from a claim's file and from what was established of each holding; no node is asked. Three
units: BTC is covered, ETH is short of one wei, and of USDT a holding is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.statement import EVIDENCE
from scanner.core.evidence import Outcome
from scanner.sources.addresses import load_claim
from tests.support.attestations.attested import (
    EXCHANGE,
    NOTHING_TO_PROVE,
    TIMED_OUT,
    Attested,
    agreed,
    attest,
    public_pem,
)

CLAIM = """\
version: 1
exchange: Example Exchange
as_of: 2023-11-22T16:00:00Z
snapshots: {"bip122:000000000019d6689c085ae165831e93": 817900}
assets:
  BTC: {id: "bip122:000000000019d6689c085ae165831e93/slip44:0", backs: BTC, decimals: 8}
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
  USDT-ERC20: {id: "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7", backs: USDT, decimals: 6}
liabilities:
  BTC: {amount: "100", stated_ratio: 103%}
  ETH: "7.500000000000000001"
  USDT: {amount: "1000000", stated_ratio: 102%}
holdings:
  - {asset: BTC, account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca, amount: "60"}
  - {asset: BTC, account: 3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd}
  - asset: [ETH, USDT-ERC20]
    accounts: ["0x03aE1A796DFE0400439211133D065BDA774B9D3e", "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A"]
custody:
  - {unit: BTC, amount: "5.25", custodian: A Custodian}
"""
# In the order of the claim's holdings: by chain, then tokens before the coin, then by account.
OUTCOMES: tuple[Outcome, ...] = (
    agreed(43_12345678),
    agreed(60_00000000),
    agreed(1_020_000_000_000),
    TIMED_OUT,
    agreed(1),
    agreed(7_499_999_999_999_999_999),
)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything lies."""

    path: Path
    attested: Attested

    @property
    def claim(self) -> Path:
        return self.path / "claim.yaml"

    @property
    def attestation(self) -> Path:
        return self.path / ATTESTATION

    @property
    def key(self) -> Path:
        return self.path / "auditor.pub"


def write(folder: Path, outcomes: tuple[Outcome, ...] = OUTCOMES) -> Folder:
    """The attestation of these outcomes, written into `folder`."""
    path = folder / "claim.yaml"
    path.write_text(CLAIM)
    claim = load_claim(path)
    holdings = [(holding.asset, holding.account) for holding in claim.holdings]
    attested = attest(
        dict(zip(holdings, outcomes, strict=True)), claim=claim, signers=(EXCHANGE,), proving=NOTHING_TO_PROVE
    )
    (folder / ATTESTATION).write_bytes(attested.envelope)
    (folder / EVIDENCE).write_bytes(attested.evidence)
    (folder / "auditor.pub").write_text(public_pem(EXCHANGE))
    return Folder(folder, attested)

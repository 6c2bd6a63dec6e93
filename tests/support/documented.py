"""The example of docs/predicate.md: as it stands there, and as this package makes it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from scanner.core.evidence import Basis, Gap
from scanner.core.sampling import Draw, Sample
from scanner.errors import Why
from scanner.weighing.claim import ClaimedFile, NamedHeights
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support.attestations.attested import (
    ALICE,
    AUDITOR,
    BOB,
    CAROL,
    ETH,
    ETHEREUM,
    EXCHANGE,
    USDT,
    agreed,
)
from tests.support.attestations.attested_control import CONTROLS, NAMED, a_controlled_claim
from tests.support.attestations.attested_proofs import (
    COINS,
    PROVING,
    STATE,
    TOKENS,
    attest_proven,
    held_and_proven,
    proven,
    witness_of,
)
from tests.support.places import ROOT

DOC = (ROOT / "docs" / "predicate.md").read_text("utf-8")
HEIGHTS = {ETHEREUM: NamedHeights(1, 18_600_000, 18_600_000)}
EXAMPLE = attest_proven(
    held_and_proven(
        usdt_alice=proven(TOKENS[ALICE], "alpha", "beta", gamma=7),
        usdt_bob=Gap(
            Why.CONTRADICTED,
            "alpha says 0; beta says 0; proofs contradict alpha, beta",
            (("alpha", 0), ("beta", 0)),
        ),
        usdt_carol=Gap(
            Why.DISAGREEMENT,
            f"the proof shows {TOKENS[CAROL]}; alpha says 500000; beta says 500000",
            (("alpha", 500_000), ("beta", 500_000)),
            TOKENS[CAROL],
        ),
        eth_alice=agreed(COINS[ALICE]),
        eth_bob=agreed(COINS[BOB]),
    ),
    proving=Proving(
        PROVING.layouts,
        {ETH.id: WithoutProof.of([Cause.NO_STATE])},
        sample=Sample(
            2,
            "7d8a1d3c0b5e4f6a9c2e",
            {
                ETHEREUM: replace(
                    STATE.snapshot,
                    height=STATE.snapshot.height + 7_200,
                    hash="0x" + "4a" * 32,
                    parent="0x" + "49" * 32,
                    time=STATE.snapshot.time + timedelta(hours=15),
                )
            },
        ),
        draws={USDT.id: Draw(2, 0, 0), ETH.id: Draw(2, 0, 0)},
    ),
    witness=witness_of(("usdt_alice", "usdt_carol")),
    policy=Policy(dissent=Dissent.RECORD, require={"BTC": Basis.QUORUM, "USDT": Basis.PROVEN}),
    signers=(EXCHANGE, AUDITOR),
    claim=a_controlled_claim(
        files=(ClaimedFile("okx_por.csv", "ef" * 32, "okx", 9, 7, {"DUPLICATE": 2}, stated=3, heights=HEIGHTS),),
    ),
    controls=CONTROLS,
    owners=NAMED,
    operators=dict.fromkeys(a_controlled_claim().chains, ("alpha", "beta", "gamma")),
)


def block(language: str) -> str:
    """The one block of that language in the document."""
    found = re.findall(rf"^```{language}\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)
    assert len(found) == 1
    return str(found[0])

"""Of how many holdings each operator was heard: counted from the evidence, and held against it by whoever verifies."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.attesting.heard import HeardCounter
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import AttestationInvalid, Why
from tests.support.attestations.attested import BTC, ETH, TIMED_OUT, agreed, attest, held

BALANCES: tuple[Outcome, ...] = (
    Balance(5, Basis.QUORUM, ("alpha", "beta"), (("gamma", 6),)),
    Balance(5, Basis.PROVEN, ()),
    Gap(Why.DISAGREEMENT, "", said=(("alpha", 1), ("beta", 2))),
    Gap(Why.UNREACHABLE),
)


def test_who_agrees_dissents_or_is_quoted_in_a_gap_was_heard() -> None:
    heard = HeardCounter()
    rows = [EvidenceRow(ETH.id, bytes([at]) * 20, "0xab", outcome, None) for at, outcome in enumerate(BALANCES)]
    rows.append(EvidenceRow(BTC.id, b"\x51", "ab", agreed(1), None))
    assert [row for part in heard.listen(parts_of(rows)) for row in part] == rows
    assert heard.counts() == {
        str(BTC.id.chain): {"alpha": 1, "beta": 1},
        "eip155:1": {"alpha": 2, "beta": 2, "gamma": 1},
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda heard: heard["eip155:1"].update(alpha=heard["eip155:1"]["alpha"] + 1),
        lambda heard: heard["eip155:1"].update(gamma=1),
        lambda heard: heard["eip155:1"].pop("alpha"),
        lambda heard: heard.pop("eip155:1"),
        lambda heard: heard.update({"eip155:10": {"alpha": 1}}),
    ],
)
def test_a_statement_that_says_otherwise_is_refused(change: Any) -> None:
    attested = attest(held(usdt_carol=TIMED_OUT))
    attested.verify()
    spoiled = attested.with_statement(lambda statement: change(statement["predicate"]["run"]["heard"]), sign=True)
    with pytest.raises(AttestationInvalid, match="heard") as refused:
        spoiled.verify()
    assert refused.value.step == 9

"""What an attestation says of who controls the accounts, spoiled: alone, signed again, and told consistently."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from scanner.attesting.verify import Judge, verify
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Basis
from scanner.errors import AttestationInvalid, Why
from scanner.proofs.control import Verdict as Shows
from scanner.scanning.control import judged_together
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import NOTHING_PUBLISHED, judged
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holdings
from scanner.weighing.policy import Policy
from tests.support import proof_signing as sign
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    BTC,
    CAROL,
    ETH,
    SCRIPT,
    SNAPSHOTS,
    TIMED_OUT,
    USDT,
    Attested,
    held,
)
from tests.support.attestations.attested_control import (
    CHALLENGE,
    CONTROLS,
    NAMED,
    ONE_OWNER,
    OWNERS,
    Place,
    a_controlled_claim,
    attest_controlled,
)
from tests.support.tables import each_of

TRUE = attest_controlled()
FINDING = ("predicate", "finding")


def refused(attested: Attested, step: int, policy: Policy | None = None) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        attested.verify(policy)
    assert caught.value.step == step, caught.value
    return str(caught.value)


def test_each_word_that_is_true_holds() -> None:
    finding = TRUE.verify().finding
    shown = {
        reserve.unit: {word for word, amount in reserve.by_control.items() if amount} for reserve in finding.reserves
    }
    assert shown == {
        "BTC": {Control.ABSENT},
        "ETH": {Control.SHOWN, Control.REPLAYABLE},
        "USDT": {Control.SHOWN, Control.UNSHOWN},
    }


@each_of(
    ("place", "word"),
    [
        (place, word)
        for place, true in [*CONTROLS.items(), ((BTC.id, SCRIPT), Control.ABSENT)]
        for word in Control
        if word is not true
    ],
)
def test_a_word_raised_or_lowered_is_refused_however_consistently_it_is_told(place: Place, word: Control) -> None:
    """What follows from the lie is stated too: sums by control, gaps, verdict. Only the proofs contradict it."""
    lie = attest_controlled(controls=CONTROLS | {place: word})
    true = CONTROLS.get(place, Control.ABSENT)
    assert f"control is stated as {word}, and is {true}" in refused(lie, 8)


def test_a_word_changed_in_the_evidence_alone_is_refused_signed_again_or_not() -> None:
    lines = [line.replace(b",REPLAYABLE,", b",SHOWN,") for line in TRUE.lines]
    assert lines != TRUE.lines
    refused(TRUE.with_lines(lines, sign=False), 5)
    refused(TRUE.with_lines(lines, sign=True), 8)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"SHOWN": "7.730000000000000001"},
        {"REPLAYABLE": "7.73", "SHOWN": "0.000000000000000002"},
        {"ABSENT": "7.73"},
    ],
)
def test_the_sums_by_control_follow_from_the_evidence(table: dict[str, str]) -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["reserves"][1]["control"] = table

    refused(TRUE.with_statement(change, sign=False), 2)
    refused(TRUE.with_statement(change, sign=True), 9)


# --- owners


STRANGER = ContractOwners(owner=sign.evm_address(9))


@pytest.mark.parametrize(
    ("place", "owners"),
    [
        ((USDT.id, BOB), STRANGER),  # the proof there is of no form that a contract's could be
        ((USDT.id, CAROL), STRANGER),  # the proof there is a plain account's, and wrong
        ((BTC.id, SCRIPT), STRANGER),
        ((USDT.id, CAROL), ContractOwners()),
    ],
)
def test_owners_where_no_contract_was_to_be_asked_are_refused(place: Place, owners: ContractOwners) -> None:
    assert "owners are named where no contract was to be asked" in refused(
        attest_controlled(owners=NAMED | {place: owners}), 8
    )


def test_owners_invented_do_not_make_a_proof_hold_by_the_word_alone() -> None:
    for owners, word in [
        (STRANGER, Control.UNSHOWN),  # who did not sign
        (
            ContractOwners(OWNERS.safe[:1], 1),
            Control.SHOWN,
        ),  # as if one were enough: the chain's word, and the signer's
    ]:
        lie = attest_controlled(owners=NAMED | {(ETH.id, ALICE): owners})
        if word is Control.SHOWN:
            assert lie.verify().verdict is Verdict.COVERED
        else:
            assert f"control is stated as SHOWN, and is {word}" in refused(lie, 8)


def test_a_safe_that_asks_for_more_than_signed_is_not_shown() -> None:
    more = ContractOwners(tuple(sorted((*OWNERS.safe, sign.evm_address(7)))), 3)
    assert "control is stated as SHOWN, and is UNSHOWN" in refused(
        attest_controlled(owners=NAMED | {(ETH.id, ALICE): more}), 8
    )


def test_owners_left_out_leave_the_word_unverifiable() -> None:
    silent = {place: owners for place, owners in NAMED.items() if place != (ETH.id, BOB)}
    assert "control is stated as REPLAYABLE, and is UNVERIFIABLE" in refused(attest_controlled(owners=silent), 8)
    honest = attest_controlled(owners=silent, controls=CONTROLS | {(ETH.id, BOB): Control.UNVERIFIABLE})
    assert honest.verify().verdict is Verdict.COVERED


def test_owners_at_a_block_that_was_lost_are_refused() -> None:
    lost: dict[Any, Any] = {place: held()[place] if place[0] == BTC.id else TIMED_OUT for place in held()}
    unasked = CONTROLS | dict.fromkeys(NAMED, Control.UNVERIFIABLE)
    without = attest_controlled(outcomes=lost, snapshots=SNAPSHOTS[:1], owners={}, controls=unasked)
    assert without.verify().verdict is Verdict.UNKNOWN
    for owners, controls in [
        (NAMED, CONTROLS),
        ({(ETH.id, BOB): ONE_OWNER}, unasked | {(ETH.id, BOB): Control.REPLAYABLE}),
        ({(ETH.id, BOB): ONE_OWNER}, unasked),
    ]:
        invented = attest_controlled(outcomes=lost, snapshots=SNAPSHOTS[:1], owners=owners, controls=controls)
        assert "owners are named where no block was read" in refused(invented, 8)


# --- the claim's challenge, and what a policy demands


@pytest.mark.parametrize("challenge", [None, "another engagement's message"])
def test_a_proof_is_judged_by_the_verifiers_claim_and_its_challenge(challenge: str | None) -> None:
    other = replace(TRUE, claim=replace(a_controlled_claim(), challenge=challenge))
    assert "control is stated as SHOWN, and is REPLAYABLE" in refused(other, 8)


def test_the_challenge_that_is_stated_is_the_claims() -> None:
    for challenge in (None, CHALLENGE + "."):

        def change(statement: dict[str, Any], challenge: str | None = challenge) -> None:
            statement["predicate"]["finding"]["challenge"] = challenge

        refused(TRUE.with_statement(change, sign=True), 9)


def test_a_proof_that_the_verifiers_claim_does_not_publish_shows_nothing() -> None:
    bare = replace(
        a_controlled_claim(), holdings=Holdings.of(replace(h, ownership=None) for h in a_controlled_claim().holdings)
    )
    refused(replace(TRUE, claim=bare), 8)


def test_a_policy_that_requires_control_makes_the_rest_gaps_and_cannot_be_dropped_unnoticed() -> None:
    strict = Policy(require_ownership=Control.SHOWN)
    demanding = attest_controlled(policy=strict)
    verified = demanding.verify(strict)
    assert verified.verdict is Verdict.UNKNOWN
    assert verified.finding.gap_counts == {Why.NO_CONTROL: 5}
    assert "ownership not required, demanded SHOWN" in refused(TRUE, 10, strict)
    lax = attest_controlled(policy=Policy(require_ownership=Control.REPLAYABLE))
    assert lax.verify().finding.gap_counts == {Why.NO_CONTROL: 4}
    assert "ownership REPLAYABLE required, demanded SHOWN" in refused(lax, 10, strict)

    def drop(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["policy"]["requireOwnership"] = None

    refused(demanding.with_statement(drop, sign=True), 9)


def test_control_does_not_make_up_for_the_balance() -> None:
    """A row is believed on its basis, whatever is shown of its account."""
    nobody = attest_controlled(outcomes=held(eth_alice=Balance(1, Basis.QUORUM, ("alpha",))))
    assert "no quorum of 2" in refused(nobody, 8)


def test_whoever_judges_the_proofs_of_control_has_to_come_to_the_same() -> None:
    def verified(judge: Judge) -> None:
        verify(TRUE.envelope, TRUE.claim, TRUE.keys, io.BytesIO(TRUE.evidence), judge=judge)

    verified(judged)
    verified(judged_together)
    none: Coded[Shows] = Coded([NOTHING_PUBLISHED] * len(TRUE.claim.holdings))
    with pytest.raises(AttestationInvalid, match=r"step 8: .*no contract was to be asked"):
        verified(lambda claim: Controls.of(claim.holdings, none))
    with pytest.raises(ValueError, match="words of control for"):
        verified(lambda _: Controls(Coded(), {}, {}))

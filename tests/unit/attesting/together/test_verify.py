"""Several claims together: each weighed alone and all jointly, and whatever is changed in what is signed is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, write_envelope
from scanner.attesting.points import point_folder
from scanner.attesting.series.statement import is_series
from scanner.attesting.together.statement import is_together
from scanner.chains.registry import FAMILIES
from scanner.errors import AttestationInvalid
from scanner.report.together_table import render
from scanner.weighing.claim import Asset, Custody
from scanner.weighing.finding import Verdict
from scanner.weighing.policy import Policy
from scanner.weighing.together import Claims
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, toy
from tests.support.toy_series import HEIGHT, LinkedChain
from tests.support.toy_together import (
    FIRST_DAY,
    SECOND_DAY,
    Made,
    claim_of,
    first_and_second,
    lending,
    made,
)

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


@pytest.fixture(scope="module")
def joint(_toys: None) -> Made:
    return made()


def resealed(of: Made, change: Change) -> Made:
    statement = json.loads(of.statement)
    change(statement["predicate"])
    together = statement["predicate"]["together"]
    named = {f"claim-{number}": each["claim"] for number, each in enumerate(together["claims"], 1)}
    for point in together["points"]:
        named[f"{point_folder(datetime.fromisoformat(point['at']))}/statement.json"] = point["statement"]
    statement["subject"] = [
        {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}} for name, digest in named.items()
    ]
    payload = canonical.encode(statement)
    return replace(of, document=write_envelope(Envelope(payload).signed(Seal(b"x"))), statement=payload)


def refused(of: Made, step: int, why: str, **arguments: Any) -> None:
    with pytest.raises(AttestationInvalid, match=why) as error:
        of.verified(**arguments)
    assert error.value.step == step


def test_two_that_lend_to_each_other_are_each_covered_and_jointly_short(joint: Made) -> None:
    first, second = joint.joint.claims.claims
    for point in joint.joint.points:
        for claim in (first, second):
            alone = point.alone[claim.digest]["TOY"]
            own = claim.as_of == point.at
            assert alone.verdict == (Verdict.COVERED if own else None)
            assert alone.held == (100 if own else 50)
        both = point.together["TOY"]
        assert (both.held, both.owed, both.verdict) == (Fraction(150), Fraction(200), Verdict.SHORT)
        assert point.counted_twice("TOY") == 0
    assert joint.joint.verdicts == {"TOY": Verdict.SHORT}
    assert joint.verified().joint == joint.joint
    shown = render(joint.verified().predicate)
    assert "TOY, jointly SHORT: at every moment" in shown
    assert "nor that any of them is insolvent" in shown


def test_an_account_in_two_claims_counts_once() -> None:
    found = made(claim_of("A", FIRST_DAY, b"anna", b"both", owed=110), claim_of("B", FIRST_DAY, b"both", owed=10))
    (point,) = found.joint.points
    assert [units["TOY"].verdict for units in point.alone.values()] == [Verdict.COVERED] * 2
    both = point.together["TOY"]
    assert (both.held, both.owed, both.verdict) == (Fraction(110), Fraction(120), Verdict.SHORT)
    assert point.counted_twice("TOY") == 10
    assert found.joint.claims.shared == {COIN: 1}
    predicate = found.verified().predicate
    assert predicate["together"]["points"][0]["together"][0]["countedTwice"] == "10"
    assert "1 account stands in more than one of the claims" in render(predicate)


def test_what_is_short_at_one_moment_and_not_at_another_is_unknown() -> None:
    found = made(claim_of("A", FIRST_DAY, b"anna", owed=100), claim_of("B", SECOND_DAY, b"anna", owed=1))
    assert [point.together["TOY"].verdict for point in found.joint.points] == [Verdict.SHORT, Verdict.SHORT]
    rising = made(claim_of("A", FIRST_DAY, b"bert", owed=50), claim_of("B", SECOND_DAY, b"bert", owed=1))
    assert [point.together["TOY"].verdict for point in rising.joint.points] == [Verdict.SHORT, Verdict.COVERED]
    assert rising.joint.verdicts == {"TOY": Verdict.UNKNOWN}
    assert rising.verified().joint == rising.joint


@pytest.mark.parametrize(
    "changes", [{"complete": False}, {"custody": (Custody("TOY", Fraction(1000), "a bank"),)}], ids=["part", "custody"]
)
def test_nothing_is_short_of_claims_that_leave_something_open(changes: dict[str, Any]) -> None:
    found = made(claim_of("A", FIRST_DAY, b"anna", owed=1000, **changes), claim_of("B", SECOND_DAY, b"bert"))
    assert found.joint.verdicts == {"TOY": Verdict.UNKNOWN}


def test_a_gap_at_any_moment_takes_short_away_and_what_stands_twice_is_not_known() -> None:
    both = {name: LinkedChain(HEIGHT, lending, step=0) for name in ("alpha", "beta")}
    both["beta"].header(HEIGHT)
    both["beta"].balances = lambda height: {} if height == SECOND_DAY else lending(height)
    found = made(chains=both)
    assert [point.together["TOY"].verdict for point in found.joint.points] == [Verdict.SHORT, Verdict.UNKNOWN]
    assert found.joint.verdicts == {"TOY": Verdict.UNKNOWN}
    assert found.joint.points[1].counted_twice("TOY") is None
    assert found.verified().joint == found.joint


def test_a_height_that_a_claim_names_is_gone_by_at_its_moment_unless_another_names_another() -> None:
    first, second = first_and_second()
    claims = Claims((replace(first, snapshots={CHAIN: FIRST_DAY - 5}), second))
    assert claims.at(first.as_of).snapshots == {CHAIN: FIRST_DAY - 5}
    assert claims.at(second.as_of).snapshots == {}
    other = replace(second, as_of=first.as_of, snapshots={CHAIN: FIRST_DAY - 6})
    assert Claims((replace(first, snapshots={CHAIN: FIRST_DAY - 5}), other)).at(first.as_of).snapshots == {}


def test_claims_that_cannot_be_weighed_together_are_refused_with_all_reasons() -> None:
    first, second = first_and_second()
    with pytest.raises(ValueError, match="1 given"):
        Claims((first,))
    with pytest.raises(ValueError, match="one claim is given twice"):
        Claims((first, first))
    with pytest.raises(ValueError, match="read by revisions 1, 2 of the tables"):
        Claims((first, replace(second, revision=2)))
    other = replace(second, assets={COIN: Asset("TOY", COIN, "GAME", 3)})
    with pytest.raises(ValueError, match=r"says backs TOY, Second GAME(.|\n)*says decimals 2, Second 3"):
        Claims((first, other))
    with pytest.raises(ValueError, match="another moment than its own"):
        Claims((first, second.sampled_at(first.as_of)))
    many = {f"U{number}": first.liabilities["TOY"] for number in range(9000)}
    with pytest.raises(ValueError, match="more than a statement has room for"):
        Claims((replace(first, liabilities=many), second))


@pytest.mark.parametrize(
    ("change", "step", "why"),
    [
        (lambda p: p["together"].pop("shared"), 3, "shared is missing"),
        (lambda p: p["together"]["claims"][0].update(claim="sha256:" + "1" * 64), 4, "it is not of First's claim"),
        (
            lambda p: p["together"]["claims"].append({**p["together"]["claims"][0], "claim": "sha256:" + "1" * 64}),
            4,
            "of the claim sha256:1111",
        ),
        (lambda p: p["together"]["points"].pop(), 5, "other moments than those of the claims"),
        (lambda p: p["run"].update(scannedAt="2026-01-01T00:05:00Z"), 5, "dated before the moment of a claim"),
        (lambda p: p["together"]["policy"].update(quorum=3), 6, "another policy"),
        (lambda p: p["together"]["units"][0].update(verdict="COVERED"), 8, "verdict is stated as"),
        (lambda p: p["together"]["points"][0]["together"][0].update(held="200"), 8, "held"),
        (lambda p: p["together"]["points"][0]["alone"][0]["units"][0].update(owed="1"), 8, "owed"),
        (lambda p: p["together"]["claims"][0].update(exchange="Z"), 8, "exchange"),
        (lambda p: p["together"]["claims"].reverse(), 8, "claims"),
    ],
)
def test_whatever_is_changed_in_it_is_found(joint: Made, change: Change, step: int, why: str) -> None:
    refused(resealed(joint, change), step, why)


def test_only_these_claims_and_a_demanded_key_make_it_hold(joint: Made) -> None:
    refused(replace(joint, document=b"{}"), 1, "step 1")
    other = write_envelope(Envelope(joint.statement).signed(Seal(b"y")))
    refused(replace(joint, document=other), 2, "not signed by the key")
    first, _ = first_and_second()
    refused(joint, 4, "it is not of Third's claim", claims=[first, claim_of("Third", SECOND_DAY, b"bert")])


def test_the_files_of_a_moment_are_those_that_are_named(joint: Made) -> None:
    one, two = (point_folder(point.at) for point in joint.joint.points)
    for name, why in (("statement.json", "is not the one that is named"), ("evidence.csv.gz", "step 5")):
        files = {**joint.files, f"{one}/{name}": joint.files[f"{two}/{name}"]}
        refused(replace(joint, files=files), 6, why)


def test_a_point_of_fewer_accounts_than_the_claims_declare_does_not_hold() -> None:
    """The evidence of one claim alone cannot stand for that of both."""
    lone = made(claim_of("First", FIRST_DAY, b"anna"), claim_of("Second", SECOND_DAY, b"anna"))
    refused(lone, 4, "Third", claims=[claim_of("First", FIRST_DAY, b"anna"), claim_of("Third", SECOND_DAY, b"bert")])
    second = claim_of("Second", SECOND_DAY, b"bert")  # of the same digest, so that only the accounts differ
    refused(lone, 6, "step 6", claims=[claim_of("First", FIRST_DAY, b"anna"), second])


def test_a_demanded_policy_is_held_against_it(joint: Made) -> None:
    assert joint.verified(policy=Policy(quorum=2)).joint == joint.joint
    refused(joint, 9, "laxer", policy=Policy(quorum=3))


def test_it_is_taken_for_nothing_else(joint: Made) -> None:
    assert is_together(joint.statement)
    assert not is_series(joint.statement)
    point = joint.files[f"{point_folder(joint.joint.points[0].at)}/statement.json"]
    assert not is_together(point)
    assert json.loads(point)["predicate"]["finding"]["verdict"] == "UNKNOWN"  # of several days: never SHORT by itself
    assert joint.joint.points[1].at - joint.joint.points[0].at == timedelta(seconds=SECOND_DAY - FIRST_DAY)

"""A series checked again: what holds, and that each thing in it that is changed is found, and in its step."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, write_envelope
from scanner.attesting.points import MomentsRun, point_folder
from scanner.attesting.series.attestation import signed_series
from scanner.attesting.series.statement import is_series, read_series
from scanner.chains.registry import FAMILIES
from scanner.core.evidence import Basis
from scanner.errors import AttestationInvalid
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule
from scanner.weighing.series import Transience
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import toy
from tests.support.toy_series import AS_OF, MOMENT, NOW, OWED, Made, a_claim, around, made

Change = Callable[[dict[str, Any]], object]


def borrowed(height: int) -> Mapping[bytes, int]:
    """Ten whole coins more, for five minutes before the moment and five after it."""
    return {b"anna": 10_000 if abs(height - MOMENT) <= 300 else 9_000, b"bert": 300}


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


@pytest.fixture(scope="module")
def series(_toys: None) -> Made:
    return made(borrowed, around(12, 2))


def resealed(of: Made, change: Change) -> Made:
    """The same series with something else in its predicate, and subjects to fit, sealed by the same key."""
    statement = json.loads(of.statement)
    change(statement["predicate"])
    series = statement["predicate"]["series"]
    named = {
        f"{point_folder(datetime.fromisoformat(point['at']))}/statement.json": point["statement"]
        for point in series["points"]
    }
    statement["subject"] = [
        {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
        for name, digest in {"claim": series["claim"], **named}.items()
    ]
    payload = canonical.encode(statement)
    return replace(of, document=write_envelope(Envelope(payload).signed(Seal(b"x"))), statement=payload)


def refused(of: Made, step: int, why: str, **arguments: Any) -> None:
    with pytest.raises(AttestationInvalid, match=why) as error:
        of.verified(**arguments)
    assert error.value.step == step


def test_a_series_holds_and_is_computed_again(series: Made) -> None:
    shown = series.verified()
    assert shown.series == series.series
    (found,) = shown.series.sustained
    assert (found.transient, found.sustained, found.shows) == (Fraction(10), Fraction(93), Transience.FOUND)
    (stated,) = shown.predicate["series"]["sustained"]
    assert (stated["transient"], stated["sustained"], stated["ratio"]) == ("10", "93", "0.930000")
    assert (stated["before"], stated["after"], stated["owed"]) == (6, 6, str(OWED))


def test_proven_balances_are_walked_again_at_every_moment() -> None:
    FAMILIES["toy"] = toy(proofs=True)
    proven = made(borrowed, around(2), prove=None)
    assert {row.outcome.basis for scan in proven.scans for row in scan.rows} == {Basis.PROVEN}  # type: ignore[union-attr]
    assert proven.verified().series == proven.series
    witness = next(name for name in proven.files if name.endswith("witness.bin"))
    proven.files[witness] = proven.files[next(n for n in reversed(proven.files) if n.endswith("witness.bin"))]
    refused(proven, 6, "step 5: ")
    FAMILIES["toy"] = toy()


def test_only_a_demanded_key_makes_it_hold(series: Made) -> None:
    refused(replace(series, document=b"{}"), 1, "step 1")
    other = write_envelope(Envelope(series.statement).signed(Seal(b"y")))
    refused(replace(series, document=other), 2, "not signed by the key")


@pytest.mark.parametrize(
    ("change", "step", "why"),
    [
        (lambda p: p["series"].pop("later"), 3, "later is missing"),
        (lambda p: p["series"].update(extra=1), 3, "unknown key"),
        (lambda p: p["series"]["schedule"].update(every=61), 3, "no length of a stretch"),
        (lambda p: p["series"]["schedule"].update(start="2026-01-01T00:03:59Z"), 3, "begin and end with a stretch"),
        (lambda p: p["series"]["stretches"].pop(), 3, "11 stretches, and the schedule has 12"),
        (lambda p: p["series"]["stretches"].reverse(), 3, "out of order"),
        (lambda p: p["series"].update(claim="sha256:" + "1" * 64), 4, "it is of the claim sha256:1111"),
        (lambda p: p["series"].update(exchange="Y"), 8, "predicate.series.exchange is stated as"),
        (lambda p: p["series"].update(complete=False), 8, "complete"),
        (lambda p: p["series"]["sustained"][0].update(transient="0"), 8, r"transient is stated as \"0\""),
        (lambda p: p["series"]["sustained"][0].update(before=9), 8, "before"),
        (lambda p: p["series"]["points"][0]["units"][0].update(held="103"), 8, "held"),
        (lambda p: p["series"]["stretches"][0].update(moment=None), 8, "moment"),
        (lambda p: p["series"]["schedule"].update(chain="toy:other"), 5, "drawn by another chain than toy:main"),
        (lambda p: p["series"]["policy"].update(quorum=3), 6, "another policy than the statement"),
        (lambda p: p["run"].update(scannedAt="2026-01-01T00:21:00Z"), 5, "before its last stretch is over"),
    ],
)
def test_whatever_is_changed_in_it_is_found(series: Made, change: Change, step: int, why: str) -> None:
    refused(resealed(series, change), step, why)


def test_the_claim_of_another_moment_is_another_claim(series: Made) -> None:
    refused(series, 4, "counted from another moment", claim=a_claim(as_of=AS_OF + timedelta(seconds=1)))


def test_a_moment_that_is_left_out_is_missed_and_one_that_was_not_drawn_is_found(series: Made) -> None:
    refused(resealed(series, lambda p: p["series"]["points"].pop(0)), 5, "is drawn, and has no point")
    drawn = series.series.points[0].at

    def added(predicate: dict[str, Any]) -> None:
        first = predicate["series"]["points"][0]
        other = f"{drawn - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        predicate["series"]["points"].insert(0, {**first, "at": other})

    refused(resealed(series, added), 5, "points at moments that are not drawn")


def test_another_block_of_a_stretch_would_draw_another_moment(series: Made) -> None:
    """A signer who names another block, whatever its hash, has to show what was held at the moment which that draws."""

    def other(predicate: dict[str, Any]) -> None:
        predicate["series"]["stretches"][3]["block"]["hash"] = "ab" * 32

    refused(resealed(series, other), 5, "is drawn, and has no point")


def test_a_stretch_whose_block_is_withheld_shows_nothing_of_its_windows(series: Made) -> None:
    def withheld(predicate: dict[str, Any]) -> None:
        at = predicate["series"]["stretches"][3]["moment"]
        predicate["series"]["stretches"][3] |= {"block": None, "moment": None}
        predicate["series"]["points"] = [each for each in predicate["series"]["points"] if each["at"] != at]

    refused(resealed(series, withheld), 8, "sustained")


def test_a_block_that_draws_a_moment_is_the_last_one_by_the_end_of_its_stretch(series: Made) -> None:
    def later(predicate: dict[str, Any]) -> None:
        predicate["series"]["stretches"][3]["block"]["time"] = "2026-01-01T00:13:00Z"

    refused(resealed(series, later), 7, "two blocks of toy:main are stated at height|later than the moment")

    def lower(predicate: dict[str, Any]) -> None:
        predicate["series"]["stretches"][3]["block"]["height"] = 5

    refused(resealed(series, lower), 7, "for a later moment than")


def test_the_files_of_a_moment_are_those_that_are_named(series: Made) -> None:
    first, second = (point_folder(point.at) for point in series.series.points[:2])
    for name, step in (("statement.json", "is not the one that is named"), ("evidence.csv.gz", "step 5")):
        files = {**series.files, f"{first}/{name}": series.files[f"{second}/{name}"]}
        refused(replace(series, files=files), 6, step)


def test_evidence_that_says_more_does_not_bear_out_its_statement(series: Made) -> None:
    first = point_folder(series.series.points[0].at)
    more = gzip.decompress(series.files[f"{first}/evidence.csv.gz"]).replace(b",9000,", b",9999,")
    evidence = gzip.compress(more, mtime=0)
    digest = f"sha256:{hashlib.sha256(evidence).hexdigest()}"
    statement = json.loads(series.files[f"{first}/statement.json"])
    statement["predicate"]["run"]["evidence"] = digest
    statement["subject"][1]["digest"]["sha256"] = digest.removeprefix("sha256:")
    changed = canonical.encode(statement)
    files = {**series.files, f"{first}/evidence.csv.gz": evidence, f"{first}/statement.json": changed}

    def named(predicate: dict[str, Any]) -> None:
        predicate["series"]["points"][0]["statement"] = f"sha256:{hashlib.sha256(changed).hexdigest()}"

    refused(resealed(replace(series, files=files), named), 6, "step 9: ")


def test_a_statement_of_another_moment_stands_for_none(series: Made) -> None:
    """A point's files put in another point's place, digest and all."""
    first, second = series.series.points[:2]
    files = {
        **series.files,
        **{
            name.replace(point_folder(second.at), point_folder(first.at)): data
            for name, data in series.files.items()
            if name.startswith(point_folder(second.at))
        },
    }

    def named(predicate: dict[str, Any]) -> None:
        predicate["series"]["points"][0]["statement"] = f"sha256:{second.statement}"

    refused(resealed(replace(series, files=files), named), 6, "step 4: it judges the claim as of")


def test_the_blocks_of_all_moments_are_those_of_one_chain(series: Made) -> None:
    """That which ends the stretch before the claim's moment is the one that it is weighed at."""

    def other(predicate: dict[str, Any]) -> None:
        predicate["series"]["stretches"][5]["block"]["parent"] = "ab" * 32

    refused(resealed(series, other), 7, f"two blocks of toy:main are stated at height {MOMENT}")


def test_a_policy_that_is_demanded_is_held_against_the_series(series: Made) -> None:
    assert series.verified(policy=Policy(quorum=2)).series == series.series
    refused(series, 9, "laxer", policy=Policy(quorum=3))


def test_a_series_is_told_from_an_attestation(series: Made) -> None:
    assert is_series(series.statement)
    point = series.files[f"{point_folder(AS_OF)}/statement.json"]
    assert not is_series(point)
    with pytest.raises(ValueError, match="is no version of a series"):
        read_series(point)


def test_two_who_read_the_same_blocks_state_the_same_series(series: Made) -> None:
    again = made(borrowed, around(12, 2), now=NOW + timedelta(hours=1))
    points = [point["units"] for point in read_series(series.statement).predicate["series"]["points"]]
    assert [point["units"] for point in read_series(again.statement).predicate["series"]["points"]] == points
    assert again.series.blocks == series.series.blocks


def test_unsigned_it_is_the_statement_alone(series: Made) -> None:
    name, document, statement = signed_series(series.series, MomentsRun(NOW, "1.0.0"), [])
    assert (name, document) == ("series.json", statement)


def test_the_claims_bytes_and_its_moment_have_no_part_in_what_is_drawn() -> None:
    """An exchange writes both when the stretches before its report are over, and could try them until it suits."""
    one = made(borrowed, around(4, 2))
    other = made(borrowed, around(4, 2), claim=a_claim(digest="ab" * 32))
    assert [point.at for point in one.series.points] == [point.at for point in other.series.points]
    later = a_claim(as_of=AS_OF + timedelta(seconds=37))
    moved = made(borrowed, Schedule.around(later.as_of, timedelta(minutes=4), timedelta(minutes=2)), claim=later)
    drawn = {point.at for point in one.series.points} - {AS_OF}
    assert drawn <= {point.at for point in moved.series.points}


def test_a_series_that_is_dated_at_the_end_of_the_calendar_is_judged_like_any_other(series: Made) -> None:
    last = resealed(series, lambda p: p["run"].update(scannedAt="9999-12-31T23:59:59Z"))
    assert last.verified().series == series.series
    refused(resealed(series, lambda p: p["run"].update(scannedAt="0001-01-01T00:00:00Z")), 5, "before its last stretch")

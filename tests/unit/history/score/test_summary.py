"""Scores of a real history: what its envelopes say, whose signatures are on them, and what stands beside."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting.envelope import signed_document
from scanner.attesting.series.statement import SERIES
from scanner.attesting.signers import load_public_key
from scanner.attesting.times import written_time
from scanner.cli.points_folder import opened_in
from scanner.history.log import HistoryLog, append, keep_unverified, open_history
from scanner.history.score.shape import SHAPE
from scanner.history.score.summary import score_summary
from scanner.history.several import append_series
from scanner.history.summary import summary
from scanner.sources.addresses import load_claim
from tests.support.attestations.attested import TIMED_OUT, Attested, Seal, agreed, attest, blocks_by, held
from tests.support.golden_series import SERIES_FOLDER
from tests.support.history_behaviour import DECEMBER, JANUARY, NOW, SEAL, a_report

SECOND = Seal(b"of a second auditor")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[HistoryLog]:
    with open_history(str(tmp_path / "history.sqlite"), create=True) as opened:
        yield opened


def add(history: HistoryLog, attested: Attested) -> None:
    append(history, attested.envelope, attested.claim, attested.keys, io.BytesIO(attested.evidence), at=NOW)


def scored(history: HistoryLog, **more: Any) -> dict[str, Any]:
    found = score_summary(history, **more)
    SHAPE(found, "scores")
    return found


def points(score: dict[str, Any]) -> list[str]:
    return [each["points"] for each in score["criteria"]]


def test_a_report_is_scored_by_what_its_envelope_says(history: HistoryLog) -> None:
    report = a_report()
    add(history, report)
    found = scored(history, auditors=[SEAL, SECOND])
    (exchange,) = found["exchanges"]
    (score,) = exchange["scores"]
    assert (found["judgedAt"], found["auditors"]) == (None, sorted([SEAL.keyid, SECOND.keyid]))
    assert (exchange["exchange"], score["verified"], score["claim"]) == (
        "Example Exchange",
        True,
        f"sha256:{report.claim.digest}",
    )
    assert points(score) == ["0", "NOT SHOWN", "0", "NOT SHOWN", "NOT SHOWN", "1/2"]
    assert (score["sum"], score["of"]) == ("0.5", 6)
    assert score["criteria"][0]["figures"] == {
        "ALL_READ": True,
        "CONTROL_SHOWN": "0.000000",
        "BALANCES_PROVEN": "0.000000",
        "CONTROL_SIGNED": "0.000000",
        "BALANCES_AGREED": "1.000000",
    }
    assert score["criteria"][5]["raising"] == [{"what": "AUDITORS", "least": 2, "found": 1, "units": 0, "first": []}]


def test_two_envelopes_of_one_finding_are_signed_by_both_auditors(history: HistoryLog) -> None:
    claim = a_report().claim
    for days, signer in ((1, SEAL), (2, SECOND)):
        at = DECEMBER + timedelta(days=days)
        add(history, attest(held(), claim=claim, signers=(signer,), scanned_at=at))
    (score,) = scored(history, auditors=[SEAL, SECOND, SECOND])["exchanges"][0]["scores"]
    assert (score["criteria"][5]["points"], len(score["attestations"])) == ("1", 2)
    (score,) = scored(history, auditors=[SEAL, SEAL])["exchanges"][0]["scores"]
    assert score["criteria"][5]["figures"] == {"AUDITORS": 1}


def test_what_was_not_verified_shows_nothing_and_raises_nothing(history: HistoryLog) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    (score,) = scored(history, auditors=[SEAL])["exchanges"][0]["scores"]
    assert (score["verified"], score["finding"], score["sum"]) == (False, None, "0")
    assert set(points(score)) == {"NOT SHOWN"}
    before = a_report(JANUARY)
    add(history, before)
    (unseen, seen) = scored(history)["exchanges"][0]["scores"]
    assert (unseen["verified"], seen["verified"]) == (False, True)
    assert seen["criteria"][2]["figures"] == {"MONTHLY_DAYS": 0, "QUARTERLY_DAYS": 0}


def test_a_scan_between_reports_is_no_report_and_has_no_score(history: HistoryLog) -> None:
    claim = a_report().claim.at(JANUARY)
    add(history, attest(held(), claim=claim, signers=(SEAL,), scanned_at=JANUARY + timedelta(hours=1)))
    assert scored(history)["exchanges"] == []


def test_reports_that_follow_each_other_are_counted_in_days(history: HistoryLog) -> None:
    add(history, a_report(DECEMBER))
    add(history, a_report(JANUARY))
    first, second = scored(history)["exchanges"][0]["scores"]
    assert first["criteria"][2]["figures"]["MONTHLY_DAYS"] == 0
    assert second["criteria"][2]["figures"] == {"MONTHLY_DAYS": 31, "QUARTERLY_DAYS": 31}
    overdue = scored(history, now=JANUARY + timedelta(days=200))["exchanges"][0]["scores"][1]
    assert overdue["criteria"][2]["figures"] == {"MONTHLY_DAYS": 0, "QUARTERLY_DAYS": 0}


def test_one_exchange_alone_can_be_scored(history: HistoryLog) -> None:
    add(history, a_report(exchange="A"))
    add(history, a_report(exchange="B"))
    assert [each["exchange"] for each in scored(history)["exchanges"]] == ["A", "B"]
    assert [each["exchange"] for each in scored(history, exchange="B")["exchanges"]] == ["B"]


# Beside the sum.


def test_contradictions_and_accounts_of_others_stand_beside_the_sum_and_change_none(history: HistoryLog) -> None:
    report = a_report()
    add(history, report)
    (alone,) = scored(history)["exchanges"][0]["scores"]
    assert alone["beside"] == {
        "contradicted": False,
        "shared": [],
        "skew": {"unit": "USDT", "seconds": 0},
        "sustained": [],
        "owedChanges": [],
        "anchored": None,
    }
    other = attest(held(eth_bob=agreed(8 * 10**18)), claim=report.claim, signers=(SEAL,))
    add(history, other)
    add(history, a_report(exchange="Another"))
    beside = scored(history, exchange="Example Exchange")["exchanges"][0]["scores"][0]
    assert beside["beside"]["contradicted"]
    assert beside["beside"]["shared"] == [{"exchange": "Another", "accounts": 5}]
    assert beside["sum"] == alone["sum"]


def test_blocks_that_are_anchored_stand_beside_the_sum(history: HistoryLog) -> None:
    add(history, a_report())
    (score,) = scored(history, anchored={})["exchanges"][0]["scores"]
    assert score["beside"]["anchored"] == {"blocks": 2, "anchored": 0}
    blocks = {
        (str(block.chain), block.height, block.hash, block.parent, written_time(block.time)): True
        for block in blocks_by(DECEMBER)
    }
    otherwise = {(*said[:-1], "2023-01-01T00:00:00Z"): True for said in blocks}  # as another statement may date them
    (dated,) = scored(history, anchored=otherwise)["exchanges"][0]["scores"]
    assert dated["beside"]["anchored"] == {"blocks": 2, "anchored": 0}
    (other,) = scored(history, anchored=blocks)["exchanges"][0]["scores"]
    assert other["beside"]["anchored"] == {"blocks": 2, "anchored": 2}
    assert other["criteria"] == score["criteria"]


def test_a_unit_of_which_no_block_was_pinned_is_not_said_to_be_of_one_time(history: HistoryLog) -> None:
    lost = attest(
        dict.fromkeys(held(), TIMED_OUT),
        claim=a_report().claim,
        signers=(SEAL,),
        scanned_at=DECEMBER + timedelta(days=1),
        snapshots=[],
    )
    add(history, lost)
    (score,) = scored(history)["exchanges"][0]["scores"]
    assert score["beside"]["skew"] is None
    assert set(points(score)) <= {"NOT SHOWN", "0"}


def test_what_lasted_around_a_report_stands_beside_the_sum(history: HistoryLog) -> None:
    lent = SERIES_FOLDER / "v1" / "lent"
    claim, key = load_claim(lent / "claim.yaml"), load_public_key(lent / "auditor.pub.pem")
    append_series(history.database, (lent / SERIES).read_bytes(), claim, [key], opened_in(lent), at=NOW)
    point = lent / "points" / f"{claim.as_of:%Y%m%dT%H%M%SZ}"
    envelope = signed_document((point / "statement.json").read_bytes(), [SEAL])
    add(history, Attested(claim, envelope, (point / "evidence.csv.gz").read_bytes(), (SEAL,), (SEAL,)))
    (score,) = scored(history)["exchanges"][0]["scores"]
    day, week = score["beside"]["sustained"]
    assert {key: week[key] for key in ("unit", "window", "shows", "transient", "share")} == {
        "unit": "ETH",
        "window": 3 * 86400,
        "shows": "FOUND",
        "transient": "10",
        "share": None,
    }
    assert day["window"] == 86400
    listed = summary(history)
    for each in listed["several"]:
        each["series"]["share"] = {"of": "0.999", "rows": 3, "among": 900}
    (score,) = score_summary(history, listed=listed)["exchanges"][0]["scores"]
    assert [each["share"] for each in score["beside"]["sustained"]] == ["0.999", "0.999"]

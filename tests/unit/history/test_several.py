"""Series, and claims together, in a history: in by being verified, out as their envelopes say, and no row believed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.attesting.anchor_file import anchor_bytes
from scanner.attesting.series.statement import SERIES
from scanner.attesting.signers import load_public_key
from scanner.attesting.together.statement import TOGETHER
from scanner.chains.anchor import Anchor
from scanner.cli.points_folder import opened_in
from scanner.cli.several_moments import claims_of
from scanner.errors import AttestationInvalid, HistoryInvalid
from scanner.history.log import check, open_history
from scanner.history.several import append_series, append_together
from scanner.history.summary import summary
from scanner.weighing.together import Claims
from tests.support.attestations.attested import AUDITOR, Seal, public_pem
from tests.support.golden_series import SERIES_FOLDER, TOGETHER_FOLDER

Run = Callable[..., tuple[int, str, str]]

LENT, GROWN = SERIES_FOLDER / "v1" / "lent", SERIES_FOLDER / "v1" / "grown"
LENDING = TOGETHER_FOLDER / "v1" / "lending"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "h.sqlite")


def added(location: str, folder: Path, at: datetime = NOW) -> int:
    envelope, key = (folder / SERIES).read_bytes(), load_public_key(folder / "auditor.pub.pem")
    (claim,) = claims_of(envelope, folder, [folder / "claim.yaml"])
    with open_history(location, create=True) as history:
        return append_series(history.database, envelope, claim, [key], opened_in(folder), at=at)


def executed(location: str, *statements: str) -> None:
    with closing(sqlite3.connect(location)) as behind, behind:
        for statement in statements:
            behind.execute(statement)
    behind.close()


def test_a_series_that_holds_is_kept_and_comes_out_as_it_was_signed(location: str) -> None:
    assert [added(location, LENT), added(location, GROWN), added(location, LENT, NOW + timedelta(days=1))] == [1, 2, 1]
    with open_history(location) as history:
        first, second = history.several()
        assert check(history) == []
        told = summary(history)
    assert [verification.keyids for verification in first.verifications] == [(AUDITOR.keyid,)]
    assert first.claims == (hashlib.sha256((LENT / "claim.yaml").read_bytes()).hexdigest(),)
    assert first.predicate["series"]["sustained"][1]["transient"] == "10"
    assert second.digest == hashlib.sha256((GROWN / SERIES).read_bytes()).hexdigest()
    assert told["exchanges"] == []
    assert [(each["of"], each["entry"], each["exchanges"]) for each in told["several"]] == [
        ("series", 1, ["Example & Co"]),
        ("series", 2, ["Example & Co"]),
    ]
    assert told["several"][0]["series"] == first.predicate["series"]


def test_claims_together_are_kept_in_the_same_way(location: str) -> None:
    envelope, key = (LENDING / TOGETHER).read_bytes(), load_public_key(LENDING / "auditor.pub.pem")
    claims = Claims(tuple(claims_of(envelope, LENDING, sorted(LENDING.glob("claim-*.yaml")))))
    with open_history(location, create=True) as history:
        assert append_together(history.database, envelope, claims, [key], opened_in(LENDING), at=NOW) == 1
        (kept,) = history.several()
        assert kept.claims == tuple(claim.digest for claim in claims.claims)
        assert sorted(kept.exchanges) == ["First", "Second"]
        (told,) = summary(history, exchange="Second")["several"]
        assert told["together"]["units"] == [{"unit": "ETH", "verdict": "SHORT"}]
        assert summary(history, exchange="Third")["several"] == []


def test_what_does_not_hold_is_not_kept(location: str) -> None:
    envelope = (LENT / SERIES).read_bytes()
    claim, other = claims_of(envelope, LENT, [LENT / "claim.yaml", LENDING / "claim-1.yaml"])
    with open_history(location, create=True) as history:
        key = load_public_key(LENT / "auditor.pub.pem")
        for keys, of in (([Seal(b"x")], claim), ([key], other)):
            with pytest.raises(AttestationInvalid):
                append_series(history.database, envelope, of, keys, opened_in(LENT), at=NOW)
        assert history.several() == []


@pytest.mark.parametrize(
    ("guard", "statement", "fault"),
    [
        (
            "several",
            "UPDATE several SET document = x'7b7d'",
            "the envelope of statement 1 is not the one that was added",
        ),
        ("several", "UPDATE several SET added_at = 'today'", "statement 1: the moment of its being added is none"),
        ("several", "UPDATE several SET number = 2", "several_verification speaks of a statement that is not there"),
        (
            "several_verification",
            "UPDATE several_verification SET keyids = ''",
            "names keys out of order, or none|no such",
        ),
        ("several_verification", "UPDATE several_verification SET at = 'now'", "the moment of a verification is none"),
    ],
)
def test_a_row_that_the_envelope_does_not_bear_out_is_a_fault(
    location: str, guard: str, statement: str, fault: str
) -> None:
    added(location, LENT)
    with closing(sqlite3.connect(location)) as behind, behind:
        (trigger,) = behind.execute("SELECT sql FROM sqlite_master WHERE name = ?", (f"{guard}_no_update",)).fetchone()
    behind.close()
    executed(location, f"DROP TRIGGER {guard}_no_update", statement, trigger)
    with open_history(location) as history:
        with pytest.raises(HistoryInvalid, match=fault):
            history.several()
        assert check(history) != []


def test_one_that_no_key_is_said_to_have_verified_is_a_fault(location: str) -> None:
    added(location, LENT)
    document = (GROWN / SERIES).read_bytes()
    with closing(sqlite3.connect(location)) as behind, behind:
        behind.execute(
            "INSERT INTO several VALUES (2, ?, '2026-05-01T00:00:00Z', ?)",
            (hashlib.sha256(document).digest(), document),
        )
    behind.close()
    with open_history(location) as history, pytest.raises(HistoryInvalid, match="statement 2: it was never verified"):
        history.several()


def test_rows_are_guarded_as_all_that_is_kept_for_ever(location: str) -> None:
    added(location, LENT)
    for statement in ("DELETE FROM several", "UPDATE several_verification SET at = ''"):
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            executed(location, statement)


def test_a_check_says_what_it_has_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> None:
    monkeypatch.chdir(tmp_path)
    added("h.sqlite", LENT)
    (tmp_path / "anchor.bin").write_bytes(b"".join(anchor_bytes(Anchor())))
    argv = "log", "check", "--history", "h.sqlite"
    assert command(*argv) == (0, "Everything derived is as the envelopes say.\n", "")
    code, told, _ = command(*argv, "--anchor", "anchor.bin")
    assert (code, "not looked at 1 series or claims together" in told) == (0, True)


def test_the_command_adds_one_and_lists_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    arguments = ("log", "add", str(LENT / SERIES), "--claim", str(LENT / "claim.yaml"))
    code, told, _ = command(*arguments, "--key", "pub.pem")
    assert code == 0
    assert told.startswith("added as statement 1 of several moments: Example & Co\nverified against ")
    code, told, _ = command(*arguments, "--key", "pub.pem")
    assert told.startswith("there already, statement 1")
    code, told, _ = command("log", "--json")
    assert [each["of"] for each in json.loads(told)["several"]] == ["series"]
    code, _, error = command("log", "add", str(LENT / SERIES), "--unverified")
    assert code == 2
    assert "keeps attestations alone" in error
    lending = ("--claim", str(LENDING / "claim-1.yaml"), "--claim", str(LENDING / "claim-2.yaml"), "--key", "pub.pem")
    code, told, _ = command("log", "add", str(LENDING / TOGETHER), *lending)
    assert code == 0
    assert "statement 2 of several moments" in told
    _, told, _ = command("log")
    assert "Example & Co: a series around 2023-11-22 16:00 UTC, statement 1" in told
    assert "ETH, 3 d before and after: at least 10 of the 103" in told
    assert "ETH, jointly SHORT" in told
    code, _, error = command("log", "add", str(LENT / SERIES), *lending)
    assert code == 2
    assert "this is of one claim" in error
    code, _, error = command(
        "log", "add", str(LENT / SERIES), "--claim", str(LENDING / "claim-1.yaml"), "--key", "pub.pem"
    )
    assert code == 4
    assert "nothing was added" in error

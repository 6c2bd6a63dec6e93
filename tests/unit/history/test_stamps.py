"""Time stamps in a history: kept with the root by which they were checked, and checked again whenever they are read."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.attesting.dated import digest
from scanner.cli import commands
from scanner.errors import HistoryInvalid, InputError
from scanner.history.log import Appended, HistoryLog, append, check, date, keep_unverified, open_history
from scanner.history.stamps import keep
from scanner.history.summary import summary
from scanner.proofs.stamps.authority import Authority, Roots
from scanner.proofs.stamps.authority import check as judged
from scanner.proofs.stamps.rfc3161 import read_stamp
from tests.support.attestations import small as small_attestation
from tests.support.attestations.small import Folder
from tests.support.time_stamps import Answer, certified, root

Captured = pytest.CaptureFixture[str]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A stamped attestation, and the authority's root."""
    folder = small_attestation.write(tmp_path)
    (tmp_path / "attestation.dsse.json.tsr").write_bytes(answer(folder))
    (tmp_path / "roots.pem").write_bytes(root().pem)
    monkeypatch.chdir(tmp_path)
    return folder


def answer(folder: Folder, **changes: object) -> bytes:
    return Answer(digest(folder.attestation.read_bytes())).with_(**changes).encoded


def stamped(history: HistoryLog, folder: Folder, *answers: bytes) -> Appended:
    """The folder's attestation, added with these stamps."""
    attested = folder.attested
    evidence = io.BytesIO(attested.evidence)
    appended = append(history, folder.attestation.read_bytes(), attested.claim, attested.keys, evidence, at=NOW)
    by = [(each, judged(read_stamp(each), Roots(root().pem))) for each in answers]
    return date(history, appended, by, at=NOW)


def test_a_stamp_is_kept_with_the_root_and_read_with_the_entry(folder: Folder) -> None:
    with open_history("history.sqlite", create=True) as history:
        (stamp,) = stamped(history, folder, answer(folder)).entry.stamps
        assert (stamp.at, stamp.before, stamp.reason) == ("2026-06-01T00:00:00Z", "2026-01-02T03:04:07Z", "")
        assert stamp.authority == Authority("CN=Stamps,O=Tests", "CN=Root,O=Tests", root().encoded)
        assert check(history) == []
    with open_history("history.sqlite") as history:
        ((listed,),) = (each["attestations"] for each in summary(history)["exchanges"])
        assert listed["stamps"] == [
            {
                "addedAt": "2026-06-01T00:00:00Z",
                "before": "2026-01-02T03:04:07Z",
                "authority": "CN=Stamps,O=Tests",
                "root": {"name": "CN=Root,O=Tests", "sha256": hashlib.sha256(root().encoded).hexdigest()},
                "reason": None,
            }
        ]


def test_the_same_stamp_twice_is_one_and_others_stand_beside_it(folder: Folder) -> None:
    with open_history("history.sqlite", create=True) as history:
        for _ in range(2):
            entry = stamped(history, folder, answer(folder), answer(folder, time=b"20260102030406Z")).entry
        first = {each.before for each in entry.stamps}
    assert {"2026-01-02T03:04:07Z", "2026-01-02T03:04:08Z"} == first


def test_an_entry_without_a_stamp_has_none(folder: Folder) -> None:
    with open_history("history.sqlite", create=True) as history:
        assert keep_unverified(history, folder.attestation.read_bytes(), at=NOW).entry.stamps == ()
        assert summary(history)["exchanges"][0]["attestations"][0]["stamps"] == []


def test_log_keeps_what_holds_and_says_before_when_the_attestation_existed(folder: Folder, capsys: Captured) -> None:
    assert add(folder, "--tsa-roots", "roots.pem") == 0
    said = "existed before 2026-01-02 03:04:07 UTC: by the authority CN=Stamps,O=Tests, under the root CN=Root,O=Tests"
    assert said in capsys.readouterr().out
    assert commands.main(["log"]) == 0
    assert " ".join(capsys.readouterr().out.split()).count(said) == 1
    assert add(folder, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["stamps"]) == 1
    assert commands.main(["site", "--out", "site"]) == 0
    pages = [path.read_text() for path in (folder.path / "site").rglob("*.html")]
    (page,) = (each for each in pages if f"E{said[1:]}." in each)
    assert hashlib.sha256(root().encoded).hexdigest() in page


def test_nothing_is_added_with_a_stamp_that_does_not_hold_or_without_one(folder: Folder, capsys: Captured) -> None:
    (folder.path / "attestation.dsse.json.2.tsr").write_bytes(answer(folder, signer=certified("Other")))
    assert add(folder, "--tsa-roots", "roots.pem") == 4
    assert "attestation.dsse.json.2.tsr: its signer's certificate leads to none" in (err := capsys.readouterr().err)
    assert "nothing was added" in err
    for name in ("attestation.dsse.json.tsr", "attestation.dsse.json.2.tsr"):
        (folder.path / name).unlink()
    assert add(folder, "--tsa-roots", "roots.pem") == 2
    assert "no time stamp lies beside the attestation" in capsys.readouterr().err
    assert not (folder.path / "reserve-history.sqlite").exists()
    unverified = ["log", "add", str(folder.attestation), "--unverified", "--tsa-roots", "roots.pem"]
    assert commands.main(unverified) == 2
    assert "--tsa-roots: checks what --unverified leaves unchecked" in capsys.readouterr().err


def test_without_the_library_a_stamp_shows_nothing_and_the_history_is_read(
    folder: Folder, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert add(folder, "--tsa-roots", "roots.pem") == 0
    capsys.readouterr()
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert commands.main(["log", "--json"]) == 0
    (stamp,) = json.loads(capsys.readouterr().out)["exchanges"][0]["attestations"][0]["stamps"]
    assert (stamp["before"], stamp["authority"]) == (None, None)
    assert "not checked here" in stamp["reason"]


def test_a_row_of_another_document_or_root_shows_nothing(folder: Folder) -> None:
    """Who may write to the database may write any row, and a stamp has to hold over the entry's own envelope."""
    of_another_file = Answer(bytes(32)).encoded
    of_another_root = answer(folder, signer=certified("Other"))
    with open_history("history.sqlite", create=True) as history:
        stamped(history, folder)
        by = Authority("CN=Stamps", "CN=Root", root().encoded)
        with history.database.writing():
            keep(history.database, 1, [(of_another_file, by), (of_another_root, by)], NOW)
        (entry,) = history.entries()
        assert {each.before for each in entry.stamps} == {None}
        reasons = sorted(each.reason for each in entry.stamps)
        assert reasons[0] == "it stamps another file, or the file was changed since"
        assert reasons[1].startswith("its signer's certificate leads to none")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("INSERT INTO stamp VALUES (1, x'00', x'00', {root}, {at})", "entry 1: a time stamp of it is not the one"),
        ("INSERT INTO stamp VALUES (1, {digest}, x'01', x'00', {at})", "entry 1: a time stamp of it is said to be by"),
        ("INSERT INTO stamp VALUES (1, {digest}, x'01', {root}, 'now')", "entry 1: the moment of a time stamp's being"),
        ("INSERT INTO stamp VALUES (9, {digest}, x'01', {root}, {at})", "stamp speaks of an entry 9 that is not there"),
        (
            "INSERT INTO tsa_root VALUES (x'05', x'00'); INSERT INTO stamp VALUES (1, {digest}, x'01', x'05', {at})",
            "entry 1: a time stamp of it is said to be by a root, and no such root is kept",
        ),
    ],
)
def test_a_row_that_this_program_did_not_write_is_a_fault(folder: Folder, statement: str, fault: str) -> None:
    with open_history("history.sqlite", create=True) as history:
        stamped(history, folder, answer(folder))
    with closing(sqlite3.connect("history.sqlite")) as behind, behind:
        values = {
            "root": f"x'{hashlib.sha256(root().encoded).hexdigest()}'",
            "digest": f"x'{hashlib.sha256(bytes([1])).hexdigest()}'",
            "at": "'2026-06-01T00:00:00Z'",
        }
        behind.executescript(statement.format(**values))
    behind.close()
    with open_history("history.sqlite") as history:
        assert any(each.startswith(fault) for each in check(history))
        with pytest.raises(HistoryInvalid):
            history.entries()


@pytest.mark.parametrize("statement", ["DELETE FROM stamp", "UPDATE stamp SET entry = 2", "DELETE FROM tsa_root"])
def test_no_stamp_is_changed_or_taken_away(folder: Folder, statement: str) -> None:
    with open_history("history.sqlite", create=True) as history:
        stamped(history, folder, answer(folder))
        with pytest.raises(InputError, match="append-only"), history.database.writing():
            history.database.run(statement)


def add(folder: Folder, *more: str) -> int:
    named = ["--claim", str(folder.claim), "--key", str(folder.key)]
    return commands.main(["log", "add", str(folder.attestation), *named, *more])

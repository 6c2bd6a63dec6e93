"""`scanner score` as it is typed: what it prints, whose keys count, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import commands
from scanner.history.log import append, open_history
from scanner.history.score.shape import SHAPE
from tests.support.attestations.attested import AUDITOR, ETHEREUM, STRANGER, attest, blocks_by, held, public_pem
from tests.support.history_behaviour import DECEMBER, JANUARY, NOW, a_report


@pytest.fixture(autouse=True)
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of two reports, both signed by the auditor."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCANNER_HISTORY", raising=False)
    with open_history("reserve-history.sqlite", create=True) as history:
        for moment in (DECEMBER, JANUARY):
            it = attest(held(), claim=a_report(moment).claim, signers=(AUDITOR,))
            append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=NOW)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    (tmp_path / "stranger.pub").write_text(public_pem(STRANGER))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert commands.main(["score", "--at", "2024-02-01", *arguments]) == 0
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, "--json", *arguments))
    SHAPE(found, "scores")
    return found


def auditors(found: dict[str, Any]) -> str:
    points: str = found["exchanges"][0]["scores"][-1]["criteria"][5]["points"]
    return points


def test_the_table_has_each_report_and_the_last_one_criterion_by_criterion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, "--auditor", "auditor.pub")
    assert "Example Exchange: every report" in text
    assert "Example Exchange, 2024-01-28 00:00 UTC, claim " in text
    assert ": 1/2 of 6" in text
    assert "6 auditors' signatures: 1/2. listed keys that signed this finding: 1." in text
    assert "- 6: listed keys that signed this finding: 1, 2 needed." in text
    assert "S1-9 shown" in text
    assert "no exchange is placed before another by it" in text
    assert "\x1b" not in text


def test_only_listed_keys_count_and_a_key_in_two_files_is_one(
    at_work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = public_pem(AUDITOR).replace("\n", "\r\n").replace("-----\r\n", "-----\r\n", 1)
    (at_work / "again.pub").write_bytes(other.encode())
    assert auditors(as_json(capsys)) == "NOT SHOWN"
    assert auditors(as_json(capsys, "--auditor", "stranger.pub")) == "0"
    twice = as_json(capsys, "--auditor", "auditor.pub", "--auditor", "again.pub", "--auditor", "auditor.pub")
    assert (auditors(twice), twice["auditors"]) == ("1/2", [AUDITOR.keyid])


def test_a_trusted_block_is_looked_for_beside_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    block = blocks_by(JANUARY)[1]
    found = as_json(capsys, "--trust", f"{ETHEREUM}={block.hash}")
    assert found["exchanges"][0]["scores"][-1]["beside"]["anchored"] == {"blocks": 2, "anchored": 1}
    assert "blocks that are anchored: 1 of 2" in printed(capsys, "--trust", f"{ETHEREUM}={block.hash}")


def test_an_exchange_that_is_not_there_and_a_file_that_is_no_key_are_refused(
    at_work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["score", "--exchange", "Nowhere"]) == 2
    assert "--exchange: 'Nowhere' is not in reserve-history.sqlite; in it are 'Example Exchange'" in (
        capsys.readouterr().err
    )
    (at_work / "text").write_text("no key")
    assert commands.main(["score", "--auditor", "text"]) == 2
    assert "text: no key in PEM" in capsys.readouterr().err


def test_an_empty_history_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with open_history("empty.sqlite", create=True):
        pass
    assert printed(capsys, "--history", "empty.sqlite") == (
        "No report is in this history yet. `scanner log add` adds to it.\n"
    )


def test_a_site_names_the_keys_that_its_maker_takes_for_auditors_and_replaces_none_of_them(
    at_work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["site", "--out", "site", "--auditor", "auditor.pub"]) == 0
    (page,) = (at_work / "site" / "exchange").iterdir()
    assert AUDITOR.keyid in page.read_text()
    assert "1/2 of 6" in page.read_text()
    (at_work / "keys").mkdir()
    (at_work / "keys" / "auditor.pub").write_text(public_pem(AUDITOR))
    assert commands.main(["site", "--out", "keys", "--auditor", "keys/auditor.pub"]) == 2
    assert "--auditor" in capsys.readouterr().err
    assert (at_work / "keys" / "auditor.pub").is_file()

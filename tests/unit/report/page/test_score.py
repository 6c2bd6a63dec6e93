"""The score on an attestation's page: by a history that its maker names, marked as no part of what was signed."""

from __future__ import annotations

import copy
import io
import re
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting.signers import load_public_key
from scanner.cli import commands
from scanner.history.log import append, keep_unverified, open_history
from scanner.report.page.score import ShownScore, shown_score
from scanner.sources.addresses import load_claim
from tests.support.attestations.attested import AUDITOR, Attested, agreed, attest, held, public_pem
from tests.support.golden_series import SERIES_FOLDER
from tests.support.history_behaviour import DECEMBER, JANUARY, NOW, a_report
from tests.support.places import VECTORS
from tests.support.rendered_pages import render

BETWEEN = VECTORS / "attestations" / "v1" / "between-reports"
OTHER_FINDING = "the score of its claim is of another finding"
SCORE: dict[str, Any] = {
    "asOf": "2023-12-28T00:00:00Z",
    "attestations": ["ab" * 32],
    "sum": "2.5",
    "of": 6,
    "criteria": [
        {
            "criterion": "assets-verified",
            "points": "1/2",
            "unit": "<b>ETH</b>",
            "figures": {"CONTROL_SHOWN": "0.512999"},
            "raising": [
                {"what": "CONTROL_SHOWN", "least": "0.950000", "found": "0.512999", "units": 1, "first": ["<b>ETH</b>"]}
            ],
        }
    ],
    "beside": {
        **{"contradicted": False, "shared": [], "sustained": [], "owedChanges": [], "anchored": None},
        "skew": {"unit": "ETH", "seconds": 61},
    },
}


def section(page: str) -> str:
    """The score's, without markup."""
    found = re.search(r'<section aria-labelledby="score" class="added">(.*?)</section>', page, re.DOTALL)
    return "" if found is None else " ".join(re.sub("<[^>]*>", " ", found[1]).split())


def test_a_page_with_a_score_has_its_sum_figures_and_what_would_raise_it_as_no_part_of_what_was_signed() -> None:
    page = render(score=ShownScore(SCORE, ("cd" * 32,)))
    shown = section(page)
    for sentence in (
        "2 1/2 of 6 as of 2023-12-28 00:00 UTC",
        "1 assets verified by cryptography",
        "control SHOWN: 51.29% of what is held",
        "Control SHOWN: 51.29% of what is held, 95.00% needed; in &lt;b&gt;ETH&lt;/b&gt;.",
        "The blocks of ETH lie 1 min 1 s apart",
        "cd" * 32,
        "is not checked in your browser",
        "A sum is no grade",
    ):
        assert sentence in shown, sentence
    assert "--history FILE --auditor PUB" not in page
    assert "names no key as an auditor's" in section(render(score=ShownScore(SCORE, ())))


def test_a_page_without_a_score_says_how_to_come_by_one() -> None:
    page = render()
    assert section(page) == ""
    assert "scanner show attestation.dsse.json --html page.html --history FILE --auditor PUB" in page


def test_a_score_is_of_the_attestations_whose_finding_it_is() -> None:
    scores = {"auditors": None, "exchanges": [{"exchange": "A", "scores": []}, {"exchange": "B", "scores": [SCORE]}]}
    assert shown_score(scores, "ab" * 32) == ShownScore(SCORE, ())
    assert shown_score({**scores, "auditors": ["cd"]}, "ab" * 32) == ShownScore(SCORE, ("cd",))
    assert shown_score(scores, "cd" * 32) is None


# As it is typed.


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of two reports, with another finding on the second claim; and an attestation that nobody verified."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    claims = [a_report(moment).claim for moment in (DECEMBER, JANUARY)]
    poorer = attest(held(eth_bob=agreed(1)), claim=claims[1], signers=(AUDITOR,))
    found: dict[str, Attested] = {
        "first": attest(held(), claim=claims[0], signers=(AUDITOR,)),
        "second": attest(held(), claim=claims[1], signers=(AUDITOR,)),
        "lower": poorer,
        "elsewhere": attest(held(), claim=a_report(text="nobody has it").claim, signers=(AUDITOR,)),
        "unverified": attest(held(), claim=a_report(text="nobody checked it").claim, signers=(AUDITOR,)),
    }
    with open_history("history.sqlite", create=True) as history:
        for name in ("first", "second", "lower"):
            it = found[name]
            append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=NOW)
        keep_unverified(history, found["unverified"].envelope, at=NOW)
        claim, key = load_claim(BETWEEN / "claim.yaml"), load_public_key(BETWEEN / "auditor.pub.pem")
        envelope = (BETWEEN / "attestation.dsse.json").read_bytes()
        append(history, envelope, claim, [key], io.BytesIO((BETWEEN / "evidence.csv.gz").read_bytes()), at=NOW)
        (tmp_path / "between.dsse.json").write_bytes(envelope)
    for name, it in found.items():
        (tmp_path / f"{name}.dsse.json").write_bytes(it.envelope)
    return tmp_path


def show(name: str, *argv: str) -> int:
    return commands.main(["show", f"{name}.dsse.json", "--html", "page.html", *argv])


def test_a_history_gives_the_page_its_score_as_of_the_reports_own_moment(at_work: Path) -> None:
    assert show("first", "--history", "history.sqlite", "--auditor", "auditor.pub") == 0
    page = (at_work / "page.html").read_bytes()
    shown = section(page.decode())
    assert "as of 2023-12-28 00:00 UTC" in shown
    assert f"auditors': {AUDITOR.keyid}" in shown
    assert show("first", "--history", "history.sqlite", "--auditor", "auditor.pub") == 0
    assert (at_work / "page.html").read_bytes() == page


@pytest.mark.parametrize(
    ("name", "argv", "reason"),
    [
        ("elsewhere", ("--history", "history.sqlite"), "--history: history.sqlite has no verified entry of this"),
        ("unverified", ("--history", "history.sqlite"), "--history: history.sqlite has no verified entry of this"),
        ("between", ("--history", "history.sqlite"), "--history: this is a scan between two reports"),
        ("first", ("--history", "missing.sqlite"), "missing.sqlite"),
        ("first", ("--auditor", "auditor.pub"), "--auditor: counts for a score, which needs the exchange's reports"),
        ("first", ("--history", "page.html"), "--html"),
    ],
)
def test_what_gives_no_score_is_refused_and_no_page_is_written(
    at_work: Path, capsys: pytest.CaptureFixture[str], name: str, argv: tuple[str, ...], reason: str
) -> None:
    assert show(name, *argv) == 2
    assert reason in capsys.readouterr().err
    assert not (at_work / "page.html").exists()


def test_of_two_findings_on_a_claim_one_alone_has_the_score(at_work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = sorted(show(name, "--history", "history.sqlite") for name in ("second", "lower"))
    assert codes == [0, 2]
    assert OTHER_FINDING in capsys.readouterr().err


def test_without_a_page_neither_is_taken(at_work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option, value in (("--history", "history.sqlite"), ("--auditor", "auditor.pub")):
        assert commands.main(["show", "first.dsse.json", option, value]) == 2
        assert f"{option}: is put into a page; give --html FILE too" in capsys.readouterr().err


def test_a_series_has_no_score(at_work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series = SERIES_FOLDER / "v1" / "lent" / "series.dsse.json"
    assert commands.main(["show", str(series), "--html", "page.html", "--history", "history.sqlite"]) == 2
    assert "--history: is of an attestation, and this is a statement of several moments" in capsys.readouterr().err
    assert not (at_work / "page.html").exists()


def test_nothing_of_a_score_is_taken_for_markup() -> None:
    hostile = copy.deepcopy(SCORE)
    hostile["beside"]["shared"] = [{"exchange": "<script>alert(1)</script>", "accounts": 2}]
    page = render(score=ShownScore(hostile, ("<i>",)))
    assert "<script>alert" not in page
    assert "<i>" not in page

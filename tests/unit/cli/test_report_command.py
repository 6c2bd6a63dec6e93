"""`scanner report` as it is typed: only of what holds, the same bytes each time, with all that is given beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.statement import EVIDENCE
from scanner.cli.commands import main
from scanner.sources.addresses import load_claim
from tests.support.attestations import small
from tests.support.attestations.attested import (
    AUDITOR,
    NOTHING_TO_PROVE,
    SNAPSHOTS,
    STRANGER,
    Attested,
    agreed,
    attest,
    held,
    public_pem,
)
from tests.support.places import VECTORS

SERIES = VECTORS / "series" / "v1"
TOGETHER = VECTORS / "together" / "v1"


@pytest.fixture
def folder(tmp_path: Path) -> small.Folder:
    return small.write(tmp_path)


def report(of: small.Folder, form: str, out: Path, *more: object, code: int = 0) -> None:
    argv = [of.attestation, "--claim", of.claim, "--key", of.key, "--format", form, "--out", out, *more]
    assert main(["report", *map(str, argv)]) == code


@pytest.mark.parametrize("form", ["md", "html", "csv", "xlsx"])
def test_a_report_is_the_same_on_two_runs(
    folder: small.Folder, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / f"one.{form}", tmp_path / f"other.{form}"
    report(folder, form, one)
    out = capsys.readouterr().out
    report(folder, form, other)
    assert one.read_bytes() == other.read_bytes() != b""
    assert out.splitlines()[0] == f"{one}: {one.stat().st_size:,} bytes, 10 exceptions"
    assert "  GAP: 1" in out.splitlines()


def test_every_class_of_exception_is_in_the_text(folder: small.Folder, tmp_path: Path) -> None:
    report(folder, "md", tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text()
    for each in ("SHORTFALL-2", "CUSTODY-1", "GAP-4", *(f"CONTROL-{number}" for number in range(1, 7))):
        assert f"\n| {each} |" in text


def spoil(folder: small.Folder, name: str, old: bytes, new: bytes) -> None:
    path = folder.path / name
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize("spoilt", ["signature", "claim", "evidence", "key"])
def test_of_an_attestation_that_does_not_hold_there_is_no_report(
    folder: small.Folder, spoilt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    match spoilt:
        case "signature":
            spoil(folder, ATTESTATION, b'"sig":"', b'"sig":"AAAA')
        case "claim":
            spoil(folder, "claim.yaml", b"Example Exchange", b"Another Exchange")
        case "evidence":
            (folder.path / EVIDENCE).write_bytes(attest(held()).evidence)
        case "key":
            folder.key.write_text(public_pem(STRANGER))
    out = tmp_path / "report.md"
    out.write_text("an earlier report")
    report(folder, "md", out, code=4)
    assert out.read_text() == "an earlier report"
    assert "step" in capsys.readouterr().err


def test_the_engagements_file_is_named_by_its_digest_and_its_mistakes_are_told(
    folder: small.Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engagement, out = tmp_path / "engagement.yaml", tmp_path / "report.md"
    engagement.write_text("version: 1\naddressee: The | customers\n")
    report(folder, "md", out, "--engagement", engagement)
    assert r"- Addressee: The \| customers" in out.read_text()
    assert "- SHA-256 of engagement.yaml: " in out.read_text()
    engagement.write_text("version: 1\npurpos: x\n")
    report(folder, "md", out, "--engagement", engagement, code=2)
    assert "engagement.yaml:2: engagement: unknown key 'purpos'" in capsys.readouterr().err


def test_options_that_go_with_others_are_refused_alone(
    folder: small.Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(folder, "md", tmp_path / "r.md", "--cadence", "monthly", "--with-claim", folder.claim, code=2)
    err = capsys.readouterr().err
    assert "--cadence: is of a history; give --history too" in err
    assert "--with-claim: is of several claims together; give --together too" in err


@pytest.mark.parametrize("clash", ["claim", "key", "attestation"])
def test_no_input_is_written_over(folder: small.Folder, clash: str) -> None:
    path: Path = getattr(folder, clash)
    before = path.read_bytes()
    report(folder, "md", path, code=2)
    assert path.read_bytes() == before


def test_a_series_is_no_attestation_of_one_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = SERIES / "lent"
    argv = [at / "series.dsse.json", "--claim", at / "claim.yaml", "--key", at / "auditor.pub.pem"]
    assert main(["report", *map(str, argv), "--format", "md", "--out", str(tmp_path / "r.md")]) == 2
    assert "is of several moments" in capsys.readouterr().err


# --- What is given beside the attestation


def attested_beside(tmp_path: Path, claim: Path) -> small.Folder:
    """An attestation of the claim, by the key that the golden statements are signed by."""
    path = tmp_path / "claim.yaml"
    path.write_bytes(claim.read_bytes())
    read = load_claim(path)
    outcomes = {(each.asset, each.account): agreed(10**18) for each in read.holdings}
    attested: Attested = attest(
        outcomes, claim=read, signers=(AUDITOR,), snapshots=SNAPSHOTS[1:], proving=NOTHING_TO_PROVE
    )
    (tmp_path / ATTESTATION).write_bytes(attested.envelope)
    (tmp_path / EVIDENCE).write_bytes(attested.evidence)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    return small.Folder(tmp_path, attested)


def test_a_transient_amount_of_a_series_is_an_exception(tmp_path: Path) -> None:
    of, out = attested_beside(tmp_path, SERIES / "lent" / "claim.yaml"), tmp_path / "report.md"
    report(of, "md", out, "--series", SERIES / "lent" / "series.dsse.json")
    text = out.read_text()
    assert "\n| TRANSIENT-2 | 13 | ETH |" in text
    assert "- SHA-256 of series.dsse.json: " in text
    assert text.count("not carried out") == 3


def test_a_series_that_does_not_hold_makes_no_report(tmp_path: Path) -> None:
    of, out = attested_beside(tmp_path, SERIES / "lent" / "claim.yaml"), tmp_path / "report.md"
    shutil.copytree(SERIES / "lent", tmp_path / "series")
    point = next((tmp_path / "series" / "points").iterdir())
    (point / "statement.json").write_bytes(b"{}")
    report(of, "md", out, "--series", tmp_path / "series" / "series.dsse.json", code=4)
    report(of, "md", out, "--series", SERIES / "grown" / "claim.yaml", code=2)
    assert not out.exists()


NODES = """\
policy: {quorum: 2}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:5", operator: alpha}
"""


def test_assets_whose_transfers_are_not_listed_are_exceptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    of, out = attested_beside(tmp_path, SERIES / "lent" / "claim.yaml"), tmp_path / "report.md"
    (tmp_path / "nodes.yaml").write_text(NODES)
    key = ECC.construct(curve="Ed25519", seed=bytes([2]) * 32)  # type: ignore[arg-type]  # its stubs are wrong
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    argv = ["flows", of.claim, "--around", "1d", "--out", tmp_path / "flows", "--key", tmp_path / "key.pem"]
    assert main([*map(str, argv)]) == 5
    report(of, "md", out, "--flows", tmp_path / "flows" / "flows.dsse.json")
    text = out.read_text()
    assert "\n| FLOW-1 | 14 | ETH (eip155:1/slip44:60) |" in text
    assert text.count("not carried out") == 3
    out.unlink()
    (tmp_path / "flows" / "transfers.csv.gz").write_bytes(b"")
    report(of, "md", out, "--flows", tmp_path / "flows" / "flows.dsse.json", code=4)
    report(of, "md", out, "--flows", SERIES / "lent" / "series.dsse.json", code=2)
    assert not out.exists()


def test_what_several_claims_come_to_jointly_is_reported(tmp_path: Path) -> None:
    at = TOGETHER / "lending"
    one, other = sorted(at.glob("*.yaml"))
    of, out = attested_beside(tmp_path, one), tmp_path / "report.md"
    report(of, "md", out, "--together", at / "together.dsse.json", "--with-claim", other)
    text = out.read_text()
    assert "\n| SHORTFALL-joint-" in text
    assert text.count("not carried out") == 3
    report(of, "md", out, "--together", at / "together.dsse.json", "--with-claim", one, code=2)


def test_a_history_adds_its_reports_and_says_what_is_late_by_the_scans_own_time(
    folder: small.Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history, out = tmp_path / "history.sqlite", tmp_path / "report.md"
    argv = ["log", "add", folder.attestation, "--claim", folder.claim, "--key", folder.key, "--history", history]
    assert main([*map(str, argv)]) == 0
    report(folder, "md", out, "--history", history, "--cadence", "monthly")
    text = out.read_text()
    assert "| 12 |" in text
    assert "0 missing and 0 late, expected monthly" in text
    assert "\n| BELOW-2-2023-11-22T16:00:00Z | 12 | ETH |" in text
    assert text.count("not carried out") == 3
    report(folder, "md", out, "--history", tmp_path / "none.sqlite", code=2)
    assert "none.sqlite" in capsys.readouterr().err

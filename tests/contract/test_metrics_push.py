"""`scan --metrics-push`: what a gateway is brought when a run has ended, and that its answer hides no finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from scanner.cli import commands
from scanner.cli.finding_code import LASTING
from scanner.report import delivery
from tests.support.real.webhook_receiver import PATH, receiving

CLAIM = """\
version: 1
exchange: X
as_of: 2026-01-01T00:00:00Z
assets: {ETC: {id: "eip155:61/slip44:61", backs: ETC, decimals: 18}}
liabilities: {ETC: "1"}
holdings: [{asset: ETC, account: "0x0000000000000000000000000000000000000001"}]
"""
NODES = 'nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}\n'  # of no chain of the claim
SCAN = ("scan", "claim.yaml", "--out", "out", "--key", "k.pem")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "k.pem").write_text(ECC.generate(curve="ed25519").export_key(format="PEM"))
    (tmp_path / "k.pem").chmod(0o600)
    return tmp_path


def test_the_gateway_is_brought_what_the_file_holds_when_the_run_has_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving([(200, {})]) as receiver:
        monkeypatch.setenv("GATEWAY", receiver.url)
        assert commands.main([*SCAN, "--metrics", "m.prom", "--metrics-push", "${GATEWAY}"]) == LASTING
    ((path, headers, body),) = receiver.got
    assert (path, headers["Content-Type"]) == (PATH, "text/plain; version=0.0.4; charset=utf-8")
    assert body == (folder / "m.prom").read_bytes()
    assert f'reserve_scanner_exit_code{{claim="claim"}} {LASTING}.0\n'.encode() in body
    assert b"reserve_scanner_run_timestamp_seconds" in body
    assert PATH not in capsys.readouterr().err


def test_what_the_file_said_of_a_claim_that_went_wrong_is_pushed_again(folder: Path) -> None:
    with receiving([(200, {})]) as receiver:
        push = ("--metrics", "m.prom", "--metrics-push", receiver.url)
        commands.main([*SCAN, *push])
        (folder / "claim.yaml").write_text("version: 1")
        assert commands.main([*SCAN, *push]) == 2
    before, after = (
        {line for line in body.decode().splitlines() if 'exchange="X"' in line} for _, _, body in receiver.got
    )
    assert before == after != set()


@pytest.mark.parametrize(("answer", "told"), [(500, "HTTP 500"), (400, "HTTP 400"), (302, "HTTP 302")])
def test_a_gateway_that_takes_nothing_is_told_of_and_changes_no_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: int, told: str
) -> None:
    monkeypatch.setattr(delivery, "ATTEMPTS", 2)
    monkeypatch.setattr(delivery, "FIRST_PAUSE", -1.0)
    with receiving([(answer, {"Location": "/elsewhere"})]) as receiver:
        assert commands.main([*SCAN, "--metrics-push", receiver.url]) == LASTING
    assert len(receiver.got) == (2 if answer == 500 else 1)
    printed = capsys.readouterr().err
    assert f"the metrics were not pushed: {told}" in printed
    assert PATH not in printed
    assert (folder / "out/attestation.dsse.json").exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("pushgateway:9091", "is no URL; expected one such as http://pushgateway:9091/metrics/job/reserve-scanner"),
        ("ftp://gateway/metrics/job/a", "is no URL"),
        ("http://gateway:x/metrics/job/a", "has a host or a port that is not one"),
        ("https://user:secret@gateway/metrics/job/a", "has a user, a password or a fragment"),
        ("${NOT_SET_HERE}", "NOT_SET_HERE"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked_and_is_not_quoted(
    folder: Path, capsys: pytest.CaptureFixture[str], url: str, told: str
) -> None:
    assert commands.main([*SCAN, "--metrics-push", url]) == 2
    printed = capsys.readouterr().err
    assert "--metrics-push" in printed
    assert told in printed
    assert "secret" not in printed
    assert not (folder / "out").exists()

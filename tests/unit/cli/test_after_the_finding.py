"""What breaks once there is a finding is told, and changes nothing of the finding's exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import ECC

from scanner.cli import claim_scan, commands, webhooks
from scanner.cli.finding_code import LASTING
from scanner.cli.scanning import WORST_FIRST
from scanner.errors import AttestationInvalid, InputError
from scanner.report import junit, summary, table

CLAIM = """\
version: 1
exchange: X
as_of: 2026-01-01T00:00:00Z
assets: {ETC: {id: "eip155:61/slip44:61", backs: ETC, decimals: 18}}
liabilities: {ETC: "1"}
holdings: [{asset: ETC, account: "0x0000000000000000000000000000000000000001"}]
"""
NODES = 'nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}\n'  # of no chain of the claim
ASKED = ("--out", "out", "--key", "k.pem", "--summary", "s.json", "--junit", "j.xml", "--metrics", "m.prom")
HOOK = ("--webhook", "http://127.0.0.1:9/hook", "--webhook-key", "hook.key")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "hook.key").write_text("k" * 32)
    (tmp_path / "k.pem").write_text(ECC.generate(curve="ed25519").export_key(format="PEM"))
    for key in ("hook.key", "k.pem"):
        (tmp_path / key).chmod(0o600)
    return tmp_path


def breaking(*_: Any, **__: Any) -> Any:
    raise OverflowError("date value out of range")


BREAKS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "the webhook": lambda patch: patch.setattr(webhooks, "tell", breaking),
    "the table": lambda patch: patch.setattr(table, "render", breaking),
    "the summary": lambda patch: patch.setattr(summary, "summary", breaking),
    "the JUnit file": lambda patch: patch.setattr(junit, "junit", breaking),
    "the metrics": lambda patch: patch.setattr("scanner.report.metrics.Metrics.found", breaking),
    "the metrics' end": lambda patch: patch.setattr("scanner.report.metrics.Metrics.ended", breaking),
    "the history": lambda patch: patch.setattr(claim_scan, "append_own", breaking),
}


@pytest.mark.parametrize("what", BREAKS)
def test_whatever_breaks_the_code_is_the_findings_and_it_is_told(
    folder: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    BREAKS[what](monkeypatch)
    hook = HOOK if what == "the webhook" else ()
    assert commands.main(["scan", "claim.yaml", *ASKED, *hook, "--history", "h.db"]) == LASTING
    assert "this is a bug" in capsys.readouterr().err
    assert json.loads((folder / "out/attestation.dsse.json").read_text())["signatures"]
    left = {"s.json", "j.xml", "m.prom"} - {"the summary": {"s.json"}, "the JUnit file": {"j.xml"}}.get(what, set())
    if what != "the metrics' end":
        assert all((folder / name).stat().st_size for name in left)


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError.at("h.db", "is full"), 2), (AttestationInvalid(5, "not so"), 5), (OverflowError("x"), 5)],
)
def test_a_history_that_cannot_be_written_is_told_by_the_code_where_no_accusation_is_hidden(
    folder: Path, error: Exception, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise error

    monkeypatch.setattr(claim_scan, "append_own", fails)
    assert commands.main(["scan", "claim.yaml", *ASKED, "--history", "h.db"]) == code
    assert code in WORST_FIRST
    assert (folder / "out/attestation.dsse.json").exists()

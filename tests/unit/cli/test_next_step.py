"""The next command is said to who sits at a terminal, whole enough to be typed, and to no one else."""

from __future__ import annotations

import io
import shlex
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.arguments import parser
from scanner.cli.next_step import after_scan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def arguments(**changes: Any) -> Namespace:
    return Namespace(**({"key": [Path("auditor.pem")], "json": False, "log": None} | changes))


def test_on_a_terminal_the_command_that_verifies_is_said_as_it_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    key = tmp_path / "my auditor.pem"
    said = after_scan(Path("claim.yaml"), Path("out"), arguments(key=[key]))
    assert said is not None
    assert said.endswith("--key PUB")
    key.with_suffix(".pub").write_text("its public half")
    said = after_scan(Path("a claim.yaml"), Path("out"), arguments(key=[key]))
    assert said is not None
    assert said.startswith("wrote out/attestation.dsse.json; next: scanner verify ")
    typed = parser().parse_args(shlex.split(said.partition("next: ")[2])[1:])
    assert (typed.command, typed.claim) == ("verify", [Path("a claim.yaml")])
    assert typed.key == [tmp_path / "my auditor.pub"]


@pytest.mark.parametrize("changes", [{"key": []}, {"json": True}, {"log": "none"}])
def test_nothing_is_said_where_nothing_was_signed_or_it_was_not_asked_for(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    assert after_scan(Path("claim.yaml"), Path("out"), arguments(**changes)) is None
    assert after_scan(Path("claim.yaml"), None, arguments()) is None


def test_nothing_is_said_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert after_scan(Path("claim.yaml"), Path("out"), arguments()) is None

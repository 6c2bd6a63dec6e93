"""Widths and colours as a terminal has them: commands run in one, and in none."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests import small_attestation

COLOUR = "\x1b["


def shown(folder: Path, *argv: str, columns: int | None = None, **environment: str) -> str:
    """What `scanner` prints on a terminal of so many columns; into a pipe, where None."""
    command = [sys.executable, "-m", "scanner", *argv]
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    environment = kept | {"TERM": "xterm"} | environment
    if columns is None:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=inside, stderr=subprocess.DEVNULL):
        os.close(inside)
        text = b""
        while piece := _read(terminal):
            text += piece
    os.close(terminal)
    return text.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody has the other end open any more
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("terminal")
    small_attestation.write(path)
    (path / "nodes.yaml").write_text('nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}\n')
    return path


COMMANDS = {
    "show": ("show", "attestation.dsse.json"),
    "verify": ("verify", "attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub"),
    "check": ("check", "claim.yaml", "--offline"),
}
each_command = pytest.mark.parametrize("argv", COMMANDS.values(), ids=COMMANDS)


@each_command
def test_colours_are_for_terminals(folder: Path, argv: tuple[str, ...]) -> None:
    assert COLOUR in shown(folder, *argv, columns=100)
    assert COLOUR not in shown(folder, *argv)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_whoever_asks_for_no_colours_gets_none(folder: Path, environment: dict[str, str]) -> None:
    assert COLOUR not in shown(folder, *COMMANDS["show"], columns=100, **environment)


def test_json_is_never_coloured(folder: Path) -> None:
    assert COLOUR not in shown(folder, "show", "attestation.dsse.json", "--json", columns=100)


@each_command
def test_a_pipe_has_100_columns_whatever_a_variable_says(folder: Path, argv: tuple[str, ...]) -> None:
    painted = shown(folder, *argv, columns=100)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == shown(folder, *argv, COLUMNS="72")


def test_a_terminal_that_does_not_know_its_width_has_100_columns_too(folder: Path) -> None:
    assert shown(folder, *COMMANDS["show"], columns=0) == shown(folder, *COMMANDS["show"], columns=100)


@each_command
@pytest.mark.parametrize("columns", [80, 140])
def test_what_can_be_broken_fits_the_width(folder: Path, argv: tuple[str, ...], columns: int) -> None:
    """Digests, addresses and names of assets are left whole, so that they can be copied; the last words are a line."""
    told = shown(folder, *argv, columns=columns, NO_COLOR="1")
    for line in re.split(r"^(?:The attestation holds|Shown as it stands)", told, flags=re.MULTILINE)[0].splitlines():
        words = [word for word in line.split() if len(word) > 30]
        assert len(line) <= columns or words, line

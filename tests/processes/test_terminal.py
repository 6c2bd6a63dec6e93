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

from tests.support.attestations import small as small_attestation

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


CLAIM = """\
version: 1
exchange: Example
as_of: 2023-11-22T16:00:00Z
assets: {ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}
liabilities: {ETH: "1"}
holdings: [{asset: ETH, account: "0x0000000000000000000000000000000000000001"}]
"""


def conversation(folder: Path, answers: bytes, *argv: str) -> str:
    """What somebody sees at a terminal who has typed these answers ahead."""
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "scanner", *argv]
    with subprocess.Popen(command, cwd=folder, stdin=inside, stdout=inside, stderr=inside):
        os.close(inside)
        os.write(terminal, answers)
        text = b""
        while piece := _read(terminal):
            text += piece
    os.close(terminal)
    return text.decode().replace("\r\n", "\n")


def test_init_asks_on_a_terminal_and_takes_what_is_typed(tmp_path: Path) -> None:
    (tmp_path / "claim.yaml").write_text(CLAIM)
    seen = conversation(tmp_path, b"1\nown\n\nnone\n", "init", "claim.yaml")
    assert "How many operators must agree on a balance [2]: " in seen
    assert "Ethereum, 1 holding: which operators to ask, of drpc.org, " in seen
    assert "where it listens [evm+http://127.0.0.1:8545]: " in seen
    assert "How many balances of each asset to prove [300]: " in seen
    written = (tmp_path / "nodes.yaml").read_text()
    assert "  - url: evm+http://127.0.0.1:8545\n    chain: eip155:1\n    operator: self\n    own: true\n" in written
    assert "  - url: evm+https" not in written.replace("# - url", "")
    assert "prove: none" in written


def test_import_asks_on_a_terminal_for_what_the_file_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "chain,address,asset,amount\nETH,0x0000000000000000000000000000000000000001,ETH,1\n"
    )
    answers = b"OKX\n2022-11-22T16:00:00Z\nETH=1.5\n"
    seen = conversation(tmp_path, answers, "import", "rows.csv", "--out", "claim.yaml")
    assert "Whose file is it (a name, such as OKX): " in seen
    assert "wrote claim.yaml" in seen
    assert "What is owed of ETH (such as ETH=1.5; Enter if it was not published): " in seen
    written = (tmp_path / "claim.yaml").read_text()
    assert 'exchange: "OKX"\nas_of: 2022-11-22T16:00:00Z\n' in written
    assert '  ETH: "1.5"  # typed\n' in written

"""Completion, done by the shells themselves: each sources our script and says what it would offer."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli import commands
from scanner.cli.completion import SHELLS


def program(name: str) -> str:
    """The shell; the test is skipped where there is none of that name, which bash never is."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the three scripts, as `scanner completion` prints them, and a few files to complete."""
    for shell in SHELLS:
        assert commands.main(["completion", shell]) == 0
        (tmp_path / f"complete.{shell}").write_text(capsys.readouterr().out)
    (tmp_path / "claim.yaml").touch()
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bash(*words: str) -> set[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""\
source ./complete.bash
COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}
function=$(complete -p scanner); function=${{function#*-F }}
${{function%% *}}
printf '%s\\n' "${{COMPREPLY[@]}}" """
    return told([program("bash"), "--norc", "--noprofile", "-c", script])


def fish(*words: str) -> set[str]:
    line = " ".join(words)
    offered = told([program("fish"), "--no-config", "-c", f"source ./complete.fish; complete -C '{line}'"])
    return {each.partition("\t")[0] for each in offered}


def told(argv: list[str]) -> set[str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60, env=os.environ | {"HOME": "."})
    assert done.stderr == ""
    return set(done.stdout.splitlines()) - {""}


@pytest.mark.parametrize("offered", [bash, fish])
def test_commands_options_and_values_are_completed(folder: Path, offered: Callable[..., set[str]]) -> None:
    assert offered("scanner", "sc") == {"scan", "schema", "score"}
    assert offered("scanner", "ver") == {"verify"}
    assert offered("scanner", "scan", "--ou") == {"--out"}
    assert {"--claim", "--key", "--eth-signer"} <= offered("scanner", "verify", "--")
    assert "--offline" not in offered("scanner", "verify", "--")
    assert offered("scanner", "scan", "--log", "") == {"text", "json", "none"}
    assert offered("scanner", "schema", "") == {"claim", "flows", "summary", "predicate", "score", "series", "together"}


@pytest.mark.parametrize("offered", [bash, fish])
def test_files_are_completed_where_files_are_taken(folder: Path, offered: Callable[..., set[str]]) -> None:
    assert offered("scanner", "check", "cl") == {"claim.yaml"}
    assert offered("scanner", "scan", "--out", "") >= {"reports"} or offered("scanner", "scan", "--out", "") == {
        "reports/"
    }
    assert "claim.yaml" not in offered("scanner", "scan", "--out", "")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("scanner veri", "scanner verify "),
        ("scanner scan --ou", "scanner scan --out "),
        ("scanner check cl", "scanner check claim.yaml "),
        ("scanner schema cl", "scanner schema claim "),
    ],
)
def test_zsh_completes_at_its_prompt(folder: Path, typed: str, completed: str) -> None:
    """zsh completes only at a prompt, so it gets one: a terminal of its own, where somebody types and presses Tab."""
    shell = program("zsh")
    (folder / "_scanner").write_text((folder / "complete.zsh").read_text())
    (folder / ".zshrc").write_text(
        'PS1="ready> "\nfpath=("$HOME" $fpath)\nautoload -U compinit\ncompinit -u -d "$HOME/dump"\n'
        "zle-shown() { print -r -- \"[$BUFFER]\" }\nzle -N zle-shown\nbindkey '^X' zle-shown\n"
    )
    terminal, inside = pty.openpty()
    environment = {"HOME": str(folder), "TERM": "dumb", "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        [shell, "-i"], stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True
    ) as process:
        try:
            until(terminal, "ready> ")
            os.write(terminal, f"{typed}\t\x18".encode())
            assert f"[{completed}]" in until(terminal, r"\[.*\]")
        finally:
            process.kill()
            os.close(terminal)
            os.close(inside)


def until(terminal: int, pattern: str) -> str:
    """What the terminal shows, up to the pattern; a failure where it does not come within a minute."""
    shown = ""
    while not re.search(pattern, shown):
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, f"the shell shows no {pattern!r}: {shown!r}"
        shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown


def test_a_shell_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["completion", "tcsh"])
    assert ended.value.code == 2
    assert "choose from bash, zsh, fish" in capsys.readouterr().err

"""The command line without nodes: help, exit codes, and what is told of files that are wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from docs import generate
from scanner.cli import arguments, commands, files
from scanner.cli.finding_code import COVERED, LASTING  # of a claim whose one account is a precompile
from scanner.errors import InputError
from tests.support.places import ROOT
from tests.support.small_claim import CLAIM, NODES
from tests.support.tables import each_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "nodes.yaml").write_text(NODES)
    return tmp_path


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="later versions of Python lay out help differently")
def test_help_in_the_readme_is_what_help_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    printed = arguments.parser().format_help().strip()
    block = re.search(r"```text\n(usage: scanner .*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    assert block[1].strip() == printed


def test_every_exit_code_is_in_every_help_and_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for code in (0, 1, 2, 3, 4, 70):
        assert re.search(rf"^  {code}\s", arguments.parser().format_help(), re.MULTILINE)
        assert f"\n| {code} |" in readme


@pytest.mark.parametrize("action", ["add", "check", "rebuild"])
def test_what_can_be_done_with_a_history_has_its_own_help(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["log", action, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert f"usage: scanner log {action}" in printed
    assert "exit codes:" in printed


def test_the_page_of_the_history_s_command_has_all_that_can_be_done_with_a_history() -> None:
    shown = generate.page("log", generate.commands()["log"])
    for action, option in (("add", "--unverified"), ("check", "--trust CHAIN=HASH"), ("rebuild", "--history FILE")):
        own = shown.partition(f"\n## scanner log {action}\n")[2].partition("\n## ")[0]
        assert f"\nscanner log {action} " in own
        assert f"\n| `{option}" in own


@each_of("name", generate.commands())
def test_every_command_s_help_has_examples_that_can_be_typed(name: str) -> None:
    told = generate.commands()[name].format_help()
    examples = re.findall(rf"^  scanner ({name}\b.*)$", told, re.MULTILINE)
    assert examples
    for example in examples:
        assert arguments.parser().parse_args(shlex.split(example.partition(" > ")[0])).command == name
    assert all(action.help for action in generate.commands()[name]._actions)


def test_help_needs_no_heavy_library() -> None:
    """The libraries that take long to load are not loaded before they are needed."""
    look = (
        "import sys, scanner.cli.commands as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {"web3", "eth_account", "shtab", "aiohttp", "yaml", "Crypto", "asyncio", "bitcoin", "sqlite3", "psycopg"}
    assert not loaded & heavy


def test_an_attestation_is_verified_without_the_libraries_that_ask_nodes_and_sign() -> None:
    files = (
        f"{ROOT}/examples/attestation/{name}" for name in ("attestation.dsse.json", "claim.yaml", "auditor.pub.pem")
    )
    attestation, claim, key = files
    look = (
        "import sys, scanner.cli.commands as c\n"
        f"code = c.main(['verify', {attestation!r}, '--claim', {claim!r}, '--key', {key!r}])\n"
        "print(code, *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    code, *loaded = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert not set(loaded) & {"web3", "eth_account", "eth_abi", "aiohttp", "pydantic", "requests"}


def test_importing_the_library_is_quick_too_and_its_verbs_survive_the_import_of_its_parts() -> None:
    look = (
        "import sys, scanner\nassert 'aiohttp' not in sys.modules\n"
        "import scanner.scanning.run, scanner.attesting.verify, scanner.sources.addresses\n"
        "for name in scanner.__all__: assert getattr(scanner, name), name\n"
        "assert set(scanner.__all__) <= set(dir(scanner))"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


@pytest.mark.parametrize("argv", [[], ["scam"], ["scan"], ["verify", "x"], ["scan", "claim.yaml", "--quorum", "1"]])
def test_a_command_line_that_cannot_be_read_is_exit_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(argv)
    assert ended.value.code == 2
    assert "usage: scanner" in capsys.readouterr().err


def test_all_mistakes_of_both_files_are_told_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "claim.yaml").write_text(CLAIM.replace('"1"', "1").replace("backs: ETH", "backs: BTC"))
    (folder / "nodes.yaml").write_text(NODES.replace("http://127.0.0.1:9", "http://${NOT_SET}"))
    assert commands.main(["check", "claim.yaml", "--offline", "--nodes", "nodes.yaml"]) == 2
    told = capsys.readouterr().err
    assert "claim.yaml:5" in told
    assert "claim.yaml:6" in told
    assert "NOT_SET" in told
    assert all(line.startswith("scanner: ") for line in told.splitlines())


def test_check_offline_connects_to_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["check", "claim.yaml", "--offline"]) == LASTING
    assert "1 holding: 1 of ETH" in capsys.readouterr().out


def test_check_at_now_is_of_the_moment_of_a_scan_against_what_was_owed_then(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = commands.main(["check", "claim.yaml", "--offline", "--at", "now"])
    assert code != COVERED  # its one account is a precompile
    out = capsys.readouterr().out
    assert re.search(r"^\S+, as of 2[0-9]{3}-.* UTC, against what was owed at 2026-01-01 .* UTC$", out, re.MULTILINE)
    assert commands.main(["check", "claim.yaml", "--offline", "--at", "now", "--json"]) == code
    shown = json.loads(capsys.readouterr().out)
    assert shown["owedAsOf"] == "2026-01-01T00:00:00Z" < shown["asOf"]


def test_check_tells_of_a_quorum_that_the_nodes_cannot_make(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "nodes.yaml").write_text(NODES.replace("operator: b", "operator: a"))
    assert commands.main(["check", "claim.yaml", "--offline", "--nodes", "nodes.yaml"]) == LASTING
    assert "eip155:1\n  stop  1 of the 2 operators" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["claim.yaml", "nodes.yaml"])
def test_a_file_that_is_not_there_is_named(folder: Path, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / missing).unlink()
    assert commands.main(["check", "claim.yaml"]) == 2
    assert missing in capsys.readouterr().err


def test_check_offline_refuses_a_moment_to_come_whether_or_not_there_are_nodes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "claim.yaml").write_text(CLAIM.replace("2026-", "9999-"))
    assert commands.main(["check", "claim.yaml", "--offline"]) == 2
    (folder / "nodes.yaml").unlink()
    assert commands.main(["check", "claim.yaml", "--offline"]) == 2
    assert capsys.readouterr().err.count("claim.yaml:3: as_of: 9999-01-01T00:00:00Z is still to come") == 2


def test_check_offline_needs_no_nodes_file_unless_one_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "nodes.yaml").unlink()
    assert commands.main(["check", "claim.yaml", "--offline"]) == LASTING
    assert "note  no nodes' file was named" in capsys.readouterr().out
    assert commands.main(["check", "claim.yaml", "--offline", "--json"]) == LASTING
    told = json.loads(capsys.readouterr().out)
    assert [point["grade"] for point in told["points"] if point["about"] == "nodes"] == ["note"]
    assert commands.main(["check", "claim.yaml", "--offline", "--nodes", "elsewhere.yaml"]) == 2
    assert "elsewhere.yaml" in capsys.readouterr().err
    (folder / "claim.yaml").write_text(CLAIM.replace("version: 1", "version: 2"))
    assert commands.main(["check", "claim.yaml", "--offline"]) == 2


@pytest.mark.parametrize("content", ["nodes: [", NODES.replace("http://127.0.0.1:9", "http://${NOT_SET}"), None])
def test_check_offline_leaves_a_nodes_file_that_is_not_named_unread(
    folder: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "nodes.yaml").unlink()
    if content is None:
        (folder / "nodes.yaml").symlink_to("nowhere")
    else:
        (folder / "nodes.yaml").write_text(content)
    assert commands.main(["check", "claim.yaml", "--offline"]) == LASTING
    assert "note  no nodes' file was named" in capsys.readouterr().out
    assert commands.main(["check", "claim.yaml", "--offline", "--nodes", "nodes.yaml"]) == 2


def test_a_key_without_a_folder_to_write_to_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["scan", "claim.yaml", "--key", "key.pem"]) == 2
    assert "--out" in capsys.readouterr().err


def test_an_attestation_that_is_none_is_exit_code_4(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "attestation.dsse.json").write_text("{}")
    assert commands.main(["show", "attestation.dsse.json"]) == 4
    assert "attestation.dsse.json" in capsys.readouterr().err


def test_a_bug_of_ours_is_exit_code_70_and_asks_for_a_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(commands._RUN, "check", broken)
    assert commands.main(["check", "claim.yaml"]) == 70
    assert "this is a bug" in capsys.readouterr().err


def test_an_interrupted_run_says_so_and_is_no_bug(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(commands._RUN, "scan", interrupted)
    assert commands.main(["scan", "claim.yaml"]) == 130
    assert "interrupted" in capsys.readouterr().err


# Results as files.


def write_two(folder: Path, evidence: bytes, attestation: bytes, stale: tuple[str, ...] = ()) -> None:
    with files.written_together(folder, stale) as create:
        create("evidence").write(evidence)
        create("attestation").write(attestation)


def test_files_are_written_together_and_stale_ones_go(tmp_path: Path) -> None:
    (tmp_path / "statement.json").write_text("of an older run")
    write_two(tmp_path, b"1", b"2", stale=("statement.json",))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"evidence": b"1", "attestation": b"2"}


def test_a_write_that_fails_leaves_no_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_two(tmp_path, b"1", b"2")
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_results_of_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_two(tmp_path, b"1", b"2")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError):
        write_two(tmp_path, b"3", b"4")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"evidence": b"1", "attestation": b"2"}


def test_an_error_while_results_are_made_leaves_none_of_them(tmp_path: Path) -> None:
    def fail() -> None:
        with files.written_together(tmp_path) as create:
            create("evidence").write(b"1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "argv", [["verify", "claim.yaml", "--claim", "claim.yaml", "--key", "a.pub"], ["show", "claim.yaml"]]
)
def test_a_claim_where_an_attestation_belongs_is_called_one(
    folder: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(argv) == 2
    assert "claim.yaml: is a claim, not an attestation" in capsys.readouterr().err

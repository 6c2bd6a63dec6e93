"""Whatever a command is told to read or to write is a regular file, or an error at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from scanner.attesting.signers import load_public_key, load_signer
from scanner.cli import commands, files
from scanner.errors import InputError
from scanner.history.databases.sqlite import connect
from scanner.sources.regular_file import open_if_there, open_regular
from scanner.sources.yaml_document import read_bytes
from tests.support.attestations import small as small_attestation

KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
}
of_every_kind = pytest.mark.parametrize("kind", KINDS)


@of_every_kind
def test_only_a_regular_file_is_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "named"
    KINDS[kind](path)
    for opened in (open_regular, open_if_there, read_bytes, lambda path: files.read_whole(path, 10, "")):
        with pytest.raises(InputError, match=f"named: is no file, but {kind}"):
            opened(path)
    for load in (load_public_key, load_signer, lambda path: connect(str(path), create=True)):
        with pytest.raises(InputError, match="named"):
            load(path)


def test_a_file_and_a_link_to_one_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file, open_if_there(tmp_path / name) as again:
            assert again is not None
            assert file.read() == again.read() == b"text"
    with open_if_there(tmp_path / "absent") as absent:
        assert absent is None
    with pytest.raises(InputError, match="No such file or directory"):
        open_regular(tmp_path / "absent")


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mknod("s", stat.S_IFSOCK | 0o600)
    with pytest.raises(InputError, match="s: cannot be read: "):  # the system opens none
        open_regular(Path("s"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_attestation.write(tmp_path)
    (tmp_path / "k.pem").write_text(ECC.generate(curve="ed25519").export_key(format="PEM"))
    (tmp_path / "k.pem").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    return tmp_path


VERIFY = ("verify", "attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub")
KEPT = ("log", "add", "attestation.dsse.json", "--claim", "claim.yaml", "--key", "auditor.pub", "--history", "h.db")
ETH = ("--eth-signer", "0x03aE1A796DFE0400439211133D065BDA774B9D3e")
READS: dict[str, list[tuple[str, ...]]] = {  # what each command reads, by the names of the files
    "claim.yaml": [VERIFY, KEPT, ("check", "claim.yaml", "--offline"), ("scan", "claim.yaml")],
    "nodes.yaml": [
        ("check", "claim.yaml", "--offline", "--nodes", "nodes.yaml"),
        ("check", "claim.yaml"),
        ("scan", "claim.yaml"),
    ],
    "attestation.dsse.json": [VERIFY, KEPT, ("show", "attestation.dsse.json")],
    "evidence.csv.gz": [
        VERIFY,
        KEPT,
        ("show", "attestation.dsse.json", "--html", "page.html", "--evidence", "evidence.csv.gz"),
    ],
    "witness.bin": [VERIFY, KEPT, (*VERIFY, "--witness", "witness.bin")],
    "onchain.json": [(*VERIFY, *ETH, "--eip712", "onchain.json")],
    "policy.yaml": [(*VERIFY, "--policy", "policy.yaml")],
    "auditor.pub": [VERIFY, KEPT],
    "key.pem": [("scan", "claim.yaml", "--out", "out", "--key", "key.pem")],
    "eth.key": [("scan", "claim.yaml", "--out", "out", "--key", "k.pem", "--eth-key", "eth.key")],
    "hook.key": [
        ("scan", "claim.yaml", "--out", "out", "--webhook", "http://127.0.0.1:9/", "--webhook-key", "hook.key")
    ],
    "h.db": [
        KEPT,
        ("log", "--history", "h.db"),
        ("log", "check", "--history", "h.db"),
        ("site", "--history", "h.db", "--out", "site"),
    ],
    "files.csv": [("import", "files.csv", "--out", "new.yaml")],
}


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "a pipe") for name in READS), *(("evidence.csv.gz", kind) for kind in KINDS)]
)
def test_every_command_refuses_at_once_what_is_no_file(
    folder: Path, name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).unlink(missing_ok=True)
    KINDS[kind](folder / name)
    for command in READS[name]:
        assert commands.main([*command]) == 2, command
        told = capsys.readouterr().err
        assert name in told, command
        assert "bug" not in told

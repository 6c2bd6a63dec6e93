"""Files of proofs are opened beside the claim: the ones that are meant, whole, and within bounds."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.sources.proof_files import ProofFile, open_file, open_proof_files


def named(path: Path) -> ProofFile:
    return ProofFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_file_is_read_from_its_beginning_each_time(tmp_path: Path) -> None:
    (tmp_path / "tree").write_bytes(b"x" * (3 << 20))
    (file,) = open_proof_files(tmp_path, [named(tmp_path / "tree")])
    assert file.name == "tree"
    assert [sum(map(len, file.chunks())) for _ in range(2)] == [3 << 20] * 2
    assert max(map(len, file.chunks())) <= 1 << 20


def test_members_of_a_zip_are_files_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"data/config.json": b"{}", "data/": b"", "__MACOSX/._x": b"x"}))
    files = open_proof_files(tmp_path, [named(tmp_path / "a.zip")])
    assert [(each.name, b"".join(each.chunks())) for each in files] == [("data/config.json", b"{}")]


def test_another_file_than_the_one_that_is_meant_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "tree").write_bytes(b"x")
    with pytest.raises(InputError, match="tree: has the sha256 2d71"):
        open_proof_files(tmp_path, [ProofFile("tree", "ab" * 32)])


@pytest.mark.parametrize("name", [".", "missing", "pipe"])
def test_what_is_no_file_is_told_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError):
        open_proof_files(tmp_path, [ProofFile(name, "ab" * 32)])
    with pytest.raises(InputError):
        open_file(tmp_path / name)


def test_a_file_that_changes_after_it_was_checked_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "tree"
    path.write_bytes(b"true")
    (file,) = open_proof_files(tmp_path, [named(path)])
    path.write_bytes(b"forged")
    with pytest.raises(InputError, match="has changed while it was read"):
        list(file.chunks())
    (tmp_path / "a.zip").write_bytes(packed({"a": b"true"}))
    (member,) = open_proof_files(tmp_path, [named(tmp_path / "a.zip")])
    (tmp_path / "a.zip").write_bytes(packed({"a": b"forged"}))
    with pytest.raises(InputError, match="has changed while it was read"):
        list(member.chunks())


def until_changed(path: Path, before: os.stat_result, change: Callable[[], None]) -> None:
    """Changes a file again and again, until the clock of its file system has gone on: that is some milliseconds."""
    change()
    while path.stat().st_ctime_ns == before.st_ctime_ns:
        change()


@pytest.mark.parametrize("content", [b"true" * 1000, packed({"a": b"true" * 1000}, zipfile.ZIP_STORED)])
def test_a_file_that_is_written_over_is_noticed_though_its_time_is_set_back(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tree"
    path.write_bytes(content)
    (file,) = open_proof_files(tmp_path, [named(path)])
    written = path.stat()
    with path.open("r+b") as opened:
        opened.write(content[:-100].replace(b"true", b"fals") + content[-100:])
    until_changed(path, written, lambda: os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns)))
    with pytest.raises(InputError, match="has changed while it was read"):
        list(file.chunks())


@pytest.mark.parametrize("content", [b"true" * 1_000_000, packed({"a": b"true" * 1_000_000}, zipfile.ZIP_STORED)])
def test_a_file_that_changes_while_it_is_read_ends_the_reading(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tree"
    path.write_bytes(content)
    (file,) = open_proof_files(tmp_path, [named(path)])
    reading = file.chunks()
    next(reading)
    until_changed(path, path.stat(), lambda: path.chmod(0o600))
    with pytest.raises(InputError, match="has changed while it was read"):
        list(reading)


def test_an_archive_that_unpacks_to_far_more_than_itself_is_left_off(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"a": bytes(30 << 20)}))
    (member,) = open_proof_files(tmp_path, [named(tmp_path / "a.zip")])
    with pytest.raises(InputError, match="unpacks to more than 200 times the archive"):
        list(member.chunks())


def test_a_broken_archive_is_told_by_its_name(tmp_path: Path) -> None:
    whole = packed({"a": bytes(range(256)) * 40}, zipfile.ZIP_STORED)
    for broken in (whole[:100], whole.replace(b"\x10\x11\x12", b"\x10\x11\x13", 1), b"PK\x03\x04"):
        (tmp_path / "a.zip").write_bytes(broken)
        with pytest.raises(InputError, match=r"a\.zip.*cannot be unpacked"):
            [list(file.chunks()) for file in open_proof_files(tmp_path, [named(tmp_path / "a.zip")])]


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", "2")
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    with pytest.raises(InputError, match="two files of one name"):
        open_proof_files(tmp_path, [named(tmp_path / "a.zip")])

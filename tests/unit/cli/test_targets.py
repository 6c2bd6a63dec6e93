"""A result takes the place of a file or of nothing; what is a stream is written to, and stays what it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.cli import commands, files
from scanner.cli.targets import is_stream, target
from scanner.errors import InputError
from tests.support.attestations import small as small_attestation
from tests.support.places import VECTORS

OTHERS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
}
of_every_other = pytest.mark.parametrize("kind", OTHERS)
WRITERS: dict[str, Callable[[Path], object]] = {
    "write_whole": lambda path: files.write_whole(path, b"text"),
    "written": lambda path: written(path, b"text"),
}
of_every_writer = pytest.mark.parametrize("writer", WRITERS)


def written(path: Path, data: bytes) -> None:
    with files.written(path) as file:
        file.write(data)


def seen(path: Path) -> tuple[int, int]:
    return path.lstat().st_ino, path.lstat().st_mode


@of_every_other
def test_a_result_never_takes_the_place_of_what_is_neither_file_nor_stream(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "named"
    OTHERS[kind](path)
    before = seen(path)
    for write in (target, files.make_way, *WRITERS.values()):
        with pytest.raises(InputError, match=f"named: cannot be written: is no file, but {kind}"):
            write(path)
    with pytest.raises(InputError), files.written_together(tmp_path) as create:
        create("named")
    assert seen(path) == before


@of_every_writer
def test_a_result_goes_where_a_link_leads(tmp_path: Path, writer: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"before")
    (tmp_path / "link").symlink_to("elsewhere/file")
    WRITERS[writer](tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "file").read_bytes() == b"text"


@pytest.fixture
def given() -> Iterator[tuple[int, int]]:
    """A pipe's ends: one to read, and one to write as a process is given it by its parent."""
    reads, writes = os.pipe()
    os.set_inheritable(writes, True)
    yield reads, writes
    os.close(reads)
    os.close(writes)


@of_every_writer
def test_a_descriptor_that_was_given_is_written_to_by_all_its_names(
    tmp_path: Path, given: tuple[int, int], writer: str
) -> None:
    reads, writes = given
    (tmp_path / "link").symlink_to(f"/dev/fd/{writes}")
    (tmp_path / "further").symlink_to("link")
    names = [f"/dev/fd/{writes}", f"/proc/self/fd/{writes}", f"/proc/{os.getpid()}/fd/{writes}"]
    for name in (*map(Path, names), tmp_path / "link", tmp_path / "further"):
        files.make_way(name)
        WRITERS[writer](name)
        assert os.read(reads, 100) == b"text", name
    assert (tmp_path / "link").is_symlink()


@of_every_writer
def test_a_regular_file_given_by_its_descriptor_is_written_on_and_not_replaced(tmp_path: Path, writer: str) -> None:
    with (tmp_path / "out").open("wb") as out:
        os.set_inheritable(out.fileno(), True)
        out.write(b"printed before, ")
        out.flush()
        before = seen(tmp_path / "out")
        WRITERS[writer](Path(f"/dev/fd/{out.fileno()}"))
    assert (tmp_path / "out").read_bytes() == b"printed before, text"
    assert seen(tmp_path / "out") == before


@of_every_writer
def test_a_file_that_the_program_has_open_itself_is_not_written_into_by_its_number(tmp_path: Path, writer: str) -> None:
    with (tmp_path / "history.db").open("wb") as own:
        for name in (f"/dev/fd/{own.fileno()}", f"/proc/self/fd/{own.fileno()}", "/dev/stdin", "/dev/fd/99999"):
            for write in (target, files.make_way, WRITERS[writer]):
                with pytest.raises(InputError, match="was given nothing of that name to write to"):
                    write(Path(name))
    assert (tmp_path / "history.db").read_bytes() == b""


@of_every_writer
def test_a_pipe_that_is_read_gets_all_of_it_and_stays(tmp_path: Path, writer: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    before = seen(pipe)
    with pytest.raises(InputError, match=r"pipe: cannot be written: No such device or address"):
        WRITERS[writer](pipe)  # nobody reads it, which is not waited for
    reads = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.make_way(pipe)
    WRITERS[writer](pipe)
    assert os.read(reads, 100) == b"text"
    os.close(reads)
    assert seen(pipe) == before


@of_every_writer
def test_a_device_is_written_to_and_stays(tmp_path: Path, writer: str) -> None:
    (tmp_path / "device").symlink_to("/dev/null")
    before = seen(Path("/dev/null"))
    for name in (Path("/dev/null"), tmp_path / "device"):
        files.make_way(name)
        WRITERS[writer](name)
    with pytest.raises(InputError, match="/dev/full: cannot be written: No space left on device"):
        WRITERS[writer](Path("/dev/full"))
    assert seen(Path("/dev/null")) == before
    assert (tmp_path / "device").is_symlink()


def test_nothing_goes_to_a_stream_before_all_of_it_is_there(given: tuple[int, int]) -> None:
    reads, writes = given
    os.set_blocking(reads, False)

    def half() -> None:
        with files.written(Path(f"/dev/fd/{writes}")) as file:
            file.write(b"text")
            raise EOFError

    with pytest.raises(EOFError):
        half()
    with pytest.raises(BlockingIOError):
        os.read(reads, 100)


def test_links_in_a_circle_lead_to_no_stream(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert not is_stream(tmp_path / "a")
    with pytest.raises(InputError, match="a: cannot be written"):
        target(tmp_path / "a")


def test_what_lies_together_in_a_folder_lies_there_as_files(tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to("/dev/null")
    with (
        pytest.raises(InputError, match="named: cannot be written: is no file, and one is needed here"),
        files.written_together(tmp_path) as create,
    ):
        create("named")
    assert (tmp_path / "named").is_symlink()


@pytest.mark.parametrize("option", ["--summary", "--junit", "--metrics"])
@of_every_other
def test_a_report_never_takes_the_place_of_anything_else_and_nothing_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    small_attestation.write(tmp_path)
    OTHERS[kind](tmp_path / "named")
    assert commands.main(["scan", "claim.yaml", option, "named"]) == 2
    assert "named: cannot be written: is no file" in capsys.readouterr().err
    assert os.path.lexists("named")


VERIFIED = ("attestation.dsse.json", "--key", "auditor.pub")


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (("show", *VERIFIED, "--html"), b"<!DOCTYPE html>"),
        (("show", str(VECTORS / "series" / "v1" / "lent" / "series.dsse.json"), "--html"), b"<!DOCTYPE html>"),
        (("report", *VERIFIED, "--claim", "claim.yaml", "--format", "md", "--out"), b"# "),
        (("report", *VERIFIED, "--claim", "claim.yaml", "--format", "xlsx", "--out"), b"PK"),
    ],
)
def test_a_document_goes_to_a_stream_as_it_goes_to_a_file_and_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    begins: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    small_attestation.write(tmp_path)
    with Path("stream").open("w+b") as stream:
        os.set_inheritable(stream.fileno(), True)
        assert commands.main([*command, f"/dev/fd/{stream.fileno()}"]) == 0
    printed, said = capsys.readouterr()
    assert (printed, bool(said)) == ("", True)
    assert commands.main([*command, "file"]) == 0
    assert capsys.readouterr().out
    document = Path("stream").read_bytes()
    assert document.startswith(begins)
    assert document == Path("file").read_bytes()


def test_a_claim_lies_beside_its_files_and_goes_to_no_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("files.csv").write_text("coin,network,address,balance\n")
    Path("link").symlink_to("/dev/null")
    for name in ("/dev/stdout", "/dev/null", "link"):
        assert commands.main(["import", "files.csv", "--force", "--out", name]) == 2
        assert f"{name}: is no file; name one" in capsys.readouterr().err

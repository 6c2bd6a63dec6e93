"""Archives: what comes out is counted, and no archive is believed about its own size."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.sources.published import archive, read_published

TABLE = b"chain,address\neip155:1,0x00000000000000000000000000000000000000aa\n"
OTHER = b"chain,address\neip155:1,0x00000000000000000000000000000000000000bb\n"
BLANKS = (b" " * 2**16 + b"\n") * 40


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_published(path)
    return str(caught.value)


def accounts(path: Path) -> list[str]:
    return [row.account_text[-2:] for row in read_published(path)]


def test_the_kind_of_a_file_is_told_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    plain = tmp_path / "plain.zip"
    plain.write_bytes(TABLE)
    packed = tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(TABLE))
    assert accounts(plain) == accounts(packed) == accounts(zipped(tmp_path / "x", {"a.csv": TABLE})) == ["aa"]


def test_all_tables_of_a_zip_are_read_and_the_other_files_are_named(tmp_path: Path) -> None:
    members = {"x/a.csv": TABLE, "readme.txt": b"hello", "__MACOSX/._a.csv": b"\x00\x05", "b.csv": OTHER}
    published = read_published(zipped(tmp_path / "x.zip", members))
    assert [(row.member, row.line, row.account_text[-2:]) for row in published] == [
        ("x/a.csv", 2, "aa"),
        ("b.csv", 2, "bb"),
    ]
    assert published.not_understood == ("'readme.txt' fits no layout",)


def test_a_zip_within_which_no_file_is_a_table_is_refused(tmp_path: Path) -> None:
    assert "no layout fits: it starts with 'hello'" in refusal(zipped(tmp_path / "x.zip", {"a.txt": b"hello"}))
    assert "holds no file" in refusal(zipped(tmp_path / "y.zip", {"__MACOSX/a": b"x"}))


@pytest.fixture
def _little_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE_OF_RATIO", 2**20)


@pytest.mark.usefixtures("_little_is_free")
def test_an_archive_that_declares_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "x.zip", {"a.csv": TABLE + BLANKS})
    assert refusal(bomb).endswith("unpacks to more than 200 times its own size")


@pytest.mark.usefixtures("_little_is_free")
def test_an_archive_that_unpacks_to_too_much_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "x.csv.gz"
    bomb.write_bytes(gzip.compress(TABLE + BLANKS))
    assert refusal(bomb).endswith("unpacks to more than 200 times its own size")


def test_no_file_may_unpack_to_more_than_the_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2**16)
    half = b"\n" * 2**15
    assert accounts(zipped(tmp_path / "x.zip", {"a.csv": TABLE + half})) == ["aa"]
    assert "holds more than" in refusal(zipped(tmp_path / "y.zip", {"a.csv": TABLE + half, "b.csv": OTHER + half}))


def test_a_small_file_may_be_packed_as_well_as_it_can(tmp_path: Path) -> None:
    assert accounts(zipped(tmp_path / "x.zip", {"a.csv": TABLE + b"\n" * 2**17})) == ["aa"]


@pytest.mark.parametrize("cut", [1, 8, 30])
def test_a_truncated_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(TABLE)[:-cut])
    assert "cannot be unpacked" in refusal(path)


def test_a_zip_whose_bytes_were_changed_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.csv": TABLE}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"aa\n")] ^= 1
    path.write_bytes(data)
    assert "cannot be unpacked" in refusal(path)


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.csv": TABLE})
    path.write_bytes(path.read_bytes()[:-10])
    assert "cannot be unpacked" in refusal(path)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.csv": TABLE})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(data)
    assert "encrypted" in refusal(path)


def stored(name: bytes, *, local_name: bytes | None = None, flags: int = 0, needed: int = 20) -> bytes:
    """A ZIP of one stored table, its parts written out by hand."""
    local_name = name if local_name is None else local_name
    sizes = struct.pack("<III", zlib.crc32(TABLE), len(TABLE), len(TABLE))
    local = struct.pack("<4s5H", b"PK\x03\x04", needed, flags, 0, 0, 0) + sizes
    local += struct.pack("<HH", len(local_name), 0) + local_name + TABLE
    central = struct.pack("<4s6H", b"PK\x01\x02", 20, needed, flags, 0, 0, 0) + sizes
    central += struct.pack("<5HII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


@pytest.mark.parametrize(
    "data",
    [
        stored(b"\xff.csv", flags=0x800),
        stored(b"a.csv", local_name=b"\xff.csv", flags=0x800),
        stored(b"a.csv", needed=99),
        stored(b"a.csv", local_name=b"b.csv"),
        stored(b"a.csv", flags=0x1),
        stored(b"a.csv", flags=0x20),
        stored(b"a.csv")[:-1],
    ],
    ids=["name", "local name", "version", "two names", "encrypted", "patched", "cut"],
)
def test_whatever_the_unpacker_makes_of_a_zip_it_is_one_line_that_names_the_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    told = refusal(path)
    assert told.startswith(f"{path}")
    assert "cannot be unpacked: " in told
    assert "\n" not in told


def test_the_zip_written_by_hand_is_one(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(stored(b"a.csv"))
    assert accounts(path) == ["aa"]


def test_methods_whose_memory_is_not_bounded_are_refused(tmp_path: Path) -> None:
    assert "another method" in refusal(zipped(tmp_path / "x.zip", {"a.csv": TABLE}, zipfile.ZIP_LZMA))


def test_a_zip_of_very_many_files_is_refused(tmp_path: Path) -> None:
    members = {f"{number}.csv": TABLE for number in range(archive.MAX_MEMBERS + 1)}
    assert "more than 100 files" in refusal(zipped(tmp_path / "x.zip", members, zipfile.ZIP_STORED))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("a.csv", TABLE)
        file.writestr("a.csv", OTHER)
    assert "two files called 'a.csv'" in refusal(tmp_path / "x.zip")


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "none.csv")


def test_what_is_no_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is not a file" in refusal(tmp_path)
    assert "is not a file" in refusal(Path("/dev/zero"))
    (tmp_path / "x.csv").write_bytes(TABLE)
    monkeypatch.setattr(archive, "MAX_UNPACKED", len(TABLE) - 1)
    assert "holds more than" in refusal(tmp_path / "x.csv")


def test_a_file_that_changed_after_it_was_accounted_for_is_not_given_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE)
    published = read_published(path)
    path.write_bytes(TABLE + OTHER)
    with pytest.raises(InputError, match="has changed"):
        list(published)


def test_the_fingerprint_is_of_the_file_as_it_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(TABLE, mtime=0))
    import hashlib

    assert read_published(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()

"""Archives: what comes out is counted, and no archive is believed about its own size."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources.published import archive, read_published
from scanner.sources.published.gunzip import Gunzip
from tests.support.strength import examples

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
    told = refusal(zipped(tmp_path / "x.zip", {"a.txt": b"hello"}))
    assert told.endswith("x.zip: holds no table that can be read: 'a.txt' fits no layout")
    assert "holds no file" in refusal(zipped(tmp_path / "y.zip", {"__MACOSX/a": b"x"}))


@pytest.mark.parametrize("name", [".DS_Store", "x/.DS_Store", "Thumbs.db", "x/desktop.ini", "._a.csv", "__MACOSX/x/a"])
def test_what_programs_that_pack_leave_behind_is_passed_over_without_a_word(tmp_path: Path, name: str) -> None:
    published = read_published(zipped(tmp_path / "x.zip", {name: b"\0\0\0\1Bud1\xff", "a.csv": TABLE}))
    assert [row.account_text[-2:] for row in published] == ["aa"]
    assert published.not_understood == ()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("report.pdf", b"%PDF-1.7\n\xe2\xe3", "'report.pdf' is a PDF document, from which no table is read"),
        ("b.zip", b"PK\x03\x04rest", "'b.zip' is an archive in the archive, which is not looked into; unpack it"),
        ("logo.png", b"\x89PNG\r\n", "'logo.png' is an image"),
        ("b.bin", b"\0" * 9, "'b.bin' is UTF-16 text; expected UTF-8"),
        ("latin.txt", "gr\xfc\xdfe".encode("latin-1"), "'latin.txt' fits no layout"),
        (
            "twice.csv",
            b"chain,address,account\n",
            "'twice.csv' the header is unclear as plain: two columns are the address",
        ),
    ],
)
def test_what_else_lies_in_an_archive_costs_its_tables_nothing_and_is_told(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    published = read_published(zipped(tmp_path / "x.zip", {name: data, "a.csv": TABLE}))
    assert [row.account_text[-2:] for row in published] == ["aa"]
    assert published.not_understood == (told,)
    assert len(published.passed_over) == 1


@pytest.mark.parametrize(
    ("name", "line"), [("x/a.csv.sha256", "{}\n"), ("x/SHA256SUMS", "{}  a.csv\n"), ("x/sums.txt", "{} *a.csv\n")]
)
def test_a_digest_beside_a_table_is_compared_with_it(tmp_path: Path, name: str, line: str) -> None:
    digest = hashlib.sha256(TABLE).hexdigest()
    members = {"x/a.csv": TABLE, name: line.format(digest).encode()}
    assert read_published(zipped(tmp_path / "x.zip", members)).passed_over == {}
    changed = read_published(zipped(tmp_path / "y.zip", {**members, name: line.format("0" * 64).encode()}))
    assert changed.passed_over == {name: "states a sha256 that no file of that name here has"}
    other = read_published(zipped(tmp_path / "z.zip", {**members, name: line.format(digest).encode() + b"and more\n"}))
    assert other.passed_over == {name: "fits no layout"}


def test_a_text_that_is_packed_once_more_within_an_archive_is_unpacked_and_no_further(tmp_path: Path) -> None:
    once, twice = gzip.compress(TABLE), gzip.compress(gzip.compress(OTHER))
    for path in (
        zipped(tmp_path / "x.zip", {"a.csv.gz": once, "b.csv.gz": twice}),
        tarred(tmp_path / "x.tar", {"a.csv.gz": once, "b.csv.gz": twice}, pack=False),
    ):
        published = read_published(path)
        assert [row.account_text[-2:] for row in published] == ["aa"]
        assert published.passed_over["b.csv.gz"] == "is packed with gzip more than once; unpack it"


@pytest.mark.usefixtures("_little_is_free")
def test_a_text_that_is_packed_once_more_is_counted_as_it_comes_out(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "x.zip", {"a.csv.gz": gzip.compress(TABLE + BLANKS)}, zipfile.ZIP_STORED)
    assert refusal(bomb).endswith("unpacks to more than 200 times its own size")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (("[Content_Types].xml", "xl/workbook.xml"), "is a spreadsheet (.xlsx); save it as CSV (UTF-8)"),
        (("[Content_Types].xml", "word/document.xml"), "is an office document"),
        (("mimetype", "content.xml", "META-INF/manifest.xml"), "is a spreadsheet or a document (.ods)"),
    ],
)
def test_a_spreadsheet_is_refused_with_the_way_out(tmp_path: Path, members: tuple[str, ...], told: str) -> None:
    assert told in refusal(zipped(tmp_path / "x.csv", dict.fromkeys(members, b"<a/>")))


def tarred(path: Path, members: dict[str, bytes], *, pack: bool, form: int = tarfile.USTAR_FORMAT) -> Path:
    with tarfile.open(path, "w:gz" if pack else "w:", format=form) as file:
        folder = tarfile.TarInfo("x")
        folder.type = tarfile.DIRTYPE
        file.addfile(folder)
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    return path


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [True, False])
def test_a_tar_archive_is_opened_like_a_zip(tmp_path: Path, *, pack: bool, form: int) -> None:
    long_name = f"x/{'deep/' * 12}{'n' * 60}\u00e9.csv" if form != tarfile.USTAR_FORMAT else "x/b.csv"
    members = {"x/a.csv": TABLE, ".DS_Store": b"\0\1", "x/report.pdf": b"%PDF", long_name: OTHER + b"\n" * 2000}
    published = read_published(tarred(tmp_path / "x.csv", members, pack=pack, form=form))
    assert [(row.member, row.account_text[-2:]) for row in published] == [("x/a.csv", "aa"), (long_name, "bb")]
    assert sorted(published.passed_over) == ["link.csv", "x/report.pdf"]


@pytest.mark.parametrize("at", [0, 124, 130, 148, 156])
def test_a_tar_archive_whose_headers_do_not_hold_is_no_archive_or_refused(tmp_path: Path, at: int) -> None:
    path = tarred(tmp_path / "x.tar", {"a.csv": TABLE, "b.csv": OTHER}, pack=False)
    data = bytearray(path.read_bytes())
    data[3 * 512 + at] ^= 0x41  # the second file's header: after the folder's, the first's, and its one block
    path.write_bytes(data)
    assert "cannot be unpacked: a header" in refusal(path)


def test_an_entry_that_goes_on_beyond_its_tar_archive_is_refused(tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tar", {"a.csv": TABLE + b"\n" * 5000}, pack=False)
    path.write_bytes(path.read_bytes()[:2048])
    assert "an entry is longer than the archive" in refusal(path)


@pytest.fixture
def _little_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE_OF_RATIO", 2**20)


@pytest.mark.usefixtures("_little_is_free")
def test_an_archive_that_declares_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "x.zip", {"a.csv": TABLE + BLANKS})
    assert refusal(bomb).endswith("unpacks to more than 200 times its own size")


@pytest.mark.usefixtures("_little_is_free")
def test_a_packed_tar_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = tarred(tmp_path / "x.tgz", {"a.csv": TABLE + BLANKS}, pack=True)
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
    assert "cannot be unpacked: " in told or "is encrypted" in told
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


@pytest.mark.parametrize("stated", [2**22 + 1, 2**32 - 1])
def test_a_directory_of_very_many_files_is_refused_before_objects_are_made_of_it(tmp_path: Path, stated: int) -> None:
    path = tmp_path / "x.zip"
    data = bytearray(stored(b"a.csv"))
    data[-10:-6] = struct.pack("<I", stated)
    path.write_bytes(data)
    assert refusal(path).endswith("holds more than 100 files")


def test_gzip_of_several_members_and_zeros_behind_them_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(TABLE) + gzip.compress(OTHER.partition(b"\n")[2]) + bytes(700))
    assert accounts(path) == ["aa", "bb"]


def test_a_name_without_end_in_a_gzip_header_takes_no_time(tmp_path: Path) -> None:
    """The library's reader takes it byte by byte, most of a second for each million."""
    path = tmp_path / "x.gz"
    path.write_bytes(b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 50_000_000)
    assert "it ends before what is packed in it does" in refusal(path)


@settings(max_examples=examples(40), deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 400), st.integers(0, 9))
def test_gzip_is_unpacked_alike_in_pieces_of_any_size(data: bytes, size: int, level: int) -> None:
    packed = gzip.compress(data, level) + bytes(3) + gzip.compress(data[:7])
    stream = Gunzip(io.BytesIO(packed))
    pieces = list(iter(lambda: stream.read(size), b""))
    assert b"".join(pieces) == data + data[:7]
    assert all(len(piece) <= size for piece in pieces)


def test_a_header_has_a_bounded_number_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE.replace(b"address\n", b"address" + b"," * 250 + b"\n"))
    assert "no layout fits" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("a.csv", TABLE)
        file.writestr("a.csv", OTHER)
    assert "two files called 'a.csv'" in refusal(tmp_path / "x.zip")


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "none.csv")


def test_what_is_no_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is no file, but a folder" in refusal(tmp_path)
    assert "is no file, but a device" in refusal(Path("/dev/zero"))
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

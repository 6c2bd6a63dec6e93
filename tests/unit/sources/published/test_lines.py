"""Bytes to lines and cells: nothing a hostile file does makes one row swallow another."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources.published.lines import MAX_LINE, Unbalanced, read_lines, split_cells
from tests.support.strength import examples
from tests.support.tables import each_of


def lines(*pieces: bytes) -> list[str]:
    return list(read_lines(pieces, "file"))


def refusal(*pieces: bytes) -> str:
    with pytest.raises(InputError) as caught:
        lines(*pieces)
    return str(caught.value)


def test_line_ends_are_lf_or_cr_lf_or_cr_and_the_last_may_be_missing() -> None:
    assert lines(b"a\r\nb\n\nc") == ["a", "b", "", "c"]
    assert lines(b"a\rb\r\rc") == ["a", "b", "", "c"]
    assert lines(b"a\rb\r\nc\nd\r") == ["a", "b", "c", "d"]
    assert lines(b"a\r", b"\nb\r", b"c", b"\r", b"\r", b"\n") == ["a", "b", "c", ""]


def test_a_byte_order_mark_is_no_part_of_the_first_cell() -> None:
    assert lines(b"\xef\xbb\xbfcoin\n") == ["coin"]
    assert lines(b"\xef\xbb\xbfcoin") == ["coin"]
    assert lines(b"\xef", b"\xbb\xbf", b"coin\n") == ["coin"]
    assert lines(b"\xef\xbb\xbfa\n\xef\xbb\xbf", b"b\n\xef\xbb\xbfc") == ["a", "b", "c"]


@settings(max_examples=examples(40), deadline=None)
@given(st.text(alphabet="aé€😀,\n", max_size=60), st.integers(1, 9))
def test_where_the_pieces_are_cut_does_not_matter(text: str, size: int) -> None:
    data = text.encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert lines(*pieces) == text.removesuffix("\n").split("\n")[: None if text.strip("\n") or "\n" in text else 0]


def test_bytes_that_are_no_utf_8_spoil_their_own_line_alone() -> None:
    assert lines(b"a\nb\xff\nc\n") == ["a", "b\ufffd", "c"]
    assert lines(b"a\n", b"b\nc\xe2") == ["a", "b", "c\ufffd"]


def test_a_line_without_end_is_refused_before_it_is_held_whole() -> None:
    assert refusal(b"a\n", *[b"x" * 2**16] * 3).startswith(f"file:2: is longer than {MAX_LINE}")
    assert refusal(b"a\nb\n" + b"x" * (MAX_LINE + 1) + b"\nc\n").startswith(f"file:3: is longer than {MAX_LINE}")


def test_a_line_as_long_as_may_be_is_read() -> None:
    assert lines(b"x" * MAX_LINE + b"\n") == ["x" * MAX_LINE]


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(st.text(alphabet='ab,"{}[] \t', max_size=8), min_size=1, max_size=6))
def test_cells_that_a_csv_writer_quoted_come_back_as_they_were(cells: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
    assert split_cells(written.getvalue()) == cells


@each_of(
    ("line", "cells"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("a,b,", ["a", "b", ""]),
        (",", ["", ""]),
        ("", [""]),
        ('a,""', ["a", ""]),
        ('a,b,"",""', ["a", "b", "", ""]),
        ('[1,2],""', ["[1,2]", ""]),
        ('a,"x, y",b', ["a", "x, y", "b"]),
        ('a, "x" ,b', ["a", "x", "b"]),
        ('a,"{""k"":[1,2]}",b', ["a", '{"k":[1,2]}', "b"]),
        ('a,{"k":[1,2],"l":"m,n"},b', ["a", '{"k":[1,2],"l":"m,n"}', "b"]),
        ('a, {""k"":1,""l"":2},', ["a", '{""k"":1,""l"":2}', ""]),
        ('a,{"k":"}"},b', ["a", '{"k":"}"}', "b"]),
        ("a{1,2}b", ["a{1", "2}b"]),
        ('a"b,c', ['a"b', "c"]),
    ],
)
def test_commas_within_quotes_and_brackets_belong_to_the_cell(line: str, cells: list[str]) -> None:
    assert split_cells(line) == cells


def test_cells_may_stand_between_other_characters() -> None:
    assert split_cells('a;"b;c"; "d" ;1,5', ";") == ["a", "b;c", "d", "1,5"]
    assert split_cells('a\t\t"b\tc"\t1,5', "\t") == ["a", "", "b\tc", "1,5"]
    assert split_cells('a|{"k":1|2}|""', "|") == ["a", '{"k":1|2}', ""]


@pytest.mark.parametrize("line", ['"', 'a,"b', 'a,"b"c,d', 'a,"b""', "a,{b,c", 'a,{"b', "[[1],2"])
def test_what_does_not_close_spoils_its_line(line: str) -> None:
    with pytest.raises(Unbalanced):
        split_cells(line)


@settings(max_examples=examples(80), deadline=None)
@given(st.text(alphabet='a,"{}[] ', max_size=40))
def test_any_line_is_split_or_refused(line: str) -> None:
    try:
        cells = split_cells(line)
    except Unbalanced:
        return
    assert 1 <= len(cells) <= line.count(",") + 1

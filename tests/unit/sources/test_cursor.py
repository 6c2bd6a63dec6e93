"""A schema gets the type it wants, in the one spelling all readers of YAML understand alike, or notes a mistake."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources.cursor import Cursor, read_as
from scanner.sources.yaml_document import Absent, Notes, parse
from tests.support.tables import each_of


def cursor(text: str) -> tuple[Cursor, Notes]:
    notes = Notes("file.yaml")
    return Cursor(parse(text.encode(), notes), "it", notes), notes


def told(notes: Notes) -> str:
    return str(notes.error())


@each_of(
    "text",
    ["0x03ae1a796dfe0400439211133d065bda774b9d3e", "no", "Yes", "y", "on", "TRUE", "null", "~", "1e18", "1:30", "010",
     "0o17", "0b1", "12_345", "1.5", ".5", "1.", "+1", "-0", ".inf", "-.Inf", ".nan", "2023-11-22",
     "2023-1-2 10:00:00", "="],
)  # fmt: skip
def test_plain_text_that_others_read_as_something_else_must_be_quoted(text: str) -> None:
    place, notes = cursor(text)
    assert place.text() is None
    assert ("has no value" if text in ("null", "~") else "write it in quotes") in told(notes)
    quoted, quoted_notes = cursor(f'"{text}"')
    assert quoted.text() == text
    assert not quoted_notes


@given(st.text(alphabet="0123456789abcdefxobeEnulyYtTrsRSpPfFiIaNZ+-._:~= ", min_size=1, max_size=8))
def test_whatever_pyyaml_takes_for_no_text_must_be_quoted(text: str) -> None:
    """PyYAML's resolver is YAML 1.1; this holds the patterns here to be at least as wide."""
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag != "tag:yaml.org,2002:str" and text == text.strip():
        assert read_as(text) is not None, (text, tag)


@pytest.mark.parametrize("text", ["bc1qexample", "1LnoZawVFFQ", "eip155:1", "103%", "OKX", "https://a.example", "x=1"])
def test_plain_text_that_is_text_to_everyone_needs_no_quotes(text: str) -> None:
    place, notes = cursor(text)
    assert place.text() == text
    assert not notes


@each_of("text", ['""', '" a"', '"a "', '"a\\tb"', '"a\\nb"', '"\\e[31m"', '"\\u202e"', f'"{"x" * 201}"'])
def test_text_is_one_visible_line_of_bounded_length(text: str) -> None:
    place, notes = cursor(text)
    assert place.text() is None
    assert notes


def test_text_of_several_lines_is_taken_where_it_is_meant() -> None:
    place, notes = cursor('"I am\\nan address"')
    assert place.text(lines=True) == "I am\nan address"
    assert not notes


@each_of("text", ["139199", "1.5", "1e18", "null", "0x10", "12_345", "no", "x"])
def test_an_amount_without_quotes_is_refused(text: str) -> None:
    place, notes = cursor(text)
    assert place.decimal() is None
    assert "floats lose money" in told(notes)


@each_of("text", ["", "-1", "+1", "1e18", "1,000", "1_000", " 1", ".5", "5.", "0x10", "NaN", "٣"])
def test_an_amount_is_decimal_digits(text: str) -> None:
    place, notes = cursor(f'"{text}"')
    assert place.decimal() is None
    assert "is no amount" in told(notes)


@each_of("text", ["010", "1_0", "0x10", "1e1", "+1", "-1", "101", '"10"', "1.0", "ten", "1" * 30])
def test_a_whole_number_has_one_spelling_and_bounds(text: str) -> None:
    place, notes = cursor(text)
    assert place.whole(0, 100) is None
    assert "expected a whole number from 0 to 100" in told(notes)


def test_a_whole_number_at_its_bounds_is_taken() -> None:
    assert [cursor(text)[0].whole(0, 100) for text in ("0", "100")] == [0, 100]


@pytest.mark.parametrize("text", ["yes", "on", "True", "1", '"true"', "null", "[true]"])
def test_a_truth_value_is_plain_true_or_false(text: str) -> None:
    place, notes = cursor(text)
    assert place.flag() is None
    assert "expected true or false" in told(notes)


@each_of(
    "text",
    ["2023-11-22", "2023-11-22T16:00:00", "2023-11-22T16:00:00+08:00", "2023-11-22 16:00:00Z", "2023-02-30T00:00:00Z",
     "2023-11-22T24:00:01Z", "1700668800", "20231122T160000Z", "[]"],
)  # fmt: skip
def test_a_time_is_a_second_in_utc(text: str) -> None:
    place, notes = cursor(text)
    assert place.moment() is None
    assert "2023-11-22T16:00:00Z" in told(notes)


@pytest.mark.parametrize("text", ["2023-11-22T16:00:00Z", '"2023-11-22T16:00:00Z"'])
def test_a_time_may_stand_plain_or_quoted(text: str) -> None:
    moment = cursor(text)[0].moment()
    assert moment is not None
    assert moment.isoformat() == "2023-11-22T16:00:00+00:00"


@pytest.mark.parametrize("text", ["2023-11", "2023-02-30", "20231122", "23 Nov 2023", "2023-11-22T16:00:00Z"])
def test_a_date_is_iso_8601(text: str) -> None:
    place, notes = cursor(text)
    assert place.day() is None
    assert "expected a date" in told(notes)


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    place, notes = cursor("amuont: 1\nwhatever: 2\n")
    place.fields(("amount",), ("ratio",))
    assert told(notes).splitlines() == [
        "file.yaml:1: it: unknown key 'amuont'; did you mean amount?",
        "file.yaml:1: it: amount missing",
        "file.yaml:2: it: unknown key 'whatever'; known are amount, ratio",
    ]


def test_no_nearest_key_is_looked_for_where_the_search_would_be_long() -> None:
    place, notes = cursor(f"{'x' * 65}: 1")
    place.fields((), ("x" * 64,))
    assert "did you mean" not in told(notes)


def test_what_is_missing_is_noted_once_and_reads_as_none() -> None:
    place, notes = cursor("b: 1")
    missing = place.fields(("a",), ("b",))["a"]
    assert [
        missing.text(),
        missing.decimal(),
        missing.whole(0, 1),
        missing.flag(),
        missing.moment(),
        missing.day(),
    ] == [None] * 6
    assert (missing.items(), list(missing.entries()), missing.one_or_more()) == ([], [], [])
    assert told(notes) == "file.yaml:1: it: a missing"


def test_a_refused_alias_is_not_complained_about_a_second_time() -> None:
    notes = Notes("file.yaml")
    node = parse(b"a: *x\n", notes)
    place = Cursor(node, "it", notes).fields(("a",))["a"]
    assert isinstance(place.node, Absent)
    place.decimal()
    assert told(notes) == "file.yaml:1: is an alias (*): write out what it stands for"


@pytest.mark.parametrize("text", ["x", "{}", "[]", "{a: 1}"])
def test_the_wrong_kind_of_node_is_a_mistake_and_not_a_crash(text: str) -> None:
    for method in (Cursor.text, Cursor.decimal, Cursor.flag, Cursor.moment, Cursor.day, Cursor.items):
        place, notes = cursor(text)
        if not method(place):
            assert notes
    place, notes = cursor(text)
    if not list(place.entries()):
        assert notes
    place, notes = cursor(text)
    place.fields(("known",))
    assert notes


def test_a_file_with_secrets_is_never_quoted() -> None:
    secret = "hunter2hunter2"
    for text in (f"{secret}: 1", f"known: {secret}", f"{{{secret}: 1, {secret}: 2}}", f"[{secret}", f"'{secret}: 1"):
        notes = Notes("file.yaml", secretive=True)
        try:
            fields = Cursor(parse(text.encode(), notes), "it", notes).fields((), ("known",))
            for method in (Cursor.decimal, Cursor.flag, Cursor.moment, Cursor.day, Cursor.items):
                method(fields["known"])
            fields["known"].whole(0, 1)
            error = notes.error()
        except InputError as refused:
            error = refused
        assert error.mistakes
        assert secret not in str(error)

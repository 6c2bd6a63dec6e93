"""YAML is read as text with line numbers, and what would mean something else than it shows is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources import yaml_document
from scanner.sources.yaml_document import (
    MAX_DEPTH,
    MAX_MISTAKES,
    Mapping,
    Node,
    Notes,
    Scalar,
    Sequence,
    parse,
    read_bytes,
)
from tests.support.strength import examples


@pytest.fixture(autouse=True, params=["libyaml", "pure"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here runs with libyaml's parser, and with the one used where libyaml is missing."""
    monkeypatch.setattr(yaml_document, "_LOADER", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader)


def read(text: str | bytes) -> Node:
    notes = Notes("file.yaml")
    node = parse(text.encode() if isinstance(text, str) else text, notes)
    if notes:
        raise notes.error()
    return node


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, (_, value) in node.entries.items()}
        case _:
            return None


def test_scalars_keep_their_text_whatever_yaml_would_make_of_them() -> None:
    assert plain(read("[0x10, no, 1e18, 1:30, 010, 12_345, 2023-11-22, null]")) == [
        "0x10", "no", "1e18", "1:30", "010", "12_345", "2023-11-22", "null",
    ]  # fmt: skip


def test_a_scalar_knows_whether_it_stood_in_quotes() -> None:
    node = read("- a\n- 'a'\n- \"a\"\n- |\n  a\n- >\n  a\n")
    assert isinstance(node, Sequence)
    assert [item.plain for item in node.items if isinstance(item, Scalar)] == [True, False, False, False, False]


def test_lines_count_from_one_with_every_kind_of_line_end() -> None:
    node = read(b"a: 1\r\nb: 2\n\nc: [x,\n  y]\n")
    assert isinstance(node, Mapping)
    assert [key.line for key, _ in node.entries.values()] == [1, 2, 4]
    assert isinstance(listed := node.entries["c"][1], Sequence)
    assert [item.line for item in listed.items] == [4, 5]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert plain(read(b"\xef\xbb\xbfa: 1")) == {"a": "1"}


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    assert mistakes("a: 1\nb: 2\na: 3\n") == ["file.yaml:3: key 'a' stands already at line 1"]
    assert mistakes('x: {a: 1, "a": 2}\n') == ["file.yaml:1: key 'a' stands already at line 1"]


def test_anchors_aliases_merge_keys_and_tags_are_all_told_at_once() -> None:
    text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\ne: !!int '1'\nf: !mine [1]\n"
    assert [mistake.split(":")[1] for mistake in mistakes(text)] == ["1", "2", "4", "4", "5", "6"]


def test_a_billion_laughs_is_refused_without_being_laughed() -> None:
    levels = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
    assert len(mistakes("a: &a [lol]\n" + levels)) == 1 + 9 + 81


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "a: 1\n...\n---\n", "%YAML 1.1\n---\na: 1\n"])
def test_one_document_without_directives_is_all_a_file_holds(text: str) -> None:
    assert len(mistakes(text)) == 1


def test_a_document_may_start_with_three_dashes() -> None:
    assert plain(read("---\na: 1\n")) == {"a": "1"}


def test_a_list_or_a_mapping_is_no_key() -> None:
    assert mistakes("? [a, b]\n: 1\nc: 2\n") == ["file.yaml:1: has a list or a mapping as a key; expected text"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n...\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert mistakes(text) == ["file.yaml: is empty"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_has_a_bound(opening: str) -> None:
    assert f"nested more than {MAX_DEPTH} deep" in mistakes(opening * 100_000)[0]
    assert plain(read("[" * MAX_DEPTH + "]" * MAX_DEPTH)) is not None


def test_a_syntax_error_is_told_with_its_line() -> None:
    assert mistakes("a: 1\nb: [1, 2\nc: 3\n")[0].startswith(
        ("file.yaml:3: is not YAML: ", "file.yaml:2: is not YAML: ")
    )


def test_an_escape_for_no_character_is_a_syntax_error() -> None:
    (told,) = mistakes('a: 1\nb: "\\UFFFFFFFF"\n')
    assert "is not YAML" in told


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff"])
def test_a_character_that_cannot_be_seen_is_refused_with_its_line(character: str) -> None:
    expected = f"file.yaml:2: holds the character U+{ord(character):04X}, which cannot be seen"
    assert mistakes(f"a: 1\nb: 'x{character}y'\n") == [expected]


@pytest.mark.parametrize("data", [b"a: 1\nb: \xff\n", "a: 1\nb: é\n".encode("latin-1")])
def test_text_that_is_not_utf8_is_refused_with_its_line(data: bytes) -> None:
    assert mistakes(data) == ["file.yaml:2: is not UTF-8 text"]


def test_utf16_is_refused() -> None:
    assert mistakes("a: 1\n".encode("utf-16"))


def test_of_very_many_mistakes_the_rest_is_counted() -> None:
    listed = mistakes("[" + "&a x, " * (MAX_MISTAKES + 7) + "]")
    assert len(listed) == MAX_MISTAKES + 1
    assert listed[-1] == "file.yaml: and 7 more mistakes"


@settings(max_examples=examples(30))
@given(st.binary(max_size=60))
def test_no_bytes_do_anything_but_parse_or_be_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read(data)


@settings(max_examples=examples(30))
@given(st.text(alphabet="ab:{}[],-?&*!|>'\"%@`#\n \\xUu0", max_size=40))
def test_no_yaml_like_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        read(text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.yaml: cannot be read: No such file"):
        read_bytes(tmp_path / "missing.yaml")


def test_a_file_above_the_limit_is_refused_and_one_at_the_limit_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"x" * 100)
    assert read_bytes(path, 100) == b"x" * 100
    with pytest.raises(InputError, match="larger than 99 bytes"):
        read_bytes(path, 99)

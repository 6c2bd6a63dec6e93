"""What only people can say of an engagement: read as strictly as a claim."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.sources.engagement import KEYS, load_engagement


def mistakes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "engagement.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as found:
        load_engagement(path)
    return [str(each).partition("engagement.yaml:")[2] for each in found.value.mistakes]


def test_every_key_is_a_text_and_what_is_left_out_a_list(tmp_path: Path) -> None:
    path = tmp_path / "engagement.yaml"
    path.write_text("version: 1\n" + "".join(f"{key}: about {key}\n" for key in KEYS) + "left_out: [one, two]\n")
    found = load_engagement(path)
    assert found.texts == {key: f"about {key}" for key in KEYS}
    assert found.left_out == ("one", "two")
    assert found.sha256 == sha256(path.read_bytes()).hexdigest()


def test_all_but_the_version_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "engagement.yaml"
    path.write_text("version: 1\n")
    found = load_engagement(path)
    assert (found.texts, found.left_out) == ({}, ())


def test_all_mistakes_are_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = 'version: 2\nadressee: them\npurpose: 2023-11-22\nagreed: [a]\nleft_out: nothing\nplace: "a\\u202eb"\n'
    assert mistakes(tmp_path, text) == [
        "1: version: expected 1, not 2; this scanner knows no other form of an engagement",
        "2: engagement: unknown key 'adressee'; did you mean addressee?",
        "3: purpose: '2023-11-22' without quotes is a date to readers of YAML; write it in quotes",
        "4: agreed: expected text, not a list",
        "5: left_out: expected a list, not a single value",
        "6: place: 'a\\u202eb' holds characters that cannot be seen",
    ]


def test_texts_and_lists_have_bounds(tmp_path: Path) -> None:
    long, many = "x" * 2001, ", ".join(["one"] * 101)
    assert mistakes(tmp_path, f"version: 1\npurpose: {long}\nleft_out: [{many}]\n") == [
        "2: purpose: is longer than 2000 characters",
        "3: left_out: has 101 entries; expected at most 100",
    ]
    assert mistakes(tmp_path, "purpose: x\n") == ["1: engagement: version missing"]

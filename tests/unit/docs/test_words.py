"""The words are everyone's: what docs/glossary.md names is called so, and no private dialect stands beside it."""

from __future__ import annotations

import re

import pytest

from tests.support.places import ROOT

# Whole words, and parts of names that are joined by underscores.
FORBIDDEN = {
    "told": "reported, described, or what it is",
    "whom": "which operators, which owners, that",
    "nobody": "none, no one",
    "nobodys": "without a key",
    "whoever": "who, anyone who",
    "he": "they, or the role itself",
    "his": "their",
    "him": "them",
    "himself": "themselves",
    "mend": "fix",
    "panel": "node group",
    "panels": "node groups",
    "lessons": "observed limits",
    "appetite": "chunk size",
    "rung": "strategy",
}
_SPELLINGS = "|".join(f"{word}|{word.capitalize()}" + (f"|{word.upper()}" if word[3:] else "") for word in FORBIDDEN)
WORD = re.compile(rf"(?<![A-Za-z0-9+])(?:{_SPELLINGS})(?![A-Za-z0-9+])")
# Where such a word stands for another reason: the reason.
ALLOWED = {
    "docs/adr": "decisions are kept as they were written",
}
FOLDERS = ("scanner", "docs", "README.md", "CONTRIBUTING.md", "SECURITY.md")
TEXTS = {".py", ".md", ".js", ".html", ".css", ".toml", ".json", ".csv", ".yaml"}


def pages() -> list[str]:
    found = []
    for top in FOLDERS:
        paths = [ROOT / top] if (ROOT / top).is_file() else sorted((ROOT / top).rglob("*"))
        found += [str(path.relative_to(ROOT)) for path in paths if path.suffix in TEXTS]
    return [page for page in found if not page.startswith(tuple(ALLOWED))]


def test_no_private_word_stands_in_code_or_documents() -> None:
    listed = pages()
    assert len(listed) > 300
    found = [
        f"{page}:{number}: {match[0]}: say {FORBIDDEN[match[0].lower()]}"
        for page in listed
        for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1)
        for match in WORD.finditer(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["which was told", "    told = 1", "self._told()", "def depth_told(", "by Whom", "he is"]
)
def test_a_private_word_is_found_in_texts_and_names(line: str) -> None:
    assert WORD.search(line)


@pytest.mark.parametrize("line", ["tolderone", "the", "this", "whomsoever", "she"])
def test_a_word_within_another_is_none(line: str) -> None:
    assert not WORD.search(line)

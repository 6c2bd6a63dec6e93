"""docs/liabilities.md says of every scheme, assumption and remark what it means, in the words of the program."""

from __future__ import annotations

import pytest

from scanner.core.shows import Shows
from scanner.proofs.liabilities import SCHEMES
from scanner.proofs.liabilities.remarks import ASSUMPTIONS, REMARKS
from tests.support.places import ROOT
from tests.support.tables import each_of

DOC = (ROOT / "docs" / "liabilities.md").read_text()


@each_of("name", SCHEMES)
def test_every_scheme_is_named(name: str) -> None:
    assert f"`{name}`" in DOC


@pytest.mark.parametrize("word", Shows)
def test_every_word_is_explained(word: Shows) -> None:
    assert f"| {word} | " in DOC


@each_of(("name", "sentence"), [*ASSUMPTIONS.items(), *REMARKS.items()])
def test_every_assumption_and_remark_stands_there_as_it_is_told(name: str, sentence: str) -> None:
    assert f"| `{name}` | {sentence} |\n" in DOC

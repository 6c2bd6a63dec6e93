"""An exchange's name that mixes alphabets is noted, and no honest name is."""

from __future__ import annotations

import pytest

from scanner.cli.alphabets import points
from scanner.cli.check_result import Grade
from tests.support.tables import each_of


@pytest.mark.parametrize(
    ("exchange", "named"),
    [
        ("Kr\u0430ken", "Kr\\u0430ken has \\u0430 (CYRILLIC SMALL LETTER A)"),
        ("\u039fKX Europe", "\\u039fKX has \\u039f (GREEK CAPITAL LETTER OMICRON)"),
        ("Bit\uff2dEX", "Bit\\uff2dEX has \\uff2d (FULLWIDTH LATIN CAPITAL LETTER M)"),
        ("The \u0411\u0438\u0440\u0436\u0430x", "has \\u0411 (CYRILLIC CAPITAL LETTER BE), \\u0438"),
        ("\u0430\u03bf", "\\u0430 (CYRILLIC SMALL LETTER A), \\u03bf (GREEK SMALL LETTER OMICRON)"),
    ],
)
def test_a_word_that_mixes_alphabets_is_noted_with_the_letters_that_are_not_what_they_seem(
    exchange: str, named: str
) -> None:
    (point,) = points(exchange)
    assert (point.grade, point.about) == (Grade.NOTE, "claim")
    assert named in point.what


@each_of(
    "exchange",
    [
        *("OKX", "Gate.io", "Crypto.com 2", "Börse Zürich", "Ålesund", "GMO\u30b3\u30a4\u30f3", "\u5e01\u5b89 Binance"),
        *("\u0411\u0438\u0440\u0436\u0430", "Kraken \u0411\u0438\u0440\u0436\u0430", "\u039f\u039a\u03a7", "", "123"),
    ],
)
def test_a_name_in_one_alphabet_a_word_or_in_alphabets_that_nobody_confuses_is_not(exchange: str) -> None:
    assert [*points(exchange)] == []

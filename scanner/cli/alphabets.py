"""Names that mix alphabets whose letters look alike: of an exchange whose name is not the one that it seems to be.

A word of Latin letters with a Cyrillic one in it is read as the Latin word, and is another name: another exchange in
the history, and a claim that fits no published name. Only noted, since a name is the claim's own affair. A name
that is whole in one alphabet, or mixes those that cannot be taken for each other (as Japanese names do), is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from scanner.cli.check_result import CheckResult, Grade
from scanner.cli.row_account import visible

# Unicode's names of characters begin with their alphabet's.
_ALIKE: Final = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "FULLWIDTH", "MATHEMATICAL"}
_WORDS: Final = re.compile(r"\w+")


def points(exchange: str) -> Iterator[CheckResult]:
    """A note for each word that mixes them."""
    for word in _WORDS.findall(exchange):
        alphabets = {letter: _alphabet(letter) for letter in word}
        mixed = sorted({alphabet for alphabet in alphabets.values() if alphabet})
        if len(mixed) > 1:
            strange = [letter for letter, alphabet in alphabets.items() if alphabet not in (None, "LATIN")]
            named = ", ".join(f"{visible(letter)} ({unicodedata.name(letter)})" for letter in strange)
            yield CheckResult(
                Grade.NOTE,
                "claim",
                f"the exchange's name mixes alphabets that look alike: {visible(word)} has {named}",
                "It reads like another name, and is none of that name's reports in a history.",
                "Write it with one alphabet, if it is meant to be the name that it looks like.",
            )


def _alphabet(letter: str) -> str | None:
    """Of a letter that has its like in other alphabets; else None."""
    if not letter.isalpha():
        return None
    alphabet = unicodedata.name(letter, "").partition(" ")[0]
    return alphabet if alphabet in _ALIKE else None

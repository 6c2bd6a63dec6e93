"""Words about a balance, of which some only bound it from below: what follows from one, and what contradicts it.

Some chains can be asked only for a part of what an account holds (the token accounts that a node lists, the stores that
it knows), so that there may be more. Such a word counts for what it says: what is held is at least that much. It covers
what is owed where it reaches that far, and never shows that something is missing. Nothing here knows who spoke, or how
many have to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many atoms, or more."""

    atoms: int

    def __str__(self) -> str:
        return f"at least {self.atoms}"


Word = int | AtLeast
"""What an operator says of a balance: so many atoms, or at least so many."""


def atoms_of(word: Word) -> int:
    """The atoms that are there for certain if the word is true."""
    return word.atoms if isinstance(word, AtLeast) else word


def implies(word: Word, other: Word) -> bool:
    """Whether `other` is true wherever `word` is."""
    if isinstance(other, AtLeast):
        return atoms_of(word) >= other.atoms
    return word == other


def denies(word: Word, other: Word) -> bool:
    """Whether the two cannot both be true."""
    if isinstance(word, AtLeast):
        return not isinstance(other, AtLeast) and word.atoms > other
    return atoms_of(other) > word if isinstance(other, AtLeast) else word != other


def opposed(said: Iterable[tuple[str, Word]], believed: Word) -> list[tuple[str, ...]]:
    """Those whose word denies what is believed, together where they say the same. Lower bounds above an exact amount
    agree in what matters: that it is more."""
    behind: dict[Word | None, list[str]] = {}
    for name, word in said:
        if denies(word, believed):
            behind.setdefault(None if isinstance(word, AtLeast) else word, []).append(name)
    return [tuple(names) for names in behind.values()]


def candidates(words: Iterable[Word]) -> list[Word]:
    """What may be believed where these are said, from what says most on: exact amounts, and then bounds."""
    words = list(words)
    exact = sorted({word for word in words if not isinstance(word, AtLeast)}, reverse=True)
    return [*exact, *map(AtLeast, sorted(set(map(atoms_of, words)), reverse=True))]

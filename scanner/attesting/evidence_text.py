"""How amounts, heights and operators' words are written in a line of evidence, and read back.

A word is `alpha=7`, or `alpha>=7` where it only bounds the balance from below. How a line is made of them, and that
there is one way to write each, is `evidence_csv`'s part.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from scanner.core.amounts import MOST_ATOMS
from scanner.core.evidence import MAX_OPERATORS, Balance, Basis
from scanner.core.lower_bound import AtLeast, Word, atoms_of, denies, implies

MOST_HEIGHT: Final = 2**53 - 1
OPERATOR: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # `+` joins operators, so none may hold one


def amount_text(atoms: int) -> str:
    """Raises ValueError for atoms that no chain can hold."""
    if not 0 <= atoms <= MOST_ATOMS:
        raise ValueError("an amount of atoms outside 0 to 2**256 - 1")
    return str(atoms)


def read_amount(text: str) -> int:
    """Raises ValueError for a text that is none; it may be in another spelling."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text[:80]!a} is no amount of atoms") from None


def height_text(height: int | None) -> str:
    """Empty for none. Raises ValueError for one that no chain can have."""
    if height is not None and not 0 <= height <= MOST_HEIGHT:
        raise ValueError(f"a height outside 0 to {MOST_HEIGHT}")
    return "" if height is None else str(height)


def words_text(said: tuple[tuple[str, Word], ...]) -> str:
    """Such as `alpha=7+beta>=8`. Raises ValueError for atoms that no chain can hold."""
    signs = (">=" if isinstance(word, AtLeast) else "=" for _, word in said)
    return "+".join(
        f"{name}{sign}{amount_text(atoms_of(word))}" for (name, word), sign in zip(said, signs, strict=True)
    )


def read_words(field: str) -> tuple[tuple[str, Word], ...]:
    """The reverse. Raises ValueError for an amount that is none; all else may be in another spelling."""
    parts = [part.partition("=") for part in field.split("+")] if field else []
    return tuple((name.removesuffix(">"), _word(atoms, bound=name.endswith(">"))) for name, _, atoms in parts)


@lru_cache(maxsize=1024)
def operators_text(names: tuple[str, ...]) -> str:
    """Such as `alpha+beta`. Raises ValueError for what is no operator's name, too many, or out of order."""
    if len(names) > MAX_OPERATORS:
        raise ValueError(f"{len(names)} operators, at most {MAX_OPERATORS} are possible")
    for name in names:
        if not OPERATOR.fullmatch(name):
            raise ValueError(f"{name[:80]!a} is no operator's name; expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if list(names) != sorted(set(names)):
        raise ValueError("operators are not sorted, or one is named twice")
    return "+".join(names)


def dissent_text(balance: Balance) -> str:
    """Who said otherwise, or less, and what: `beta=1499+gamma>=0`. Raises ValueError for who did not."""
    if not balance.dissent:
        return ""
    operators_text(tuple(sorted((*balance.operators, *(name for name, _ in balance.dissent)))))
    if any(implies(word, balance.word) for _, word in balance.dissent):
        raise ValueError("a dissent that says the same")
    if balance.basis is Basis.PROVEN and not all(denies(word, balance.atoms) for _, word in balance.dissent):
        raise ValueError("a dissent from a proof that does not contradict it")
    return said_text(balance.dissent)


def said_text(said: tuple[tuple[str, Word], ...]) -> str:
    """The words of each of these. Raises ValueError as `operators_text` does."""
    operators_text(tuple(name for name, _ in said))
    return words_text(said)


def quoted(detail: str) -> str:
    """In quotation marks where the field needs them (RFC 4180)."""
    return '"' + detail.replace('"', '""') + '"' if "," in detail or '"' in detail else detail


def unquoted(field: str) -> str:
    """The reverse; needless quotation marks are taken off, too."""
    return field[1:-1].replace('""', '"') if len(field) > 1 and field[0] == field[-1] == '"' else field


def _word(text: str, *, bound: bool) -> Word:
    atoms = read_amount(text)
    return AtLeast(atoms) if bound else atoms

"""What several operators said of a balance, of which some only bound it from below: what of it may be believed.

That is what says most of all that enough stand behind, where no word contradicts another; where dissent is only
recorded, fewer than a quorum may contradict it. An operator that says more, or says it exactly, stands behind a bound
as well. How many are enough is the caller's part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from scanner.core.evidence import Basis
from scanner.core.lower_bound import Word, candidates, denies, implies, opposed
from scanner.weighing.policy import Dissent, Policy

Believed = tuple[Word, Basis, tuple[str, ...]]
"""A word, on which basis, and who stands behind it."""


def at_odds(words: Collection[Word]) -> bool:
    """Whether two of these cannot both be true."""
    return any(denies(one, other) for one in words for other in words)


def most_believed(
    said: Sequence[tuple[str, Word]],
    basis_of: Callable[[Sequence[str]], Basis | None],
    policy: Policy,
    unsupported: Collection[str],
) -> Believed | None:
    """What may be believed; None where nothing may. `basis_of` says on which basis the word of some is believed, if it
    is; the words of `unsupported` support nothing, and still dissent."""
    words = {word for _, word in said}
    divided = at_odds(words)
    if divided and policy.dissent is Dissent.GAP:
        return None
    for basis in (Basis.QUORUM,) if divided else (Basis.QUORUM, Basis.OWN):
        for word in candidates(words):
            names = tuple(name for name, each in said if implies(each, word) and name not in unsupported)
            if basis_of(names) is basis:
                outvoted = any(len(others) >= policy.quorum for others in opposed(said, word))
                return None if outvoted else (word, basis, names)
    return None

"""What one operator has answered to one question at one block, where it was asked more than once.

At one block there is one truth, so an operator whose answers differ there has contradicted itself. Such an account's
word supports nothing, whichever of its words is true; it still dissents, since a later answer must not take back an
earlier dissent.

Not in here: who is asked how often (`meeting`), and what several operators' words amount to (`weighing.quorum`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.core.evidence import Gap, Reading
from scanner.core.lower_bound import AtLeast, Word, denies, implies
from scanner.errors import Why

Answer = Word | Gap

_STATEMENTS: Final = frozenset({Why.NO_TOKEN, Why.CALLER_DEPENDENT})
"""Gaps that say something of the account, as an amount does. Any other is only an answer that did not come."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """All answers of one operator to one question at one block."""

    reading: Reading  # of each account what was said first, made exact or larger by what it does not deny
    denied: Mapping[int, tuple[Answer, ...]] = field(default_factory=dict)  # by position: what was said against that

    @property
    def steady(self) -> bool:
        """Whether it has not contradicted itself."""
        return not self.denied

    def and_then(self, later: Reading) -> Repeated:
        """With one answer more, to the same question."""
        if later == self.reading:
            return self
        kept, denied = list[Answer](), dict(self.denied)
        for position in range(len(self.reading)):
            first, then = self.reading[position], later[position]
            if _contradict(first, then):
                against = denied.get(position, ())
                denied[position] = against if then in against else (*against, then)
                kept.append(first)
            else:
                kept.append(_stronger(first, then))
        return Repeated(Reading.of(kept), denied)

    def vote(self, others: Sequence[Repeated]) -> Reading:
        """What counts of it beside the answers of `others` at the same block: where it contradicted itself, the word
        that none of them supports, so that it can only dissent; where there is no such word, nothing."""
        if self.steady:
            return self.reading

        def counts(position: int) -> Answer:
            if position not in self.denied:
                return self.reading[position]
            words = self.reading[position], *self.denied[position]
            beside = [other.reading[position] for other in others if position not in other.denied]
            beside = [each for each in beside if _is_statement(each)]
            against = [word for word in words if not any(_support(word, each) for each in beside)]
            return against[0] if beside and against else _contradicted(words)

        return Reading.of(map(counts, range(len(self.reading))))


def _is_statement(answer: Answer) -> bool:
    return not isinstance(answer, Gap) or answer.why in _STATEMENTS


def _contradict(first: Answer, then: Answer) -> bool:
    """Whether both cannot be true. CALLER_DEPENDENT is no contradiction: it is what two different answers mean."""
    if isinstance(first, Gap) or isinstance(then, Gap):
        kinds = {each.why if isinstance(each, Gap) else None for each in (first, then)}
        return kinds == {None, Why.NO_TOKEN}
    return denies(first, then)


def _stronger(first: Answer, then: Answer) -> Answer:
    """Of two answers that go together, the one that says more."""
    if isinstance(first, Gap) or isinstance(then, Gap):
        for gap in (first, then):
            if isinstance(gap, Gap) and gap.why is Why.CALLER_DEPENDENT:
                return gap
        return first if _is_statement(first) else then
    return then if isinstance(first, AtLeast) and implies(then, first) else first


def _support(word: Answer, other: Answer) -> bool:
    if isinstance(word, Gap) or isinstance(other, Gap):
        return isinstance(word, Gap) and isinstance(other, Gap) and word.why is other.why
    return implies(word, other) or implies(other, word)


def _contradicted(words: Sequence[Answer]) -> Gap:
    said = ", then ".join("no balance" if isinstance(word, Gap) else str(word) for word in words)
    return Gap(Why.MALFORMED, f"it has given different answers at one block: {said}")

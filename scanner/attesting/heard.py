"""For how many of a chain's holdings each operator was heard: counted from the evidence, so that a verifier does too.

An operator that was too slow, or failed, is not among those that a row names. What it would have said is not known, and
counts neither as agreement nor as dissent; how often that was so is what these figures show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from scanner.core.evidence import Gap
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import Chain


class HeardCounter:
    """Counts while rows go by."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[Chain, tuple[str, ...], tuple[str, ...]]] = Counter()

    def add(self, part: EvidencePart) -> None:
        """Rows of the evidence."""
        for ground, count in part.outcomes.grounds.distinct.items():
            agreeing, others = ((), ground.said) if isinstance(ground, Gap) else (ground.operators, ground.dissent)
            self._rows[part.asset.chain, agreeing, tuple(name for name, _ in others)] += count

    def listen(self, parts: Iterable[EvidencePart]) -> Iterator[EvidencePart]:
        """The same rows."""
        for part in parts:
            self.add(part)
            yield part

    def counts(self) -> dict[str, dict[str, int]]:
        """By chain and operator, as `run.heard` has it: those that no row names are left out."""
        counts: dict[str, Counter[str]] = {}
        for (chain, agreeing, others), rows in self._rows.items():
            for name in (*agreeing, *others):
                counts.setdefault(str(chain), Counter())[name] += rows
        return {chain: dict(sorted(names.items())) for chain, names in sorted(counts.items())}

    def check(self, stated: Mapping[str, Mapping[str, int]]) -> None:
        """Raises ValueError unless this is what the rows come to."""
        counts = self.counts()
        if stated != counts:
            chain = next(each for each in sorted({*stated, *counts}) if stated.get(each) != counts.get(each))
            raise ValueError(
                f"statement.predicate.run.heard: {dict(stated.get(chain, {}))} on {chain}, and the evidence comes to"
                f" {counts.get(chain, {})}"
            )

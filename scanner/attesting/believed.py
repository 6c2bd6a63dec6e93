"""That each balance may be believed on its basis: which operators it names, which dissent, and which proofs contradict
elsewhere.

What one row needs of the others (that no operator that it rests on is contradicted, that those who dissent from it are)
is noted while rows go by, once for each combination of operators, and judged when all are known. The rules are those of
`weighing.quorum`, `weighing.proven` and `weighing.contradiction`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from scanner.attesting.counted import Fault
from scanner.chains.accounts import account_text
from scanner.chains.history import reads_only_tip
from scanner.chains.proving import is_certain
from scanner.core.evidence import Balance, Basis, Gap, said_of
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import opposed
from scanner.errors import Why
from scanner.weighing.contradiction import Contradictions
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.quorum import believed_alone

_Groups = frozenset[tuple[tuple[str, ...], int]]
"""Operators who dissent alike, and how many of them there may be that no proof contradicts."""


class Believed:
    """Is given every row of the evidence. Raises ValueError for one that cannot be believed."""

    def __init__(self, policy: Policy, asked: Mapping[Chain, Collection[str]], own: Collection[str]) -> None:
        """`asked`: by chain, the operators that the run asked; `own`: those that are the auditor."""
        self._policy = policy
        self._asked = asked
        self._own = own
        self._found = Contradictions()
        self._rests: dict[tuple[AssetId, tuple[str, ...], _Groups], bytes] = {}  # the first account of each

    def first_fault(self, part: EvidencePart) -> Fault | None:
        """The first row that cannot be believed, as far as it shows by itself; None if all can."""
        judged: list[tuple[int, int]] = []  # rows, and for how many each stands
        for basis, positions in part.outcomes.grounds.positions().items():
            alike = (
                isinstance(basis, Gap) or not basis.dissent
            )  # which operators a balance contradicts depends on its amount
            judged += [(positions[0], len(positions))] if alike else [(at, 1) for at in positions]
        faults = ((at, self.fault(part[at], count)) for at, count in sorted(judged))
        return next(((at, fault) for at, fault in faults if fault), None)

    def fault(self, row: EvidenceRow, count: int = 1) -> str | None:
        """Why the row, and all of so many that differ from it in nothing but account and atoms, cannot be believed, as
        far as it shows by itself; None if it can."""
        asked = self._asked.get(row.asset.chain, ())
        strangers = [name for name, _ in said_of(row.outcome) if name not in asked]
        if strangers:
            return f"{strangers[0]} is not among the operators that the run asked"
        if isinstance(row.outcome, Gap) and row.outcome.why is Why.NO_PAST and not reads_only_tip(row.asset.chain):
            return f"{Why.NO_PAST}, and {row.asset.chain} can be read at past blocks"
        self._found.add(row.asset, row.outcome, count)
        if isinstance(row.outcome, Gap):
            return None
        return self._proven(row.outcome, row) if row.outcome.basis is Basis.PROVEN else self._said(row)

    def fault_of_words(self, row: EvidenceRow) -> str | None:
        """The same of a balance that rests on words alone, and is one of several that make a row: it
        contradicts no operator."""
        asked = self._asked.get(row.asset.chain, ())
        strangers = [name for name, _ in said_of(row.outcome) if name not in asked]
        if strangers:
            return f"{strangers[0]} is not among the operators that the run asked"
        if not isinstance(row.outcome, Balance) or row.outcome.basis is Basis.PROVEN:
            return "rests on no operator's word"
        return self._said(row)

    def end(self) -> None:
        """All rows were given: none may rest on an operator that a proof contradicts."""
        for (asset, operators, groups), account in self._rests.items():
            named = f"{asset} {account_text(asset.chain, account)}"
            dismissed, unsupported = self._found.dismissed(asset.chain), self._found.unsupported(asset)
            tainted = [name for name in operators if name in dismissed or name in unsupported]
            if tainted:
                raise ValueError(f"{named}: rests on {', '.join(tainted)}, which a proof contradicts")
            for names, most in groups:
                if sum(name not in dismissed for name in names) > most:
                    raise ValueError(f"{named}: {_OUTVOTED if most else _NOT_PASSED_OVER}")

    def _proven(self, balance: Balance, row: EvidenceRow) -> str | None:
        asset = row.asset
        if not balance.operators:
            if not is_certain(asset):
                return "said to be proven, and no operator read it from the token's contract"
            if balance.dissent:
                return "no operator read the amount that is said to be proven"
        if is_certain(asset):
            return None
        others = opposed(balance.dissent, balance.word)
        return next((self._outvoted(names) for names in others if self._alone(names)), None)

    def _alone(self, names: Collection[str]) -> bool:
        """Whether these, all alike, would be believed if nothing were proven."""
        return believed_alone(names, self._policy, self._own)

    def _outvoted(self, names: Collection[str]) -> str:
        return _OUTVOTED if len(names) >= self._policy.quorum else _OWN_OUTVOTED

    def _said(self, row: EvidenceRow) -> str | None:
        balance, quorum = row.outcome, self._policy.quorum
        if not isinstance(balance, Balance):
            return None
        voices = len(balance.operators)  # each stands once: evidence text has no other form
        if balance.basis is Basis.QUORUM and voices < quorum:
            return f"{voices} operators are no quorum of {quorum}"
        if balance.basis is Basis.OWN and not 0 < voices < quorum:
            return f"{voices} operators, which is never called OWN under a quorum of {quorum}"
        if balance.basis is Basis.OWN and not any(name in self._own for name in balance.operators):
            return "a balance of an own node, and none of its operators is the auditor"
        recorded = balance.basis is Basis.QUORUM and self._policy.dissent is Dissent.RECORD
        most = quorum - 1 if recorded else 0
        groups = frozenset((names, most) for names in opposed(balance.dissent, balance.word) if len(names) > most)
        self._rests.setdefault((row.asset, balance.operators, groups), row.account)
        return None


_OUTVOTED = "as many operators as make a quorum said otherwise, all alike"
_OWN_OUTVOTED = "the auditor's own node said otherwise"
_NOT_PASSED_OVER = "an operator said otherwise, which the policy does not pass over"

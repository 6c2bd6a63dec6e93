"""What `scanner check` says of nodes that were asked what a scan will ask: each that did not answer, with its reason,
its place in the nodes' file, what follows, and what to do.

Facts come in (`scanning.trial`), results go out. A node whose word is not needed is a note; where too few are left, or
they do not agree, holdings would be gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.cli.check_result import CheckResult, Grade
from scanner.core.evidence import Basis, Gap
from scanner.core.lower_bound import AtLeast, Word
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.scanning.trial import NodeTrial, Question, Trials
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument

_NO_STATE: Final = (
    "It is a full node, or its plan excludes the past: name one that keeps the state of that block (an archive node)."
)
_NO_PROOFS: Final = (
    "Proofs reach less far back than balances: scan sooner after the claim's moment, name a node that keeps them"
    " longer, or leave them out (prove: none)."
)
_NOT_OF_THE_BLOCK: Final = (
    "What it gave does not lead to the block's hash, however soon it is asked: name a node that gives whole headers and"
    " proofs that hold, or leave them out (prove: none)."
)


def place_of(operator: str, line: int) -> str:
    """A node by its operator and, where it stands in a file, its line there."""
    return f"{operator} (line {line} of the nodes' file)" if line else operator


def results(
    examined: Examination, claim: Claim, instrument: Instrument, remedies: Mapping[Why, str], otherwise: str
) -> Iterator[CheckResult]:
    """Of one chain, at the block where it is weighed. `remedies`: what to do about a reason, else `otherwise`."""
    about, trials = str(examined.chain), examined.trials
    blamed: set[Question] = set()
    for trial in trials.nodes:
        for gap, questions in _by_gap(trial):
            blamed.update(questions)
            lost = [each for each in questions if each in trials.lost]
            yield CheckResult(
                Grade.GAP if lost else Grade.NOTE,
                about,
                f"the node of {place_of(trial.operator.name, trial.line)} gives no {' and no '.join(questions)} at that"
                f" block: {gap.why}, {gap.detail}",
                f"Too few are left: {_gaps(lost, examined, claim)}." if lost else _spared(questions, trials),
                _NO_STATE if gap.why is Why.NO_STATE else remedies.get(gap.why, otherwise),
            )
        yield from _of_proof(trial, examined, claim, instrument)
    for question, agreed in trials.agreed.items():
        if isinstance(agreed, Gap) and question not in blamed:
            is_lost = question in trials.lost
            yield CheckResult(
                Grade.GAP if is_lost else Grade.NOTE,
                about,
                f"on one {question} that all were asked for there is no agreement: {agreed.why}, {agreed.detail}",
                f"If so of all: {_gaps([question], examined, claim)}."
                if is_lost
                else "Proofs settle it: what is proven needs no quorum.",
                remedies.get(agreed.why, otherwise),
            )
    if given := _given(examined):
        yield CheckResult(Grade.OK, about, f"given at that block by every node: one {', one '.join(given)}")


def _spared(questions: Sequence[Question], trials: Trials) -> str:
    """Why nothing is known to be lost where a node does not answer."""
    if not trials.agreed.keys() >= set(questions):
        return "Whether the others suffice is not known: each reading of theirs takes minutes, so they were not asked."
    unsettled = any(isinstance(trials.agreed[each], Gap) for each in questions)
    return "Proofs settle it: what is proven needs no quorum." if unsettled else "The others suffice."


def _gaps(lost: Sequence[Question], examined: Examination, claim: Claim) -> str:
    """How many holdings would be gaps where these questions are not answered."""
    count = sum(
        rows
        for asset, rows in claim.holdings.counts().items()
        if asset.chain == examined.chain and (Question.BALANCE if asset.native else Question.TOKEN) in lost
    )
    return "1 holding would be a gap" if count == 1 else f"{count:,} holdings would be gaps"


def as_json(trial: NodeTrial) -> dict[str, Any]:
    """The same for machines."""
    return {
        "operator": trial.operator.name,
        "line": trial.line,
        "answers": {question.value: _answer(answer) for question, answer in trial.answers.items()},
    }


def _answer(answer: Word | Gap) -> dict[str, str]:
    if isinstance(answer, Gap):
        return {"why": answer.why.value, "detail": answer.detail}
    return {"atLeast": str(answer.atoms)} if isinstance(answer, AtLeast) else {"atoms": str(answer)}


def _by_gap(trial: NodeTrial) -> list[tuple[Gap, list[Question]]]:
    """Why the node gave no balances, each reason once."""
    found: dict[Gap, list[Question]] = {}
    for question, answer in trial.answers.items():
        if isinstance(answer, Gap) and question is not Question.PROOF:
            found.setdefault(answer, []).append(question)
    return list(found.items())


def _of_proof(trial: NodeTrial, examined: Examination, claim: Claim, instrument: Instrument) -> Iterator[CheckResult]:
    gap = trial.answers.get(Question.PROOF)
    if not isinstance(gap, Gap):
        return
    others = any(isinstance(each.answers.get(Question.PROOF), int) for each in examined.trials.nodes)
    units = sorted({claim.assets[asset].backs for asset in claim.holdings.counts() if asset.chain == examined.chain})
    demanding = [unit for unit in units if instrument.policy.require.get(unit) is Basis.PROVEN]
    if others:
        matters = "Another node gives proofs there."
    elif demanding:
        matters = (
            f"The policy counts only what is proven of {', '.join(demanding)}: the rest would be gaps (WEAK_BASIS)."
        )
    else:
        matters = "Without proofs balances rest on the operators' word; the finding says why."
    yield CheckResult(
        Grade.GAP if demanding and not others else Grade.NOTE,
        str(examined.chain),
        f"the node of {place_of(trial.operator.name, trial.line)} gives no proof at that block:"
        f" {gap.why}, {gap.detail}",
        matters,
        "" if others else _NOT_OF_THE_BLOCK if gap.why in (Why.FORGED, Why.MALFORMED) else _NO_PROOFS,
    )


def _given(examined: Examination) -> list[str]:
    """What every node that was asked has given."""
    nodes = [trial for trial in examined.trials.nodes if trial.answers]
    return [
        question.value
        for question in Question
        if nodes and all(isinstance(trial.answers.get(question), Word) for trial in nodes)
    ]

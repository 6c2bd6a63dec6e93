"""The scores of a history as JSON values: what `scanner score --json` prints, and tables and pages are drawn from.

What stands beside a sum and never in it is put there too: what lasted around the report, how far its blocks lie apart,
whether they are anchored, accounts that another exchange declares, contradictions. The shape is that of `shape`
(docs/schema/score.schema.json); what each key means stands in docs/score.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.digests import sha256_text
from scanner.attesting.envelope import Key
from scanner.core.amounts import exact, rounded_down
from scanner.history.entry import Entry
from scanner.history.log import HistoryLog
from scanner.history.score.evidence import AttestedFinding, Block, read_attested
from scanner.history.score.measures import COUNTS, YES, What
from scanner.history.score.others import REQUIREMENTS, RUBRIC
from scanner.history.score.rubric import CRITERIA
from scanner.history.score.scoring import Earned, Raising, Score, scores, unverified
from scanner.history.summary import summary

NAMED: Final = 10  # units that lack something are named; all are counted
_PLACES: Final = 6


def score_summary(
    history: HistoryLog,
    *,
    auditors: Collection[Key] = (),
    exchange: str | None = None,
    now: datetime | None = None,
    anchored: Mapping[Block, bool] | None = None,
    listed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The scores of each exchange, in the order of their names, or of one alone; of each the earliest report first.

    `auditors` are the keys that the reader takes for auditors'; `now` (aware) is as `scoring.scores` has it; `anchored`
    says of each block of verified reports whether it is anchored, None where that was not asked; `listed` is the
    history's `summary` of these exchanges, where it is at hand. Best called inside the history's `at_one_moment`.
    Raises HistoryInvalid.
    """
    keys = {key.keyid: key for key in auditors}
    by_exchange: dict[str, list[Entry]] = {}
    for entry in history.entries():
        if entry.of_report and exchange in (None, entry.said.exchange):
            by_exchange.setdefault(entry.said.exchange, []).append(entry)
    listed = summary(history, exchange=exchange) if listed is None else listed
    return {
        "judgedAt": None if now is None else _time(now),
        "auditors": sorted(keys) if keys else None,
        "exchanges": [
            {
                "exchange": name,
                "scores": [
                    _score(each, _Beside(name, listed, anchored))
                    for each in _scores(history, entries, tuple(keys.values()), now)
                ],
            }
            for name, entries in sorted(by_exchange.items())
        ],
    }


def _scores(
    history: HistoryLog, entries: Sequence[Entry], auditors: Sequence[Key], now: datetime | None
) -> list[Score]:
    attested = [_attested(history, entry, auditors) for entry in entries if entry.verified]
    known = {each.finding.claim for each in attested}
    others = {entry.said.claim: entry.said.as_of for entry in entries if entry.said.claim not in known}
    unseen = [unverified(claim, datetime.fromisoformat(as_of)) for claim, as_of in others.items()]
    return sorted([*scores(attested, auditors=bool(auditors), now=now), *unseen], key=_by_moment)


def _attested(history: HistoryLog, entry: Entry, auditors: Sequence[Key]) -> AttestedFinding:
    return read_attested(entry, history.document(entry.number), auditors)


def _by_moment(score: Score) -> tuple[datetime, str]:
    return score.as_of, score.claim


class _Beside:
    """What stands beside the scores of one exchange, from what else follows from the history."""

    def __init__(self, exchange: str, listed: Mapping[str, Any], anchored: Mapping[Block, bool] | None) -> None:
        (of,) = (each for each in listed["exchanges"] if each["exchange"] == exchange)
        self._attestations: Sequence[Mapping[str, Any]] = of["attestations"]
        self._units: Sequence[Mapping[str, Any]] = of["units"]
        self._several: Sequence[Mapping[str, Any]] = listed["several"]
        self._anchored = anchored

    def of(self, score: Score) -> dict[str, Any]:
        claim, finding = sha256_text(score.claim), score.finding
        of_claim = [each for each in self._attestations if each["claim"] == claim and each["verified"]]
        shared = of_claim[0]["accounts"]["shared"] if of_claim else ()
        skews = [(unit.skew, unit.unit) for unit in finding.units if unit.skew is not None] if finding else []
        apart = max(skews, default=None)
        return {
            "contradicted": any(each["contradicted"] for each in of_claim),
            "shared": [{"exchange": each["exchange"], "accounts": each["accounts"]} for each in shared],
            "skew": None if apart is None else {"unit": apart[1], "seconds": apart[0]},
            "sustained": [*self._sustained(claim)],
            "owedChanges": [
                {"unit": unit["unit"], "comparedWith": change["comparedWith"], "what": change["what"]}
                for unit in self._units
                for change in unit["owedChanges"]
                if change["asOf"] == _time(score.as_of)
            ],
            "anchored": None if finding is None else self._of_blocks(finding.blocks),
        }

    def _sustained(self, claim: str) -> Iterable[dict[str, Any]]:
        for each in self._several:
            if each["of"] == "series" and claim in each["claims"]:
                share = each["series"]["share"] and each["series"]["share"]["of"]
                for of in each["series"]["sustained"]:
                    kept = {key: of[key] for key in ("unit", "window", "shows", "ratio", "transient")}
                    yield {"statement": each["statement"], **kept, "share": share}

    def _of_blocks(self, blocks: Collection[Block]) -> dict[str, int] | None:
        if self._anchored is None:
            return None
        return {"blocks": len(blocks), "anchored": sum(self._anchored.get(block, False) for block in blocks)}


def _score(score: Score, beside: _Beside) -> dict[str, Any]:
    return {
        "asOf": _time(score.as_of),
        "claim": sha256_text(score.claim),
        "verified": score.finding is not None,
        "finding": None if score.finding is None else sha256_text(score.finding.digest),
        "attestations": list(score.attestations),
        "sum": exact(Fraction(score.halves, 2)),
        "of": len(CRITERIA),
        "criteria": [_earned(each) for each in score.earned],
        "beside": beside.of(score),
        "others": [
            {"rubric": RUBRIC, "id": each.id, "asks": each.asks, "shown": shown, "open": each.open}
            for each, shown in zip(REQUIREMENTS, score.shown, strict=True)
        ],
    }


def _earned(earned: Earned) -> dict[str, Any]:
    return {
        "criterion": earned.criterion.name,
        "points": earned.points.value,
        "unit": earned.unit,
        "figures": {what.value: _figure(what, figure) for what, figure in earned.figures.items()},
        "raising": [_raising(each) for each in earned.raising],
    }


def _raising(raising: Raising) -> dict[str, Any]:
    demand = raising.demand
    return {
        "what": demand.what.value,
        "least": _figure(demand.what, demand.least),
        "found": _figure(demand.what, raising.figure),
        "units": len(raising.units),
        "first": list(raising.units[:NAMED]),
    }


def _figure(what: What, figure: Fraction | None) -> bool | int | str | None:
    """Yes or no, a whole number, or a share with six decimals, rounded down."""
    if figure is None:
        return None
    if what in YES:
        return figure >= 1
    return int(figure) if what in COUNTS else rounded_down(figure, _PLACES)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"

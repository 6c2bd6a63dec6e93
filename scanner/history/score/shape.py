"""The shape of what `scanner score --json` prints, for docs/schema. What the keys mean: docs/score.md."""

from __future__ import annotations

from typing import Final

from scanner.core.shape import Shape, array, either, nullable, one_of, record, table, text, truth, whole
from scanner.history.owed import OwedChange
from scanner.history.score.measures import What
from scanner.history.score.rubric import CRITERIA, Points
from scanner.weighing.series import Transience

_HEX = text(r"[0-9a-f]{64}", "64 hex digits")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_WHAT = one_of(*What)
_SHARE = text(r"(0|[1-9][0-9]*)\.[0-9]{6}", "a share with six decimals")
_FIGURE = either(truth, whole(), _SHARE)

_CRITERION = record(
    criterion=one_of(*(each.name for each in CRITERIA)),
    points=one_of(*Points),
    unit=nullable(text()),
    figures=table(_WHAT, nullable(_FIGURE)),
    raising=array(
        record(what=_WHAT, least=_FIGURE, found=nullable(_FIGURE), units=whole(), first=array(text(), None)), None
    ),
)
_BESIDE = record(
    contradicted=truth,
    shared=array(record(exchange=text(), accounts=whole()), None),
    skew=nullable(record(unit=text(), seconds=whole())),
    sustained=array(
        record(
            statement=_HEX,
            unit=text(),
            window=whole(60),
            shows=one_of(*Transience),
            ratio=nullable(_SHARE),
            transient=nullable(text()),
            share=nullable(text(r"0\.[0-9]{0,9}[1-9]", "a share below 1")),
        ),
        None,
    ),
    owedChanges=array(record(unit=text(), comparedWith=_TIME, what=one_of(*OwedChange)), None),
    anchored=nullable(record(blocks=whole(), anchored=whole())),
)
_SCORE = record(
    asOf=_TIME,
    claim=_DIGEST,
    verified=truth,
    finding=nullable(_DIGEST),
    attestations=array(_HEX, None),
    sum=text(r"[0-6](\.5)?", "0 to 6, in halves"),
    of=whole(6, 6),
    criteria=array(_CRITERION, len(CRITERIA), len(CRITERIA)),
    beside=_BESIDE,
    others=array(record(rubric=text(), id=text(), asks=text(), shown=truth, open=text()), None),
)

SHAPE: Final[Shape] = record(
    judgedAt=nullable(_TIME),
    auditors=nullable(array(_HEX, None, 1)),
    exchanges=array(record(exchange=text(), scores=array(_SCORE, None, 1)), None),
)

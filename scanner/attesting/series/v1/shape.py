"""The shape that a series predicate's JSON must have to be read at all. What the keys mean: docs/series.md."""

from __future__ import annotations

from typing import Final

from scanner.attesting.formats.v1.shape import POLICY
from scanner.core.amounts import MOST_RATIO_DIGITS, MOST_SUM_DIGITS, MOST_WHOLE_DIGITS, written
from scanner.core.shape import Shape, array, nullable, one_of, record, text, truth, whole
from scanner.weighing.claim import MOST_LISTED
from scanner.weighing.schedule import AFTERWARDS, MOST_STRETCHES
from scanner.weighing.series import Lacking, Transience

MOST_POINTS: Final = MOST_STRETCHES + 1 + len(AFTERWARDS)
_MOST_WINDOWS: Final = len(AFTERWARDS) + 1

_AMOUNT = text(written(MOST_SUM_DIGITS), "a decimal amount without needless zeros")
_CHANGE = text(r"-?" + written(MOST_SUM_DIGITS), "a signed decimal amount")
_STATED = text(written(MOST_WHOLE_DIGITS), "a decimal amount without needless zeros")
_RATIO = text(rf"(0|[1-9][0-9]{{0,{MOST_RATIO_DIGITS - 1}}})\.[0-9]{{6}}", "a ratio with six decimals")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_CHAIN = text(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", "a CAIP-2 chain")
_BLOCK = text(r"[0-9A-Za-z_-]{1,128}", "a block hash")

SHAPE: Final[Shape] = record(
    series=record(
        exchange=text(),
        asOf=_TIME,
        claim=_DIGEST,
        complete=truth,
        policy=POLICY,
        share=nullable(
            record(
                of=text(r"0\.[0-9]{0,9}[1-9]", "a share below 1"),
                rows=whole(),
                among=whole(),
                held=array(record(unit=text(), held=_AMOUNT), MOST_LISTED),
            )
        ),
        schedule=record(every=whole(60), start=_TIME, end=_TIME, chain=_CHAIN),
        stretches=array(
            record(
                start=_TIME,
                block=nullable(record(height=whole(), hash=_BLOCK, parent=_BLOCK, time=_TIME)),
                moment=nullable(_TIME),
            ),
            MOST_STRETCHES,
            1,
        ),
        points=array(
            record(
                at=_TIME,
                statement=_DIGEST,
                units=array(record(unit=text(), held=_AMOUNT, gaps=whole(), atLeast=whole(), apart=truth), MOST_LISTED),
            ),
            MOST_POINTS,
            1,
        ),
        sustained=array(
            record(
                unit=text(),
                window=whole(60),
                before=whole(),
                after=whole(),
                held=_AMOUNT,
                owed=nullable(_STATED),
                leastBefore=nullable(_AMOUNT),
                leastAfter=nullable(_AMOUNT),
                sustained=nullable(_AMOUNT),
                transient=nullable(_AMOUNT),
                ratio=nullable(_RATIO),
                shows=one_of(*Transience),
                lacking=array(one_of(*Lacking), len(Lacking)),
            ),
            MOST_LISTED * _MOST_WINDOWS,
        ),
        later=array(
            record(unit=text(), after=whole(60), held=nullable(_AMOUNT), change=nullable(_CHANGE)),
            MOST_LISTED * len(AFTERWARDS),
        ),
    ),
    run=record(scannedAt=_TIME, scanner=text()),
)

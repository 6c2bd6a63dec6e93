"""The shape that the predicate of several claims together must have to be read. What the keys mean:
docs/together.md."""

from __future__ import annotations

from typing import Final

from scanner.attesting.formats.v1.shape import POLICY
from scanner.core.amounts import MOST_SUM_DIGITS, MOST_WHOLE_DIGITS, written
from scanner.core.shape import Shape, array, nullable, one_of, record, text, truth, whole
from scanner.weighing.claim import MOST_LISTED
from scanner.weighing.finding import Verdict
from scanner.weighing.together import MOST_CLAIMS

_AMOUNT = text(written(MOST_SUM_DIGITS), "a decimal amount without needless zeros")
_OWED = text(written(MOST_WHOLE_DIGITS + 2), "a decimal amount without needless zeros")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_WEIGHED = {
    "unit": text(),
    "held": _AMOUNT,
    "owed": nullable(_OWED),
    "custody": _AMOUNT,
    "gaps": whole(),
    "atLeast": whole(),
    "apart": truth,
}

SHAPE: Final[Shape] = record(
    together=record(
        claims=array(record(claim=_DIGEST, exchange=text(), asOf=_TIME, complete=truth), MOST_CLAIMS, 2),
        policy=POLICY,
        shared=array(record(asset=text(r"[!-~]+", "a CAIP-19 asset", most=200), accounts=whole(1)), MOST_LISTED),
        points=array(
            record(
                at=_TIME,
                statement=_DIGEST,
                alone=array(
                    record(
                        claim=_DIGEST,
                        units=array(record(**_WEIGHED, verdict=nullable(one_of(*Verdict))), MOST_LISTED),
                    ),
                    MOST_CLAIMS,
                    2,
                ),
                together=array(
                    record(**_WEIGHED, verdict=one_of(*Verdict), countedTwice=nullable(_AMOUNT)), MOST_LISTED
                ),
            ),
            MOST_CLAIMS,
            1,
        ),
        units=array(record(unit=text(), verdict=one_of(*Verdict)), MOST_LISTED),
    ),
    run=record(scannedAt=_TIME, scanner=text()),
)

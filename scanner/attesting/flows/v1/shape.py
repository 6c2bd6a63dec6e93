"""The shape that a flows predicate's JSON must have to be read at all. What the keys mean: docs/flows.md."""

from __future__ import annotations

from typing import Final

from scanner.attesting.formats.v1.shape import POLICY
from scanner.core.amounts import MOST_SUM_DIGITS, written
from scanner.core.evidence import MAX_OPERATORS, Basis
from scanner.core.shape import Shape, array, nullable, one_of, record, text, truth, whole
from scanner.errors import Why
from scanner.weighing.claim import MOST_LISTED
from scanner.weighing.flows import LARGEST, ROUND_TRIPS, Completeness, Incomplete

_AMOUNT = text(written(MOST_SUM_DIGITS), "a decimal amount without needless zeros")
_SIGNED = text(r"-?" + written(MOST_SUM_DIGITS), "a signed decimal amount")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_SHARE = text(r"0\.[0-9]{6}|1\.000000", "a share with six decimals")
_MOVED = record(came=_AMOUNT, went=_AMOUNT)
_OPERATORS = array(text(), MAX_OPERATORS)
_SIDE = record(
    listed=nullable(
        record(
            came=_AMOUNT,
            went=_AMOUNT,
            net=_SIGNED,
            among=_AMOUNT,
            transfers=whole(),
            largestShare=nullable(_SHARE),
            herfindahl=nullable(_SHARE),
        )
    ),
    change=nullable(_SIGNED),
    unread=whole(),
    differing=nullable(whole()),
)

SHAPE: Final[Shape] = record(
    flows=record(
        exchange=text(),
        asOf=_TIME,
        claim=_DIGEST,
        complete=truth,
        policy=POLICY,
        window=whole(60),
        transfers=_DIGEST,
        points=array(record(at=_TIME, statement=_DIGEST), 3, 3),
        assets=array(
            record(
                asset=text(r"[!-~]+", "a CAIP-19 asset", most=200),
                unit=text(),
                operators=_OPERATORS,
                dissent=_OPERATORS,
                basis=nullable(one_of(Basis.QUORUM, Basis.OWN)),
                gap=nullable(record(why=one_of(*Why), detail=text(r"[ -~]*", "printable ASCII", most=400))),
                shows=one_of(*Completeness),
                lacking=array(one_of(*Incomplete), len(Incomplete)),
                held=nullable(_AMOUNT),
                before=_SIDE,
                after=_SIDE,
                counterparts=array(
                    record(account=nullable(text()), before=_MOVED, after=_MOVED, roundTrip=truth),
                    LARGEST + ROUND_TRIPS,
                ),
                others=whole(),
                roundTrips=whole(),
            ),
            MOST_LISTED,
        ),
    ),
    run=record(scannedAt=_TIME, scanner=text()),
)

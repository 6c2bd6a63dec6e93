"""The shape that a predicate's JSON must have to be read at all: every key, every kind of value, every bound.

What the keys mean is said in docs/predicate.md, and what is written into them by `finding.py` and `run.py`.
"""

from __future__ import annotations

from typing import Final

from scanner.attesting.evidence_text import OPERATOR
from scanner.core.amounts import MOST_RATIO_DIGITS, MOST_SUM_DIGITS, MOST_WHOLE_DIGITS, PERCENT, written
from scanner.core.control import Control
from scanner.core.evidence import MAX_OPERATORS, Basis
from scanner.core.owed import ID, MOST_IDS, MOST_ROOT, SYMBOL
from scanner.core.shape import Shape, array, nullable, one_of, record, table, text, truth, whole
from scanner.core.shows import Shows
from scanner.errors import Why
from scanner.weighing.claim import MISFITS_LISTED, MOST_LISTED
from scanner.weighing.contracts import Known
from scanner.weighing.coverage import LISTED as MOST_DIFFERENCES
from scanner.weighing.finding import Verdict
from scanner.weighing.instrument import MOST_NOTES
from scanner.weighing.moments import LONGEST_SKEW
from scanner.weighing.policy import MOST_DISTINCT, MOST_VOUCHED, Dissent
from scanner.weighing.proving import Cause
from scanner.weighing.tally import LISTED
from scanner.weighing.withheld import Withheld

_AMOUNT = text(written(MOST_SUM_DIGITS), "a decimal amount without needless zeros")
_STATED = text(written(MOST_WHOLE_DIGITS), "a decimal amount without needless zeros")
_RATIO = text(rf"(0|[1-9][0-9]{{0,{MOST_RATIO_DIGITS - 1}}})\.[0-9]{{6}}", "a ratio with six decimals")
_PERCENT = text(PERCENT, "a percentage such as 103%")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_ATOMS = text(r"0|[1-9][0-9]{0,77}", "an amount of atoms")
_WORD = text(r"(>=)?(0|[1-9][0-9]{0,77})", "an amount of atoms, or >= and one")
_ASSET = text(r"[!-~]+", "a CAIP-19 asset", most=200)
_ACCOUNT = text(r"[!-~]+", "an account", most=20_100)
_OPERATOR = text(OPERATOR.pattern, "an operator's name")
_CHAIN = text(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", "a CAIP-2 chain")
_BLOCK = text(r"[0-9A-Za-z_-]{1,128}", "a block hash")
_ONE_BLOCK = record(height=whole(), hash=_BLOCK, parent=_BLOCK, time=_TIME)
_VERDICT = one_of(*Verdict)
_ID = text(ID, "a short name in lower case")

MOST_WORKERS: Final = 1000  # more machines than there are nodes to ask

POLICY: Final[Shape] = record(
    quorum=whole(1),
    threshold=_STATED,
    dissent=one_of(*Dissent),
    require=table(text(), one_of(*Basis)),
    requireLiabilities=table(text(), one_of(*Shows)),
    accept=array(text(), MOST_LISTED),
    requireOwnership=nullable(one_of(Control.SHOWN, Control.REPLAYABLE)),
    contracts=array(_ASSET, MOST_VOUCHED),
    maxSkew=whole(0, LONGEST_SKEW),
    distinct=array(array(_ASSET, 2, 2), MOST_DISTINCT),
)

_FINDING = record(
    exchange=text(),
    asOf=_TIME,
    owedAsOf=_TIME,
    claim=_DIGEST,
    complete=truth,
    shareOfAllOwed=nullable(_PERCENT),
    policy=POLICY,
    challenge=nullable(text(least=1, most=10_000)),
    movements=nullable(record(issued=_TIME, deadline=_TIME)),
    accounts=record(count=whole(), digest=_DIGEST),
    files=array(
        record(
            name=text(),
            digest=_DIGEST,
            layout=text(),
            read=whole(),
            accepted=whole(),
            refused=table(text(), whole(1)),
            heights=table(_CHAIN, record(count=whole(1), lowest=whole(), highest=whole())),
            stated=whole(),
            misfitCount=whole(),
            misfits=array(
                record(text=text(), line=whole(1), label=nullable(text()), stated=_AMOUNT, found=nullable(_AMOUNT)),
                MISFITS_LISTED,
            ),
            whole=truth,
        ),
        1000,
    ),
    snapshots=array(
        record(chain=_CHAIN, height=whole(), named=truth, weighed=truth, hash=_BLOCK, parent=_BLOCK, time=_TIME),
        MOST_LISTED,
    ),
    passes=array(
        record(chain=_CHAIN, balances=whole(), moved=whole(), earliest=_ONE_BLOCK, latest=_ONE_BLOCK), MOST_LISTED
    ),
    reserves=array(
        record(
            unit=text(),
            held=_AMOUNT,
            owed=nullable(_STATED),
            owedBasis=nullable(
                record(
                    shows=one_of(*Shows),
                    scheme=nullable(_ID),
                    symbol=nullable(text(SYMBOL, "a name of up to 40 ASCII characters, without blanks")),
                    total=nullable(_AMOUNT),
                    root=nullable(text(rf"[!-~]{{1,{MOST_ROOT}}}", "a root")),
                    entries=nullable(whole()),
                    assumes=array(_ID, MOST_IDS),
                    remarks=array(_ID, MOST_IDS),
                )
            ),
            ratio=nullable(_RATIO),
            verdict=_VERDICT,
            statedRatio=nullable(_PERCENT),
            statedAgrees=nullable(truth),
            holdings=whole(),
            gaps=whole(),
            lastingGaps=whole(),
            lasting=truth,
            dissents=whole(),
            atLeast=whole(),
            proven=_AMOUNT,
            quorum=_AMOUNT,
            own=_AMOUNT,
            provenShare=nullable(_RATIO),
            missed=table(text(r"[0-9]{1,3}%", "a percentage"), _RATIO),
            control=table(one_of(*Control), _AMOUNT),
            controlByMovement=_AMOUNT,
            ratioWithCustody=nullable(_RATIO),
            claimed=nullable(_AMOUNT),
            custody=_AMOUNT,
            blocks=nullable(record(first=_TIME, last=_TIME)),
            withheld=array(record(why=one_of(*Withheld), detail=text()), len(Withheld)),
        ),
        MOST_LISTED,
    ),
    gapCounts=table(one_of(*Why), whole(1)),
    gaps=array(record(asset=_ASSET, account=_ACCOUNT, why=one_of(*Why), detail=text()), LISTED),
    dissents=array(record(asset=_ASSET, account=_ACCOUNT, atoms=_WORD, said=table(_OPERATOR, _WORD)), LISTED),
    proving=record(
        layouts=table(_ASSET, text()),
        unproven=table(_ASSET, array(one_of(*Cause), len(Cause), 1)),
        sample=nullable(
            record(
                size=whole(),
                nonce=nullable(text(least=1, most=200)),
                blocks=array(record(chain=_CHAIN, height=whole(), hash=_BLOCK, parent=_BLOCK, time=_TIME), MOST_LISTED),
                draws=table(_ASSET, record(certain=whole(), draws=whole(), among=text(r"0|[1-9][0-9]{0,99}", "atoms"))),
            )
        ),
    ),
    contradicted=array(
        record(
            on=_ASSET, certain=truth, proofs=whole(1), contradicting=whole(1), operators=array(_OPERATOR, MAX_OPERATORS)
        ),
        MOST_LISTED,
    ),
    coverage=array(
        record(
            asset=_ASSET,
            label=text(),
            unit=text(),
            known=nullable(one_of(*Known)),
            alias=nullable(_ASSET),
            held=_AMOUNT,
            decimals=whole(),
            holdings=whole(1),
            read=whole(),
            atLeast=whole(),
            unstated=whole(),
            claimed=_AMOUNT,
            claimedRead=_AMOUNT,
            difference=text(r"-?" + written(MOST_SUM_DIGITS), "a signed decimal amount"),
            disagreeing=whole(),
        ),
        MOST_LISTED,
    ),
    tablesRevision=whole(1),
    differences=array(record(asset=_ASSET, account=_ACCOUNT, claimed=_ATOMS, found=_ATOMS), MOST_DIFFERENCES),
    verdict=_VERDICT,
)

SHAPE: Final[Shape] = record(
    finding=_FINDING,
    run=record(
        scannedAt=_TIME,
        scanner=text(),
        operators=table(_CHAIN, array(_OPERATOR, MAX_OPERATORS)),
        ownOperators=array(_OPERATOR, MOST_LISTED),
        heard=table(_CHAIN, table(_OPERATOR, whole(1), least=1)),
        evidence=_DIGEST,
        witness=nullable(_DIGEST),
        workers=nullable(array(table(_CHAIN, array(_OPERATOR, MAX_OPERATORS, least=1), least=1), MOST_WORKERS)),
        notes=array(text(), MOST_NOTES),
    ),
)

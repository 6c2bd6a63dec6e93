"""Version 1 of the predicate for several claims together, field by field in docs/together.md.

Released with 1.0.0, and never changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.digests import hex_of, sha256_text
from scanner.attesting.formats.v1.finding import write_policy
from scanner.attesting.formats.v1.reading import read_policy
from scanner.attesting.points import MomentsRun
from scanner.attesting.times import read_time, written_time
from scanner.attesting.together.interface import JointFormat, StatedJoint
from scanner.attesting.together.v1.shape import SHAPE
from scanner.core.amounts import exact
from scanner.weighing.together import Joint, JointPoint, UnitWeighed

TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserves-together/v1"


def _write(joint: Joint, run: MomentsRun) -> dict[str, Any]:
    return {
        "together": {
            "claims": [
                {
                    "claim": sha256_text(claim.digest),
                    "exchange": claim.exchange,
                    "asOf": written_time(claim.as_of),
                    "complete": claim.complete,
                }
                for claim in joint.claims.claims
            ],
            "policy": write_policy(joint.policy),
            "shared": [{"asset": str(asset), "accounts": count} for asset, count in joint.claims.shared.items()],
            "points": [_point(point) for point in joint.points],
            "units": [{"unit": unit, "verdict": verdict.value} for unit, verdict in joint.verdicts.items()],
        },
        "run": {"scannedAt": written_time(run.scanned_at), "scanner": run.scanner},
    }


def _point(point: JointPoint) -> dict[str, Any]:
    return {
        "at": written_time(point.at),
        "statement": sha256_text(point.statement),
        "alone": [
            {"claim": sha256_text(claim), "units": [_weighed(unit, each) for unit, each in sorted(units.items())]}
            for claim, units in sorted(point.alone.items())
        ],
        "together": [
            {**_weighed(unit, each), "countedTwice": _or_null(point.counted_twice(unit))}
            for unit, each in sorted(point.together.items())
        ],
    }


def _weighed(unit: str, each: UnitWeighed) -> dict[str, Any]:
    return {
        "unit": unit,
        "held": exact(each.held),
        "owed": _or_null(each.owed),
        "custody": exact(each.custody),
        "gaps": each.gaps,
        "atLeast": each.at_least,
        "apart": each.apart,
        "verdict": None if each.verdict is None else each.verdict.value,
    }


def _or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)


def _read(predicate: Mapping[str, Any]) -> StatedJoint:
    together, run = predicate["together"], predicate["run"]
    points: dict[datetime, str] = {}
    for point in together["points"]:
        if read_time(point["at"]) in points:
            raise ValueError(f"the point of {point['at']} stands there twice")
        points[read_time(point["at"])] = hex_of(point["statement"])
    return StatedJoint(
        claims=tuple(hex_of(claim["claim"]) for claim in together["claims"]),
        points=points,
        policy=read_policy(together),
        run=MomentsRun(read_time(run["scannedAt"]), run["scanner"]),
    )


V1: Final = JointFormat(1, TYPE, SHAPE, _write, _read)

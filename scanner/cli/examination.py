"""What `scanner check` found, as lines for people and as one JSON object for machines. What it means: `diagnosis`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from scanner.cli import backing_points, row_account, trial_results
from scanner.cli.check_result import CheckResult, Grade
from scanner.cli.diagnosis import unowed
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.report.cells import MARGIN, Paint, wrapped
from scanner.scanning.examine import Examination
from scanner.sources.addresses import ReadClaim
from scanner.weighing.policy import Policy

_STYLES: Final = {Grade.OK: "COVERED", Grade.NOTE: "heading", Grade.GAP: "UNKNOWN", Grade.STOP: "SHORT"}
_INDENT: Final = " " * 6  # of what stands beside a grade


def lines(
    read: ReadClaim, found: Sequence[CheckResult], *, asked: bool, width: int, paint: Paint, outlook: str = ""
) -> Iterator[str]:
    """The claim's name, the account of its files, the points by what they are about, and what they come to. `outlook`:
    what a scan would end with."""
    claim = read.claim
    owed = "" if claim.owed_as_of is None else f", against what was owed at {claim.owed_as_of:%Y-%m-%d %H:%M:%S} UTC"
    yield paint("title", f"{claim.exchange}, as of {claim.as_of:%Y-%m-%d %H:%M:%S} UTC{owed}")
    yield f"{MARGIN}claim sha256:{claim.digest}"
    for file in read.files:
        yield ""
        yield from row_account.lines(file, width, paint)
    for about, points in groupby(found, key=lambda point: point.about):
        yield ""
        yield paint("title", about)
        for point in points:
            yield from _point(point, width, paint)
    yield ""
    yield from (line.removeprefix(MARGIN) for line in wrapped(outlook, width) if outlook)
    yield from _conclusion(found, asked=asked, width=width, paint=paint)


def as_json(
    read: ReadClaim,
    policy: Policy,
    lacking: Mapping[Chain, str],
    chains: Sequence[Examination],
    found: Sequence[CheckResult],
) -> dict[str, Any]:
    """The same for machines."""
    claim = read.claim
    return {
        "exchange": claim.exchange,
        "claim": f"sha256:{claim.digest}",
        "asOf": _written(claim.as_of),
        "owedAsOf": _written(claim.owed_as_of or claim.as_of),
        "complete": claim.complete,
        "shareOfAllOwed": claim.share_of_all_owed.text if claim.share_of_all_owed else None,
        "holdings": len(claim.holdings),
        "unowed": unowed(claim),
        "backing": backing_points.as_json(claim, policy),
        "files": [row_account.as_json(file) for file in read.files],
        "incomplete": read.losses,
        "noBackend": {str(chain): count for chain, count in row_account.unserved(claim).items()},
        "tooFewNodes": [f"{chain}: {problem}" for chain, problem in lacking.items()],
        "chains": [_chain(chain, claim.as_of) for chain in chains],
        "points": [
            {
                "grade": point.grade.value,
                "about": point.about,
                "what": point.what,
                "matters": point.matters,
                "todo": point.todo,
            }
            for point in found
        ],
    }


def _point(point: CheckResult, width: int, paint: Paint) -> Iterator[str]:
    """What is so beside its grade; below it why that matters; and what to do, after an arrow."""
    first, *more = wrapped(point.what, width - len(_INDENT), "")
    yield MARGIN + paint(_STYLES[point.grade], point.grade.ljust(len(_INDENT))) + first.removeprefix(MARGIN)
    yield from (_INDENT + line for line in more)
    for text, bullet in ((point.matters, ""), (point.todo, "-> ")):
        yield from (_INDENT + line for line in wrapped(text, width - len(_INDENT), bullet) if text)


def _conclusion(found: Sequence[CheckResult], *, asked: bool, width: int, paint: Paint) -> Iterator[str]:
    counts = Counter(point.grade for point in found)
    if counts[Grade.STOP]:
        grade, sentence = Grade.STOP, "A scan would have nothing to believe on some chain: fix what is marked stop."
    elif counts[Grade.GAP]:
        grade, sentence = Grade.GAP, "A scan would go on without what is marked gap, and may leave gaps for it."
    elif not asked:
        grade, sentence = Grade.OK, "The files are in order. No node was asked."
    else:
        grade, sentence = Grade.OK, "Ready: every chain has its block, and enough operators to agree on what it holds."
    first, *more = wrapped(sentence, width)
    yield paint(_STYLES[grade], first.removeprefix(MARGIN))
    yield from (line.removeprefix(MARGIN) for line in more)


def _snapshot(snapshot: Snapshot, as_of: datetime) -> dict[str, Any]:
    """`fromAsOf`: seconds after the claim's moment, negative before it."""
    return {
        "height": snapshot.height,
        "hash": snapshot.hash,
        "time": _written(snapshot.time),
        "fromAsOf": (snapshot.time - as_of) // timedelta(seconds=1),
    }


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _chain(chain: Examination, as_of: datetime) -> dict[str, Any]:
    gap = chain.pinned if isinstance(chain.pinned, Gap) else None
    return {
        "chain": str(chain.chain),
        "holdings": chain.holdings,
        "operators": list(chain.operators),
        "unfit": [
            {"operator": failed.operator.name, "line": failed.line, "why": failed.gap.why, "detail": failed.gap.detail}
            for failed in chain.failures
        ],
        "snapshot": None if isinstance(chain.pinned, Gap) else _snapshot(chain.pinned.value, as_of),
        "weighed": chain.weighed,
        "nodes": [trial_results.as_json(trial) for trial in chain.trials.nodes],
        "gap": gap and {"why": gap.why, "detail": gap.detail},
    }

"""START HERE. Whether a series holds: offline, from the claim, the files of each moment and the keys one trusts.

The steps, in order. A series that fails is refused with the number of the step:

     1. The envelope is well-formed.
     2. Every demanded key signed it, and at least one key is demanded.
     3. What was signed is a statement of a series, in canonical form.
     4. It is of this claim: of the digest of its file, and of its moment.
     5. The moments are drawn again, by the stretches' blocks: exactly these have a point. The series is dated after its
        last stretch.
     6. Each point's statement is the file it names, by digest, and holds: steps 3 to 9 of an attestation
        (`attesting.verify`), with the claim weighed at this very moment, under the series' own policy. All name the
        revision of the tables by which the claim was read.
     7. The blocks of all moments, and those that drew them, can be those of one chain each, and each be the last one at
        or before its moment.
     8. What all points come to is what is stated, byte for byte.
     9. The policy is at least as strict as the one demanded.

What this shows: that what was held at each moment follows from its evidence, and that the signers did not choose the
moments, once the blocks that drew them are known to be the chain's. What it does not show is what was held between
them, nor whose coins they were. Nothing is taken from the statement that can be computed here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from scanner.attesting import canonical
from scanner.attesting.blocks import check_block, check_one_chain
from scanner.attesting.difference import difference
from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.points import Open, judged_point, point_folder
from scanner.attesting.rows_again import rows_again
from scanner.attesting.series.interface import Predicate, StatedSeries
from scanner.attesting.series.statement import SeriesStatement, read_series
from scanner.attesting.signed import check_signatures, unchecked
from scanner.attesting.verify import Judge, step
from scanner.chains.history import reads_only_tip
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.claim import Claim
from scanner.weighing.control.recognise import judged
from scanner.weighing.moments import CLOCK_TOLERANCE
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import check_order, moments, seed_chain
from scanner.weighing.series import Point, Series
from scanner.weighing.series_share import point_of_part


@dataclass(frozen=True, slots=True)
class VerifiedSeries:
    """What was shown."""

    series: Series  # computed again
    predicate: Predicate
    statement: bytes  # what was signed
    keyids: tuple[str, ...]  # the demanded keys, sorted; each of them signed
    unchecked: tuple[str, ...]  # what other signatures name their keys


def verify_series(
    envelope: bytes,
    claim: Claim,
    keys: Collection[Key],
    opened: Open,
    *,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> VerifiedSeries:
    """Check a series against the claim it is of, the keys that must have signed it, and the files of its moments.

    The claim is to be read by the revision of the tables that the points name (`revision_of_points`).
    `policy` and `judge` are as in `attesting.verify.verify`. Raises AttestationInvalid with the step that failed.
    """
    with step(1):
        read = read_envelope(envelope)
    with step(2):
        keyids = check_signatures(read, keys)
    statement, series = judge_series(read.payload, claim, opened, policy=policy, judge=judge)
    return VerifiedSeries(series, statement.predicate, read.payload, keyids, unchecked(read, keys))


def judge_series(
    payload: bytes, claim: Claim, opened: Open, *, policy: Policy | None = None, judge: Judge = judged
) -> tuple[SeriesStatement, Series]:
    """Steps 3 to 9 alone, no matter who signed it or will. Raises AttestationInvalid with the step that failed."""
    with step(3):
        statement = read_series(payload)
    stated = statement.stated

    with step(4):
        if stated.claim != claim.digest:
            changed = claim.with_other_line_ends(stated.claim)
            raise ValueError(f"it is of the claim sha256:{stated.claim}, not sha256:{claim.digest}{changed}")
        if stated.schedule.as_of != claim.as_of:
            raise ValueError("its schedule is counted from another moment than the claim's")

    with step(5):
        _check_moments(stated, claim)

    part, controls, shared = claim, judge(claim), None  # the same accounts at every moment, but where there is a share
    points: dict[datetime, Point] = {}
    if stated.share is not None:
        with step(6), opened(point_folder(claim.as_of)) as files:
            digest = stated.points[claim.as_of]
            point, finding = judged_point(files, digest, claim, stated.policy, lambda _: controls)
            rows = rows_again(files.evidence, point.run, claim)
            points[claim.as_of], part, shared = point_of_part(claim, finding, rows, stated.share, digest)
        controls = judge(part)
    for moment, digest in sorted(stated.points.items()):
        if moment not in points:
            with step(6), opened(point_folder(moment)) as files:
                moved = part.sampled_at(moment)
                _, finding = judged_point(files, digest, moved, stated.policy, lambda _: controls)
                points[moment] = Point.of(finding, digest)

    with step(7):
        _check_chains(stated, claim, points.values())

    series = Series(claim, stated.schedule, stated.blocks, tuple(points[at] for at in sorted(points)), shared)
    with step(8):
        computed = canonical.encode(statement.format.write(series, stated.run))
        if canonical.encode(statement.predicate) != computed:
            follows = canonical.decode(computed, len(computed))
            raise ValueError(difference(dict(statement.predicate), follows, "predicate", "the points"))

    with step(9):
        if policy is not None and (shortfalls := stated.policy.shortfalls(policy.narrowed(claim.units, claim.assets))):
            raise ValueError(f"its policy is laxer than the one demanded: {'; '.join(shortfalls)}")

    return statement, series


def _check_moments(stated: StatedSeries, claim: Claim) -> None:
    """Raises ValueError."""
    chain = seed_chain(claim)
    if any(block.chain != chain for block in stated.blocks.values()):
        raise ValueError(f"its moments are drawn by another chain than {chain or 'any that the claim has'}")
    for block in stated.blocks.values():
        check_block(block)
    for moment in moments(stated.schedule, stated.blocks):
        if moment not in stated.points:
            raise ValueError(f"{moment:%Y-%m-%dT%H:%M:%SZ} is drawn, and has no point")
    if len(stated.points) != len(moments(stated.schedule, stated.blocks)):
        raise ValueError("it has points at moments that are not drawn")
    if stated.schedule.end - stated.run.scanned_at > CLOCK_TOLERANCE:
        raise ValueError("it is dated before its last stretch is over")


def _check_chains(stated: StatedSeries, claim: Claim, points: Collection[Point]) -> None:
    """Raises ValueError."""
    by_chain: dict[Chain, list[Snapshot]] = {}
    for block in (*stated.blocks.values(), *(block for point in points for block in point.snapshots.values())):
        by_chain.setdefault(block.chain, []).append(block)
    for chain, blocks in by_chain.items():
        if reads_only_tip(chain):
            if any(chain in point.snapshots for point in points if point.at != claim.as_of):
                raise ValueError(f"{chain} can be read only as it is now, and is stated at another moment")
            continue
        check_one_chain(chain, sorted(blocks, key=lambda block: block.height))
        ordered: dict[datetime, Snapshot] = {}
        for number, block in stated.blocks.items():
            if block.chain == chain:
                ordered[stated.schedule.end_of(number)] = block
        for moment, block in _looked_for(points, claim, chain).items():
            if ordered.setdefault(moment, block) != block:
                raise ValueError(f"two blocks of {chain} are stated as the last one by {moment:%Y-%m-%dT%H:%M:%SZ}")
        check_order(ordered)


def _looked_for(points: Collection[Point], claim: Claim, chain: Chain) -> Mapping[datetime, Snapshot]:
    """By moment, the blocks that are the last ones at or before it: all but those whose heights the claim names."""
    named = claim.weighed_at(chain)[1] is not None
    return {
        point.at: point.snapshots[chain]
        for point in points
        if chain in point.snapshots and not (named and point.at == claim.as_of)
    }

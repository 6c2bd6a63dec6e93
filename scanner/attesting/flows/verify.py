"""START HERE. Whether flows hold: offline, from the claim, the transfers, the files of three moments and the keys one
trusts.

The steps, in order. What fails is refused with the number of the step:

     1. The envelope is well-formed.
     2. Every demanded key signed it, and at least one key is demanded.
     3. What was signed is a statement of flows, in canonical form.
     4. It is of this claim: of the digest of its file, and of its moment.
     5. It has a point at the moment, and one window before and one after it, and no other. It is dated after the last.
     6. Each point's statement is the file it names, by digest, and holds: steps 3 to 9 of an attestation
        (`attesting.verify`), with the claim weighed at this very moment, under the same policy. All name the revision
        of the tables by which the claim was read.
     7. The blocks of the three moments can be those of one chain each, and each be the last one at or before its
        moment.
     8. The transfers are the file that is named, by digest. Each is in a block between the moments, of one block at
        each height, of an asset that operators of its chain listed, as many as the policy demands; with an account of
        the claim on one side; and stands there once.
     9. What balances and transfers come to is what is stated, byte for byte.
    10. The policy is at least as strict as the one demanded.

What this shows: that the figures follow from the transfers that the signers say the operators listed, and how far these
are borne out by the balances. What it does not show is that no transfer is missing (of a COMPLETE flow only such as
cancel each other out for every account can be), and whose accounts the counterparts are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from scanner.attesting import canonical
from scanner.attesting.blocks import check_one_chain
from scanner.attesting.difference import difference
from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.flows.interface import Predicate, StatedFlows
from scanner.attesting.flows.statement import FlowsStatement, read_flows
from scanner.attesting.flows.transfers_csv import read
from scanner.attesting.points import Open, judged_point, point_folder
from scanner.attesting.rows_again import rows_again
from scanner.attesting.run import Run
from scanner.attesting.signed import check_signatures, unchecked
from scanner.attesting.verify import Judge, step
from scanner.chains.history import reads_only_tip
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.claim import Claim
from scanner.weighing.control.recognise import judged
from scanner.weighing.flows import Flows, check_window, moments
from scanner.weighing.moments import CLOCK_TOLERANCE
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import check_order
from scanner.weighing.transfer_lists import FlowPoint

_TRANSFERS_STEP = 8


@dataclass(frozen=True, slots=True)
class VerifiedFlows:
    """What was shown."""

    flows: Flows  # computed again
    predicate: Predicate
    statement: bytes  # what was signed
    keyids: tuple[str, ...]  # the demanded keys, sorted; each of them signed
    unchecked: tuple[str, ...]  # what other signatures name their keys


def verify_flows(
    envelope: bytes,
    claim: Claim,
    keys: Collection[Key],
    opened: Open,
    transfers: BinaryIO,
    *,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> VerifiedFlows:
    """Check flows against the claim they are of, the keys that must have signed them, the files of their moments and
    that of the transfers, which is read twice.

    The claim is to be read by the revision of the tables that the points name (`revision_of_points`).
    `policy` and `judge` are as in `attesting.verify.verify`. Raises AttestationInvalid with the step that failed.
    """
    with step(1):
        envelope_read = read_envelope(envelope)
    with step(2):
        keyids = check_signatures(envelope_read, keys)
    payload = envelope_read.payload
    statement, flows = judge_flows(payload, claim, opened, transfers, policy=policy, judge=judge)
    return VerifiedFlows(flows, statement.predicate, payload, keyids, unchecked(envelope_read, keys))


def judge_flows(
    payload: bytes,
    claim: Claim,
    opened: Open,
    transfers: BinaryIO,
    *,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> tuple[FlowsStatement, Flows]:
    """Steps 3 to 10 alone, no matter who signed it or will. Raises AttestationInvalid with the step that failed."""
    with step(3):
        statement = read_flows(payload)
    stated = statement.stated

    with step(4):
        if stated.claim != claim.digest:
            changed = claim.with_other_line_ends(stated.claim)
            raise ValueError(f"it is of the claim sha256:{stated.claim}, not sha256:{claim.digest}{changed}")
        if stated.as_of != claim.as_of:
            raise ValueError("it is of another moment than the claim's")

    with step(5):
        _check_moments(stated, claim)

    controls = judge(claim)
    points, runs = [], []
    for moment in moments(claim, stated.window):
        digest = stated.points[moment]
        with step(6), opened(point_folder(moment)) as files:
            moved = claim.sampled_at(moment)
            point, finding = judged_point(files, digest, moved, stated.policy, lambda _: controls)
            points.append(FlowPoint.of(finding, rows_again(files.evidence, point.run, moved), digest))
            runs.append(point.run)

    with step(7):
        _check_chains(claim, points)

    with step(_TRANSFERS_STEP):
        flows = _flows(stated, claim, points, runs[1], transfers)

    with step(9):
        computed = canonical.encode(statement.format.write(flows, stated.transfers, stated.run))
        if canonical.encode(statement.predicate) != computed:
            follows = canonical.decode(computed, len(computed))
            raise ValueError(difference(dict(statement.predicate), follows, "predicate", "balances and transfers"))

    with step(10):
        if policy is not None and (shortfalls := stated.policy.shortfalls(policy.narrowed(claim.units, claim.assets))):
            raise ValueError(f"its policy is laxer than the one demanded: {'; '.join(shortfalls)}")

    return statement, flows


def _check_moments(stated: StatedFlows, claim: Claim) -> None:
    """Raises ValueError."""
    check_window(stated.window)
    expected = moments(claim, stated.window)
    if tuple(sorted(stated.points)) != expected:
        raise ValueError("it has points at other moments than those of its window")
    if expected[-1] - stated.run.scanned_at > CLOCK_TOLERANCE:
        raise ValueError("it is dated before its last moment")


def _check_chains(claim: Claim, points: Sequence[FlowPoint]) -> None:
    """Raises ValueError."""
    by_chain: dict[Chain, dict[datetime, Snapshot]] = {}
    for point in points:
        for chain, block in point.snapshots.items():
            by_chain.setdefault(chain, {})[point.at] = block
    for chain, blocks in by_chain.items():
        if reads_only_tip(chain):
            if blocks.keys() - {claim.as_of}:
                raise ValueError(f"{chain} can be read only as it is now, and is stated at another moment")
            continue
        check_one_chain(chain, sorted(blocks.values(), key=lambda block: block.height))
        named = claim.weighed_at(chain)[1] is not None
        check_order({at: block for at, block in blocks.items() if not (named and at == claim.as_of)})


def _flows(stated: StatedFlows, claim: Claim, points: Sequence[FlowPoint], run: Run, transfers: BinaryIO) -> Flows:
    """Raises ValueError."""
    found = read(transfers, stated.transfers, _TRANSFERS_STEP)
    return Flows(
        claim=claim,
        window=stated.window,
        points=tuple(points),
        listings=stated.listings,
        transfers=tuple(sorted(found)),
        operators=run.operators,
        own=run.own,
    )

"""START HERE. Whether what is stated of several claims together holds: offline, from the claims and the points' files.

The steps, in order. What fails is refused with the number of the step:

     1. The envelope is well-formed.
     2. Every demanded key signed it, and at least one key is demanded.
     3. What was signed is such a statement, in canonical form.
     4. It is of these claims, by the digests of their files: of all of them, and of no other.
     5. It has a point at the moment of each claim, and at no other. It is dated after the last of them.
     6. Each point's statement is the file it names, by digest, and holds: steps 3 to 9 of an attestation
        (`attesting.verify`), of all accounts of all claims as of one claim, under the same policy. Each claim is
        weighed alone by its own rows of the same evidence. All name the revision of the tables by which the claims were
        read.
     7. The blocks of all moments can be those of one chain each.
     8. What all points come to is what is stated, byte for byte.
     9. The policy is at least as strict as the one demanded.

Nothing is taken from the statement that can be computed here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from scanner.attesting import canonical
from scanner.attesting.blocks import check_one_chain
from scanner.attesting.difference import difference
from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.points import Open, judged_point, point_folder
from scanner.attesting.rows_again import rows_again
from scanner.attesting.signed import check_signatures, unchecked
from scanner.attesting.together.interface import Predicate, StatedJoint
from scanner.attesting.together.statement import JointStatement, read_together
from scanner.attesting.verify import step
from scanner.weighing.control.recognise import judged
from scanner.weighing.moments import CLOCK_TOLERANCE
from scanner.weighing.policy import Policy
from scanner.weighing.together import Claims, Joint, JointPoint


@dataclass(frozen=True, slots=True)
class VerifiedJoint:
    """What was shown."""

    joint: Joint  # computed again
    predicate: Predicate
    statement: bytes  # what was signed
    keyids: tuple[str, ...]  # the demanded keys, sorted; each of them signed
    unchecked: tuple[str, ...]  # what other signatures name their keys


def verify_together(
    envelope: bytes, claims: Claims, keys: Collection[Key], opened: Open, *, policy: Policy | None = None
) -> VerifiedJoint:
    """Check what is stated of these claims together, the keys that must have signed it, and the files of its moments.

    The claims are to be read by the revision of the tables that the points name (`revision_of_points`).
    `policy` is as in `attesting.verify.verify`. Raises AttestationInvalid with the step that failed.
    """
    with step(1):
        read = read_envelope(envelope)
    with step(2):
        keyids = check_signatures(read, keys)
    statement, joint = judge_together(read.payload, claims, opened, policy=policy)
    return VerifiedJoint(joint, statement.predicate, read.payload, keyids, unchecked(read, keys))


def judge_together(
    payload: bytes, claims: Claims, opened: Open, *, policy: Policy | None = None
) -> tuple[JointStatement, Joint]:
    """Steps 3 to 9 alone, no matter who signed it or will. Raises AttestationInvalid with the step that failed."""
    with step(3):
        statement = read_together(payload)
    stated = statement.stated

    with step(4):
        _check_claims(stated, claims)

    with step(5):
        if tuple(sorted(stated.points)) != claims.moments:
            raise ValueError("it has points at other moments than those of the claims")
        if claims.moments[-1] - stated.run.scanned_at > CLOCK_TOLERANCE:
            raise ValueError("it is dated before the moment of a claim")

    points = []
    for moment, digest in sorted(stated.points.items()):
        together = claims.at(moment)
        with step(6), opened(point_folder(moment)) as files:
            point, finding = judged_point(files, digest, together, stated.policy, judged)
            points.append(JointPoint.of(claims, finding, rows_again(files.evidence, point.run, together), digest))

    with step(7):
        blocks = (block for point in points for block in point.snapshots.values())
        for chain, of_chain in groupby(
            sorted(blocks, key=lambda each: (each.chain, each.height)), lambda each: each.chain
        ):
            check_one_chain(chain, of_chain)

    joint = Joint(claims, tuple(points))
    with step(8):
        computed = canonical.encode(statement.format.write(joint, stated.run))
        if canonical.encode(statement.predicate) != computed:
            follows = canonical.decode(computed, len(computed))
            raise ValueError(difference(dict(statement.predicate), follows, "predicate", "the points"))

    with step(9):
        if policy is not None:
            first = claims.at(claims.moments[0])
            if shortfalls := stated.policy.shortfalls(policy.narrowed(first.units, first.assets)):
                raise ValueError(f"its policy is laxer than the one demanded: {'; '.join(shortfalls)}")

    return statement, joint


def _check_claims(stated: StatedJoint, claims: Claims) -> None:
    """Raises ValueError."""
    given = [claim.digest for claim in claims.claims]
    for claim in claims.claims:
        if claim.digest not in stated.claims:
            other = next((each for each in stated.claims if each not in given), "")
            raise ValueError(f"it is not of {claim.exchange}'s claim{claim.with_other_line_ends(other)}")
    for digest in stated.claims:
        if digest not in given:
            raise ValueError(f"it is of the claim sha256:{digest} too, which is not given")

"""AUDITORS START HERE. Whether an attestation holds: offline, from the claim, the evidence and the keys one trusts.

The steps, in order. An attestation that fails is refused with the number of the step:

     1. The envelope is well-formed.
     2. Every demanded key signed it, and at least one key is demanded.
     3. What was signed is a statement of our kind, in canonical form.
     4. It judges this claim: the digest of the claim's file is the one it names. Where it judges it at another moment
        than the claim's, that is the moment of the scan. The claim was read by the revision of the tables that the
        statement names.
     5. The evidence is the file it names, by digest; so is the witness, where balances were proven.
     6. The evidence has a row for each of the claim's holdings, once, in order, with the amount claimed, and no other.
     7. Each row was read at the one block that the statement names for its chain; that block's height is the claim's or
        its files' where they give one, and its time is not after the claim's moment where they give none. The scan is
        dated after the claim's moment, and after each of its blocks. Of a chain that was read in two passes that block
        is the last of the first pass, and each balance was read at one up to it and at a later one.
     8. Each balance may be believed on the basis it gives, under the statement's own policy: a proven one is walked
        again, from the block's hash through the witness. None rests on an operator that a proof contradicts. A sample
        is drawn again, and what it draws and is not proven has a reason. What is said of who controls the accounts
        follows from the proofs published for them, which are judged again; a transaction that an account was
        instructed to make is walked again, from its block's hash.
     9. What was published to show the amounts owed was judged again when the claim was read, from the files beside it.
        The finding that follows from claim, blocks, policy and evidence, written in the version of the format that the
        statement names, is the finding stated, byte for byte; of how many holdings each operator was heard follows
        from the evidence too.
    10. The statement's policy is at least as strict as the one demanded.

An eleventh is taken by those who ask for it: that the on-chain form is this statement's (`onchain.py`).

Rows pass through steps 6 to 8 some thousands at a time, so memory does not grow with the evidence.

What this shows: the finding follows from the evidence, and the signers stand by that evidence. What it does not show is
that nodes said what the evidence says. For a balance on the basis of QUORUM or OWN that is the signers' word; another
auditor with other nodes can scan the same claim, and comes to the same finding if it is true. For a PROVEN one it
is mathematics, once the block is known to be the chain's and the token's storage layout to be the one stated.

Nothing is taken from the statement that can be computed here, and nothing here asks a node, a clock or a file system.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, BinaryIO

from scanner.attesting import canonical
from scanner.attesting.believed import Believed
from scanner.attesting.blocks import at_stated_moment, block_fault, check_blocks, check_dates
from scanner.attesting.controlled import Controlled
from scanner.attesting.counted import Counted, Fault
from scanner.attesting.difference import difference
from scanner.attesting.each_holding import each_holding_once, named_holding
from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.evidence_columns import decode_parts
from scanner.attesting.evidence_csv import MAX_LINE_BYTES
from scanner.attesting.evidence_gzip import texts
from scanner.attesting.formats.interface import Stated
from scanner.attesting.heard import HeardCounter
from scanner.attesting.moved import MovedAccounts
from scanner.attesting.named import named, named_witness
from scanner.attesting.passes import Passes
from scanner.attesting.proven import Proofs
from scanner.attesting.run import Run
from scanner.attesting.sampled import Sampled
from scanner.attesting.signed import check_signatures, unchecked
from scanner.attesting.statement import Statement, finding_bytes, read_statement
from scanner.core.evidence_part import EvidencePart
from scanner.errors import AttestationInvalid
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import judged
from scanner.weighing.finding import Finding, Verdict
from scanner.weighing.matched import Matched
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import Weighing

Judge = Callable[[Claim], Controls]
"""From a claim to what was published shows of who controls its accounts."""

WeighedAt = Callable[[Claim, Stated], Claim]
"""From a claim, and what a statement states of it, to the claim at the moment at which that judges it. Raises
ValueError where it may judge no such moment."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was shown."""

    finding: Finding  # computed again from the evidence
    run: Run  # how the signers say they came to it: their word
    statement: bytes  # what was signed
    predicate: Mapping[str, Any]  # finding and run in it, in the keys of the newest version
    keyids: tuple[str, ...]  # the demanded keys, sorted; each of them signed
    unchecked: tuple[str, ...]  # what other signatures name their keys: none was demanded, so nothing is known of them

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict

    @property
    def policy(self) -> Policy:
        """The policy under which the finding was made."""
        return self.finding.policy


def verify(
    envelope: bytes,
    claim: Claim,
    keys: Collection[Key],
    evidence: BinaryIO,
    *,
    witness: BinaryIO | None = None,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> Verified:
    """Check an attestation against the claim it judges, the keys that must have signed it, and its evidence file.

    The claim is to be read by the revision of the tables that the attestation was made by (`stated_revision`).
    `evidence` is read from its start, twice; `witness` is needed where balances are said to be proven; `policy` is the
    least strict one that is acceptable, and without it the statement's own will do. `judge` says what was published to
    show control of the claim's accounts shows: left out, all of it is checked here, one after the other
    (`scanning.control.judged_together` does it on all processors). Raises AttestationInvalid with the step that failed.
    """
    # 1. The envelope is well-formed.
    with step(1):
        opened = read_envelope(envelope)

    # 2. Every demanded key signed it.
    with step(2):
        keyids = check_signatures(opened, keys)

    # 3 to 10. What was signed follows from its evidence.
    statement, finding = judge_statement(opened.payload, claim, evidence, witness=witness, policy=policy, judge=judge)

    return Verified(
        finding=finding,
        run=statement.stated.run,
        statement=opened.payload,
        predicate=statement.predicate,
        keyids=keyids,
        unchecked=unchecked(opened, keys),
    )


def judge_statement(  # noqa: PLR0915 - the steps, one after the other, as an auditor reads them
    payload: bytes,
    claim: Claim,
    evidence: BinaryIO,
    *,
    witness: BinaryIO | None = None,
    policy: Policy | None = None,
    judge: Judge = judged,
    weighed_at: WeighedAt = at_stated_moment,
) -> tuple[Statement, Finding]:
    """Steps 3 to 10 alone: whether a statement follows from its evidence, no matter who signed it or will.

    `weighed_at` says at which moment the claim may be judged. Raises AttestationInvalid with the step that failed.
    """
    # 3. It is a statement of our kind.
    with step(3):
        statement = read_statement(payload)
    stated = statement.stated

    # 4. It judges this claim.
    with step(4):
        if stated.claim != claim.digest:
            changed = claim.with_other_line_ends(stated.claim)
            raise ValueError(f"it judges the claim sha256:{stated.claim}, not sha256:{claim.digest}{changed}")
        if stated.tables != claim.revision:
            raise ValueError(
                f"it was made by revision {stated.tables} of the tables, and the claim was read by revision"
                f" {claim.revision}: load it by that of the statement"
            )
        claim = weighed_at(claim, stated)

    # 5. The evidence is the file it names. Until that is known, nothing in the file is looked at.
    longest = (len(claim.holdings) + 2) * MAX_LINE_BYTES
    for _ in named("evidence", evidence, stated.run.evidence, longest):
        pass
    records = named_witness(witness, stated.run.witness)

    # 6 to 8. What stands for all rows:
    with step(7):
        snapshots = stated.snapshots
        check_blocks(snapshots, claim)
        check_dates(stated.run.scanned_at, snapshots, claim)
        passes = Passes(stated.passes, snapshots, claim, stated.run.scanned_at)
    with step(8):
        _check_operators(stated.run, claim)
        proofs = Proofs(records, snapshots, stated.proving, stated.tables)
        sampled = Sampled(claim, snapshots, stated.proving, stated.policy, stated.run)
    hashes = {place: snapshot.hash for place, snapshot in snapshots.items()}
    counted = Counted(claim)
    believed = Believed(stated.policy, stated.run.operators, stated.run.own)
    moved = MovedAccounts(claim, records, proofs.reached, stated.run.scanned_at)
    controlled = Controlled(claim, judge(claim), moved)
    heard, weighing = HeardCounter(), Weighing(claim, stated.policy)

    # And the rows, as they go by: some thousands of one asset at a time.
    text = texts(named("evidence", evidence, stated.run.evidence, longest))
    for rows in _each_holding_once(decode_parts(text, claim.holdings.accounts_at), claim):
        part, place = rows.part, claim.weighed_at(rows.part.asset.chain)
        with step(7):
            if fault := block_fault(rows, claim, hashes):
                at, what = fault
                raise ValueError(f"{named_holding(part[at])} {what}")
        with step(8):
            faults = counted.fault(part), believed.first_fault(part), proofs.first_fault(place, part)
            _raise_first(part, *faults, passes.first_fault(part, believed))
            sampled.add(place, part)
            _raise_first(part, controlled.fault(rows.start, part))
        heard.add(part)
        weighing.add(rows)
    with step(8):
        sampled.end()
        believed.end()
        moved.end(snapshots.values())

    # 9. The finding follows from the evidence.
    finding = weighing.finding(snapshots, stated.proving, stated.passes)
    with step(8):
        proofs.check_nothing_over(named=stated.run.witness is not None)
    with step(9):
        written = statement.written["finding"]
        computed = finding_bytes(finding, statement.format)
        if canonical.encode(written) != computed:
            raise ValueError(difference(written, canonical.decode(computed, len(computed)), "finding", "the evidence"))
        heard.check(stated.run.heard)

    # 10. The policy is strict enough.
    with step(10):
        if policy is not None and (shortfalls := stated.policy.shortfalls(policy.narrowed(claim.units, claim.assets))):
            raise ValueError(f"its policy is laxer than the one demanded: {'; '.join(shortfalls)}")

    return statement, finding


@contextmanager
def step(number: int) -> Iterator[None]:
    """What is found wrong inside is wrong in this step."""
    try:
        yield
    except ValueError as error:
        raise AttestationInvalid(number, str(error)) from None


def _each_holding_once(parts: Iterable[EvidencePart], claim: Claim) -> Iterator[Matched]:
    """Step 6, of which reading a line is a part."""
    with step(6):
        yield from each_holding_once(parts, claim.holdings)


def _raise_first(part: EvidencePart, *faults: Fault | None) -> None:
    """That of the first row that has one; of several of one row, the first that is given."""
    found = [fault for fault in faults if fault is not None]
    if found:
        at, what = min(found, key=itemgetter(0))
        raise ValueError(f"{named_holding(part[at])}: {what}")


def _check_operators(run: Run, claim: Claim) -> None:
    """Step 8, what concerns the operators that were asked."""
    for chain in run.operators:
        if chain not in claim.chains:
            raise ValueError(f"operators of {chain} are listed, where the claim has nothing read")

"""What `scanner check` makes of a claim and its nodes: point for point what is so, why it matters, and what to do.

Four grades: `ok`; `note`, for what the finding will say; `gap`, for what may be missing from it if nothing changes; and
`stop`, where no scan could believe anything. Facts come in, points go out: nothing is asked or printed here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from scanner.chains.accounts import is_known
from scanner.chains.backends import unread_because
from scanner.cli import (
    alphabets,
    backing_points,
    liability_points,
    moment_points,
    reading_points,
    row_account,
    trial_results,
    uncounted_points,
)
from scanner.cli.check_result import CheckResult, Grade
from scanner.core.evidence import Gap
from scanner.core.ids import Chain
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.sources.addresses import ReadClaim
from scanner.sources.read_file import ReadFile
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.withheld import reasons_withheld

# What to do about a node that cannot be used, or a block that cannot be agreed on.
_REMEDIES: Final[Mapping[Why, str]] = {
    Why.UNREACHABLE: "See that the node runs and that its url is right, and that this machine may reach it.",
    Why.RATE_LIMITED: "Ask its operator for more, or give it a smaller max_in_flight.",
    Why.UNAUTHORIZED: "See that its user, password or key is right, and that its plan allows such requests.",
    Why.REFUSED: "These are the node's own words: ask its operator what they mean, or name another node.",
    Why.MALFORMED: "See that the url leads to a node of this kind, and not to some other program.",
    Why.WRONG_CHAIN: "Correct its chain, or its url.",
    Why.WRONG_BLOCK: "Correct the height under snapshots, or wait until the node has that block.",
    Why.NOT_FINAL: "Wait until that block is there and final, or correct as_of, or the height under snapshots.",
    Why.NO_PAST: "Scan soon after the claim's moment, and name no height: this chain can be read only as it is now.",
    Why.NO_STATE: "Name a node that keeps the state of past blocks (an archive node).",
    Why.FORGED: "Do not use this operator until it is known why its node gives headers that do not hold.",
    Why.UNSUPPORTED: "Name a node of another kind or version, one that can answer this.",
    Why.NO_QUORUM: "Fix the nodes above, name further operators, or declare a node of your own.",
    Why.DISAGREEMENT: "Find out which operator is wrong: wait if one lags behind, and take out one that is on a fork.",
}
_ELSE: Final = "docs/predicate.md says what the word stands for."


def points(
    read: ReadClaim, instrument: Instrument | None, lacking: Mapping[Chain, str], chains: Sequence[Examination]
) -> Iterator[CheckResult]:
    """All of them: of the claim, of its files, and chain by chain. `chains` is empty where no node was asked, and there
    may be no `instrument` to ask them with."""
    policy = Policy() if instrument is None else instrument.policy
    yield from _of_claim(read, policy)
    yield from backing_points.unknown_contracts(read.claim, policy)
    yield from liability_points.points(read.claim, read.proofs, policy)
    yield from moment_points.of_dates(read)
    yield from moment_points.of_heights(read)
    yield from moment_points.of_units(read.claim, policy, chains)
    yield from reading_points.points(read.claim.chains, row_account.unserved(read.claim))
    yield from reading_points.unread(read.claim)
    yield from reading_points.from_below(read.claim)
    yield from reading_points.elsewhere(read.claim)
    files = {file.name: file for file in read.files}
    for name, reasons in read.losses.items():
        yield CheckResult(
            Grade.NOTE,
            row_account.visible(name),
            f"not all that this file declares is in the claim: {_several(list(reasons))}",
            "No unit can be SHORT, since what is missing might be what covers it.",
            _way_out(files[name]),
        )
    for chain, count in row_account.unserved(read.claim).items():
        unmapped = chain.namespace == "unmapped"
        unasked = "nothing says what its labels mean" if unmapped else unread_because(chain) or ""
        if not unmapped and not is_known(chain):
            unasked += ", nothing is known of how its accounts are written (two spellings of one would be two)"
        yield CheckResult(
            Grade.NOTE,
            str(chain),
            f"{unasked}, and the claim has {_holdings(count)} there",
            "They will be gaps (UNSUPPORTED): nothing is counted for them, and the units they back cannot be SHORT.",
            "Say what they mean under labels." if unmapped else "",
        )
    yield from uncounted_points.points(read.claim)
    yield from uncounted_points.second_names(read.claim)
    if instrument is None:
        yield CheckResult(
            Grade.NOTE,
            "nodes",
            "no nodes' file was named, so that none was examined",
            "A scan needs one, nodes.yaml beside the claim unless another is named.",
            "Name it with --nodes; scanner init writes one.",
        )
        return
    examined = {chain.chain for chain in chains}
    for chain, problem in lacking.items():
        yield CheckResult(
            Grade.STOP,
            str(chain),
            problem,
            "No balance of this chain could be believed.",
            "Name more operators under nodes, or a node of your own (own: true); or lower the policy's quorum.",
        )
    for examination in chains:
        yield from _of_chain(examination, read.claim, instrument, first=examination.chain in examined)
        examined.discard(examination.chain)


def _way_out(file: ReadFile) -> str:
    """What to do where not all that a file declares is in the claim."""
    ways = []
    if file.misfits:
        ways.append("Fetch the file again, in case its end was lost; if it is as published, ask for one that is whole.")
    if file.vague:
        ways.append("Say what an unknown label means under labels, or name its unit under liabilities.")
    return (
        " ".join(ways) or "Fix what the file's account names (scanner import tells of every row), or ask for its rows."
    )


def _of_claim(read: ReadClaim, policy: Policy) -> Iterator[CheckResult]:
    claim = read.claim
    yield from alphabets.points(claim.exchange)
    listed = "; ".join(backing_points.rests_on(claim, policy))
    counted = f"{_holdings(len(claim.holdings))}: {listed}" if claim.holdings else "no holdings"
    yield CheckResult(Grade.OK, "claim", counted)
    yield CheckResult(Grade.OK, "claim", f"owed: {', '.join(claim.liabilities)}")
    if (share := claim.share_of_all_owed) is not None:
        spoken = f"speaks of {share.text} of all that is owed to customers, as the exchange states it"
        yield CheckResult(Grade.OK, "claim", spoken)
    if untold := [unit for unit, liability in claim.liabilities.items() if liability.owed is None]:
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"how much is owed is not stated: {', '.join(untold)}",
            "The verdict on such a unit is UNKNOWN, so that not all units can be COVERED.",
            "State the amount under liabilities, if it was published, or take the unit out.",
        )
    if nothing := sorted(_owed(claim) - _held(claim)):
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"owed, and no account listed for it: {', '.join(nothing)}",
            _undeclared(claim, nothing, policy),
            "List the accounts that hold it, take the unit out, or say that the list is a part (complete: false).",
        )
    if more := unowed(claim):
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"held, and no liability stated: {', '.join(more)}",
            "What is held of it is read and reported, and not judged.",
            "Name it under liabilities, if it is owed.",
        )
    if not claim.complete and not read.losses:
        yield CheckResult(
            Grade.NOTE,
            "claim",
            "lists a part of the declared accounts only (complete: false)",
            "A unit can be COVERED, never SHORT.",
        )


def _of_chain(examined: Examination, claim: Claim, instrument: Instrument, *, first: bool) -> Iterator[CheckResult]:
    """What the nodes of a chain said; what concerns all its heights is reported with the `first` one."""
    about, pinned = str(examined.chain), examined.pinned
    count = f"its {examined.holdings:,} holdings" if examined.holdings != 1 else "its one holding"
    past = isinstance(pinned, Gap) and pinned.why is Why.NO_PAST  # then no node's answer would help
    too_few = (isinstance(pinned, Gap) and not past) or bool(examined.trials.lost)
    for failed in examined.failures if first else ():
        operator, gap = failed.operator.name, failed.gap
        spare = operator in examined.operators
        enough = "Another node of that operator answers." if spare else "The others suffice for the quorum."
        enough = "No node is asked there." if past else enough
        yield CheckResult(
            Grade.GAP if too_few else Grade.NOTE,
            about,
            f"a node of {trial_results.place_of(operator, failed.line)} cannot be used: {gap.why}, {gap.detail}",
            f"That is one voice less for {count}." if too_few else enough,
            _REMEDIES.get(gap.why, _ELSE),
        )
    if isinstance(pinned, Gap) and not examined.weighed:
        yield CheckResult(
            Grade.NOTE,
            about,
            f"no block to compare {examined.holdings:,} claimed amounts at: {pinned.why}, {pinned.detail}",
            "They are read and counted all the same, at the block where the chain is weighed.",
        )
        return
    if isinstance(pinned, Gap):
        if examined.holdings and instrument.for_chain(examined.chain):
            yield CheckResult(
                Grade.GAP,
                about,
                f"no block to read at: {pinned.why}, {pinned.detail}",
                f"Without one, {count} would be {'gaps' if examined.holdings != 1 else 'a gap'}.",
                _REMEDIES.get(pinned.why if examined.operators else Why.NO_QUORUM, _ELSE),
            )
        return
    named = ", ".join(pinned.operators)
    say = "say" if pinned.operators[1:] else "says"
    block = f"{pinned.value} {moment_points.described(pinned.value, claim)}"
    if not examined.weighed:
        yield CheckResult(Grade.NOTE, about, f"{block}: amounts claimed there are compared there")
        return
    yield CheckResult(Grade.OK, about, f"{block}, as {named} {say}")
    quorum = instrument.policy.quorum
    if first and len(examined.operators) < quorum:
        yield CheckResult(
            Grade.NOTE,
            about,
            f"only {len(examined.operators)} of the {quorum} operators that the quorum demands answer",
            "Your own node is believed alone: the basis of balances will be OWN, or PROVEN where it gives proofs.",
            "Name further operators, if others are to believe the finding as well.",
        )
    yield from trial_results.results(examined, claim, instrument, _REMEDIES, _ELSE)


def unowed(claim: Claim) -> list[str]:
    """Units of which something is held, and of which the claim says nothing about what is owed."""
    return sorted(_held(claim) - claim.liabilities.keys())


def _held(claim: Claim) -> set[str]:
    """Units of which accounts are listed."""
    return {claim.assets[asset].backs for asset in claim.holdings.counts()}


def _undeclared(claim: Claim, units: Collection[str], policy: Policy) -> str:
    """What comes of units for which no account is listed."""
    if not claim.complete:
        return "The verdict on such a unit is UNKNOWN, so that not all units can be COVERED."
    policy = policy.narrowed(claim.units, claim.assets)
    withheld = [unit for unit in units if reasons_withheld(claim.liabilities[unit], (), claim.as_of, policy)]
    judged = [unit for unit in units if unit not in withheld]
    sentences = []
    if judged:
        custody = any(each.unit in judged for each in claim.custody)
        unless = ", unless what third parties are said to hold reaches what is owed" if custody else ""
        such = f"{', '.join(judged)} would be" if withheld else "such a unit is"
        sentences.append(f"The claim calls its list complete, so nothing is held of it: {such} SHORT{unless}.")
    if withheld:
        sentences.append(f"UNKNOWN, since what is owed is contradicted or not shown: {', '.join(withheld)}.")
    return " ".join(sentences)


def _owed(claim: Claim) -> set[str]:
    """Units of which more than nothing is owed."""
    return {unit for unit, liability in claim.liabilities.items() if liability.owed}


def _holdings(count: int) -> str:
    return "1 holding" if count == 1 else f"{count:,} holdings"


def _several(reasons: Sequence[str], shown: int = 5) -> str:
    more = f"; and {len(reasons) - shown:,} more" if len(reasons) > shown else ""
    return "; ".join(reasons[:shown]) + more

"""What `scanner check` and `scanner import` say of time: how far the blocks at which a claim would be weighed lie from
its moment and from each other, and which dates and heights of its files contradict it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.cli.check_result import CheckResult, Grade
from scanner.cli.row_account import visible
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.scanning.pin import no_past
from scanner.sources.addresses import ReadClaim
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.moments import Span, Weighed, apart, duration
from scanner.weighing.policy import Policy

_A_DAY: Final = timedelta(days=1)  # a file's day may be that of another time zone


def of_dates(read: ReadClaim) -> Iterator[CheckResult]:
    """Days that the claim's report or its files name, and that are not those of the claim's moment."""
    claim = read.claim
    moment = (claim.owed_as_of or claim.as_of).date()
    if claim.report.published and date.fromisoformat(claim.report.published) < moment - _A_DAY:
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"its report was published on {claim.report.published}, before the moment that it is to be of",
            "What is judged is the moment that as_of names.",
            "Correct as_of, or the date under report.",
        )
    for file in read.files:
        others = [day for day in file.days if not _near(day, moment)]
        if others:
            yield CheckResult(
                Grade.NOTE,
                visible(file.name),
                f"its name says {' and '.join(others)}, and the claim is as of {moment}",
                "What is judged is the moment that as_of names.",
                "Correct as_of, if the file is of another day.",
            )


def of_heights(read: ReadClaim) -> Iterator[CheckResult]:
    """Chains of which a file names other heights than the one at which everything is weighed."""
    claim = read.claim
    for file in read.files if claim.owed_as_of is None else ():
        for chain, heights in file.heights.items():
            place = claim.weighed_at(chain)
            if heights.count == 1 and heights.lowest == place[1]:
                continue
            named = f"block {heights.lowest:,}"
            if heights.count > 1:
                named = f"{heights.count:,} blocks, from {heights.lowest:,} to {heights.highest:,}"
            yield CheckResult(
                Grade.NOTE,
                visible(file.name),
                f"its rows name {named} of {chain}, where all holdings are weighed at {_at(place, claim)}",
                "A row's own block serves to compare its amount, and for nothing else: coins that moved between two"
                " accounts would count twice.",
                f"Name one height of {chain} under snapshots, if all are to be weighed there."
                if heights.count > 1
                else "",
            )


def passed(claim: Claim, policy: Policy, now: datetime) -> dict[Chain, Gap]:
    """Chains that can be read only as they are `now`, where the claim is of the past; and what becomes of them."""
    tips = filter(reads_only_tip, sorted(claim.chains))
    gaps = {chain: no_past(claim.weighed_at(chain)[1], claim.as_of, now, policy) for chain in tips}
    return {chain: gap for chain, gap in gaps.items() if gap is not None}


def of_the_past(claim: Claim, policy: Policy, now: datetime, chains: Sequence[Examination]) -> Iterator[CheckResult]:
    """Chains that can be read only as they are now, and the claim is of the past: so for every node there is. `chains`
    that were examined and say it themselves are left out."""
    said = {each.chain for each in chains if isinstance(each.pinned, Gap) and each.pinned.why is Why.NO_PAST}
    for chain, gap in passed(claim, policy, now).items():
        if chain not in said:
            yield CheckResult(
                Grade.NOTE,
                str(chain),
                f"{gap.why}, {gap.detail}",
                "All holdings there will be gaps, whatever nodes are named: nothing is counted for them, and the units"
                " they back cannot be SHORT.",
                "Scan soon after the claim's moment, and name no height.",
            )


def described(snapshot: Snapshot, claim: Claim) -> str:
    """A block's time, and how far from the claim's moment it is."""
    away = snapshot.time - claim.as_of
    where = "at as_of" if not away else f"{duration(away)} {'after' if away > timedelta(0) else 'before'} as_of"
    return f"of {snapshot.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}, {where}"


def of_units(claim: Claim, policy: Policy, chains: Sequence[Examination]) -> Iterator[CheckResult]:
    """Units whose blocks are no one moment, and how far the blocks of the others lie apart."""
    pinned = {
        examined.chain: Weighed.at(examined.pinned.value, claim.weighed_at(examined.chain)[1])
        for examined in chains
        if examined.weighed and not isinstance(examined.pinned, Gap)
    }
    for unit, blocks in _by_unit(claim, pinned).items():
        why, span = apart(blocks, claim.as_of, policy.max_skew), Span.of(blocks)
        if why and claim.liabilities[unit].owed == 0:
            yield CheckResult(
                Grade.NOTE,
                "claim",
                f"{unit}: MOMENTS_APART, {why}",
                "Nothing is owed of it, so that it is covered whenever it is weighed; the finding tells it.",
            )
        elif why:
            yield CheckResult(
                Grade.GAP,
                "claim",
                f"{unit}: MOMENTS_APART, {why}",
                "The unit would be UNKNOWN: coins that crossed from one chain to another in between would count twice.",
                "Correct as_of, or name blocks under snapshots that are close to it and each other; or let the policy"
                " allow more (max_skew).",
            )
        elif span is not None and span.length:
            yield CheckResult(
                Grade.OK,
                "claim",
                f"{unit}: its blocks are up to {duration(span.length)} apart, of {duration(policy.max_skew)} allowed",
            )


def _by_unit(claim: Claim, pinned: Mapping[Chain, Weighed]) -> dict[str, list[Weighed]]:
    """The blocks that feed each unit of the claim's liabilities."""
    chains: dict[str, set[Chain]] = {}
    for asset in claim.holdings.counts():
        chains.setdefault(claim.assets[asset].backs, set()).add(asset.chain)
    return {
        unit: [pinned[chain] for chain in sorted(chains.get(unit, ())) if chain in pinned]
        for unit in sorted(claim.liabilities)
    }


def _at(place: ChainHeight, claim: Claim) -> str:
    return f"the last block by {claim.as_of:%Y-%m-%dT%H:%M:%SZ}" if place[1] is None else f"block {place[1]:,}"


def _near(day: str, moment: date) -> bool:
    try:
        return abs(date.fromisoformat(day) - moment) <= _A_DAY
    except ValueError:  # as 2026-02-30 is: no day at all
        return False

"""Series read: at each moment what a scan would read, gaps for what cannot be, and nothing asked for twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, write_envelope
from scanner.chains.registry import FAMILIES
from scanner.core.evidence import Gap
from scanner.errors import AttestationInvalid, InputError, NodeError, Why
from scanner.scanning.journal import Journal
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule
from scanner.weighing.series import Lacking, Transience
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, toy
from tests.support.toy_series import (
    AS_OF,
    HEIGHT,
    MOMENT,
    LinkedChain,
    a_claim,
    around,
    made,
    steady,
)


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy())


def growing(height: int) -> Mapping[bytes, int]:
    return {b"anna": 10_000 + height, b"bert": 300}


def chains(held: object = steady) -> dict[str, LinkedChain]:
    return {name: LinkedChain(HEIGHT, held, step=0) for name in ("alpha", "beta")}  # type: ignore[arg-type]


def disagreeing() -> dict[str, LinkedChain]:
    both = chains()
    both["beta"].header(HEIGHT)  # so that it names the blocks as the other does
    both["beta"].balances = lambda height: {} if height < MOMENT - 200 else steady(height)
    return both


def test_at_each_moment_everything_is_read_at_the_last_block_by_then() -> None:
    found = made(growing).series
    assert len(found.points) == 13
    for point in found.points:
        height = (point.at - FIRST) // timedelta(seconds=1)
        assert point.snapshots[CHAIN].height == height
        assert point.units["TOY"].held * 100 == sum(growing(height).values())


def test_the_claims_own_moment_is_weighed_as_the_scan_weighs_it() -> None:
    """At the height that the claim names, and against the amounts that it states."""
    claim = a_claim(snapshots={CHAIN: MOMENT - 30})
    found = made(growing, claim=claim)
    (own,) = (scan for scan in found.scans if scan.finding.claim.as_of == AS_OF)
    assert own.finding.claim == claim
    assert found.series.at(AS_OF).snapshots[CHAIN].height == MOMENT - 30
    assert found.verified(claim).series == found.series


def test_what_cannot_be_read_at_one_moment_is_a_gap_there_and_shows_nothing() -> None:
    """Two operators name the same blocks, and do not agree on what was held before one of them."""
    found = made(chains=disagreeing())
    first, *_, last = found.series.points
    assert (first.units["TOY"].gaps, last.units["TOY"].gaps) == (2, 0)
    (unit,) = found.series.sustained
    assert (unit.shows, unit.lacking) == (Transience.NOT_SHOWN, (Lacking.GAPS,))
    assert found.verified().series == found.series


def test_stretches_that_are_not_final_yet_have_no_moment() -> None:
    both = {name: LinkedChain(MOMENT + 150, steady, step=0) for name in ("alpha", "beta")}
    found = made(chains=both)
    assert set(found.series.blocks) == set(range(-6, 2))
    (unit,) = found.series.sustained
    assert Lacking.NOT_DRAWN in unit.lacking
    assert found.verified().series == found.series


def test_operators_that_fail_leave_gaps_and_no_moment_but_the_claims_own() -> None:
    failing = chains()
    failing["beta"].failure = NodeError(Why.UNREACHABLE, "it is off")
    found = made(chains=failing)
    assert [point.at for point in found.series.points] == [AS_OF]
    (unit,) = found.series.sustained
    assert unit.lacking == (Lacking.GAPS, Lacking.NOT_DRAWN, Lacking.NO_BLOCKS)


def test_a_claim_whose_chains_are_read_only_as_they_are_has_no_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))
    with pytest.raises(InputError, match="none of its chains can be read in the past"):
        made()


def test_a_schedule_that_ends_in_the_future_is_refused() -> None:
    with pytest.raises(InputError, match="still to come"):
        made(schedule=Schedule(AS_OF, timedelta(days=1), 0, 1))


def test_what_was_settled_is_not_asked_for_again(tmp_path: Path) -> None:
    """A second run, as after a kill, asks for blocks and for no balance."""
    both = chains(growing)
    with Journal(tmp_path / "j", [b"k" * 32]) as journal:
        first = made(chains=both, journal=journal)
        settled = journal.settled
    for chain in both.values():
        chain.balances = lambda _: {}
    with Journal(tmp_path / "j", [b"k" * 32]) as journal:
        again = made(chains=both, journal=journal)
        assert journal.settled == settled
    assert again.series.points == tuple(
        replace(point, statement=other.statement)
        for point, other in zip(first.series.points, again.series.points, strict=True)
    )


def test_a_gap_is_asked_for_again_by_the_next_run(tmp_path: Path) -> None:
    both = disagreeing()
    with Journal(tmp_path / "j", [b"k" * 32]) as journal:
        assert made(chains=both, journal=journal).series.sustained[0].shows is Transience.NOT_SHOWN
    both["beta"].balances = steady
    with Journal(tmp_path / "j", [b"k" * 32]) as journal:
        assert made(chains=both, journal=journal).series.sustained[0].shows is Transience.NONE_FOUND


def test_a_chain_that_is_read_only_as_it_is_cannot_be_stated_at_another_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(schedule=around(2))
    assert found.verified().series == found.series
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))
    with pytest.raises(AttestationInvalid, match="drawn by another chain than any that the claim has"):
        found.verified()


def test_under_a_policy_that_demands_more_than_was_read_nothing_is_shown() -> None:
    found = made(policy=Policy(quorum=3), schedule=around(2))
    assert found.series.sustained[0].shows is Transience.NOT_SHOWN
    assert all(
        isinstance(row.outcome, Gap) and row.outcome.why is Why.NO_QUORUM for scan in found.scans for row in scan.rows
    )


def many(height: int) -> Mapping[bytes, int]:
    """Some large, and lent, and many small; one small one grows large later, unseen by a share."""
    small = {b"s%c%ct" % (97 + number // 10, 97 + number % 10): 1 for number in range(100)}
    return {**small, b"anna": 9_000 + 1_000 * (abs(height - MOMENT) <= 60), b"bert": 300, b"saat": 1 + height // 10}


MANY = Holdings.of(Holding(COIN, account) for account in sorted(many(0)))


def test_a_share_reads_the_largest_accounts_alone_at_other_moments() -> None:
    claim = a_claim(holdings=MANY)
    found = made(many, claim=claim, share=Fraction(98, 100))
    share = found.series.share
    assert share is not None
    assert (share.of, share.rows, share.among) == (Fraction(98, 100), 2, 102)
    assert share.held == {"TOY": Fraction(10_000 + 300 + 99 + 1 + MOMENT // 10, 100)}
    assert [len(scan.rows) for scan in found.scans] == [102] + [2] * 12  # the claim's own moment is read first
    (unit,) = found.series.sustained
    assert (unit.held, unit.sustained, unit.transient) == (Fraction(103), Fraction(93), Fraction(10))
    assert found.verified(claim).series == found.series
    assert made(many, claim=claim).series.share is None


def test_a_row_that_was_a_gap_is_read_at_every_moment() -> None:
    both = chains(many)
    both["beta"].header(HEIGHT)
    both["beta"].balances = lambda height: {**many(height), b"saht": 5} if height == MOMENT else many(height)
    claim = a_claim(holdings=MANY)
    found = made(claim=claim, share=Fraction(98, 100), chains=both)
    assert found.series.share is not None
    assert found.series.share.rows == 3
    assert found.series.sustained[0].lacking == (Lacking.GAPS,)
    assert found.verified(claim).series == found.series


def test_which_accounts_are_read_follows_from_the_claims_own_moment() -> None:
    """Who reads fewer, by a smaller share than is stated, has points that do not hold."""
    claim = a_claim(holdings=MANY)
    found = made(many, claim=claim, share=Fraction(1, 2))
    statement = json.loads(found.statement)
    statement["predicate"]["series"]["share"]["of"] = "0.99"
    changed = canonical.encode(statement)
    document = write_envelope(Envelope(changed).signed(Seal(b"x")))
    with pytest.raises(AttestationInvalid, match=r"step 6: .* is missing from the evidence") as error:
        replace(found, document=document).verified(claim)
    assert error.value.step == 6


def test_where_nothing_was_held_a_share_of_it_is_nothing_and_shows_nothing() -> None:
    found = made(lambda _: {}, share=Fraction(99, 100), schedule=around(2))
    assert found.series.share is not None
    assert found.series.share.rows == 0
    assert found.series.sustained[0].lacking == (Lacking.NO_BLOCKS,)
    assert found.verified().series == found.series

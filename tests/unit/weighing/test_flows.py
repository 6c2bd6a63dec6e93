"""Flows: what came and went, with whom, what is a round trip, and that a transfer more or less is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.transfers import NOT_ONE, Transfer
from scanner.errors import Why
from scanner.weighing.flows import (
    LARGEST,
    ROUND_TRIPS,
    Completeness,
    Concentration,
    Counterpart,
    Flows,
    Incomplete,
    Moved,
    check_window,
    has_room,
    moments,
)
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.transfer_lists import AgreedList, FlowPoint
from tests.support.simulated.toy_family import CHAIN, COIN
from tests.support.strength import examples
from tests.support.tables import each_of
from tests.support.toy_series import AS_OF, a_claim

OWN = (b"anna", b"bert")
OTHERS = (b"cara", b"dora", b"emil")
WINDOW = timedelta(minutes=10)
START, AT, END = 100, 200, 300


def block(height: int) -> str:
    return f"{height:064x}"


def sent(height: int, index: int, source: bytes, target: bytes, atoms: int) -> Transfer:
    return Transfer(COIN, height, index, block(height), f"t{height}-{index}", source, target, atoms)


def flows_of(transfers: list[Transfer], **changes: Any) -> Flows:
    """With balances that follow from the transfers."""
    claim = a_claim()

    def point(moment: Any, height: int) -> FlowPoint:
        balances = dict.fromkeys(OWN, 10**6)
        for each in transfers:
            if each.height <= height:
                for account, sign in ((each.source, -1), (each.target, 1)):
                    if account in balances:
                        balances[account] += sign * each.atoms
        snapshot = Snapshot(CHAIN, height, block(height), block(height - 1), moment)
        return FlowPoint(moment, "00" * 32, Policy(), {CHAIN: snapshot}, {COIN: dict(balances)})

    before, at, after = (point(*each) for each in zip(moments(claim, WINDOW), (START, AT, END), strict=True))
    values: dict[str, Any] = {
        "claim": claim,
        "window": WINDOW,
        "points": (before, at, after),
        "listings": {COIN: AgreedList(("alpha", "beta"))},
        "transfers": tuple(sorted(transfers)),
        "operators": {CHAIN: ("alpha", "beta", "gamma")},
        "own": (),
    }
    return Flows(**{**values, **changes})


TRANSFERS = st.lists(
    st.builds(
        sent,
        st.integers(START + 1, END),
        st.integers(0, 9),
        st.sampled_from((*OWN, *OTHERS)),
        st.sampled_from((*OWN, *OTHERS)),
        st.integers(1, 500),
    ).filter(lambda each: each.source in OWN or each.target in OWN),
    max_size=20,
    unique_by=lambda each: (each.height, each.index),
)


@settings(max_examples=examples(200), deadline=None)
@given(TRANSFERS)
def test_all_transfers_come_to_the_balances_and_each_is_on_one_side(transfers: list[Transfer]) -> None:
    (flow,) = flows_of(transfers).assets
    assert (flow.shows, flow.lacking) == (Completeness.COMPLETE, ())
    for side, heights in ((flow.before, range(START + 1, AT + 1)), (flow.after, range(AT + 1, END + 1))):
        of_side = [each for each in transfers if each.height in heights]
        assert side.transfers == len(of_side)
        assert side.moved.came - side.moved.went == side.change
        assert side.moved.came == sum(e.atoms for e in of_side if e.target in OWN and e.source not in OWN)
        assert side.among == sum(e.atoms for e in of_side if e.target in OWN and e.source in OWN)
    assert sum(each.before.came for each in flow.counterparts) == flow.before.moved.came
    assert sum(each.after.went for each in flow.counterparts) == flow.after.moved.went


@settings(max_examples=examples(200), deadline=None)
@given(TRANSFERS)
def test_what_one_counterpart_moved_alone_is_all_of_it_and_more_of_them_are_less_concentrated(
    transfers: list[Transfer],
) -> None:
    (flow,) = flows_of(transfers).assets
    for found, side, moved in (
        (flow.came_before, [each.before.came for each in flow.counterparts], flow.before.moved.came),
        (flow.went_after, [each.after.went for each in flow.counterparts], flow.after.moved.went),
    ):
        if not moved:
            assert found is None
            continue
        assert found is not None
        number = sum(bool(atoms) for atoms in side)
        assert Fraction(1, number) <= found.herfindahl <= found.largest <= 1
        assert found.herfindahl == sum(Fraction(atoms, moved) ** 2 for atoms in side)
        assert (found.largest == 1) == (number == 1)


def test_what_came_from_no_one_account_is_of_the_whole_and_no_counterparts() -> None:
    (flow,) = flows_of(
        [
            sent(110, 0, b"cara", b"anna", 30),
            sent(120, 0, b"dora", b"anna", 10),
            sent(130, 0, NOT_ONE, b"bert", 60),
            sent(210, 0, b"bert", NOT_ONE, 5),
        ]
    ).assets
    assert flow.came_before == Concentration(Fraction(3, 10), Fraction(10, 100))
    assert flow.went_after == Concentration(Fraction(0), Fraction(0))


@settings(max_examples=examples(200), deadline=None)
@given(TRANSFERS.filter(bool), st.data())
def test_a_transfer_that_is_left_out_never_leaves_the_flow_complete(transfers: list[Transfer], data: Any) -> None:
    """But one that an account sends to itself, which moves nothing."""
    whole = flows_of(transfers)
    left_out = data.draw(st.sampled_from(transfers))
    (flow,) = replace(whole, transfers=tuple(each for each in whole.transfers if each != left_out)).assets
    expected = Completeness.COMPLETE if left_out.source == left_out.target else Completeness.INCOMPLETE
    assert flow.shows is expected


@settings(max_examples=examples(100), deadline=None)
@given(TRANSFERS, st.sampled_from([(point, account) for point in range(3) for account in OWN]))
def test_a_balance_that_is_not_known_never_leaves_the_flow_complete(
    transfers: list[Transfer], missing: tuple[int, bytes]
) -> None:
    whole, (number, account) = flows_of(transfers), missing
    points = list(whole.points)
    balances = {COIN: {**points[number].balances[COIN], account: None}}
    points[number] = replace(points[number], balances=balances)
    (flow,) = replace(whole, points=tuple(points)).assets
    assert (flow.shows, flow.lacking) == (Completeness.INCOMPLETE, (Incomplete.BALANCES,))
    assert (flow.before.unread, flow.after.unread) == (int(number < 2), int(number > 0))
    assert (flow.held is None) == (number == 1)


@each_of(
    ("came", "went", "is_one"),
    [
        (1000, 1000, True),
        (1000, 990, True),
        (1000, 989, False),
        (990, 1000, True),
        (989, 1000, False),
        (1, 1, True),
        (0, 0, False),
        (0, 5, False),
        (5, 0, False),
        (10**30, 10**30 - 10**28, True),
        (10**30, 10**30 - 10**28 - 1, False),
    ],
)
def test_a_round_trip_is_within_one_percent_of_the_larger_amount(came: int, went: int, is_one: bool) -> None:
    assert Counterpart(b"cara", Moved(came=came, went=77), Moved(came=99, went=went)).round_trip is is_one


def test_what_goes_before_and_comes_after_is_no_round_trip() -> None:
    (flow,) = flows_of([sent(AT, 0, b"anna", b"cara", 50), sent(AT + 1, 0, b"cara", b"anna", 50)]).assets
    assert (flow.round_trips, flow.named) == (0, ())
    (other,) = flows_of([sent(AT, 0, b"cara", b"anna", 50), sent(AT + 1, 0, b"bert", b"cara", 50)]).assets
    assert (other.round_trips, [each.account for each in other.named]) == (1, [b"cara"])


def test_the_largest_are_named_and_beside_them_the_largest_round_trips() -> None:
    large = [sent(AT, number, b"L%03d" % number, b"anna", 10_000 + number) for number in range(LARGEST + 5)]
    small = [
        sent(height, number + 100, *pair, 10 + number)
        for number in range(ROUND_TRIPS + 5)
        for height, pair in ((AT, (b"S%03d" % number, b"anna")), (AT + 1, (b"anna", b"S%03d" % number)))
    ]
    (flow,) = flows_of([*large, *small]).assets
    assert flow.round_trips == ROUND_TRIPS + 5
    assert [each.account for each in flow.named] == [
        *(b"L%03d" % number for number in range(LARGEST + 4, 4, -1)),
        *(b"S%03d" % number for number in range(ROUND_TRIPS + 4, 4, -1)),
    ]


def test_of_equal_counterparts_the_first_by_its_key_comes_first() -> None:
    (flow,) = flows_of(
        [sent(AT, number, account, b"anna", 5) for number, account in enumerate(reversed(OTHERS))]
    ).assets
    assert [each.account for each in flow.counterparts] == list(OTHERS)


ONE = sent(AT, 0, b"cara", b"anna", 5)
ELSEWHERE = AssetId(CHAIN, "slip44", "7778")


def at(number: int, **changes: Any) -> Callable[[Flows], dict[str, Any]]:
    def points(flows: Flows) -> dict[str, Any]:
        listed = list(flows.points)
        listed[number] = replace(listed[number], **changes)
        return {"points": tuple(listed)}

    return points


@each_of(
    ("changes", "why"),
    [
        (lambda _: {"transfers": (ONE, ONE)}, "out of order, or twice"),
        (lambda _: {"transfers": (ONE, replace(ONE, atoms=6))}, "out of order, or twice"),
        (lambda _: {"transfers": (replace(ONE, height=AT + 1, block="b"), ONE)}, "out of order, or twice"),
        (lambda _: {"transfers": (replace(ONE, height=START, block=block(START)),)}, "not between the moments"),
        (lambda _: {"transfers": (replace(ONE, height=END + 1),)}, "not between the moments"),
        (lambda _: {"transfers": (replace(ONE, block="cd" * 32),)}, "two blocks of toy:main are named at height 200"),
        (
            lambda _: {
                "transfers": (replace(ONE, height=150, block="a"), replace(ONE, height=150, block="b", index=1))
            },
            "two blocks of toy:main are named at height 150",
        ),
        (
            lambda _: {
                "transfers": (replace(ONE, height=150, block="a"), replace(ONE, height=151, block="a", index=1))
            },
            "named at height 151, or one at two heights",
        ),
        (lambda _: {"transfers": (replace(ONE, height=AT - 1, block=block(AT)),)}, "named at height 199"),
        (lambda _: {"transfers": (replace(ONE, height=AT - 1, block="ab" * 32),)}, "named at height 199"),
        (lambda _: {"transfers": (replace(ONE, target=b"dora"),)}, "between accounts of others"),
        (lambda _: {"transfers": (replace(ONE, asset=ELSEWHERE),)}, "of which none are listed"),
        (lambda _: {"listings": {COIN: Gap(Why.NO_QUORUM)}}, "of which none are listed"),
        (lambda _: {"listings": {}}, "other assets than the claim's"),
        (lambda f: {"listings": {**f.listings, ELSEWHERE: Gap(Why.NO_QUORUM)}}, "other assets than the claim's"),
        (lambda _: {"listings": {COIN: AgreedList(("alpha",))}}, "too few operators"),
        (lambda _: {"listings": {COIN: AgreedList(())}}, "too few operators"),
        (lambda _: {"listings": {COIN: AgreedList(("alpha", "zeta"))}}, "by others than the operators"),
        (lambda _: {"listings": {COIN: AgreedList(("alpha", "beta"), ("gamma",))}}, "too few operators"),
        (lambda _: {"listings": {COIN: AgreedList(("alpha", "beta"), ("beta",))}}, "and others of it too"),
        (lambda _: {"window": WINDOW * 2}, "other moments"),
        (lambda _: {"window": timedelta(seconds=61)}, "whole minutes"),
        (at(0, snapshots={}), "do not follow each other"),
        (at(2, snapshots={}), "do not follow each other"),
        (at(1, snapshots={CHAIN: Snapshot(CHAIN, END + 1, "b", "a", AS_OF)}), "do not follow each other"),
        (at(1, balances={}), "no account that counts"),
    ],
)
def test_flows_that_cannot_be_are_refused(changes: Callable[[Flows], dict[str, Any]], why: str) -> None:
    flows = flows_of([ONE])
    with pytest.raises(ValueError, match=why):
        replace(flows, **changes(flows))


def test_no_block_between_the_moments_has_no_list() -> None:
    flows = flows_of([])
    same = {CHAIN: flows.points[0].snapshots[CHAIN]}
    with pytest.raises(ValueError, match="do not follow each other"):
        replace(flows, points=tuple(replace(point, snapshots=same) for point in flows.points))


def test_a_recorded_dissent_leaves_a_list_believed_and_the_auditor_is_enough() -> None:
    flows = flows_of([ONE])
    points = tuple(replace(point, policy=Policy(dissent=Dissent.RECORD)) for point in flows.points)
    replace(flows, points=points, listings={COIN: AgreedList(("alpha", "beta"), ("gamma",))})
    replace(flows, listings={COIN: AgreedList(("gamma",))}, own=("gamma",))


def test_a_list_that_is_not_there_says_nothing_of_transfers() -> None:
    (flow,) = flows_of([], listings={COIN: Gap(Why.DISAGREEMENT, "why")}).assets
    assert (flow.shows, flow.lacking) == (Completeness.NOT_LISTED, (Incomplete.TRANSFERS,))


@each_of("window", [timedelta(minutes=1), timedelta(hours=24), timedelta(days=30)])
def test_a_window_is_whole_minutes(window: timedelta) -> None:
    check_window(window)


def test_a_window_beyond_the_calendar_is_refused() -> None:
    first = a_claim(as_of=AS_OF.replace(year=1, month=1, day=1))
    with pytest.raises(ValueError, match="calendar"):
        moments(first, timedelta(days=30))


def test_a_statement_has_room_for_some_hundred_assets() -> None:
    assert has_room(400)
    assert not has_room(500)

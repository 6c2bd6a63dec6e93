"""Which UNKNOWN stays, whatever nodes answer next time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_chain
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap
from scanner.errors import CLAIM_ONLY, LASTING, Why
from scanner.weighing.control.awaited import may_be_answered
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Ownership
from scanner.weighing.lasting import is_lasting
from tests.support.findings import ETH, Rows, finding
from tests.support.strength import cases
from tests.support.tables import each_of

PASSING = sorted(set(Why) - LASTING)


def lasting(rows: Rows, owed: str | None, *, custody: str = "0", complete: bool = True) -> bool:
    (reserve,) = finding(rows, {"ETH": owed}, custody=custody, complete=complete).reserves
    return is_lasting(reserve)


@each_of("why", sorted(LASTING))
def test_a_gap_that_no_node_can_fill_makes_an_unknown_that_lasts(why: Why) -> None:
    assert lasting([(ETH, 1), (ETH, Gap(why))], "1")


@each_of("why", PASSING)
def test_one_gap_that_a_node_may_fill_makes_it_worth_asking_again(why: Why) -> None:
    assert not lasting([(ETH, 1), (ETH, Gap(why))], "1")
    assert not lasting([(ETH, Gap(Why.NO_PAST)), (ETH, Gap(why))], "1")


@pytest.mark.parametrize(
    ("chain", "scheme", "owners", "answered"),
    [
        ("eip155:1", "eip191", None, True),
        ("eip155:1", "", None, True),
        ("eip155:1", "crystal-ball", None, False),  # no answer of a chain makes it known
        ("eip155:1", "okx-ed25519", None, False),  # known, and not used there
        ("eip155:1", "eip191", ContractOwners(owner=b"\1" * 20), False),  # it was heard
        ("bip122:000000000019d6689c085ae165831e93", "bip137", None, False),  # and there is nothing to ask
        ("beacon:1", "crystal-ball", None, True),  # a validator's own proof is not looked at
        ("beacon:1", "", ContractOwners(), False),
    ],
)
def test_control_that_cannot_be_judged_lasts_unless_the_chain_has_yet_to_answer(
    chain: str, scheme: str, owners: ContractOwners | None, answered: bool
) -> None:
    published = Ownership(scheme, "a message", ("0x00",))
    assert may_be_answered(parse_chain(chain), bytes(20), published, owners) is answered


def test_want_of_control_is_worth_asking_again_only_where_an_answer_can_bring_it() -> None:
    rows: Rows = [(ETH, 1)]
    for control, lasts in ((Control.ABSENT, True), (Control.UNSHOWN, True), (Control.UNVERIFIABLE, False)):
        found = finding(rows, {"ETH": "1"}, controls=[control], require_ownership=Control.SHOWN)
        assert is_lasting(found.reserves[0]) is lasts


def test_what_the_claim_leaves_open_lasts_whatever_is_read() -> None:
    gap = Gap(Why.UNREACHABLE)
    assert lasting([(ETH, 10**18), (ETH, gap)], None)
    assert lasting([(ETH, 1)], "1", complete=False)
    assert lasting([(ETH, 10**18 // 2)], "1", custody="1")
    assert not lasting([(ETH, 1), (ETH, gap)], "1", complete=False)  # the gap may be all that is owed


@pytest.mark.parametrize("atoms", [10**18, 1])
def test_a_verdict_is_no_unknown_that_lasts(atoms: int) -> None:
    assert not lasting([(ETH, atoms)], "1")
    assert not lasting([(ETH, atoms), (ETH, Gap(Why.NO_KEY))], "1") or atoms == 1


def test_what_follows_from_the_claim_alone_always_lasts() -> None:
    assert CLAIM_ONLY < LASTING


@settings(max_examples=cases(2_000, 40))
@given(st.randoms(use_true_random=False))
def test_filling_every_gap_that_can_be_filled_never_decides_an_unknown_that_lasts(random: random.Random) -> None:
    outcomes: list[int | Gap] = [0, 1, 10**18, Gap(random.choice(list(Why)))]
    rows: Rows = [(ETH, random.choice(outcomes)) for _ in range(random.randint(0, 4))]
    owed, complete = random.choice([None, "1", "2"]), random.random() < 0.5
    if not lasting(rows, owed, complete=complete):
        return
    filled: Rows = [
        (asset, 10**19 if isinstance(found, Gap) and found.why not in LASTING else found) for asset, found in rows
    ]
    (reserve,) = finding(filled, {"ETH": owed}, complete=complete).reserves
    assert reserve.verdict is Verdict.UNKNOWN

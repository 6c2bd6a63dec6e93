"""An operator that hangs does not hold up a quorum; one that is needed, or answers in time, is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from scanner.core.evidence import Balance, Basis, Gap
from scanner.errors import Why
from scanner.scanning.patience import Patience
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.quorum import Operator, may_add
from tests.support import virtual_loop
from tests.support.simulated.paced import a_claim, scanned
from tests.support.simulated.provider import Provider
from tests.support.strength import cases
from tests.support.tables import each_of

ROWS = cases(20_000)
MANY = 10.0**9  # calls a second: no limit
TIMEOUT = 60.0


async def said(answer: str, after: float) -> str:
    await asyncio.sleep(after)
    return answer


def two(answers: Sequence[str | None]) -> bool:
    return sum(answer is not None for answer in answers) >= 2


async def asked(patience: Patience, *delays: float) -> list[str | None]:
    return await patience.gather([said(f"{delay:g}", delay) for delay in delays], two)


def test_who_answers_in_time_is_heard_though_enough_have_answered() -> None:
    answers, seconds = virtual_loop.run(asked(Patience(10), 1, 2, 11))
    assert (answers, seconds) == (["1", "2", "11"], 11)


def test_who_does_not_is_left_out_and_the_time_is_spent_once_for_all_questions() -> None:
    async def questions() -> list[list[str | None]]:
        patience = Patience(10)
        together = await asyncio.gather(*(asked(patience, 1, 2, 1_000) for _ in range(3)))
        return [*together, await asked(patience, 1, 2, 1_000)]

    answers, seconds = virtual_loop.run(questions())
    assert answers == [["1", "2", None]] * 4
    assert seconds == 12 + 2


def test_as_long_as_those_who_answered_are_not_enough_all_are_waited_for() -> None:
    answers, seconds = virtual_loop.run(asked(Patience(0), 1, 500))
    assert (answers, seconds) == (["1", "500"], 500)


def test_what_one_of_them_raises_is_raised_and_the_others_do_not_go_on() -> None:
    ended: list[str] = []

    async def failing() -> str:
        await asyncio.sleep(1)
        raise RuntimeError("a fault")

    async def slow() -> str:
        try:
            return await said("late", 100)
        finally:
            ended.append("slow")

    async def act() -> None:
        await Patience(10).gather([failing(), slow()], two)

    with pytest.raises(RuntimeError, match="a fault"):
        virtual_loop.run(act())
    assert ended == ["slow"]


ALPHA, BETA, OWN = Operator("alpha"), Operator("beta"), Operator("me", own=True)
SILENT = Gap(Why.UNREACHABLE)


@each_of(
    ("answers", "others", "policy", "expected"),
    [
        ([5], [BETA], Policy(quorum=2), True),
        ([5], [BETA], Policy(quorum=3), False),
        ([5], [OWN], Policy(quorum=3), True),
        ([SILENT, SILENT], [BETA], Policy(quorum=2), False),
        ([SILENT, SILENT], [BETA], Policy(quorum=1), True),
        ([5, 6], [BETA], Policy(quorum=2), False),  # no further word mends a disagreement ...
        ([5, 6], [BETA], Policy(quorum=2, dissent=Dissent.RECORD), True),  # ... but where one side may be outvoted
        ([5, 6], [OWN], Policy(quorum=3, dissent=Dissent.RECORD), False),
    ],
)
def test_a_gap_is_waited_for_where_another_word_can_mend_it(
    answers: list[int | Gap], others: list[Operator], policy: Policy, expected: bool
) -> None:
    assert may_add(answers, others, policy) is expected


def scan_with(third: Provider, patience: float = TIMEOUT, rows: int = ROWS) -> tuple[list[Balance | Gap], float]:
    """A scan by three operators with a quorum of two, the third as given; what it found, and how long it took."""
    claim = a_claim(rows)
    providers = [Provider(MANY), Provider(MANY), third]
    for provider in providers:
        for number, holding in enumerate(claim.holdings):
            provider.sim.balances[holding.account] = number
        provider.sim.blocks.clear()
        for _ in range(5):
            provider.sim.mine()
    result, seconds = virtual_loop.run(scanned(claim, providers, quorum=2, timeout=TIMEOUT, patience=patience))
    return [row.outcome for row in result.rows], seconds


def test_an_operator_that_hangs_costs_one_timeout_at_most_and_is_not_counted_as_agreeing() -> None:
    hanging = Provider(MANY)
    hanging.hangs_after = 12  # once it is opened
    found, seconds = scan_with(hanging)
    _, healthy = scan_with(Provider(MANY))
    assert seconds <= healthy + TIMEOUT + 1
    assert {(outcome.basis, outcome.operators) for outcome in found if isinstance(outcome, Balance)} == {
        (Basis.QUORUM, ("op0", "op1"))
    }
    assert [outcome.atoms for outcome in found if isinstance(outcome, Balance)] == list(range(ROWS))


SLOW = (3.0, 3.0)  # seconds from question to answer
OPENED = 6 * 3.0  # seconds in which its node is opened, before anything is read


def test_an_operator_that_answers_slowly_costs_one_timeout_at_most_and_none_where_no_one_is_waited_for() -> None:
    """However slow it is, it is waited for in all as long as one that hangs."""
    rows = min(ROWS, 2_000)
    _, healthy = scan_with(Provider(MANY), rows=rows)
    for patience, heard in ((0, ("op0", "op1")), (TIMEOUT, ("op0", "op1", "op2"))):
        found, seconds = scan_with(Provider(MANY, round_trip=SLOW), patience, rows)
        assert seconds <= healthy + patience + OPENED
        assert {outcome.operators for outcome in found if isinstance(outcome, Balance)} == {heard}
        assert [outcome.atoms for outcome in found if isinstance(outcome, Balance)] == list(range(rows))


def test_a_dissent_that_comes_in_time_is_heard() -> None:
    slow = Provider(MANY, round_trip=SLOW)
    slow.sim.lie_about[a_claim(ROWS).holdings[7].account] = 1
    found, _ = scan_with(slow)
    assert isinstance(found[7], Gap)
    assert found[7].why is Why.DISAGREEMENT

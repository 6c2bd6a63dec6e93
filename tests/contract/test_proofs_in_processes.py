"""Proofs of control checked in several processes: the same verdicts, in the same order, as in one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import active_children

import pytest

from scanner.proofs.control import NotShown, Shown, Verdict
from scanner.scanning.control import check_proofs
from scanner.scanning.events import Event, ProofsChecked
from scanner.weighing.control.recognise import verdicts_of
from scanner.weighing.holdings import Holding, Holdings
from tests.support import proof_signing as sign
from tests.support.published_proofs import published


@pytest.fixture(scope="module")
def holdings() -> list[Holding]:
    """600 proofs, every tenth of which does not hold."""
    made = [published(sign.okx_evm(number)) for number in range(1, 601)]
    made[7::10] = [replace(holding, account=bytes(20)) for holding in made[7::10]]
    return made


def checked(holdings: list[Holding], observe: Callable[[Event], None]) -> list[Verdict]:
    return list(asyncio.run(check_proofs(Holdings.of(holdings), sign.MESSAGE, observe=observe, processes=2)))


def test_several_processes_come_to_the_same_verdicts_in_the_same_order(holdings: list[Holding]) -> None:
    told: list[Event] = []
    verdicts = checked(holdings, told.append)
    assert verdicts == verdicts_of(holdings, sign.MESSAGE)
    assert {type(verdict) for verdict in verdicts} == {Shown, NotShown}
    done = [event.done for event in told if isinstance(event, ProofsChecked)]
    assert done == sorted(done)
    assert done[-1] == len(holdings)


def test_a_process_that_dies_costs_time_and_no_verdict(holdings: list[Holding]) -> None:
    killed: list[int | None] = []

    def kill_one(_: Event) -> None:
        for child in active_children():
            if not killed:
                killed.append(child.pid)
                child.kill()

    assert checked(holdings, kill_one) == verdicts_of(holdings, sign.MESSAGE)
    assert killed


def test_no_process_outlives_the_work_or_its_failure(holdings: list[Holding]) -> None:
    def give_up(_: Event) -> None:
        raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        checked(holdings, give_up)
    assert not active_children()

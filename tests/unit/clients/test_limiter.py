"""Who wants to ask a node waits at its gate, oldest first; what the node told one of them holds for all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from scanner.clients.limiter import Limiter
from tests.support.virtual_time import VirtualTime


def at_gate(most: int, time: VirtualTime) -> Limiter:
    return Limiter(most, sleep=time.sleep, clock=time.clock, jitter=lambda: 0.0)


def one() -> int:
    return 1


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def within_patience(act: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):  # reached by a fault alone
            await act

    asyncio.run(bounded())


def test_no_more_enter_than_may_be_under_way_and_the_oldest_first() -> None:
    async def run() -> None:
        gate, entered = at_gate(2, VirtualTime()), list[int]()

        async def guest(number: int) -> None:
            await gate.enter(one)
            entered.append(number)

        guests = [asyncio.create_task(guest(number)) for number in range(5)]
        await settled()
        assert entered == [0, 1]
        gate.leave()
        await settled()
        assert entered == [0, 1, 2]
        gate.leave()
        gate.leave()
        await asyncio.gather(guests[3], guests[4])
        assert entered == [0, 1, 2, 3, 4]

    within_patience(run())


def test_after_a_refusal_half_as_many_are_let_in_once_the_pause_is_over() -> None:
    async def run() -> None:
        time, under_way, most = VirtualTime(), 0, 0
        gate = at_gate(4, time)

        async def guest() -> None:
            nonlocal under_way, most
            await gate.enter(one)
            under_way += 1
            most = max(most, under_way)
            await settled()
            under_way -= 1
            gate.leave()

        ticket = await gate.enter(one)
        gate.refused(ticket, 0, 7.0)
        gate.leave()
        await asyncio.gather(*(guest() for _ in range(10)))
        assert most == 2
        assert time.pauses == [7.0]  # slept once, for all of them

    within_patience(run())


def test_peace_that_is_asked_for_while_others_wait_is_kept_by_them_too() -> None:
    async def run() -> None:
        time = VirtualTime()
        gate = at_gate(2, time)
        first, second = await gate.enter(one), await gate.enter(one)
        gate.refused(first, 0, 3.0)
        gate.leave()
        waiting = asyncio.create_task(gate.enter(one))
        await settled()
        assert not waiting.done()  # one at once since the refusal, and the second is still under way
        gate.refused(second, 0, 20.0)
        gate.leave()
        await waiting
        assert time.now == 20.0

    within_patience(run())


def test_whoever_stops_waiting_holds_up_nobody() -> None:
    async def run() -> None:
        time = VirtualTime()
        gate = at_gate(1, time)
        await gate.enter(one)
        waiting = [asyncio.create_task(gate.enter(one)) for _ in range(4)]
        await settled()
        for task in waiting[:3]:
            task.cancel()
        await settled()
        gate.leave()
        await waiting[3]
        gate.leave()
        await gate.enter(one)

    within_patience(run())


def test_a_sleep_that_is_cut_short_is_slept_by_the_next() -> None:
    async def run() -> None:
        time = VirtualTime()
        gate = at_gate(1, time)
        asleep = asyncio.Event()

        async def for_ever(_seconds: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        gate.refused(await gate.enter(one), 0, 7.0)
        gate.leave()
        gate._sleep, sleep = for_ever, gate._sleep
        first, second = asyncio.create_task(gate.enter(one)), asyncio.create_task(gate.enter(one))
        await asleep.wait()
        gate._sleep = sleep
        first.cancel()
        await second
        assert time.pauses == [7.0]

    within_patience(run())


def test_a_sleep_that_takes_no_time_lets_through_all_the_same() -> None:
    async def run() -> None:
        async def no_sleep(_seconds: float) -> None:
            pass

        gate = Limiter(1, sleep=no_sleep, clock=lambda: 0.0, jitter=lambda: 0.0)
        for _ in range(5):
            ticket = await gate.enter(one)
            gate.refused(ticket, 0, 30.0)
            gate.leave()

    within_patience(run())


def test_a_learnt_rate_holds_requests_apart_by_their_calls() -> None:
    async def run() -> None:
        time = VirtualTime()
        gate = at_gate(1, time)
        for _ in range(10):
            gate.answered(await gate.enter(lambda: 2))
            gate.leave()
        gate.refused(await gate.enter(lambda: 2), 0, 1.0)
        gate.leave()
        assert gate.pace.rate == 20.0
        sent = []
        for _ in range(4):
            await gate.enter(lambda: 10)
            sent.append(time.now)
            gate.leave()
        assert sent == [1.0, 1.5, 2.0, 2.5]

    within_patience(run())


def test_how_much_a_request_holds_is_asked_when_it_is_let_in() -> None:
    async def run() -> None:
        gate, held = at_gate(1, VirtualTime()), 100
        await gate.enter(one)
        waiting = asyncio.create_task(gate.enter(lambda: held))
        await settled()
        held = 8
        gate.leave()
        assert (await waiting).calls == 8

    within_patience(run())

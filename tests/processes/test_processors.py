"""Work on all processors: results in order, a bounded number under way, and a process that dies costs nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from scanner.proofs.liabilities import OtherRoot, Published, find_scheme
from scanner.sources.processors import on_all_processors
from tests.support.liabilities.liability_trees import okx_tree, records
from tests.support.liabilities.published_files import file

HERE = os.getpid()


def doubled(number: int) -> int:
    return 2 * number


def refused(number: int) -> int:
    if number == 3:
        raise OtherRoot("a", "b")
    return number


def killed(number: int) -> int:
    if number == 2 and os.getpid() != HERE and os.environ.get("TEST_PARENT") == str(os.getppid()):
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_order_and_arguments_are_taken_as_they_are_needed() -> None:
    taken = 0

    def numbers() -> Iterator[int]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    with on_all_processors(2) as each:
        results = each(doubled, numbers())
        assert next(results) == 0
        assert taken <= 8
        assert list(results) == [2 * number for number in range(1, 50)]


def test_what_work_raises_is_raised_here() -> None:
    with on_all_processors(2) as each, pytest.raises(OtherRoot) as raised:
        list(each(refused, range(50)))
    assert (raised.value.published, raised.value.leads_to) == ("a", "b")


def test_a_process_that_is_killed_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PARENT", str(os.getpid()))
    with on_all_processors(2) as each:
        assert list(each(killed, range(20))) == list(range(20))


def test_a_tree_is_judged_by_several_processes_as_by_one() -> None:
    lines, _ = okx_tree(records(40))
    tree = file("\n".join(lines) + "\n", "tree")
    scheme = find_scheme("okx-merkle-v2")
    with on_all_processors(2) as each:
        assert scheme.judge(Published((tree,), each=each)) == scheme.judge(Published((tree,)))

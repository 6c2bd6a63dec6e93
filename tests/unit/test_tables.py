"""A table of cases tries all of them, names each that failed, and takes no empty table for a success."""

from __future__ import annotations

import pytest

from tests.support.tables import try_each


def test_every_case_is_tried_and_each_that_failed_is_named() -> None:
    tried = []

    def check(number: int) -> None:
        tried.append(number)
        if number == 2:
            with pytest.raises(ValueError, match="never"):
                pass
        assert number != 3

    with pytest.raises(BaseExceptionGroup, match="2 of 4 cases failed: two, three") as raised:
        try_each([("one", 1), ("two", 2), ("three", 3), ("four", 4)], check)
    assert tried == [1, 2, 3, 4]
    assert [each.__notes__ for each in raised.value.exceptions] == [["case: two"], ["case: three"]]


def test_a_table_without_cases_fails() -> None:
    with pytest.raises(AssertionError, match="without cases"):
        try_each([], print)


def test_an_interrupt_ends_the_table() -> None:
    def check(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        try_each([("one", 1)], check)

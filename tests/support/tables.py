"""A table of cases in one test: each is tried, whatever becomes of the others, and the failure names each that failed.

For cases that differ in a value alone and need no fixture of their own. A test of its own for each costs more than the
check itself: pytest collects, sets up and reports it in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

Case = TypeVar("Case")


def try_each(cases: Iterable[tuple[str, Case]], check: Callable[[Case], object]) -> None:
    """Check every case, given with its name. Raises one ExceptionGroup with what failed, or AssertionError where there
    was no case at all."""
    names, failures = [], []
    for name, case in cases:
        names.append(name)
        try:
            check(case)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - raised together below
            error.add_note(f"case: {name}")
            failures.append((name, error))
    assert names, "a table without cases"
    if failures:
        told = ", ".join(name for name, _ in failures)
        raise BaseExceptionGroup(
            f"{len(failures)} of {len(names)} cases failed: {told}", [each for _, each in failures]
        )

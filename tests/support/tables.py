"""A table of cases in one test: each is tried, whatever becomes of the others, and the failure names each that failed.

    @each_of(("text", "told"), [("", "is empty"), ("x", "is no number")])
    def test_what_is_no_amount_is_refused(text: str, told: str) -> None:

For cases that differ in values alone and need no fixture of their own: what the test's fixtures give, all cases share.
`pytest.mark.parametrize` makes a test of each, which costs more than most checks do: pytest collects, sets up and
reports each by itself, in every process.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pytest

Case = TypeVar("Case")
Test = Callable[..., None]


def each_of(
    names: str | Sequence[str], cases: Iterable[Any], ids: Callable[[Any], object] | Iterable[object] | None = None
) -> Callable[[Test], Test]:
    """The test tries every case: `names` and `cases` as `pytest.mark.parametrize` takes them. `ids` name the cases, in
    their order or by a case's values. Above another `each_of`, all pairs are tried. No case can be skipped."""
    single = isinstance(names, str)
    of_case = [names] if isinstance(names, str) else list(names)
    rows = [_values(case, single=single) for case in cases]
    titles = _titles(rows, ids)

    def of(test: Test) -> Test:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def table(*args: Any, **shared: Any) -> None:
            try_each(
                zip(titles, rows, strict=True),
                lambda row: test(*args, **shared, **dict(zip(of_case, row, strict=True))),
            )

        left = [each for name, each in signature.parameters.items() if name not in of_case]
        if len(left) + len(of_case) != len(signature.parameters):
            raise TypeError(f"{test.__name__} does not take {', '.join(of_case)}")
        table.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return table

    return of


def try_each(cases: Iterable[tuple[str, Case]], check: Callable[[Case], object]) -> None:
    """Check every case, given with its name. Raises one ExceptionGroup with what failed, or AssertionError where there
    was no case at all."""
    names, failures = [], []
    for name, case in cases:
        names.append(name)
        try:
            check(case)
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:  # noqa: BLE001 - raised below
            error.add_note(f"case: {name}")
            failures.append((name, error))
    assert names, "a table without cases"
    if failures:
        told = ", ".join(name for name, _ in failures)
        message = f"{len(failures)} of {len(names)} cases failed: {told}"
        raise BaseExceptionGroup(message, [error for _, error in failures])


def _values(case: Any, *, single: bool) -> Sequence[Any]:
    return (case,) if single else tuple(case)


def _titles(rows: Sequence[Sequence[Any]], ids: Callable[[Any], object] | Iterable[object] | None) -> list[str]:
    if callable(ids):
        return ["-".join(str(ids(value)) for value in row) for row in rows]
    if ids is not None:
        return [str(each) for each in ids]
    return ["-".join(_short(value) for value in row) for row in rows]


def _short(value: Any) -> str:
    shown = getattr(value, "__name__", None) or ascii(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."

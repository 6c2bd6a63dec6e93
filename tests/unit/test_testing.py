"""How tests are run: a table of cases tries all of them and names each that failed; long files are begun first."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.imported_files import in_turn
from tests.support.order import LONGEST, TESTS, in_order
from tests.support.tables import each_of, try_each


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


def test_files_are_begun_the_longest_first_then_those_that_wait_then_those_of_many_tests() -> None:
    @dataclass
    class Item:
        path: Path

    names = ["unit/a.py", "unit/b.py", "unit/b.py", "contract/c.py", LONGEST[1], "nodes/d.py", LONGEST[0], "unit/a2.py"]
    items = [Item(TESTS / name) for name in names]
    found = [item.path for item in sorted(items, key=in_order(item.path for item in items))]
    begun = [LONGEST[0], LONGEST[1], "nodes/d.py", "contract/c.py", "unit/b.py", "unit/b.py", "unit/a.py", "unit/a2.py"]
    assert found == [TESTS / name for name in begun]


def test_each_worker_imports_all_files_and_its_own_share_first() -> None:
    files = [Path(f"test_{number}.py") for number in range(10)]
    turns = [in_turn(files, worker, 3) for worker in range(3)]
    assert [sorted(turn) for turn in turns] == [files] * 3
    assert [turn[0] for turn in turns] == [files[0], files[3], files[6]]
    assert turns[2] == [*files[6:], *files[:6]]


def test_a_file_outside_the_folder_of_tests_is_begun_as_a_unit_test_is() -> None:
    elsewhere = TESTS.parent / "elsewhere.py"
    key = in_order([elsewhere, TESTS / "nodes" / "d.py", TESTS / "unit" / "a.py"])

    @dataclass
    class Item:
        path: Path

    assert key(Item(elsewhere))[:3] == key(Item(TESTS / "unit" / "a.py"))[:3] > key(Item(TESTS / "nodes" / "d.py"))[:3]


def test_the_longest_files_are_there() -> None:
    assert [name for name in LONGEST if not (TESTS / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_a_test_of_each_case_is_one_test_that_takes_what_is_left_from_fixtures(tmp_path: Path) -> None:
    tried = []

    @each_of("first", [1, 2], ids=str)
    @each_of(("second", "third"), [("a", len), ("b", print)])
    def check(first: int, second: str, third: object, tmp_path: Path) -> None:
        tried.append((first, second, third, tmp_path))
        assert (first, second) != (2, "b")

    assert list(inspect.signature(check).parameters) == ["tmp_path"]
    with pytest.raises(BaseExceptionGroup, match=r"^1 of 2 cases failed: 2$") as raised:
        check(tmp_path=tmp_path)
    (inner,) = raised.value.exceptions
    assert isinstance(inner, BaseExceptionGroup)
    assert "1 of 2 cases failed: 'b'-print" in str(inner)
    assert tried == [(first, *second, tmp_path) for first in (1, 2) for second in (("a", len), ("b", print))]


def test_a_case_cannot_be_skipped_and_a_table_names_what_its_test_takes() -> None:
    @each_of("case", [1, 2])
    def check(case: int) -> None:
        if case == 1:
            pytest.skip("not today")

    with pytest.raises(BaseExceptionGroup, match="1 of 2 cases failed: 1"):
        check()
    with pytest.raises(TypeError, match="does not take other"):
        each_of("other", [1])(check)


def test_every_case_has_a_name() -> None:
    @each_of("case", [1, 2], ids=["one"])
    def check(case: int) -> None:
        pass

    with pytest.raises(ValueError, match="longer"):
        check()

"""What holds of each hash tree: an honest proof shows just what it shows, and nothing that was changed passes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from scanner.proofs.liabilities import (
    File,
    Inclusion,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    find_scheme,
)
from scanner.proofs.liabilities.remarks import FILE_NAMES
from tests.support.liabilities.liability_trees import PATH_SCHEMES, Case, cases, published
from tests.support.liabilities.published_files import file
from tests.support.strength import FULL

CASES = cases()
BEST = {
    "okx-merkle-v2": Shows.TOTAL_PROVEN,
    "bitmex": Shows.TOTAL_PROVEN,
    "swissborg": Shows.SUM_BOUND,
}

each_scheme = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
each_path = pytest.mark.parametrize("case", [CASES[scheme] for scheme in PATH_SCHEMES], ids=PATH_SCHEMES)


def content(each: File) -> bytes:
    return b"".join(each.chunks())


def included(case: Case, user: File, *, root: str | None = None) -> Inclusion:
    return find_scheme(case.scheme).includes(published(case, root=root), user)


def judged(case: Case, files: tuple[File, ...]) -> ShownTotals:
    return find_scheme(case.scheme).judge(Published(files, root=case.root))


def whole(case: Case) -> tuple[File, ...]:
    return case.published or case.users


@each_scheme
def test_an_honest_proof_shows_what_its_format_can_show_and_no_more(case: Case) -> None:
    shown = judged(case, whole(case))
    assert shown.root == case.root
    assert shown.entries is not None
    assert shown.entries > 0 or case.scheme == "swissborg"  # without customers' files
    best = BEST.get(case.scheme, Shows.INCLUDED)
    expected = {Shows.STATED} if case.scheme == "swissborg" else {best}
    assert {total.shows for total in shown.totals.values()} == (set() if case.scheme == "armanino" else expected)
    for user in case.users:
        inclusion = included(case, user)
        assert (inclusion.root, inclusion.published, inclusion.shows) == (case.root, True, best)


@each_scheme
def test_a_customer_of_another_root_is_told_that_it_is_another(case: Case) -> None:
    other = case.root[:-1] + ("0" if case.root[-1] != "0" else "1")
    with pytest.raises(OtherRoot, match=other):
        included(case, case.users[0], root=other)


@each_scheme
def test_every_byte_of_a_customers_file_matters_or_changes_nothing(case: Case) -> None:
    _break_each(content(case.users[0]), lambda broken: included(case, file(broken, case.users[0].name)))


@each_scheme
def test_every_byte_of_the_published_file_matters_or_changes_nothing(case: Case) -> None:
    files = whole(case)
    _break_each(content(files[0]), lambda broken: judged(case, (file(broken, files[0].name), *files[1:])))


def _break_each(honest: bytes, outcome: Callable[[bytes], Inclusion | ShownTotals]) -> None:
    right = _vouched_for(outcome(honest))
    for position in range(0, len(honest), 1 if FULL else 13):
        for value in (honest[position] ^ 1, ord("-")):
            try:
                broken = outcome(honest[:position] + bytes([value]) + honest[position + 1 :])
            except (Refuted, NotUnderstood):
                continue
            assert _vouched_for(broken) == right


def _vouched_for(result: Inclusion | ShownTotals) -> tuple[Inclusion | ShownTotals, list[object]]:
    """The result, without the names of coins where it says that no hash holds them: as a remark, or as STATED."""
    if isinstance(result, Inclusion):
        if FILE_NAMES in result.remarks:
            return replace(result, amounts={}), list(result.amounts.values())
    elif {total.shows for total in result.totals.values()} == {Shows.STATED}:
        return replace(result, totals={}), list(result.totals.values())
    return result, []


@each_scheme
def test_no_part_of_a_file_can_be_missing_and_nothing_can_be_added(case: Case) -> None:
    for files, outcome in (
        (whole(case), lambda changed: judged(case, (changed, *whole(case)[1:]))),
        (case.users, lambda changed: included(case, changed)),
    ):
        honest, name = content(files[0]), files[0].name
        for part in (honest[: len(honest) // 2], honest[:-2], b"", honest + b"x\n", honest + honest):
            with pytest.raises((Refuted, NotUnderstood)):
                outcome(file(part, name))


@each_scheme
def test_a_hostile_file_is_refused(case: Case) -> None:
    deep = b'{"self":' * 5000
    wide = b'{"self":{"balances":{' + b",".join(b'"A%d":"1"' % each for each in range(20_000)) + b"}}}"
    digits = re.sub(rb"[0-9]\.[0-9]", b"9" * 5000, content(case.users[0]))
    for hostile in (deep, wide, digits, b"[]", b"{}", b"null", b"\xff\xfe", b'{"self": {}, "path": []}', b"{" * 10**6):
        if hostile == content(case.users[0]):
            continue  # it has no digits behind a point
        with pytest.raises((Refuted, NotUnderstood)):
            included(case, file(hostile))
        with pytest.raises((Refuted, NotUnderstood)):
            judged(case, (file(hostile, "published"),))


def test_a_file_that_never_ends_is_left_off() -> None:
    case = CASES["okx-merkle-v1"]

    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * (1 << 20)

    with pytest.raises(NotUnderstood, match="more than"):
        included(case, File("endless.json", endless))
    for scheme in ("okx-merkle-v2", "armanino"):
        with pytest.raises((Refuted, NotUnderstood)):
            find_scheme(scheme).judge(Published((File("endless.txt", endless),)))


def changed(user: File, change: Callable[[Any], None]) -> File:
    value = json.loads(content(user))
    change(value)
    return file(json.dumps(value), user.name)


def entries(value: Any) -> list[Any]:
    found: list[Any] = value["path"] if "path" in value else value["pathList"]
    return found


def held(entry: Any) -> dict[str, str]:
    found: dict[str, str] = entry["balance"] if "balance" in entry else entry["balances"]
    return found


@each_path
@pytest.mark.parametrize("level", [0, 1, -1])
def test_a_level_that_is_cut_or_stands_twice_is_refused(case: Case, level: int) -> None:
    for change in (lambda path: path.pop(level), lambda path: path.insert(level, path[level])):
        with pytest.raises((Refuted, NotUnderstood)):
            included(case, changed(case.users[0], lambda value, change=change: change(entries(value))))  # type: ignore[misc]


@each_path
def test_siblings_that_are_swapped_are_refused(case: Case) -> None:
    def swap(value: Any) -> None:
        path = entries(value)
        path[0], path[1] = path[1], path[0]

    with pytest.raises(Refuted):
        included(case, changed(case.users[0], swap))


@each_path
@pytest.mark.parametrize("side", [0, 1, 2, 3, 4, 5, -1, "1x", None])
def test_a_sibling_on_another_side_is_refused(case: Case, side: object) -> None:
    def turn(value: Any) -> None:
        entry = entries(value)[0]
        key = "role" if "role" in entry else "type"
        if entry[key] == side:
            entry[key] = 9
        else:
            entry[key] = side

    with pytest.raises((Refuted, NotUnderstood)):
        included(case, changed(case.users[0], turn))


@each_path
@pytest.mark.parametrize("amount", ["-1", "1e5", "+1", "", "0x1", "1" * 300, "1." + "1" * 300, " 1", "١"])
def test_an_amount_that_is_none_is_refused_wherever_it_stands(case: Case, amount: str) -> None:
    for place in (lambda value: value["self"], lambda value: entries(value)[0], lambda value: entries(value)[-1]):

        def put(value: Any, place: Callable[[Any], Any] = place) -> None:
            held(place(value))["ETH"] = amount

        with pytest.raises((Refuted, NotUnderstood)):
            included(case, changed(case.users[0], put))


@each_path
def test_a_total_beside_the_root_that_was_edited_is_refused(case: Case) -> None:
    def edit(value: Any) -> None:
        held(entries(value)[-1])["BTC"] = "1"

    with pytest.raises(Refuted, match="do not come to"):
        included(case, changed(case.users[0], edit))


@each_path
def test_a_hash_with_more_behind_it_or_in_capitals_is_refused(case: Case) -> None:
    key = {"bitget": "merkelLeaf", "bitunix": "merkleLeaf"}.get(case.scheme, "hash")
    for write in (lambda text: text + "0", str.upper, lambda text: text[:-1], lambda text: " " + text):
        for place in (lambda value: value["self"], lambda value: entries(value)[-1]):

            def put(value: Any, place: Any = place, write: Any = write) -> None:
                place(value)[key] = write(place(value)[key])

            with pytest.raises((Refuted, NotUnderstood)):
                included(case, changed(case.users[0], put))


@each_path
def test_one_record_shown_in_two_files_is_refused_and_both_are_named(case: Case) -> None:
    twice = replace(case.users[0], name="again.json")
    with pytest.raises(Refuted, match=r"again\.json.*user0\.json"):
        judged(case, (case.users[0], twice))


@each_path
def test_without_a_file_a_root_shows_nothing_and_without_a_root_nothing_is_understood(case: Case) -> None:
    scheme = find_scheme(case.scheme)
    shown = scheme.judge(Published((), root=case.root))
    assert (shown.totals, shown.entries) == ({}, 0)
    with pytest.raises(NotUnderstood):
        scheme.judge(Published(()))


@each_path
def test_a_root_that_only_the_customers_file_has_is_said_to_be_no_other(case: Case) -> None:
    inclusion = find_scheme(case.scheme).includes(Published(()), case.users[0])
    assert not inclusion.published
    assert "file-root" in inclusion.remarks
    assert "file-root" in find_scheme(case.scheme).judge(Published((case.users[0],))).remarks

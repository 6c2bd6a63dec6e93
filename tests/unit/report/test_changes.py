"""What differs between two attestations: each thing once, with its value before and after."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import read_statement
from scanner.report.changes import Change, of_predicates, of_values
from scanner.report.changes_table import render_changes
from tests.support.documented import EXAMPLE

PREDICATE: Any = read_statement(read_envelope(EXAMPLE.envelope).payload).predicate


def changed(*path: str | int, to: object) -> list[Change]:
    other = copy.deepcopy(dict(PREDICATE))
    *way, last = path
    at: Any = other
    for key in way:
        at = at[key]
    at[last] = to
    return of_predicates(PREDICATE, other)


def test_nothing_differs_between_an_attestation_and_itself() -> None:
    assert of_predicates(PREDICATE, copy.deepcopy(PREDICATE)) == []
    assert render_changes([], ("a", "b")) == "Nothing differs of what is compared.\n"


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        (("finding", "asOf"), "2030-01-01T00:00:00Z", ("attestation", "", "asOf")),
        (("finding", "claim"), "sha256:ab", ("attestation", "", "claim")),
        (("finding", "accounts", "count"), 9999, ("attestation", "", "accounts")),
        (("finding", "reserves", 0, "held"), "1", ("units", "BTC", "held")),
        (("finding", "reserves", 0, "verdict"), "NEW", ("units", "BTC", "verdict")),
        (("finding", "reserves", 0, "owedBasis", "root"), "ab", ("units", "BTC", "owed root")),
        (("finding", "reserves", 0, "control", "NEW"), "2", ("units", "BTC", "control NEW")),
        (("finding", "coverage", 0, "read"), 77, ("assets", None, "read")),
        (("finding", "snapshots", 0, "hash"), "0xab", ("blocks", None, "hash")),
        (("finding", "policy", "quorum"), 9, ("policy", "", "quorum")),
        (("finding", "policy", "require", "BTC"), "PROVEN", ("policy", "", "require BTC")),
    ],
)
def test_each_change_is_told_once(
    path: tuple[str | int, ...], value: object, change: tuple[str, str | None, str]
) -> None:
    (found,) = changed(*path, to=value)
    assert (found.part, found.what, found.after) == (change[0], change[2], str(value))
    assert change[1] in (None, found.subject)


def test_operators_that_were_asked_in_one_alone_are_named() -> None:
    chain, names = next(iter(PREDICATE["run"]["operators"].items()))
    assert changed("run", "operators", chain, to=[*names, "zeta"]) == [
        Change("operators", chain, "zeta", None, "asked")
    ]
    assert {each.before for each in changed("run", "operators", chain, to=[])} == {"asked"}


def test_units_that_only_one_has_are_named() -> None:
    found = changed("finding", "reserves", to=PREDICATE["finding"]["reserves"][1:])
    assert found == [Change("units", PREDICATE["finding"]["reserves"][0]["unit"], "", "there", None)]


def test_a_table_has_each_change_under_its_part_and_no_line_is_too_long() -> None:
    found = [*changed("finding", "policy", "quorum", to=9), *changed("finding", "snapshots", 0, "height", to=5)]
    text = render_changes(found, ("october.json", "november.json"), width=100)
    assert "october.json" in text
    assert "quorum" in text
    assert max(map(len, text.splitlines())) <= 100


VALUES = st.dictionaries(
    st.text("abc", min_size=1, max_size=2), st.dictionaries(st.text("xy", max_size=1), st.integers(0, 2))
)


@given(before=VALUES, after=VALUES)
def test_changes_are_none_exactly_where_all_is_equal_and_turn_round_with_the_two(before: Any, after: Any) -> None:
    found = of_values("part", before, after)
    assert (found == []) == (before == after)
    back = of_values("part", after, before)

    assert sorted([(each.subject, each.what, each.after, each.before) for each in back]) == sorted(
        [(each.subject, each.what, each.before, each.after) for each in found]
    )

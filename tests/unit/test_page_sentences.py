"""What the page says in words of its own is said only of what there is: never of nothing, and of nothing unread."""

from __future__ import annotations

import copy
import re
from typing import Any

from tests.unit.test_page import PREDICATE, render


def said_of(**finding: Any) -> str:
    """The page's words, of the example with these parts of its finding."""
    predicate = copy.deepcopy(PREDICATE)
    predicate["finding"] |= finding
    return " ".join(re.sub(r"<[^>]*>", " ", render(predicate)).split())


def reserves_with(**changes: Any) -> list[dict[str, Any]]:
    return [copy.deepcopy(reserve) | changes for reserve in PREDICATE["finding"]["reserves"]]


def test_nothing_is_said_of_proofs_of_control_where_nothing_is_held() -> None:
    """Rows that could not be read, or hold nothing, may each have carried one."""
    words = said_of(reserves=reserves_with(control={}, held="0", proven="0", quorum="0", own="0"))
    assert "Nothing is held of which could be told who controls it." in words
    assert "No proof was published" not in words


def test_where_none_of_what_is_held_has_a_proof_that_is_said_of_these_accounts_alone() -> None:
    words = said_of(reserves=reserves_with(control={"ABSENT": "1"}))
    assert "No proof was published that the exchange controls the accounts that hold this." in words


def test_one_unit_with_a_proof_is_told_in_the_table() -> None:
    reserves = reserves_with(control={})
    reserves[0]["control"] = {"REPLAYABLE": "1"}
    words = said_of(reserves=reserves)
    assert "What is held, by what its accounts" in words
    assert "No proof was published" not in words


def uncontradicted(**changes: Any) -> dict[str, Any]:
    return {
        "dissents": [],
        "differences": [],
        "reserves": reserves_with(dissents=0, **changes),
        "coverage": [each | {"disagreeing": 0} for each in PREDICATE["finding"]["coverage"]],
    }


def test_that_nothing_was_contradicted_is_said_only_of_what_there_is() -> None:
    assert "no operator said otherwise of a balance that is believed, and no amount" in said_of(**uncontradicted())
    unstated = uncontradicted()
    unstated["coverage"] = [each | {"unstated": each["holdings"]} for each in unstated["coverage"]]
    assert "the claim states no amounts to compare them with" in said_of(**unstated)
    words = said_of(**uncontradicted(holdings=3, gaps=3))
    assert "No balance is believed that could have been contradicted." in words
    assert "no operator said otherwise" not in words


def test_that_every_holding_was_read_is_not_said_where_none_was_declared() -> None:
    assert "Nothing: every holding was read." in said_of(gapCounts={}, gaps=[])
    words = said_of(gapCounts={}, gaps=[], reserves=reserves_with(holdings=0, gaps=0), coverage=[])
    assert "every holding was read" not in words
    assert "Nothing was declared that could have been read." in words

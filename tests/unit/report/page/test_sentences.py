"""What the page says in words of its own is said only of what there is: never of nothing, and of nothing unread."""

from __future__ import annotations

import copy
import re
from typing import Any

from tests.support.rendered_pages import PREDICATE, render


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
    assert "Nothing is held, so there is no account to show control of." in words
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


def test_what_rests_on_a_movement_is_told_with_the_time_that_accounts_had() -> None:
    window = {"issued": "2023-11-23T02:00:00Z", "deadline": "2023-11-24T02:00:00Z"}
    words = said_of(movements=window, reserves=reserves_with(control={"SHOWN": "5"}, controlByMovement="3"))
    assert re.search(r"between .*2023-11-23 02:00.* and .*2023-11-24 02:00.*Of what is shown this is so of .*3", words)
    none = said_of(movements=window, reserves=reserves_with(control={"SHOWN": "5"}, controlByMovement="0"))
    assert "signed no message" not in none


def uncontradicted(**changes: Any) -> dict[str, Any]:
    return {
        "dissents": [],
        "differences": [],
        "reserves": reserves_with(dissents=0, **changes),
        "coverage": [each | {"disagreeing": 0} for each in PREDICATE["finding"]["coverage"]],
    }


def test_that_nothing_was_contradicted_is_said_only_of_what_there_is() -> None:
    assert "no operator reported another amount than the one that is believed, and no amount" in said_of(
        **uncontradicted()
    )
    unstated = uncontradicted()
    unstated["coverage"] = [each | {"unstated": each["holdings"]} for each in unstated["coverage"]]
    assert "the claim states no amounts to compare them with" in said_of(**unstated)
    words = said_of(**uncontradicted(holdings=3, gaps=3))
    assert "No balance is believed that could have been contradicted." in words
    assert "no operator reported another amount" not in words


def test_that_every_holding_was_read_is_not_said_where_none_was_declared() -> None:
    assert "Nothing: every holding was read." in said_of(gapCounts={}, gaps=[])
    words = said_of(gapCounts={}, gaps=[], reserves=reserves_with(holdings=0, gaps=0), coverage=[])
    assert "every holding was read" not in words
    assert "Nothing was declared that could have been read." in words


def row_of(words: str) -> str:
    """The table of coins and the remarks on it, without the exact figures."""
    return words.partition("Held and owed, coin by coin")[2].partition("The same figures with every decimal")[0]


def test_the_first_sentence_answers_for_each_coin() -> None:
    bitcoin, ether, tether = reserves_with()
    answers = {
        "All 3 coins are covered.": [bitcoin, ether | {"verdict": "COVERED"}, tether | {"verdict": "COVERED"}],
        "BTC is covered.": [bitcoin],
        "BTC is not shown to be covered: Example Exchange did not publish what it owes.": [
            bitcoin | {"owed": None, "ratio": None, "verdict": "UNKNOWN"}
        ],
        "None of 2 coins is shown to be covered. ETH: less is held than is owed. BTC: Example Exchange did not": [
            bitcoin | {"owed": None, "ratio": None, "verdict": "UNKNOWN"},
            ether | {"ratio": "0.910000", "verdict": "SHORT"},
        ],
        "1 of 8 coins is covered. BTC, BTC, BTC, BTC, BTC, BTC and 1 more: Example Exchange did not publish": [
            *[bitcoin | {"owed": None, "ratio": None, "verdict": "UNKNOWN"}] * 7,
            ether | {"verdict": "COVERED"},
        ],
        "No coin was weighed, so nothing is shown.": [],
    }
    for sentence, reserves in answers.items():
        assert sentence in said_of(reserves=reserves)


def test_no_ratio_and_no_bar_stands_beside_a_verdict_that_is_withheld() -> None:
    apart = [{"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}]
    bitcoin = reserves_with(verdict="UNKNOWN", withheld=apart)[0]
    assert bitcoin["statedRatio"]
    assert "%" in row_of(said_of(reserves=reserves_with()))
    row = row_of(said_of(reserves=[bitcoin]))
    assert "No verdict: the blocks of its chains lie too far apart" in row

    assert "agrees" not in row
    assert "<svg" not in render(PREDICATE | {"finding": PREDICATE["finding"] | {"reserves": [bitcoin]}})


def test_what_was_not_read_is_no_zero() -> None:
    unread = reserves_with(
        verdict="UNKNOWN", held="0", proven="0", quorum="0", own="0", ratio="0.000000", holdings=3, gaps=3, control={}
    )
    words = said_of(reserves=unread)
    row = row_of(words)
    assert "Held not established" in row
    assert "Ratio not established" in row
    assert "0.00%" not in row
    assert "held: not established; owed:" in words
    assert "held: nothing" not in words


def test_sections_with_nothing_to_show_are_folded() -> None:
    predicate = copy.deepcopy(PREDICATE)
    predicate["finding"] |= uncontradicted(custody="0") | {"gapCounts": {}, "gaps": []}
    page = render(predicate)
    for name in ("gaps", "exceptions", "custody"):
        assert re.search(rf'<section aria-labelledby="{name}"><details class="empty"><summary><h2 id="{name}">', page)
    assert 'class="empty"' not in render(PREDICATE)


def test_each_basis_in_use_is_explained_and_no_other() -> None:
    assert "Quorum: as many independent operators" in said_of(reserves=reserves_with(proven="0", own="0"))
    words = said_of(reserves=reserves_with(proven="1", quorum="0", own="0"))
    assert "Proven: hashes lead from the block to the balance, so" in words
    assert "Quorum: as many" not in words


def test_the_meaning_of_bars_stands_only_where_there_are_bars() -> None:
    assert "Bars begin at zero" in said_of()
    assert "Bars begin at zero" not in said_of(reserves=reserves_with(owed=None, ratio=None))


def legend_of(**finding: Any) -> str:
    """What stands below the table of coins to explain its marks."""
    return row_of(said_of(**finding)).partition("Bars begin at zero")[2]


def test_each_mark_of_the_bars_is_explained_and_no_other() -> None:
    bitcoin, ether, tether = reserves_with(gaps=0, custody="0")
    covered = legend_of(reserves=[bitcoin])
    assert "held, and covered" in covered
    assert "held above what is owed" in covered
    assert not any(word in covered for word in ("and short", "third parties", "115%", "≥", "no verdict", "not held"))
    short = {"verdict": "SHORT", "held": "1", "ratio": "0.010000"}
    assert "held, and short" in legend_of(reserves=[bitcoin | short])
    assert "and covered" not in legend_of(reserves=[bitcoin | short])
    assert "owed and not held" in legend_of(reserves=[bitcoin | short])
    assert "held, and no verdict given" in legend_of(reserves=[ether | {"verdict": "UNKNOWN"}])
    assert "third parties" in legend_of(reserves=[bitcoin | {"custody": "5"}])
    assert "more than 115%" in legend_of(reserves=[tether | {"held": "9000000", "ratio": "9.000000"}])
    assert "≥ stands before a ratio that may be higher" in legend_of(reserves=[bitcoin | {"gaps": 1}])

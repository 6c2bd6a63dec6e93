"""OKX's zk-STARK v1: honest sets are INCLUDED at best; what is forged, edited or foreign is refused where it can be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities import (
    File,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    find_scheme,
)
from scanner.proofs.liabilities.remarks import LISTED_NAMES, NO_CUSTOMER, STARK_FORGEABLE, STARK_FREE_COINS
from scanner.proofs.liabilities.stark_tree import open_positions
from tests.support.liabilities.published_files import SHARED, file, shared_json
from tests.support.liabilities.stark_sets import COINS, MAIN, Kind, Made, made
from tests.support.strength import FULL
from tests.support.tables import each_of

SCHEME = find_scheme("okx-stark-v1")
PROOF = "sum_proof_data/batches/a0/sum_proof.json"
SUMS = "sum_proof_data/batches/a0/sum_values.json"
USER = "a0/user_1_inclusion_proof.json"


def judge(files: tuple[File, ...], **more: Any) -> ShownTotals:
    return SCHEME.judge(Published(files, **more))


def edited(kind: Kind, name: str, edit: Callable[[Any], None]) -> tuple[File, ...]:
    """A set of which one JSON file was edited."""
    given = made(kind)
    value = json.loads(given[name])
    edit(value)
    return given.with_file(name, json.dumps(value))


def refused(files: tuple[File, ...], match: str | None = None) -> None:
    with pytest.raises((Refuted, NotUnderstood), match=match):
        judge(files)


# What honest files show.


@pytest.mark.parametrize("number", range(4))
def test_the_sets_that_the_published_prover_made_are_judged_as_the_reference_says(number: int) -> None:
    expected = shared_json("okx-stark/expected.json")[number]
    folder = SHARED / "okx-stark" / expected["input"][0]
    paths = sorted(folder.rglob("*.json"))
    files = tuple(file(path.read_bytes(), path.relative_to(folder).as_posix()) for path in paths)
    shown = judge(files)
    assert shown.entries == expected.get("accounts_included", 0)
    assert max(total.shows.strength for total in shown.totals.values()) == Shows(expected["rung"]).strength
    if "totals" in expected:
        assert shown.root == expected["trunk_root"]
        assert {coin: total.amount for coin, total in shown.totals.items()} == expected["totals"]
        assert (STARK_FREE_COINS in shown.remarks) == bool(expected["not_constrained"])


def test_a_customers_file_of_the_published_prover_is_included() -> None:
    folder = SHARED / "okx-stark" / "small_156coins_2x15"
    if not folder.exists():
        pytest.skip("the reference's samples are not at hand")
    root = shared_json("okx-stark/expected.json")[2]["trunk_root"]
    for path in sorted(folder.glob("inclusion_proof_data/*/*.json"))[::7]:
        included = SCHEME.includes(Published((), root=root), file(path.read_bytes(), path.name))
        assert (included.shows, included.root, included.published) == (Shows.INCLUDED, root, True)


def test_sums_without_customers_files_are_only_stated() -> None:
    honest = made(Kind.HONEST)
    shown = judge(honest.sum_proofs())
    assert {coin: total.amount for coin, total in shown.totals.items()} == honest.sums
    assert {total.shows for total in shown.totals.values()} == {Shows.STATED}
    assert (shown.root, shown.entries) == (honest.root, 0)
    assert shown.remarks == (STARK_FORGEABLE, LISTED_NAMES, STARK_FREE_COINS, NO_CUSTOMER)


def test_with_customers_files_coins_that_are_constrained_are_included_and_no_more() -> None:
    honest = made(Kind.HONEST)
    shown = judge((*honest.sum_proofs(), *honest.inclusions()))
    assert shown.entries == 4
    assert [shown.totals[coin].shows for coin in COINS] == [Shows.INCLUDED] * MAIN + [Shows.STATED] * 2
    assert STARK_FORGEABLE in shown.remarks


def test_the_same_customers_file_twice_counts_once() -> None:
    honest = made(Kind.HONEST)
    assert judge((*honest.sum_proofs(), *honest.inclusions(), *honest.inclusions()[:2])).entries == 4


def test_one_customer_is_included_by_the_trunks_root_alone() -> None:
    honest = made(Kind.HONEST)
    user = file(honest[USER], USER)
    included = SCHEME.includes(Published((), root=honest.root.upper()), user)
    assert included.amounts == {"BTC": 4000, "ETH": -500, "DOGE": 60, "SHIB": 0}
    assert (included.root, included.shows, included.published) == (honest.root, Shows.INCLUDED, True)
    assert included.account == json.loads(honest[USER])["batch_inclusion_proof"]["user_id"]
    assert not SCHEME.includes(Published(()), user).published
    assert SCHEME.includes(Published(honest.sum_proofs()), user).published


def test_figures_have_the_decimals_that_the_claim_says() -> None:
    shown = judge(made(Kind.HONEST).sum_proofs(), options={"decimals": "2, SHIB=0"})
    assert shown.totals["ETH"].amount == Fraction(505, 100)
    assert shown.totals["SHIB"].amount == 30


def test_a_stated_total_and_a_published_root_have_to_be_those_of_the_trunk() -> None:
    honest = made(Kind.HONEST)
    files = honest.sum_proofs()
    judge(files, root=honest.root.upper(), totals={"ETH": Fraction(honest.sums["ETH"])})
    with pytest.raises(Refuted, match="ETH"):
        judge(files, totals={"ETH": Fraction(honest.sums["ETH"] - 1)})
    with pytest.raises(Refuted, match="XMR"):
        judge(files, totals={"XMR": Fraction(0)})
    with pytest.raises(OtherRoot):
        judge(files, root="00" * 32)
    with pytest.raises(OtherRoot):
        SCHEME.includes(Published((), root="00" * 32), honest.inclusions()[0])


# What is forged. The published verifier passes all of these.


@pytest.mark.parametrize("kind", [Kind.HIDDEN, Kind.UNFOLDED, Kind.ABSORBED, Kind.MOVED])
def test_sums_forged_in_a_way_that_no_check_can_see_stay_stated(kind: Kind) -> None:
    forged, honest = made(kind), made(Kind.HONEST)
    shown = judge(forged.sum_proofs())
    assert {total.shows for total in shown.totals.values()} == {Shows.STATED}
    assert {coin: total.amount for coin, total in shown.totals.items()} != honest.sums


@pytest.mark.parametrize("kind", [Kind.HIDDEN, Kind.UNFOLDED, Kind.ABSORBED])
def test_one_customer_who_holds_more_than_the_batch_gives_the_forgery_away(kind: Kind) -> None:
    forged = made(kind)
    richest = file(forged["a0/user_2_inclusion_proof.json"], "user_2_inclusion_proof.json")
    refused((*forged.sum_proofs(), richest), "more than its whole batch")
    with pytest.raises(Refuted):
        SCHEME.includes(Published(forged.sum_proofs()), richest)


def test_customers_who_together_hold_more_than_the_batch_give_the_forgery_away() -> None:
    forged = made(Kind.HIDDEN)
    poorest = file(forged["a0/user_0_inclusion_proof.json"], "user_0_inclusion_proof.json")
    assert judge((*forged.sum_proofs(), poorest)).entries == 1  # one alone cannot show it
    refused((*forged.sum_proofs(), *forged.inclusions()))


def test_a_sum_moved_between_coins_that_are_not_constrained_is_seen_when_all_customers_of_a_batch_look() -> None:
    forged = made(Kind.MOVED)
    *some, other_batch = forged.inclusions()
    assert judge((*forged.sum_proofs(), *some[:-1], other_batch)).totals["SHIB"].shows is Shows.STATED
    refused((*forged.sum_proofs(), *some), "all its accounts are given")


def test_more_rows_an_account_than_the_format_has_are_refused() -> None:
    refused(edited(Kind.HONEST, PROOF, lambda value: value.update(uts=128)), "rows an account")
    wide = json.loads(made(Kind.HONEST)[USER])
    wide["batch_inclusion_proof"]["uts"] = 128
    with pytest.raises(Refuted, match="rows an account"):
        SCHEME.includes(Published(()), file(json.dumps(wide)))


@pytest.mark.skipif(not FULL, reason="with all examples only: such a proof is long")
def test_a_debt_that_more_rows_an_account_let_pass_is_refused() -> None:
    refused(made(Kind.LONG).sum_proofs(), "rows an account")
    debtor = file(made(Kind.LONG)["b0/user_0_inclusion_proof.json"])
    with pytest.raises(Refuted, match="rows an account"):
        SCHEME.includes(Published(()), debtor)


# What is edited.


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a JSON value the texts and numbers stand."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs:
            yield from _leaves(each, (*path, key))
    elif value != "":
        yield path


def _kinds_of_leaves(value: Any) -> list[tuple[Any, ...]]:
    """The first leaf of each kind: those whose paths differ in more than numbers; a number counts by its length."""
    kinds = {tuple("#" if isinstance(key, int) else key for key in path): path for path in _leaves(value)}
    return list(kinds.values())


def _changed(value: Any) -> Iterator[Any]:
    """The same with one digit changed, at its beginning, in its middle and at its end."""
    text = str(value)
    for at in {0, len(text) // 2, len(text) - 1}:
        other = "1" if text[at] != "1" else "2"
        new = text[:at] + other + text[at + 1 :]
        yield int(new) if isinstance(value, int) else new


def _set_at(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("name", [PROOF, SUMS, "sum_proof_data/config.json"])
def test_each_value_of_each_file_broken_is_refused(name: str) -> None:
    whole = json.loads(made(Kind.HONEST)[name])
    for path in _kinds_of_leaves(whole):
        for new in _changed(_at(whole, path)):
            if path[-1] != "coins":

                def edit(value: Any, path: tuple[Any, ...] = path, new: Any = new) -> None:
                    _set_at(value, path, new)

                refused(edited(Kind.HONEST, name, edit))


def test_each_value_of_a_customers_file_broken_is_refused_by_the_trunks_root_alone() -> None:
    honest = made(Kind.HONEST)
    whole = json.loads(honest[USER])
    for path in _leaves(whole):
        if path == ("config", "main_coins_num"):
            continue  # which coins are constrained, no leaf holds: the proofs' own configuration says it
        for new in _changed(_at(whole, path)):
            value = json.loads(honest[USER])
            _set_at(value, path, new)
            with pytest.raises((Refuted, NotUnderstood)):
                SCHEME.includes(Published((), root=honest.root), file(json.dumps(value)))


@given(st.data())
def test_any_digit_of_a_sum_proof_changed_is_refused(data: st.DataObject) -> None:
    honest = made(Kind.HONEST)
    text = honest[PROOF]
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda place: text[place] in "0123456789abcdef"))
    new = data.draw(st.sampled_from("0123456789abcdef").filter(lambda digit: digit != text[at]))
    refused(honest.with_file(PROOF, text[:at] + new + text[at + 1 :]))


def test_lists_that_are_longer_or_shorter_are_refused() -> None:
    whole = json.loads(made(Kind.HONEST)[PROOF])
    lists = ["mtree_branches", "mtree_entries_data", "l_mtree_branches", "low_degree_proof"]
    for key in lists:
        for edit in (lambda value: value.pop(), lambda value: value.append(value[-1]), lambda value: value.clear()):
            refused(edited(Kind.HONEST, PROOF, lambda value, key=key, edit=edit: edit(value[key])))  # type: ignore[misc]
    for part in range(len(whole["low_degree_proof"][0])):
        if part:
            refused(edited(Kind.HONEST, PROOF, lambda value, part=part: value["low_degree_proof"][0][part].pop()))  # type: ignore[misc]
    refused(edited(Kind.HONEST, PROOF, lambda value: value["mtree_branches"][0].append("00" * 32)))
    refused(edited(Kind.HONEST, PROOF, lambda value: value["mtree_entries_data"][1].append("00" * 32)))
    refused(edited(Kind.HONEST, USER, lambda value: value["batch_inclusion_proof"]["merkle_path"].append("00" * 32)))
    refused(edited(Kind.HONEST, USER, lambda value: value["trunk_inclusion_proof"]["merkle_path"].clear()))


def test_an_opening_without_its_own_leaf_is_refused_as_the_published_verifier_refuses_it() -> None:
    """Even where the leaf stands in another opening of the same tree."""
    refused(edited(Kind.HONEST, PROOF, lambda value: value["mtree_branches"][0].__setitem__(0, "")), "that it opens")
    leaves = [bytes([each]) * 32 for each in range(4)]
    above = keccak256(leaves[2] + leaves[3])
    root = keccak256(keccak256(leaves[0] + leaves[1]) + above)
    opening = [leaves[0], leaves[1], above]
    assert open_positions(root, 4, [0, 0], [opening, [leaves[0], None, None]], "here") == [leaves[0]] * 2
    with pytest.raises(Refuted, match="here: an opening without the value that it opens"):
        open_positions(root, 4, [0, 0], [opening, [None, None, None]], "here")


def test_a_proof_of_another_version_of_the_prover_is_not_understood_and_refutes_nothing() -> None:
    def fifth(value: Any) -> None:
        value["mtree_entries_data"][0] += "00" * 32

    with pytest.raises(
        NotUnderstood, match="another version of the prover, with a fifth quotient, of which no published file is known"
    ):
        judge(edited(Kind.HONEST, PROOF, fifth))


def test_siblings_swapped_are_refused() -> None:
    def swap(value: Any) -> None:
        path = value["batch_inclusion_proof"]["merkle_path"]
        path[3], path[4] = path[4], path[3]

    refused(edited(Kind.HONEST, USER, swap), "path does not lead")


@each_of(
    ("changes", "match"),
    [
        ({"BTC": "-4000", "ETH": "7500"}, "leaf"),  # a debt in place of a balance, of the same total
        ({"total_value": "-1"}, "add up"),
        ({"user_index": 1 + 4}, "not in a tree"),
        ({"user_index": 2}, "path does not lead"),
        ({"uts": 32}, "not in a tree|path does not lead"),
        ({"BTC": "04000"}, "not as the format"),
        ({"BTC": 4000.5}, "not as the format"),
        ({"XMR": "1"}, "unknown field"),
        ({"batch_mtree_root": "00" * 32}, "not the one that the account is in"),
        ({"batch_mtree_root": "AB" * 32}, "not as the format"),
    ],
)
def test_a_customers_file_edited_is_refused(changes: dict[str, Any], match: str) -> None:
    def edit(value: Any) -> None:
        value["batch_inclusion_proof"].update(changes)

    refused(edited(Kind.HONEST, USER, edit), match)


def test_a_customers_file_that_brings_its_own_trunk_batch_sums_or_configuration_is_refused() -> None:
    honest, forged = made(Kind.HONEST), made(Kind.HIDDEN)
    foreign = forged.inclusions()[3]  # batch b0 is the same in both sets, the trunk is not
    with pytest.raises(OtherRoot):
        judge((*honest.sum_proofs(), foreign))
    refused(edited(Kind.HONEST, USER, lambda value: value["config"].update(main_coins_num=3)), "configuration")
    refused(
        edited(Kind.HONEST, USER, lambda value: value["trunk_inclusion_proof"].update(BTC="12001", ETH="499")), "leaf"
    )


def test_two_records_in_one_place_are_refused_and_the_file_is_named() -> None:
    honest, forged = made(Kind.HONEST), made(Kind.HIDDEN)
    record = json.loads(honest[USER])
    record["batch_inclusion_proof"] = json.loads(forged[USER])["batch_inclusion_proof"]
    refused((*honest.sum_proofs(), *honest.inclusions(), file(json.dumps(record), "x_inclusion_proof.json")), "x_incl")


# Which files there are.


def _without(given: Made, *names: str) -> tuple[File, ...]:
    return tuple(each for each in given.sum_proofs() if each.name not in names)


def test_a_set_that_lacks_a_file_is_refused() -> None:
    honest = made(Kind.HONEST)
    for each in honest.sum_proofs():
        refused(_without(honest, each.name))
    refused(_without(honest, PROOF, SUMS))  # a whole batch: then the sums do not fit
    refused(())
    only = [each for each in honest.sum_proofs() if "batches" not in each.name]
    refused(tuple(only), "no batch")


def test_a_file_too_many_is_refused_and_the_provers_own_are_not_read() -> None:
    honest = made(Kind.HONEST)
    files = honest.sum_proofs()
    refused((*files, file("{}", "sum_proof_data/readme.txt")), "no file of a zk-STARK")
    refused((*files, file("{}", "other/config.json")), "one too many")
    refused((*files, file(honest[PROOF], "copy/" + PROOF)), "another sum_proof.json")
    copied = [file(honest[name], name.replace("a0", "a1")) for name in (PROOF, SUMS)]
    refused((*files, *copied), "one root")
    assert judge((*files, file("{", "sum_proof_data/batches/a0/mtree.json"))).root == honest.root


def test_sums_that_are_negative_in_disguise_are_refused() -> None:
    for value in (-1, 2**128, 2**251 + 17 * 2**192):
        for name in (SUMS, "sum_proof_data/trunk/sum_values.json"):
            refused(edited(Kind.HONEST, name, lambda sums, value=value: sums.update(DOGE=value)))  # type: ignore[misc]


def test_hostile_sizes_are_refused_before_any_work() -> None:
    honest = made(Kind.HONEST)
    for steps in (0, 32, 96, 2**20, 2**24, 10**30):
        refused(edited(Kind.HONEST, PROOF, lambda value, steps=steps: value.update(steps=steps)))  # type: ignore[misc]
    refused(honest.with_file(PROOF, "[" * 100_000))
    refused(honest.with_file(PROOF, '{"steps": ' + "9" * 100_000 + "}"))
    refused(honest.with_file(PROOF, honest[PROOF] + " " * (17 << 20)), "more than")
    refused(honest.with_file("sum_proof_data/config.json", json.dumps({"main_coins_num": 1, "coins": ["A"] * 1001})))
    refused(honest.with_file("sum_proof_data/config.json", json.dumps({"main_coins_num": 1, "coins": ["A", "a"]})))
    refused(honest.with_file(PROOF, honest[PROOF] + "x"))
    refused(honest.with_file(PROOF, honest[PROOF][:-1] + ', "more": 1}'), "unknown field")


def test_options_that_the_scheme_does_not_have_are_refused() -> None:
    with pytest.raises(NotUnderstood, match="option"):
        judge(made(Kind.HONEST).sum_proofs(), options={"digits": "8"})
    for text in ("", "8,8", "BTC=8,btc=2", "x", "99", "8;"):
        with pytest.raises(NotUnderstood, match="decimals"):
            judge(made(Kind.HONEST).sum_proofs(), options={"decimals": text})

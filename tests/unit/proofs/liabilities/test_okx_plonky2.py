"""OKX's plonky2 trees: a customer's path leads to the root of the global proof, whose figures are only stated."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import File, NotUnderstood, OtherRoot, Published, Refuted, Shows, find_scheme
from scanner.proofs.liabilities.poseidon_goldilocks import PRIME, hash_elements, permute, read_digest, write_digest
from scanner.proofs.liabilities.remarks import FILE_ROOT, NET_VALUE, NO_CUSTOMER, NO_VERIFIER
from tests.support.liabilities import plonky2_trees as trees
from tests.support.liabilities.published_files import file, shared, shared_json
from tests.support.tables import each_of

SCHEME = find_scheme("okx-plonky2")
NET = trees.totals()[0] - trees.totals()[1]


def includes(user: File, **changed: Any) -> Any:
    published = {"files": (), "options": trees.OPTIONS, "root": trees.root(), **changed}
    return SCHEME.includes(Published(**published), user)


def refused(user: File, match: str | None = None, **changed: Any) -> None:
    with pytest.raises((Refuted, NotUnderstood), match=match):
        includes(user, **changed)


def test_the_permutation_is_plonky2s() -> None:
    assert permute(list(range(12)))[0] == 0xD64E1E3EFC5B8E9E
    expected = shared_json("okx-v2-user/poseidon_goldilocks.json")["perm_of_0_to_11"]
    assert [f"{each:016x}" for each in permute(list(range(12)))] == expected


def test_the_sample_of_okx_is_included() -> None:
    (expected,) = shared_json("okx-v2-user/expected.json")
    tree = shared_json("okx-v2-user/unit_test_root.json")["tree"]
    options = {"batch_size": tree["batch_size"], "branches": tree["recursion_branchout_num"]}
    published = Published((), {key: str(value) for key, value in options.items()}, expected["root"])
    shown = SCHEME.includes(published, shared("okx-v2-user/unit_test_inclusion_proof.json"))
    assert (shown.root, shown.shows, shown.published) == (expected["root"], Shows(expected["rung"]), True)


@pytest.mark.parametrize("number", [0, 1, 13, trees.CUSTOMERS - 1])
def test_a_customer_is_included_by_the_root_alone(number: int) -> None:
    shown = includes(trees.customer_file(number))
    account = trees.account(number)
    net = sum(map(int, account["equity"])) - sum(map(int, account["debt"]))
    assert (shown.root, shown.account, shown.published) == (trees.root(), account["id"], True)
    assert (shown.amounts, shown.remarks) == ({"TOTAL": net}, (NET_VALUE,))


def test_a_root_that_only_the_customers_file_leads_to_is_said_to_be_that() -> None:
    shown = includes(trees.customer_file(3), root=None)
    assert (shown.published, shown.remarks) == (False, (NET_VALUE, FILE_ROOT))
    alone = SCHEME.judge(Published((trees.customer_file(3),), trees.OPTIONS))
    assert (alone.totals, alone.entries, FILE_ROOT in alone.remarks) == ({}, 1, True)


def test_the_global_proofs_figures_are_stated_and_why_is_said() -> None:
    shown = SCHEME.judge(Published((trees.global_file(),)))
    assert (shown.root, shown.entries) == (trees.root(), 0)
    assert shown.remarks == (NET_VALUE, NO_VERIFIER, NO_CUSTOMER)
    assert [(total.amount, total.shows) for total in shown.totals.values()] == [(Fraction(NET), Shows.STATED)]


def test_with_customers_the_root_is_that_of_the_global_proof_and_the_total_is_no_better_than_included() -> None:
    users = (trees.customer_file(1), trees.customer_file(30), trees.customer_file(1))
    shown = SCHEME.judge(Published((trees.global_file(), *users)))
    assert shown.entries == 2
    assert {total.shows for total in shown.totals.values()} == {Shows.INCLUDED}
    included = includes(trees.customer_file(4), files=(trees.global_file(),), options={}, root=None)
    assert (included.published, included.totals) == (True, {"TOTAL": NET})


def test_many_customers_are_judged_on_several_processors_as_on_one() -> None:
    files = (trees.global_file(), *map(trees.customer_file, range(trees.CUSTOMERS)))
    with ThreadPoolExecutor(2) as pool:
        shown = find_scheme("okx-plonky2").judge(Published(files, each=pool.map))
    assert shown == find_scheme("okx-plonky2").judge(Published(files))
    assert shown.entries == trees.CUSTOMERS


def test_a_customer_of_another_root_is_told_so() -> None:
    with pytest.raises(OtherRoot):
        includes(trees.customer_file(1), root="00" * 32)
    other = trees.global_proof()
    other["proof"]["public_inputs"][5] -= 1
    with pytest.raises(OtherRoot):
        includes(trees.customer_file(1), files=(trees.global_file(other),), options={}, root=None)
    with pytest.raises(OtherRoot):
        SCHEME.judge(Published((trees.global_file(),), root="00" * 32))


def test_customers_who_have_more_than_the_total_are_refused() -> None:
    small = trees.global_proof()
    small["proof"]["public_inputs"][:2] = [2**40, 0]
    with pytest.raises(Refuted, match="more than"):
        SCHEME.judge(Published((trees.global_file(small), trees.customer_file(1))))


def _edits() -> dict[str, Callable[[Any], object]]:
    digest = "11" * 32
    level = "recursive_tree_siblings"
    return {
        "other id": lambda value: value["account"].update(id="ab" * 32),
        "upper case": lambda value: value["account"].update(id=value["account"]["id"].upper()),
        "short id": lambda value: value["account"].update(id=value["account"]["id"][:-1]),
        "equity": lambda value: value["account"]["equity"].__setitem__(0, "131"),
        "debt": lambda value: value["account"]["debt"].__setitem__(0, "0"),
        "negative": lambda value: value["account"]["equity"].__setitem__(0, "-1"),
        "too large": lambda value: value["account"]["equity"].__setitem__(0, str(2**62)),
        "beyond the prime": lambda value: value["account"]["equity"].__setitem__(0, str(130 + PRIME)),
        "leading zero": lambda value: value["account"]["equity"].__setitem__(0, "0130"),
        "in debt": lambda value: value["account"].update(debt=["1", "13", str(2**41)]),
        "a token less": lambda value: value["account"]["debt"].pop(),
        "index": lambda value: value.update(index=12),
        "index of another batch": lambda value: value.update(index=15),
        "index beyond the tree": lambda value: value.update(index=13 + trees.CUSTOMERS),
        "sibling": lambda value: value["sum_tree_siblings"].__setitem__(0, digest),
        "sibling that is no digest": lambda value: value["sum_tree_siblings"].__setitem__(0, "ff" * 32),
        "no sibling": lambda value: value["sum_tree_siblings"].clear(),
        "two siblings": lambda value: value["sum_tree_siblings"].append(digest),
        "left": lambda value: value[level][0]["left_hashes"].__setitem__(0, digest),
        "right": lambda value: value[level][1]["right_hashes"].__setitem__(0, digest),
        "swapped": lambda value: value[level][0]["left_hashes"].reverse(),
        "moved": lambda value: value[level][0]["right_hashes"].append(value[level][0]["left_hashes"].pop()),
        "a child more": lambda value: value[level][0]["right_hashes"].append(digest),
        "a level less": lambda value: value[level].pop(),
        "a level more": lambda value: value[level].append({"left_hashes": [], "right_hashes": [digest] * 3}),
        "unknown field": lambda value: value.update(more=1),
    }


@each_of("edit", _edits().values(), ids=_edits())
def test_a_customers_file_edited_is_refused(edit: Callable[[Any], object]) -> None:
    value = trees.customer(13)
    edit(value)
    refused(file(json.dumps(value)))


@given(st.data())
def test_no_digit_of_a_customers_file_can_be_changed_unnoticed(data: st.DataObject) -> None:
    text = json.dumps(trees.customer(13))
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda place: text[place] in "0123456789abcdef"))
    new = data.draw(st.sampled_from("0123456789abcdef").filter(lambda digit: digit != text[at]))
    changed = text[:at] + new + text[at + 1 :]
    try:
        shown = includes(file(changed))
    except (Refuted, NotUnderstood):
        return
    # Single tokens' amounts are not in the tree: a change of one that another one makes up for cannot be seen.
    account = json.loads(changed)["account"]
    assert sum(map(int, account["equity"])) - sum(map(int, account["debt"])) == shown.amounts["TOTAL"]
    assert account["id"] == trees.account(13)["id"]


def test_amounts_moved_between_tokens_pass_and_only_the_net_value_is_told() -> None:
    value = trees.customer(13)
    value["account"]["equity"] = ["0", "135", str(2**40)]
    assert includes(file(json.dumps(value))).amounts == includes(trees.customer_file(13)).amounts


@each_of(
    "edit",
    [
        lambda value: value["proof"]["public_inputs"].pop(),
        lambda value: value["proof"]["public_inputs"].append(0),
        lambda value: value["proof"]["public_inputs"].__setitem__(2, PRIME),
        lambda value: value["proof"]["public_inputs"].__setitem__(2, -1),
        lambda value: value["proof"]["public_inputs"].__setitem__(0, 0),
        lambda value: value["proof"]["public_inputs"].__setitem__(0, 2**62),
        lambda value: value["general"].update(batch_size=0),
        lambda value: value["general"].update(recursion_branchout_num=10**9),
        lambda value: value["general"].pop("token_num"),
        lambda value: value.update(more=1),
        lambda value: value.pop("proof"),
    ],
)
def test_a_global_proof_edited_is_refused(edit: Callable[[Any], object]) -> None:
    value = trees.global_proof()
    edit(value)
    with pytest.raises((Refuted, NotUnderstood)):
        SCHEME.judge(Published((trees.global_file(value),)))


def test_a_tree_of_another_shape_is_refused() -> None:
    refused(trees.customer_file(13), options={})
    for changed in ({"batch_size": 4}, {"recursion_branchout_num": 8}, {"token_num": 4}):
        refused(
            trees.customer_file(13), files=(trees.global_file(trees.global_proof(**changed)),), options={}, root=None
        )


def test_files_and_options_that_do_not_go_together_are_refused() -> None:
    for files in ((), (trees.global_file(), trees.global_file()), (file("{}"),), (file("[]"),), (file("[" * 99_999),)):
        with pytest.raises((Refuted, NotUnderstood)):
            SCHEME.judge(Published(files))
    for options in ({"branches": "1"}, {"batch_size": "x"}, {"batch_size": "9" * 99}, {"more": "1"}):
        refused(trees.customer_file(1), options=options)


def test_digests_have_one_spelling() -> None:
    digest = hash_elements([1, 2, 3])
    assert read_digest(write_digest(digest)) == digest
    assert read_digest(PRIME.to_bytes(8, "little") + bytes(24)) is None
    assert read_digest(bytes(31)) is None

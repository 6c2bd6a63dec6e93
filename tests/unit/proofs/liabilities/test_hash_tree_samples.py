"""The exchanges' own sample files of each hash tree: each shows what the reference says of it."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from scanner.proofs.liabilities import OtherRoot, Published, ShownTotals, Shows, Total, find_scheme
from tests.support.liabilities.published_files import file, shared, shared_json


def sample(folder: str, number: int) -> Any:
    return shared_json(f"{folder}/expected.json")[number]


def judged(scheme: str, *names: str, **options: str) -> ShownTotals:
    return find_scheme(scheme).judge(Published(tuple(map(shared, names)), options))


def amounts(shown: ShownTotals) -> dict[str, Fraction]:
    return {symbol: total.amount for symbol, total in shown.totals.items()}


def exact(totals: dict[str, str]) -> dict[str, Fraction]:
    return {symbol: Fraction(text) for symbol, text in totals.items()}


PATHS = [
    ("okx-merkle-v1", "okx-merkle", 0, "../okx/merkle_proof_file.json"),
    ("bybit", "bybit", 0, "bybit/mock_user_merkle_tree_path_40.json"),
    ("bybit", "bybit", 1, "bybit/mock_user_merkle_tree_path_40_v3.json"),
    ("bybit", "bybit", 2, "bybit/mock_user_merkle_tree_path_40_v5.json"),
    ("bitget", "bitget", 0, "bitget/merkel_tree_bg.json"),
    ("mexc", "mexc", 0, "mexc/merkle_proof.json"),
]


@pytest.mark.parametrize(("scheme", "folder", "number", "name"), PATHS)
def test_a_path_is_included_under_the_root_that_the_reference_has(
    scheme: str, folder: str, number: int, name: str
) -> None:
    expected = sample(folder, number)
    shown = judged(scheme, name)
    assert shown.root == expected["root"]
    assert amounts(shown) == exact(expected["root_states"])
    assert {total.shows for total in shown.totals.values()} == {Shows(expected["rung"])}


def test_negative_sums_in_a_tree_are_reported() -> None:
    assert "negative" in judged("bitget", "bitget/merkel_tree_bg.json").remarks


def test_okxs_tree_is_rebuilt_and_its_customer_found() -> None:
    expected = sample("okx-merkle", 1)
    names = ("../okx/full-liabilities-merkle-tree.txt", "../okx/user_info_file.json")
    for given in (names[:1], names):
        shown = judged("okx-merkle-v2", *given)
        assert (shown.root, shown.entries) == (expected["root"], 21)
        assert amounts(shown) == exact(expected["totals"])
        assert {(total.shows, total.assumes) for total in shown.totals.values()} == {
            (Shows.TOTAL_PROVEN, ("complete",))
        }
    tree, user = map(shared, names)
    inclusion = find_scheme("okx-merkle-v2").includes(Published((tree,)), user)
    assert dict(inclusion.amounts) == exact(sample("okx-merkle", 2)["user_total"])
    assert inclusion.leaves == 2


def test_bitmexs_tree_is_rebuilt_and_its_accounts_found() -> None:
    expected, accounts = sample("bitmex", 0), sample("bitmex", 1)
    satoshi = Fraction(expected["totals"]["XBT_satoshi"]) / 10**8
    for names in (["bitmex/proof.csv"], ["bitmex/proof.csv", "bitmex/liabilities.csv", "bitmex/nonces.txt"]):
        shown = judged("bitmex", *names)
        assert (shown.root, shown.entries) == (expected["root"], expected["leaves"])
        assert shown.totals == {"BTC": Total(satoshi, Shows.TOTAL_PROVEN, ("complete",))}
    nonces = dict(line.split(",") for line in text("bitmex/nonces.txt"))
    held = Fraction(0)
    for account, amount in (line.split(",") for line in text("bitmex/liabilities.csv")[1:]):
        if amount == "0":
            continue  # no leaf is of it
        user = {"account": account, "account_nonce": nonces[account], "amount": amount}
        inclusion = find_scheme("bitmex").includes(Published((shared("bitmex/proof.csv"),)), file(json.dumps(user)))
        held += inclusion.amounts["BTC"] * 10**8
    assert held == int(accounts["accounts_sum_satoshi"])


def text(name: str) -> list[str]:
    return b"".join(shared(name).chunks()).decode().splitlines()


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_swissborgs_audit_roots_are_stated(number: int) -> None:
    expected = sample("swissborg", number)
    shown = judged("swissborg", *(f"swissborg/{name}" for name in expected["input"]))
    assert shown.root == expected["root"]
    assert amounts(shown) == exact(expected["totals"])
    assert {total.shows for total in shown.totals.values()} == {Shows.STATED}


@pytest.mark.parametrize("number", [4, 5])
def test_swissborgs_currencies_with_a_path_are_bound_to_their_sum(number: int) -> None:
    expected = sample("swissborg", number)
    roots, user = (f"swissborg/{name}" for name in expected["input"])
    shown = judged("swissborg", roots, user)
    above = {symbol: total.shows.value for symbol, total in shown.totals.items() if total.shows is not Shows.STATED}
    assert above == expected["rung"]
    inclusion = find_scheme("swissborg").includes(Published((shared(roots),)), shared(user))
    assert inclusion.leaves == expected["paths"]
    assert set(inclusion.amounts) == set(expected["rung"])


@pytest.mark.parametrize("number", [6, 7])
def test_swissborgs_audits_of_one_id_are_told_apart_by_their_roots(number: int) -> None:
    expected = sample("swissborg", number)
    assert expected["outcome"] == "refused"
    with pytest.raises(OtherRoot):
        judged("swissborg", *(f"swissborg/{name}" for name in expected["input"]))


@pytest.mark.parametrize("number", [0, 1])
def test_the_auditors_tree_is_rebuilt_in_both_ways_of_hashing_records(number: int) -> None:
    expected = sample("armanino", number)
    options = {"mode": expected["mode"]}
    records = shared("armanino/example_input.txt")
    assert judged("armanino", "armanino/example_input.txt", **options).root == expected["root"]
    listed = "".join(f"3,{each}\t{leaf}\n" for each, leaf in enumerate(expected["leaves"]))
    leaves = file("Level\tHash\n" + listed)
    header, first, *_ = b"".join(records.chunks()).decode().splitlines()
    for published in (records, leaves):
        inclusion = find_scheme("armanino").includes(Published((published,), options), file(f"{header}\n{first}\n"))
        assert (inclusion.root, inclusion.account, inclusion.shows) == (expected["root"], "1", Shows.INCLUDED)

"""A customer drops the exchange's file on the page: checked there against the signed root, and sent nowhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scanner.proofs.liabilities.bybit import RELEASES
from tests.browser.asking import choose, outcome, outcome_there, page
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.support.liabilities.liability_trees import (
    bitget_paths,
    bitunix_paths,
    bybit_paths,
    mexc_paths,
    okx_paths,
    records,
    strip,
)
from tests.support.liabilities.published_files import file

FOUR = ("BTC", "ETH", "USDT", "USDC")
NEWEST = RELEASES[0]
FILES: dict[str, list[dict[str, Any]]] = {
    "okx-merkle-v1": okx_paths(records(5)),
    "bybit": bybit_paths(records(3, NEWEST.coins), NEWEST.coins),
    "bitget": bitget_paths(records(4, FOUR)),
    "bitunix": bitunix_paths(records(4)),
    "mexc": mexc_paths(records(5)),
}
DIGEST = {"bitget": "merkelLeaf", "bitunix": "merkleLeaf"}


def path_of(user: dict[str, Any]) -> Any:
    return user["path" if "path" in user else "pathList"]


def root_of(scheme: str, user: dict[str, Any]) -> str:
    return str(path_of(user)[-1][DIGEST.get(scheme, "hash")])


def drop(tab: Page, user: Any) -> None:
    choose(tab, file(user if isinstance(user, str) else json.dumps(user), "mine.json"))


@pytest.mark.parametrize("scheme", FILES)
def test_every_customer_is_told_that_the_record_is_in_it(reader: Reader, scheme: str) -> None:
    users = FILES[scheme]
    tab = reader.opens(page(scheme, root_of(scheme, users[0])))
    for user in users:
        drop(tab, user)
        expect(tab.locator("#included")).to_contain_text("Yes: this record is in it, with these balances")
        held = user["self"].get("balances") or user["self"]["balance"]
        texts = tab.locator("#included tbody tr").all_inner_texts()
        assert len(texts) == len(held)
        assert {text.split("\t")[0] for text in texts} == set(held)
    expect(tab.locator("#included")).to_contain_text("does not show that the total is right")


def edits() -> dict[str, Callable[[dict[str, Any]], object]]:
    def amounts(entry: dict[str, Any]) -> dict[str, str]:
        return dict.__getitem__(entry, "balances" if "balances" in entry else "balance")

    def digest(entry: dict[str, Any]) -> str:
        return next(key for key in ("hash", "merkelLeaf", "merkleLeaf") if key in entry)

    def side(entry: dict[str, Any]) -> str:
        return "role" if "role" in entry else "type"

    def level(entry: dict[str, Any]) -> str:
        return "height" if "height" in entry else "level"

    def put(entry: dict[str, Any], key: str, value: object) -> None:
        entry[key] = value

    def swap(user: dict[str, Any]) -> None:
        path_of(user)[0], path_of(user)[1] = path_of(user)[1], path_of(user)[0]

    return {
        "another amount": lambda user: put(amounts(user["self"]), "ETH", "1"),
        "a negative amount": lambda user: put(amounts(user["self"]), "ETH", "-1"),
        "an amount in no quotes": lambda user: put(amounts(user["self"]), "ETH", 1),
        "an endless amount": lambda user: put(amounts(user["self"]), "ETH", "9" * 500),
        "a coin more": lambda user: put(amounts(user["self"]), "DOGE", "1"),
        "a coin less": lambda user: amounts(user["self"]).pop("ETH"),
        "another sibling": lambda user: put(path_of(user)[0], digest(path_of(user)[0]), "0" * 16),
        "a sibling's amount": lambda user: put(amounts(path_of(user)[0]), "ETH", "7"),
        "a negative sibling": lambda user: put(amounts(path_of(user)[0]), "ETH", "-7"),
        "another side": lambda user: put(
            path_of(user)[0], side(path_of(user)[0]), 1 if path_of(user)[0][side(path_of(user)[0])] == 2 else 2
        ),
        "no side": lambda user: put(path_of(user)[0], side(path_of(user)[0]), 7),
        "another level": lambda user: put(path_of(user)[0], level(path_of(user)[0]), 9),
        "siblings swapped": swap,
        "a level cut": lambda user: path_of(user).pop(0),
        "a level twice": lambda user: path_of(user).insert(0, path_of(user)[0]),
        "the total edited": lambda user: put(amounts(path_of(user)[-1]), "ETH", "1"),
        "no root": lambda user: path_of(user).pop(),
        "no path": lambda user: user.pop("path" if "path" in user else "pathList"),
        "no record": lambda user: user.pop("self"),
        "a path of nothing": lambda user: put(user, "path" if "path" in user else "pathList", []),
        "a path of hundreds": lambda user: put(user, "path" if "path" in user else "pathList", path_of(user) * 100),
        "an entry that is none": lambda user: put(
            user, "path" if "path" in user else "pathList", [None, *path_of(user)[1:]]
        ),
    }


EDITS = edits()


@pytest.mark.parametrize("scheme", FILES)
def test_no_edited_file_is_said_to_be_in_it_here_or_there(reader: Reader, scheme: str) -> None:
    honest = FILES[scheme][0]
    root = root_of(scheme, honest)
    tab = reader.opens(page(scheme, root))
    for name, edit in EDITS.items():
        user = copy.deepcopy(honest)
        edit(user)
        drop(tab, user)
        expected, _ = outcome_there(scheme, root, [file(json.dumps(user))])
        assert expected != "included", name
        assert outcome(tab) == expected, name


def test_a_file_of_another_report_is_told_apart_from_an_edited_one(reader: Reader) -> None:
    tab = reader.opens(page("okx-merkle-v1", root_of("okx-merkle-v1", FILES["okx-merkle-v1"][0])))
    drop(tab, okx_paths(records(6))[0])
    assert outcome(tab) == "other-root"
    drop(tab, '{"a": "' + "a" * (5 << 20) + '"}')
    assert outcome(tab) == "too-large"
    drop(tab, '{"a": ')
    assert outcome(tab) == "not-understood"
    expect(tab.locator("#included")).to_contain_text("no JSON text")


@pytest.mark.parametrize("release", RELEASES, ids=[release.name for release in RELEASES])
def test_every_release_of_bybit_is_known_to_the_page(reader: Reader, release: Any) -> None:
    users = bybit_paths(records(3, release.coins), release.coins, dict(release.places))
    tab = reader.opens(page("bybit", root_of("bybit", users[0])))
    for user in users:
        drop(tab, user)
        expect(tab.locator("#included")).to_contain_text("Yes: this record is in it")


def test_bitgets_files_of_more_coins_are_known_to_the_page_in_their_own_order(reader: Reader) -> None:
    users = bitget_paths(records(4, ("BTC", "USDT", "ETH", "LTC", "PI")))
    tab = reader.opens(page("bitget", root_of("bitget", users[0])))
    for user in users:
        drop(tab, user)
        expect(tab.locator("#included")).to_contain_text("Yes: this record is in it")
    turned = copy.deepcopy(users[0])
    turned["path"][0]["balances"] = dict(reversed(turned["path"][0]["balances"].items()))
    drop(tab, turned)
    expect(tab.locator("#included")).to_contain_text("in another order")


def test_where_no_root_was_published_no_file_is_asked_for(reader: Reader) -> None:
    tab = reader.opens(page_of())
    assert tab.locator("#asking").count() == 0


def test_amounts_on_the_page_are_exact(reader: Reader) -> None:
    users = FILES["okx-merkle-v1"]
    tab = reader.opens(page("okx-merkle-v1", root_of("okx-merkle-v1", users[0])))
    drop(tab, users[1])
    text = tab.locator("#included tbody").inner_text()
    assert strip(records(5)[1]["ETH"]) in text


def test_no_answer_is_worth_more_than_the_page_that_gives_it(reader: Reader) -> None:
    user = FILES["okx-merkle-v1"][0]
    root = root_of("okx-merkle-v1", user)
    signed, unchecked = page("okx-merkle-v1", root), page("okx-merkle-v1", root, keys=())
    forged = signed.replace(b"Held and owed, coin by coin", b"Held and owed, coin for coin")
    doubts = {"Who signed this root was not checked": unchecked, "Something on this page does not hold": forged}
    for doubt, opened in {"": signed, **doubts}.items():
        tab = reader.opens(opened)
        for file_of_mine, expected in ((user, "included"), ({}, "not-understood")):
            drop(tab, file_of_mine)
            assert outcome(tab) == expected
            for each in doubts:
                assert (each in tab.locator("#included").inner_text()) == (each == doubt)

"""What single exchanges' paths have of their own, and what several customers' files together give away."""

from __future__ import annotations

import copy
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from scanner.proofs.liabilities import NotUnderstood, OtherRoot, Published, Refuted, Shows, find_scheme
from scanner.proofs.liabilities.bybit import RELEASES
from tests.support.liabilities.liability_trees import (
    Amounts,
    Json,
    bitget_paths,
    bitunix_paths,
    bybit_paths,
    json_file,
    mexc_paths,
    okx_json,
    okx_paths,
    records,
    sha,
    strip,
    swissborg,
)
from tests.support.tables import each_of

OKX, BYBIT, SWISSBORG = (find_scheme(name) for name in ("okx-merkle-v1", "bybit", "swissborg"))


def amounts(**held: str) -> Amounts:
    return {coin: Decimal(held.get(coin, "0")) for coin in ("BTC", "ETH", "USDT")}


def max_pair() -> tuple[Json, Json]:
    """The files of customers with 5 and 3 BTC under one root of 5: each is told that the other holds less."""
    nonces = [sha("a"), sha("b")]
    held = [amounts(BTC="5"), amounts(BTC="3")]
    leaves = [sha(nonce + okx_json(each)) for nonce, each in zip(nonces, held, strict=True)]
    root = sha("".join(leaves) + "5" + "0" + "0" + "2")

    def entry(digest: str, btc: str, side: int, height: int) -> Json:
        balances = {"BTC": btc, "ETH": "0", "USDT": "0"}
        return {"auditId": "1", "balances": balances, "type": side, "hash": digest, "height": height}

    top = entry(root, "5", 3, 2)
    first = {"self": entry(leaves[0], "5", 1, 1) | {"nonce": nonces[0]}, "path": [entry(leaves[1], "0", 2, 1), top]}
    second = {"self": entry(leaves[1], "3", 2, 1) | {"nonce": nonces[1]}, "path": [entry(leaves[0], "2", 1, 1), top]}
    return first, second


def test_the_max_pair_passes_one_by_one_and_is_never_more_than_included() -> None:
    for user in max_pair():
        shown = OKX.judge(Published((json_file(user),)))
        assert {total.shows for total in shown.totals.values()} == {Shows.INCLUDED}
        assert "child-sums" in shown.remarks


def test_the_max_pair_contradicts_itself_as_soon_as_both_files_are_at_hand() -> None:
    first, second = max_pair()
    with pytest.raises(Refuted, match=r"second\.json: the node .* holds other amounts than in first\.json"):
        OKX.judge(Published((json_file(first, "first.json"), json_file(second, "second.json"))))
    with pytest.raises(Refuted, match="other amounts"):
        OKX.includes(Published((json_file(first, "first.json"),)), json_file(second, "second.json"))


def test_files_of_two_trees_are_not_taken_for_one() -> None:
    one, other = okx_paths(records(3))[0], okx_paths(records(4))[0]
    with pytest.raises(Refuted, match=r"one\.json and other\.json lead to different roots"):
        OKX.judge(Published((json_file(one, "one.json"), json_file(other, "other.json"))))
    with pytest.raises(OtherRoot):
        OKX.includes(Published((json_file(one, "one.json"),)), json_file(other, "other.json"))


@each_of("number", range(2, 12))
def test_okxs_paths_hold_in_trees_of_every_size(number: int) -> None:
    files = okx_paths(records(number))
    shown = OKX.judge(Published(tuple(json_file(each, f"{n}.json") for n, each in enumerate(files))))
    assert shown.entries == number
    total = sum((each["BTC"] for each in records(number)), Decimal(0))
    assert strip(total) == files[0]["path"][-1]["balances"]["BTC"]


def edited(user: Json, *path: Any, value: Any) -> Json:
    changed = copy.deepcopy(user)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def test_padding_is_only_what_repeats_its_neighbour_and_holds_nothing() -> None:
    last = okx_paths(records(3))[2]
    assert last["path"][0]["type"] == 4
    OKX.judge(Published((json_file(last),)))
    for change in (("hash", "ab" * 32), ("balances", {"BTC": "1", "ETH": "0", "USDT": "0"}), ("type", 2), ("type", 1)):
        with pytest.raises(Refuted):
            OKX.judge(Published((json_file(edited(last, "path", 0, change[0], value=change[1])),)))


def test_of_many_customers_files_little_is_kept() -> None:
    """Of a file of 50 coins, and as many as 64 levels, the nodes' amounts would take megabytes."""
    coins = RELEASES[0].coins
    files = [json_file(each, f"{n}.json") for n, each in enumerate(bybit_paths(records(12, coins), coins))]
    tracemalloc.start()
    try:
        BYBIT.judge(Published(tuple(files[:2])))  # what is kept for good is there before
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        few = (BYBIT.judge(Published(tuple(files[:4]))), tracemalloc.get_traced_memory()[1] - before)
        tracemalloc.reset_peak()
        many = (BYBIT.judge(Published(tuple(files))), tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    assert (few[0].entries, many[0].entries) == (4, 12)
    assert many[1] - few[1] < 8 * 6_000  # of each file its nodes' hashes, and nothing of 50 amounts at each


def test_entries_of_two_audits_are_no_path() -> None:
    user = okx_paths(records(3))[0]
    with pytest.raises(Refuted, match="different audits"):
        OKX.judge(Published((json_file(edited(user, "path", 0, "auditId", value="43")),)))


@each_of("release", RELEASES, ids=[release.name for release in RELEASES])
def test_every_release_of_bybit_is_told_by_its_coins(release: Any) -> None:
    files = bybit_paths(records(3, release.coins), release.coins, dict(release.places))
    shown = BYBIT.judge(Published(tuple(json_file(each, f"{n}.json") for n, each in enumerate(files))))
    assert set(shown.totals) == set(release.coins)
    without = copy.deepcopy(files[0])
    del without["self"]["balance"][release.coins[0]]
    with pytest.raises(NotUnderstood):
        BYBIT.judge(Published((json_file(without),)))


def test_no_two_releases_of_bybit_have_the_same_coins() -> None:
    assert len({frozenset(release.coins) for release in RELEASES}) == len(RELEASES) == 10
    assert [len(release.coins) for release in RELEASES] == [50, 40, 40, 40, 40, 40, 32, 20, 20, 4]


def test_a_coin_that_is_off_line_counts_in_the_record_and_not_in_sums() -> None:
    release = next(each for each in RELEASES if each.name == "40V5")
    after = release.coins.index("BTC") + 1
    held = records(1, release.coins)[0]
    texts = {coin: f"{held[coin]:.8f}" for coin in release.coins} | {"BUSD": "7.00000000"}
    order = (*release.coins[:after], "BUSD", *release.coins[after:])
    user = sha("user")
    leaf, zero = sha(user + "".join(texts[coin] for coin in order)), dict.fromkeys(release.coins, "0.00000000")
    sums = {coin: texts[coin] for coin in release.coins}
    root = sha(leaf * 2 + "".join(sums.values()) + "2")
    own = {"balance": texts, "type": 1, "hash": leaf, "height": 1, "userHash": user}
    path = [
        {"balance": zero, "type": 2, "hash": leaf, "height": 1},
        {"balance": sums, "type": 3, "hash": root, "height": 2},
    ]
    assert "BUSD" not in BYBIT.judge(Published((json_file({"self": own, "path": path}),))).totals
    with pytest.raises(Refuted):
        BYBIT.judge(Published((json_file({"self": edited(own, "balance", "BUSD", value="8"), "path": path}),)))


@pytest.mark.parametrize("make", [bitget_paths, mexc_paths, bitunix_paths])
def test_every_customer_of_a_small_tree_is_in_it(make: Any) -> None:
    scheme = find_scheme(make.__name__.removesuffix("_paths"))
    files = make(records(4, ("BTC", "ETH", "USDT", "USDC")[: 3 if make is bitunix_paths else 4]))
    shown = scheme.judge(Published(tuple(json_file(each, f"{n}.json") for n, each in enumerate(files))))
    assert shown.entries == 4


MANY = ("BTC", "USDT", "ETH", "LTC", "BGB", "PI")


def test_bitgets_later_files_say_the_order_of_their_coins_themselves() -> None:
    for coins in (MANY, MANY[:1], (*MANY[:3], "USDC")):
        for user in bitget_paths(records(4, coins)):
            shown = find_scheme("bitget").includes(Published(()), json_file(user))
            assert tuple(shown.amounts) == coins


def test_of_bitgets_four_coins_the_files_order_did_not_matter_at_first() -> None:
    four = ("BTC", "ETH", "USDT", "USDC")
    for user in bitget_paths(records(4, four)):
        for entry in (user["self"], *user["path"]):
            entry["balances"] = dict(sorted(entry["balances"].items(), reverse=True))
        shown = find_scheme("bitget").includes(Published(()), json_file(user))
        assert tuple(shown.amounts) == four


@pytest.mark.parametrize("place", [("path", 0), ("path", -1)])
def test_a_file_of_bitgets_whose_coins_change_their_order_is_not_understood(place: tuple[Any, ...]) -> None:
    user = bitget_paths(records(4, MANY))[0]
    turned = dict(reversed(user[place[0]][place[1]]["balances"].items()))
    with pytest.raises(NotUnderstood, match="in another order"):
        find_scheme("bitget").includes(Published(()), json_file(edited(user, *place, "balances", value=turned)))
    for odd in ({"BTC": "1", "a coin": "1"}, {}, {f"C{each}": "1" for each in range(1001)}):
        with pytest.raises(NotUnderstood):
            find_scheme("bitget").includes(Published(()), json_file(edited(user, "self", "balances", value=odd)))


def test_a_negative_record_is_refused_where_negative_siblings_are_reported() -> None:
    bitget, coins = find_scheme("bitget"), ("BTC", "ETH", "USDT", "USDC")
    held = records(4, coins)
    held[1]["USDC"] = Decimal(-1)
    first, second, *_ = bitget_paths(held)
    assert "negative" in bitget.judge(Published((json_file(first),))).remarks
    with pytest.raises(Refuted, match="negative"):
        bitget.judge(Published((json_file(second),)))


AUDIT, CUSTOMERS = swissborg([Decimal("1.5"), Decimal(0), Decimal("0.000000000000000000001"), Decimal(7)])


def swiss(audit: Json, user: Json) -> Any:
    return SWISSBORG.includes(Published((json_file(audit, "roots.json"),)), json_file(user))


def test_swissborgs_amounts_are_exact_to_the_last_digit() -> None:
    assert str(swiss(AUDIT, CUSTOMERS[2]).amounts["BTC"]) == f"1/{10**21}"


@each_of(
    ("path", "value"),
    [
        (("liabilities", 0, "proof", "leaf_index"), 4),  # beyond the tree: the same leaf under another index
        (("liabilities", 0, "proof", "leaf_index"), 1),
        (("liabilities", 0, "proof", "leaf_index"), -1),
        (("liabilities", 0, "proof", "witnesses"), []),
        (("liabilities", 0, "liability"), "1.6"),
        (("liabilities", 0, "liability"), "-1.5"),
        (("liabilities", 0, "audit_partition_id"), "A1-eth"),
        (("liabilities", 0, "audit_partition_id"), "A1-DOGE"),
        (("liabilities", 0, "proof", "nonce"), "ab"),
        (("liabilities", 0, "proof", "witnesses", 0, "liability"), "1"),
        (("user_id",), "user1"),
        (("audit_id",), "A2"),
        (("liabilities",), []),
    ],
)
def test_no_edit_of_a_swissborg_customers_file_passes(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(Refuted):
        swiss(AUDIT, edited(CUSTOMERS[0], *path, value=value))


def test_a_swissborg_record_counts_once() -> None:
    twice = copy.deepcopy(CUSTOMERS[0])
    twice["liabilities"].append(twice["liabilities"][0])
    with pytest.raises(Refuted, match="the same record"):
        swiss(AUDIT, twice)


@pytest.mark.parametrize("field", ["liability", "digest", "id", "currency"])
def test_swissborgs_commitment_binds_every_figure(field: str) -> None:
    audit = json.loads(json.dumps(AUDIT))
    partition = audit["audit"]["partitions"][0]
    place = partition if field in partition else partition["commitment"]
    place[field] = {"liability": "1", "digest": "ab" * 32, "id": "A1-X", "currency": "ZZZ"}[field]
    with pytest.raises(Refuted, match="commitment"):
        SWISSBORG.judge(Published((json_file(audit),)))


def test_a_currency_that_stands_twice_in_an_audit_is_refused() -> None:
    audit = json.loads(json.dumps(AUDIT))
    audit["audit"]["partitions"].append(audit["audit"]["partitions"][0])
    with pytest.raises(Refuted, match="stands twice"):
        SWISSBORG.judge(Published((json_file(audit),)))

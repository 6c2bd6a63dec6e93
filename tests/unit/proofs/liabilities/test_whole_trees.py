"""A whole tree is hashed again in every node: its file says the sum of what stands in its leaves, or nothing."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import NotUnderstood, OtherRoot, Published, Refuted, ShownTotals, find_scheme
from scanner.sources.processors import on_all_processors
from tests.support.liabilities.liability_trees import Node, bitmex_tree, okx_lines, okx_tree, records, sha
from tests.support.liabilities.published_files import file
from tests.support.liabilities.river_trees import river
from tests.support.tables import each_of

OKX, BITMEX = find_scheme("okx-merkle-v2"), find_scheme("bitmex")
HELD = records(7)
LINES, USERS = okx_tree(HELD)


def okx(lines: Sequence[str], **more: object) -> ShownTotals:
    return OKX.judge(Published((file("\n".join(lines) + "\n", "tree"),), **more))  # type: ignore[arg-type]


def bitmex(lines: Sequence[str]) -> ShownTotals:
    return BITMEX.judge(Published((file("\n".join(lines) + "\n", "tree"),)))


def leaf(number: int, **amounts: str) -> Node:
    held = {coin: Decimal(amounts.get(coin, "0")) for coin in ("BTC", "ETH", "USDT")}
    return Node(sha(f"leaf {number}"), held)


@each_of("number", range(2, 34))
def test_trees_of_every_size_come_to_the_sum_of_their_leaves(number: int) -> None:
    leaves = [leaf(each, BTC=f"0.0000000{each % 9 + 1}", USDT=str(each)) for each in range(number)]
    shown = okx(okx_lines(leaves))
    assert shown.entries == number
    for coin in ("BTC", "ETH", "USDT"):
        assert shown.totals[coin].amount == sum((Fraction(each.sums[coin]) for each in leaves), Fraction(0))


@given(
    amounts=st.lists(st.decimals(0, 10**15, places=8, allow_nan=False), min_size=2, max_size=20),
    piece=st.integers(1, 300),
)
def test_amounts_are_exact_however_the_file_is_read(amounts: list[Decimal], piece: int) -> None:
    leaves = [leaf(each, ETH=f"{amount:f}") for each, amount in enumerate(amounts)]
    tree = file("\n".join(okx_lines(leaves)), "tree", piece)
    assert OKX.judge(Published((tree,))).totals["ETH"].amount == sum(map(Fraction, amounts))


def edits() -> Iterator[tuple[str, Callable[[list[str]], list[str]]]]:
    yield "the upper levels are cut", lambda lines: lines[3:]
    yield "the leaves are cut", lambda lines: [line for line in lines if ",1," not in line]
    yield "a level in the middle is cut", lambda lines: [line for line in lines if ",3," not in line]
    yield "a leaf is missing", lambda lines: lines[:-1]
    yield "a leaf stands twice", lambda lines: [*lines, lines[-1]]
    yield "two siblings are swapped", lambda lines: [*lines[:-2], lines[-1], lines[-2]]
    yield "a level is written from left to right", lambda lines: [lines[0], lines[2], lines[1], *lines[3:]]
    yield "a leaf of debts is added", lambda lines: [*lines, f'{"0" * 64},1,{{"BTC":"-5","ETH":"0","USDT":"0"}}']
    yield "the root's total is edited", lambda lines: [lines[0].replace('"BTC":"', '"BTC":"1'), *lines[1:]]
    yield "the root is that of another tree", lambda lines: ["0" * 64 + lines[0][64:], *lines[1:]]
    yield "an empty line follows", lambda lines: [*lines, ""]
    yield "something follows", lambda lines: [*lines, "x"]
    yield "two trees follow each other", lambda lines: [*lines, *lines]
    yield "heights are shifted", lambda lines: [line.replace(",1,", ",2,") for line in lines]
    yield "a hash is longer", lambda lines: [*lines[:-1], "0" + lines[-1]]
    yield "a hash is in capitals", lambda lines: [*lines[:-1], lines[-1][:64].upper() + lines[-1][64:]]
    yield "line ends are others", lambda lines: [line + "\r" for line in lines]
    yield "a coin is missing", lambda lines: [line.replace('"ETH":"', '"ETC":"') for line in lines]
    yield "an amount has more zeros", lambda lines: [*lines[:-1], lines[-1][:-2] + '00"}']
    yield "an amount overflows", lambda lines: [*lines[:-1], lines[-1][:-2] + "9" * 60 + '"}']


EDITS = dict(edits())


@each_of("edit", EDITS.values(), ids=EDITS)
def test_no_edit_of_okxs_tree_passes(edit: Callable[[list[str]], list[str]]) -> None:
    with pytest.raises((Refuted, NotUnderstood)):
        okx(edit(list(LINES)))


def test_a_leaf_below_zero_is_refused_though_all_hashes_are_right() -> None:
    leaves = [leaf(1, BTC="5"), leaf(2, BTC="-1"), leaf(3, BTC="1")]
    with pytest.raises(Refuted, match="negative amount"):
        okx(okx_lines(leaves))


def test_a_leaf_that_stands_twice_is_refused_though_all_hashes_are_right() -> None:
    with pytest.raises(Refuted, match="a leaf stands twice"):
        okx(okx_lines([leaf(1, BTC="5"), leaf(2, BTC="1"), leaf(1, BTC="5"), leaf(3)]))


def test_padding_that_holds_something_is_a_leaf_that_stands_twice() -> None:
    with pytest.raises(Refuted, match="a leaf stands twice"):
        okx(okx_lines([leaf(1), leaf(2, BTC="1"), leaf(3, BTC="1"), leaf(3, BTC="1")]))


def test_a_mistake_is_named_by_its_line() -> None:
    with pytest.raises(Refuted, match=f"tree: line {len(LINES)}"):
        okx([*LINES[:-1], LINES[-1].replace("{", "[")])


def test_a_customer_of_another_tree_or_with_other_amounts_is_not_in_it() -> None:
    published = Published((file("\n".join(LINES) + "\n", "tree"),))
    stranger = okx_tree(records(8))[1][7]
    with pytest.raises(Refuted, match="is not in the tree"):
        OKX.includes(published, file(json.dumps(stranger)))
    for path in (("nodes", 0, "balances"), ("totalBalances",)):
        user = json.loads(json.dumps(USERS[0]))
        place = user
        for key in path:
            place = place[key]
        place["ETH"] = "0.001"
        with pytest.raises(Refuted):
            OKX.includes(published, file(json.dumps(user)))


def test_no_leaf_is_shown_to_two_customers() -> None:
    tree = file("\n".join(LINES) + "\n", "tree")
    users = tuple(file(json.dumps(USERS[0]), f"user{number}.json") for number in range(2))
    with pytest.raises(Refuted, match=r"user1\.json: shows a leaf of user0\.json"):
        OKX.judge(Published((tree, *users)))


def test_the_same_comes_out_with_several_processors() -> None:
    tree = file("\n".join(LINES) + "\n", "tree")
    with ThreadPoolExecutor(3) as pool:
        assert OKX.judge(Published((tree,), each=pool.map)) == okx(LINES)
    forged = file("\n".join(LINES[:-1]) + "\n", "tree")
    with ThreadPoolExecutor(3) as pool, pytest.raises(Refuted):
        OKX.judge(Published((forged,), each=pool.map))


def test_what_is_refused_elsewhere_comes_back_as_it_was() -> None:
    for error in (Refuted("no"), NotUnderstood("no"), OtherRoot("a", "b")):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (type(again), str(again)) == (type(error), str(error))


ACCOUNTS = [500, 0, 2**40, 7, 1, 2, 3, 10**12]
NODES, SECRETS = bitmex_tree(ACCOUNTS)


def test_bitmexs_tree_comes_to_the_sum_of_all_accounts() -> None:
    shown = bitmex(NODES)
    assert (shown.entries, shown.totals["BTC"].amount) == (16, Fraction(sum(ACCOUNTS), 10**8))


def bitmex_edits() -> Iterator[tuple[str, Callable[[list[str]], list[str]]]]:
    yield "a node is missing", lambda lines: lines[:-1]
    yield "a node is added", lambda lines: [*lines, lines[-1]]
    yield "the root is cut", lambda lines: [lines[0], *lines[2:]]
    yield "two leaves are swapped", lambda lines: [*lines[:-2], lines[-1], lines[-2]]
    yield "two inner nodes are swapped", lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]]
    yield "a leaf is negative", lambda lines: [*lines[:-1], lines[-1].replace(",", ",-")]
    yield "a leaf is larger", lambda lines: [*lines[:-1], lines[-1] + "0"]
    yield "a leaf overflows", lambda lines: [*lines[:-1], lines[-1][:65] + str(2**64)]
    yield "the total is edited", lambda lines: [lines[0], lines[1] + "0", *lines[2:]]
    yield "there is no height", lambda lines: lines[1:]
    yield "the height is none", lambda lines: ["block_height:x", *lines[1:]]
    yield "the root alone", lambda lines: lines[:2]
    yield "an amount with a zero before it", lambda lines: [*lines[:-1], lines[-1].replace(",", ",0")]


BITMEX_EDITS = dict(bitmex_edits())


@each_of("edit", BITMEX_EDITS.values(), ids=BITMEX_EDITS)
def test_no_edit_of_bitmexs_tree_passes(edit: Callable[[list[str]], list[str]]) -> None:
    with pytest.raises((Refuted, NotUnderstood)):
        bitmex(edit(list(NODES)))


@pytest.mark.parametrize("change", [{"amount": "501"}, {"account_nonce": "00" * 32}, {"account": 1001}])
def test_an_account_with_another_amount_or_secret_is_not_in_bitmexs_tree(change: dict[str, object]) -> None:
    tree = Published((file("\n".join(NODES) + "\n", "tree"),))
    assert BITMEX.includes(tree, file(json.dumps(SECRETS[0]))).leaves == 2
    with pytest.raises(Refuted):
        BITMEX.includes(tree, file(json.dumps(SECRETS[0] | change)))


@pytest.mark.parametrize(("uid", "number"), [("QE", 129), ("AAAAAAAAAAAAA", 0), ("74", 255)])
def test_a_customer_of_rivers_is_found_by_what_river_hands_out(uid: str, number: int) -> None:
    tree, own = river(uid, number, 1234)
    found = find_scheme("river").includes(Published((tree,)), file(json.dumps(own | {"amount": "1234"})))
    assert (found.account, found.amounts, found.leaves) == (uid, {"BTC": Fraction(1234, 10**8)}, 1)
    for change in ({"email": "two@example.org"}, {"account_key": "0" * 64}, {"account_uid": "QI"}, {"amount": "1235"}):
        with pytest.raises(Refuted):
            find_scheme("river").includes(Published((tree,)), file(json.dumps(own | change)))
    for uid_of_none in ("Q", "qe", "Q=", "Q1", "", "7" * 26):
        with pytest.raises((NotUnderstood, Refuted)):
            find_scheme("river").includes(Published((tree,)), file(json.dumps(own | {"account_uid": uid_of_none})))


def double(number: int) -> int:
    return 2 * number


def test_work_is_done_in_order_where_there_are_no_processes_to_be_had() -> None:
    with on_all_processors(1) as each:
        assert list(each(double, iter(range(5)))) == [0, 2, 4, 6, 8]

"""Forgeries of hash trees: customers' paths, whole trees, SwissBorg's partitions, an auditor's list of leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from scanner.proofs.liabilities import File
from tests.support.liabilities.forgeries import (
    NOT_UNDERSTOOD,
    OTHER_ROOT,
    REFUTED,
    TOO_LARGE,
    Change,
    Forged,
    another_digit,
    changed,
    content,
    of_any_json,
    replaced,
)
from tests.support.liabilities.liability_trees import (
    THREE,
    Amounts,
    Case,
    Json,
    Node,
    bitget_paths,
    bitmex_tree,
    bitunix_paths,
    bybit_paths,
    json_file,
    mexc_paths,
    okx_lines,
    okx_paths,
    okx_tree,
    records,
    swissborg,
)
from tests.support.liabilities.published_files import file

_BYBIT: Final = ("BTC", "ETH", "USDT", "USDC")
_PLACES: Final = {"USDT": 4, "USDC": 4}


@dataclass(frozen=True)
class Shape:
    """How a scheme's file of a path is made, and what its fields are called."""

    make: Callable[[Sequence[Amounts], Sequence[str]], list[Json]]
    coins: tuple[str, ...]
    path: str = "path"
    digest: str = "hash"
    amounts: str = "balances"
    side: str = "type"


PATHS: Final = {
    "okx-merkle-v1": Shape(okx_paths, THREE),
    "bybit": Shape(lambda held, shown: bybit_paths(held, _BYBIT, _PLACES, shown), _BYBIT, amounts="balance"),
    "bitget": Shape(bitget_paths, _BYBIT, digest="merkelLeaf", side="role"),
    "bitunix": Shape(bitunix_paths, THREE, digest="merkleLeaf"),
    "mexc": Shape(mexc_paths, _BYBIT, path="pathList"),
}
"""Of which a customer's file is a path."""


def amounts(shape: Shape, bitcoin: str) -> Amounts:
    """A record of so much bitcoin alone."""
    return {coin: Decimal(bitcoin if coin == "BTC" else 0) for coin in shape.coins}


def max_pair(shape: Shape) -> tuple[Json, Json]:
    """The files of two customers with 5 and 3 bitcoin under one root of 5: each is told that the other holds less."""
    five, three, nothing, two = (amounts(shape, each) for each in ("5", "3", "0", "2"))
    hashes = [each["self"][shape.digest] for each in shape.make([five, three], ())]
    return shape.make([five, nothing], hashes)[0], shape.make([two, three], hashes)[1]


def user_total(user: File, shape: Shape) -> str:
    """The total of bitcoin beside the root."""
    text: str = json.loads(content(user))[shape.path][-1][shape.amounts]["BTC"]
    return text


def paths(case: Case) -> Iterator[Forged]:
    """Of a scheme of which a customer's file is a path."""
    shape, user = PATHS[case.scheme], case.users[0]

    def asked(kind: str, what: str, outcome: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, (), changed(user, change), case.root)

    def path(value: Any) -> list[Any]:
        found: list[Any] = value[shape.path]
        return found

    def swap(value: Any) -> None:
        first, second = path(value)[:2]
        for key in (shape.digest, shape.amounts):
            first[key], second[key] = second[key], first[key]

    def hashes(value: Any, write: Callable[[str], str]) -> None:
        for entry in (value["self"], *path(value)):
            entry[shape.digest] = write(entry[shape.digest])

    yield asked(
        "hash",
        "one digit of a sibling's hash is changed",
        REFUTED,
        lambda value: path(value)[0].update({shape.digest: another_digit(path(value)[0][shape.digest])}),
    )
    alphabet = NOT_UNDERSTOOD if case.scheme == "mexc" else REFUTED
    yield asked("alphabet", "hashes are in capitals", alphabet, lambda value: hashes(value, str.upper))
    yield asked(
        "alphabet", "each hash has a digit more", alphabet, lambda value: hashes(value, lambda text: text + "0")
    )
    yield asked(
        "amount",
        "the customer's amount is edited, and no hash",
        REFUTED,
        lambda value: value["self"][shape.amounts].update(BTC="1"),
    )
    yield asked(
        "amount",
        "a sibling's amount is edited, and no hash",
        REFUTED,
        lambda value: path(value)[0][shape.amounts].update(BTC="1"),
    )
    yield asked(
        "total",
        "the total beside the root is edited, and no hash",
        REFUTED,
        lambda value: path(value)[-1][shape.amounts].update(BTC="1"),
    )
    if case.scheme in ("okx-merkle-v1", "bybit"):  # whose tools compare the total's text
        total = user_total(user, shape)
        what = "the total beside the root has another spelling"
        yield asked("total", what, NOT_UNDERSTOOD, lambda value: path(value)[-1][shape.amounts].update(BTC=f"0{total}"))
        yield asked("total", what, NOT_UNDERSTOOD, lambda value: path(value)[-1][shape.amounts].update(BTC=f"{total}0"))
    yield asked(
        "amount",
        "a sibling holds less than nothing of nothing",
        NOT_UNDERSTOOD,
        lambda value: path(value)[0][shape.amounts].update(BTC="-0"),
    )
    yield asked("siblings", "two siblings are swapped, with their amounts", REFUTED, swap)
    yield asked("levels", "the lowest level is cut", REFUTED, lambda value: path(value).pop(0))
    yield asked("levels", "a level in the middle is cut", REFUTED, lambda value: path(value).pop(1))
    debt = [amounts(shape, "5"), amounts(shape, "-4"), *records(2, shape.coins)]
    of_debt = [json_file(each) for each in shape.make(debt, ())]
    if case.scheme == "bitget":  # whose own trees hold negative sums beside a path, which is reported
        yield Forged("negative", "a record owes its exchange", REFUTED, (), of_debt[1])
    else:
        yield Forged("negative", "the customer's neighbour holds less than nothing", REFUTED, (), of_debt[0])
    yield asked(
        "overflow",
        "an amount has 41 digits",
        TOO_LARGE,
        lambda value: value["self"][shape.amounts].update(BTC="9" * 41),
    )
    other = shape.make(records(8, shape.coins), ())[0]
    yield Forged("other-root", "the file of another report", OTHER_ROOT, (), json_file(other), case.root)
    twice = (user, replace(user, name="again.json"))
    yield Forged("twice", "one record is shown to two customers", REFUTED, twice, None, case.root)
    pair = tuple(json_file(each, f"pair{number}.json") for number, each in enumerate(max_pair(shape)))
    what = "two customers are shown different amounts for each other, so that the root holds the larger one's alone"
    yield Forged("twice", what, REFUTED, pair)
    for kind, what, outcome, made in of_any_json(user):
        yield Forged(kind, what, outcome, (), made, case.root)


def okx_whole(case: Case) -> Iterator[Forged]:
    """Of OKX's whole tree."""
    (tree,) = case.published
    lines = content(tree).decode().splitlines()
    held = records(5)

    def judged(kind: str, what: str, outcome: str, made: Sequence[str]) -> Forged:
        return Forged(kind, what, outcome, (file("\n".join(made) + "\n", "tree.txt"),))

    def leaf(name: str, bitcoin: str) -> Node:
        return Node(f"{name:0>64}", {coin: Decimal(bitcoin if coin == "BTC" else 0) for coin in THREE})

    yield judged("hash", "one digit of a leaf's hash is changed", REFUTED, [*lines[:-1], "f" + lines[-1][1:]])
    capitals = lines[-1][:64].upper() + lines[-1][64:]
    yield judged("alphabet", "a leaf's hash is in capitals", REFUTED, [*lines[:-1], capitals])
    yield judged(
        "amount", "a leaf's amount is edited", REFUTED, [*lines[:-1], lines[-1].replace('"BTC":"', '"BTC":"1')]
    )
    yield judged("total", "the root's total is edited", REFUTED, [lines[0].replace('"BTC":"', '"BTC":"1'), *lines[1:]])
    yield judged("siblings", "two leaves are swapped", REFUTED, [*lines[:-2], lines[-1], lines[-2]])
    by_level = sorted(lines, key=lambda line: -int(line[65:].partition(",")[0]))
    turned = [line for height in range(9, 0, -1) for line in reversed([o for o in by_level if f",{height}," in o[:68]])]
    yield judged("siblings", "levels are written from left to right", REFUTED, turned)
    yield judged("levels", "the upper levels are cut, as OKX's own tool lets pass", REFUTED, lines[3:])
    middle = [line for line in lines if not line[64:].startswith(",3,")]
    yield judged("levels", "a level in the middle is cut", REFUTED, middle)
    debts = [line for line in lines if line[64:].startswith(",1,")]
    debt = f'{"0" * 64},1,{{"BTC":"-5","ETH":"0","USDT":"0"}}'
    yield judged("negative", "leaves alone, and one of debts, as OKX's own tool lets pass", REFUTED, [*debts, debt])
    yield judged("negative", "a leaf below zero", REFUTED, okx_lines([leaf("1", "5"), leaf("2", "-1"), leaf("3", "1")]))
    root = okx_lines([leaf("1", "1"), leaf("2", "1")])[0]
    huge = [root, *okx_lines([leaf("1", "1" + "0" * 20), leaf("2", "1" + "0" * 20)])[1:]]
    yield judged("overflow", "amounts of 21 digits", TOO_LARGE, huge)
    yield Forged(
        "other-root", "another tree than the published one", OTHER_ROOT, (tree,), None, another_digit(case.root)
    )
    stranger = json_file(okx_tree(records(6))[1][5])
    yield Forged("other-root", "a customer of another tree", REFUTED, (tree,), stranger)
    again = okx_lines([leaf("1", "5"), leaf("2", "1"), leaf("1", "5"), leaf("3", "2")])
    yield judged("twice", "a leaf stands twice", REFUTED, again)
    padding = okx_lines([leaf("1", "0"), leaf("2", "1"), leaf("3", "1"), leaf("3", "1")])
    yield judged("twice", "padding holds something", REFUTED, padding)
    users = [json_file(each, f"user{number}.json") for number, each in enumerate([okx_tree(held)[1][0]] * 2)]
    yield Forged("twice", "one leaf is shown to two customers", REFUTED, (tree, *users))
    yield judged("trailing", "a line follows", REFUTED, [*lines, lines[-1]])
    yield judged("missing", "the last leaf is missing", REFUTED, lines[:-1])
    for kind, what, outcome, made in of_any_json(case.users[0]):
        yield Forged(kind, f"of the customer's file: {what}", outcome, (tree,), made)


def bitmex(case: Case) -> Iterator[Forged]:
    """Of BitMEX's whole tree."""
    (tree,) = case.published
    lines = content(tree).decode().splitlines()

    def judged(kind: str, what: str, outcome: str, made: Sequence[str]) -> Forged:
        return Forged(kind, what, outcome, (file("\n".join(made) + "\n", "tree.csv"),))

    def with_value(line: str, value: int) -> str:
        return f"{line.partition(',')[0]},{value}"

    def tree_of(held: Sequence[int]) -> list[str]:
        return bitmex_tree(held)[0]

    yield judged(
        "hash",
        "one digit of a leaf's hash is changed",
        REFUTED,
        [*lines[:-1], another_digit(lines[-1][:64]) + lines[-1][64:]],
    )
    yield judged(
        "alphabet", "a leaf's hash is in capitals", REFUTED, [*lines[:-1], lines[-1][:64].upper() + lines[-1][64:]]
    )
    what = "an amount that is on no account's path of the customer who asks, as BitMEX's own tool lets pass"
    yield judged("amount", what, REFUTED, [*lines[:-1], with_value(lines[-1], 6)])
    yield judged("total", "the root's total is edited", REFUTED, [lines[0], with_value(lines[1], 1), *lines[2:]])
    yield judged("siblings", "two leaves are swapped", REFUTED, [*lines[:-2], lines[-1], lines[-2]])
    yield judged("levels", "the leaves are cut off a third", REFUTED, lines[:-3])
    yield judged("levels", "a level in the middle is cut", REFUTED, [*lines[:2], *lines[4:]])
    yield judged("negative", "a leaf below zero", REFUTED, tree_of([500, -30, 2**40, 7]))
    yield judged("overflow", "an amount of more than 64 bits", REFUTED, [*lines[:-1], with_value(lines[-1], 2**64)])
    yield Forged(
        "other-root", "another tree than the published one", OTHER_ROOT, (tree,), None, another_digit(case.root)
    )
    stranger = json.loads(content(case.users[0])) | {"account_nonce": "0" * 64}
    yield Forged("other-root", "an account that is not in the tree", REFUTED, (tree,), json_file(stranger))
    more = json.loads(content(case.users[0])) | {"amount": "501"}
    yield Forged("amount", "an account whose leaves hold less than it has", REFUTED, (tree,), json_file(more))
    halves = [*lines[8:12], *lines[8:12]]
    yield judged("twice", "the same leaves stand twice", REFUTED, [*lines[:8], *halves])
    yield judged("trailing", "a line follows", REFUTED, [*lines, lines[-1]])
    yield judged("missing", "the last leaf is missing", REFUTED, lines[:-1])
    for kind, what, outcome, made in of_any_json(case.users[0]):
        yield Forged(kind, f"of the customer's file: {what}", outcome, (tree,), made)


def of_swissborg(case: Case) -> Iterator[Forged]:
    """Of SwissBorg's partitions."""
    (roots,), user = case.published, case.users[0]

    def asked(kind: str, what: str, outcome: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, (roots,), changed(user, change), case.root)

    def published(kind: str, what: str, outcome: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, (changed(roots, change),))

    def first(value: Any) -> Any:
        return value["liabilities"][0]

    def witnesses(value: Any) -> list[Any]:
        found: list[Any] = first(value)["proof"]["witnesses"]
        return found

    def commitment(value: Any) -> Any:
        return value["audit"]["partitions"][0]["commitment"]

    def twice(value: Any) -> None:
        value["audit"]["partitions"].append(value["audit"]["partitions"][0])

    yield asked(
        "hash",
        "one digit of a witness is changed",
        OTHER_ROOT,
        lambda value: witnesses(value)[0].update(digest=another_digit(witnesses(value)[0]["digest"])),
    )
    yield asked(
        "alphabet",
        "a witness is in capitals",
        NOT_UNDERSTOOD,
        lambda value: witnesses(value)[0].update(digest=witnesses(value)[0]["digest"].upper()),
    )
    yield asked(
        "amount", "the customer's amount is edited", OTHER_ROOT, lambda value: first(value).update(liability="2")
    )
    yield asked(
        "amount", "a witness's amount is edited", OTHER_ROOT, lambda value: witnesses(value)[0].update(liability="2")
    )
    yield published(
        "total", "a partition's total is edited", REFUTED, lambda value: commitment(value).update(liability="1")
    )
    yield asked("siblings", "two witnesses are swapped", OTHER_ROOT, lambda value: witnesses(value).reverse())
    yield asked(
        "siblings",
        "the place has a bit more than the tree has levels, as SwissBorg's own tool lets pass",
        REFUTED,
        lambda value: first(value)["proof"].update(leaf_index=first(value)["proof"]["leaf_index"] + 4),
    )
    yield asked("levels", "the highest level is cut", OTHER_ROOT, lambda value: witnesses(value).pop())
    yield asked("levels", "all levels are cut", REFUTED, lambda value: witnesses(value).clear())
    audit, debtors = swissborg([Decimal(5), Decimal(-4), Decimal(1), Decimal(1)])
    owing = json_file(debtors[0])
    yield Forged(
        "negative",
        "the customer's neighbour holds less than nothing",
        REFUTED,
        (json_file(audit, "roots.json"),),
        owing,
    )
    yield asked("overflow", "an amount has 41 digits", TOO_LARGE, lambda value: first(value).update(liability="9" * 41))
    yield asked(
        "amount",
        "a witness of less than nothing of nothing",
        NOT_UNDERSTOOD,
        lambda value: witnesses(value)[0].update(liability="-0"),
    )
    yield asked("other-root", "the file of another audit", OTHER_ROOT, lambda value: value.update(audit_id="A2"))
    yield Forged(
        "other-root", "another audit than the published one", OTHER_ROOT, (roots,), None, another_digit(case.root)
    )
    again = replace(user, name="again.json")
    yield Forged("twice", "one record is shown in two files", REFUTED, (roots, user, again), None, case.root)
    yield published("twice", "a currency stands twice in the audit", REFUTED, twice)
    for kind, what, outcome, made in of_any_json(user):
        yield Forged(kind, what, outcome, (roots,), made, case.root)


def armanino(case: Case) -> Iterator[Forged]:
    """Of an auditor's list of leaves, and of the list of records."""
    (leaves,), user = case.published, case.users[0]
    lines = content(leaves).decode().splitlines()

    def listed(kind: str, what: str, outcome: str, made: Sequence[str]) -> Forged:
        return Forged(kind, what, outcome, (file("\n".join(made) + "\n", "leaves.txt"),), None, case.root)

    last = lines[-1].partition("\t")
    yield listed("hash", "one digit of a leaf is changed", OTHER_ROOT, [*lines[:-1], another_digit(lines[-1])])
    yield listed("alphabet", "a leaf has a digit more", REFUTED, [*lines[:-1], lines[-1] + "0"])
    yield listed("alphabet", "a leaf is in capitals", REFUTED, [*lines[:-1], f"{last[0]}\t{last[2].upper()}"])
    yield Forged(
        "amount", "the customer's amount is edited", REFUTED, (leaves,), replaced(user, "0.5", "0.6"), case.root
    )
    before = lines[-2].partition("\t")
    swapped = [f"{before[0]}\t{last[2]}", f"{last[0]}\t{before[2]}"]
    yield listed("siblings", "two leaves are swapped", OTHER_ROOT, [*lines[:-2], *swapped])
    yield listed("siblings", "two lines are swapped", REFUTED, [*lines[:-2], lines[-1], lines[-2]])
    rows = ["#ID,BTC,ETH", "0,5,0", "1,-4,0"]
    yield Forged(
        "negative", "of the list of records: one holds less than nothing", REFUTED, (file("\n".join(rows), "r.csv"),)
    )
    large = ["#ID,BTC,ETH", "0,5,0", f"1,{41 * '9'},0"]
    yield Forged(
        "overflow", "of the list of records: an amount of 41 digits", TOO_LARGE, (file("\n".join(large), "r.csv"),)
    )
    yield Forged(
        "other-root", "another list than the published one", OTHER_ROOT, (leaves,), user, another_digit(case.root)
    )
    twice = [*lines[:-1], f"{last[0]}\t{before[2]}"]
    yield Forged("twice", "a leaf stands twice", REFUTED, (file("\n".join(twice) + "\n", "leaves.txt"),))
    yield listed("trailing", "a line follows", REFUTED, [*lines, lines[-1]])
    yield listed("missing", "the last leaf is missing", OTHER_ROOT, lines[:-1])
    deep = file("[" * 30_000, "user.csv")
    yield Forged("nesting", "the customer's file is thirty thousand brackets", TOO_LARGE, (leaves,), deep, case.root)


FORGERIES: Final[dict[str, Callable[[Case], Iterator[Forged]]]] = {
    **dict.fromkeys(PATHS, paths),
    "okx-merkle-v2": okx_whole,
    "bitmex": bitmex,
    "swissborg": of_swissborg,
    "armanino": armanino,
}
"""By scheme."""

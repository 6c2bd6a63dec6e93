"""Forgeries of the zero-knowledge schemes: OKX's zk-STARK and plonky2 trees, and zkmerkle releases of few assets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from scanner.proofs.liabilities import File
from tests.support.liabilities import plonky2_trees, zkmerkle_sets
from tests.support.liabilities.forgeries import (
    NOT_UNDERSTOOD,
    OTHER_ROOT,
    REFUTED,
    Change,
    Forged,
    another_digit,
    changed,
    of_any_json,
)
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made

_A0: Final = "sum_proof_data/batches/a0/"
_USER: Final = "a0/user_1_inclusion_proof.json"


def stark() -> Iterator[Forged]:
    """Of OKX's zk-STARK v1: of one file among many each."""
    honest = made(Kind.HONEST)

    def judged(kind: str, what: str, outcome: str, name: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, honest.with_file(name, _changed(honest[name], change)))

    def account(value: Any) -> Any:
        return value["batch_inclusion_proof"]

    def swap(value: Any) -> None:
        path = account(value)["merkle_path"]
        path[1], path[2] = path[2], path[1]

    def longer(value: Any) -> None:
        value["coins"].append("MORE")

    def negative(value: Any) -> None:
        value.update({"BTC": value["BTC"] + value["ETH"] + 1, "ETH": -1})

    proof, sums = f"{_A0}sum_proof.json", f"{_A0}sum_values.json"
    yield judged(
        "hash",
        "the trace's root is another",
        REFUTED,
        proof,
        lambda value: value.update(mtree_root=another_digit(value["mtree_root"])),
    )
    yield judged(
        "alphabet",
        "the trace's root is in capitals",
        NOT_UNDERSTOOD,
        proof,
        lambda value: value.update(mtree_root=value["mtree_root"].upper()),
    )
    yield judged("amount", "a customer's coin is edited", REFUTED, _USER, lambda value: account(value).update(BTC="1"))
    yield judged(
        "total",
        "a batch's sums are edited",
        REFUTED,
        sums,
        lambda value: value.update(BTC=value["BTC"] - 1, total_value=value["total_value"] - 1),
    )
    yield judged("siblings", "two siblings are swapped", REFUTED, _USER, swap)
    yield judged("levels", "a level is cut", REFUTED, _USER, lambda value: account(value)["merkle_path"].pop(1))
    yield judged(
        "levels",
        "a layer of the low-degree test is cut",
        REFUTED,
        proof,
        lambda value: value["low_degree_proof"].pop(0),
    )
    yield judged("negative", "a batch's coin is below zero", REFUTED, sums, negative)
    yield Forged("negative", f"{Kind.LONG}", REFUTED, made(Kind.LONG).sum_proofs())
    yield judged(
        "overflow", "an amount of 41 digits", NOT_UNDERSTOOD, _USER, lambda value: account(value).update(BTC="9" * 41)
    )
    other = file(honest[_USER], "user.json")
    yield Forged("other-root", "the file of another report", OTHER_ROOT, (), other, another_digit(honest.root))
    twice = _changed(honest[_USER], lambda value: account(value).update(user_index=0))
    yield Forged(
        "twice",
        "a place of a batch is shown twice",
        REFUTED,
        (*honest.with_file(_USER, honest[_USER]), file(twice, "b_inclusion_proof.json")),
    )
    yield Forged(
        "twice",
        "one batch stands in two folders",
        REFUTED,
        (
            *honest.with_file(_USER, honest[_USER]),
            *(file(honest[name], name.replace("a0", "a1")) for name in (proof, sums)),
        ),
    )
    yield judged("settings", "the configuration has a coin more", NOT_UNDERSTOOD, "sum_proof_data/config.json", longer)
    yield judged(
        "settings",
        "a customer's file has a configuration of its own",
        REFUTED,
        _USER,
        lambda value: value["config"].update(main_coins_num=1),
    )
    yield judged(
        "settings", "more rows an account than the format has", REFUTED, proof, lambda value: value.update(uts=32)
    )
    for kind, what, outcome, forged in of_any_json(file(honest[_USER], _USER)):
        yield Forged(kind, what, outcome, (), forged, honest.root)


def _changed(text: str, change: Change) -> str:
    value = json.loads(text)
    change(value)
    return json.dumps(value)


def plonky2() -> Iterator[Forged]:
    """Of OKX's plonky2 trees."""
    proof, user, root = plonky2_trees.global_file(), plonky2_trees.customer_file(13), plonky2_trees.root()

    def asked(kind: str, what: str, outcome: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, (proof,), changed(user, change))

    def hashes(value: Any) -> list[str]:
        found: list[str] = value["recursive_tree_siblings"][0]["right_hashes"]
        return found

    def change_hash(value: Any, write: Callable[[str], str]) -> None:
        hashes(value)[0] = write(hashes(value)[0])

    def inputs(value: Any) -> list[int]:
        found: list[int] = value["proof"]["public_inputs"]
        return found

    def total(value: Any) -> None:
        inputs(value)[0] = 5

    def large(value: Any) -> None:
        value["account"]["equity"][0] = str(2**62)

    def above(value: Any) -> None:
        value["index"] += plonky2_trees.CUSTOMERS

    yield asked(
        "hash",
        "one digit of a sibling is changed",
        OTHER_ROOT,
        lambda value: change_hash(value, lambda text: "0" + text[1:] if text[0] != "0" else "1" + text[1:]),
    )
    yield asked("alphabet", "a sibling is in capitals", NOT_UNDERSTOOD, lambda value: change_hash(value, str.upper))
    yield asked(
        "alphabet",
        "a sibling's element is larger than the field",
        NOT_UNDERSTOOD,
        lambda value: change_hash(value, lambda text: "f" * 16 + text[16:]),
    )
    yield asked(
        "amount",
        "an amount of the customer's is edited",
        OTHER_ROOT,
        lambda value: value["account"]["equity"].__setitem__(0, "7"),
    )
    yield Forged("total", "the total is less than a customer has", REFUTED, (changed(proof, total), user))
    yield asked(
        "siblings",
        "a sibling stands on the other side",
        REFUTED,
        lambda value: value["recursive_tree_siblings"][0].update(
            left_hashes=value["recursive_tree_siblings"][0]["right_hashes"],
            right_hashes=value["recursive_tree_siblings"][0]["left_hashes"],
        ),
    )
    yield asked("siblings", "the place is another", OTHER_ROOT, lambda value: value.update(index=value["index"] ^ 1))
    yield asked("siblings", "the place has a digit more than the tree has levels", REFUTED, above)
    yield asked("levels", "a level of recursion is cut", REFUTED, lambda value: value["recursive_tree_siblings"].pop())
    yield asked("levels", "the batch's level is cut", REFUTED, lambda value: value["sum_tree_siblings"].pop())
    yield asked(
        "negative",
        "the customer owes more than the customer has",
        REFUTED,
        lambda value: value["account"].update(debt=value["account"]["equity"], equity=value["account"]["debt"]),
    )
    yield asked(
        "negative",
        "an amount has a sign",
        NOT_UNDERSTOOD,
        lambda value: value["account"]["equity"].__setitem__(0, "-1"),
    )
    yield asked("overflow", "an amount of more than 62 bits", REFUTED, large)
    yield Forged(
        "other-root", "the file of another report", OTHER_ROOT, (), user, another_digit(root), plonky2_trees.OPTIONS
    )
    more = changed(user, lambda value: value["account"].update(id="0" * 64), "again.json")
    yield Forged("twice", "a place is shown to two customers", OTHER_ROOT, (proof, user, more))
    general = plonky2_trees.global_proof(batch_size=4)
    yield Forged("settings", "the batches are of another size", REFUTED, (plonky2_trees.global_file(general), user))
    tokens = plonky2_trees.global_proof(token_num=4)
    yield Forged(
        "settings", "the tree has another number of tokens", REFUTED, (plonky2_trees.global_file(tokens), user)
    )
    for kind, what, outcome, forged in of_any_json(user):
        yield Forged(kind, what, outcome, (), forged, root, plonky2_trees.OPTIONS)


def zkmerkle() -> Iterator[Forged]:
    """Of a zkmerkle release of few assets, with keys that are known."""
    release = zkmerkle_sets.release(zkmerkle_sets.SECOND)
    options: Mapping[str, str] = {"vk_sha256": release.digests}
    user = file(release.texts[release.users[0]], release.users[0])
    rows, settings = zkmerkle_sets.rows_of(release.texts["proof.csv"]), json.loads(release.texts["config.json"])

    def judged(kind: str, what: str, outcome: str, **texts: str) -> Forged:
        files = release.files(users=1, **texts)  # type: ignore[arg-type]
        return Forged(kind, what, outcome, files, None, None, options)

    def asked(kind: str, what: str, outcome: str, change: Change) -> Forged:
        return Forged(kind, what, outcome, (), changed(user, change), release.root)

    def table(*changed_rows: dict[str, str]) -> str:
        return zkmerkle_sets.table(changed_rows)

    def config(asset: Mapping[str, object]) -> str:
        first, *others = settings["CexAssetsInfo"]
        return json.dumps(settings | {"CexAssetsInfo": [first | asset, *others]})

    def swap(value: Any) -> None:
        value["Proof"][0], value["Proof"][1] = value["Proof"][1], value["Proof"][0]

    first = settings["CexAssetsInfo"][0]
    swapped = rows[0] | {"account_tree_roots": rows[0]["account_tree_roots"].replace("=", "A=", 1)}
    yield asked(
        "hash",
        "the root that the file names is another",
        REFUTED,
        lambda value: value.update(Root=another_digit(value["Root"])),
    )
    yield asked(
        "alphabet",
        "the root is in capitals",
        NOT_UNDERSTOOD,
        lambda value: value.update(Root=value["Root"].upper() + "A"),
    )
    yield judged("alphabet", "a root has another spelling", NOT_UNDERSTOOD, proof=table(swapped, *rows[1:]))
    yield asked(
        "amount", "an amount of the customer's is edited", REFUTED, lambda value: value["Assets"][0].update(Equity=1)
    )
    yield judged("total", "a total is edited", REFUTED, config=config({"TotalEquity": first["TotalEquity"] + 1}))
    yield judged("total", "a price is edited", REFUTED, config=config({"BasePrice": first["BasePrice"] + 1}))
    yield asked("siblings", "two siblings are swapped", REFUTED, swap)
    yield asked("levels", "a level is cut", REFUTED, lambda value: value["Proof"].pop())
    yield judged(
        "negative",
        "customers owe more of a coin than they have",
        REFUTED,
        config=config({"TotalDebt": first["TotalEquity"] + 1}),
    )
    yield asked(
        "negative",
        "the customer owes more than the customer has",
        REFUTED,
        lambda value: value.update(TotalDebt=value["TotalEquity"] + 1),
    )
    yield asked(
        "overflow", "an amount of more than 64 bits", REFUTED, lambda value: value["Assets"][0].update(Equity=2**64)
    )
    yield asked("overflow", "a place that the tree has not", REFUTED, lambda value: value.update(AccountIndex=2**28))
    yield Forged("other-root", "the file of another report", OTHER_ROOT, (), user, another_digit(release.root))
    yield judged("twice", "a batch stands twice in the table", REFUTED, proof=table(*rows, rows[0]))
    yield asked(
        "twice",
        "an asset stands twice in the record",
        REFUTED,
        lambda value: value["Assets"].append(value["Assets"][-1]),
    )
    fewer = json.dumps(settings | {"CexAssetsInfo": settings["CexAssetsInfo"][:-1]})
    yield judged("settings", "the configuration has an asset less", REFUTED, config=fewer)
    more = json.dumps(settings | {"CexAssetsInfo": [{**first, "Index": each} for each in range(7)]})
    yield judged("settings", "the configuration has more assets than the circuit", NOT_UNDERSTOOD, config=more)
    yield judged("trailing", "a row follows", NOT_UNDERSTOOD, proof=release.texts["proof.csv"] + "x\n")
    yield judged("missing", "a batch is missing", REFUTED, proof=table(rows[0]))
    for kind, what, outcome, forged in of_any_json(user):
        yield Forged(kind, what, outcome, (), forged, release.root)


def files_of_honest_sets() -> dict[str, tuple[File, ...]]:
    """Of each scheme here, an honest set of files."""
    release = zkmerkle_sets.release(zkmerkle_sets.SECOND)
    honest = made(Kind.HONEST)
    return {
        "okx-stark-v1": honest.with_file(_USER, honest[_USER]),
        "okx-plonky2": (plonky2_trees.global_file(), plonky2_trees.customer_file(13)),
        "binance": release.files(users=1),
    }

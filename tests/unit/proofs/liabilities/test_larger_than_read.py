"""A bound of this program says nothing of an exchange: what is beyond it is not judged, and accuses no one.

That a proof is refused as not holding is for what its files contradict. Every scheme stands in the table below.
"""

from __future__ import annotations

import ast
import json
import pickle
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scanner.proofs import liabilities
from scanner.proofs.liabilities import SCHEMES, File, Published, Refuted, TooLarge, find_scheme
from scanner.proofs.liabilities.bn254 import PointReader
from scanner.proofs.liabilities.gnark_groth16 import read_key
from scanner.proofs.liabilities.interface import MOST_FILES
from scanner.proofs.liabilities.paths import MOST_PATHS
from tests.support.liabilities import plonky2_trees, zkmerkle_sets
from tests.support.liabilities.groth16_prover import Secrets
from tests.support.liabilities.liability_trees import THREE, Node, cases, okx_lines
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made
from tests.support.tables import each_of, try_each

CASES = cases()
BIG = "9" * 41
_POINTS = 64 * 3 + 128 * 3
"""Bytes of a key before the number of its public inputs."""


def content(each: File) -> bytes:
    return b"".join(each.chunks())


def user_of(scheme: str, change: Callable[[Any], object]) -> tuple[File, ...]:
    """The first customer's file of a scheme, changed, beside what was published for all."""
    case = CASES[scheme]
    value = json.loads(content(case.users[0]))
    change(value)
    return (*case.published, file(json.dumps(value), "changed.json"))


def put(entry: Any, **fields: object) -> None:
    entry.update(fields)


def balances(value: Any) -> Any:
    return value["self"].get("balance", value["self"].get("balances"))


def a_path_of(scheme: str) -> Iterator[tuple[str, tuple[File, ...]]]:
    """What is too large in each format of which a customer's file is a path."""
    path = "pathList" if scheme == "mexc" else "path"
    yield "bytes", (file(b" " * (5 << 20), "changed.json"),)
    yield "values within values", (file(b"[" * 40 + b"]" * 40, "changed.json"),)
    yield "entries", user_of(scheme, lambda value: value.update({path: value[path] * 40}))
    yield "digits", user_of(scheme, lambda value: balances(value).update(ETH=BIG))
    yield "10,001 customers' files", CASES[scheme].users[:1] * (MOST_PATHS + 1)


def stark(name: str, change: Callable[[Any], object]) -> tuple[File, ...]:
    honest = made(Kind.HONEST)
    value = json.loads(honest[name])
    change(value)
    return honest.with_file(name, json.dumps(value))


def zkmerkle(**changed: str) -> tuple[File, ...]:
    return zkmerkle_sets.release(zkmerkle_sets.FIRST).files(**changed)  # type: ignore[arg-type]


def of_zkmerkle() -> Iterator[tuple[str, tuple[File, ...]]]:
    """What is too large in Binance's and Gate's files for everybody."""
    release = zkmerkle_sets.release(zkmerkle_sets.FIRST)
    rows, settings = zkmerkle_sets.rows_of(release.texts["proof.csv"]), json.loads(release.texts["config.json"])
    later = zkmerkle_sets.table([{**rows[0], "batch_number": str(1 << 20)}, *rows[1:]])
    yield "1048576", zkmerkle(proof=later)
    yield "entries", zkmerkle(config=json.dumps(settings | {"CexAssetsInfo": [{}] * 4097}))
    asset = [{**settings["CexAssetsInfo"][0], "Index": 4096}]
    yield "Index: 4096", zkmerkle(config=json.dumps(settings | {"CexAssetsInfo": asset}))
    key = bytearray(Secrets(b"large").key())
    several = key[:_POINTS] + (70).to_bytes(4) + key[_POINTS + 4 : _POINTS + 68] * 70
    keys = tuple(file(bytes(several) if each.name.endswith(".vk") else content(each), each.name) for each in zkmerkle())
    yield "70 of one kind", keys


def many_files() -> tuple[File, ...]:
    return (file("{}", "user.json"),) * (MOST_FILES + 1)


def whole_trees() -> Iterator[tuple[str, str, tuple[File, ...]]]:
    """What is too large in a whole tree, or in the files beside it."""
    tree = content(CASES["okx-merkle-v2"].published[0]).decode()
    height = re.match("[0-9a-f]{64},([0-9]+),", tree)
    assert height is not None
    yield "okx-merkle-v2", "height 65", (file(tree.replace(f",{height[1]},", ",65,", 1), "tree.txt"),)
    yield "okx-merkle-v2", "bytes", (file(tree.replace("\n", "\n" + "x" * 2_000_000, 3), "tree.txt"),)
    huge = [Node(f"{each:064x}", dict.fromkeys(THREE, Decimal(10**20))) for each in range(2)]
    small = [Node(f"{each:064x}", dict.fromkeys(THREE, Decimal(1))) for each in range(2)]
    lines = okx_lines(huge)
    yield "okx-merkle-v2", "digits", (file("\n".join([okx_lines(small)[0], *lines[1:]]) + "\n", "tree.txt"),)
    for scheme in ("bitmex", "river"):
        (published,) = CASES["bitmex"].published
        accounts = "account,amount\n" + "".join(f"{each},1\n" for each in range(10_001))
        yield scheme, "10,001 accounts", (published, file(accounts, "accounts.csv"))
        yield scheme, "bytes", (published, file("9" * (5 << 20), "accounts.csv"))
    names = ",".join(f"C{each}" for each in range(1001))
    yield "armanino", "1,001 columns", (file(f"#ID,{names}\n", "records.csv"),)
    yield "armanino", "digits", (file(f"#ID,BTC\n1,{BIG}\n", "records.csv"),)
    yield "armanino", "bytes", (file("#ID," + "x" * 2_000_000, "records.csv"),)


def larger() -> Iterator[tuple[str, str, tuple[File, ...]]]:
    """By scheme: what is too large, a word of what is told, and the files."""
    for scheme in ("okx-merkle-v1", "bybit", "bitget", "bitunix", "mexc"):
        yield from ((scheme, word, files) for word, files in a_path_of(scheme))
    yield "bitunix", "31", user_of("bitunix", lambda value: value["self"]["precisions"].update(BTC=31))
    yield "mexc", "65", user_of("mexc", lambda value: value["pathList"][-1].update(level=65))
    coins = {f"C{each}": "0" for each in range(1001)}
    yield "mexc", "coins", user_of("mexc", lambda value: value["self"]["balances"].update(coins))
    yield from whole_trees()
    first: Callable[[Any], Any] = lambda value: value["liabilities"][0]  # noqa: E731 - of several lines below
    yield "swissborg", "digits", user_of("swissborg", lambda value: put(first(value), liability=BIG))
    yield (
        "swissborg",
        "entries",
        user_of(
            "swissborg", lambda value: first(value)["proof"].update(witnesses=first(value)["proof"]["witnesses"] * 40)
        ),
    )
    roots = json.dumps({"audit": {"id": "A", "commitment": {"digest": "0" * 64}, "partitions": [{}] * 10_001}})
    yield "swissborg", "entries", (file(roots, "roots.json"),)
    for scheme in ("binance", "gate"):
        yield from ((scheme, word, files) for word, files in of_zkmerkle())
        yield scheme, "files", many_files()
    proof = "sum_proof_data/batches/a0/sum_proof.json"
    yield "okx-stark-v1", "steps", stark("sum_proof_data/trunk/sum_proof.json", lambda value: put(value, steps=1 << 21))
    yield "okx-stark-v1", "a batch of 8,191 accounts", stark(proof, lambda value: put(value, steps=16 << 13))
    yield "okx-stark-v1", "entries", stark(proof, lambda value: put(value, mtree_branches=[[]] * 4097))
    yield "okx-stark-v1", "a list of 4,097", stark(proof, lambda value: put(value, mtree_branches=[[""] * 4097]))
    coin_names = {"main_coins_num": 1, "coins": [f"C{each}" for each in range(1001)]}
    yield "okx-stark-v1", "entries", stark("sum_proof_data/config.json", lambda value: value.update(coin_names))
    longer = [f"{each:064x}" for each in range(26)]
    user = "a0/user_0_inclusion_proof.json"
    yield (
        "okx-stark-v1",
        "a path of 26 nodes",
        stark(user, lambda value: put(value["batch_inclusion_proof"], merkle_path=longer)),
    )
    yield "okx-stark-v1", "files", many_files()
    for key, value in (("batch_size", 1 << 21), ("recursion_branchout_num", 257), ("token_num", 4097)):
        general = plonky2_trees.global_proof(**{key: value})
        yield "okx-plonky2", str(value), (plonky2_trees.global_file(general),)
    customer = plonky2_trees.customer(1)
    for key, longest in (("recursive_tree_siblings", 8), ("sum_tree_siblings", 256)):
        yield (
            "okx-plonky2",
            "entries",
            (file(json.dumps(customer | {key: customer[key] * (longest + 1)}), "user.json"),),
        )
    yield "okx-plonky2", "files", many_files()


def test_what_is_beyond_a_bound_of_ours_is_not_judged() -> None:
    met = set()

    def check(case: tuple[str, str, tuple[File, ...]]) -> None:
        scheme, word, files = case
        met.add(scheme)
        with pytest.raises(TooLarge, match=rf"{word}.*more than this program reads"):
            find_scheme(scheme).judge(Published(files))

    try_each(((f"{case[0]}: {case[1]}", case) for case in larger()), check)
    assert met == set(SCHEMES), "every scheme stands in the table"


def test_a_key_that_names_more_points_than_it_has_is_refuted_by_what_it_holds() -> None:
    key = Secrets(b"cut").key()
    with pytest.raises(Refuted, match="ends too early"):
        read_key(key[:_POINTS] + (2**32 - 1).to_bytes(4) + key[_POINTS + 4 :], "key")
    assert PointReader((3).to_bytes(4) + bytes(96), "here").count(3, 32) == 3
    with pytest.raises(TooLarge, match="limit 2"):
        PointReader((3).to_bytes(4) + bytes(96), "here").count(2, 32)
    with pytest.raises(Refuted, match="ends too early"):
        PointReader((3).to_bytes(4) + bytes(95), "here").count(2, 32)


def test_what_is_too_large_is_told_just_so_from_another_process() -> None:
    for error in (
        TooLarge("tree", "7 levels", 6),
        TooLarge("tree", "values"),
        liabilities.Misstated("root", "no root"),
    ):
        assert (type(again := pickle.loads(pickle.dumps(error))), str(again)) == (type(error), str(error))  # noqa: S301


BOUND = re.compile(r"_*(MOST|DEEPEST|LONGEST|LARGEST)")


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and BOUND.match(each.id)}


def _refutes(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") == "Refuted"
    )


@each_of("path", sorted(Path(liabilities.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_no_code_refutes_a_proof_by_a_bound_of_ours(path: Path) -> None:
    """A bound is called MOST, DEEPEST or LONGEST; what the format itself has is called otherwise."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and any(_refutes(each) for each in node.body):
            assert not _names(node.test), f"{path.name}: line {node.lineno}"
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "number":
            assert not _names(node), f"{path.name}: line {node.lineno}"

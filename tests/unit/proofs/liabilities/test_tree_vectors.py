"""The committed vectors hold as their README says, and are what the provers make; no scheme is without any."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.core.amounts import exact
from scanner.proofs.liabilities import SCHEMES, NotUnderstood, OtherRoot, Published, Refuted, TooLarge, find_scheme
from tests.support.liabilities.liability_trees import PATH_SCHEMES
from tests.support.liabilities.published_files import file
from tests.support.liabilities.tree_vectors import FOLDER, vectors, written
from tests.support.liabilities.zk_vectors import PATH

FILES: Final = sorted(path for path in FOLDER.glob("*.json") if path.stem in SCHEMES)
each_vector = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def given(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def published(vector: dict[str, Any], **more: Any) -> Published:
    return Published(tuple(file(text, name) for name, text in vector["published"].items()), **more)


@each_vector
def test_an_honest_set_shows_what_stands_beside_it(path: Path) -> None:
    vector = given(path)
    shown = find_scheme(vector["scheme"]).judge(published(vector, root=vector["root"]))
    assert {
        coin: {"amount": exact(total.amount), "shows": total.shows, "assumes": list(total.assumes)}
        for coin, total in shown.totals.items()
    } == vector["shown"]["totals"]
    assert (shown.entries, list(shown.remarks)) == (vector["shown"]["entries"], vector["shown"]["remarks"])


@each_vector
def test_each_customer_is_in_it(path: Path) -> None:
    vector = given(path)
    files = Published((), root=vector["root"]) if path.stem in PATH_SCHEMES else published(vector, root=vector["root"])
    for customer in vector["customers"]:
        found = find_scheme(path.stem).includes(files, file(customer["text"], customer["file"]))
        assert found.published
        assert (found.account, found.shows) == (customer["account"], customer["shows"])
        assert {coin: exact(amount) for coin, amount in found.amounts.items()} == customer["amounts"]


def ask(scheme: str, forged: dict[str, Any]) -> object:
    files = published(forged, root=forged.get("root"), options=forged.get("options", {}))
    if "customer" in forged:
        return find_scheme(scheme).includes(files, file(forged["customer"]))
    return find_scheme(scheme).judge(files)


@each_vector
def test_what_is_forged_comes_to_what_stands_beside_it(path: Path) -> None:
    errors = {
        "refuted": Refuted,
        "other-root": OtherRoot,
        "not-understood": NotUnderstood,
        "too-large": TooLarge,
    }
    forged = given(path)["forged"]
    assert len(forged) > 10
    for each in forged:
        with pytest.raises((Refuted, NotUnderstood)) as raised:
            ask(path.stem, each)
        assert raised.type is errors[each["outcome"]], each["what"]


@each_vector
def test_the_provers_make_the_same_again(path: Path) -> None:
    assert written(vectors()[path.stem]) == path.read_text()


def test_every_scheme_has_vectors() -> None:
    """Gate's format is one engine with Binance's, and River's is BitMEX's."""
    zero_knowledge = {each["scheme"] for each in json.loads(gzip.decompress(PATH.read_bytes()))["sets"]}
    kept = {path.stem for path in FILES} | zero_knowledge
    same = {"river": "bitmex", "binance": "small zkmerkle", "gate": "small zkmerkle"}
    assert {same.get(name, name) for name in SCHEMES} <= kept

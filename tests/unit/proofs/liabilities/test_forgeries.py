"""Whatever a file is made up in, it is refused for that, and every scheme is asked for every kind of forgery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from scanner.proofs.liabilities import (
    SCHEMES,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    Scheme,
    TooLarge,
    find_scheme,
)
from tests.support.liabilities import forged_zk, zkmerkle_sets
from tests.support.liabilities.forged_trees import FORGERIES
from tests.support.liabilities.forgeries import KINDS, Forged
from tests.support.liabilities.liability_trees import cases
from tests.support.tables import each_of

CASES: Final = cases()
MAKERS: Final[dict[str, Callable[[], Iterator[Forged]]]] = {
    **{name: lambda name=name: FORGERIES[name](CASES[name]) for name in FORGERIES},  # type: ignore[misc]
    "river": lambda: FORGERIES["bitmex"](CASES["bitmex"]),
    "okx-stark-v1": forged_zk.stark,
    "okx-plonky2": forged_zk.plonky2,
    "binance": forged_zk.zkmerkle,
    "gate": forged_zk.zkmerkle,
}
"""By scheme. Binance's and Gate's are one engine, here with layouts of few assets."""
ZERO_KNOWLEDGE: Final = ("okx-stark-v1", "okx-plonky2", "binance", "gate")
NOT_IN_IT: Final = {
    **{(name, "settings"): "a hash tree has no configuration" for name in MAKERS if name not in ZERO_KNOWLEDGE},
    ("armanino", "levels"): "its file has the leaves alone",
    ("armanino", "total"): "no total is published",
}
"""What cannot be forged in a format, since it is not there."""
WORDS: Final = {TooLarge: "too-large", OtherRoot: "other-root"}


def scheme_of(name: str) -> Scheme:
    return zkmerkle_sets.SCHEME if name in ("binance", "gate") else find_scheme(name)


def outcome_of(name: str, forged: Forged) -> str:
    published = Published(forged.published, forged.options, forged.root)
    try:
        if forged.customer is None:
            scheme_of(name).judge(published)
        else:
            scheme_of(name).includes(published, forged.customer)
    except (Refuted, NotUnderstood) as error:
        return WORDS.get(type(error), "refuted" if isinstance(error, Refuted) else "not-understood")
    return "passes"


@each_of("name", SCHEMES)
def test_every_kind_of_forgery_is_refused_for_what_it_is(name: str) -> None:
    found = [(each.kind, each.what, each.outcome, outcome_of(name, each)) for each in MAKERS[name]()]
    assert [each for each in found if each[2] != each[3]] == []


@each_of("name", SCHEMES)
def test_every_scheme_is_asked_for_every_kind(name: str) -> None:
    asked = {each.kind for each in MAKERS[name]()}
    assert asked == {kind for kind in KINDS if (name, kind) not in NOT_IN_IT}

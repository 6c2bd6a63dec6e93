"""The fuzz driver: its seeds are taken as they are, and it finds what it looks for."""

from __future__ import annotations

import contextlib
import random

import pytest

from bench import fuzz, fuzzed_anchors, fuzzed_liabilities, fuzzed_stamps
from bench.fuzzed_files import Target, targets
from scanner.proofs.liabilities import SCHEMES
from tests.support.tables import each_of

TARGETS = targets() | fuzzed_stamps.targets() | fuzzed_anchors.targets()
LUCK = random.Random(1)
BROKEN_ON_PURPOSE = (b"PK\x03\x04",)  # a seed that is refused, so that what follows its first bytes is tried


@each_of("name", TARGETS)
def test_every_seed_is_taken_as_it_is(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds:
        try:
            target.run(seed, LUCK)
        except target.allowed:
            assert seed.startswith(BROKEN_ON_PURPOSE) or name == "file key"  # a public key is no private one


def test_every_scheme_of_liabilities_is_fuzzed() -> None:
    """River's format is BitMEX's; Binance's and Gate's are one engine."""
    same = {"river": "bitmex", "binance": "zkmerkle", "gate": "zkmerkle"}
    fuzzed = {name.split()[1] for name in fuzzed_liabilities.targets()}
    assert {same.get(name, name) for name in SCHEMES} <= fuzzed


def test_an_error_that_is_not_documented_is_a_bug_and_kept_with_its_input() -> None:
    def run(data: bytes, _luck: random.Random) -> object:
        if b"," not in data:
            raise KeyError("no comma")
        raise ValueError("documented")

    counts, bugs = fuzz.fuzz({"a parser": Target((b"a,b,c",), run, (ValueError,))}, 0.005, seed=1)
    assert counts["a parser"] > 20
    assert list(bugs.told) == ["a parser: KeyError: 'no comma'"]
    assert all(b"," not in data for data in bugs.inputs.values())


def test_what_hangs_is_stopped_and_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "MOST_SECONDS", 0.05)

    def run(_data: bytes, _luck: random.Random) -> object:
        while True:
            with contextlib.suppress(Exception):  # as a parser may that swallows everything
                random.Random(1).random()

    _, bugs = fuzz.fuzz({"a parser": Target((b"a",), run, (ValueError,))}, 0.001, seed=1)
    assert "no end after 0.05 s" in next(iter(bugs.told))


def test_one_seed_gives_the_same_inputs_again() -> None:
    seeds = [b"coin,network\n", b"PK\x03\x04"]
    first, second = ([fuzz.mutated(seeds[0], seeds, random.Random(f"{n}")) for n in range(200)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 150

"""Poseidon over BN254: values of the libraries that the circuits are written with."""

from __future__ import annotations

import random
from functools import cache
from operator import mul

import pytest

from scanner.proofs.liabilities import poseidon_bn254
from scanner.proofs.liabilities.binance import LAYOUTS as BINANCE
from scanner.proofs.liabilities.gate import LAYOUTS as GATE
from scanner.proofs.liabilities.poseidon_bn254 import ORDER, hash_elements
from scanner.proofs.liabilities.zkmerkle import empty_root
from tests.support.liabilities.published_files import shared_json
from tests.support.tables import each_of


def test_two_elements_hash_to_the_published_value() -> None:
    assert f"{hash_elements([1, 2]):064x}" == "0fca49b798923ab0239de1c9e7a4a9a2210312b6a2f616d18b5a87f9b628ae29"


def test_hashes_are_those_of_gnark() -> None:
    for count, expected in shared_json("gnark-groth16/gnark_bn254.json")["poseidon_1_to_n"].items():
        assert f"{hash_elements(range(1, int(count) + 1)):064x}" == expected


@each_of("width", range(1, 17))
def test_every_width_has_its_constants_and_hashes_alike_whatever_the_chunk(width: int) -> None:
    elements = [ORDER - 1] * width
    assert hash_elements(elements, chunk=width) == hash_elements(elements, chunk=16) < ORDER


constants_of = cache(poseidon_bn254._constants)


def by_definition(state: list[int]) -> list[int]:
    """The permutation as the paper has it, round by round, each with the whole matrix."""
    constants, matrix = constants_of(len(state))
    for number, added in enumerate(constants):
        state = [value + constant for value, constant in zip(state, added, strict=True)]
        raised = len(state) if number < 4 or number >= len(constants) - 4 else 1
        state = [pow(value, 5, ORDER) if at < raised else value for at, value in enumerate(state)]
        state = [sum(map(mul, row, state)) % ORDER for row in matrix]
    return state


@each_of("width", range(2, 18))
def test_the_short_way_through_the_partial_rounds_comes_to_what_the_definition_does(width: int) -> None:
    luck = random.Random(width)
    for state in ([0] * width, [ORDER - 1] * width, [luck.randrange(ORDER) for _ in range(width)]):
        assert poseidon_bn254._permute(state) == by_definition(state)


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("binance-2022-12", "0118925954da77d1"),
        ("binance-2023-10", "0e85b74bfd43747c"),
        ("binance-2024-09", "08696bfcb563a2ee"),
        ("gate-2025-07", "037bf6d8fe5b7cbaecf7b35604b57f82173f5c8155c1c750cef00afebcd65436"),
    ],
)
def test_trees_without_an_account_have_the_root_that_their_release_begins_with(name: str, root: str) -> None:
    (layout,) = (each for each in (*BINANCE, *GATE) if each.name == name)
    assert f"{empty_root(layout):064x}".startswith(root)

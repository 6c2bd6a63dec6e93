"""The low-degree test of OKX's zk-STARK v1 (FRI, folding by four).

It is implemented as published, and what it leaves open is known: the places that are looked at follow from the FIRST
folded column alone, so the maker of a proof knows them before choosing the later columns. Passing shows that a file
is well formed; it shows nothing of a sum (docs/liabilities.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.proofs.liabilities.interface import Refuted
from scanner.proofs.liabilities.stark_field import (
    BLOW_UP,
    PRIME,
    are_on_one,
    domain_generator,
    element,
    interpolate,
    query_positions,
)
from scanner.proofs.liabilities.stark_tree import Opening, open_positions, permuted_root

DIRECT: Final = 16
"""A column of at most this degree is given whole."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One folding: the column that it gives, openings of it, and of the four values each that are folded."""

    column_root: bytes
    columns: Sequence[Opening]
    values: Sequence[Opening]


@dataclass(frozen=True, slots=True)
class Folding:
    """All foldings, and all values of the column that the last one gives, in the order of their positions."""

    layers: Sequence[Layer]
    last: Sequence[bytes]


def layers_for(bound: int) -> int:
    """How many foldings bring a bound of the degree down to `DIRECT`."""
    count = 0
    while bound > DIRECT:
        bound //= 4
        count += 1
    return count


def check_low_degree(root: bytes, points: int, bound: int, folding: Folding, where: str) -> None:
    """Raises Refuted unless the values under `root`, on a domain of `points`, fold to the last column, and that is a
    polynomial of the degree that is left of `bound`."""
    layers = folding.layers
    if len(layers) != layers_for(bound):
        raise Refuted(f"{where}: {len(layers)} layers where there have to be {layers_for(bound)}")
    generator = domain_generator(points)
    drawn: list[int] = []
    for number, layer in enumerate(layers):
        place = f"{where}: layer {number}"
        quarter = points // 4
        drawn = drawn or query_positions(layer.column_root, quarter)
        queries = [position % quarter for position in drawn]
        columns = open_positions(layer.column_root, quarter, queries, layer.columns, place)
        folded = [position + quarter * part for position in queries for part in range(4)]
        values = open_positions(root, points, folded, layer.values, place)
        special = int.from_bytes(root) % PRIME
        for index, column in enumerate(columns):
            four = [
                (pow(generator, position, PRIME), element(value, place))
                for position, value in zip(folded[4 * index : 4 * index + 4], values[4 * index :], strict=False)
            ]
            if interpolate(four, special) != element(column, place):
                raise Refuted(f"{place}: a value of the column is not what its four values fold to")
        root, points, bound, generator = layer.column_root, quarter, bound // 4, pow(generator, 4, PRIME)
    _check_directly(root, points, bound, folding.last, where)


def _check_directly(root: bytes, points: int, bound: int, last: Sequence[bytes], where: str) -> None:
    if len(last) != points:
        raise Refuted(f"{where}: the last column has {len(last)} values, of which there have to be {points}")
    values = [element(value, where) for value in last]
    if permuted_root(last) != root:
        raise Refuted(f"{where}: the last column is not what the layer before it leads to")
    generator = domain_generator(points)
    off_trace = [
        (pow(generator, position, PRIME), value) for position, value in enumerate(values) if position % BLOW_UP
    ]
    known, others = off_trace[:bound], off_trace[bound:]
    if not others:
        raise Refuted(f"{where}: the last column is too short to show a degree below {bound}")
    if not are_on_one(known, others):
        raise Refuted(f"{where}: the last column is no polynomial of a degree below {bound}")
